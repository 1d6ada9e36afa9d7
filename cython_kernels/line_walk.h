/* Cosmic rays on tabulated field lines: magnetic moment conserved but for diffusion of the pitch angle
 * (docs/physics.md 17.3, 12.4). */
#ifndef HPCMM_LINE_WALK_H
#define HPCMM_LINE_WALK_H

#include "philox.h"

/* 2^y for |y| < 1000: y = n + f with |f| <= 1/2, Taylor series of 2^f; relative error 5e-9 */
static inline vd vd_exp2(vd y) {
  vd shifted = y + HPCMM_NO_FRACTION, f = (y - (shifted - HPCMM_NO_FRACTION)) * 0.693147180559945309417;
  vd r = vd_set(1.0 / 5040);
  r = r * f + 1.0 / 720;
  r = r * f + 1.0 / 120;
  r = r * f + 1.0 / 24;
  r = r * f + 1.0 / 6;
  r = r * f + 0.5;
  r = r * f + 1.0;
  r = r * f + 1.0;
  return (vd)((vi)r + ((vi)shifted << 52));
}

static inline vd vd_at_least(vd a, double least) { return vd_where(a < least, vd_set(least), a); }

/* 64 bits at base + 4 index bytes: two neighbouring floats */
static inline vu vu_gather_pair(const float *base, vi index) {
#if defined(__AVX512F__)
  return (vu)_mm512_i64gather_epi64((__m512i)index, base, 4);
#else
  vu r;
  for (int i = 0; i < HPCMM_WIDTH; i++) {
    uint64_t word;
    memcpy(&word, base + index[i], sizeof word);
    r[i] = word;
  }
  return r;
#endif
}

static inline vd vd_gather(const double *base, vi index) {
#if defined(__AVX512F__)
  return (vd)_mm512_i64gather_pd((__m512i)index, base, 8);
#else
  vd r;
  for (int i = 0; i < HPCMM_WIDTH; i++) r[i] = base[index[i]];
  return r;
#endif
}

/* single precision, normal or zero and not negative, to double by its bits */
static inline vd double_of_bits(vu word) {
  vd r = (vd)((word << 29) + 0x3800000000000000u);
  return vd_where((vi)(word == 0), vd_set(0.0), r);
}

typedef struct {
  const float *strength; /* |B|/B_rms at middles of cells; lines lie where WALK_LINE says */
  int64_t cells;         /* of a line; its middle is s = 0 */
  double ds, dt;         /* cell and step, c = 1 */
  const double *slopes;  /* node -> D and its slope of |mu|, at |B| = B_rms; without scattering at node 0 */
  int64_t nodes;
  double index;          /* D ~ |B|^-index */
  double least_B;        /* |B|/B_rms below which D does not rise any more */
  double nu_kick, B_star; /* decay rate of directions by kicks, where |B| >= B_star */
  uint64_t key;
} LineWalk;

/* rows of the state: place along the line, pitch-angle cosine, |B| there, first cell of the particle's line in the table,
 * reflections at its ends */
enum { WALK_S, WALK_MU, WALK_B, WALK_LINE, WALK_HITS, WALK_ROWS };

/* |B| at places s, linear between middles of cells; `out` has lanes beyond an end set */
static inline vd walk_strength(const LineWalk *p, vd s, vd line, vi *out) {
  vd at = s * (1 / p->ds) + 0.5 * (double)p->cells - 0.5;
  *out = (at < -0.5) | (at > (double)p->cells - 0.5);
  vd most = vd_set((double)p->cells - 2.0);
  at = vd_where(at < 0, vd_set(0.0), at);
  vd whole = (at - 0.5 + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION; /* floor, or one less at whole numbers */
  whole = vd_where(whole < 0, vd_set(0.0), vd_where(whole > most, most, whole));
  vd share = at - whole;
  share = vd_where(share > 1.0, vd_set(1.0), share);
  vi index = (vi)(whole + line + HPCMM_NO_FRACTION) - (vi)vd_set(HPCMM_NO_FRACTION);
  vu pair = vu_gather_pair(p->strength, index);
  vd left = double_of_bits(pair & 0xFFFFFFFFu), right = double_of_bits(pair >> 32);
  return left + share * (right - left);
}

/* Pitch angles after a step of diffusion, Ito: mu += D' dt + sqrt(2 D dt) xi, xi uniform of variance 1. */
static inline vd walk_scatter(const LineWalk *p, vd mu, vd b, vd xi) {
  vd size = vd_abs(mu), at = size * (double)p->nodes;
  vd whole = (at - 0.5 + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION;
  whole = vd_where(whole < 0, vd_set(0.0), vd_where(whole > p->nodes - 1.0, vd_set(p->nodes - 1.0), whole));
  vi index = ((vi)(whole + HPCMM_NO_FRACTION) - (vi)vd_set(HPCMM_NO_FRACTION)) << 1;
  vd slope = vd_gather(p->slopes + 1, index);
  vd D = vd_gather(p->slopes, index) + slope * (size - whole * (1.0 / p->nodes));
  vd scale = vd_exp2(-p->index * 1.4426950408889634074 * vd_log(vd_at_least(b, p->least_B)));
  D *= scale, slope *= scale;
  if (p->nu_kick > 0) {
    vd kick = vd_where(b >= p->B_star, vd_set(p->nu_kick), vd_set(0.0));
    D += 0.5 * kick * (1.0 - size * size), slope -= kick * size;
  }
  vd next = size + slope * p->dt + vd_sqrt(2.0 * p->dt * vd_at_least(D, 0.0)) * xi;
  next = vd_where(next > 1.0, 2.0 - next, next);
  return (vd)((vi)next ^ ((vi)mu & INT64_MIN)); /* through 0 it turns round */
}

/* `steps` steps from step `first` of `lanes` particles (a multiple of HPCMM_WIDTH); rows are `stride` apart. */
static void line_walk(const LineWalk *p, double *rows, int64_t stride, int64_t lanes, int64_t first, int64_t steps) {
  for (int64_t begin = 0; begin < lanes; begin += HPCMM_LANES) {
    int64_t end = begin + HPCMM_LANES < lanes ? begin + HPCMM_LANES : lanes;
    vu words[4][HPCMM_LANES / HPCMM_WIDTH];
    for (int64_t step = first; step < first + steps; step++) {
      if (step == first || (step & 3) == 0)
        for (int64_t j = begin, v = 0; j < end; j += HPCMM_WIDTH, v++) {
          Philox4 w = philox_particles(p->key, (uint64_t)step >> 2, (uint64_t)j);
          words[0][v] = w.w0, words[1][v] = w.w1, words[2][v] = w.w2, words[3][v] = w.w3;
        }
      for (int64_t j = begin, v = 0; j < end; j += HPCMM_WIDTH, v++) {
        double *at = rows + j;
        vd s = vd_load(at), mu = vd_load(at + stride), b = vd_load(at + 2 * stride);
        vd moved = s + mu * p->dt, moment = (1.0 - mu * mu) / b;
        vi out;
        vd there = walk_strength(p, moved, vd_load(at + 3 * stride), &out);
        vd square = 1.0 - moment * there;
        vi turns = out | ~(square > 0);
        mu = vd_where(turns, -mu, vd_copysign(vd_sqrt(vd_where(turns, vd_set(0.0), square)), mu));
        s = vd_where(turns, s, moved), b = vd_where(turns, b, there);
        if (vi_bits(out)) /* rare */
          vd_store(at + WALK_HITS * stride, vd_load(at + WALK_HITS * stride) + vd_where(out, vd_set(1.0), vd_set(0.0)));
        vd xi = uniform_turn(words[step & 3][v]) * 3.4641016151377545871;
        vd_store(at, s), vd_store(at + stride, walk_scatter(p, mu, b, xi)), vd_store(at + 2 * stride, b);
      }
    }
  }
}

#endif
