/* Moments over lags from every origin along a track: the order-n algorithm of Dubbeldam et al. 2009 (Phys. Rev. E 79,
 * 011705), a hierarchy of rings of points.
 *
 * Level i keeps the last LAG_POINTS points of every 2^i-th base interval. A new point of a level meets those
 * LAG_POINTS/2 + 1 ... LAG_POINTS intervals back (on level 0 all), so that lags lie four an octave and origins an
 * eighth to a fifth of the lag apart. Points are places and directions, not averages: every lag is exact. */
#ifndef HPCMM_LAGS_H
#define HPCMM_LAGS_H

#include "block.h"

#define LAG_LEVELS 10
#define LAG_POINTS 8
#define LAG_ROWS 6 /* x y z, direction */
#define LAG_COUNT (LAG_POINTS + (LAG_LEVELS - 1) * LAG_POINTS / 2)
#define LAG_COLUMNS 25 /* count; dx_i dx_j: xx yy zz xy xz yz; n_i(0) n_j(t): row by row; n_i(0) dx_j(t): likewise */
#define LAG_POINT_SIZE (LAG_ROWS * HPCMM_LANES)

typedef struct {
  double *ring;   /* [level][point][row][lane] */
  double *sums;   /* [lag][column] */
  int64_t points; /* base points since the first one */
} Lags;

/* Sums over the active lanes of one pair of points, those that are lost (NaN) left out, added to a lag's row in order of lane within a vector. */
static inline void lags_pair(const Block *p, const double *old, double *row) {
  vd s[LAG_COLUMNS - 1];
  int count = p->active;
  for (int c = 0; c < LAG_COLUMNS - 1; c++) s[c] = vd_set(0.0);
  for (int j = 0; j < HPCMM_LANES && j < p->active; j += HPCMM_WIDTH) {
    vd d[3] = {vd_load(p->x + j) - vd_load(old + j), vd_load(p->y + j) - vd_load(old + HPCMM_LANES + j),
               vd_load(p->z + j) - vd_load(old + 2 * HPCMM_LANES + j)};
    vd m[3] = {vd_load(old + 3 * HPCMM_LANES + j), vd_load(old + 4 * HPCMM_LANES + j),
               vd_load(old + 5 * HPCMM_LANES + j)};
    vd n[3] = {vd_load(p->nx + j), vd_load(p->ny + j), vd_load(p->nz + j)};
    vi lost = n[0] != n[0];
    if (__builtin_expect(vi_bits(lost) != 0, 0)) {
      for (int l = 0; l < HPCMM_WIDTH && l < p->active - j; l++) count -= lost[l] != 0;
      for (int a = 0; a < 3; a++) {
        d[a] = vd_where(lost, vd_set(0.0), d[a]);
        m[a] = vd_where(lost, vd_set(0.0), m[a]);
        n[a] = vd_where(lost, vd_set(0.0), n[a]);
      }
    }
    if (p->active - j < HPCMM_WIDTH)
      for (int l = p->active - j; l < HPCMM_WIDTH; l++)
        for (int a = 0; a < 3; a++) d[a][l] = m[a][l] = 0.0;
    s[0] += d[0] * d[0];
    s[1] += d[1] * d[1];
    s[2] += d[2] * d[2];
    s[3] += d[0] * d[1];
    s[4] += d[0] * d[2];
    s[5] += d[1] * d[2];
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) {
        s[6 + 3 * a + b] += m[a] * n[b];
        s[15 + 3 * a + b] += m[a] * d[b];
      }
  }
  row[0] += count;
  for (int c = 0; c < LAG_COLUMNS - 1; c++)
    for (int l = 0; l < HPCMM_WIDTH; l++) row[c + 1] += s[c][l];
}

static inline void lags_take(Lags *a, const Block *p) {
  int64_t k = a->points++;
  for (int level = 0; level < LAG_LEVELS && (k & (((int64_t)1 << level) - 1)) == 0; level++) {
    int64_t q = k >> level;
    double *ring = a->ring + (int64_t)level * LAG_POINTS * LAG_POINT_SIZE;
    int first = level == 0 ? 1 : LAG_POINTS / 2 + 1;
    double *rows = a->sums + (level == 0 ? 0 : LAG_POINTS + (level - 1) * (LAG_POINTS / 2)) * LAG_COLUMNS;
    for (int j = first; j <= LAG_POINTS && j <= q; j++)
      lags_pair(p, ring + ((q - j) % LAG_POINTS) * LAG_POINT_SIZE, rows + (j - first) * LAG_COLUMNS);
    double *now = ring + (q % LAG_POINTS) * LAG_POINT_SIZE;
    memcpy(now, p->x, HPCMM_LANES * sizeof(double));
    memcpy(now + HPCMM_LANES, p->y, HPCMM_LANES * sizeof(double));
    memcpy(now + 2 * HPCMM_LANES, p->z, HPCMM_LANES * sizeof(double));
    memcpy(now + 3 * HPCMM_LANES, p->nx, HPCMM_LANES * sizeof(double));
    memcpy(now + 4 * HPCMM_LANES, p->ny, HPCMM_LANES * sizeof(double));
    memcpy(now + 5 * HPCMM_LANES, p->nz, HPCMM_LANES * sizeof(double));
  }
}

#endif
