/* A block: HPCMM_LANES particles that share energy, step and schedule and march in lock-step. */
#ifndef HPCMM_BLOCK_H
#define HPCMM_BLOCK_H

#include "simd.h"

typedef struct {
  double *x, *y, *z;          /* displacement from each particle's own origin [pc] */
  double *nx, *ny, *nz;       /* direction of flight, |n| = 1 */
  const double *ox, *oy, *oz; /* origins [pc] */
  const double *n0x, *n0y, *n0z; /* direction at the start */
  int64_t first_particle;     /* id of lane 0 in its realization; lane j has first_particle + j */
  int64_t step;               /* steps done */
  int64_t in_patch;           /* steps of active lanes inside patches */
  int active;                 /* lanes that hold particles; the rest are inert padding */
} Block;

static inline void drift(Block *p, double length) {
  for (int j = 0; j < HPCMM_LANES; j++) {
    p->x[j] += length * p->nx[j];
    p->y[j] += length * p->ny[j];
    p->z[j] += length * p->nz[j];
  }
}

/* Boris rotation (docs/physics.md 5.1): t = half_angle b, n' = n + n x t, n += n' x 2t/(1+t^2). */
static inline void boris_rotate(Block *p, const double *b, double half_angle) {
  const double *bx = b, *by = b + HPCMM_LANES, *bz = b + 2 * HPCMM_LANES;
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    vd tx = half_angle * vd_load(bx + j), ty = half_angle * vd_load(by + j), tz = half_angle * vd_load(bz + j);
    vd nx = vd_load(p->nx + j), ny = vd_load(p->ny + j), nz = vd_load(p->nz + j);
    vd f = 2.0 / (1.0 + tx * tx + ty * ty + tz * tz);
    vd ux = nx + (ny * tz - nz * ty), uy = ny + (nz * tx - nx * tz), uz = nz + (nx * ty - ny * tx);
    vd_store(p->nx + j, nx + f * (uy * tz - uz * ty));
    vd_store(p->ny + j, ny + f * (uz * tx - ux * tz));
    vd_store(p->nz + j, nz + f * (ux * ty - uy * tx));
  }
}

#endif
