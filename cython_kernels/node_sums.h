/* Between the markers of a cell and its eight corners: fields as polynomials of the place in the cell, sums of monomials
 * turned into what linear weights give each corner. Corner m has the offsets (m & 1, m >> 1 & 1, m >> 2); monomial m is
 * the product of the coordinates of its bits. */
#ifndef HPCMM_NODE_SUMS_H
#define HPCMM_NODE_SUMS_H

#include "simd_float.h"

#define CORNERS 8
#define MOMENTS 4 /* numbers summed at a node: a weight, and three velocities times it */
#define GATHERED 8 /* floats of a node: dt/2 times E, B, and two that are not used */

/* aligned as arrays of NumPy are, not as whole vectors */
typedef float node_fields __attribute__((vector_size(4 * GATHERED), aligned(4)));
typedef int64_t node_moments __attribute__((vector_size(8 * MOMENTS), aligned(8)));
typedef int32_t node_moments32 __attribute__((vector_size(4 * MOMENTS)));

static inline vf vf_set(float a) { return (vf){0} + a; }
static inline vf vf_load(const float *p) { return *(const vf *)p; }
static inline void vf_store(float *p, vf a) { *(vf *)p = a; }

/* Polynomials of the fields in a cell: [monomial] -> coefficient of every component. */
static inline void field_polynomials(const float *fields, const int64_t *node, node_fields *c) {
  for (int m = 0; m < CORNERS; m++) c[m] = *(const node_fields *)(fields + GATHERED * node[m]);
  for (int b = 1; b < CORNERS; b <<= 1)
    for (int m = 0; m < CORNERS; m++)
      if (m & b) c[m] -= c[m ^ b];
}

static inline vf polynomial(const node_fields *c, int component, vf x, vf y, vf z) {
#define C(m) vf_set(((const float *)(c + (m)))[component])
  vf bottom = (C(0) + x * C(1)) + y * (C(2) + x * C(3));
  vf top = (C(4) + x * C(5)) + y * (C(6) + x * C(7));
#undef C
  return bottom + z * top;
}

static inline void monomials(vf x, vf y, vf z, vf *m) {
  m[0] = vf_set(1.0f), m[1] = x, m[2] = y, m[3] = x * y;
  m[4] = z, m[5] = x * z, m[6] = y * z, m[7] = m[3] * z;
}

/* 1.5 * 2^23: what is added to it is rounded to an integer, which stands in the lowest bits of the sum. Sums of those
 * bits are sums of integers: the same in any order. */
#define NO_FRACTION 12582912.0f
#define NO_FRACTION_BITS 0x4B400000u

/* In every block of `length` lanes: the two halves of a added, then those of b. */
static inline vn fold(vn a, vn b, int length) {
#if defined(__GNUC__) && !defined(__clang__)
  vn first, second;
  for (int j = 0; j < HPCMM_FLOATS; j++) {
    int base = j / length * length, in = j - base, half = length / 2;
    first[j] = in < half ? j : HPCMM_FLOATS + base + in - half;
    second[j] = in < half ? j + half : HPCMM_FLOATS + base + in;
  }
  return __builtin_shuffle(a, b, first) + __builtin_shuffle(a, b, second);
#else
  vn r;
  for (int j = 0; j < HPCMM_FLOATS; j++) {
    int base = j / length * length, in = j - base, half = length / 2;
    r[j] = in < half ? a[j] + a[j + half] : b[base + in - half] + b[base + in];
  }
  return r;
#endif
}

/* As many vectors as lanes -> one vector: lane j has the sum over the lanes of vector j. */
static inline __attribute__((always_inline)) vn sums_of_lanes(vn *a) {
#pragma GCC unroll 8
  for (int length = HPCMM_FLOATS; length > 1; length /= 2)
#pragma GCC unroll 16
    for (int i = 0; i < length / 2; i++) a[i] = fold(a[i], a[i + length / 2], length);
  return a[0];
}

/* Add sums of monomials of moments `first` to the last, each of `vectors` rounded terms a lane, to the corners'
 * integers. */
static inline __attribute__((always_inline)) void add_to_nodes(vn sums[MOMENTS][CORNERS], int first, int vectors,
                                                               const int64_t *node, int64_t *moments) {
  const int32_t off = (int32_t)(NO_FRACTION_BITS * (uint32_t)vectors);
  for (int q = first; q < MOMENTS; q++) {
#pragma GCC unroll 8
    for (int m = 0; m < CORNERS; m++) sums[q][m] -= off;
#pragma GCC unroll 3
    for (int b = 1; b < CORNERS; b <<= 1)
#pragma GCC unroll 8
      for (int m = 0; m < CORNERS; m++)
        if (!(m & b)) sums[q][m] -= sums[q][m | b];
  }
  enum { AT_ONCE = HPCMM_FLOATS / MOMENTS };
  for (int m = 0; m < CORNERS; m += AT_ONCE) {
    vn group[HPCMM_FLOATS];
#pragma GCC unroll 16
    for (int i = 0; i < HPCMM_FLOATS; i++)
      group[i] = i % MOMENTS >= first ? sums[i % MOMENTS][m + i / MOMENTS] : (vn){0};
    union { vn all; node_moments32 of[AT_ONCE]; } found;
    found.all = sums_of_lanes(group);
    for (int i = 0; i < AT_ONCE; i++)
      *(node_moments *)(moments + MOMENTS * node[m + i]) += __builtin_convertvector(found.of[i], node_moments);
  }
}

#endif
