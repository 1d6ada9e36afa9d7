"""Warnings of what a deck of transport may ask for but probably does not mean, or what makes its kappa doubtful."""

import numpy as np

from hpcmm.fields.plane_waves import FEWEST_MODES, RESONANT_MODES_PER_DECADE, SPARSE_BELOW
from hpcmm.fields.turbulent import TurbulentSection
from hpcmm.io.terminal import energies_text, energy_text
from hpcmm.kinds.transport.plan import advised_step, plan, turbulent_decay_rate
from hpcmm.run import cubes
from hpcmm.run.speeds import slow_lines

FEW_WAVES = 64
"""Waves below which a warning is due; the paper has 1024."""

KICKS_RULE = 100
"""Rate of kicks everywhere over that of turbulence beyond which the latter, 70 % too low, changes kappa by < 1 %."""

ACROSS = 3.0
"""r_g/l_c from which only waves nearly across the track deflect, so that few of them make kappa too high."""

WAVES_PER_L_C = 100
"""Waves, per r_g/l_c, that are enough there, and at least FEWEST_MODES: 1,024 err by 2 % at 10 l_c, 12 % at 30."""


def warnings(config):
    """Warnings, one a line, of what is allowed but probably not intended."""
    found = slow_lines(config.particle.energy, config.particle.Z) + _beyond_ranges(config)
    if config.particle.common_origin:
        found.append(
            "particle.common_origin: all particles of a realization start at one place, which is for pictures; kappa, "
            "its errors and f_mm_volume are those of one place in each"
        )
    for index, section in enumerate(config.field):
        actual, stated = section.correlation_length(), config.medium.l_c
        if actual == 0.0:
            found.append(
                f"field[{index}] has no correlation length: its spectrum has no power at k = 0, so that field lines "
                "come back instead of wandering, and kappa_perp falls with time; "
                'spectrum = "bend_over" with q = 0 is expected'
            )
        elif actual is not None and abs(actual / stated - 1) > 0.1:
            found.append(
                f"field[{index}] has a correlation length of {actual:.4g} pc, medium.l_c says {stated:g} pc: gyroradii "
                "and displacements are given in units of the latter" + _remedy(section, stated / actual)
            )
    turbulent = any(f.outer_scale is not None for f in config.field)
    for index, section in enumerate(config.scatter):
        if section.model == "resonant" and turbulent:
            found.append(
                f"scatter[{index}] stands for scattering in the turbulence that [[field]] resolves: it is counted twice"
            )
    for index, section in enumerate(config.field):
        if section.model == "mirror_modes" and not section.is_about(config.guide):
            found.append(f"field[{index}] is a ring about {list(section.direction)}, not about the guide field")
    gated = any(s.gated or s.masked for s in config.scatter) and any(f.outer_scale for f in config.field)
    for p in plan(config):
        # <dr^2> = 6 kappa T = 2 lambda T
        displacement = np.sqrt(2 * p.decay_length * p.path_length) / config.medium.l_c
        if gated and displacement < 2:
            found.append(
                f"at {energy_text(p.energy)} particles are expected to move by {displacement:.2g} l_c; "
                f"over less than 2 l_c "
                "patches are only partly averaged over (docs/physics.md 8.5)"
            )
        for period in (s.structure for s in config.scatter if s.structure):
            moved = np.sqrt(2 * p.decay_length * p.path_length) / period
            if moved < 2:
                found.append(
                    f"at {energy_text(p.energy)} particles are expected to move by {moved:.2g} periods "
                    f"of the patches; over "
                    "less than 2 they are only partly averaged over (docs/physics.md 8.5)"
                )
        found += _sparse_waves(config, p) + _few_waves_across(config, p)
        advised = advised_step(config, p.gyroradius)
        if p.step > 2 * advised:
            found.append(
                f"at {energy_text(p.energy)} the step of {p.step:.4g} pc is longer than the {advised:.4g} pc advised"
            )
    return found + cubes.warnings(config, plan(config))


def _remedy(section, factor):
    """What would change the correlation length of a component by a factor."""
    if not isinstance(section, TurbulentSection):
        return ""
    key = "l_max" if section.spectrum == "power_law" else "l_bend"
    return f"; {key} = {getattr(section, key) * factor:.4g} pc would make them equal"


def _beyond_ranges(config):
    """Warnings of formulas beyond their range, and of averages over too little."""
    found = []
    for index, section in enumerate(config.scatter):
        if section.model != "micromirrors" or not section.acts:
            continue
        low = [p for p in plan(config) if p.gyroradius < section.l_mm]
        if low:
            p = min(low, key=lambda p: p.energy)
            turn = section.dB_over_B * section.l_mm / p.gyroradius
            least = energy_text(p.energy * section.l_mm / p.gyroradius)
            found.append(
                f"scatter[{index}]: at {energies_text(q.energy for q in low)} r_g is less than l_mm ("
                f"{p.gyroradius / section.l_mm:.2g} of it at {energy_text(p.energy)}, where one micromirror would turn "
                f"a particle by {turn:.3g} rad): eq 3 holds for small angles, r_g > l_mm, from {least} on"
            )
    for index, section in enumerate(config.field):
        waves = min(section.wave_count(config.surroundings, p.gyroradius) for p in plan(config))
        if section.model == "plane_waves" and waves < FEW_WAVES:
            found.append(
                f"field[{index}] has {waves} waves: a sum of fewer than {FEW_WAVES} is neither isotropic nor Gaussian, "
                "and kappa that of these directions; modes = 512 or more is expected"
            )
    random = any(section.outer_scale is not None for section in config.field)
    if random and config.run.realizations == 1:
        found.append(
            "run.realizations = 1: kappa and its error are those of one field; the scatter from field to field is not "
            "in them, 10 or more are expected"
        )
    return found


def _kicks_rule(config, p):
    """Do kicks everywhere outdo turbulence, so that its own scattering does not count?"""
    kicks = sum(section.decay_rate(p.gyroradius) for section in config.scatter if section.everywhere)
    return kicks > KICKS_RULE * turbulent_decay_rate(config, p.gyroradius)


def _sparse_waves(config, p):
    """Warnings of fields whose waves are too few to scatter by gyroresonance at an energy."""
    if p.gyroradius >= SPARSE_BELOW * config.medium.l_c or _kicks_rule(config, p):
        return []
    return [
        f"at {energy_text(p.energy)} field[{index}] has "
        f"{section.resonant_density(config.medium, p.gyroradius):.3g} waves a "
        f"decade near the gyroradius: below r_g/l_c = 1e-6 resonances then do not overlap, scattering is 20 to 70 % "
        f"too low and kappa too high; modes_per_decade = {RESONANT_MODES_PER_DECADE:g} or none is expected"
        for index, section in enumerate(config.field)
        if section.model == "plane_waves"
        and section.resonant_density(config.medium, p.gyroradius) < 0.99 * RESONANT_MODES_PER_DECADE
    ]


def _few_waves_across(config, p):
    """Warnings of fields whose waves are too few for small deflections, at an energy (docs/physics.md 2.5)."""
    x = p.gyroradius / config.medium.l_c
    if x < ACROSS or _kicks_rule(config, p):
        return []
    enough = max(FEWEST_MODES, round(WAVES_PER_L_C * x))
    return [
        f"at {energy_text(p.energy)}, r_g = {x:.3g} l_c, field[{index}] has {waves} waves: only those nearly across a "
        "track deflect there, and few make kappa too high (at 10 l_c 128 by 49 %, 512 by 10 %, 1,024 by 2 %); "
        f"modes = {enough} or none is expected"
        for index, section in enumerate(config.field)
        if section.model == "plane_waves" and (waves := section.wave_count(config.surroundings, p.gyroradius)) < enough
    ]
