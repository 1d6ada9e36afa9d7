"""Points of figure 3: which runs share a symbol, and what the legend says of them."""

import numpy as np
from matplotlib.lines import Line2D

from hpcmm import theory
from hpcmm.figures import style


def shared(runs):
    """Medium and micromirrors that all runs share; None where they differ, as the lines belong to one medium."""
    medium = runs[0].medium
    with_mirrors = [run for run in runs if run.micromirrors]
    micromirrors = with_mirrors[0].micromirrors if with_mirrors else None
    one = all(_same(run.medium, medium) for run in runs)
    one = one and all(_same(run.micromirrors, micromirrors) for run in with_mirrors)
    return (medium, micromirrors) if one else (None, None)


def _same(left, right):
    return all(np.isclose(left[key], right[key], rtol=1e-9) for key in left)


def partial_fractions(runs):
    """Micromirror fractions for which equation (11) differs from (5) and from (7), from high to low."""
    return sorted({run.f_mm for run in runs if 0 < run.f_mm < 1}, reverse=True)


def groups_of(runs):
    """Group each run with that of scattering alone at its f_mm, in the order given: one colour and marker a group."""
    groups = {}
    for run in runs:
        groups.setdefault(group_of(run, runs), []).append(run)
    return groups


def _is_patchy(run):
    return run.patches and 0 < run.f_mm < 1  # at 0 and 1 a probability and a share of the volume are the same


def _kind_of(run):
    return run.f_mm, _is_patchy(run), run.along_lines, FROM_FILE if run.from_file else None


def group_of(run, runs):
    """Key of the group of a run, in `groups_of`."""
    like = [r for r in runs if (_kind_of(r), r.scattering_only) == (_kind_of(run), run.scattering_only)]
    return *_kind_of(run), next(i for i, r in enumerate(like) if r is run)


def style_of(runs, group):
    """Colour and marker of a group: olive crosses for fields of files, as in the paper."""
    if FROM_FILE in group:
        return "#808000", "X"
    index = list(groups_of(runs)).index(group)
    return style.colour(index), style.marker(index)


FROM_FILE = "from file"

_HOLLOW = {"markerfacecolor": "white"}


def faces_of(run):
    """Name, choice and look of a run's points: full where converged, half where not, hollow where scattering alone."""
    for converged, name in ((True, "converged"), (False, "not converged")):
        face = _HOLLOW if run.scattering_only else {} if converged else style.HALF
        yield name, run.drawable & (run.converged == converged), face


def draw_points(axes, runs):
    """Draw points of every run: full where converged, half where not, hollow where the run has scattering alone.

    Returns
    -------
    list
        Legend entries.
    """
    for i, run in enumerate(runs):
        colour, marker = style_of(runs, group_of(run, runs))
        how = style.POINTS | {"color": colour, "marker": marker}
        for name, chosen, face in faces_of(run):
            x, y, error = run.energy[chosen], run.kappa[chosen], run.kappa_err[chosen]
            points = axes.errorbar(x, y, yerr=error, **how | style.BARS | face)
            points.lines[0].set_gid(f"run {i} {name}")
    entries = []
    for key, group in groups_of(runs).items():
        colour, marker = style_of(runs, key)
        entries.append(
            (Line2D([], [], **style.POINTS | {"color": colour, "marker": marker}), _group_label(group, runs))
        )
    grey = style.POINTS | {"color": "0.3", "marker": "o"}
    full, half, hollow = (Line2D([], [], **grey | face) for face in ({}, style.HALF, _HOLLOW))
    entries.append(((full, half), r"full: converged; half: not; bars: 1$\sigma$, often within the symbol"))
    if any(run.scattering_only for run in runs):
        entries.append((hollow, r"hollow: scattering only, no field; $\kappa$ along a line, $\kappa_{\rm iso}$"))
    return entries


def _group_label(group, runs):
    """Text of the legend for a group: of several its directory, then the title, and the medium where they differ."""
    first = group[0]
    mirrors = rf"$f_{{\rm mm}}={first.f_mm:g}$" if first.micromirrors else "no micromirrors"
    mirrors += " of the volume, in patches" if _is_patchy(first) else ""
    mirrors += r", on field lines: $\kappa_\parallel$" if first.along_lines else ""
    mirrors += ", in the turbulence of a file" if first.from_file else ""
    if shared(runs)[0] is None:
        B, l_c = first.medium["B"] / theory.GAUSS_MICRO, first.medium["l_c"] / theory.PARSEC / 1e3
        mirrors += rf", $Z={first.medium['Z']}$, {B:.3g} $\mu$G, $l_{{\rm c}}={l_c:.3g}$ kpc"
    left_out = sum(int((~run.drawable).sum()) for run in group)
    note = f" ({left_out} not positive, not shown)" if left_out else ""
    if len(runs) == 1:
        return f"{style.title_text(first.title)}, {mirrors}{note}"
    names = ", ".join(run.path.absolute().parent.name for run in group)
    return f"{style.title_text(names)}: {mirrors}{note}"
