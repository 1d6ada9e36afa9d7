"""What rays go through: fluctuations of the fields, alone and times the density, their uniform parts taken out."""

from dataclasses import dataclass

import numpy as np

from cython_kernels.cube import CubeField
from cython_kernels.field import Field
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.fields.uniform import Uniform
from hpcmm.io.field_files.cube import Wanted
from hpcmm.io.field_files.density import read_density
from hpcmm.kinds.faraday.plan import mean_of, surroundings
from hpcmm.parallel import random_streams
from hpcmm.parallel.collective import on_all
from hpcmm.run import cubes

EXACT = 1e-12
"""Tolerance of waves whose phases and sums are in double precision: rays have steps of their own, without tracks."""


@dataclass(frozen=True)
class Held:
    """Values of a file [z, y, 1 + x, component], in B_rms, of zero mean.

    Attributes
    ----------
    alone : array
        B - <B>.
    weighted : array or None
        nB - <nB> with n over its mean, uniform fields of the deck in B; None where the density is constant.
    mean : array
        <nB>, or <B> [B_rms].
    """

    alone: np.ndarray
    weighted: np.ndarray | None
    mean: np.ndarray


class Media:
    """Fluctuating fields of tasks; its constructor is collective, and reads all files, once a node.

    Parameters
    ----------
    config : Config
    comm : communicator
    """

    def __init__(self, config, comm):
        self._config, self._held, self._windows, self._node = config, [], [], None
        if config.from_file is None:
            return
        from hpcmm.parallel.node import Node

        self._node = Node(comm)

        def read():
            for number in range(len(config.from_file.file)):
                self._held.append(_read(config, number, self._node.allocate, self._node.share))
                self._windows += self._node.take()

        on_all(comm, read)

    def close(self):
        """Collective: free what is shared."""
        if self._node is not None:
            self._held = []
            self._node.free(self._windows)

    def fields(self, task):
        """Compiled fluctuations of a task in B_rms: with the density, and with a constant one."""
        config, both = self._config, [Field(), Field()]
        for index, section in enumerate(config.field):
            if isinstance(section, Uniform):
                continue
            if isinstance(section, FieldFile):
                number = section.number_of(task)
                parts = [_cube(section, number, values) for values in self._values(number)]
            else:
                draw = random_streams.generator(config.run.seed, random_streams.WAVES, index, 0.0, task)
                parts = [_waves(config, section, draw)] * 2
            both = [field + part for field, part in zip(both, parts, strict=True)]
        return both

    def _values(self, number):
        held = self._held[number]
        return (held.alone if held.weighted is None else held.weighted), held.alone

    def uniform(self, task):
        """Mean of B [uG] where rays of a task are, between patches and in them, where it is that of nB over n."""
        number = self._config.from_file.number_of(task) if self._config.from_file else 0
        between = mean_of(self._config, number)
        inside = self._held[number].mean * self._config.medium.B_rms if self._held else between
        return between, inside


def _waves(config, section, draw):
    """A model made of waves, evaluated exactly at any place."""
    if isinstance(section, PlaneWaves):
        section = section.model_copy(update={"evaluation": "brute_force", "tolerance": EXACT})
    return section.realize(surroundings(config), None, np.inf, draw)


def _cube(section, number, values):
    """Values of a file as a field, in its own frame: rays are turned and placed instead."""
    m = section.measured[number]
    return CubeField(values, m.box, np.eye(3), np.zeros(3), "periodic", section.interpolation)


def _read(config, number, allocate, share):
    """Collective: read a file, and its density where that is asked for."""
    section, B_rms = config.from_file, config.medium.B_rms
    alone = cubes.load(section, number, B_rms, allocate, share)
    mean = mean_of(config, number) / B_rms
    guide = np.array(config.guide) / B_rms
    own = np.array(section.measured[number].mean) / B_rms
    if config.faraday.density == "constant":
        _in_planes(share, alone, lambda z: alone[z] - own)
        return Held(alone, None, mean)
    n = density_of(config, number)
    n = np.concatenate([n[:, :, -1:], n, n[:, :, :1]], axis=2)[..., None]
    inner = slice(1, -1)
    planes = [(n[z, :, inner] * (alone[z, :, inner] + guide)).mean(axis=(0, 1)) for z in range(len(alone))]
    mean = np.mean(planes, axis=0)
    weighted = allocate(alone.shape, np.float32)
    _in_planes(share, weighted, lambda z: n[z] * (alone[z] + guide) - mean)
    _in_planes(share, alone, lambda z: alone[z] - own)
    return Held(alone, weighted, mean)


def density_of(config, number):
    """Density [z, y, x] of a file, over its mean."""
    section = config.from_file
    keys = ("layout", "dataset", "axes", "components", "values_at", "points")
    wanted = Wanted(**{key: getattr(section, key) for key in keys})
    return read_density(section.file[number], wanted, section.measured[number].points)


def _in_planes(share, values, plane):
    """Collective: fill values plane by plane, each by one rank."""

    def fill(z):
        values[z] = plane(z)

    share(fill, len(values))
