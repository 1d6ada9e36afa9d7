/* Loops of the spectral MHD solver over one type of numbers. Included by mhd.h once a type, with
 * REAL   the type, VECTOR and LANES its vector, MASK what comparisons of vectors give, SWAPPED(a) real and imaginary parts exchanged, NAME(x) x of this type.
 * Every row of modes is padded to whole vectors, so that a mode has the same bits wherever ranks cut the cube. */

static inline VECTOR NAME(load)(const REAL *p) {
  VECTOR a;
  memcpy(&a, p, sizeof a);
  return a;
}
static inline VECTOR NAME(where)(MASK holds, VECTOR a, VECTOR b) {
  return (VECTOR)((holds & (MASK)a) | (~holds & (MASK)b));
}
static inline void NAME(put)(REAL *p, VECTOR a, int64_t room) {
  memcpy(p, &a, room < LANES ? (size_t)room * sizeof(REAL) : sizeof a);
}

/* out = p q - r s; inputs have room for whole vectors */
static void NAME(difference)(REAL *out, const REAL *p, const REAL *q, const REAL *r, const REAL *s, int64_t n) {
  for (int64_t m = 0; m < n; m += LANES) {
    VECTOR a = NAME(load)(p + m) * NAME(load)(q + m) - NAME(load)(r + m) * NAME(load)(s + m);
    NAME(put)(out + m, a, n - m);
  }
}

/* out = (u u - b b) - (w w - c c), with u, b one component and w, c the last of velocity and field */
static void NAME(trace_free)(REAL *out, const REAL *u, const REAL *b, const REAL *w, const REAL *c, int64_t n) {
  for (int64_t m = 0; m < n; m += LANES) {
    VECTOR p = NAME(load)(u + m), q = NAME(load)(b + m), r = NAME(load)(w + m), s = NAME(load)(c + m);
    NAME(put)(out + m, (p * p - q * q) - (r * r - s * s), n - m);
  }
}

/* largest |u| + |b|, |u|, |b| of points; every field has stride numbers, n of them points, the rest 0 */
static void NAME(speeds)(const REAL *fields, int64_t stride, double *found) {
  VECTOR most = {0}, most_u = {0}, most_b = {0}, bad = {0};
  for (int64_t m = 0; m < stride; m += LANES) {
    VECTOR f[6], u, b, sum;
    for (int c = 0; c < 6; c++) f[c] = NAME(load)(fields + c * stride + m);
    u = f[0] * f[0] + f[1] * f[1] + f[2] * f[2];
    b = f[3] * f[3] + f[4] * f[4] + f[5] * f[5];
    for (int i = 0; i < LANES; i++) u[i] = ROOT(u[i]), b[i] = ROOT(b[i]);
    sum = u + b;
    bad += sum - sum; /* 0, or nan where a number is not finite */
    most = NAME(where)(sum > most, sum, most);
    most_u = NAME(where)(u > most_u, u, most_u);
    most_b = NAME(where)(b > most_b, b, most_b);
  }
  found[0] = found[1] = found[2] = 0.0;
  for (int i = 0; i < LANES; i++) {
    if (most[i] > found[0]) found[0] = most[i];
    if (most_u[i] > found[1]) found[1] = most_u[i];
    if (most_b[i] > found[2]) found[2] = most_b[i];
  }
  for (int i = 0; i < LANES; i++) found[0] += bad[i];
}

/* One stage of a low-storage Runge-Kutta step with integrating factor, for all modes of this rank:
 *   g = A g + dt rhs,  q = q + B g,  then both times exp(-nu k^2 d)
 * rhs of u: -i P (k . S), of b: i k x E, from transformed products S_xx, S_yy (less S_zz), S_xy, S_xz, S_yz, E_x, E_y, E_z.
 * The exponentials are products of one factor an axis; modes beyond the truncation have a factor 0. */
static void NAME(stage)(const REAL *products, REAL *q, REAL *g, const NAME(Modes) *m, REAL A, REAL B, REAL dt) {
  const int64_t row = m->row, block = m->planes * m->rows * row;
  VECTOR minus_i, plus_i;
  for (int i = 0; i < LANES; i++) minus_i[i] = i % 2 ? -dt : dt, plus_i[i] = i % 2 ? dt : -dt;
  for (int64_t plane = 0; plane < m->planes; plane++)
    for (int64_t line = 0; line < m->rows; line++) {
      const REAL z = m->k[0][plane], y = m->k[1][line];
      const REAL u_zy = m->decay_u[0][plane] * m->decay_u[1][line];
      const REAL b_zy = m->decay_b[0][plane] * m->decay_b[1][line];
      const int64_t first = (plane * m->rows + line) * row;
      for (int64_t j = 0; j < row; j += LANES) {
        const int64_t at = first + j;
        VECTOR x = NAME(load)(m->k[2] + j), k2 = x * x + (y * y + z * z), t[8], r[6];
        VECTOR inverse = 1 / NAME(where)(k2 > 0, k2, k2 + 1);
        for (int c = 0; c < 8; c++) t[c] = NAME(load)(products + c * block + at);
        VECTOR a = x * t[0] + y * t[2] + z * t[3];
        VECTOR b = x * t[2] + y * t[1] + z * t[4];
        VECTOR c = x * t[3] + y * t[4];
        VECTOR p = (x * a + y * b + z * c) * inverse;
        r[0] = SWAPPED(a - x * p) * minus_i;
        r[1] = SWAPPED(b - y * p) * minus_i;
        r[2] = SWAPPED(c - z * p) * minus_i;
        r[3] = SWAPPED(y * t[7] - z * t[6]) * plus_i;
        r[4] = SWAPPED(z * t[5] - x * t[7]) * plus_i;
        r[5] = SWAPPED(x * t[6] - y * t[5]) * plus_i;
        VECTOR u_decay = NAME(load)(m->decay_u[2] + j) * u_zy, b_decay = NAME(load)(m->decay_b[2] + j) * b_zy;
        for (int i = 0; i < 6; i++) {
          REAL *here_q = q + i * block + at, *here_g = g + i * block + at;
          VECTOR decay = i < 3 ? u_decay : b_decay, v = A * NAME(load)(here_g) + r[i];
          NAME(put)(here_q, decay * (NAME(load)(here_q) + B * v), LANES);
          NAME(put)(here_g, decay * v, LANES);
        }
      }
    }
}
