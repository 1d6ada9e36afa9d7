r"""Advances velocity and magnetic field in time: all ranks together, one Runge-Kutta step a call.

.. math::
    \partial_t u = P [ - \nabla \cdot (u u - b b) ] + \nu \nabla^2 u + f, \quad
    \partial_t b = \nabla \times (u \times b) + \eta \nabla^2 b, \quad P = I - k k / k^2

docs/physics.md 15. Fourteen real transforms a stage: six fields to the points, eight products back. Of the tensor only
five components are needed, as the pressure takes its trace. What decays linearly does so exactly, by an integrating
factor.
"""

import numpy as np

from cython_kernels import mhd
from hpcmm.errors import InputError
from hpcmm.kinds.mhd.schemes import SCHEMES


class Solver:
    """The fields of a run on the modes of this rank, and their steps.

    Parameters
    ----------
    transforms : Transforms
    viscosity, resistivity : float
    scheme : str
        Key of `SCHEMES`.
    force : ModeList or None
        Constant force on u.

    Attributes
    ----------
    modes : array (6, z, y, row)
        u_x, u_y, u_z, b_x, b_y, b_z as `Transforms.empty` lays them out; b holds the mean field too, at k = 0.
    """

    def __init__(self, transforms, viscosity, resistivity, scheme="rk3", force=None):
        self.transforms, self._scheme = transforms, SCHEMES[scheme]
        self.viscosity, self.resistivity = viscosity, resistivity
        self.modes = transforms.empty(6)
        self._register, self._products = transforms.empty(6), transforms.empty(mhd.PRODUCTS)
        self._waves = transforms.tables(transforms.wave)
        size = transforms.points.size
        lanes = mhd.VECTOR_BYTES // transforms.number.itemsize
        self._fields = np.zeros((6, -(-size // lanes) * lanes), transforms.number)
        self.force = force

    @property
    def fields(self):
        """Views of the fields at the points of this rank as of the last `to_points`: [field, z, y, x]."""
        points = self.transforms.points
        return self._fields[:, : points.size].reshape(6, *points.shape)

    def to_points(self):
        """Collective: transform the fields to the points."""
        for modes, field in zip(self.modes, self.fields, strict=True):
            field[...] = self.transforms.backward(modes)

    def speeds(self):
        """Collective: largest |u| + |b|, |u| and |b| at the points, as of the last `to_points`.

        Raises
        ------
        InputError
            On all ranks, if a field is not finite.
        """
        found = np.array(self.transforms.comm.allgather(mhd.speeds(self._fields)))
        if not np.isfinite(found).all():
            raise InputError("the flow has blown up; a smaller courant, or a larger viscosity, is expected")
        return tuple(map(float, found.max(axis=0)))

    def step(self, choose):
        """Collective: take one step.

        Parameters
        ----------
        choose : callable
            ``choose(speed)`` gives dt from the largest |u| + |b| at the start of the step: the same on all ranks.

        Returns
        -------
        float
            dt.
        """
        A, B, times = self._scheme
        dt = None
        for stage in range(len(A)):
            self.to_points()
            dt = choose(self.speeds()[0]) if dt is None else dt
            for which, product in enumerate(self._products):
                mhd.product(which, self._fields, self.transforms.points)
                self.transforms.forward(product)
            span = (times[stage + 1] - times[stage]) * dt
            # the transforms leave out the factor 1 / N^3
            scale = dt / self.transforms.count**3
            decays = [self._decay(rate * span) for rate in (self.viscosity, self.resistivity)]
            mhd.stage(self._products, self.modes, self._register, self._waves, *decays, A[stage], B[stage], scale)
            if self.force is not None:
                self._add_force(B[stage], dt, self.viscosity * span)
        return dt

    def kick(self, change):
        """Add modes to the velocity.

        Parameters
        ----------
        change : ModeList
        """
        self.transforms.as_complex(self.modes[:3])[:, *change.place] += change.values

    def _decay(self, exponent):
        kept = self.transforms.kept()
        wave = self.transforms.wave
        return self.transforms.tables([np.exp(-exponent * k * k) * one for k, one in zip(wave, kept, strict=True)])

    def _add_force(self, B, dt, exponent):
        """Add the force, of few modes, to both registers, decayed as the stage has decayed the rest."""
        k2 = sum(k[i] ** 2 for k, i in zip(self.transforms.wave, self.force.place, strict=True))
        change = dt * np.exp(-exponent * k2) * self.force.values
        for register, factor in ((self.modes, B), (self._register, 1.0)):
            self.transforms.as_complex(register[:3])[:, *self.force.place] += factor * change
