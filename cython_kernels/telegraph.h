/* Telegraph flights on a line with periodic patches (docs/physics.md 7.1): speed 1, period 1, scattering rate nu_mm
 * where the fractional part of x lies in [0, f), nu_res elsewhere. Scattering redraws the direction, so it turns the
 * particle around half of the time: turns come at the rate nu/2, and alternate.
 *
 * In the coordinate w = int nu/2 dx a flight between turns has an exponential length of mean 1 wherever it leads, so
 * that it crosses any number of edges in one stride: only its end is mapped back to x. The time it takes is |dx|. */
#ifndef HPCMM_TELEGRAPH_H
#define HPCMM_TELEGRAPH_H

#include "philox.h"

typedef struct {
  double f;                    /* part of the period within the patch */
  double depth, depth_mm;      /* w of a period; of its patch */
  double per_mm, per_res;      /* dx/dw = 2/nu in the patch and outside */
  double early, end;           /* times of the two samples: T/3 and T */
} Line;

/* Rows of the state of n particles, one after the other. */
typedef enum {
  ROW_DEPTH,     /* w at the last turn */
  ROW_SENSE,     /* +-1, of the flight to come */
  ROW_TIME,      /* of the last turn; past the end: the particle is done */
  ROW_ORIGIN,    /* x at time 0 */
  ROW_EARLY,     /* displacement at T/3 */
  ROW_END,       /* displacement at T */
  ROW_IN_MM,     /* time spent in patches, up to T */
  ROW_ENTRIES,   /* edges crossed into patches, up to T */
  ROW_TURNS,     /* turns before T */
  ROW_PAIR,      /* counter of the random numbers to come; each gives two flights */
  TELEGRAPH_ROWS
} TelegraphRow;

/* Places, with the length of patches, the cells and the edges between 0 and them. */
typedef struct { vd x, mm, cell, edges; } Spot;

static inline vd vd_floor(vd a) { /* |a| < 2^51 */
  vd near = (a + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION;
  return near - (vd)((vi)(near > a) & (vi)vd_set(1.0));
}

static inline Spot spot_at(const Line *m, double periods_per_depth, vd w) {
  vd cell = vd_floor(w * periods_per_depth), rest = w - cell * m->depth;
  vi gap = rest >= m->depth_mm;
  vd mm = vd_where(gap, vd_set(m->f), rest * m->per_mm);
  vd beyond = (vd)((vi)((rest - m->depth_mm) * m->per_res) & gap);
  return (Spot){cell + mm + beyond, cell * m->f + mm, cell, cell + (vd)(gap & (vi)vd_set(1.0))};
}

/* Tracks: displacements of particles at equal intervals of time. */
typedef struct {
  int64_t intervals;           /* number of intervals; the last ends at T */
  double *place;               /* [n][intervals + 1] displacements */
  int64_t *next;               /* [n] first sample not taken yet */
} Track;

static inline double track_time(const Line *m, const Track *track, int64_t sample) {
  return (double)sample / (double)track->intervals * m->end;
}

/* Set n particles to the start: uniform along the period, which is the equilibrium, in either direction. */
static inline void telegraph_start(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first) {
  for (int64_t j = 0; j < n; j += HPCMM_WIDTH) {
    Philox4 c = philox_particles(key, 0, first + (uint64_t)j);
    vd x = 1.0 - uniform_positive(c.w0, c.w1);
    vi gap = x >= m->f;
    vd w = vd_where(gap, m->depth_mm + (x - m->f) / m->per_res, x / m->per_mm);
    vd sense = vd_copysign(vd_set(1.0), uniform_turn(c.w2)), origin = spot_at(m, 1.0 / m->depth, w).x;
    for (int l = 0; l < HPCMM_WIDTH && j + l < n; l++) {
      double *row = rows + j + l;
      row[ROW_DEPTH * n] = w[l], row[ROW_SENSE * n] = sense[l], row[ROW_ORIGIN * n] = origin[l], row[ROW_PAIR * n] = 1;
    }
  }
}

/* Particles in flight, one a lane; a lane without one has i = -1 and is not `flying`. */
typedef struct {
  int64_t i[HPCMM_WIDTH];
  vu id, pair;
  vd w, sense, t, in_mm, entries, next;
  vi flying;
  Spot a;
} Lanes;

/* Time of the next sample of particle i. */
static inline double telegraph_next(const Line *m, const Track *track, int64_t i, double t) {
  double next = t < m->early ? m->early : m->end;
  if (track && track->next[i] <= track->intervals) {
    double sample = track_time(m, track, track->next[i]);
    next = sample < next ? sample : next;
  }
  return next;
}

/* Give lane l the first particle from `from` on that is not done, if there is one; returns where to look next. */
static int64_t telegraph_board(const Line *m, const double *rows, int64_t n, uint64_t first, const Track *track,
                               Lanes *s, int l, int64_t from) {
  while (from < n && !(rows[ROW_TIME * n + from] < m->end)) from++;
  int there = from < n;
  int64_t i = there ? from : 0; /* a lane without a particle copies particle 0 */
  s->i[l] = there ? i : -1;
  s->id[l] = first + (uint64_t)i;
  s->pair[l] = (uint64_t)rows[ROW_PAIR * n + i];
  s->w[l] = rows[ROW_DEPTH * n + i];
  s->sense[l] = rows[ROW_SENSE * n + i];
  s->t[l] = rows[ROW_TIME * n + i];
  s->in_mm[l] = rows[ROW_IN_MM * n + i];
  s->entries[l] = rows[ROW_ENTRIES * n + i];
  s->next[l] = telegraph_next(m, track, i, s->t[l]);
  s->flying[l] = -(int64_t)there;
  return from + there;
}

/* Sample the lanes `set`, whose flight from s->a, which ends at t1, passes a sample: store the displacement; at the end
 * also the counts. */
static void telegraph_sample(const Line *m, double *rows, int64_t n, const Track *track, Lanes *s, unsigned set, vd t1,
                             int half) {
  for (; set; set &= set - 1) {
    int l = __builtin_ctz(set);
    int64_t i = s->i[l];
    double *row = rows + i, t = s->t[l], sense = s->sense[l], x0 = s->a.x[l], origin = row[ROW_ORIGIN * n];
    for (; track && track->next[i] <= track->intervals && t1[l] >= track_time(m, track, track->next[i]); track->next[i]++)
      track->place[i * (track->intervals + 1) + track->next[i]] =
          x0 + sense * (track_time(m, track, track->next[i]) - t) - origin;
    if (t < m->early && t1[l] >= m->early) row[ROW_EARLY * n] = x0 + sense * (m->early - t) - origin;
    if (t1[l] >= m->end) {
      double x = x0 + sense * (m->end - t);
      double cell = floor(x), part = x - cell, gap = part >= m->f;
      double mm = cell * m->f + (gap ? m->f : part);
      double crossed = sense > 0 ? cell - s->a.cell[l] : s->a.edges[l] - cell - gap;
      row[ROW_TIME * n] = t1[l];
      row[ROW_END * n] = x - origin;
      row[ROW_IN_MM * n] = s->in_mm[l] + fabs(mm - s->a.mm[l]);
      row[ROW_ENTRIES * n] = s->entries[l] + (crossed > 0 ? crossed : 0); /* an edge met to rounding: -1 */
      row[ROW_TURNS * n] = 2.0 * (double)(s->pair[l] - 1) + half;
      row[ROW_PAIR * n] = (double)(s->pair[l] + 1);
      s->flying[l] = 0;
    }
    s->next[l] = telegraph_next(m, track, i, t1[l]);
  }
}

/* Draw the lengths of the two flights that a counter gives. */
static inline void telegraph_lengths(uint64_t key, vu pair, vu id, vd *length) {
  Philox4 c = philox4x32_10((Philox4){pair & 0xFFFFFFFFu, pair >> 32, id & 0xFFFFFFFFu, id >> 32}, key);
  length[0] = -vd_log(uniform_positive(c.w0, c.w1));
  length[1] = -vd_log(uniform_positive(c.w2, c.w3));
}

/* Fly n particles for `pairs` pairs of flights of a lane; returns 1 when all are done. A lane whose particle is done
 * takes the next one: numbers of turns scatter widely, and lanes would wait for the last. `track` may be null. */
static inline __attribute__((always_inline)) int telegraph_fly_with(const Line *m, double *rows, int64_t n, uint64_t key,
                                                                    uint64_t first, int64_t pairs, const Track *track) {
  const double periods_per_depth = 1.0 / m->depth;
  Lanes start;
  int64_t from = 0;
  for (int l = 0; l < HPCMM_WIDTH; l++) from = telegraph_board(m, rows, n, first, track, &start, l, from);
  Lanes s = start;
  s.a = spot_at(m, periods_per_depth, s.w);
  vd ahead[2];
  telegraph_lengths(key, s.pair, s.id, ahead);
  for (int64_t k = 0; k < pairs && vi_bits(s.flying); k++) {
    unsigned before = vi_bits(s.flying);
    vd length[2] = {ahead[0], ahead[1]};
    telegraph_lengths(key, s.pair + 1, s.id, ahead); /* one pair early: these wait for nothing in the flights below */
    for (int half = 0; half < 2; half++) {
      s.w += s.sense * length[half];
      Spot b = spot_at(m, periods_per_depth, s.w);
      vd t1 = s.t + vd_abs(b.x - s.a.x);
      unsigned set = vi_bits(s.flying & (t1 >= s.next));
      if (__builtin_expect(set, 0)) {
        Lanes there = s; /* a copy: whose address is passed on lives in memory, the lanes in registers */
        telegraph_sample(m, rows, n, track, &there, set, t1, half);
        s.flying = there.flying, s.next = there.next;
      }
      /* rightwards a patch begins with its cell, leftwards at its other edge */
      s.entries += vd_where(s.sense > 0.0, b.cell - s.a.cell, s.a.edges - b.edges);
      s.in_mm += vd_abs(b.mm - s.a.mm);
      s.t = t1, s.a = b, s.sense = -s.sense;
    }
    s.pair += 1;
    unsigned landed = before & ~vi_bits(s.flying);
    if (__builtin_expect(landed && from < n, 0)) {
      Lanes there = s;
      for (; landed; landed &= landed - 1)
        from = telegraph_board(m, rows, n, first, track, &there, __builtin_ctz(landed), from);
      s = there;
      s.a = spot_at(m, periods_per_depth, s.w); /* these are the same for lanes that fly on */
      telegraph_lengths(key, s.pair, s.id, ahead);
    }
  }
  for (int l = 0; l < HPCMM_WIDTH; l++) {
    if (!s.flying[l]) continue;
    double *row = rows + s.i[l];
    row[ROW_DEPTH * n] = s.w[l], row[ROW_SENSE * n] = s.sense[l], row[ROW_TIME * n] = s.t[l];
    row[ROW_IN_MM * n] = s.in_mm[l], row[ROW_ENTRIES * n] = s.entries[l], row[ROW_PAIR * n] = (double)s.pair[l];
  }
  return !vi_bits(s.flying);
}

static int telegraph_fly(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first, int64_t pairs) {
  return telegraph_fly_with(m, rows, n, key, first, pairs, NULL);
}

static int telegraph_fly_tracked(const Line *m, double *rows, int64_t n, uint64_t key, uint64_t first, int64_t pairs,
                                 const Track *track) {
  return telegraph_fly_with(m, rows, n, key, first, pairs, track);
}

#endif
