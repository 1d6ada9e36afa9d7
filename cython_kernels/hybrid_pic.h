/* Markers of a kinetic plasma, kept by cell: pushed by E and B, moved, summed into moments (docs/physics.md 16.4).
 * A cell has its markers as rows of floats [x y z u v w h][capacity]: place in the cell, 0 to 1, velocity, and -ln f at
 * load. Places beyond a cell's count hold old, finite numbers. */
#ifndef HPCMM_HYBRID_PIC_H
#define HPCMM_HYBRID_PIC_H

#include "node_sums.h"

#define ROWS 7
#define FARTHEST 0.9999f /* cells that a marker may move in a step */

typedef struct {
  int64_t cells[3], capacity;
  int64_t whole[3]; /* 1: this brick has all cells along the axis, whose ends meet */
  float *markers;   /* [cell][row][capacity] */
  int32_t *count;   /* [cell] */
  int32_t *fresh;   /* [cell]: of them, came in this step, at the end */
  float *leaving;   /* [marker][8]: rows, then the cell in the brick with a layer of cells around it, as an integer */
  int64_t left, room;
  int64_t clamped;  /* markers that would have moved too far */
  int64_t full;     /* 1 + number of a cell that had no room, or 0; -1: no room for those that leave */
  float largest[2]; /* of |W| and of |W w| so far */
} Brick;

typedef struct {
  const float *fields; /* [node][8]: dt/2 E, dt/2 B */
  int64_t *moments;    /* [node][4] */
  float drag[3];       /* factor of velocities over half a step */
  float drift[3];      /* step over the side of a cell */
  float shape[3];      /* c_i L_i^2: -ln f_0 = sum c_i (L_i w_i)^2 */
  float scale[2];      /* units of a fixed-point sum in 1, of W and of W w */
  int delta_f;
} Kick;

static inline unsigned vn_bits(vn holds) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)holds, (__m512i)holds);
#elif defined(__AVX__)
  return (unsigned)_mm256_movemask_ps((__m256)holds);
#else
  unsigned bits = 0;
  for (int i = 0; i < HPCMM_FLOATS; i++) bits |= (unsigned)(holds[i] & 1) << i;
  return bits;
#endif
}
static inline vf vf_where(vn holds, vf a, vf b) { return (vf)((holds & (vn)a) | (~holds & (vn)b)); }
static inline vf vf_max(vf a, vf b) {
#if defined(__AVX512F__)
  return (vf)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX__)
  return (vf)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return vf_where(a > b, a, b);
#endif
}
static inline vf vf_min(vf a, vf b) {
#if defined(__AVX512F__)
  return (vf)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX__)
  return (vf)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return vf_where(a < b, a, b);
#endif
}
static inline vf vf_abs(vf a) { return (vf)((vn)a & INT32_MAX); }

/* How lanes of a vector are brought to its front. */
typedef struct {
  int count;
#if defined(__AVX512F__)
  __mmask16 lanes;
#elif defined(__AVX2__)
  __m256i order;
#else
  unsigned bits;
#endif
} Packing;

#if defined(__AVX2__) && !defined(__AVX512F__)
/* [bits]: numbers of the lanes of `bits`, a byte each, from the lowest on; made by `prepare_packing`. */
static uint64_t lanes_of_bits[256];
#endif

static void prepare_packing(void) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  for (int bits = 0; bits < 256; bits++)
    for (int lane = 0, n = 0; lane < 8; lane++)
      if (bits >> lane & 1) lanes_of_bits[bits] |= (uint64_t)lane << 8 * n++;
#endif
}

static inline Packing packing_of(unsigned bits) {
  Packing p = {.count = __builtin_popcount(bits)};
#if defined(__AVX512F__)
  p.lanes = (__mmask16)bits;
#elif defined(__AVX2__)
  p.order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes_of_bits[bits]));
#else
  p.bits = bits;
#endif
  return p;
}

/* Write the packed lanes one after another. With `whole` a vector's length is written, which masked stores, that write
 * nothing beyond the lanes, take longer than. */
static inline __attribute__((always_inline)) void vf_pack(float *to, vf a, Packing p, int whole) {
#if defined(__AVX512F__)
  const __m512 packed = _mm512_maskz_compress_ps(p.lanes, (__m512)a);
  if (whole)
    _mm512_storeu_ps(to, packed);
  else
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << p.count) - 1), packed);
#elif defined(__AVX2__)
  const __m256 packed = _mm256_permutevar8x32_ps((__m256)a, p.order);
  const __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  if (whole)
    _mm256_storeu_ps(to, packed);
  else
    _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32(p.count), number), packed);
#else
  for (unsigned bits = p.bits; bits; bits &= bits - 1) *to++ = a[__builtin_ctz(bits)];
#endif
}

static inline __attribute__((always_inline)) void pack_rows(float *to, int64_t stride, const vf *row, Packing p,
                                                            int whole) {
#pragma GCC unroll 7
  for (int r = 0; r < ROWS; r++) vf_pack(to + r * stride, row[r], p, whole);
}

/* 1 - exp(a), with all digits of small a; |a| above 80 is taken as 80. */
static inline vf vf_one_less_exp(vf a) {
  a = vf_max(vf_set(-80.0f), vf_min(a, vf_set(80.0f)));
  vf n = (a * 1.44269504f + NO_FRACTION) - NO_FRACTION;
  vf r = (a - n * 0.693145752f) - n * 1.42860677e-6f;
  vf p = r * (1.0f + r * (0.5f + r * (0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
  vf two_n = (vf)((__builtin_convertvector(n, vn) + 127) << 23);
  return (1.0f - two_n) - two_n * p;
}

static inline __attribute__((always_inline)) vf weight(const Kick *k, int delta_f, vf u, vf v, vf w, vf h, vf valid) {
  if (!delta_f) return valid;
  return valid * vf_one_less_exp(h - k->shape[0] * (u * u) - k->shape[1] * (v * v) - k->shape[2] * (w * w));
}

/* The same markers of the next cell: hardware does not follow from row to row. */
static inline void fetch_next(const float *rows, int64_t cap, int i) {
  for (int r = 0; r < ROWS; r++) __builtin_prefetch(rows + (ROWS + r) * cap + i, 1);
}

static inline void corners_of(const Brick *b, int64_t x, int64_t y, int64_t z, int64_t *node) {
  const int64_t wide = b->cells[2] + 1, plane = wide * (b->cells[1] + 1), first = x * plane + y * wide + z;
  for (int m = 0; m < CORNERS; m++) node[m] = first + (m & 1 ? plane : 0) + (m & 2 ? wide : 0) + (m & 4 ? 1 : 0);
}

/* Cells around a cell, [27] in order of x, y, z; one outside of the brick as -1 - its place in the padded brick. */
static inline void neighbours_of(const Brick *b, const int64_t *at, int64_t *near) {
  const int64_t *n = b->cells;
  int inside = 1;
  for (int d = 0; d < 3; d++) inside &= at[d] > 0 && at[d] < n[d] - 1;
  for (int a = 0; a < 27; a++) {
    int64_t to[3] = {at[0] + a / 9 - 1, at[1] + a / 3 % 3 - 1, at[2] + a % 3 - 1};
    int out = 0;
    if (!inside)
      for (int d = 0; d < 3; d++) {
        if (b->whole[d]) to[d] += to[d] < 0 ? n[d] : to[d] >= n[d] ? -n[d] : 0;
        out |= to[d] < 0 || to[d] >= n[d];
      }
    near[a] = out ? -1 - (((to[0] + 1) * (n[1] + 2) + to[1] + 1) * (n[2] + 2) + to[2] + 1)
                  : (to[0] * n[1] + to[1]) * n[2] + to[2];
  }
}

/* Take markers, given as rows of a vector's length, to the cells they have moved to. */
static inline void hand_over(Brick *b, const float moved[ROWS][HPCMM_FLOATS], const int32_t *where, int n,
                             const int64_t *near) {
  for (int i = 0; i < n; i++) {
    int64_t to = near[where[i]];
    if (to >= 0) {
      int32_t at = b->count[to];
      if (at >= b->capacity) {
        b->full = to + 1;
        continue;
      }
      float *place = b->markers + to * ROWS * b->capacity + at;
      for (int r = 0; r < ROWS; r++) place[r * b->capacity] = moved[r][i];
      b->count[to] = at + 1;
      b->fresh[to]++;
    } else if (b->left < b->room) {
      float *place = b->leaving + 8 * b->left++;
      int32_t code = (int32_t)(-1 - to);
      for (int r = 0; r < ROWS; r++) place[r] = moved[r][i];
      memcpy(place + ROWS, &code, 4);
    } else
      b->full = -1;
  }
}

static inline vf valid_lanes(int left) {
  vf lane;
  for (int i = 0; i < HPCMM_FLOATS; i++) lane[i] = i;
  return (vf)((vn)vf_set(1.0f) & (lane < vf_set((float)left)));
}

static inline __attribute__((always_inline)) void push_cell(Brick *b, const Kick *k, const int delta_f, const int move,
                                                            int64_t x0, int64_t y0, int64_t z0) {
  const int64_t at[3] = {x0, y0, z0}, c = (x0 * b->cells[1] + y0) * b->cells[2] + z0, cap = b->capacity;
  const int came = b->fresh[c], n = b->count[c] - came;
  int64_t node[CORNERS], near[27];
  corners_of(b, x0, y0, z0, node);
  if (move) neighbours_of(b, at, near);
  node_fields field[CORNERS];
  field_polynomials(k->fields, node, field);
  float *rows = b->markers + c * ROWS * cap;
  vn sums[MOMENTS][CORNERS];
  memset(sums, 0, sizeof sums);
  vf most = {0}, most_moving = {0};
  int stayed = 0, vectors = 0;
  for (int i = 0; i < n; i += HPCMM_FLOATS, vectors++) {
    vf x = vf_load(rows + i), y = vf_load(rows + cap + i), z = vf_load(rows + 2 * cap + i);
    vf u = vf_load(rows + 3 * cap + i), v = vf_load(rows + 4 * cap + i), w = vf_load(rows + 5 * cap + i);
    vf h = vf_load(rows + 6 * cap + i);
    fetch_next(rows, cap, i);
    vf ex = polynomial(field, 0, x, y, z), ey = polynomial(field, 1, x, y, z), ez = polynomial(field, 2, x, y, z);
    vf bx = polynomial(field, 3, x, y, z), by = polynomial(field, 4, x, y, z), bz = polynomial(field, 5, x, y, z);
    /* Boris, between two halves of the drag */
    u = u * k->drag[0] + ex, v = v * k->drag[1] + ey, w = w * k->drag[2] + ez;
    vf f = 2.0f / (1.0f + (bx * bx + by * by + bz * bz));
    vf pu = u + (v * bz - w * by), pv = v + (w * bx - u * bz), pw = w + (u * by - v * bx);
    u += f * (pv * bz - pw * by), v += f * (pw * bx - pu * bz), w += f * (pu * by - pv * bx);
    u = (u + ex) * k->drag[0], v = (v + ey) * k->drag[1], w = (w + ez) * k->drag[2];
    vf valid = valid_lanes(n - i);
    vf W = weight(k, delta_f, u, v, w, h, valid), m[CORNERS];
    vf q[3] = {W * u, W * v, W * w};
    most = vf_max(most, vf_abs(W));
    most_moving = vf_max(most_moving, vf_max(vf_abs(q[0]), vf_max(vf_abs(q[1]), vf_abs(q[2]))));
    monomials(x, y, z, m);
#pragma GCC unroll 3
    for (int a = 0; a < 3; a++) {
      vf scaled = q[a] * k->scale[1];
#pragma GCC unroll 8
      for (int t = 0; t < CORNERS; t++) sums[1 + a][t] += (vn)(scaled * m[t] + NO_FRACTION);
    }
    if (!move) {
      vf_store(rows + 3 * cap + i, u), vf_store(rows + 4 * cap + i, v), vf_store(rows + 5 * cap + i, w);
      continue;
    }
    vf sx = u * k->drift[0], sy = v * k->drift[1], sz = w * k->drift[2];
    vf farthest = vf_max(vf_abs(sx), vf_max(vf_abs(sy), vf_abs(sz))) * valid;
    unsigned far = vn_bits(farthest > FARTHEST);
    if (__builtin_expect(far, 0)) {
      b->clamped += __builtin_popcount(far);
      sx = vf_max(vf_set(-FARTHEST), vf_min(sx, vf_set(FARTHEST)));
      sy = vf_max(vf_set(-FARTHEST), vf_min(sy, vf_set(FARTHEST)));
      sz = vf_max(vf_set(-FARTHEST), vf_min(sz, vf_set(FARTHEST)));
    }
    x += sx, y += sy, z += sz;
    vn where = (vn){0} + 13;
#define ENTER(q, step) { \
    vn below = q < 0.0f, above = q >= 1.0f; \
    where += step * (below - above); \
    q = vf_min((q + (vf)(below & (vn)vf_set(1.0f))) - (vf)(above & (vn)vf_set(1.0f)), vf_set(0.99999994f)); }
    ENTER(x, 9) ENTER(y, 3) ENTER(z, 1)
#undef ENTER
    unsigned all = n - i >= HPCMM_FLOATS ? (unsigned)((1ull << HPCMM_FLOATS) - 1) : (1u << (n - i)) - 1;
    unsigned stay = vn_bits(where == 13) & all, go = all & ~stay;
    const vf row[ROWS] = {x, y, z, u, v, w, h};
    if (go) {
      const Packing p = packing_of(go);
      float moved[ROWS][HPCMM_FLOATS] __attribute__((aligned(64)));
      float code[HPCMM_FLOATS] __attribute__((aligned(64)));
      pack_rows(moved[0], HPCMM_FLOATS, row, p, 1);
      vf_pack(code, (vf)where, p, 1);
      hand_over(b, moved, (const int32_t *)code, p.count, near);
    }
    const Packing p = packing_of(stay);
    if (n - i >= HPCMM_FLOATS)
      pack_rows(rows + stayed, cap, row, p, 1);
    else /* behind the last ones are those that came in this step */
      pack_rows(rows + stayed, cap, row, p, 0);
    stayed += p.count;
  }
  for (int i = 0; i < HPCMM_FLOATS; i++) {
    if (most[i] > b->largest[0]) b->largest[0] = most[i];
    if (most_moving[i] > b->largest[1]) b->largest[1] = most_moving[i];
  }
  add_to_nodes(sums, 1, vectors, node, k->moments);
  if (!move) return;
  if (came && stayed < n)
    for (int r = 0; r < ROWS; r++) memmove(rows + r * cap + stayed, rows + r * cap + n, 4 * (size_t)came);
  b->count[c] = stayed + came;
}

/* Sum W and W w of a cell's markers. */
static inline __attribute__((always_inline)) void deposit_cell(Brick *b, const Kick *k, const int delta_f, int64_t x0,
                                                               int64_t y0, int64_t z0) {
  const int64_t c = (x0 * b->cells[1] + y0) * b->cells[2] + z0, cap = b->capacity;
  const int n = b->count[c];
  int64_t node[CORNERS];
  corners_of(b, x0, y0, z0, node);
  const float *rows = b->markers + c * ROWS * cap;
  vn sums[MOMENTS][CORNERS];
  memset(sums, 0, sizeof sums);
  int vectors = 0;
  for (int i = 0; i < n; i += HPCMM_FLOATS, vectors++) {
    vf x = vf_load(rows + i), y = vf_load(rows + cap + i), z = vf_load(rows + 2 * cap + i);
    vf u = vf_load(rows + 3 * cap + i), v = vf_load(rows + 4 * cap + i), w = vf_load(rows + 5 * cap + i);
    vf h = vf_load(rows + 6 * cap + i);
    fetch_next(rows, cap, i);
    vf W = weight(k, delta_f, u, v, w, h, valid_lanes(n - i)), m[CORNERS];
    monomials(x, y, z, m);
    vf moving = W * k->scale[1], q[MOMENTS] = {W * k->scale[0], moving * u, moving * v, moving * w};
#pragma GCC unroll 4
    for (int a = 0; a < MOMENTS; a++)
#pragma GCC unroll 8
      for (int t = 0; t < CORNERS; t++) sums[a][t] += (vn)(q[a] * m[t] + NO_FRACTION);
  }
  add_to_nodes(sums, 0, vectors, node, k->moments);
}

#define EVERY_CELL(what) \
  for (int64_t x = 0; x < b->cells[0]; x++) \
    for (int64_t y = 0; y < b->cells[1]; y++) \
      for (int64_t z = 0; z < b->cells[2]; z++) what

static void push_markers(Brick *b, const Kick *k, int move) {
  memset(b->fresh, 0, 4 * (size_t)(b->cells[0] * b->cells[1] * b->cells[2]));
  if (!move)
    EVERY_CELL(push_cell(b, k, k->delta_f, 0, x, y, z));
  else if (k->delta_f)
    EVERY_CELL(push_cell(b, k, 1, 1, x, y, z));
  else
    EVERY_CELL(push_cell(b, k, 0, 1, x, y, z));
}

static void deposit_markers(Brick *b, const Kick *k) {
  if (k->delta_f)
    EVERY_CELL(deposit_cell(b, k, 1, x, y, z));
  else
    EVERY_CELL(deposit_cell(b, k, 0, x, y, z));
}

/* Put markers that came from other bricks into their cells. */
static void insert_markers(Brick *b, const float *came, const int64_t *cell, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    int32_t at = b->count[cell[i]];
    if (at >= b->capacity) {
      b->full = cell[i] + 1;
      continue;
    }
    float *place = b->markers + cell[i] * ROWS * b->capacity + at;
    for (int r = 0; r < ROWS; r++) place[r * b->capacity] = came[8 * i + r];
    b->count[cell[i]] = at + 1;
  }
}

#endif
