"""Fourier transforms of a periodic cube shared by ranks, dealiased, by mpi4py-fft; the one door to it.

Arrays of points are [z, y, x], arrays of modes [k_z, k_y, k_x] with k_x >= 0. Ranks share z of the points and k_y of
the modes (slabs), or y and k_x too (pencils). Modes are kept where |k_i| <= K with 3 K < N, so that products have
no aliases there; their cube of 2 (K + 1) modes a side is all that is stored, transformed and sent.
"""

import math

import numpy as np

from cython_kernels.mhd import VECTOR_BYTES
from hpcmm.errors import InputError

REQUIRED = {
    "mpi4py_fft": "`make setup`, or pip install mpi4py-fft==2.0.6 --no-build-isolation with FFTW_DIR set to an FFTW 3",
}
"""Module that the kind requires -> how to get it."""

TYPES = {"double": np.float64, "single": np.float32}


def modes_of(points):
    """Side of the cube of modes: the largest even number up to 2 N / 3 with no prime factor above 7.

    The wavenumbers -K ... K and one plane that stays zero; K = `modes_of` / 2 - 1.
    """
    side = 2 * (points // 3)
    while _largest_factor(side) > 7:
        side -= 2
    return side


def _largest_factor(number):
    found, factor = 1, 2
    while number > 1:
        while number % factor == 0:
            number, found = number // factor, factor
        factor += 1
    return found


def division(ranks, points, decomposition="auto"):
    """Numbers of ranks along z and y of the points; slabs up to half as many ranks as modes a side, then pencils.

    Raises
    ------
    InputError
        If so many ranks cannot share the cube.
    """
    side = modes_of(points)
    if decomposition == "slabs" or (decomposition == "auto" and ranks <= side // 2):
        first, second = ranks, 1
    else:
        second = max(n for n in range(1, math.isqrt(ranks) + 1) if ranks % n == 0)
        first = ranks // second
    if first > side or second > side // 2 + 1:
        raise InputError(f"{ranks} ranks cannot share a cube of {points}^3 points; fewer are expected")
    return first, second


def whole_cube(comm, points):
    """Transforms of the whole cube without padding, for comparison: callables to the points and back."""
    from mpi4py_fft import PFFT

    how = {"axes": (0, 1, 2), "dtype": float, "grid": (-1,), "planner_effort": "FFTW_ESTIMATE"}
    plan = PFFT(comm, 3 * (points,), **how)
    return plan.backward, plan.forward


class Transforms:
    """Plans of transforms, and where this rank's points and modes lie.

    Parameters
    ----------
    comm : communicator
    points : int
        N, points a side.
    precision : "double" or "single"
    decomposition : "auto", "slabs" or "pencils"

    Attributes
    ----------
    side : int
        Modes a side; half of them and one along x.
    K : int
        Largest wavenumber along an axis.
    number : dtype
    points_here : tuple of 3 slice
        z, y, x of the points of this rank.
    modes_here : tuple of 3 slice
        Likewise of the modes, by place in the cube of modes.
    shape : tuple
        Shape of this rank's modes; the last, in numbers of type ``number``, is padded to whole vectors.
    wave : tuple of 3 array
        k_z, k_y, k_x of this rank's modes.
    points : array [z, y, x]
        The buffer that `forward` transforms and `backward` fills.
    """

    def __init__(self, comm, points, precision="double", decomposition="auto"):
        from mpi4py_fft import PFFT

        self.comm, self.count, self.decomposition = comm, points, decomposition
        self.side = modes_of(points)
        self.K = self.side // 2 - 1
        self.number = np.dtype(TYPES[precision])
        self.complex = np.dtype(np.result_type(self.number, np.complex64))
        # FFTW_MEASURE would choose by the clock, and so give other bits in another run
        self._plan = PFFT(
            comm,
            3 * (self.side,),
            axes=(0, 1, 2),
            dtype=self.number,
            grid=(*division(comm.size, points, decomposition), 1),
            padding=3 * [points / self.side],
            planner_effort="FFTW_ESTIMATE",
        )
        if tuple(self._plan.global_shape(False)) != 3 * (points,):
            raise AssertionError(f"{points} points became {self._plan.global_shape(False)}")
        self.points_here, self.modes_here = self._plan.local_slice(False), self._plan.local_slice(True)
        self.points = self._plan.forward.input_array
        z, y, x = self._plan.shape(True)
        lanes = VECTOR_BYTES // self.number.itemsize
        self.shape, self._x = (z, y, -(-2 * x // lanes) * lanes), x
        along = np.fft.fftfreq(self.side, 1 / self.side)
        axes = (along, along, np.arange(self.side // 2 + 1.0))
        self.wave = tuple(k[here] for k, here in zip(axes, self.modes_here, strict=True))

    def empty(self, fields):
        """Zeros for the modes of so many fields, rows padded: array of ``number`` (fields, z, y, row)."""
        return np.zeros((fields, *self.shape), self.number)

    def as_complex(self, modes):
        """View of modes from `empty` as complex numbers, without the padding: [..., k_z, k_y, k_x]."""
        return modes.view(self.complex)[..., : self._x]

    def forward(self, modes):
        """Collective: transform ``points``, times N^3, into the modes [z, y, row] of one field."""
        self.as_complex(modes)[...] = self._plan.forward(normalize=False)

    def backward(self, modes):
        """Collective: transform the modes of one field; returns ``points``, overwritten by the next call."""
        self._plan.backward.input_array[...] = self.as_complex(modes)
        return self._plan.backward()

    def table(self, along_x, other=None):
        """Values along an axis for the kernel: of type ``number``; those along x twice each, and padded with zeros."""
        if other is not None:
            return np.ascontiguousarray(other, self.number)
        row = np.zeros(self.shape[2], self.number)
        row[: 2 * self._x] = np.repeat(along_x, 2)
        return row

    def tables(self, values):
        """Values along z, y and x as the kernel takes them."""
        z, y, x = values
        return self.table(None, z), self.table(None, y), self.table(x)

    def kept(self):
        """For each axis, 1 where a mode is kept and 0 in the plane beyond the truncation."""
        return tuple((np.abs(k) <= self.K).astype(float) for k in self.wave)

    def k2(self):
        """Squared wavenumbers: array [k_z, k_y, k_x]."""
        z, y, x = self.wave
        return (z * z)[:, None, None] + (y * y)[:, None] + x * x

    def place_of(self, waves):
        """Find modes in this rank's arrays.

        Parameters
        ----------
        waves : array of int (n, 3)
            k_x, k_y, k_z; k_x >= 0.

        Returns
        -------
        here : array of bool (n,)
            True where the mode is this rank's, and is kept.
        place : tuple of 3 array
            Indices of those, z, y, x.
        """
        waves = np.asarray(waves, int).reshape(-1, 3)[:, ::-1]
        here, place = (np.abs(waves) <= self.K).all(axis=1) & (waves[:, 2] >= 0), []
        for axis, part in enumerate(self.modes_here):
            index = waves[:, axis] % self.side
            here &= (index >= part.start) & (index < part.stop)
            place.append(index - part.start)
        return here, tuple(index[here] for index in place)

    def columns(self):
        """Numbers of this rank's columns of modes along z, in the order of its arrays: k_y (side / 2 + 1) + k_x."""
        y, x = (np.arange(part.start, part.stop) for part in self.modes_here[1:])
        return (y[:, None] * (self.side // 2 + 1) + x).ravel()

    def owners(self):
        """Collective: the rank of each column: array of int [column]."""
        owner = np.empty((self.side, self.side // 2 + 1), int)
        for rank, (y, x) in enumerate(self.comm.allgather(self.modes_here[1:])):
            owner[y, x] = rank
        return owner.ravel()

    def get_columns(self, modes):
        """Columns of the modes of several fields, in the order of `columns`: complex array [column, field, k_z]."""
        fields = self.as_complex(modes)
        return np.ascontiguousarray(fields.reshape(len(fields), self.shape[0], -1).transpose(2, 0, 1))

    def set_columns(self, modes, columns, values):
        """Set columns that this rank has, by their numbers; ``values`` is [column, field, k_z]."""
        y, x = columns // (self.side // 2 + 1), columns % (self.side // 2 + 1)
        place = y - self.modes_here[1].start, x - self.modes_here[2].start
        self.as_complex(modes)[:, :, *place] = values.transpose(1, 2, 0)

    def project(self, modes):
        """Take away what is not solenoidal of the modes of one vector field."""
        x, y, z = self.as_complex(modes)
        k_z, k_y, k_x = self.wave
        k_z, k_y, k2 = k_z[:, None, None], k_y[:, None], self.k2()
        along = (k_x * x + k_y * y + k_z * z) / np.where(k2 > 0, k2, 1.0)
        x -= k_x * along
        y -= k_y * along
        z -= k_z * along

    def close(self):
        """Collective: free the plans and their communicators."""
        self._plan.destroy()


class Gradient:
    """Gradients of fields at the points that have modes of every length; its constructor is collective.

    Parameters
    ----------
    transforms : Transforms
        Points are shared as there.
    """

    def __init__(self, transforms):
        from mpi4py_fft import PFFT

        n, ranks = transforms.count, division(transforms.comm.size, transforms.count, transforms.decomposition)
        how = {"axes": (0, 1, 2), "dtype": float, "grid": (*ranks, 1), "planner_effort": "FFTW_ESTIMATE"}
        self._plan = PFFT(transforms.comm, 3 * (n,), **how)
        if self._plan.local_slice(False) != transforms.points_here:
            raise AssertionError("points of a rank differ")
        along = np.fft.fftfreq(n, 1 / n)
        along[n // 2] = 0.0  # the wave of two points has no slope that is known
        axes = (along, along, np.abs(along[: n // 2 + 1]))
        self._wave = [k[here] for k, here in zip(axes, self._plan.local_slice(True), strict=True)]

    def __call__(self, values):
        """Collective: yield the slopes along x, y and z: arrays [z, y, x], each overwritten by the next."""
        modes = self._plan.forward(values).copy()
        z, y, x = self._wave
        for k in (x, y[:, None], z[:, None, None]):
            np.multiply(1j * k, modes, out=self._plan.backward.input_array)
            yield self._plan.backward()

    def close(self):
        """Collective: free the plan."""
        self._plan.destroy()
