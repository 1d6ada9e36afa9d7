/* Telegraph flights on a line with periodic patches (SPEC 2.4 i): speed 1, period 1, scattering rate nu_mm where the
 * fractional part of x lies in [0, f), nu_res elsewhere. Scattering redraws the direction, so it turns the particle
 * around half of the time: turns come at the rate nu/2, and alternate.
 *
 * In the coordinate w = int nu/2 dx a flight between turns has an exponential length of mean 1 wherever it leads, so
 * that it crosses any number of edges in one stride: only its end is mapped back to x. The time it takes is |dx|. */
#ifndef HPCMM_TELEGRAPH_H
#define HPCMM_TELEGRAPH_H

#include "philox.h"

#define TELEGRAPH_LANES 64 /* particles of a block; a multiple of HPCMM_WIDTH */

typedef struct {
  double f;                    /* part of the period within the patch */
  double depth, depth_mm;      /* w of a period; of its patch */
  double per_mm, per_res;      /* dx/dw = 2/nu in the patch and outside */
  double early, end;           /* times of the two samples: T/3 and T */
} Line;

/* Rows of a block's state. */
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
  TELEGRAPH_ROWS
} TelegraphRow;

typedef struct { vd x, mm, cell, edges; } Spot; /* place; length of patches, cells and edges left behind from 0 on */

static inline vd vd_select(vi mask, vd a, vd b) { return (vd)((mask & (vi)a) | (~mask & (vi)b)); }

static inline vd vd_floor(vd a) { /* |a| < 2^51 */
  const double no_fraction = 6755399441055744.0;
  vd near = (a + no_fraction) - no_fraction;
  return near - (vd)((vi)(near > a) & (vi)vd_set(1.0));
}

static inline int vd_any(vi mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#else
  int64_t any = 0;
  for (int i = 0; i < HPCMM_WIDTH; i++) any |= mask[i];
  return any != 0;
#endif
}

static inline Spot spot_at(const Line *m, double periods_per_depth, vd w) {
  vd cell = vd_floor(w * periods_per_depth), rest = w - cell * m->depth;
  vi gap = rest >= m->depth_mm;
  vd mm = vd_select(gap, vd_set(m->f), rest * m->per_mm);
  vd beyond = (vd)((vi)((rest - m->depth_mm) * m->per_res) & gap);
  return (Spot){cell + mm + beyond, cell * m->f + mm, cell, cell + (vd)(gap & (vi)vd_set(1.0))};
}

/* Particles at the start: uniform along the period, which is the equilibrium, either direction. */
static inline void telegraph_start(const Line *m, double *rows, uint64_t key, uint64_t first) {
  for (int j = 0; j < TELEGRAPH_LANES; j += HPCMM_WIDTH) {
    Philox4 c = philox_particles(key, 0, first + j);
    vd x = 1.0 - uniform_positive(c.w0, c.w1);
    vi gap = x >= m->f;
    vd w = vd_select(gap, m->depth_mm + (x - m->f) / m->per_res, x / m->per_mm);
    vd_store(rows + ROW_DEPTH * TELEGRAPH_LANES + j, w);
    vd_store(rows + ROW_SENSE * TELEGRAPH_LANES + j, vd_copysign(vd_set(1.0), uniform_turn(c.w2)));
    vd_store(rows + ROW_ORIGIN * TELEGRAPH_LANES + j, spot_at(m, 1.0 / m->depth, w).x);
  }
}

/* Lanes whose flight from `a`, begun at `t`, passes a sample: note the displacement; at the end freeze the counts. */
static void telegraph_sample(const Line *m, double *row, Spot a, vd t, vd t1, vd sense, vd turns, vd in_mm, vd entries) {
  for (int i = 0; i < HPCMM_WIDTH; i++, row++) {
    if (t[i] < m->early && t1[i] >= m->early)
      row[ROW_EARLY * TELEGRAPH_LANES] = a.x[i] + sense[i] * (m->early - t[i]) - row[ROW_ORIGIN * TELEGRAPH_LANES];
    if (t[i] < m->end && t1[i] >= m->end) {
      double x = a.x[i] + sense[i] * (m->end - t[i]);
      double cell = floor(x), part = x - cell, gap = part >= m->f;
      double mm = cell * m->f + (gap ? m->f : part), crossed = sense[i] > 0 ? cell - a.cell[i] : a.edges[i] - cell - gap;
      row[ROW_END * TELEGRAPH_LANES] = x - row[ROW_ORIGIN * TELEGRAPH_LANES];
      row[ROW_IN_MM * TELEGRAPH_LANES] = in_mm[i] + fabs(mm - a.mm[i]);
      row[ROW_ENTRIES * TELEGRAPH_LANES] = entries[i] + (crossed > 0 ? crossed : 0); /* an edge met to rounding: -1 */
      row[ROW_TURNS * TELEGRAPH_LANES] = turns[i];
    }
  }
}

/* Fly a block through two flights for each counter from `pair` on, below `stop`; returns 1 when all lanes are done. */
static inline int telegraph_fly(const Line *m, double *rows, uint64_t key, uint64_t first, int64_t pair, int64_t stop) {
  int all_done = 1;
  const double periods_per_depth = 1.0 / m->depth;
  for (int j = 0; j < TELEGRAPH_LANES; j += HPCMM_WIDTH) {
    double *row = rows + j;
    vd w = vd_load(row + ROW_DEPTH * TELEGRAPH_LANES), sense = vd_load(row + ROW_SENSE * TELEGRAPH_LANES);
    vd t = vd_load(row + ROW_TIME * TELEGRAPH_LANES), in_mm = vd_load(row + ROW_IN_MM * TELEGRAPH_LANES);
    vd entries = vd_load(row + ROW_ENTRIES * TELEGRAPH_LANES);
    vi flying = t < m->end;
    Spot a = spot_at(m, periods_per_depth, w);
    vd next = vd_select(t < m->early, vd_set(m->early), vd_set(m->end));
    for (int64_t k = pair; k < stop && vd_any(flying); k++) {
      Philox4 c = philox_particles(key, (uint64_t)k, first + j);
      vd length[2] = {-vd_log(uniform_positive(c.w0, c.w1)), -vd_log(uniform_positive(c.w2, c.w3))};
      for (int half = 0; half < 2; half++) {
        w += sense * length[half];
        Spot b = spot_at(m, periods_per_depth, w);
        vd t1 = t + vd_abs(b.x - a.x);
        if (__builtin_expect(vd_any(flying & (t1 >= next)), 0)) {
          telegraph_sample(m, row, a, t, t1, sense, vd_set(2.0 * (double)(k - 1) + half), in_mm, entries);
          flying &= t1 < m->end;
          next = vd_select(t1 < m->early, vd_set(m->early), vd_set(m->end));
        }
        /* rightwards a patch begins with its cell, leftwards at its other edge */
        entries += vd_select(sense > 0.0, b.cell - a.cell, a.edges - b.edges);
        in_mm += vd_abs(b.mm - a.mm);
        t = t1, a = b, sense = -sense;
      }
    }
    /* lanes that ended in this call have their counts noted already; earlier ones keep them */
    vd_store(row + ROW_DEPTH * TELEGRAPH_LANES, w);
    vd_store(row + ROW_SENSE * TELEGRAPH_LANES, sense);
    vd_store(row + ROW_TIME * TELEGRAPH_LANES, t);
    vd kept_mm = vd_load(row + ROW_IN_MM * TELEGRAPH_LANES), kept = vd_load(row + ROW_ENTRIES * TELEGRAPH_LANES);
    vd_store(row + ROW_IN_MM * TELEGRAPH_LANES, vd_select(flying, in_mm, kept_mm));
    vd_store(row + ROW_ENTRIES * TELEGRAPH_LANES, vd_select(flying, entries, kept));
    all_done &= !vd_any(flying);
  }
  return all_done;
}

#endif
