"""Energies against time, spectra and a slice of |b| of an MHD run: drawn from products alone.

matplotlib is imported here, so that only the rank that draws imports this file.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from hpcmm.figures import style
from hpcmm.kinds.mhd.reader import MhdRun

LEAST_ENERGY = 1e-12
"""Spectra are drawn down to this share of their largest value."""


def mhd_figure(run_directories, output_path):
    """Draw energies and dissipation against time, spectra at the end, and |b| in the plane z = 0 of the last snapshot.

    Parameters
    ----------
    run_directories : path or iterable of paths
        Finished runs of kind "mhd"; the slice is that of the first.
    output_path : path
        The image; see `hpcmm.figures.Figure` for what all figures have in common.
    """
    runs = [MhdRun(directory) for directory in style.listed(run_directories)]
    return style.drawn(output_path, _draw, runs)


def _draw(runs):
    slices = bool(runs[0].snapshots)
    legend = style.LEGEND_ROW_INCHES * (4 * len(runs)) + 0.08
    plot, gap, top, bottom = 1.7, 0.42, 0.08, 0.36
    panels = 3 if slices else 2
    below = 2.6 if slices else plot
    height = legend + bottom + below + top + (panels - 1) * gap + (panels - 1) * plot
    figure = Figure(figsize=(style.COLUMN_INCHES, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    lower, axes = legend + bottom, []
    for inches in ([below] if slices else []) + [plot, plot]:
        axes.insert(0, figure.add_axes((0.165, lower / height, 0.795, inches / height)))
        lower += inches + gap
    entries = _draw_history(axes[0], runs)
    _draw_spectra(axes[1], runs)
    if slices:
        _draw_slice(axes[2], runs[0])
    style.add_legend(figure, entries)
    return figure


def _draw_history(axes, runs):
    entries = []
    for i, run in enumerate(runs):
        label = style.title_text(str(run.table.meta.get("title") or ""))
        for name, dashes, text in (("E_u", "--", "$E_u$"), ("E_b", "-", "$E_b$")):
            how = {"color": style.colour(i), "linestyle": dashes, "linewidth": 1.0}
            (line,) = axes.plot(run.table["t"], run.table[name], gid=f"{name} {i}", **how)
            entries.append((line, f"{label}: {text}"))
        loss = run.table["eps_u"] + run.table["eps_b"]
        (line,) = axes.plot(run.table["t"], loss, color=style.colour(i), linestyle=":", linewidth=1.0, gid=f"eps {i}")
        entries.append((line, f"{label}: dissipation"))
    axes.set_xlabel("time", labelpad=2)
    axes.set_ylabel("energy, dissipation", labelpad=2)
    axes.set_xlim(0, max(run.table["t"][-1] for run in runs))
    axes.set_ylim(0, None)
    style.ticks_inside(axes)
    return entries


def _draw_spectra(axes, runs):
    for i, run in enumerate(runs):
        k = run.spectrum("k")
        for name, dashes in (("E_u", "--"), ("E_b", "-")):
            last = run.spectrum(name)[-1]
            shown = (k > 0) & (last > LEAST_ENERGY * max(last.max(), 1e-300))
            axes.plot(
                k[shown], last[shown], color=style.colour(i), linestyle=dashes, linewidth=1.0, gid=f"{name} k {i}"
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("wavenumber $k$", labelpad=2)
    axes.set_ylabel("$E_u(k)$, $E_b(k)$ at the end", labelpad=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(LogLocator(numticks=99))
        axis.set_minor_formatter(NullFormatter())
    style.ticks_inside(axes)


def _draw_slice(axes, run):
    time = max(run.snapshots)
    b = run.field("b", time)[:, :, 0]
    size = np.sqrt((b**2).sum(axis=-1)).T
    image = axes.imshow(size, origin="lower", extent=(0, 2 * np.pi, 0, 2 * np.pi), cmap="viridis", gid="slice")
    axes.set_xlabel("$x$", labelpad=2)
    axes.set_ylabel("$y$", labelpad=2)
    axes.figure.colorbar(image, ax=axes, label=f"$|b|$ at $z = 0$, $t = {time:g}$", pad=0.02)
    axes.set_anchor("S")
    style.ticks_inside(axes)
