"""Realizes fields and scatterers of an energy and realization when they are needed; gridded ones once per node."""

from cython_kernels.field import Field
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from hpcmm.fields import strength_bound
from hpcmm.fields.field_file import FieldFile
from hpcmm.kinds.transport import ensemble, masks
from hpcmm.kinds.transport.kicks import merged_kicks
from hpcmm.parallel import random_streams
from hpcmm.parallel.collective import on_all
from hpcmm.run import cubes

KINDS = ("paper", "transport", "fork-constant")
"""Kicks in the order in which merged ones number their random streams."""

AHEAD = 2
"""Most gridded fields a rank may ask for: that of its present block and that of the next ones."""


class RealizedFields:
    """Holds compiled fields, by (energy index, realization); its constructor is collective.

    A field without grids is made by each rank for itself, and kept until another is asked for. The grids of the
    others lie in memory that the ranks of a node share, and are filled by all of them: between two calls of
    `hold` a rank can have only what some rank of its node has asked for.

    Parameters
    ----------
    config : Config
    plans : list of EnergyPlan
    comm : communicator
    """

    def __init__(self, config, plans, comm):
        self._config, self._plans = config, plans
        gridded = any(section.grid_bytes(config.surroundings, p.gyroradius) for section in config.field for p in plans)
        self._node = None
        if gridded:
            from hpcmm.parallel.node import Node

            self._node = Node(comm)
        self._comm, self._held, self._cubes = comm, {}, {}
        self._B_star = {}

    def hold(self, wanted):
        """Collective: realize the fields that this rank and others of its node want; free all others.

        Parameters
        ----------
        wanted : list of (int, int)
            (energy index, realization), the most urgent first; beyond AHEAD they wait for another call.
        """
        if self._node is None:
            return
        wanted = list(dict.fromkeys(wanted))[:AHEAD]
        union = sorted(set().union(*self._node.comm.allgather(wanted)))
        for key in [key for key in self._held if key not in union]:
            _, windows = self._held.pop(key)
            self._node.free(windows)
        self._hold_cubes(union)
        for key in union:
            if key not in self._held:
                field = self._realize(*key)
                self._held[key] = field, self._node.take()

    def _hold_cubes(self, union):
        """Read the files that the wanted fields need, once for all energies; free those that none needs any more."""
        section = self._config.from_file
        if section is None:
            return
        needed = sorted({section.number_of(realization) for _, realization in union})
        for number in [n for n in self._cubes if n not in needed]:
            *_, windows = self._cubes.pop(number)
            self._node.free(windows)

        def read():
            for number in needed:
                if number not in self._cubes:
                    where = self._node.allocate, self._node.share
                    values = cubes.load(section, number, self._config.medium.B_rms, *where)
                    mask = load_mask(self._config, number, *where)
                    self._cubes[number] = values, mask, self._node.take()

        on_all(self._comm, read)

    def ready(self, key):
        """True if `get` can return this field now."""
        return self._node is None or key in self._held

    def get(self, key):
        """Compiled field of (energy index, realization)."""
        if self._node is None and key not in self._held:
            self._held = {key: (self._realize(*key), ())}
        return self._held[key][0]

    def B_star(self, key):
        """Bound of the patches in the field of (energy index, realization) [B_rms]; None where the deck has none."""
        if key not in self._B_star:
            i, realization = key
            self._B_star[key] = bound_of_patches(self._config, self._plans[i].energy, realization, self.get(key))
        return self._B_star[key]

    def mask(self, key):
        """Values and place of the mask in the field of (energy index, realization), for `realize_scatterer`; or None.

        It is there where `get` can return the field.
        """
        section, (_, realization) = self._config.from_file, key
        if not any(s.masked for s in self._config.scatter):
            return None
        number = section.number_of(realization)
        return placed_mask(self._config, realization, self._cubes[number][1])

    def _realize(self, i, realization):
        where = {"allocate": self._node.allocate, "share": self._node.share} if self._node else {}
        held = {number: values for number, (values, *_) in self._cubes.items()}
        return realize_field(self._config, self._plans[i], realization, held, **where)


def realize_field(config, energy_plan, realization, held=None, **where):
    """Realize the sum of the deck's components.

    Parameters
    ----------
    config : Config
    energy_plan : EnergyPlan
    realization : int
    held : dict, optional
        Values of files by number; others are read.
    where
        allocate and share of `hpcmm.parallel.node`, for grids.
    """
    p, field = energy_plan, None
    for index, section in enumerate(config.field):
        draw = random_streams.generator(
            config.run.seed, random_streams.WAVES, index, section.energy_of_draw(p.energy), realization
        )
        more = where if section.grid_bytes(config.surroundings, p.gyroradius) else {}
        if isinstance(section, FieldFile):
            number = section.number_of(realization)
            values = held[number] if held else cubes.load(section, number, config.medium.B_rms)
            more = {"values": values, "number": number}
        component = section.realize(config.surroundings, p.gyroradius, p.step, draw, **more)
        field = component if field is None else field + component
    return field or Field()


def bound_of_patches(config, energy, realization, field):
    """Find B* / B_rms of the patches in a compiled field; None where the deck has none."""
    for index, section in enumerate(config.scatter):
        if section.gated and section.B_star is not None:
            return section.B_star / config.medium.B_rms
        if section.gated:
            period = ensemble.period_of(config.field)
            if period is not None:
                return strength_bound.bound_in_period(field, section.strong, period)
            draw = random_streams.generator(config.run.seed, random_streams.PATCHES, index, energy, realization)
            if config.ends:
                draw = _Inside(config, realization, draw)
            return strength_bound.bound_of_fraction(field, section.strong, ensemble.box_of(config), draw)
    return None


def load_mask(config, number, *where):
    """Values of a mask, as of `masks.load`; None where the deck has none."""
    return next((masks.load(section, number, *where) for section in config.scatter if section.masked), None)


def placed_mask(config, realization, values):
    """A mask as it lies in a realization, as the field whose file it is for: as `Micromirrors.realize` takes it."""
    section = config.from_file
    number = section.number_of(realization)
    where = section.placement(number, ensemble.draw_of_file(config, realization))
    return values, section.measured[number].box, *where, section.boundary


class _Inside:
    """Stands for a generator of places in a cube of side `ensemble.box_of`: its places are in a field that ends."""

    def __init__(self, config, realization, draw):
        self._how, self._draw = (config, realization), draw

    def random(self, shape):
        """Places as fractions of that cube, from its corner."""
        config, realization = self._how
        return ensemble.inside(config, realization, self._draw.random(shape)) / ensemble.box_of(config) + 0.5


def lives_of(config, index, realization):
    """Keys of the phases and of the draws of the patches of operator ``index``: the same at all energies."""
    keys = (2 * index, 2 * index + 1)
    return tuple(random_streams.kernel_key(config.run.seed, random_streams.LIVES, i, 0.0, realization) for i in keys)


def realize_scatterer(config, energy_plan, realization, B_star=None, mask=None):
    """Realize the compiled scatterer: the operators of the deck, and the turbulence below the smallest wave.

    Parameters
    ----------
    config : Config
    energy_plan : EnergyPlan
    realization : int
    B_star : float, optional
        From `RealizedFields.B_star`.
    mask : tuple, optional
        From `RealizedFields.mask`.
    """
    p, parts = energy_plan, []
    for kick in merged_kicks(config, p.gyroradius, p.step):
        key = random_streams.kernel_key(
            config.run.seed, random_streams.EVERYWHERE, KINDS.index(kick.kind), p.energy, realization
        )
        parts.append(SmallAngleScatterer(kick.kind, kick.nu * p.step, key, kick.every))
    for index, section in enumerate(config.scatter):
        if section.everywhere:
            continue
        key = random_streams.kernel_key(config.run.seed, random_streams.KICKS, index, p.energy, realization)
        where = {"B_star": B_star} if section.gated else {"mask": mask} if section.masked else {}
        if section.lives:
            where["lives"] = lives_of(config, index, realization)
        parts.append(section.realize(p.gyroradius, p.step, key, **where))
    scatterer = Scatterer()
    for i, part in enumerate(parts):
        scatterer = part if i == 0 else scatterer + part
    return scatterer
