/* Kicks in the patches of a grid of 0 and 1 that is turned and shifted as a field from a file is. */
#ifndef HPCMM_MASK_H
#define HPCMM_MASK_H

#include "grids.h"
#include "kick.h"

typedef struct {
  double turns[3][3]; /* rows: grid axes, in periods per pc */
  double cells[3][3]; /* turns times period */
  double offset[3];   /* periods; half a cell more than that of the field, so that nodes are amid their cells */
  double period[3];   /* cells after which places repeat, as those of a Grid */
  int64_t points[3];
  const uint8_t *values; /* [x][y][z] */
  double *home;          /* rows: place of the anchor in the grid [cells], displacement of the anchor [pc] */
  Kick kind;
  double sigma; /* sqrt(nu s)/2pi */
  uint64_t key;
} Mask;

static inline void mask_anchor(Mask *a, const Block *p) {
  for (int axis = 0; axis < 3; axis++) {
    const double *row = a->turns[axis];
    for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
      vd turns = turn_of_product(row[0], vd_load(p->ox + j)) + turn_of_product(row[1], vd_load(p->oy + j));
      turns += turn_of_product(row[2], vd_load(p->oz + j)) + turn_of_product(row[0], vd_load(p->x + j));
      turns += turn_of_product(row[1], vd_load(p->y + j)) + turn_of_product(row[2], vd_load(p->z + j));
      vd_store(a->home + axis * HPCMM_LANES + j, a->period[axis] * vd_turn(turns + a->offset[axis]));
    }
  }
  const double *d[3] = {p->x, p->y, p->z};
  for (int axis = 0; axis < 3; axis++)
    for (int j = 0; j < HPCMM_LANES; j++) a->home[(3 + axis) * HPCMM_LANES + j] = d[axis][j];
}

/* lanes inside, as -1 or 0; none that are lost, or beyond the values of a grid that ends */
static inline vi mask_at(Beyond beyond, const Mask *a, const Block *p, int j) {
  vd d[3] = {vd_load(p->x + j), vd_load(p->y + j), vd_load(p->z + j)};
  vd n = vd_load(p->nx + j);
  vi node[3], there = (vi)(n == n); /* a direction is NaN as soon as the field is */
  for (int axis = 0; axis < 3; axis++) d[axis] -= vd_load(a->home + (3 + axis) * HPCMM_LANES + j);
  for (int axis = 0; axis < 3; axis++) {
    const double *row = a->cells[axis];
    vd u = ((vd_load(a->home + axis * HPCMM_LANES + j) + row[0] * d[0]) + row[1] * d[1]) + row[2] * d[2];
    there &= (vi)(u == u);
    floor_and_wrap(u, a->period[axis], node + axis);
    if (beyond == MIRROR) {
      vi image = node[axis] >= a->points[axis];
      node[axis] = (image & (2 * a->points[axis] - 1 - node[axis])) | (~image & node[axis]);
    }
    if (beyond == STOP) there &= node[axis] < a->points[axis];
  }
  vi inside = {0};
  for (int i = 0; i < HPCMM_WIDTH; i++)
    if (there[i]) inside[i] = -(int64_t)a->values[(node[0][i] * a->points[1] + node[1][i]) * a->points[2] + node[2][i]];
  return inside;
}

static inline void kick_block_mask(Beyond beyond, Mask *a, Block *p) {
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH)
    kick_lanes_inside(p, j, mask_at(beyond, a, p, j), a->kind, a->sigma, a->key);
}

#endif
