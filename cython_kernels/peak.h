/* Vector multiply-adds on registers only; their rate is the roof of every kernel. */
#ifndef HPCMM_PEAK_H
#define HPCMM_PEAK_H

#include "simd.h"

#define PEAK_CHAINS 16 /* independent chains: more than latency (4) times ports (2), fewer than registers */

static double multiply_add_chains(int64_t rounds) {
  vd x[PEAK_CHAINS], a = vd_set(0.999999), b = vd_set(1e-9), sum = vd_set(0.0);
  for (int i = 0; i < PEAK_CHAINS; i++) x[i] = vd_set(1.0 + i);
  for (int64_t r = 0; r < rounds; r++)
    for (int i = 0; i < PEAK_CHAINS; i++) x[i] = x[i] * a + b;
  for (int i = 0; i < PEAK_CHAINS; i++) sum += x[i];
  return sum[0];
}

#endif
