"""Patches on a lattice through the real kernels alone: blocks from uniform origins, kappa and counts from them."""

from dataclasses import dataclass

import numpy as np

from cython_kernels.field import Field
from cython_kernels.lives import Cells
from cython_kernels.patches import PatchScatterer
from cython_kernels.push import MOMENTS, Sampler, advance
from hpcmm.kinds.transport import ensemble, moments
from hpcmm.theory import shapes


@dataclass
class Flown:
    """What blocks did: sums [block, time, moment] at T/2 and T, entries into patches [block]."""

    sums: np.ndarray
    entries: np.ndarray
    step: float
    steps: int

    @property
    def path(self):
        return self.step * self.steps

    def kappa(self):
        """[M(T) - M(T/2)]/T of x, y, z (docs/physics.md 6.1), and their errors between blocks."""
        square = np.stack([moments.mean(self.sums, name) for name in ("xx", "yy", "zz")], axis=-1)
        return mean_and_error((square[:, 1] - square[:, 0]) / self.path)

    def share(self):
        """Share of time in patches and its error between blocks."""
        return mean_and_error(moments.mean(self.sums, "in_patch")[:, 1] / self.steps)

    def residence(self):
        """Time in patches a visit and its error, of a ratio of sums over blocks."""
        time = self.step * self.sums[:, 1, MOMENTS.index("in_patch")]
        ratio = time.sum() / self.entries.sum()
        off = time - ratio * self.entries
        return ratio, np.sqrt((off**2).sum() * len(off) / (len(off) - 1)) / self.entries.sum()


def mean_and_error(values):
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


def fly(shape, f, period, rates, step, path, blocks, seed=1, life=None):
    """Blocks of 64 through patches of rates (inside, outside), kick "transport"; c = 1.

    With a lifetime patches fill cells that are drawn anew, of another set of cells in each block.
    """
    steps = 2 * round(path / step / 2)
    half_size = shapes.half_size(shape, f) if life is None else np.inf
    inside, outside = (rate * step for rate in rates)
    sums, entries = [], []
    for b in range(blocks):
        block = ensemble.start_block(seed, 1.0, 0, b, 64 * blocks, 64 * period)
        sampler = Sampler([steps // 2, steps])
        cells = None if life is None else Cells(period, life / step, f, 2 * b, 2 * b + 1, shape == "layers")
        scatterer = PatchScatterer("transport", inside, outside, seed, shape, half_size, period, cells)
        advance(Field(), scatterer, block, sampler, steps, step, 1.0)
        sums.append(sampler.sums)
        entries.append(scatterer.entries)
    return Flown(np.array(sums), np.array(entries), step, steps)
