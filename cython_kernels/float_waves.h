/* Plane waves along lock-step tracks in single precision: the phase of every wave at every lane is kept as a
 * 32-bit fraction of a turn and advanced by the increment k.dr of each step. Integer wrap-around is the reduction
 * to one turn. Phases are formed anew, exactly, at every anchor (docs/physics.md 2.6). */
#ifndef HPCMM_FLOAT_WAVES_H
#define HPCMM_FLOAT_WAVES_H

#include "plane_waves.h"

#define FLOAT_WIDTH (2 * HPCMM_WIDTH)
typedef float vf __attribute__((vector_size(4 * FLOAT_WIDTH)));
typedef int32_t vw __attribute__((vector_size(4 * FLOAT_WIDTH)));

static inline vf vf_load(const float *p) { return *(const vf *)p; }
static inline void vf_store(float *p, vf a) { *(vf *)p = a; }
static inline vw vw_load(const int32_t *p) { return *(const vw *)p; }
static inline void vw_store(int32_t *p, vw a) { *(vw *)p = a; }

/* k in 2^32nds of a turn per pc, amplitude in B_rms */
typedef struct { float kx, ky, kz, ax, ay, az, unused[2]; } FloatWave;

/* cos(2 pi p/2^32): with q = 2^30 - |p| this is sin(2 pi q/2^32), |q| <= 2^30; odd polynomial, error 2e-7 */
static inline vf vf_cos_fixed(vw p) {
  vw size;
  for (int i = 0; i < FLOAT_WIDTH; i++) size[i] = p[i] < 0 ? -p[i] : p[i];
  vf s = __builtin_convertvector(0x40000000 - size, vf);
  s *= 1.4629180792671596e-9f; /* 2 pi/2^32 */
  vf s2 = s * s;
  vf r = 2.7183114e-6f * s2 - 1.98393348e-4f;
  r = r * s2 + 8.33332892e-3f;
  r = r * s2 - 1.66666667e-1f;
  return s + s * s2 * r;
}

/* Advance all phases by k.d and add up the waves; d, b: rows of floats. Two vectors of lanes at a time.
 * FLOAT_WAVES_OPERATIONS vector operations a wave and vector: 3 for k.d, 2 to convert, 1 to add, 2 to fold, 1 to scale,
 * 6 for the sine, 3 to add up. */
#define FLOAT_WAVES_OPERATIONS 18
#define FLOAT_GROUP (2 * FLOAT_WIDTH)
static void float_waves_step(int64_t waves, const FloatWave *restrict wave, int32_t *restrict phase,
                             const float *restrict d, float *restrict b) {
  for (int j = 0; j < HPCMM_LANES; j += FLOAT_GROUP) {
    const float *dx = d + j, *dy = dx + HPCMM_LANES, *dz = dy + HPCMM_LANES;
    float *bx = b + j, *by = bx + HPCMM_LANES, *bz = by + HPCMM_LANES;
    vf x0 = vf_load(dx), y0 = vf_load(dy), z0 = vf_load(dz);
    vf x1 = vf_load(dx + FLOAT_WIDTH), y1 = vf_load(dy + FLOAT_WIDTH), z1 = vf_load(dz + FLOAT_WIDTH);
    vf bx0 = {0}, by0 = {0}, bz0 = {0}, bx1 = {0}, by1 = {0}, bz1 = {0};
    int32_t *at = phase + (j / FLOAT_GROUP) * waves * FLOAT_GROUP;
    for (int64_t n = 0; n < waves; n++, at += FLOAT_GROUP) {
      const FloatWave *w = wave + n;
      vf t0 = w->kx * x0 + w->ky * y0 + w->kz * z0, t1 = w->kx * x1 + w->ky * y1 + w->kz * z1;
      vw p0 = vw_load(at) + __builtin_convertvector(t0, vw);
      vw p1 = vw_load(at + FLOAT_WIDTH) + __builtin_convertvector(t1, vw);
      vw_store(at, p0), vw_store(at + FLOAT_WIDTH, p1);
      vf c0 = vf_cos_fixed(p0), c1 = vf_cos_fixed(p1);
      bx0 += w->ax * c0, bx1 += w->ax * c1;
      by0 += w->ay * c0, by1 += w->ay * c1;
      bz0 += w->az * c0, bz1 += w->az * c1;
    }
    vf_store(bx, bx0), vf_store(by, by0), vf_store(bz, bz0);
    vf_store(bx + FLOAT_WIDTH, bx1), vf_store(by + FLOAT_WIDTH, by1), vf_store(bz + FLOAT_WIDTH, bz1);
  }
}

#endif
