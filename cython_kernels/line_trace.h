/* Magnetic field lines of plane waves, GROUP of them at a time (docs/physics.md 17.2). A cell of length ds is crossed by
 * one evaluation of the field, at its middle; where that lies is extrapolated from the directions of the two cells
 * before, so that places err by O(ds^2). */
#ifndef HPCMM_LINE_TRACE_H
#define HPCMM_LINE_TRACE_H

#include "single_waves.h"

/* place since the origin, where phases are anchored, directions at the last two middles; rows of vectors */
typedef struct { double x[3][GROUP], anchor[3][GROUP], before[3][GROUP], last[3][GROUP]; } LineEnds;

/* Phases at the present places, formed exactly; [wave][lane]. */
static void line_anchor(int64_t waves, const Wave *wave, const double *origin, LineEnds *at, double *phase) {
  memcpy(at->anchor, at->x, sizeof at->x);
  for (int64_t n = 0; n < waves; n++) {
    const Wave *w = wave + n;
    for (int j = 0; j < GROUP; j += HPCMM_WIDTH) {
      vd sum = vd_set(w->phase);
      const double k[3] = {w->kx, w->ky, w->kz};
      for (int c = 0; c < 3; c++)
        sum += turn_of_product(k[c], vd_load(origin + c * GROUP + j)) + turn_of_product(k[c], vd_load(at->x[c] + j));
      vd_store(phase + n * GROUP + j, vd_turn(sum) + TURN_SHIFT);
    }
  }
}

/* B at displacements d from the anchor, three rows; two waves at a time hide the latency of the polynomial. */
static void line_field(int64_t waves, const SingleWave *restrict wave, const double *restrict phase,
                       const double *restrict d, double *restrict b) {
  Displaced at;
  for (int half = 0; half < 2; half++, d += HPCMM_WIDTH)
    at.x[half] = vd_load(d), at.y[half] = vd_load(d + GROUP), at.z[half] = vd_load(d + 2 * GROUP);
  memset(b, 0, 3 * GROUP * sizeof *b);
  for (int64_t first = 0; first < waves; first += SINGLE_TILE) {
    int64_t last = first + SINGLE_TILE < waves ? first + SINGLE_TILE : waves, n = first;
    vf bx0 = {0}, by0 = {0}, bz0 = {0}, bx1 = {0}, by1 = {0}, bz1 = {0};
    for (; n + 1 < last; n += 2) {
      const SingleWave *v = wave + n, *w = v + 1;
      vf c0 = single_cosine(v, phase + n * GROUP, &at), c1 = single_cosine(w, phase + (n + 1) * GROUP, &at);
      bx0 += v->ax * c0, bx1 += w->ax * c1;
      by0 += v->ay * c0, by1 += w->ay * c1;
      bz0 += v->az * c0, bz1 += w->az * c1;
    }
    if (n < last) {
      vf c0 = single_cosine(wave + n, phase + n * GROUP, &at);
      bx0 += wave[n].ax * c0, by0 += wave[n].ay * c0, bz0 += wave[n].az * c0;
    }
    vf_add_to(b, bx0 + bx1), vf_add_to(b + GROUP, by0 + by1), vf_add_to(b + 2 * GROUP, bz0 + bz1);
  }
}

/* |B| and direction from B, in place. */
static void line_direction(double *b, double *strength) {
  for (int j = 0; j < GROUP; j += HPCMM_WIDTH) {
    vd x = vd_load(b + j), y = vd_load(b + GROUP + j), z = vd_load(b + 2 * GROUP + j);
    vd size = vd_sqrt(x * x + y * y + z * z) + 1e-30; /* at a null the line stays where it is */
    vd_store(strength + j, size);
    vd_store(b + j, x / size), vd_store(b + GROUP + j, y / size), vd_store(b + 2 * GROUP + j, z / size);
  }
}

/* Cross one cell of length ds, negative against the field; |B| at its middle. */
static void line_cell(int64_t waves, const SingleWave *wave, const double *phase, double ds, LineEnds *at,
                      double *strength) {
  double d[3 * GROUP] __attribute__((aligned(64))), b[3 * GROUP] __attribute__((aligned(64)));
  for (int c = 0; c < 3; c++)
    for (int j = 0; j < GROUP; j += HPCMM_WIDTH) {
      vd last = vd_load(at->last[c] + j), ahead = last + 0.75 * (last - vd_load(at->before[c] + j));
      vd_store(d + c * GROUP + j, vd_load(at->x[c] + j) - vd_load(at->anchor[c] + j) + 0.5 * ds * ahead);
    }
  line_field(waves, wave, phase, d, b);
  line_direction(b, strength);
  memcpy(at->before, at->last, sizeof at->last);
  memcpy(at->last, b, sizeof b);
  for (int c = 0; c < 3; c++)
    for (int j = 0; j < GROUP; j += HPCMM_WIDTH)
      vd_store(at->x[c] + j, vd_load(at->x[c] + j) + ds * vd_load(b + c * GROUP + j));
}

/* Put all ends to the middles of their lines. */
static void line_begin(int64_t waves, const Wave *wave, const SingleWave *single, const double *origin, LineEnds *at,
                       double *phase) {
  double strength[GROUP] __attribute__((aligned(64))), b[3 * GROUP] __attribute__((aligned(64)));
  memset(at->x, 0, sizeof at->x);
  line_anchor(waves, wave, origin, at, phase);
  line_field(waves, single, phase, at->x[0], b); /* at x = 0, which is also the displacement from the anchor */
  line_direction(b, strength);
  memcpy(at->last, b, sizeof b);
  memcpy(at->before, b, sizeof b);
}

#endif
