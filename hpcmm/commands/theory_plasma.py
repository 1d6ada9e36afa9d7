"""`hpcmm theory --plasma`: fastest modes of a plasma whose ions have two temperatures."""

import math

from rich.table import Table

from hpcmm.errors import InputError
from hpcmm.io import terminal
from hpcmm.theory import plasma_instabilities as growth

RANGES = {"beta": (0.1, 1e3), "anisotropy": (-0.9, 2.0), "T_e_over_T_i": (0.0, 100.0)}
"""Option -> what it may be; beyond it the searches for the fastest modes may miss them."""


def rows(beta, A, T_e_over_T_i):
    """Yield (name, `hpcmm.theory.plasma_instabilities.Mode` or None, source) of the fastest modes."""
    hot, mirror, firehose = "hot dispersion relation, physics 16.3", A > 1, A < 1
    standing = growth.fastest_standing(beta, A, T_e_over_T_i)
    along = growth.fastest_parallel(beta, A)
    yield "mirror", standing if mirror else None, hot
    yield "  for slow growth", growth.fastest_mirror_small_amplitude(beta, A) if mirror else None, "Hasegawa 1969"
    yield "ion cyclotron, parallel", along if mirror else None, hot
    yield "firehose, parallel", along if firehose else None, hot
    yield "firehose, oblique", standing if firehose else None, hot


def show(options):
    """Print the table."""
    for name, (low, high) in RANGES.items():
        value = getattr(options, name)
        if not low <= value <= high:
            option = f"--{name.replace('T_e_', 'T_e-').replace('_T_i', '-T_i')}"
            raise InputError(f"theory: {option}: a number from {low:g} to {high:g} is expected, not {value:g}")
    beta, A = options.beta, 1 + options.anisotropy
    caption = "r = sqrt(beta) d_i, gyroradius at T_par; omega > 0: left-handed; beta of T_par"
    table = Table(title=f"beta = {beta:g}, T_perp/T_par = {A:g}, T_e/T_i = {options.T_e_over_T_i:g}", caption=caption)
    for name in ("fastest mode", "gamma/Omega_i", "omega/Omega_i", "k_par r", "k_perp r", "angle to B", "source"):
        table.add_column(name, justify="left" if name in ("fastest mode", "source") else "right")
    for name, mode, source in rows(beta, A, options.T_e_over_T_i):
        if mode is None:
            table.add_row(name, "stable", "", "", "", "", source)
            continue
        angle = math.degrees(math.atan2(mode.k_perp, mode.k_par))
        table.add_row(
            name, f"{mode.gamma:.4g}", f"{mode.omega:.4g}", f"{mode.k_par:.3f}", f"{mode.k_perp:.3f}",
            f"{angle:.0f} deg", source,
        )  # fmt: skip
    terminal.show(table)
