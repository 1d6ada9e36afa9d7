/* Small-angle kicks: the direction turns by an angle theta about an axis perpendicular to it, the
 * azimuth uniform (docs/physics.md 4.1). */
#ifndef HPCMM_KICK_H
#define HPCMM_KICK_H

#include "block.h"
#include "lives.h"
#include "philox.h"

/* Distribution of the angle of a kick; see kick_angle. */
typedef enum { KICK_PAPER, KICK_TRANSPORT, KICK_FORK_CONSTANT } Kick;

#define FORK_X (-0.54974617895545) /* docs/physics.md 4.1: the first draw of libstdc++'s normal distribution, seed 1 */

/* theta = X sigma [turns] for the draws c, sigma = sqrt(nu s)/2pi.
 * paper: X normal (Box-Muller); transport: X Rayleigh, two independent normal deflections; the last two words
 * of the counter give the azimuth and Box-Muller's angle. */
static inline vd kick_angle(Kick kind, Philox4 c, vd sigma) {
  if (kind == KICK_FORK_CONSTANT) return FORK_X * sigma;
  vd size = sigma * vd_sqrt(-2.0 * vd_log(uniform_positive(c.w0, c.w1)));
  return kind == KICK_TRANSPORT ? size : size * vd_cos_turn(uniform_turn(c.w2));
}

/* Directions of a vector of lanes from j on after the kick of this step. */
static inline void kicked(const Block *p, int j, Kick kind, vd sigma, uint64_t key, vd *x, vd *y, vd *z) {
  Philox4 c = philox_particles(key, (uint64_t)p->step, (uint64_t)(p->first_particle + j));
  vd theta = vd_turn(kick_angle(kind, c, sigma)), phi = uniform_turn(c.w3);
  vd ct = vd_cos_turn(theta), st = vd_sin_turn(theta), cp = vd_cos_turn(phi), sp = vd_sin_turn(phi);
  vd nx = vd_load(p->nx + j), ny = vd_load(p->ny + j), nz = vd_load(p->nz + j);
  /* orthonormal frame (e1, e2, n) without a branch: Duff et al. 2017, JCGT 6, 1 */
  vd sign = vd_copysign(vd_set(1.0), nz);
  vd a = -1.0 / (sign + nz), m = nx * ny * a;
  vd u = st * cp, v = st * sp;
  vd kx = ct * nx + u * (1.0 + sign * nx * nx * a) + v * m;
  vd ky = ct * ny + u * (sign * m) + v * (sign + ny * ny * a);
  vd kz = ct * nz - u * (sign * nx) - v * ny;
  vd unit = 1.5 - 0.5 * (kx * kx + ky * ky + kz * kz); /* one Newton step back to |n| = 1 */
  *x = unit * kx;
  *y = unit * ky;
  *z = unit * kz;
}

static inline void kick_block(Block *p, Kick kind, double sigma, uint64_t key) {
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    vd x, y, z;
    kicked(p, j, kind, vd_set(sigma), key, &x, &y, &z);
    vd_store(p->nx + j, x);
    vd_store(p->ny + j, y);
    vd_store(p->nz + j, z);
  }
}

/* Kick those of a vector of lanes from j on that are inside (-1), and count the active ones. A draw depends on step and
 * particle alone, so that a vector with no lane inside draws none, and the kicks of the others are those without a gate,
 * bit for bit. */
static inline void kick_lanes_inside(Block *p, int j, vi inside, Kick kind, double sigma, uint64_t key) {
  unsigned bits = vi_bits(inside);
  if (bits == 0) return;
  int count = p->active - j;
  if (count < HPCMM_WIDTH) bits &= count > 0 ? (1u << count) - 1 : 0;
  p->in_patch += __builtin_popcount(bits);
  vd x, y, z;
  kicked(p, j, kind, vd_set(sigma), key, &x, &y, &z);
  vd_store(p->nx + j, vd_where(inside, x, vd_load(p->nx + j)));
  vd_store(p->ny + j, vd_where(inside, y, vd_load(p->ny + j)));
  vd_store(p->nz + j, vd_where(inside, z, vd_load(p->nz + j)));
}

/* Where kicks of a gate by field strength act. */
typedef struct {
  double threshold; /* least |b|^2 */
  Lives *lives;     /* and in which cells; NULL: in all */
} Gate;

/* Kick the lanes where |b|^2 >= threshold, in cells that are occupied amid this step. */
static inline void kick_block_gated(Block *p, const double *b, Gate gate, Kick kind, double sigma, uint64_t key) {
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    vd bx = vd_load(b + j), by = vd_load(b + HPCMM_LANES + j), bz = vd_load(b + 2 * HPCMM_LANES + j);
    vi inside = (vi)(bx * bx + by * by + bz * bz >= gate.threshold);
    if (gate.lives && vi_bits(inside)) inside &= lives_at(gate.lives, p, j);
    kick_lanes_inside(p, j, inside, kind, sigma, key);
  }
}

#endif
