"""Modes that are drawn at random: the seed of the magnetic field, the kicks of a random force."""

import math

from hpcmm.kinds.mhd.waves import across, half_space, with_conjugates
from hpcmm.parallel import random_streams


def seed_field(seed, rms, least, most, helicity):
    r"""Solenoidal field of equal power in all modes of a shell: {k: array (3,)}.

    .. math:: b_k = a e^{i \phi} (e_1 \cos \beta + i e_2 \sin \beta), \quad \sin 2 \beta = helicity

    with e_1 turned at random around k. At helicity 0 polarizations are linear, so that the magnetic helicity is zero
    mode by mode; at +-1 they are circular.

    Parameters
    ----------
    seed : int
    rms : float
        sqrt(<|b|^2>).
    least, most : float
        Range of abs(k).
    helicity : float
        Relative helicity of every mode, -1 to 1.
    """
    waves = half_space(least, most)
    if rms == 0.0 or not waves:
        return {}
    angles = 2 * math.pi * random_streams.generator(seed, random_streams.SEED_FIELD, 0, 0.0, 0).random((len(waves), 2))
    size, beta, field = rms / math.sqrt(2 * len(waves)), math.asin(helicity) / 2, {}
    for k, (phase, turn) in zip(waves, angles, strict=True):
        e_1, e_2 = across(k)
        one = math.cos(turn) * e_1 + math.sin(turn) * e_2
        two = math.cos(turn) * e_2 - math.sin(turn) * e_1
        field[k] = size * complex(math.cos(phase), math.sin(phase)) * (math.cos(beta) * one + 1j * math.sin(beta) * two)
    return with_conjugates(field)


def stirred_waves(wavenumber):
    """Wave vectors of a random force, of every pair one: |k| within 1/2 of the wavenumber."""
    return half_space(max(wavenumber - 0.5, 1.0), wavenumber + 0.5)


def random_kick(seed, step, wavenumber, power, dt):
    """Kick of an isotropic, solenoidal force without memory, which gives ``power`` in the mean: {k: array (3,)}.

    Parameters
    ----------
    seed, step : int
        Together they key the draw.
    wavenumber : float
    power : float
        Mean gain of energy per unit of time.
    dt : float
        Length of the step.
    """
    waves = stirred_waves(wavenumber)
    draws = random_streams.generator(seed, random_streams.STIRRING, 0, 0.0, step).standard_normal((len(waves), 4))
    size, field = math.sqrt(power * dt / (4 * len(waves))), {}
    for k, (a, b, c, d) in zip(waves, draws, strict=True):
        e_1, e_2 = across(k)
        field[k] = size * (complex(a, b) * e_1 + complex(c, d) * e_2)
    return with_conjugates(field)
