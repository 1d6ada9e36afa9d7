/* Local Taylor polynomials of third order of a sum of waves, one a lane: formed at an anchor, moved to another one,
 * evaluated (docs/physics.md 2.6). Displacements in units of the step. A polynomial is TAYLOR_TERMS coefficients of
 * each component, each a vector of lanes, in the order 1 x y z xx yy zz xy xz yz xxx yyy zzz xxy xxz xyy yyz xzz yzz
 * xyz. */
#ifndef HPCMM_TAYLOR_H
#define HPCMM_TAYLOR_H

#include "float_waves.h"

#define TAYLOR_TERMS 20
#define TAYLOR_ROWS (3 * TAYLOR_TERMS)
#define TAYLOR_TILE 64 /* waves whose sines and cosines stay in the first-level cache */

static inline int term_is_odd(int t) { return (t >= 1 && t <= 3) || t >= 10; }

/* Coefficients of every term from one wave a cos(phase + k.u): +-a k^alpha/alpha!, to be multiplied by cos (even
 * order) or sin (odd order). k in rad per step. */
static void taylor_weights(const double *k, const double *a, float *weight) {
  double x = k[0], y = k[1], z = k[2];
  double w[TAYLOR_TERMS] = {1, -x, -y, -z, -x * x / 2, -y * y / 2, -z * z / 2, -x * y, -x * z, -y * z,
                            x * x * x / 6, y * y * y / 6, z * z * z / 6, x * x * y / 2, x * x * z / 2,
                            x * y * y / 2, y * y * z / 2, x * z * z / 2, y * z * z / 2, x * y * z};
  for (int c = 0; c < 3; c++)
    for (int t = 0; t < TAYLOR_TERMS; t++) {
      /* at k = 1e-14 a step third orders would be subnormal floats, which take a hundred cycles each; over the 512
       * steps between two anchors they come to 1e-17 of the field */
      double value = a[c] * w[t];
      weight[c * TAYLOR_TERMS + t] = fabs(value) < 1e-25 ? 0.0f : (float)value;
    }
}

/* p(u) -> p(u + shift), in place, for one vector of lanes; row r of component c is q[(c * TAYLOR_TERMS + r) * stride] */
static inline void taylor_shift(float *q, int64_t stride, vf x, vf y, vf z) {
#define AT(t) (*(vf *)(q + (t) * stride))
#define CUBIC(h, a, b, c, d)                                                                              \
  AT(a) += h * (AT(b) + h * (AT(c) + h * AT(d))), AT(b) += h * (2 * AT(c) + 3 * h * AT(d)), AT(c) += 3 * h * AT(d)
#define SQUARE(h, a, b, c) AT(a) += h * (AT(b) + h * AT(c)), AT(b) += 2 * h * AT(c)
#define LINE(h, a, b) AT(a) += h * AT(b)
  for (int c = 0; c < 3; c++, q += TAYLOR_TERMS * stride) {
    CUBIC(x, 0, 1, 4, 10), SQUARE(x, 2, 7, 13), SQUARE(x, 3, 8, 14), LINE(x, 5, 15), LINE(x, 6, 17), LINE(x, 9, 19);
    CUBIC(y, 0, 2, 5, 11), SQUARE(y, 1, 7, 15), SQUARE(y, 3, 9, 16), LINE(y, 4, 13), LINE(y, 6, 18), LINE(y, 8, 19);
    CUBIC(z, 0, 3, 6, 12), SQUARE(z, 1, 8, 17), SQUARE(z, 2, 9, 18), LINE(z, 4, 14), LINE(z, 5, 16), LINE(z, 7, 19);
  }
#undef CUBIC
#undef SQUARE
#undef LINE
#undef AT
}

static inline vf taylor_value(const float *q, int64_t stride, vf x, vf y, vf z) {
#define AT(t) (*(const vf *)(q + (t) * stride))
  vf xx = AT(4) + x * AT(10) + y * AT(13) + z * AT(14);
  vf xy = AT(7) + y * AT(15) + z * AT(19), xz = AT(8) + z * AT(17);
  vf yy = AT(5) + y * AT(11) + z * AT(16), yz = AT(9) + z * AT(18), zz = AT(6) + z * AT(12);
  vf by_x = AT(1) + x * xx + y * xy + z * xz, by_y = AT(2) + y * yy + z * yz, by_z = AT(3) + z * zz;
  return AT(0) + x * by_x + y * by_y + z * by_z;
#undef AT
}

/* q += Taylor coefficients of the waves at a place `d` [pc] away from where their phases were formed; one vector of
 * lanes. k: in turns per pc, rows of 4; phase: [wave] apart by `phase_stride`; weight: TAYLOR_ROWS a wave. */
static void taylor_add_waves(float *q, int64_t stride, int64_t waves, const float *k, const int32_t *phase,
                             int64_t phase_stride, const float *weight, vf dx, vf dy, vf dz) {
  float cosine[TAYLOR_TILE * FLOAT_WIDTH] __attribute__((aligned(64)));
  float sine[TAYLOR_TILE * FLOAT_WIDTH] __attribute__((aligned(64)));
  for (int64_t from = 0; from < waves; from += TAYLOR_TILE) {
    int64_t tile = waves - from < TAYLOR_TILE ? waves - from : TAYLOR_TILE;
    for (int64_t n = 0; n < tile; n++) {
      const float *kn = k + 4 * (from + n);
      vf turns = kn[0] * dx + kn[1] * dy + kn[2] * dz, whole;
      for (int i = 0; i < FLOAT_WIDTH; i++) whole[i] = __builtin_rintf(turns[i]);
      vw moved = __builtin_convertvector((turns - whole) * 4294967040.0f, vw);
      vw p = vw_load(phase + (from + n) * phase_stride) + moved;
      vf_store(cosine + n * FLOAT_WIDTH, vf_cos_fixed(p));
      vf_store(sine + n * FLOAT_WIDTH, vf_cos_fixed(p - 0x40000000));
    }
    for (int c = 0; c < 3; c++) {
      vf sum[TAYLOR_TERMS];
      float *row = q + c * TAYLOR_TERMS * stride;
#pragma GCC unroll 20
      for (int t = 0; t < TAYLOR_TERMS; t++) sum[t] = vf_load(row + t * stride);
      for (int64_t n = 0; n < tile; n++) {
        const float *w = weight + (from + n) * TAYLOR_ROWS + c * TAYLOR_TERMS;
        vf co = vf_load(cosine + n * FLOAT_WIDTH), si = vf_load(sine + n * FLOAT_WIDTH);
#pragma GCC unroll 20
        for (int t = 0; t < TAYLOR_TERMS; t++) sum[t] += w[t] * (term_is_odd(t) ? si : co);
      }
#pragma GCC unroll 20
      for (int t = 0; t < TAYLOR_TERMS; t++) vf_store(row + t * stride, sum[t]);
    }
  }
}

#endif
