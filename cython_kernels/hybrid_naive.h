/* The same step as a plain loop over markers in double precision, full f: the yardstick of `hpcmm bench`. */
#ifndef HPCMM_HYBRID_NAIVE_H
#define HPCMM_HYBRID_NAIVE_H

#include <math.h>
#include <stdint.h>

typedef struct { int64_t node[8]; double weight[8]; } Corners;

static inline Corners corners_at(const double *place, const int64_t *cells) {
  Corners c;
  int64_t low[3], high[3];
  double f[3];
  for (int d = 0; d < 3; d++) {
    low[d] = (int64_t)place[d], f[d] = place[d] - (double)low[d];
    high[d] = low[d] + 1 < cells[d] ? low[d] + 1 : 0;
  }
  for (int m = 0; m < 8; m++) {
    c.node[m] = ((m & 1 ? high[0] : low[0]) * cells[1] + (m & 2 ? high[1] : low[1])) * cells[2] + (m & 4 ? high[2] : low[2]);
    c.weight[m] = (m & 1 ? f[0] : 1 - f[0]) * (m & 2 ? f[1] : 1 - f[1]) * (m & 4 ? f[2] : 1 - f[2]);
  }
  return c;
}

static inline void deposit_at(Corners c, const double *velocity, double *moments) {
  for (int m = 0; m < 8; m++) {
    double *to = moments + 4 * c.node[m];
    to[0] += c.weight[m];
    for (int d = 0; d < 3; d++) to[1 + d] += c.weight[m] * velocity[d];
  }
}

static void naive_step(double *marker, int64_t n, const double *fields, double *minus, double *plus,
                       const int64_t *cells, double dt, const double *drift) {
  for (int64_t i = 0; i < n; i++) {
    double *x = marker + 6 * i, *v = x + 3, f[6] = {0}, b[3], p[3];
    Corners c = corners_at(x, cells);
    for (int m = 0; m < 8; m++)
      for (int a = 0; a < 6; a++) f[a] += c.weight[m] * fields[6 * c.node[m] + a];
    for (int d = 0; d < 3; d++) v[d] += 0.5 * dt * f[d], b[d] = 0.5 * dt * f[3 + d];
    for (int d = 0; d < 3; d++) p[d] = v[d] + v[(d + 1) % 3] * b[(d + 2) % 3] - v[(d + 2) % 3] * b[(d + 1) % 3];
    double twice = 2 / (1 + b[0] * b[0] + b[1] * b[1] + b[2] * b[2]);
    for (int d = 0; d < 3; d++) v[d] += twice * (p[(d + 1) % 3] * b[(d + 2) % 3] - p[(d + 2) % 3] * b[(d + 1) % 3]);
    for (int d = 0; d < 3; d++) v[d] += 0.5 * dt * f[d];
    deposit_at(c, v, minus);
    for (int d = 0; d < 3; d++) {
      x[d] += v[d] * drift[d];
      x[d] -= floor(x[d] / (double)cells[d]) * (double)cells[d];
      if (x[d] >= (double)cells[d]) x[d] = 0;
    }
    deposit_at(corners_at(x, cells), v, plus);
  }
}

#endif
