/* Finds places inside shapes on a cubic lattice of unit period, centred on its points (docs/physics.md 8.1). */
#ifndef HPCMM_MORPHOLOGY_H
#define HPCMM_MORPHOLOGY_H

#include "simd.h"

typedef enum { LAYERS, CUBES, SPHERES } Morphology;

/* Places in periods, |x| < 2^51; half_size is half the thickness, half the edge, the radius. */
static inline vi in_shape(Morphology shape, double half_size, vd x, vd y, vd z) {
  vd a = vd_abs(vd_turn(x)), b = vd_abs(vd_turn(y)), c = vd_abs(vd_turn(z));
  if (shape == LAYERS) return (vi)(a < half_size);
  if (shape == CUBES) return (vi)(a < half_size) & (vi)(b < half_size) & (vi)(c < half_size);
  return (vi)(a * a + b * b + c * c < half_size * half_size);
}

#endif
