"""Lines of the paper's equations in figure 3, and the transition as measured."""

import numpy as np

from hpcmm import theory
from hpcmm.figures import style
from hpcmm.figures.fig3_points import group_of, partial_fractions, style_of
from hpcmm.figures.transition_fit import NotBracketed, measured_transition
from hpcmm.theory import EV

# equation (7): exponent -> its label, where on the visible part of the line, and whether above it
RESONANT_LINES = {
    0.0: (r"$\delta=0$", 0.55, True),
    1 / 3: (r"$\delta=1/3$", 0.55, True),
    1 / 2: (r"$\delta=1/2$", 0.55, False),
    1.0: (r"Bohm, $\delta=1$", 0.42, False),
}
BAND_DELTAS = (1 / 2, 1 / 3)


def draw_theory(axes, runs, medium, micromirrors):
    """Draw lines and band of the paper's equations, each artist's gid naming its own; returns legend entries."""
    x = np.geomspace(*axes.get_xlim(), 400)
    for delta, label in RESONANT_LINES.items():
        kappa = theory.kappa_res(x * EV, delta, **medium)
        how = {"color": style.THEORY_GREY, "linestyle": "-.", "linewidth": 0.8}
        (resonant,) = axes.plot(x, kappa, gid=f"eq 7 delta={delta:.3g}", **how)
        _label_line(axes, resonant, *label)

    how = {"color": style.THEORY_GREY, "linestyle": ":", "linewidth": 1.0}
    (streaming,) = axes.plot(x, np.full_like(x, theory.kappa_st()), gid="eq 18", **how)
    how = {"color": style.THEORY_GREY, "linestyle": (0, (4, 1.5, 1, 1.5, 1, 1.5)), "linewidth": 0.7}
    (wander,) = axes.plot(x, np.full_like(x, theory.kappa_trw()), gid="kappa_trw", **how)
    entries = _draw_micromirrors(axes, x, runs, medium, micromirrors) if micromirrors else []
    return [
        *entries,
        (resonant, r"resonant scattering $\kappa_{\rm res}$, eq. (7)"),
        (streaming, r"streaming $\kappa_{\rm st}$, eq. (18): $l_{\rm A}=1$ kpc, $v_{\rm A}=100$ km s$^{-1}$"),
        (wander, r"along wandering field lines $\kappa_{\rm trw}=c\,l_{\rm A}$"),
    ]


def _draw_micromirrors(axes, x, runs, medium, micromirrors):
    kappa_mm = theory.kappa_mm(x * EV, **mirror_medium(medium, micromirrors))
    (line,) = axes.plot(x, kappa_mm, gid="eq 5", color="0.25", linestyle="--", linewidth=1.1)
    entries = [(line, r"micromirrors $\kappa_{\rm mm}$, eq. (5); eq. (11) for $f_{\rm mm}=1$ is the same")]

    kappa_res = theory.kappa_res(x * EV, 1 / 3, **medium)
    for f_mm in partial_fractions(runs):
        colour, _ = style_of(runs, next(group_of(run, runs) for run in runs if run.f_mm == f_mm))
        kappa = theory.kappa_eff(kappa_mm, kappa_res, f_mm)
        (line,) = axes.plot(x, kappa, gid=f"eq 11 f_mm={f_mm:g}", color=colour, linewidth=0.8, zorder=2.5)
        label = rf"two phases $\kappa_{{\rm eff}}$, eq. (11): $f_{{\rm mm}}={f_mm:g}$, $\delta=1/3$"
        entries.append((line, label))

    edges = [theory.transition_energy(d, **medium, **micromirrors) / EV for d in BAND_DELTAS]
    band = axes.axvspan(*edges, gid="eq 9", color=style.BAND_COLOUR, alpha=0.35, linewidth=0, zorder=0)
    return [*entries, (band, r"transition, eq. (9), $1/2\geq\delta\geq1/3$")]


def draw_transition(axes, runs):
    """Draw the transition that the points show, with its error; returns legend entries, none where it is unknown."""
    try:
        found = measured_transition(runs)
    except NotBracketed:  # the report beside the figure says why
        return []
    if found is None:
        return []
    error = float(np.sqrt(found.statistical**2 + found.extrapolation**2 + found.plateau**2))
    how = {"color": "#7B0D1E", "zorder": 0.5}
    axes.axvspan(found.energy - error, found.energy + error, gid="transition", alpha=0.3, linewidth=0, **how)
    line = axes.axvline(found.energy, linewidth=0.9, **how)
    tev = rf"{found.energy / 1e12:.2g} $\pm$ {error / 1e12:.1g} TeV"
    return [
        (
            line,
            rf"transition as measured: $\kappa_\parallel$ of turbulence $=\frac{{2}}{{3}}c^2/\nu_{{\rm mm}}$ at {tev}",
        )
    ]


def _label_line(axes, line, text, position, above):
    """Write along a line, above or below it, at a fraction of the part of it that the axes show."""
    x, y = line.get_data()
    low, high = axes.get_ylim()
    shown = np.flatnonzero((y > low) & (y < high))
    if shown.size < 10:
        return
    i = shown[int(position * shown.size)]
    left, right = axes.transData.transform([(x[i - 2], y[i - 2]), (x[i + 2], y[i + 2])])
    angle = np.arctan2(right[1] - left[1], right[0] - left[0])
    points_off = 2.0 if above else -2.0
    axes.annotate(
        text,
        (x[i], y[i]),
        xytext=(-points_off * np.sin(angle), points_off * np.cos(angle)),
        textcoords="offset points",
        rotation=np.degrees(angle),
        rotation_mode="anchor",
        ha="center",
        va="bottom" if above else "top",
        fontsize=5.8,
        color="0.3",
    )


def mirror_medium(medium, micromirrors):
    """Keyword arguments of `hpcmm.theory.kappa_mm`, but the energy."""
    return {"Z": medium["Z"], "B": medium["B"]} | micromirrors
