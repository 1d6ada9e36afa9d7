/* Kicks of one rate inside shapes on a lattice, of another outside; shapes that are always there, or live and die. */
#ifndef HPCMM_PATCHES_H
#define HPCMM_PATCHES_H

#include "kick.h"
#include "lives.h"
#include "morphology.h"

typedef struct {
  Morphology shape;
  double half_size, per_period;      /* in periods; 1/period [1/pc] */
  double period;                     /* [pc] */
  double *ox, *oy, *oz;              /* origins reduced to one period, in periods */
  Kick kind;
  double sigma_inside, sigma_outside; /* sqrt(nu s)/2pi */
  uint64_t key;
  uint64_t inside;                   /* bit j: lane j was inside at the last kick or anchor */
  int64_t entries;                   /* number of entries of active lanes, from outside to inside */
  int begun;                         /* has it been anchored? */
  Lives *lives;                      /* which cells have their shape; NULL: all */
} Patches;

static inline vi patches_at(const Patches *a, const Block *p, int j) {
  vd x = vd_load(a->ox + j) + a->per_period * vd_load(p->x + j);
  vd y = vd_load(a->oy + j) + a->per_period * vd_load(p->y + j);
  vd z = vd_load(a->oz + j) + a->per_period * vd_load(p->z + j);
  vi inside = in_shape(a->shape, a->half_size, x, y, z);
  return a->lives ? inside & lives_at(a->lives, p, j) : inside;
}

/* fmod is exact: an origin of a billion periods loses no digit of its place in one. */
static inline void patches_anchor(Patches *a, const Block *p) {
  for (int j = 0; j < HPCMM_LANES; j++) {
    a->ox[j] = fmod(p->ox[j], a->period) / a->period;
    a->oy[j] = fmod(p->oy[j], a->period) / a->period;
    a->oz[j] = fmod(p->oz[j], a->period) / a->period;
  }
  if (a->lives) lives_anchor(a->lives, p);
  if (a->begun) return; /* what was inside at the last kick */
  a->begun = 1;
  a->inside = 0;
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) a->inside |= (uint64_t)vi_bits(patches_at(a, p, j)) << j;
}

static inline void kick_block_patches(Patches *a, Block *p) {
  uint64_t now = 0, active = p->active < 64 ? ((uint64_t)1 << p->active) - 1 : ~(uint64_t)0;
  for (int j = 0; j < HPCMM_LANES; j += HPCMM_WIDTH) {
    vi inside = patches_at(a, p, j);
    now |= (uint64_t)vi_bits(inside) << j;
    vd sigma = vd_where(inside, vd_set(a->sigma_inside), vd_set(a->sigma_outside)), x, y, z;
    kicked(p, j, a->kind, sigma, a->key, &x, &y, &z);
    vd_store(p->nx + j, x);
    vd_store(p->ny + j, y);
    vd_store(p->nz + j, z);
  }
  p->in_patch += __builtin_popcountll(now & active);
  a->entries += __builtin_popcountll(now & ~a->inside & active);
  a->inside = now;
}

_Static_assert(HPCMM_LANES <= 64, "a bit a lane");

#endif
