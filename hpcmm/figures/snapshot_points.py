"""Reads the points of figure 2: kappa of cosmic rays through snapshots of micromirrors, theory of their own waves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpcmm import theory
from hpcmm.errors import InputError
from hpcmm.io.table import flag
from hpcmm.kinds.transport.reader import TransportRun
from hpcmm.run import cubes
from hpcmm.theory.constants import GAUSS_MICRO, PARSEC, C
from hpcmm.theory.snapshot_scattering import WIDEST_GAP, gap, modes_of, snapshot_kappa

STRAIGHT = 2.0
"""Least r_g/l_mm at which theory of straight tracks is compared with."""


@dataclass(frozen=True)
class SnapshotPoints:
    """kappa along and across the mean field of one snapshot, over gyroradii; lengths in r_gi0, kappa in c r_gi0.

    Attributes
    ----------
    path : Path
        The run.
    title : str
    Z : int
    unit, B : float
        r_gi0 [cm]; the field whose rms was flown, taken as that of the mean field for energies [G].
    r_g : array
        In the mean field: that in B_rms times B_rms/|<B>|.
    kappa, error : dict of array
        Of "par" and "perp".
    flag : dict of array
        "yes", "no" or "undecided", of each whether it is converged.
    linear : dict of array
        Quasi-linear kappa in the waves of the file, after its filter (docs/physics.md 9.4).
    gap : array
        Distance of resonances from 90 degrees in their widths, `hpcmm.theory.snapshot_scattering.gap`.
    dB_over_B, l_mm, carriers : float
        Of the field along the mean, see `hpcmm.theory.snapshot_scattering.Modes`.
    spacing, box : array (3,)
    mean_share : float
        |<B>|/B_rms.
    left : tuple or None
        What a filter leaves of the power, as of `hpcmm.fields.field_file.Measured`; None where there is none.
    """

    path: Path
    title: str
    Z: int
    unit: float
    B: float
    r_g: np.ndarray
    kappa: dict
    error: dict
    flag: dict
    linear: dict
    gap: np.ndarray
    dB_over_B: float
    l_mm: float
    carriers: float
    spacing: np.ndarray
    box: np.ndarray
    mean_share: float
    left: tuple | None

    @property
    def few(self):
        """True if so few waves carry the power that kappa is that of the box."""
        return self.carriers < cubes.FEW_CARRIERS

    @property
    def doubtful(self):
        """True for the points whose kappa_par theory does not know: of few waves, or too weak to scatter through 90
        degrees.
        """
        return self.few | (self.gap > WIDEST_GAP)

    @property
    def straight(self):
        """True for the points to which the theory of straight tracks applies."""
        return self.r_g >= STRAIGHT * self.l_mm

    def printed(self, r_g):
        """Equations (4), which (5) puts into numbers, and (6) with the measured l_mm and dB/B; "par" and "perp"."""
        E = theory.energy_of_gyroradius(np.asarray(r_g) * self.unit, self.B, self.Z)
        mirrors = {"l_mm": self.l_mm * self.unit, "dB_over_B": self.dB_over_B}
        par = theory.kappa_mm(E, self.B, **mirrors, Z=self.Z) / (C * self.unit)
        return {"par": par, "perp": theory.kappa_perp_mm(**mirrors) / (C * self.unit) * np.ones_like(par)}


def read_snapshot_points(directory):
    """Read a run of transport through a snapshot with a mean field, and the snapshot itself.

    Parameters
    ----------
    directory : path

    Raises
    ------
    InputError
        If it is no such run, or the snapshot is no longer there, or not the one that was flown.
    """
    run, path = TransportRun(directory), Path(directory)
    config = run.config
    section = config.from_file
    if section is None or len(section.file) != 1 or section.r_gi is None or "kappa_par" not in run.table.colnames:
        raise InputError(
            f"{path}: no run for figure 2: one [[field]] of a file with a mean field is expected, with box and r_gi"
        )
    if any(s.acts for s in config.scatter):
        raise InputError(f"{path}: no run for figure 2: its particles are scattered by more than the field")
    m, r_gi = section.measured[0], section.r_gi
    waves = modes_of(cubes.own_field(section, 0), np.array(m.box) / r_gi)
    r_g = run.gyroradius.to_value("pc") / m.mean_share / r_gi
    table, linear = run.table, snapshot_kappa(waves, r_g)
    kappa, error = (
        {name: table[f"kappa_{name}{end}"].to_value("cm2 / s") / (C * PARSEC * r_gi) for name in ("par", "perp")}
        for end in ("", "_err")
    )
    flags = {"par": "converged", "perp": "kappa_perp_converged"}
    return SnapshotPoints(
        path=path,
        title=config.title,
        Z=config.particle.Z,
        unit=r_gi * PARSEC,
        B=config.medium.B_rms * GAUSS_MICRO,
        r_g=r_g,
        kappa=kappa,
        error=error,
        flag={name: np.array([flag(value) for value in table[column]]) for name, column in flags.items()},
        linear=dict(zip(("par", "perp"), linear, strict=True)),
        gap=gap(waves, r_g, linear[0]),
        dB_over_B=waves.dB_over_B,
        l_mm=waves.l_mm,
        carriers=waves.carriers,
        spacing=np.array(m.box) / np.array(m.points) / r_gi,
        box=np.array(m.box) / r_gi,
        mean_share=m.mean_share,
        left=m.left,
    )


def reference_of(series):
    """The snapshot without a filter whose dB/B is largest: its l_mm is the unit of the figure.

    Raises
    ------
    InputError
        If all are filtered, or their units differ.
    """
    whole = [s for s in series if s.left is None]
    if not whole:
        raise InputError(f"{series[0].path}: a run through a snapshot without a filter is expected too")
    chosen = max(whole, key=lambda s: s.dB_over_B)
    for s in series:
        if not np.allclose((s.unit, s.B, s.Z), (chosen.unit, chosen.B, chosen.Z), rtol=1e-9):
            raise InputError(f"{s.path}: r_gi, B_rms or Z differ from {chosen.path}: draw them apart")
    return chosen


def report(directories):
    """Lines that say in numbers what the figure shows."""
    series = [read_snapshot_points(directory) for directory in directories]
    reference, lines = reference_of(series), []
    for s in series:
        few = f" (few: {cubes.FEW_CARRIERS} or more are wanted)" if s.few else ""
        lines.append(
            f"{s.path}: dB/B {s.dB_over_B:.3g}, l_mm {s.l_mm:.3g} r_gi0, {s.carriers:.3g} waves carry the power{few}; "
            f"r_g in <B> is {100 / s.mean_share - 100:.2g} % more than in B_rms, which alone makes kappa_par "
            f"{100 / s.mean_share**2 - 100:.2g} % more at one r_g in B_rms"
        )
        if s.left is not None:
            lines.append(f"{s.path}: {cubes.left_text(s.left)}")
        lines += [_line(s, i) for i in range(len(s.r_g))]
        lines += [_exponent(s, name) for name in ("par", "perp") if (s.straight & ~s.doubtful).sum() > 2]
        if s.left is not None:
            lines += _above(s, reference)
    return lines


def _line(s, i):
    words = []
    for name in ("par", "perp"):
        kappa, other = s.kappa[name][i], s.printed(s.r_g)[name][i]
        equation, settled = {"par": 4, "perp": 6}[name], s.flag[name][i]
        words.append(
            f"kappa_{name} {kappa:.4g} ± {s.error[name][i]:.2g} c r_gi0, {kappa / s.linear[name][i]:.3g} of "
            f"quasi-linear, {kappa / other:.3g} of eq {equation}, converged: {settled}"
        )
    place = f"  r_g {s.r_g[i]:.3g} r_gi0 = {s.r_g[i] / s.l_mm:.3g} l_mm, gap {s.gap[i]:.3g}"
    flagged = " (theory of straight tracks does not know it)" if s.straight[i] and s.doubtful[i] else ""
    return f"{place}{flagged}: " + "; ".join(words)


def _exponent(s, name):
    """Exponent of kappa in r_g at the points of straight tracks, by weighted least squares."""
    there = s.straight & ~s.doubtful & (s.kappa[name] > 0)
    x, y, weight = np.log(s.r_g[there]), np.log(s.kappa[name][there]), (s.kappa[name] / s.error[name])[there]
    slope, cov = np.polyfit(x, y, 1, w=weight, cov="unscaled")
    span = f"from r_g = {s.r_g[there].min():.3g} to {s.r_g[there].max():.3g} r_gi0"
    return f"  kappa_{name} ~ r_g^{slope[0]:.3f} ± {np.sqrt(cov[0, 0]):.3f} {span}"


def _above(s, reference):
    """kappa without micromirrors over that with them, at the gyroradii both have (within a tenth: <B> differs)."""
    for i, r_g in enumerate(s.r_g):
        j = np.argmin(np.abs(np.log(reference.r_g / r_g)))
        if abs(np.log(reference.r_g[j] / r_g)) < 0.1:
            scaled = reference.kappa["par"][j] * (r_g / reference.r_g[j]) ** 2
            times = s.kappa["par"][i] / scaled
            yield f"  r_g {r_g:.3g} r_gi0: kappa_par {times:.3g} times that of {reference.path.name}"
