"""hpcmm and CRPropa in turn, in one process: ns a field value and ns a particle step. Needs CRPropa to be imported."""

from collections import deque
from dataclasses import dataclass
from statistics import median

import crpropa
import numpy as np
from rich.table import Table

from cython_kernels import build
from cython_kernels.block import LANES
from cython_kernels.plane_waves import SinglePrecisionPlaneWaveField
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from hpcmm.commands import bench
from hpcmm.fields.nested_grids import CELLS_PER_WAVE
from hpcmm.io import terminal

STEPS = 2**15
"""Steps of one CRPropa track: what Python adds to a track, some 20 us, is then below 1 ns a step."""

GRIDS, POINTS, RATIO = 12, 128, 8
L_MAX = 5.0
"""Longest wavelength in units of l_c = 1 pc, as in `hpcmm bench`."""


@dataclass(frozen=True)
class Row:
    """One comparison: ``ours(seconds)`` and ``theirs(seconds)`` each measure for that long and return ns."""

    name: str
    ours: object
    theirs: object


class Track:
    """CRPropa's Boris step of fixed length, driven by its ModuleList, so that no Python runs between steps.

    Parameters
    ----------
    field : crpropa.MagneticField
        Field with B_rms = 1 uG.
    gyroradius, step : float
        [pc]
    reach : float
        Tracks begin in a box of that half side [pc].
    """

    def __init__(self, field, gyroradius, step, reach):
        self.energy = gyroradius * crpropa.pc * crpropa.muG * crpropa.eplus * crpropa.c_light
        self.length = (STEPS - 0.5) * step * crpropa.pc
        self.modules = crpropa.ModuleList()
        # minStep = maxStep: no estimate of the error, one field value a step
        self.modules.add(crpropa.PropagationBP(field, 0.42, step * crpropa.pc, step * crpropa.pc))
        self.modules.add(crpropa.MaximumTrajectoryLength(self.length))
        self.field, self.reach = field, reach
        self.draw = np.random.default_rng(3)

    def run(self):
        """Run one track from a new place, so that no track finds the cells of the last one in the cache."""
        place = crpropa.Vector3d(*self.draw.uniform(-self.reach, self.reach, 3)) * crpropa.pc
        direction = crpropa.Vector3d(*self.draw.normal(size=3)).getUnitVector()
        candidate = crpropa.Candidate(crpropa.nucleusId(1, 1), self.energy, place, direction)
        self.modules.run(candidate)
        length = candidate.getTrajectoryLength()
        if not self.length < length < self.length * (1 + 1 / STEPS):  # one cut short would look fast
            raise RuntimeError(f"CRPropa's track has a length of {length} m instead of {self.length} m")

    def ns(self, seconds):
        """Time one step [ns]."""
        return 1e9 * bench.fastest(self.run, seconds) / STEPS


def field_value(field, seconds):
    """Time one field value of CRPropa at random places [ns]: a sum of 16 equal fields, less the call from Python."""
    draw, equal = np.random.default_rng(4), 16
    places = [crpropa.Vector3d(*row) * crpropa.pc for row in draw.uniform(-50, 50, (128, 3))]
    many = crpropa.MagneticFieldList()
    for _ in range(equal):
        many.addField(field)

    def least(get):
        return bench.fastest(lambda: deque(map(get, places), maxlen=0), seconds / 2)

    calls = least(crpropa.UniformMagneticField(crpropa.Vector3d(0, 0, crpropa.muG)).getField)
    return 1e9 * (least(many.getField) - calls) / (equal * len(places))


def waves(l_min, count):
    """CRPropa's plane waves; the spectrum is kept beside them, as CRPropa holds only its address."""
    pc = crpropa.pc
    spectrum = crpropa.TurbulenceSpectrum(crpropa.muG, l_min * pc, L_MAX * pc, L_MAX * pc, 5 / 3, 4)
    field = crpropa.PlaneWaveTurbulence(spectrum, count, 1)
    field.kept = spectrum
    return field


def grids():
    """CRPropa's grids with the cells and the wavelengths of `hpcmm bench`."""
    field = crpropa.MagneticFieldList()
    for i in range(GRIDS):
        l_min = L_MAX / RATIO ** (i + 1) * crpropa.pc
        cell = l_min / CELLS_PER_WAVE
        grid = crpropa.Grid3f(crpropa.Vector3d(0), POINTS, cell)
        crpropa.SimpleGridTurbulence.initTurbulence(
            grid, crpropa.muG / GRIDS**0.5, l_min * (1 + 1e-6), RATIO * l_min, -11 / 3, i + 1
        )
        field.addField(crpropa.MagneticFieldGrid(grid))
    return field


def cube(points):
    """CRPropa's field on one grid with cells of 1 pc, around the origin."""
    pc = crpropa.pc
    grid = crpropa.Grid3f(crpropa.Vector3d(-points / 2 * pc), points, pc)
    crpropa.SimpleGridTurbulence.initTurbulence(grid, crpropa.muG, 4 * pc * (1 + 1e-6), 32 * pc, -11 / 3, 1)
    return crpropa.MagneticFieldGrid(grid)


def step_row(name, field, scatterer, peer, gyroradius, step, reach=50.0):
    """Row that compares one Boris step in ``field`` with one in ``peer``, CRPropa's field."""
    track = Track(peer, gyroradius, step, reach)

    def ours(seconds):
        return bench.ns_per_step(field, scatterer, seconds, step=step, gyroradius=gyroradius)

    return Row(name, ours, track.ns)


def rows():
    """Yield the rows of the table; each field is made when its turn comes, as the grids fill 300 MB each."""
    count = 1024
    single, peer = SinglePrecisionPlaneWaveField(*bench.some_waves(count)), waves(1e-4, count)
    block = bench.some_block()

    def from_an_anchor(seconds):
        return bench.ns_per_wave(single, count, seconds) * count

    def on_its_own(seconds):
        return 1e9 * bench.fastest(lambda: single.at(block), seconds) / LANES

    def theirs(seconds):
        return field_value(peer, seconds)

    yield Row(f"field of {count} waves, random places", from_an_anchor, theirs)
    yield Row(f"field of {count} waves, exact phases anew at every place", on_its_own, theirs)

    l_min = L_MAX / 1e5
    r_g = l_min * 20 / (2 * np.pi)  # so that k_max step = 1
    field, step = bench.turbulence(r_g, modes=count, modes_per_decade=None, evaluation="brute_force")
    yield step_row(f"step, {count} waves, each at every step", field, Scatterer(), waves(l_min, count), r_g, step)

    r_g = 1e-5
    l_min = 2 * np.pi * r_g / 20
    resolved = int(np.ceil(85 * np.log10(L_MAX / l_min))) + 1
    for number in (1024, resolved):
        field, step = bench.turbulence(r_g, evaluation="multirate")
        name = f"step, {resolved} waves, multirate (CRPropa: {number})"
        yield step_row(name, field, Scatterer(), waves(l_min, number), r_g, step)

    # CRPropa counts cells from its origin in 32 bits: farther out, all places would be in one and the same cell
    peer, reach = grids(), 2**29 * L_MAX / RATIO**GRIDS / CELLS_PER_WAVE
    for interpolation in ("trilinear", "solenoidal"):
        field, r_g, step = bench.grids(GRIDS, interpolation)
        name = f"step, {GRIDS} grids of {POINTS}^3, {interpolation} (CRPropa: trilinear)"
        yield step_row(name, field, Scatterer(), peer, r_g, step, reach)

    points = 256
    track = Track(cube(points), 6.0, 0.3, points / 2)
    yield Row(f"step, cube of {points}^3", lambda seconds: bench.ns_per_step_of_a_cube(points, seconds), track.ns)

    peer, guide = crpropa.UniformMagneticField(crpropa.Vector3d(0, 0, crpropa.muG)), UniformField(0, 0, 1)
    yield step_row("step, uniform field", guide, Scatterer(), peer, 1.0, 0.05)
    name = "step, uniform field, micromirror kick (CRPropa: no such module, plain step)"
    yield step_row(name, guide, SmallAngleScatterer("paper", 0.01, 1), peer, 1.0, 0.05)


def show(pairs, seconds):
    """Time all rows, each code in turn for ``seconds``, ``pairs`` times, and print the table."""
    table = Table(title=f"one core; hpcmm: {build.SIMD}, {build.COMPILER}; CRPropa {crpropa.g_GIT_DESC}")
    for name in ("", "hpcmm [ns]", "CRPropa [ns]", "ratio", "spread"):
        table.add_column(name.replace("[", "\\["), justify="right" if name else "left")
    for row in rows():
        turns = np.array([(row.ours(seconds), row.theirs(seconds)) for _ in range(pairs)])
        ratio = turns[:, 1] / turns[:, 0]
        ours, theirs = turns.min(axis=0)
        spread = f"{ratio.min():.3g}-{ratio.max():.3g}"
        table.add_row(row.name, f"{ours:.4g}", f"{theirs:.4g}", f"{median(ratio):.3g}", spread)
    terminal.show(table)
    terminal.say_all(
        "ns: least process time of all turns. ratio: CRPropa over hpcmm, median of the pairs of turns; spread: least\n"
        "and most. CRPropa's field values are summed by a list of 16 equal fields, less the calls from Python; its\n"
        f"steps are run by its ModuleList, {STEPS} at a time. hpcmm forms phases exactly, modulo a turn, at an anchor\n"
        "(of a track: every 512 steps); places up to 2^18 of the shortest waves from it cost the same, which is what\n"
        "'random places' means; errors are 2e-7 of the rms field there, 1e-6 along tracks, 1e-4 with multirate.\n"
        "CRPropa forms k.r from one origin and sums in double precision, its fast cosine to 2e-7."
    )
