/* Fields of a kinetic plasma on the nodes of a brick with two more nodes at every side: fourth-order differences, Ohm's
 * law (docs/physics.md 16.5). Values are those of separately rounded operations, so that a node has the same bits
 * wherever a brick, or a vector of the loop, begins. */
#ifndef HPCMM_HYBRID_FIELDS_H
#define HPCMM_HYBRID_FIELDS_H

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#elif defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#define HALO 2

typedef struct {
  int64_t nodes[3];
  double inverse[3]; /* 1 / (12 spacing) */
} Nodes;

/* Law of Ohm at one moment. */
typedef struct {
  double square[3];  /* L_i^2 / J: from B~ to what is differentiated */
  double lift[3];    /* L_i / J: from its curl to curl B; from B~ to B */
  double length[3];  /* L_i */
  double volume;     /* J */
  double T_e, resistivity;
  int lifted;        /* 1: L_i (E + resistivity curl B)_i, of the induction equation; 0: E */
} Ohm;

static inline double slope(const double *f, int64_t s, double a) { return a * (8 * (f[s] - f[-s]) - (f[2 * s] - f[-2 * s])); }

#define EVERY_NODE(g) \
  const int64_t sz = 1, sy = (g)->nodes[2] + 2 * HALO, sx = sy * ((g)->nodes[1] + 2 * HALO); \
  const int64_t volume = sx * ((g)->nodes[0] + 2 * HALO); \
  const double ax = (g)->inverse[0], ay = (g)->inverse[1], az = (g)->inverse[2]; \
  (void)volume, (void)ax, (void)ay, (void)az; \
  for (int64_t i = HALO; i < (g)->nodes[0] + HALO; i++) \
    for (int64_t j = HALO; j < (g)->nodes[1] + HALO; j++) \
      for (int64_t q = i * sx + j * sy + HALO; q < i * sx + j * sy + HALO + (g)->nodes[2]; q++)

static void curl_of(const Nodes *g, const double *restrict f, double *restrict out) {
  EVERY_NODE(g) {
    const double *x = f + q, *y = x + volume, *z = y + volume;
    out[q] = slope(z, sy, ay) - slope(y, sz, az);
    out[q + volume] = slope(x, sz, az) - slope(z, sx, ax);
    out[q + 2 * volume] = slope(y, sx, ax) - slope(x, sy, ay);
  }
}

static void gradient_of(const Nodes *g, const double *restrict f, double *restrict out) {
  EVERY_NODE(g) {
    out[q] = slope(f + q, sx, ax), out[q + volume] = slope(f + q, sy, ay), out[q + 2 * volume] = slope(f + q, sz, az);
  }
}

static void divergence_of(const Nodes *g, const double *restrict f, double *restrict out) {
  EVERY_NODE(g) {
    const double *x = f + q, *y = x + volume, *z = y + volume;
    out[q] = (slope(x, sx, ax) + slope(y, sy, ay)) + slope(z, sz, az);
  }
}

/* density n' and flow (n u)' as deposited, J of them the box's volume; slopes: gradient of ln n in the box's lengths */
static void ohm_of(const Nodes *g, const Ohm *o, const double *restrict b, const double *restrict density,
                   const double *restrict flow, const double *restrict slopes, double *restrict out) {
  const double *s = o->square, *l = o->lift, per = 1 / o->volume;
  EVERY_NODE(g) {
    const double *x = b + q, *y = x + volume, *z = y + volume;
    const double jx = l[0] * (s[2] * slope(z, sy, ay) - s[1] * slope(y, sz, az));
    const double jy = l[1] * (s[0] * slope(x, sz, az) - s[2] * slope(z, sx, ax));
    const double jz = l[2] * (s[1] * slope(y, sx, ax) - s[0] * slope(x, sy, ay));
    const double r = 1 / (per * density[q]);
    const double vx = (jx - per * flow[q]) * r, vy = (jy - per * flow[q + volume]) * r,
                 vz = (jz - per * flow[q + 2 * volume]) * r;
    const double bx = l[0] * x[0], by = l[1] * y[0], bz = l[2] * z[0];
    double ex = (vy * bz - vz * by) - o->T_e * slopes[q] / o->length[0];
    double ey = (vz * bx - vx * bz) - o->T_e * slopes[q + volume] / o->length[1];
    double ez = (vx * by - vy * bx) - o->T_e * slopes[q + 2 * volume] / o->length[2];
    if (o->lifted) {
      ex = o->length[0] * (ex + o->resistivity * jx), ey = o->length[1] * (ey + o->resistivity * jy);
      ez = o->length[2] * (ez + o->resistivity * jz);
    }
    out[q] = ex, out[q + volume] = ey, out[q + 2 * volume] = ez;
  }
}

/* Give the outer nodes along an axis the values of the other end, of several fields. */
static void wrap_of(const Nodes *g, double *fields, int64_t count, int axis) {
  const int64_t n[3] = {g->nodes[0] + 2 * HALO, g->nodes[1] + 2 * HALO, g->nodes[2] + 2 * HALO};
  const int64_t step[3] = {n[1] * n[2], n[2], 1}, inner = g->nodes[axis], volume = n[0] * n[1] * n[2];
  const int64_t a = axis == 0 ? 1 : 0, b = axis == 2 ? 1 : 2;
  for (int64_t c = 0; c < count; c++)
    for (int64_t i = 0; i < n[a]; i++)
      for (int h = 0; h < HALO; h++) {
        /* node h, and node inner + HALO + h, by the inner node that stands for it */
        const int64_t low = HALO + ((h - HALO) % inner + inner) % inner, high = HALO + h % inner;
        double *row = fields + c * volume + i * step[a];
        double *to = row + h * step[axis], *far = row + (inner + HALO + h) * step[axis];
        const double *one = row + low * step[axis], *other = row + high * step[axis];
        for (int64_t j = 0; j < n[b]; j++) to[j * step[b]] = one[j * step[b]], far[j * step[b]] = other[j * step[b]];
      }
}

/* 1-2-1 along an axis, on inner nodes and one more along the axes that follow. */
static void smooth_axis(const Nodes *g, const double *restrict f, double *restrict out, int axis) {
  const int64_t n[3] = {g->nodes[0] + 2 * HALO, g->nodes[1] + 2 * HALO, g->nodes[2] + 2 * HALO};
  const int64_t s = axis == 0 ? n[1] * n[2] : axis == 1 ? n[2] : 1, more = axis < 1, most = axis < 2;
  for (int64_t i = HALO; i < n[0] - HALO; i++)
    for (int64_t j = HALO - more; j < n[1] - HALO + more; j++)
      for (int64_t q = (i * n[1] + j) * n[2] + HALO - most; q < (i * n[1] + j) * n[2] + n[2] - HALO + most; q++)
        out[q] = 0.25 * ((f[q - s] + f[q + s]) + 2 * f[q]);
}

/* 1-2-1 along every axis, of inner nodes: `work` is as large as a field. Along an axis of one node it changes nothing. */
static void smooth_of(const Nodes *g, double *fields, int64_t count, double *work) {
  const int64_t volume = (g->nodes[0] + 2 * HALO) * (g->nodes[1] + 2 * HALO) * (g->nodes[2] + 2 * HALO);
  for (int64_t c = 0; c < count; c++) {
    double *from = fields + c * volume, *to = work;
    for (int axis = 0; axis < 3; axis++) {
      if (g->nodes[axis] == 1) continue;
      smooth_axis(g, from, to, axis);
      double *other = from;
      from = to, to = other;
    }
    if (from == work) memcpy(fields + c * volume, work, 8 * (size_t)volume);
  }
}

/* out = a + factor b on inner nodes, of three components. */
static void combine_of(const Nodes *g, const double *a, double factor, const double *b, double *out) {
  EVERY_NODE(g) {
    for (int c = 0; c < 3; c++) out[q + c * volume] = a[q + c * volume] + factor * b[q + c * volume];
  }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif

#endif
