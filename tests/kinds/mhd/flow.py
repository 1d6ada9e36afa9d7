"""A solver with a flow in it, for tests."""

import numpy as np
import pytest

from hpcmm.kinds.mhd import flows
from hpcmm.kinds.mhd.diagnostics import HISTORY, Diagnostics
from hpcmm.kinds.mhd.random_modes import seed_field
from hpcmm.kinds.mhd.solver import Solver
from hpcmm.kinds.mhd.transform import Transforms
from hpcmm.kinds.mhd.waves import of_rank, vector

pytest.importorskip("mpi4py_fft")


class Flow:
    """Fields as lists of modes {k: array (3,)}, advanced by equal steps."""

    def __init__(self, points, u, b, nu=0.0, eta=None, scheme="rk3", force=None, mean=(0, 0, 0), comm=None, **cut):
        if comm is None:
            from mpi4py.MPI import COMM_SELF as comm
        self.transforms = Transforms(comm, points, **cut)
        force = of_rank(self.transforms, force) if force else None
        self.solver = Solver(self.transforms, nu, nu if eta is None else eta, scheme, force)
        self.set(u, b, mean)
        self.time = 0.0

    def set(self, u, b, mean=(0, 0, 0)):
        self.solver.modes[...] = 0.0
        for field, first in ((u, 0), (b, 3), ({(0, 0, 0): np.array(mean)}, 3)):
            modes = of_rank(self.transforms, field)
            self.solver.transforms.as_complex(self.solver.modes[first : first + 3])[:, *modes.place] += modes.values
        return self

    def advance(self, duration, steps):
        for _ in range(steps):
            self.solver.step(lambda speed: duration / steps)
        self.time += duration
        return self

    @property
    def modes(self):
        return self.transforms.as_complex(self.solver.modes).copy()

    def history(self):
        return dict(zip(HISTORY, Diagnostics(self.solver).row(self.time, lambda speed: 0.0), strict=True))


def drawn(seed, rms=1.0, least=1, most=3, helicity=0.3):
    """A solenoidal field of random modes."""
    return seed_field(seed, rms, least, most, helicity)


def start(name, wavenumber=1, amplitude=1.0):
    return flows.start(name, wavenumber, amplitude)


def scaled(field, factor):
    return {k: factor * value for k, value in field.items()}


def sum_of(*fields):
    return {k: sum(field[k] for field in fields if k in field) for k in sorted({k for field in fields for k in field})}


def abc(k, amplitude=1.0, A=1.0, B=1.0, C=1.0):
    return vector([amplitude * f for f in flows.abc(k, A, B, C)])
