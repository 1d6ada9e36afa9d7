/* A periodic grid within one cell: which stored values it needs, and the polynomial they make (docs/physics.md 3.2).
 *
 * trilinear: the values sit on the nodes; each component is linear along each axis.
 * solenoidal: each component sits half a cell up its own axis, is a quadratic B-spline along it and linear
 * across. The derivative of the quadratic spline is a difference of two hats, so that div B is the trilinear
 * interpolant of the differences of stored values: zero everywhere when these are zero at the nodes. */
#ifndef HPCMM_GRID_CELLS_H
#define HPCMM_GRID_CELLS_H

#include "simd_float.h"

typedef enum { TRILINEAR, SOLENOIDAL } Interpolation;

#define MOST_VALUES 36 /* stored values, and coefficients, of a cell: 3 x 12 solenoidal, 3 x 8 trilinear */

/* number of stored values of a cell */
static inline int values_of(Interpolation kind) { return kind == TRILINEAR ? 24 : 36; }

/* where value m of a cell lies, in steps from its lower corner, and which component it is */
typedef struct { int component, step[3]; } Place;

static inline Place place_of(Interpolation kind, int m) {
  Place p;
  if (kind == TRILINEAR) { /* m = component * 8 + 4 x + 2 y + z */
    p.component = m / 8;
    p.step[0] = m / 4 % 2, p.step[1] = m / 2 % 2, p.step[2] = m % 2;
  } else { /* m = component * 12 + 4 (own + 1) + 2 next + third */
    p.component = m / 12;
    p.step[p.component] = m / 4 % 3 - 1;
    p.step[(p.component + 1) % 3] = m / 2 % 2;
    p.step[(p.component + 2) % 3] = m % 2;
  }
  return p;
}

/* Values of a cell, replaced by the coefficients of its polynomial: for vectors, and for one lane with the same
 * operations, none of which can be fused, so that both give the same bits.
 *
 * BILINEAR: four values at steps (0,0) (0,1) (1,0) (1,1) along two axes to 1, w, v, v w. Along the own axis the
 * solenoidal values, a step apart, weigh (1 - u)^2/2, 1/2 + u - u^2, u^2/2. */
#define BILINEAR(q) (q)[1] -= (q)[0], (q)[3] -= (q)[2], (q)[2] -= (q)[0], (q)[3] -= (q)[1]

#define DEFINE_COEFFICIENTS(name, real)                             \
  static inline void name(Interpolation kind, real *value) {        \
    for (int component = 0; component < 3; component++) {           \
      real *q = value + values_of(kind) / 3 * component;            \
      BILINEAR(q), BILINEAR(q + 4);                                 \
      if (kind == TRILINEAR) {                                      \
        for (int i = 0; i < 4; i++) q[4 + i] -= q[i];               \
      } else {                                                      \
        BILINEAR(q + 8);                                            \
        for (int i = 0; i < 4; i++) {                               \
          real slope = q[4 + i] - q[i];                             \
          q[8 + i] = 0.5f * ((q[8 + i] - q[4 + i]) - slope);        \
          q[i] = 0.5f * (q[i] + q[4 + i]);                          \
          q[4 + i] = slope;                                         \
        }                                                           \
      }                                                             \
    }                                                               \
  }

DEFINE_COEFFICIENTS(coefficients, vf)
DEFINE_COEFFICIENTS(coefficients_of_one, float)

static inline vf bilinear_at(const vf *q, vf v, vf w) { return (q[3] * w + q[2]) * v + (q[1] * w + q[0]); }

/* the polynomial of one component at u along its own axis, v and w along the next two (trilinear: x, y, z) */
static inline vf polynomial_at(Interpolation kind, const vf *q, vf u, vf v, vf w) {
  if (kind == TRILINEAR) return bilinear_at(q + 4, v, w) * u + bilinear_at(q, v, w);
  return (bilinear_at(q + 8, v, w) * u + bilinear_at(q + 4, v, w)) * u + bilinear_at(q, v, w);
}

#endif
