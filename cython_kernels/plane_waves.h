/* Sum of plane waves at the particles of a block (docs/physics.md 2.1, paper eq 12). */
#ifndef HPCMM_PLANE_WAVES_H
#define HPCMM_PLANE_WAVES_H

#include "block.h"
#include "turns.h"

/* b += amplitude cos(2 pi (k.r + phase)); k in turns per pc, amplitude in B_rms. One cache line. */
typedef struct { double kx, ky, kz, phase, ax, ay, az, unused; } Wave;

/* Phase [turns, in -1/2..1/2] of one wave at every lane's present place, from origin and displacement. */
static inline void wave_turns(const Wave *w, const Block *p, double *turns) {
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    vd sum = turn_of_product(w->kx, vd_load(p->ox + j)) + turn_of_product(w->ky, vd_load(p->oy + j));
    sum += turn_of_product(w->kz, vd_load(p->oz + j)) + turn_of_product(w->kx, vd_load(p->x + j));
    sum += turn_of_product(w->ky, vd_load(p->y + j)) + turn_of_product(w->kz, vd_load(p->z + j));
    vd_store(turns + j, vd_turn(sum + w->phase));
  }
}

#define GROUP (2 * HPCMM_WIDTH) /* lanes taken through all waves together */

/* Phases of all waves plus a whole number, laid out as [group of lanes][wave][lane of the group], the order in which
 * they are read. */
static inline void plane_waves_anchor(int64_t waves, const Wave *wave, double whole, const Block *p, double *phase) {
  double turns[HPCMM_LANES] __attribute__((aligned(64)));
  for (int64_t n = 0; n < waves; n++) {
    wave_turns(wave + n, p, turns);
    for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH)
      vd_store(phase + (j / GROUP * waves + n) * GROUP + j % GROUP, vd_load(turns + j) + whole);
  }
}

/* b += sum over waves at displacements d from the anchor. Two vectors at a time: six accumulators and
 * six coordinates stay in registers, two independent chains hide the latency of the polynomial.
 * PLANE_WAVES_OPERATIONS vector operations a wave and vector: 3 for k.d, 3 to reduce, 2 to fold,
 * 8 for the sine (square, six steps, last product), 3 to add up. */
#define PLANE_WAVES_OPERATIONS 19

static inline void plane_waves_add(int64_t waves, const Wave *restrict wave, const double *restrict phase,
                            const double *restrict d, double *restrict b) {
  const double *dx = d, *dy = d + HPCMM_LANES, *dz = d + 2 * HPCMM_LANES;
  for (int j = 0; j < HPCMM_LANES; j += GROUP) {
    double *bx = b + j, *by = b + HPCMM_LANES + j, *bz = b + 2 * HPCMM_LANES + j;
    vd x0 = vd_load(dx + j), y0 = vd_load(dy + j), z0 = vd_load(dz + j);
    vd x1 = vd_load(dx + j + HPCMM_WIDTH), y1 = vd_load(dy + j + HPCMM_WIDTH), z1 = vd_load(dz + j + HPCMM_WIDTH);
    vd bx0 = vd_load(bx), by0 = vd_load(by), bz0 = vd_load(bz);
    vd bx1 = vd_load(bx + HPCMM_WIDTH), by1 = vd_load(by + HPCMM_WIDTH), bz1 = vd_load(bz + HPCMM_WIDTH);
    for (int64_t n = 0; n < waves; n++) {
      const Wave *w = wave + n;
      const double *at = phase + (j / GROUP * waves + n) * GROUP;
      vd p0 = vd_load(at) + w->kx * x0, p1 = vd_load(at + HPCMM_WIDTH) + w->kx * x1;
      p0 += w->ky * y0, p1 += w->ky * y1;
      p0 += w->kz * z0, p1 += w->kz * z1;
      vd c0 = vd_cos_turn(vd_turn(p0)), c1 = vd_cos_turn(vd_turn(p1));
      bx0 += w->ax * c0, bx1 += w->ax * c1;
      by0 += w->ay * c0, by1 += w->ay * c1;
      bz0 += w->az * c0, bz1 += w->az * c1;
    }
    vd_store(bx, bx0), vd_store(by, by0), vd_store(bz, bz0);
    vd_store(bx + HPCMM_WIDTH, bx1), vd_store(by + HPCMM_WIDTH, by1), vd_store(bz + HPCMM_WIDTH, bz1);
  }
}

#endif
