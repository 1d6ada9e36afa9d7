/* Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC'11): a keyed bijection of 128-bit counters, one
 * counter a lane, each 32-bit word held in a 64-bit lane. The key stands for (seed, stream, energy,
 * realization), the counter for (step, particle id): a draw depends on nothing else. */
#ifndef HPCMM_PHILOX_H
#define HPCMM_PHILOX_H

#include "simd.h"

typedef struct { vu w0, w1, w2, w3; } Philox4;

static inline vu vu_mul32(vu a, uint64_t b) { /* full product of the low 32 bits */
#if defined(__AVX512F__)
  return (vu)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64((int64_t)b));
#elif defined(__AVX2__)
  return (vu)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x((int64_t)b));
#elif defined(__SSE2__) && HPCMM_WIDTH == 2
  return (vu)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x((int64_t)b));
#else
  return (a & 0xFFFFFFFFu) * b;
#endif
}

static inline Philox4 philox4x32_10(Philox4 c, uint64_t key) {
  uint64_t k0 = key & 0xFFFFFFFFu, k1 = key >> 32;
  for (int round = 0; round < 10; round++) {
    vu p0 = vu_mul32(c.w0, 0xD2511F53u), p1 = vu_mul32(c.w2, 0xCD9E8D57u);
    /* products take the low 32 bits alone, so that higher bits may stay until the end */
    c = (Philox4){(p1 >> 32) ^ c.w1 ^ k0, p1, (p0 >> 32) ^ c.w3 ^ k1, p0};
    k0 = (k0 + 0x9E3779B9u) & 0xFFFFFFFFu;
    k1 = (k1 + 0xBB67AE85u) & 0xFFFFFFFFu;
  }
  return (Philox4){c.w0 & 0xFFFFFFFFu, c.w1 & 0xFFFFFFFFu, c.w2 & 0xFFFFFFFFu, c.w3 & 0xFFFFFFFFu};
}

/* The draws of consecutive particles, from `first_particle` on, at one step. */
static inline Philox4 philox_particles(uint64_t key, uint64_t step, uint64_t first_particle) {
  static const uint64_t lane[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  vu id, zero = {0};
  memcpy(&id, lane, sizeof id);
  id += first_particle;
  Philox4 c = {zero + (step & 0xFFFFFFFFu), zero + (step >> 32), id & 0xFFFFFFFFu, id >> 32};
  return philox4x32_10(c, key);
}

/* 52 bits -> (0, 1]; 32 bits -> [-1/2, 1/2) */
static inline vd uniform_positive(vu high, vu low) {
  return 2.0 - (vd)((((high << 32) | low) >> 12) | 0x3FF0000000000000u);
}
static inline vd uniform_turn(vu w) { return (vd)((w << 20) | 0x3FF0000000000000u) - 1.5; }

#endif
