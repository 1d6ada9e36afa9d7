/* As many doubles at a time as a register of the target holds (8 with AVX-512, 4 with AVX, 2 with SSE2 or
 * NEON), in GCC/Clang vector extensions. Every lane does the same operations in the same order, so that a
 * particle's result cannot depend on the lane or block that carried it. */
#ifndef HPCMM_SIMD_H
#define HPCMM_SIMD_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define HPCMM_LANES 64 /* particles of a block; a multiple of HPCMM_WIDTH */

/* wider vectors than the registers would be taken apart by way of memory, thirty times slower */
#if defined(__AVX512F__)
#define HPCMM_WIDTH 8
#elif defined(__AVX__)
#define HPCMM_WIDTH 4
#else
#define HPCMM_WIDTH 2
#endif

typedef double vd __attribute__((vector_size(8 * HPCMM_WIDTH)));
typedef int64_t vi __attribute__((vector_size(8 * HPCMM_WIDTH)));
typedef uint64_t vu __attribute__((vector_size(8 * HPCMM_WIDTH)));

static inline vd vd_load(const double *p) { return *(const vd *)p; }
static inline void vd_store(double *p, vd a) { *(vd *)p = a; }
static inline vd vd_set(double a) { return (vd){0} + a; }
static inline vd vd_abs(vd a) { return (vd)((vi)a & INT64_MAX); }
static inline vd vd_copysign(vd size, vd sign) {
  return (vd)(((vi)size & INT64_MAX) | ((vi)sign & INT64_MIN));
}
static inline vd vd_sqrt(vd a) {
  vd r;
  for (int i = 0; i < HPCMM_WIDTH; i++) r[i] = __builtin_sqrt(a[i]);
  return r;
}

/* One bit a lane, set where a comparison (all bits or none) holds. */
static inline unsigned vi_bits(vi holds) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)holds, (__m512i)holds);
#elif defined(__AVX__)
  return (unsigned)_mm256_movemask_pd((__m256d)holds);
#elif defined(__SSE2__)
  return (unsigned)_mm_movemask_pd((__m128d)holds);
#else
  unsigned bits = 0;
  for (int i = 0; i < HPCMM_WIDTH; i++) bits |= (unsigned)(holds[i] & 1) << i;
  return bits;
#endif
}
static inline vd vd_where(vi holds, vd a, vd b) { return (vd)((holds & (vi)a) | (~holds & (vi)b)); }

/* 1.5 * 2^52: added to |a| < 2^51 it leaves no room for a fraction, which rounds to the nearest integer; that integer
 * stands in the lowest bits. */
#define HPCMM_NO_FRACTION 6755399441055744.0

/* a - nearest integer, in [-1/2, 1/2]; holds for |a| < 2^51. */
static inline vd vd_turn(vd a) { return a - ((a + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION); }

/* sin(2 pi q) for |q| <= 1/4: odd polynomial through the Chebyshev nodes, relative error 8e-14. */
static inline vd vd_sin_quarter(vd q) {
  vd u = q * q;
  vd r = vd_set(3.6658551595639611937);
  r = r * u - 15.081483206892999734;
  r = r * u + 42.058134871372057197;
  r = r * u - 76.705847543773266658;
  r = r * u + 81.605249149015829376;
  r = r * u - 41.341702239903672014;
  r = r * u + 6.2831853071792701236;
  return r * q;
}

/* cos(2 pi p), sin(2 pi p) for p in [-1/2, 1/2]: folded to the first quarter. */
static inline vd vd_cos_turn(vd p) { return vd_sin_quarter(0.25 - vd_abs(p)); }
static inline vd vd_sin_turn(vd p) {
  return vd_sin_quarter(vd_copysign(0.25 - vd_abs(vd_abs(p) - 0.25), p));
}

/* ln(a) for normal a > 0: a = m 2^e with m in [1/sqrt2, sqrt2), ln m = 2 atanh((m-1)/(m+1));
 * relative error 2e-16 of the polynomial. */
static inline vd vd_log(vd a) {
  const int64_t half_sqrt = 0x3FE6A09E667F3BCD; /* bits of 1/sqrt2 */
  vi shifted = (vi)a - half_sqrt;
  vi e = shifted >> 52;
  vd m = (vd)((shifted & 0xFFFFFFFFFFFFF) + half_sqrt);
  /* int -> double without an instruction of its own: the exponent's value sits in the low mantissa bits */
  vd ed = (vd)(e + 0x4338000000000000) - HPCMM_NO_FRACTION;
  vd s = (m - 1.0) / (m + 1.0);
  vd v = s * s;
  vd r = vd_set(0.16837659970680488293);
  r = r * v + 0.18121934431215214414;
  r = r * v + 0.22223434547517906665;
  r = r * v + 0.2857141602110767158;
  r = r * v + 0.40000000061741615195;
  r = r * v + 0.66666666666552918001;
  r = r * v + 2.0000000000000003418;
  return ed * 0.693147180559945309417 + r * s;
}

#endif
