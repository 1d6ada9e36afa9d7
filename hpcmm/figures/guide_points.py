"""Reads kappa along and across a guide field from runs of transport, and what theory has for their decks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.fields.uniform import Uniform
from hpcmm.io.table import flag
from hpcmm.kinds.transport.reader import TransportRun
from hpcmm.theory.constants import PARSEC, C
from hpcmm.theory.slab import kappa_par_slab

NAMES = ("par", "perp")

FLAGS = {"par": "converged", "perp": "kappa_perp_converged"}

KICKS = "kicks in a uniform field, exactly"
SLAB = r"$\kappa_\parallel$ of quasi-linear theory, slab waves alone"


@dataclass(frozen=True)
class GuidePoints:
    """Points of a run.

    Attributes
    ----------
    path : Path
    title : str
    energy : array
        [eV]
    radius : array
        r_g/l_c.
    kappa, error : dict of array
        Of "par" and "perp" [cm2/s].
    settled : dict of array of bool
        True where the flag is "yes".
    theory : str or None
        `KICKS` or `SLAB`; None where the deck's motion has no such formula.
    expected : dict of array
        Its values at `line_energy`, of what it has of "par" and "perp" [cm2/s].
    line_energy : array
        [eV]
    """

    path: Path
    title: str
    energy: np.ndarray
    radius: np.ndarray
    kappa: dict
    error: dict
    settled: dict
    theory: str | None
    expected: dict
    line_energy: np.ndarray


def read_guide_points(directory):
    """Read the points of a run; raises InputError where it has no guide field."""
    run, path = TransportRun(directory), Path(directory)
    table, config = run.table, run.config
    if "kappa_par" not in table.colnames:
        raise InputError(f"{path / 'kappa.ecsv'}: no kappa_par: the deck has no guide field to draw it along")
    energy = table["energy"].to_value("eV")
    line_energy = np.geomspace(energy.min() / 6, energy.max() * 6, 80)
    name, expected = _theory(config, line_energy / energy[0] * table["r_g"].to_value("pc")[0])
    return GuidePoints(
        path=path,
        title=config.title,
        energy=energy,
        radius=table["r_g"].to_value("pc") / config.medium.l_c,
        kappa={n: table[f"kappa_{n}"].to_value("cm2 / s") for n in NAMES},
        error={n: table[f"kappa_{n}_err"].to_value("cm2 / s") for n in NAMES},
        settled={n: np.array([flag(value) == "yes" for value in table[FLAGS[n]]]) for n in NAMES},
        theory=name,
        expected={n: values * C * PARSEC for n, values in expected.items()},
        line_energy=line_energy,
    )


def _theory(config, radius):
    """Name and values [c pc] of what theory has at gyroradii [pc]; None and nothing where it has none."""
    if all(isinstance(section, Uniform) for section in config.field):
        kicks = [section for section in config.scatter if section.acts]
        if not kicks or not all(section.everywhere for section in kicks):
            return None, {}
        tau = np.array([1 / sum(section.decay_rate(r) for section in kicks) for r in radius])
        turned = tau / (radius * config.medium.B_rms / config.guide_strength)
        return KICKS, {"par": tau / 3, "perp": tau / 3 / (1 + turned**2)}
    slab = [section for section in config.field if getattr(section, "geometry", None) == "slab"]
    if len(slab) != 1 or config.scatter:
        return None, {}
    (waves,), guide = slab, config.guide_strength
    kappa = [
        kappa_par_slab(
            r * config.medium.B_rms / guide,
            (waves.dB / guide) ** 2,
            lambda k: waves.energy.density(k, waves.l_max, waves.l_dissipation),
        )
        for r in radius
    ]
    return SLAB, {"par": np.array(kappa)}
