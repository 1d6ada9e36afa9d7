"""A plasma of a deck: before its first step, or as a checkpoint left it."""

import math

from hpcmm.kinds.hybrid_pic import loading, plan, state
from hpcmm.kinds.hybrid_pic.bricks import Bricks
from hpcmm.kinds.hybrid_pic.plasma import Plasma


def plasma_of(config, comm):
    """Collective: a plasma without markers."""
    return Plasma(Bricks(comm, config.box.cells), plan.box_of(config), plan.physics_of(config))


def begin(config, plasma):
    """Collective: fill a plasma as the deck starts it."""
    initial, box = config.initial, plasma.box
    loading.uniform_field(plasma)
    if initial.seed_field:
        top = initial.seed_wavenumber / math.sqrt(config.plasma.beta)
        loading.add_curl(plasma, loading.noise(box, config.run.seed, top), initial.seed_field)
    mode, perturbation = initial.mode, None
    if mode is not None and mode.polarization == "acoustic":
        perturbation = loading.acoustic(mode.m, mode.amplitude)
    elif mode is not None and mode.polarization == "mirror":
        loading.add_curl(plasma, loading.mirror_mode(box, mode.m), mode.amplitude)
    elif mode is not None:
        loading.add_curl(plasma, loading.circular_mode(box, mode.m), mode.amplitude)
        perturbation = loading.flow_of_circular(plasma, mode.m[0], mode.amplitude, plan.wave_frequency(config))
    plasma.begin(loading.load_markers(plasma, config.run.seed, perturbation))


def resume(config, found, plasma):
    """Collective: fill a plasma from a loaded `HybridState`."""
    state.restore(found, plasma)
