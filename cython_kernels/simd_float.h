/* Single-precision vectors of a full register, twice as many lanes as a vector of doubles. */
#ifndef HPCMM_SIMD_FLOAT_H
#define HPCMM_SIMD_FLOAT_H

#include "simd.h"
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define HPCMM_FLOATS (2 * HPCMM_WIDTH)

typedef float vf __attribute__((vector_size(4 * HPCMM_FLOATS)));
typedef float vf_half __attribute__((vector_size(4 * HPCMM_WIDTH)));
typedef int32_t vn __attribute__((vector_size(4 * HPCMM_FLOATS)));
typedef uint32_t vm __attribute__((vector_size(4 * HPCMM_FLOATS)));
typedef int32_t vn_half __attribute__((vector_size(4 * HPCMM_WIDTH)));

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HPCMM_SHUFFLES
#endif
#endif

#if defined(HPCMM_SHUFFLES) && HPCMM_WIDTH == 8
#define JOIN(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define LOW(a) __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7)
#define HIGH(a) __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15)
#elif defined(HPCMM_SHUFFLES) && HPCMM_WIDTH == 4
#define JOIN(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#define LOW(a) __builtin_shufflevector(a, a, 0, 1, 2, 3)
#define HIGH(a) __builtin_shufflevector(a, a, 4, 5, 6, 7)
#elif defined(HPCMM_SHUFFLES)
#define JOIN(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3)
#define LOW(a) __builtin_shufflevector(a, a, 0, 1)
#define HIGH(a) __builtin_shufflevector(a, a, 2, 3)
#endif

/* the lanes of two vectors of doubles, rounded to single precision; and back */
static inline vf vf_of(vd low, vd high) {
  vf_half a = __builtin_convertvector(low, vf_half), b = __builtin_convertvector(high, vf_half);
#if defined(HPCMM_SHUFFLES)
  return JOIN(a, b);
#else
  vf r;
  memcpy(&r, &a, sizeof a), memcpy((char *)&r + sizeof a, &b, sizeof b);
  return r;
#endif
}

static inline vn vn_of_indices(vi low, vi high) {
  vn_half a = __builtin_convertvector(low, vn_half), b = __builtin_convertvector(high, vn_half);
#if defined(HPCMM_SHUFFLES)
  return JOIN(a, b);
#else
  vn r;
  memcpy(&r, &a, sizeof a), memcpy((char *)&r + sizeof a, &b, sizeof b);
  return r;
#endif
}

static inline void vf_add_to(double *low, vf a) {
#if defined(HPCMM_SHUFFLES)
  vf_half l = LOW(a), h = HIGH(a);
#else
  vf_half l, h;
  memcpy(&l, &a, sizeof l), memcpy(&h, (char *)&a + sizeof l, sizeof h);
#endif
  vd_store(low, vd_load(low) + __builtin_convertvector(l, vd));
  vd_store(low + HPCMM_WIDTH, vd_load(low + HPCMM_WIDTH) + __builtin_convertvector(h, vd));
}

/* one bit a lane: set where any bit of the exponent or the sign is */
static inline unsigned vi_high_bits(vi a) {
  const int64_t high = (int64_t)0xFFF0000000000000;
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)a, _mm512_set1_epi64(high));
#else
  vi any = (a & high) != 0;
#if defined(__AVX__)
  return _mm256_movemask_pd((__m256d)any);
#elif defined(__SSE2__)
  return _mm_movemask_pd((__m128d)any);
#else
  unsigned bits = 0;
  for (int i = 0; i < HPCMM_WIDTH; i++) bits |= (unsigned)(any[i] & 1) << i;
  return bits;
#endif
#endif
}

/* base[index] at every lane */
static inline vf vf_gather(const float *base, vn index) {
#if defined(__AVX512F__)
  return (vf)_mm512_i32gather_ps((__m512i)index, base, 4);
#elif defined(__AVX2__)
  return (vf)_mm256_i32gather_ps(base, (__m256i)index, 4);
#else
  vf r;
  for (int i = 0; i < HPCMM_FLOATS; i++) r[i] = base[index[i]];
  return r;
#endif
}

#endif
