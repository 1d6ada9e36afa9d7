"""What `hpcmm bench` measures: ns per particle step of every kernel, as shares of the measured peak."""

import time

import numpy as np
from rich.table import Table

from cython_kernels import build, peak
from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.field import Field
from cython_kernels.plane_waves import OPERATIONS_PER_WAVE, PlaneWaveField
from cython_kernels.push import CHUNK, Sampler, advance
from cython_kernels.scatter import Scatterer, SmallAngleScatterer
from cython_kernels.uniform import UniformField
from hpcmm import report


def fastest(action, seconds):
    """Least process time [s] of the calls that fit in so many seconds: what a kernel costs undisturbed.

    The first calls also wake the wide vector units, which run slow for tens of milliseconds.
    """
    best, begin = np.inf, time.process_time()
    while time.process_time() - begin < seconds:
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best


def peak_rate(seconds):
    """Vector multiply-adds a second of this core."""
    rounds = 500_000
    count, _ = peak.multiply_adds(1)
    return count * rounds / fastest(lambda: peak.multiply_adds(rounds), seconds)


def _block():
    draw = np.random.default_rng(1)
    n = draw.normal(size=(3, LANES))
    return ParticleBlock(draw.uniform(-50, 50, (3, LANES)), n / np.linalg.norm(n, axis=0))


def _waves(count):
    draw = np.random.default_rng(2)
    k = draw.normal(size=(count, 3)) * np.geomspace(0.01, 1, count)[:, None]
    return PlaneWaveField(k, draw.normal(size=(count, 3)), draw.random(count))


def ns_per_wave(count, seconds, times=100):
    """Ns per plane wave and particle, phases anchored."""
    field, block = _waves(count), _block()
    return 1e9 * fastest(lambda: field.evaluate_many(block, times), seconds) / (times * count * LANES)


def ns_per_step(field, scatterer, seconds, chunks=4):
    """Ns per particle step of the whole loop; 512-step chunks, anchors included."""
    block, sampler = _block(), Sampler([2**60])

    def push():
        advance(field, scatterer, block, sampler, chunks * CHUNK, 0.05, 1.0)

    return 1e9 * fastest(push, seconds) / (chunks * CHUNK * LANES)


def measurements(quick):
    """Rows (what, ns, per what, share of peak or None)."""
    seconds = 0.5 if quick else 3.0
    roof = peak_rate(seconds)
    yield "peak", 1e9 / roof, f"vector multiply-add of {build.VECTOR_WIDTH} doubles", 1.0
    for count in (512, 1024):
        ns = ns_per_wave(count, seconds)
        # a wave at a particle takes this many slots of the multiply-add ports, shared by the lanes of a vector
        slots = OPERATIONS_PER_WAVE / build.VECTOR_WIDTH
        yield f"plane waves, {count}, brute force", ns, "wave and particle", slots / (ns * 1e-9 * roof)
    yield "Boris step, no field", ns_per_step(Field(), Scatterer(), seconds), "particle step", None
    guide = UniformField(0, 0, 1)
    yield "Boris step, uniform field", ns_per_step(guide, Scatterer(), seconds), "particle step", None
    for kick in ("paper", "transport", "fork-constant"):
        ns = ns_per_step(guide, SmallAngleScatterer(kick, 0.01, 1), seconds)
        yield f"Boris step, uniform field, kick '{kick}'", ns, "particle step", None
    ns = ns_per_step(_waves(512), SmallAngleScatterer("paper", 0.01, 1), seconds, chunks=1)
    yield "Boris step, 512 waves, kick 'paper'", ns, "particle step", None


def show(quick):
    """Print the measurements."""
    table = Table(title=f"one core, {build.SIMD}, {build.COMPILER}")
    for name in ("kernel", "ns", "per", "share of peak"):
        table.add_column(name, justify="right" if name in ("ns", "share of peak") else "left")
    for what, ns, per, share in measurements(quick):
        table.add_row(what, f"{ns:.3f}", per, f"{100 * share:.0f} %" if share else "")
    report.show(table)
    print(
        f"peak: multiply-adds on registers alone. A plane wave takes {OPERATIONS_PER_WAVE} vector operations, each a\n"
        "slot of the multiply-add ports; least process time of several runs."
    )
