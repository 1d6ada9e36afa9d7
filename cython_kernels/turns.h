/* Products of a wavenumber and a place, modulo one turn, without loss of digits. */
#ifndef HPCMM_TURNS_H
#define HPCMM_TURNS_H

#include "simd.h"

/* product k r modulo one turn, exact but for the last rounding: k r = p + e with e from a fused multiply-add */
static inline vd turn_of_product(double k, vd r) {
  vd p = k * r, e;
  __asm__("" : "+m"(p)); /* keeps the compiler from fusing k r into the subtraction below */
  for (int i = 0; i < HPCMM_WIDTH; i++) e[i] = __builtin_fma(k, r[i], -p[i]);
  /* |k r| may exceed 2^51 turns, where vd_turn does not hold */
  vd whole;
  for (int i = 0; i < HPCMM_WIDTH; i++) whole[i] = __builtin_rint(p[i]);
  return (p - whole) + vd_turn(e);
}

#endif
