/* The loops of mhd_loops.h in double and in single precision. */
#ifndef HPCMM_MHD_H
#define HPCMM_MHD_H

#include "simd_float.h"

/* modes of a rank: planes of k_z, rows of k_y; row: reals in a row of k_x, padded to whole vectors; k and the factors
 * along x stand twice each, beside real and imaginary parts */
typedef struct {
  int64_t planes, rows, row;
  const double *k[3], *decay_u[3], *decay_b[3];
} double_Modes;

typedef struct {
  int64_t planes, rows, row;
  const float *k[3], *decay_u[3], *decay_b[3];
} float_Modes;

#ifdef HPCMM_SHUFFLES
#define PAIRS(a, mask, ...) __builtin_shufflevector(a, a, __VA_ARGS__)
#else
#define PAIRS(a, mask, ...) __builtin_shuffle(a, (mask){__VA_ARGS__})
#endif
#if HPCMM_WIDTH == 8
#define double_swapped(a) PAIRS(a, vi, 1, 0, 3, 2, 5, 4, 7, 6)
#define float_swapped(a) PAIRS(a, vn, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif HPCMM_WIDTH == 4
#define double_swapped(a) PAIRS(a, vi, 1, 0, 3, 2)
#define float_swapped(a) PAIRS(a, vn, 1, 0, 3, 2, 5, 4, 7, 6)
#else
#define double_swapped(a) PAIRS(a, vi, 1, 0)
#define float_swapped(a) PAIRS(a, vn, 1, 0, 3, 2)
#endif

#define NAME(x) double_##x
#define REAL double
#define VECTOR vd
#define MASK vi
#define LANES HPCMM_WIDTH
#define SWAPPED double_swapped
#define ROOT __builtin_sqrt
#include "mhd_loops.h"
#undef NAME
#undef REAL
#undef VECTOR
#undef MASK
#undef LANES
#undef SWAPPED
#undef ROOT

#define NAME(x) float_##x
#define REAL float
#define VECTOR vf
#define MASK vn
#define LANES HPCMM_FLOATS
#define SWAPPED float_swapped
#define ROOT __builtin_sqrtf
#include "mhd_loops.h"
#undef NAME
#undef REAL
#undef VECTOR
#undef MASK
#undef LANES
#undef SWAPPED
#undef ROOT

#endif
