/* Sum of plane waves in single precision at places that need not lie along a track (docs/physics.md 2.2, paper eq 12).
 * Phases are kept and moved in double precision, so that they err by 1e-9 of a turn wherever a place is; what follows
 * them, the cosine and the sum, is done on twice as many lanes at a time. */
#ifndef HPCMM_SINGLE_WAVES_H
#define HPCMM_SINGLE_WAVES_H

#include "plane_waves.h"
#include "simd_float.h"

/* k in turns per pc, amplitude in B_rms */
typedef struct { double kx, ky, kz; float ax, ay, az, unused; } SingleWave;

/* Number that, added to a phase in turns, leaves it 32 binary digits after the point, which are the low word of the
 * double: whole turns carry over into the high word and so drop out. Holds for sums of 2^20 to 2^21. It is whole, so
 * that plane_waves_add gives the same with it. */
#define TURN_SHIFT 1572864.0 /* 1.5 * 2^20 */
#define TURN_REACH 262144.0  /* most turns of k.d from the anchor: 2^18, half of what the shift holds */

#define SINGLE_TILE 64 /* waves added up in single precision; 16 would err a third less and cost a seventh more */
#define SINGLE_AHEAD 16 /* waves between use and prefetch of a phase, which comes from the second-level cache */

/* low words of two vectors of doubles, in their order */
static inline vn low_words(vd low, vd high) {
#if defined(HPCMM_SHUFFLES) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && HPCMM_WIDTH == 8
  return __builtin_shufflevector((vn)low, (vn)high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#elif defined(HPCMM_SHUFFLES) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && HPCMM_WIDTH == 4
  return __builtin_shufflevector((vn)low, (vn)high, 0, 2, 4, 6, 8, 10, 12, 14);
#elif defined(HPCMM_SHUFFLES) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_shufflevector((vn)low, (vn)high, 0, 2, 4, 6);
#else
  return vn_of_indices((vi)low, (vi)high); /* keeps the low word */
#endif
}

/* cos(2 pi p/2^32): even polynomial over the whole turn, least largest error 1e-8; with rounding 6e-8 rms */
static inline vf vf_cos_word(vn p) {
  vf t = __builtin_convertvector(p, vf) * 0x1p-32f;
  vf u = t * t;
  vf r = 6.52961063f * u - 25.9683132f;
  r = r * u + 60.1678314f;
  r = r * u - 85.4501648f;
  r = r * u + 64.9391174f;
  r = r * u - 19.7392044f;
  return r * u + 1.0f;
}

/* displacements of one vector of single-precision lanes */
typedef struct { vd x[2], y[2], z[2]; } Displaced;

static inline Displaced displaced(const double *d) {
  Displaced r;
  for (int half = 0; half < 2; half++, d += HPCMM_WIDTH)
    r.x[half] = vd_load(d), r.y[half] = vd_load(d + HPCMM_LANES), r.z[half] = vd_load(d + 2 * HPCMM_LANES);
  return r;
}

static inline vf single_cosine(const SingleWave *w, const double *phase, const Displaced *d) {
  __builtin_prefetch(phase + SINGLE_AHEAD * GROUP), __builtin_prefetch(phase + SINGLE_AHEAD * GROUP + HPCMM_WIDTH);
  vd p0 = vd_load(phase) + w->kx * d->x[0], p1 = vd_load(phase + HPCMM_WIDTH) + w->kx * d->x[1];
  p0 += w->ky * d->y[0], p1 += w->ky * d->y[1];
  p0 += w->kz * d->z[0], p1 += w->kz * d->z[1];
  return vf_cos_word(low_words(p0, p1));
}

/* b += sum over waves, right where k.d stays within TURN_REACH; phase: plus TURN_SHIFT. Two vectors of single-precision
 * lanes at a time. SINGLE_WAVES_OPERATIONS vector operations a wave and vector: 6 for k.d of two vectors of doubles,
 * 1 to narrow, 2 to convert and scale, 7 for the cosine, 3 to add up. */
#define SINGLE_WAVES_OPERATIONS 19

static void single_waves_sum(int64_t waves, const SingleWave *restrict wave, const double *restrict phase,
                             const double *restrict d, double *restrict b) {
  for (int j = 0; j < HPCMM_LANES; j += 2 * GROUP) {
    Displaced d0 = displaced(d + j), d1 = displaced(d + j + GROUP);
    const double *at0 = phase + j * waves, *at1 = at0 + GROUP * waves;
    double *bx = b + j, *by = bx + HPCMM_LANES, *bz = by + HPCMM_LANES;
    for (int64_t first = 0; first < waves; first += SINGLE_TILE) {
      int64_t last = first + SINGLE_TILE < waves ? first + SINGLE_TILE : waves;
      vf bx0 = {0}, by0 = {0}, bz0 = {0}, bx1 = {0}, by1 = {0}, bz1 = {0};
      for (int64_t n = first; n < last; n++) {
        const SingleWave *w = wave + n;
        vf c0 = single_cosine(w, at0 + n * GROUP, &d0), c1 = single_cosine(w, at1 + n * GROUP, &d1);
        bx0 += w->ax * c0, bx1 += w->ax * c1;
        by0 += w->ay * c0, by1 += w->ay * c1;
        bz0 += w->az * c0, bz1 += w->az * c1;
      }
      vf_add_to(bx, bx0), vf_add_to(by, by0), vf_add_to(bz, bz0);
      vf_add_to(bx + GROUP, bx1), vf_add_to(by + GROUP, by1), vf_add_to(bz + GROUP, bz1);
    }
  }
}

/* b += sum over waves at displacements d from the anchor. Lanes out of `reach` [pc], and those whose place is NaN or
 * infinite, which a low word would not show, take the double-precision sum; a lane's own place alone decides. */
static void single_waves_add(int64_t waves, const Wave *wave, const SingleWave *single, const double *phase,
                             double reach, const double *d, double *b) {
  double sum[3 * HPCMM_LANES] __attribute__((aligned(64))) = {0};
  int far[HPCMM_LANES], many = 0;
  for (int j = 0; j < HPCMM_LANES; j++) {
    far[j] = !(fabs(d[j]) + fabs(d[j + HPCMM_LANES]) + fabs(d[j + 2 * HPCMM_LANES]) < reach);
    many += far[j];
  }
  if (many < HPCMM_LANES) single_waves_sum(waves, single, phase, d, sum);
  if (many > 0) {
    double exact[3 * HPCMM_LANES] __attribute__((aligned(64))) = {0};
    plane_waves_add(waves, wave, phase, d, exact);
    for (int i = 0; i < 3 * HPCMM_LANES; i++)
      if (far[i % HPCMM_LANES]) sum[i] = exact[i];
  }
  for (int i = 0; i < 3 * HPCMM_LANES; i++) b[i] += sum[i];
}

#endif
