"""Writes kappa.ecsv of an effective medium: a row a filling fraction, units in the header."""

import math

import numpy as np

from hpcmm.io.table import made_by, write_table
from hpcmm.kinds.effective_medium.tensor import COMPONENTS, estimate, estimate_on_two_grids, isotropic
from hpcmm.theory.two_phase import hashin_shtrikman_bounds

_MEANING = {
    "kappa": "geometric mean of two tensors that enclose that of the medium of the cells",
    "kappa_iso": "a third of the trace; lower, upper: of the enclosing tensors",
    "kappa_iso_discretization": "half of what lies between kappa_iso_lower and kappa_iso_upper",
    "kappa_iso_realizations": "standard error between realizations; nan: one of a random morphology",
    "kappa_iso_err": "root of the sum of both squared",
    "filling_fraction": "as asked for; measured: share of the cells, which the reference columns are of",
    "references": "harmonic and arithmetic mean; bounds of Hashin & Shtrikman for isotropic media of two phases",
    "iterations": "the most of any solve",
}

_OF_TWO_GRIDS = {
    "kappa": "tensor of the medium of the cells, which differ along and across the field; no bounds enclose it",
    "kappa_iso": "a third of the trace; lower, upper: nan, for there are no bounds",
    "kappa_iso_discretization": "what it differs by from a grid of half the cells an axis; kappa_xx_discretization ...:"
    " likewise",
    "references": "a third of the traces of <K^-1>^-1 and <K>, which enclose kappa_iso of the cells; hs: nan",
}
"""Entries of the header that replace those of `_MEANING` where there is kappa_perp."""


def kappa_rows(config, rows):
    """Make the rows of the table.

    Parameters
    ----------
    config : EffectiveMediumConfig
    rows : array [filling fraction, realization, len(RESULT)]
        See `hpcmm.kinds.effective_medium.state`.

    Returns
    -------
    list of dict
        Column name -> value, one dict a filling fraction; kappa in cm2/s.
    """
    section, made = config.effective_medium, []
    for asked, part in zip(section.fractions, rows, strict=True):
        tensor, discretization, spread, more = (_from_grids if section.anisotropic else _from_bounds)(part)
        if not config.random:
            spread = 0.0  # a shape has one realization, and no other
        measured = part[:, 0].mean() if (part[:, 0] >= 0).all() else math.nan
        hs = (math.nan, math.nan)
        if measured == measured and not section.anisotropic:
            hs = hashin_shtrikman_bounds(section.kappa_patch, section.kappa_background, measured)
        made.append(
            {"filling_fraction": measured if math.isnan(asked) else asked, "filling_fraction_measured": measured}
            | {f"kappa_{name}": tensor[i, j] for name, i, j in COMPONENTS}
            | {
                "kappa_iso": float(isotropic(tensor)),
                "kappa_iso_err": math.hypot(discretization, spread),
                "kappa_iso_discretization": discretization,
                "kappa_iso_realizations": spread,
                **more,
                "harmonic": float(part[:, 1].mean()),
                "arithmetic": float(part[:, 2].mean()),
                "hs_lower": float(hs[0]),
                "hs_upper": float(hs[1]),
                "iterations": int(part[:, 3].max()),
                "realizations": len(part),
            }
        )
    return made


def _from_bounds(part):
    """(tensor, discretization, spread, further columns) of a filling fraction, from bounds."""
    lower, upper = (column.reshape(-1, 3, 3) for column in (part[:, 4:13], part[:, 13:]))
    bounds = {"kappa_iso_lower": float(isotropic(lower).mean()), "kappa_iso_upper": float(isotropic(upper).mean())}
    return *estimate(lower, upper), bounds


def _from_grids(part):
    """(tensor, discretization, spread, further columns) of a filling fraction with kappa_perp, from two grids."""
    coarse, fine = (column.reshape(-1, 3, 3) for column in (part[:, 4:13], part[:, 13:]))
    tensor, components, discretization, spread = estimate_on_two_grids(coarse, fine)
    more = {f"kappa_{name}_discretization": components[i, j] for name, i, j in COMPONENTS}
    return tensor, discretization, spread, {"kappa_iso_lower": math.nan, "kappa_iso_upper": math.nan} | more


def write_kappa(directory, config, rows, attributes):
    """Write kappa.ecsv, whole at any moment; arguments as in `kappa_rows`, and the provenance."""
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    section, made = config.effective_medium, kappa_rows(config, rows)
    numbers = ("filling_fraction", "filling_fraction_measured", "iterations", "realizations")
    columns = {name: np.array([row[name] for row in made]) for name in made[0]}
    table = QTable({n: c if n in numbers else quantity(c, "cm2 / s") for n, c in columns.items()})
    table.meta = {"title": config.title, "kind": config.run.kind, **_MEANING}
    table.meta |= _OF_TWO_GRIDS if section.anisotropic else {}
    table.meta |= {"morphology": section.morphology, "grid": list(section.grid), "tolerance": section.tolerance}
    table.meta |= {"kappa_patch": section.kappa_patch, "kappa_background": section.kappa_background}
    if section.anisotropic:
        names = ("kappa_perp_patch", "kappa_perp_background")
        table.meta |= {name: getattr(section, name) for name in names}
    table.meta |= {"seed": config.run.seed}
    table.meta |= made_by(attributes)
    write_table(directory / "kappa.ecsv", table)
