/* Plane waves along lock-step tracks, each summed as often as it needs: fast waves at every step (float_waves.h), slow
 * ones as local Taylor polynomials (taylor.h) refreshed once in their level's period. The schedule follows the step
 * number alone (docs/physics.md 2.6). */
#ifndef HPCMM_MULTIRATE_H
#define HPCMM_MULTIRATE_H

#include "taylor.h"

/* Waves that share a refresh period. `merged` holds this level's polynomial and all slower ones', at `place`. */
typedef struct {
  int64_t period, waves, first; /* first: index of its first wave among the slow ones */
  double ahead;                 /* distance of the anchor along the direction of flight [pc] */
  double *place;                /* 3 rows of lanes: displacement of the anchor [pc] */
  float *merged;                /* TAYLOR_ROWS rows of lanes */
} Level;

typedef struct {
  int64_t fast, slow, levels;
  const Wave *wave;          /* fast ones first, then the slow ones by level, slowest level first */
  const FloatWave *fast_wave;
  int32_t *fast_phase;       /* [group of lanes][wave][lane] */
  const float *slow_k;       /* rows of 4, turns per pc */
  int32_t *slow_phase;       /* [wave][lane], at the chunk's anchor */
  const float *weight;       /* TAYLOR_ROWS a slow wave */
  Level *level;
  double step;               /* pc */
  double *start;             /* 3 rows: displacement at the chunk's anchor */
  double *last;              /* 3 rows: displacement at the latest evaluation */
  int64_t first_step;        /* step number of the chunk's anchor */
} Multirate;

static inline void copy_place(const Block *p, double *rows) {
  memcpy(rows, p->x, HPCMM_LANES * sizeof(double));
  memcpy(rows + HPCMM_LANES, p->y, HPCMM_LANES * sizeof(double));
  memcpy(rows + 2 * HPCMM_LANES, p->z, HPCMM_LANES * sizeof(double));
}

static void multirate_anchor(Multirate *m, const Block *p) {
  m->first_step = p->step;
  copy_place(p, m->start);
  copy_place(p, m->last);
  for (int64_t n = 0; n < m->fast + m->slow; n++) {
    double turns[HPCMM_LANES] __attribute__((aligned(64)));
    wave_turns(m->wave + n, p, turns);
    for (int j = 0; j < HPCMM_LANES; j++) {
      int32_t fixed = (int32_t)(int64_t)__builtin_rint(turns[j] * 4294967296.0);
      if (n < m->fast)
        m->fast_phase[(j / FLOAT_GROUP * m->fast + n) * FLOAT_GROUP + j % FLOAT_GROUP] = fixed;
      else
        m->slow_phase[(n - m->fast) * HPCMM_LANES + j] = fixed;
    }
  }
}

/* float difference of two places, in units of `unit` */
static inline vf apart(const double *a, const double *b, double per_unit) {
  vf d;
  for (int i = 0; i < FLOAT_WIDTH; i++) d[i] = (float)((a[i] - b[i]) * per_unit);
  return d;
}

static void refresh(const Multirate *m, int64_t l, const Block *p) {
  Level *level = m->level + l;
  const double *at[3] = {p->x, p->y, p->z}, *n[3] = {p->nx, p->ny, p->nz};
  for (int c = 0; c < 3; c++)
    for (int j = 0; j < HPCMM_LANES; j++) level->place[c * HPCMM_LANES + j] = at[c][j] + level->ahead * n[c][j];
  for (int j = 0; j < HPCMM_LANES; j += FLOAT_WIDTH) {
    float *q = level->merged + j;
    const double *place = level->place + j, *start = m->start + j;
    if (l == 0) {
      for (int t = 0; t < TAYLOR_ROWS; t++) vf_store(q + t * HPCMM_LANES, (vf){0});
    } else {
      const Level *slower = level - 1;
      const double *from = slower->place + j;
      for (int t = 0; t < TAYLOR_ROWS; t++) vf_store(q + t * HPCMM_LANES, vf_load(slower->merged + j + t * HPCMM_LANES));
      taylor_shift(q, HPCMM_LANES, apart(place, from, 1 / m->step),
                   apart(place + HPCMM_LANES, from + HPCMM_LANES, 1 / m->step),
                   apart(place + 2 * HPCMM_LANES, from + 2 * HPCMM_LANES, 1 / m->step));
    }
    taylor_add_waves(q, HPCMM_LANES, level->waves, m->slow_k + 4 * level->first,
                     m->slow_phase + level->first * HPCMM_LANES + j, HPCMM_LANES,
                     m->weight + level->first * TAYLOR_ROWS, apart(place, start, 1.0),
                     apart(place + HPCMM_LANES, start + HPCMM_LANES, 1.0),
                     apart(place + 2 * HPCMM_LANES, start + 2 * HPCMM_LANES, 1.0));
  }
}

static void multirate_add(Multirate *m, const Block *p, double *b) {
  float d[3 * HPCMM_LANES] __attribute__((aligned(64))), sum[3 * HPCMM_LANES] __attribute__((aligned(64)));
  const double *at[3] = {p->x, p->y, p->z};
  for (int c = 0; c < 3; c++)
    for (int j = 0; j < HPCMM_LANES; j++) d[c * HPCMM_LANES + j] = (float)(at[c][j] - m->last[c * HPCMM_LANES + j]);
  copy_place(p, m->last);
  float_waves_step(m->fast, m->fast_wave, m->fast_phase, d, sum);
  if (m->levels) {
    int64_t since = p->step - m->first_step;
    for (int64_t l = 0; l < m->levels; l++)
      if (since % m->level[l].period == 0) refresh(m, l, p);
    const Level *fastest = m->level + m->levels - 1;
    for (int j = 0; j < HPCMM_LANES; j += FLOAT_WIDTH) {
      const double *place = fastest->place + j;
      vf x = apart(p->x + j, place, 1 / m->step), y = apart(p->y + j, place + HPCMM_LANES, 1 / m->step);
      vf z = apart(p->z + j, place + 2 * HPCMM_LANES, 1 / m->step);
      for (int c = 0; c < 3; c++) {
        const float *q = fastest->merged + c * TAYLOR_TERMS * HPCMM_LANES + j;
        float *total = sum + c * HPCMM_LANES + j;
        vf_store(total, vf_load(total) + taylor_value(q, HPCMM_LANES, x, y, z));
      }
    }
  }
  for (int i = 0; i < 3 * HPCMM_LANES; i++) b[i] += sum[i];
}

#endif
