"""The lower panel of figure 3: kappa over the paper's equation for it."""

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.fig3_plasma import STAR
from hpcmm.figures.fig3_points import faces_of, group_of, style_of
from hpcmm.figures.fig3_theory import mirror_medium
from hpcmm.theory import EV

RANGE = (0.1, 10.0)
"""Ratios that the panel shows; points beyond stand at its edge as arrows."""


def expected(run, medium):
    """Equation (11) at the run's f_mm with delta = 1/3, which is (7) at 0; at 1 the smaller of (5) and (7) [cm2/s].

    Printed (11) is (5) at f_mm = 1 whatever the turbulence does, where rates add (docs/physics.md 11.5).
    """
    kappa_res = theory.kappa_res(run.energy * EV, 1 / 3, **medium)
    if not run.micromirrors or run.f_mm == 0:
        return kappa_res
    kappa_mm = theory.kappa_mm(run.energy * EV, **mirror_medium(medium, run.micromirrors))
    return np.minimum(kappa_mm, kappa_res) if run.f_mm == 1 else theory.kappa_eff(kappa_mm, kappa_res, run.f_mm)


def draw_ratios(axes, runs, stars, medium, micromirrors):
    """Draw the points of every run over what `expected` says, and lines at 1 and, for micromirrors, 2/3."""
    axes.set_yscale("log")
    axes.set_ylim(*RANGE)
    axes.axhline(1.0, color=style.THEORY_GREY, linewidth=0.6, zorder=1)
    if micromirrors:
        axes.axhline(2 / 3, color=style.THEORY_GREY, linewidth=0.8, linestyle=":", zorder=1, gid="2/3")
        axes.annotate("2/3", (1.0, 2 / 3), xycoords=("axes fraction", "data"), xytext=(-3, -1), fontsize=5.8,
                      textcoords="offset points", ha="right", va="top", color="0.3")  # fmt: skip
    for i, run in enumerate(runs):
        colour, marker = style_of(runs, group_of(run, runs))
        how = {"color": colour, "marker": marker, "markersize": 3.2}
        for name, chosen, face in faces_of(run):
            over = expected(run, medium)[chosen]
            drawn = _ratios(
                axes, run.energy[chosen], run.kappa[chosen] / over, run.kappa_err[chosen] / over, how | face
            )
            drawn.set_gid(f"ratio of run {i} {name}")
    for i, s in enumerate(stars):
        drawn = _ratios(axes, s.energy, s.kappa / s.exact, s.error / s.exact, STAR | {"markersize": 4.5})
        drawn.set_gid(f"ratio of stars {i}")
    axes.set_ylabel(r"$\kappa$ / eq. (11)", labelpad=2)
    axes.yaxis.set_major_locator(LogLocator(numticks=4))
    axes.yaxis.set_minor_locator(LogLocator(subs=np.arange(2, 10), numticks=99))
    axes.yaxis.set_minor_formatter(NullFormatter())
    style.ticks_inside(axes)
    axes.tick_params(which="both", right=True, top=True)


def _ratios(axes, energy, ratio, error, how):
    """Draw points with bars; those beyond the panel as arrows at its edge. Returns the points."""
    there = (ratio >= RANGE[0]) & (ratio <= RANGE[1])
    for beyond, edge, arrow in ((ratio > RANGE[1], RANGE[1] / 1.15, "^"), (ratio < RANGE[0], RANGE[0] * 1.15, "v")):
        place = style.POINTS | how | {"marker": arrow, "markersize": 2.5}
        axes.plot(energy[beyond], np.full(beyond.sum(), edge), **place)
    drawn = axes.errorbar(energy[there], ratio[there], yerr=error[there], **style.POINTS | style.BARS | how)
    return drawn.lines[0]
