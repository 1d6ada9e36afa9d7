"""Maps of dB_par of a kinetic plasma: three faces of the box in isometric view, or the plane of a 2-D run."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from hpcmm.errors import InputError
from hpcmm.figures import style

COLOURS = "RdBu_r"
DIRECTIONS = np.array([[np.cos(np.pi / 6), 0.5], [-np.cos(np.pi / 6), 0.5], [0.0, 1.0]])
"""Where x, y and z point on paper, seen isometrically from (-1, -1, 1)."""

FACES = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
"""Axis across a face, and the two along it: x = 0 and y = 0, and the lid, which is z = 0 as the box is periodic."""


def draw(run, times):
    """Draw maps at one time or two.

    Parameters
    ----------
    run : HybridRun
    times : list of float

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If nothing varies along two axes of the box.
    """
    fields = [run.field("B", time)[..., 0] for time in times]
    fields = [b / b.mean(dtype=float) - 1 for b in fields]
    wide = [axis for axis in range(3) if run.config.box.cells[axis] > 1]
    if len(wide) < 2:
        raise InputError(f"{run.directory}: two axes of several cells are expected for a map")
    span = max(float(np.quantile(np.abs(fields[-1]), 0.995)), 1e-6)
    sizes = [_sides(run, time) for time in times]
    return (_cubes if len(wide) == 3 else _planes)(run, times, fields, sizes, span, wide)


def _sides(run, time):
    """Sides of the box at a time, and s."""
    contraction = run.config.contraction
    s = time / contraction.tau
    shrinks = np.array([axis in contraction.axes for axis in "xyz"])
    return np.array(run.config.box.size) / np.where(shrinks, 1 + s, 1.0), s


def _title(time, s, b):
    when = f"$t/\\tau = {s:.3g}$" if s else f"$t\\,\\Omega_{{i0}} = {time:g}$"
    return f"{when},  $\\delta B_\\parallel/B = {b.std():.2g}$"


def _cubes(run, times, fields, sizes, span, wide):
    ends = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    corners = np.concatenate([ends * size @ DIRECTIONS for size, _ in sizes])
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = 0.06 * (high - low).max()
    low, high = low - np.array([1.0, 1.6]) * room, high + np.array([1.0, 0.2]) * room
    share = 0.88 / len(times)
    width = (2 if len(times) > 1 else 1.2) * style.COLUMN_INCHES
    height = (share - 0.02) * width * (high - low)[1] / (high - low)[0] + 0.25
    figure = Figure(figsize=(width, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    for i, (time, b, (size, s)) in enumerate(zip(times, fields, sizes, strict=True)):
        axes = figure.add_axes((0.01 + i * share, 0.0, share - 0.02, 1 - 0.25 / height))
        axes.set_title(_title(time, s, b), fontsize=7.5, pad=2)
        for across, one, other in FACES:
            face = np.take(b, 0, across)
            start = DIRECTIONS[2] * size[2] if across == 2 else np.zeros(2)
            to = Affine2D(np.array([
                [DIRECTIONS[one, 0], DIRECTIONS[other, 0], start[0]],
                [DIRECTIONS[one, 1], DIRECTIONS[other, 1], start[1]],
                [0, 0, 1],
            ]))  # fmt: skip
            image = axes.imshow(
                face.T, origin="lower", extent=(0, size[one], 0, size[other]), cmap=COLOURS, vmin=-span, vmax=span,
                transform=to + axes.transData, interpolation="bilinear", gid=f"face {'xyz'[across]} {i}",
            )  # fmt: skip
        _edges(axes, size)
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        axes.set_aspect("equal")
        axes.axis("off")
    bar = figure.add_axes((0.905, 0.16, 0.018, 0.68))
    figure.colorbar(image, cax=bar, label=r"$\delta B_\parallel/\langle B\rangle$", extend="both")
    return figure


def _edges(axes, size):
    x, y, z = DIRECTIONS * size[:, None]
    top = z
    for path in ([0 * x, x, x + top, x + y + top, y + top, y, 0 * x, top, x + top], [top, y + top]):
        axes.plot(*np.array(path).T, color="0.15", linewidth=0.6, clip_on=False)
    gap = 0.03 * np.abs(DIRECTIONS * size[:, None]).sum(axis=0).max()
    along, across = 0.5 * x + [0.7 * gap, -gap], 0.5 * y + [-0.7 * gap, -gap]
    axes.text(
        *along,
        rf"$x\parallel B_0$: {size[0]:.3g} $r_{{gi}}$",
        rotation=30,
        ha="center",
        va="top",
        rotation_mode="anchor",
    )
    axes.text(*across, rf"$y$: {size[1]:.3g} $r_{{gi}}$", rotation=-30, ha="center", va="top", rotation_mode="anchor")
    axes.text(
        *(y + 0.5 * top + [-0.6 * gap, 0]), rf"$z$: {size[2]:.3g} $r_{{gi}}$", rotation=90, ha="right", va="center"
    )


def _planes(run, times, fields, sizes, span, wide):
    one, other = wide
    (across,) = {0, 1, 2} - set(wide)
    ratio = max(size[other] / size[one] for size, _ in sizes)
    width, panel = style.COLUMN_INCHES, style.COLUMN_INCHES * 0.76 * ratio
    gap, bottom = 0.24, 0.34
    height = bottom + len(times) * (panel + gap)
    figure = Figure(figsize=(width, height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    for i, (time, b, (size, s)) in enumerate(zip(times, fields, sizes, strict=True)):
        lower = bottom + (len(times) - 1 - i) * (panel + gap)
        axes = figure.add_axes((0.105, lower / height, 0.76, panel / height))
        image = axes.imshow(
            np.take(b, 0, across).T, origin="lower", extent=(0, size[one], 0, size[other]), cmap=COLOURS, vmin=-span,
            vmax=span, interpolation="bilinear", gid=f"plane {i}",
        )  # fmt: skip
        axes.set_anchor("W")
        axes.set_title(_title(time, s, b), fontsize=7.0, pad=2)
        axes.set_ylabel(rf"${'xyz'[other]}/r_{{gi}}$", labelpad=2)
        if i == len(times) - 1:
            name = r"$x/r_{gi}$, along $B_0$" if one == 0 else rf"${'xyz'[one]}/r_{{gi}}$"
            axes.set_xlabel(name, labelpad=2)
        style.ticks_inside(axes)
    bar = figure.add_axes((0.885, bottom / height, 0.022, (height - bottom - gap) / height))
    figure.colorbar(image, cax=bar, label=r"$\delta B_\parallel/\langle B\rangle$", extend="both")
    return figure
