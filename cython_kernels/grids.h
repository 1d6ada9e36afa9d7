/* Grids at the particles of a block: a ladder of periodic ones, or one from a file (docs/physics.md 3). */
#ifndef HPCMM_GRIDS_H
#define HPCMM_GRIDS_H

#include "block.h"
#include "grid_cells.h"
#include "turns.h"

/* What is beyond the last values. PERIODIC_CUBE: as PERIODIC, with points a power of two and equal along all axes.
 * MIRROR: planes half a cell outside the first and last values reflect the field as an axial vector, of which the
 * component across a plane stays and those along it change sign. STOP: nothing, the field is NaN. */
typedef enum { PERIODIC_CUBE, PERIODIC, MIRROR, STOP } Beyond;

typedef struct {
  double turns[3][3]; /* rows: grid axes, in periods per pc */
  double offset[3];   /* periods */
  double cells[3][3]; /* turns times period */
  double period[3];   /* cells after which places repeat: points; twice them for MIRROR, four times for STOP, where a
                         place is lost before it comes round */
  double per_pc;      /* cells, where they are smallest */
  float to_lab[3][3]; /* rotation of the field from the grid's frame */
  int32_t points[3];
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

static void grids_anchor(int64_t grids, const Grid *grid, const Block *p, Held *held) {
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
          h->home[axis][half] = SHIFT - g->period[axis] * vd_turn(turns + g->offset[axis]);
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

static inline vd floor_of(vd a) {
  vd nearest = (a + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION;
  return nearest - (vd)((vi)(nearest > a) & (vi)vd_set(1.0));
}

/* the same modulo any number of cells; NaN gives node 0 */
static inline vd floor_and_wrap(vd a, double period, vi *node) {
  vd below = floor_of(a);
  vd place = below - period * floor_of(below * (1.0 / period));
  place += (vd)((vi)(place < 0.0) & (vi)vd_set(period));
  place -= (vd)((vi)(place >= period) & (vi)vd_set(period));
  place = vd_where(place >= 0.0, place, vd_set(0.0));
  *node = (vi)(place + HPCMM_NO_FRACTION) & 0x7FFFFFFF;
  return below;
}

/* the same where there is nothing beyond the last values: NaN, and node 0, outside */
static inline vd floor_within(vd a, double points, vi *node) {
  vd below = floor_of(a);
  vi inside = (below >= 0.0) & (below < points - 1.0);
  *node = (vi)(vd_where(inside, below, vd_set(0.0)) + HPCMM_NO_FRACTION) & 0x7FFFFFFF;
  return vd_where(inside, below, vd_set(NAN));
}

/* lower nodes of the cells at t; corner: of those cells */
static inline void find_nodes(Beyond beyond, const Grid *g, const Vectors *t, const Held *h, vd corner[3][2],
                              vn node[3]) {
  for (int axis = 0; axis < 3; axis++) {
    vi index[2];
    for (int half = 0; half < 2; half++) {
      vd home = h->home[axis][half], below, a = t->axis[axis][half] - home;
      if (beyond == PERIODIC_CUBE)
        below = floor_and_node(a, g->points[0] - 1, index + half);
      else if (beyond == STOP)
        below = floor_within(a, g->points[axis], index + half);
      else
        below = floor_and_wrap(a, g->period[axis], index + half);
      corner[axis][half] = home + (below - 1.0);
    }
    node[axis] = vn_of_indices(index[0], index[1]);
  }
}

/* the first stored value of the rows that a cell needs, by steps along y and z */
typedef struct { vn along_y[3], along_z[3]; } Rows;

static inline Rows rows_of(const Grid *g, const vn node[3]) {
  Rows r;
  int32_t row = 3 * (g->points[0] + 2), plane = g->points[1] * row;
  r.along_y[1] = node[1] * row + 3 * (node[0] + 1);
  r.along_y[0] = r.along_y[1] - row + ((node[1] == 0) & plane);
  r.along_y[2] = r.along_y[1] + row - ((node[1] == g->points[1] - 1) & plane);
  /* from the middle of the array, modulo 2^32 on the way */
  uint32_t whole = (uint32_t)g->points[2] * (uint32_t)plane, middle = (uint32_t)((int64_t)g->points[2] * plane / 2);
  vm z = (vm)node[2] * (uint32_t)plane - middle;
  r.along_z[1] = (vn)z;
  r.along_z[0] = (vn)(z - (uint32_t)plane + ((vm)(node[2] == 0) & whole));
  r.along_z[2] = (vn)(z + (uint32_t)plane - ((vm)(node[2] == g->points[2] - 1) & whole));
  return r;
}

/* values of the cell of one lane that may be a reflected one, or lie across a plane: nodes up to twice the points */
static inline void reflected_values(Interpolation kind, const Grid *g, const int32_t lower[3], float *value) {
  int64_t place[3][2];
  int flipped[3][2];
  for (int axis = 0; axis < 3; axis++)
    for (int step = 0; step < 2; step++) {
      int32_t n = g->points[axis], node = (lower[axis] + step) % (2 * n);
      flipped[axis][step] = node >= n;
      place[axis][step] = node >= n ? 2 * n - 1 - node : node;
    }
  int64_t row = 3 * (g->points[0] + 2), plane = g->points[1] * row;
  const float *first = g->values - (g->points[2] * plane) / 2 + 3;
  for (int m = 0; m < values_of(kind); m++) {
    Place at = place_of(kind, m);
    int odd = 0;
    for (int axis = 0; axis < 3; axis++)
      if (axis != at.component) odd ^= flipped[axis][at.step[axis]];
    float stored = first[place[2][at.step[2]] * plane + place[1][at.step[1]] * row + 3 * place[0][at.step[0]] +
                         at.component];
    value[m] = odd ? -stored : stored;
  }
}

/* Make the polynomials of the lanes that are in another cell than before. A cell's coefficients depend on nothing
 * but the cell: whether and when a lane's are made changes no bit. */
static inline void enter_cells(Interpolation kind, Beyond beyond, const Grid *g, const Vectors *t, unsigned changed,
                               Held *h) {
  vn node[3];
  find_nodes(beyond, g, t, h, h->corner, node);
  Rows r = rows_of(g, node);
  int values = values_of(kind);
  if (beyond == MIRROR) {
    for (; changed; changed &= changed - 1) {
      int lane = __builtin_ctz(changed);
      float value[MOST_VALUES];
      reflected_values(kind, g, (int32_t[3]){node[0][lane], node[1][lane], node[2][lane]}, value);
      coefficients_of_one(kind, value);
      for (int m = 0; m < values; m++) ((float *)(h->coefficient + m))[lane] = value[m];
    }
    return;
  }
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
static inline __attribute__((always_inline)) void prefetch_cells(Interpolation kind, Beyond beyond, const Grid *g,
                                                                 const Vectors *next, const Held *h) {
  vd corner[3][2];
  vn node[3];
  Vectors t = shifted_places(g, next);
  find_nodes(beyond, g, &t, h, corner, node);
  Rows r = rows_of(g, node);
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
static inline void grids_add_kind(Interpolation kind, Beyond beyond, int64_t grids, const Grid *grid, Held *held,
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
      if (__builtin_expect(changed != 0, 0)) enter_cells(kind, beyond, g, &t, changed, h);
      /* one grid behind, so that the coefficients just stored have time to arrive */
      if (i > 0) add_grid(kind, g - 1, h - 1, inside, lab);
      for (int axis = 0; axis < 3; axis++)
        inside[axis] = vf_of((t.axis[axis][0] - h->corner[axis][0]) - 1.0,
                             (t.axis[axis][1] - h->corner[axis][1]) - 1.0);
      if (beyond != MIRROR && step * g->per_pc > OFTEN) prefetch_cells(kind, beyond, g, &ahead, h);
    }
    add_grid(kind, grid + grids - 1, held + group * grids + grids - 1, inside, lab);
    for (int axis = 0; axis < 3; axis++) vf_add_to(b + axis * HPCMM_LANES + group * HPCMM_FLOATS, lab[axis]);
  }
}

static inline void grids_add(Interpolation kind, int64_t grids, const Grid *grid, Held *held, const double *d,
                             const double *next, double *b) {
  if (kind == TRILINEAR)
    grids_add_kind(TRILINEAR, PERIODIC_CUBE, grids, grid, held, d, next, b);
  else
    grids_add_kind(SOLENOIDAL, PERIODIC_CUBE, grids, grid, held, d, next, b);
}

static inline void cube_add(Interpolation kind, Beyond beyond, const Grid *grid, Held *held, const double *d,
                            const double *next, double *b) {
  if (beyond == MIRROR)
    grids_add_kind(TRILINEAR, MIRROR, 1, grid, held, d, next, b);
  else if (beyond == STOP)
    grids_add_kind(TRILINEAR, STOP, 1, grid, held, d, next, b);
  else if (kind == TRILINEAR)
    grids_add_kind(TRILINEAR, PERIODIC, 1, grid, held, d, next, b);
  else
    grids_add_kind(SOLENOIDAL, PERIODIC, 1, grid, held, d, next, b);
}

#endif
