/* A ladder of periodic grids at the particles of a block (docs/physics.md 3). */
#ifndef HPCMM_GRIDS_H
#define HPCMM_GRIDS_H

#include "block.h"
#include "grid_cells.h"
#include "turns.h"

typedef struct {
  double turns[3][3]; /* rows: grid axes, in periods per pc */
  double offset[3];   /* periods */
  double cells[3][3]; /* turns times points */
  double per_pc;      /* cells */
  float to_lab[3][3]; /* rotation of the field from the grid's frame */
  const float *values; /* [z][y][x + 1][component]; x runs from -1 to points. Points at the middle of the array,
                          so that 32-bit indices reach all of 1024^3 */
} Grid;

/* Cache of a grid for HPCMM_FLOATS lanes: the place of the anchor, the cell, its polynomial. Places are
 * whole multiples of 2^-36 cells: sums and differences of them are exact. */
typedef struct {
  vd corner[3][2]; /* home + lower corner of the present cell - 1; NaN: none */
  vf coefficient[MOST_VALUES];
  vd home[3][2];   /* SHIFT - place of the anchor, in cells */
} Held;

/* number that, added to a place, leaves it 36 binary digits after the point, as long as it is below 2^15 cells */
#define SHIFT 98304.0

#define GROUPS (HPCMM_LANES / HPCMM_FLOATS)

#define FEW (3 * HPCMM_FLOATS / 8) /* most lanes that are filled one by one, which is then cheaper than a gather */

#define OFTEN 0.02 /* least cells a step at which prefetching the next cell's values pays */

static void grids_anchor(int64_t grids, int64_t points, const Grid *grid, const Block *p, Held *held) {
  for (int group = 0; group < GROUPS; group++)
    for (int64_t i = 0; i < grids; i++)
      for (int axis = 0; axis < 3; axis++)
        for (int half = 0; half < 2; half++) {
          const Grid *g = grid + i;
          const double *row = g->turns[axis];
          int j = group * HPCMM_FLOATS + half * HPCMM_WIDTH;
          vd turns = turn_of_product(row[0], vd_load(p->ox + j)) + turn_of_product(row[1], vd_load(p->oy + j));
          turns += turn_of_product(row[2], vd_load(p->oz + j)) + turn_of_product(row[0], vd_load(p->x + j));
          turns += turn_of_product(row[1], vd_load(p->y + j)) + turn_of_product(row[2], vd_load(p->z + j));
          Held *h = held + group * grids + i;
          h->home[axis][half] = SHIFT - (double)points * vd_turn(turns + g->offset[axis]);
          h->corner[axis][half] = vd_set(NAN);
        }
}

/* lanes of a group: displacements, and places in one grid [cells] plus SHIFT */
typedef struct { vd axis[3][2]; } Vectors;

static inline Vectors load_group(const double *d, int group) {
  Vectors v;
  for (int axis = 0; axis < 3; axis++)
    for (int half = 0; half < 2; half++)
      v.axis[axis][half] = vd_load(d + axis * HPCMM_LANES + group * HPCMM_FLOATS + half * HPCMM_WIDTH);
  return v;
}

static inline Vectors shifted_places(const Grid *g, const Vectors *d) {
  Vectors t;
  for (int axis = 0; axis < 3; axis++)
    for (int half = 0; half < 2; half++) {
      const double *row = g->cells[axis];
      t.axis[axis][half] =
          ((SHIFT + row[0] * d->axis[0][half]) + row[1] * d->axis[1][half]) + row[2] * d->axis[2][half];
    }
  return t;
}

/* lanes that are not in the cell held, as bits: a place less corner is in [1, 2), with the exponent of 1, within */
static inline unsigned lanes_outside(const Vectors *t, const Held *h) {
  vi outside[2] = {{0}, {0}};
  for (int half = 0; half < 2; half++)
    for (int axis = 0; axis < 3; axis++)
      outside[half] |= (vi)(t->axis[axis][half] - h->corner[axis][half]) ^ 0x3FF0000000000000;
  return vi_high_bits(outside[0]) | vi_high_bits(outside[1]) << HPCMM_WIDTH;
}

/* largest whole number not above a, |a| < 2^51, and that number modulo a power of two, mask + 1. NaN gives some valid
 * index: its place within the cell, and so the field, are NaN. */
static inline vd floor_and_node(vd a, int64_t mask, vi *node) {
  vd rounded = a + HPCMM_NO_FRACTION;
  vd nearest = rounded - HPCMM_NO_FRACTION;
  vi above = nearest > a;
  *node = ((vi)rounded + above) & mask;
  return nearest - (vd)(above & (vi)vd_set(1.0));
}

/* the first stored value of the rows that a cell needs, by steps along y and z */
typedef struct { vn along_y[3], along_z[3]; } Rows;

/* rows of the cells at t; corner: of those cells */
static inline Rows find_cells(int64_t points, const Vectors *t, const Held *h, vd corner[3][2]) {
  vn node[3];
  for (int axis = 0; axis < 3; axis++) {
    vi index[2];
    for (int half = 0; half < 2; half++) {
      vd home = h->home[axis][half];
      corner[axis][half] = home + (floor_and_node(t->axis[axis][half] - home, points - 1, index + half) - 1.0);
    }
    node[axis] = vn_of_indices(index[0], index[1]);
  }
  Rows r;
  int32_t n = (int32_t)points, row = 3 * (n + 2), plane = n * row;
  r.along_y[1] = node[1] * row + 3 * (node[0] + 1);
  r.along_y[0] = r.along_y[1] - row + ((node[1] == 0) & plane);
  r.along_y[2] = r.along_y[1] + row - ((node[1] == n - 1) & plane);
  /* from the middle of the array, modulo 2^32 on the way */
  uint32_t whole = (uint32_t)n * (uint32_t)plane, middle = (uint32_t)((int64_t)n * plane / 2);
  vm z = (vm)node[2] * (uint32_t)plane - middle;
  r.along_z[1] = (vn)z;
  r.along_z[0] = (vn)(z - (uint32_t)plane + ((vm)(node[2] == 0) & whole));
  r.along_z[2] = (vn)(z + (uint32_t)plane - ((vm)(node[2] == n - 1) & whole));
  return r;
}

/* Make the polynomials of the lanes that are in another cell than before. A cell's coefficients depend on nothing
 * but the cell: whether and when a lane's are made changes no bit. */
static inline void enter_cells(Interpolation kind, int64_t points, const Grid *g, const Vectors *t, unsigned changed,
                               Held *h) {
  Rows r = find_cells(points, t, h, h->corner);
  int values = values_of(kind);
  if (__builtin_popcount(changed) > FEW) {
    vf value[MOST_VALUES];
#pragma GCC unroll 36
    for (int m = 0; m < values; m++) {
      Place at = place_of(kind, m);
      vn index = r.along_y[at.step[1] + 1] + r.along_z[at.step[2] + 1];
      value[m] = vf_gather(g->values + 3 * at.step[0] + at.component, index);
    }
    coefficients(kind, value);
    for (int m = 0; m < values; m++) h->coefficient[m] = value[m];
    return;
  }
  for (; changed; changed &= changed - 1) {
    int lane = __builtin_ctz(changed);
    float value[MOST_VALUES];
    const float *first[3][3];
    for (int z = 0; z < 3; z++)
      for (int y = 0; y < 3; y++) first[y][z] = g->values + (r.along_y[y][lane] + r.along_z[z][lane]);
#pragma GCC unroll 36
    for (int m = 0; m < values; m++) {
      Place at = place_of(kind, m);
      value[m] = first[at.step[1] + 1][at.step[2] + 1][3 * at.step[0] + at.component];
    }
    coefficients_of_one(kind, value);
    for (int m = 0; m < values; m++) ((float *)(h->coefficient + m))[lane] = value[m];
  }
}

/* Prefetch the values that the next step will need, where its cell will be another one. Affects nothing but time.
 * Inlined by force: GCC takes a function that only prefetches for one that does nothing. */
static inline __attribute__((always_inline)) void prefetch_cells(Interpolation kind, int64_t points, const Grid *g,
                                                                 const Vectors *next, const Held *h) {
  vd corner[3][2];
  Vectors t = shifted_places(g, next);
  Rows r = find_cells(points, &t, h, corner);
  for (unsigned left = lanes_outside(&t, h); left; left &= left - 1) {
    int lane = __builtin_ctz(left);
    for (int z = kind == TRILINEAR; z < 3; z++)
      for (int y = kind == TRILINEAR; y < 3; y++) {
        const float *first = g->values + (r.along_y[y][lane] + r.along_z[z][lane]);
        if (y + z == 0) continue;
        __builtin_prefetch(first - (kind == TRILINEAR ? 0 : 3));
        __builtin_prefetch(first + 5);
      }
  }
}

/* field of one grid where the lanes are in its cells, added to lab */
static inline void add_grid(Interpolation kind, const Grid *g, const Held *h, const vf *inside, vf *lab) {
  int values = values_of(kind) / 3;
  for (int c = 0; c < 3; c++) {
    int first = kind == TRILINEAR ? 0 : c; /* the axis of the polynomial's first argument */
    vf own = polynomial_at(kind, h->coefficient + values * c, inside[first], inside[(first + 1) % 3],
                           inside[(first + 2) % 3]);
    for (int axis = 0; axis < 3; axis++) lab[axis] += g->to_lab[axis][c] * own;
  }
}

/* b += field of all grids at displacements d from the anchor; next: where the lanes are likely to be a step later */
static inline void grids_add_kind(Interpolation kind, int64_t grids, int64_t points, const Grid *grid, Held *held,
                                  const double *restrict d, const double *restrict next, double *restrict b) {
  double step = 0.0;
  for (int axis = 0; axis < 3; axis++) step += fabs(next[axis * HPCMM_LANES] - d[axis * HPCMM_LANES]);
  for (int group = 0; group < GROUPS; group++) {
    Vectors here = load_group(d, group), ahead = load_group(next, group);
    vf inside[3] = {{0}, {0}, {0}}, lab[3] = {{0}, {0}, {0}};
    for (int64_t i = 0; i < grids; i++) {
      const Grid *g = grid + i;
      Held *h = held + group * grids + i;
      Vectors t = shifted_places(g, &here);
      unsigned changed = lanes_outside(&t, h);
      if (__builtin_expect(changed != 0, 0)) enter_cells(kind, points, g, &t, changed, h);
      /* one grid behind, so that the coefficients just stored have time to arrive */
      if (i > 0) add_grid(kind, g - 1, h - 1, inside, lab);
      for (int axis = 0; axis < 3; axis++)
        inside[axis] = vf_of((t.axis[axis][0] - h->corner[axis][0]) - 1.0,
                             (t.axis[axis][1] - h->corner[axis][1]) - 1.0);
      if (step * g->per_pc > OFTEN) prefetch_cells(kind, points, g, &ahead, h);
    }
    add_grid(kind, grid + grids - 1, held + group * grids + grids - 1, inside, lab);
    for (int axis = 0; axis < 3; axis++) vf_add_to(b + axis * HPCMM_LANES + group * HPCMM_FLOATS, lab[axis]);
  }
}

static void grids_add(Interpolation kind, int64_t grids, int64_t points, const Grid *grid, Held *held,
                      const double *d, const double *next, double *b) {
  if (kind == TRILINEAR)
    grids_add_kind(TRILINEAR, grids, points, grid, held, d, next, b);
  else
    grids_add_kind(SOLENOIDAL, grids, points, grid, held, d, next, b);
}

#endif
