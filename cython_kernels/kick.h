/* Small-angle kicks: the direction turns by an angle theta about an axis perpendicular to it, the
 * azimuth uniform (SPEC 2.3). */
#ifndef HPCMM_KICK_H
#define HPCMM_KICK_H

#include "block.h"
#include "philox.h"

typedef enum { KICK_PAPER, KICK_TRANSPORT, KICK_FORK_CONSTANT } Kick;

#define FORK_X (-0.54974617895545) /* SPEC A4: the first draw of libstdc++'s normal distribution, seed 1 */

/* theta = X sigma [turns] for the draws c, sigma = sqrt(nu s)/2pi.
 * paper: X normal (Box-Muller); transport: X Rayleigh, two independent normal deflections; the last two words
 * of the counter give the azimuth and Box-Muller's angle. */
static inline vd kick_angle(Kick kind, Philox4 c, double sigma) {
  if (kind == KICK_FORK_CONSTANT) return vd_set(FORK_X * sigma);
  vd size = sigma * vd_sqrt(-2.0 * vd_log(uniform_positive(c.w0, c.w1)));
  return kind == KICK_TRANSPORT ? size : size * vd_cos_turn(uniform_turn(c.w2));
}

static inline void kick_block(Block *p, Kick kind, double sigma, uint64_t key) {
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    Philox4 c = philox_particles(key, (uint64_t)p->step, (uint64_t)(p->first_particle + j));
    vd theta = vd_turn(kick_angle(kind, c, sigma)), phi = uniform_turn(c.w3);
    vd ct = vd_cos_turn(theta), st = vd_sin_turn(theta), cp = vd_cos_turn(phi), sp = vd_sin_turn(phi);
    vd nx = vd_load(p->nx + j), ny = vd_load(p->ny + j), nz = vd_load(p->nz + j);
    /* orthonormal frame (e1, e2, n) without a branch: Duff et al. 2017, JCGT 6, 1 */
    vd sign = vd_copysign(vd_set(1.0), nz);
    vd a = -1.0 / (sign + nz), m = nx * ny * a;
    vd u = st * cp, v = st * sp;
    vd x = ct * nx + u * (1.0 + sign * nx * nx * a) + v * m;
    vd y = ct * ny + u * (sign * m) + v * (sign + ny * ny * a);
    vd z = ct * nz - u * (sign * nx) - v * ny;
    vd unit = 1.5 - 0.5 * (x * x + y * y + z * z); /* one Newton step back to |n| = 1 */
    vd_store(p->nx + j, unit * x);
    vd_store(p->ny + j, unit * y);
    vd_store(p->nz + j, unit * z);
  }
}

#endif
