"""What `hpcmm bench` measures: ns per particle step of every kernel, as shares of the measured peak."""

import itertools

import numpy as np

from cython_kernels import build, peak
from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.cube import CubeField
from cython_kernels.field import Field
from cython_kernels.field_lines import LINES, LineTracer, LineWalkers
from cython_kernels.field_lines import OPERATIONS_PER_WAVE as LINE_OPERATIONS
from cython_kernels.multirate import OPERATIONS_PER_WAVE as TRACK_OPERATIONS
from cython_kernels.multirate import MultirateField
from cython_kernels.patches import PatchScatterer
from cython_kernels.plane_waves import OPERATIONS_PER_WAVE as DOUBLE_OPERATIONS
from cython_kernels.plane_waves import SINGLE_OPERATIONS_PER_WAVE as SINGLE_OPERATIONS
from cython_kernels.plane_waves import PlaneWaveField, SinglePrecisionPlaneWaveField
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import GatedScatterer, Scatterer, SmallAngleScatterer
from cython_kernels.telegraph import WIDTH, TelegraphBlock
from cython_kernels.uniform import UniformField
from hpcmm.commands import bench_markers, bench_mhd
from hpcmm.commands.fastest import fastest
from hpcmm.deck.tables import Medium
from hpcmm.fields import strength_bound
from hpcmm.fields.nested_grids import CELLS_PER_WAVE, NestedGrids
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.io import terminal
from hpcmm.io.field_files.memory import available
from hpcmm.kinds.two_phase_1d.kappa import INDEX, block_sums
from hpcmm.kinds.two_phase_1d.plan import auto_duration
from hpcmm.parallel import random_streams
from hpcmm.theory.pitch_angle import pitch_angle_diffusion
from hpcmm.theory.two_phase import kappa_eff, nu_eff


def peak_rate(seconds):
    """Measure how many vector multiply-adds this core does in a second."""
    rounds = 500_000
    count, _ = peak.multiply_adds(1)
    return count * rounds / fastest(lambda: peak.multiply_adds(rounds), seconds)


def some_block(reach=50.0, seed=1):
    """A block of particles in a cube around the origin of this half side [pc]."""
    draw = np.random.default_rng(seed)
    n = draw.normal(size=(3, LANES))
    return ParticleBlock(draw.uniform(-reach, reach, (3, LANES)), n / np.linalg.norm(n, axis=0))


def some_waves(count):
    """Draw ``count`` waves: wavevectors [turns per pc] over two decades, amplitudes, phases."""
    draw = np.random.default_rng(2)
    k = draw.normal(size=(count, 3)) * np.geomspace(0.01, 1, count)[:, None]
    return k, draw.normal(size=(count, 3)), draw.random(count)


def turbulence(r_g_over_l_c, **keys):
    """One realization of turbulence with l_c = 1 pc and its step [pc], chosen as a run does at this gyroradius."""
    medium = Medium.from_plain({"B_rms": 1.0, "l_c": 1.0})
    data = {"dB": 1.0, "l_max": 5.0, "l_min": "auto", "l_dissipation": 0.0, "modes_per_decade": 85.0} | keys
    step = min(r_g_over_l_c, 1.0) / 20
    draw = random_streams.generator(1, random_streams.WAVES, 0, r_g_over_l_c, 0)
    return PlaneWaves.from_plain(data).realize(medium, r_g_over_l_c, step, draw), step


def grids(count, interpolation):
    """(field of ``count`` nested grids of 128^3, 26 MB each; gyroradius, 16 of the finest cells; step), in pc."""
    medium = Medium.from_plain({"B_rms": 1.0, "l_c": 1.0})
    l_min = 5.0 / 8**count
    data = {"dB": 1.0, "l_max": 5.0, "l_min": l_min, "l_dissipation": l_min, "interpolation": interpolation}
    section, r_g = NestedGrids.from_plain(data), 16 * l_min / CELLS_PER_WAVE
    return (
        section.realize(medium, r_g, r_g / 20, random_streams.generator(1, random_streams.WAVES, 0, r_g, 0)),
        r_g,
        r_g / 20,
    )


def cube(points):
    """A field of random values in a cube of ``points``^3 cells of 1 pc; 12 bytes a cell."""
    values, draw = np.empty((points, points, points + 2, 3), np.float32), np.random.default_rng(5)
    for plane in values:
        draw.random(out=plane, dtype=np.float32)
    values[:, :, 0], values[:, :, -1] = values[:, :, -2], values[:, :, 1]
    return CubeField(values, [float(points)] * 3, np.eye(3), np.zeros(3))


def ns_per_wave(field, count, seconds, times=512):
    """Time one plane wave at one particle [ns], with anchored phases."""
    block = some_block()
    return 1e9 * fastest(lambda: field.evaluate_many(block, times), seconds) / (times * count * LANES)


def ns_per_step(field, scatterer, seconds, chunks=4, step=0.05, gyroradius=1.0):
    """Time one particle step of the whole loop [ns], in chunks of 512 steps, anchors included."""
    block, sampler = some_block(), Sampler([2**60])

    def push():
        advance(field, scatterer, block, sampler, chunks * CHUNK, step, gyroradius)

    return 1e9 * fastest(push, seconds) / (chunks * CHUNK * LANES)


def ns_per_step_of_a_cube(points, seconds, chunks=4):
    """Time one particle step through a cube [ns], r_g = 6 cells, steps of 0.3: always new blocks all over the cube."""
    field, seeds, sampler = cube(points), itertools.count(), Sampler([2**60])

    def push():
        advance(field, Scatterer(), some_block(points / 2, next(seeds)), sampler, chunks * CHUNK, 0.3, 6.0)

    return 1e9 * fastest(push, seconds) / (chunks * CHUNK * LANES)


def ns_per_turn(f_mm, seconds, pairs=4096):
    """Time one turn of one particle on the two-phase line of Fig 5 [ns]; patch edges it crosses are included."""
    block = TelegraphBlock(100.0, 1.0, f_mm, 1e12, 1)
    return 1e9 * fastest(lambda: block.advance(pairs), seconds) / (2 * pairs * WIDTH)


def ns_per_turn_of_a_run(f_mm, seconds, particles=320):
    """Time one turn [ns] with all that a task of a run does: particles set up, flown to T = "auto", summed."""
    duration = auto_duration(nu_eff(100.0, 1.0, f_mm), kappa_eff(0.01, 1.0, f_mm))
    turns = []

    def fly():
        block = TelegraphBlock(100.0, 1.0, f_mm, duration, 1, 0, particles)
        block.advance(2**40)
        turns.append(block_sums(block.state, particles)[:, INDEX["turns"]].sum())

    return 1e9 * fastest(fly, seconds) / turns[-1]


def field_lines(count, seconds, half=20_000):
    """Time one cell of one line of ``count`` waves, then one step of one of 64 particles on such lines [ns]."""
    k, amplitude, phase = some_waves(count)
    ds = 0.25 / (2 * np.pi * np.linalg.norm(k, axis=1).max())
    tables = np.zeros((LINES, 2 * half), np.float32), np.zeros((LINES, 2 * half // 16 + 1, 3), np.float32)
    amplitude = amplitude / np.sqrt((amplitude**2).sum() / 2)

    def trace():
        LineTracer(k, amplitude, phase, np.zeros((3, LINES)), ds, half, 16, *tables).advance(2 * half)

    cell = 1e9 * fastest(trace, seconds) / (2 * half * LINES)
    mu, line = np.random.default_rng(1).uniform(-1, 1, 64), np.arange(64) % LINES
    diffusion = pitch_angle_diffusion(np.linspace(0, 1, 257), 1e-3, 1.0)
    walkers = LineWalkers(tables[0], ds, ds, line, mu, diffusion, 5 / 3, 0.1, 1)
    return cell, 1e9 * fastest(lambda: walkers.advance(4096), seconds) / (4096 * 64)


def gated_kicks():
    """Yield (name, scatterer): kicks everywhere, then kicks in patches that fill a share of a field of 16 waves."""
    yield "kick 'paper'", SmallAngleScatterer("paper", 0.01, 1)
    for fraction in (1.0, 0.5, 0.1, 0.0):
        draw = np.random.default_rng(3)
        B_star = strength_bound.bound_of_fraction(PlaneWaveField(*some_waves(16)), fraction, 1e4, draw)
        yield f"the same in patches, f = {fraction:g}", GatedScatterer("paper", 0.01, 1, B_star)


def measurements(quick):
    """Measure all; yields rows (kernel, ns, per what, share of peak or None). ``quick``: not what is long to set up."""
    seconds = 0.1 if quick else 3.0
    roof = peak_rate(max(seconds, 0.5))  # all shares are of it
    yield "peak", 1e9 / roof, f"vector multiply-add of {build.VECTOR_WIDTH} doubles", 1.0
    # a wave at a particle takes so many slots of the multiply-add ports, shared by the lanes of a vector
    double = DOUBLE_OPERATIONS / build.VECTOR_WIDTH
    single, track = (operations / (2 * build.VECTOR_WIDTH) for operations in (SINGLE_OPERATIONS, TRACK_OPERATIONS))
    for count in (512, 1024):
        waves = some_waves(count)
        ns = ns_per_wave(PlaneWaveField(*waves), count, seconds)
        yield f"plane waves, {count}, double precision", ns, "wave and particle", double / (ns * 1e-9 * roof)
        ns = ns_per_wave(SinglePrecisionPlaneWaveField(*waves), count, seconds)
        yield f"plane waves, {count}, random places", ns, "wave and particle", single / (ns * 1e-9 * roof)
        ns = ns_per_wave(MultirateField(*waves, np.zeros(count), 0.01), count, seconds)
        yield f"plane waves, {count}, along tracks", ns, "wave and particle", track / (ns * 1e-9 * roof)
    yield "Boris step, no field", ns_per_step(Field(), Scatterer(), seconds), "particle step", None
    guide = UniformField(0, 0, 1)
    yield "Boris step, uniform field", ns_per_step(guide, Scatterer(), seconds), "particle step", None
    for kick in ("paper", "transport", "fork-constant"):
        ns = ns_per_step(guide, SmallAngleScatterer(kick, 0.01, 1), seconds)
        yield f"Boris step, uniform field, kick '{kick}'", ns, "particle step", None
    ns = ns_per_step(guide, PatchScatterer("paper", 0.01, 1e-4, 1, "cubes", 0.3, 30.0), seconds)
    yield "Boris step, uniform field, kicks in cubes and between", ns, "particle step", None
    for what, scatterer in (("no kick", Scatterer()), *gated_kicks()):
        ns = ns_per_step(PlaneWaveField(*some_waves(16)), scatterer, seconds)
        yield f"Boris step, 16 waves, {what}", ns, "particle step", None
    ns = ns_per_step(MultirateField(*some_waves(1024), np.zeros(1024), 0.01), Scatterer(), seconds, 1, 0.01, 0.2)
    yield "Boris step, 1024 waves, every wave at every step", ns, "particle step", None
    for r_g_over_l_c in (1e-1, 1e-3, 1e-5, 1e-9):
        for evaluation in ("brute_force", "multirate"):
            field, step = turbulence(r_g_over_l_c, evaluation=evaluation)
            ns = ns_per_step(field, Scatterer(), seconds, step=step, gyroradius=r_g_over_l_c)
            yield f"Boris step, turbulence, r_g/l_c = {r_g_over_l_c:g}, {evaluation}", ns, "particle step", None
    cell, step = field_lines(500, seconds, *((5_120,) if quick else ()))
    share = LINE_OPERATIONS / (2 * build.VECTOR_WIDTH) * 500 / (cell * 1e-9 * roof)
    yield f"field lines of 500 waves, {LINES} at a time", cell, "line and cell", share
    yield "field lines, mirrors and pitch-angle diffusion", step, "particle step", None
    for f_mm in (0.01, 0.5):
        yield f"two-phase line, f_mm = {f_mm:g}", ns_per_turn(f_mm, seconds), "particle and turn", None
    for f_mm in (0.0, 0.1, 0.5):
        ns = ns_per_turn_of_a_run(f_mm, seconds)
        yield f"two-phase line, f_mm = {f_mm:g}, tasks of a run", ns, "particle and turn", None
    for count in (3,) if quick else (3, 12):
        for interpolation in ("trilinear", "solenoidal"):
            field, r_g, step = grids(count, interpolation)
            ns = ns_per_step(field, Scatterer(), seconds, step=step, gyroradius=r_g)
            yield f"Boris step, {count} grids of 128^3, {interpolation}", ns, "particle step", None
    for points in (256,) if quick else (256, 1024):
        if 12 * points**2 * (points + 2) < 0.8 * available():
            ns = ns_per_step_of_a_cube(points, seconds)
            yield f"Boris step, cube of {points}^3 from a file, r_g = 6 cells", ns, "particle step", None
    yield from bench_mhd.measurements(seconds)
    yield from bench_markers.rows(seconds, bench_markers.SIZES[:1] if quick else bench_markers.SIZES)


def _line(what, ns, per, share):
    return f"{what:<60} {ns:>10}  {per:<33} {share:>13}".rstrip()


def show(quick):
    """Print each measurement as it comes."""
    terminal.say(f"one core, {build.SIMD}, {build.COMPILER}")
    terminal.say(_line("kernel", "ns", "per", "share of peak"))
    for what, ns, per, share in measurements(quick):
        terminal.say(_line(what, f"{ns:.3f}", per, f"{100 * share:.0f} %" if share else ""))
    terminal.say_all(
        f"peak: multiply-adds on registers alone. A plane wave takes {DOUBLE_OPERATIONS} vector operations in double\n"
        f"precision; on twice as many particles {SINGLE_OPERATIONS} at random places, {TRACK_OPERATIONS} along tracks; "
        "each a slot of a multiply-add port.\n"
        "turbulence: 85 waves a decade from 5 l_c to 2 pi r_g/20, tolerance 1e-4. Grids:\n"
        "r_g = 16 cells of the finest. Least process time of several runs."
    )
