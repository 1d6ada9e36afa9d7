"""Reads the points of the figure of effective media: kappa and its components against filling fraction."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.io.table import Needs, read_table_of
from hpcmm.kinds.effective_medium.reader import NEEDS

AXES = ("xx", "yy", "zz")

APART = 3.0
"""Errors by which components differ where they are drawn beside kappa_iso; below, they are one number."""

LEAST = 1e-3
"""Part of kappa_iso by which they differ at least, where the error is that of the solver alone."""

PHASES = {
    "kappa_patch": r"\kappa_{\rm patch}",
    "kappa_perp_patch": r"\kappa_{\perp{\rm patch}}",
    "kappa_perp_background": r"\kappa_{\perp{\rm background}}",
}
"""Keys of the deck in the header, which are told in units of kappa_background, and their symbols."""

ALIKE = 1e-3
"""Where the means differ by less than this part, nothing between them is to be measured."""

WIENER = ("harmonic", "arithmetic")
REFERENCES = (*WIENER, "hs_lower", "hs_upper")

_KAPPAS = ("kappa_iso_lower", "kappa_iso_upper", "kappa_iso_discretization", "kappa_iso_realizations")
_NEEDS = Needs(NEEDS.columns | dict.fromkeys(_KAPPAS, "cm2 / s"), NEEDS.optional)


@dataclass(frozen=True)
class MediumPoints:
    """The table of one effective medium, rows by rising fraction; kappa in units of `unit`.

    Attributes
    ----------
    path : Path
        Run directory.
    title : str
    unit : float
        kappa_background, along the field where there is one [cm2/s]; of a file of kappa, which has none, the arithmetic
        mean.
    phases : dict
        Number of the deck -> itself over `unit`: kappa_patch, and kappa_perp_... of both; empty for a file of kappa.
    fraction : array
        Measured share of the volume in patches; nan for a file of kappa.
    kappa, error : array
        kappa_iso; its standard error between realizations, with kappa_perp that with the difference of two grids.
    lower, upper : array
        Bounds of kappa_iso of the cells; nan with kappa_perp.
    components, component_error : array [axis, row]
        kappa_xx, kappa_yy, kappa_zz; the error is nan without kappa_perp, where they have none of their own.
    distinct : array of bool
        True where components differ by more than APART errors.
    references : dict of array
        Columns REFERENCES.
    """

    path: Path
    title: str
    unit: float
    phases: dict
    fraction: np.ndarray
    kappa: np.ndarray
    error: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    components: np.ndarray
    component_error: np.ndarray
    distinct: np.ndarray
    references: dict

    @property
    def anisotropic(self):
        """True with kappa_perp."""
        return len(self.phases) > 1

    @property
    def contrast(self):
        """kappa_patch / kappa_background, from which curves follow; None with kappa_perp and for a file of kappa."""
        return None if self.anisotropic else self.phases.get("kappa_patch")


def read_medium_points(directories):
    """Read the points of effective media.

    Returns
    -------
    list of MediumPoints

    Raises
    ------
    InputError
        Naming the directory that holds no such run, or one that does not fit the others.
    """
    found = [_read(Path(directory)) for directory in directories]
    for medium in found if len(found) > 1 else ():
        if not medium.phases:
            raise InputError(f"{medium.path}: a file of kappa has no patches to compare with others': draw it alone")
    return found


def share(kappa, references):
    """Way of kappa from the harmonic to the arithmetic mean, in ln kappa; nan where both are alike.

    Parameters
    ----------
    kappa : array [..., row]
    references : dict of array [row]
        With the entries of `WIENER`.
    """
    low, high = (references[name] for name in WIENER)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.log(high / low)
        return np.where(whole > ALIKE, np.log(kappa / low) / whole, np.nan)


def _read(directory):
    table = read_table_of(directory, needs=_NEEDS)
    kind = table.meta.get("kind", "transport")
    if kind != "effective_medium":
        raise InputError(f"{directory}: a run of kind 'effective_medium' is expected, not one of {kind!s:.60}")
    table = table[np.argsort(table["filling_fraction"])]
    values = {name: table[name].to_value("cm2 / s") for name in table.colnames if hasattr(table[name], "to_value")}
    for name in ("kappa_iso", *WIENER):
        if not (np.isfinite(values[name]) & (values[name] > 0)).all():
            raise InputError(f"{directory}: column '{name}' of kappa.ecsv holds values that are not positive")
    names = [name for name in PHASES if name in table.meta]
    anisotropic = len(names) > 1
    unit = float(table.meta["kappa_background"]) if names else float(values["arithmetic"][0])
    whole = values["kappa_iso_discretization"], np.nan_to_num(values["kappa_iso_realizations"])
    error = np.hypot(*whole) if anisotropic else whole[1]
    components = np.array([values[f"kappa_{axis}"] for axis in AXES])
    own = np.array([values.get(f"kappa_{axis}_discretization", np.full(len(table), np.nan)) for axis in AXES])
    apart = APART * (own.max(axis=0) if anisotropic else np.hypot(*whole))
    return MediumPoints(
        path=directory,
        title=str(table.meta.get("title") or ""),
        unit=unit,
        phases={name: float(table.meta[name]) / unit for name in names},
        fraction=np.asarray(table["filling_fraction_measured"], dtype=float),
        kappa=values["kappa_iso"] / unit,
        error=error / unit,
        lower=values["kappa_iso_lower"] / unit,
        upper=values["kappa_iso_upper"] / unit,
        components=components / unit,
        component_error=own / unit,
        distinct=np.ptp(components, axis=0) > np.maximum(apart, LEAST * values["kappa_iso"]),
        references={name: values[name] / unit for name in REFERENCES},
    )
