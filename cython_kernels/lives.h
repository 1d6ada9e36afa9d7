/* Cells of a cubic lattice that live and die: each is occupied or not, drawn anew at intervals of a lifetime that begin
 * at a phase of its own (docs/physics.md 8.7). Draws are pure functions of a key, the cell and the number of the interval. */
#ifndef HPCMM_LIVES_H
#define HPCMM_LIVES_H

#include "block.h"
#include "philox.h"

typedef struct {
  double period, per_period;  /* [pc], [1/pc] */
  double per_life;            /* intervals a step, at most 1 */
  double occupied;            /* probability */
  int layers;                 /* cells are slabs normal to x */
  uint64_t phases, draws;     /* keys */
  double *cx, *cy, *cz;       /* nearest points of the lattice to the origins, in periods, whole numbers */
  double *ox, *oy, *oz;       /* origins less these, in periods */
} Lives;

/* fmod and the differences are exact, so that a cell is the same however far from 0 a particle begins. */
static inline void lives_anchor(Lives *a, const Block *p) {
  const double *o[3] = {p->ox, p->oy, p->oz};
  double *c[3] = {a->cx, a->cy, a->cz}, *r[3] = {a->ox, a->oy, a->oz};
  for (int axis = 0; axis < 3; axis++)
    for (int j = 0; j < HPCMM_LANES; j++) {
      double rest = fmod(o[axis][j], a->period);
      c[axis][j] = rint((o[axis][j] - rest) / a->period);
      r[axis][j] = rest / a->period;
    }
}

/* low 32 bits of whole numbers below 2^51 */
static inline vu lives_word(vd whole) { return (vu)(whole + HPCMM_NO_FRACTION) & 0xFFFFFFFFu; }

static inline vd nearest_whole(vd x) { return (x + HPCMM_NO_FRACTION) - HPCMM_NO_FRACTION; }

/* lanes from j on that are in an occupied cell amid this step, -1 or 0 */
static inline vi lives_at(const Lives *a, const Block *p, int j) {
  vd x = vd_load(a->ox + j) + a->per_period * vd_load(p->x + j);
  vd y = vd_load(a->oy + j) + a->per_period * vd_load(p->y + j);
  vd z = vd_load(a->oz + j) + a->per_period * vd_load(p->z + j);
  vu none = {0};
  vu i = lives_word(vd_load(a->cx + j) + nearest_whole(x));
  vu k = a->layers ? none : lives_word(vd_load(a->cy + j) + nearest_whole(y));
  vu l = a->layers ? none : lives_word(vd_load(a->cz + j) + nearest_whole(z));
  vd phase = 0.5 + uniform_turn(philox4x32_10((Philox4){i, k, l, none}, a->phases).w0);
  vd age = ((double)p->step + 0.5) * a->per_life + phase;
  Philox4 drawn = philox4x32_10((Philox4){i, k, l, lives_word(nearest_whole(age - 0.5))}, a->draws);
  return (vi)(uniform_positive(drawn.w0, drawn.w1) <= a->occupied);
}

#endif
