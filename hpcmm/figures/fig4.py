"""The paper's figure 4: isosurfaces |B| = B* and tracks among them, drawn without a screen.

scikit-image finds the surfaces; matplotlib and scikit-image are imported here alone, where the figure is drawn.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from hpcmm.errors import InputError
from hpcmm.figures import style
from hpcmm.figures.scene import scene_of
from hpcmm.io import vtk_file
from hpcmm.io.terminal import energy_text

# of Okabe and Ito's palette, distinct under all common colour-vision deficiencies, and of different lightness
SURFACE, INSIDE, OUTSIDE, START = "#56B4E9", "#D55E00", "#202020", "#F0E442"
OPACITY = 0.22
SMOOTHED = 1.5
"""Standard deviation [cells] of the Gaussian that smooths |B| before its surfaces are drawn."""
SMALLEST_PATCH = 1e-3
"""Volume of the smallest patch that is drawn, as a share of the box."""
VIEW = (22.0, -58.0)
LIGHT = np.array([0.35, -0.75, 0.56])
STYLE = {"font.family": "sans-serif", "font.size": 7.0, "mathtext.fontset": "dejavusans", "legend.fontsize": 6.4}
DPI = 600


def patches_figure(run_directories, output_path, f_mm=None, points=64):
    """Draw the figure of a run, and write what it shows for ParaView.

    Parameters
    ----------
    run_directories : list of paths
        A list of one: a transport run with tracks and a turbulent field.
    output_path : path
        Image, say `fig4.png`; `fig4_field.vtkhdf` and `fig4_tracks.vtkhdf` go beside it.
    f_mm, points
        See `hpcmm.figures.scene.scene_of`.

    Raises
    ------
    InputError
        If scikit-image is missing, or the run has nothing to draw.
    """
    try:
        from skimage.measure import marching_cubes
    except ImportError:
        raise InputError("hpcmm plot --figure fig4 needs scikit-image: pip install 'hpcmm[fig4]'") from None
    if len(run_directories) > 1:
        raise InputError("hpcmm plot --figure fig4: one run is expected")
    directory, image = run_directories[0], Path(output_path)
    scene = scene_of(directory, f_mm, points)
    if not scene.grid.min() < scene.B_star < scene.grid.max():
        raise InputError(f"{directory}: |B| does not reach B* = {scene.B_star:.3g} B_rms near its tracks: no patches")
    smooth, level = _smooth(scene)
    if not smooth.max() > level:
        raise InputError(f"{directory}: no patch |B| >= {scene.B_star:.3g} B_rms near its tracks is large enough")
    corners, faces, _, _ = marching_cubes(smooth, level, spacing=(scene.spacing,) * 3)
    with matplotlib.rc_context(STYLE):
        style.write(_figure(scene, (corners + scene.corner)[faces]), image)
    written = [image.with_name(f"{image.stem}_{name}.vtkhdf") for name in ("field", "tracks")]
    vtk_file.write_image(written[0], scene.grid, scene.corner, scene.spacing, "|B|/B_rms")
    along = {"time": np.tile(scene.path, len(scene.position)), "|B|/B_rms": scene.strength.ravel()}
    vtk_file.write_lines(written[1], scene.position, along)


def _smooth(scene):
    """Smooth |B| over a few cells; returns it and the level above which it has the volume of |B| >= B*.

    Unsmoothed it would be a fog of crumpled surfaces. The edges of the grid are put below the level, so that patches
    are closed there, and so are patches smaller than a thousandth of the box.
    """
    from skimage.filters import gaussian
    from skimage.measure import label

    smooth = gaussian(scene.grid, SMOOTHED, mode="nearest")
    level = np.quantile(smooth, (scene.grid < scene.B_star).mean())
    above = smooth > level
    patch = label(above)
    small = np.bincount(patch.ravel()) < SMALLEST_PATCH * above.size
    smooth[above & small[patch]] = 0.99 * level
    return np.pad(smooth[1:-1, 1:-1, 1:-1], 1, constant_values=0.9 * level), level


def _figure(scene, triangles):
    figure = Figure(figsize=(5.2, 4.9), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.14, 0.98, 0.85), projection="3d", computed_zorder=False)
    axes.set_proj_type("persp", focal_length=1.4)
    axes.view_init(*VIEW)
    far = scene.corner + scene.spacing * (np.array(scene.grid.shape) - 1)
    for name, low, high in zip("xyz", scene.corner, far, strict=True):
        getattr(axes, f"set_{name}lim")(low, high, auto=False)
        getattr(axes, f"set_{name}label")(f"${name}/l_{{\\rm c}}$", labelpad=-4)
        getattr(axes, f"{name}axis").pane.set(facecolor="white", edgecolor="0.8")
    axes.grid(False)
    axes.tick_params(pad=-2, labelsize=6)
    axes.locator_params(nbins=5)
    axes.set_box_aspect(far - scene.corner, zoom=1.0)
    axes.add_collection3d(_surfaces_and_lines(scene, triangles))
    axes.scatter([0], [0], [0], s=34, c=START, edgecolors="black", linewidths=0.8, depthshade=False, zorder=4)
    _explain(figure, scene)
    return figure


def _surfaces_and_lines(scene, triangles):
    """Make one collection: triangles shaded by the light, pieces of tracks coloured by the mean of |B| at their ends.

    The pieces are triangles without area in the same collection, so that all are drawn from back to front.
    """
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None]
    shade = 0.45 + 0.55 * np.abs(normal @ LIGHT)
    colour = np.column_stack([np.outer(shade, to_rgb(SURFACE)), np.full(len(shade), OPACITY)])
    begin, end = scene.position[:, :-1], scene.position[:, 1:]
    pieces = np.stack([begin, end, end], axis=2).reshape(-1, 3, 3)
    inside = (scene.strength[:, :-1] + scene.strength[:, 1:]).ravel() >= 2 * scene.B_star
    nothing = (0.0, 0.0, 0.0, 0.0)
    edges = np.where(inside[:, None], to_rgba(INSIDE), to_rgba(OUTSIDE))
    return Poly3DCollection(
        np.concatenate([triangles, pieces]),
        facecolors=np.concatenate([colour, np.tile(nothing, (len(pieces), 1))]),
        edgecolors=np.concatenate([np.tile(nothing, (len(triangles), 1)), edges]),
        linewidths=0.6,
        antialiased=False,  # else every seam between two triangles shows
        zorder=1,
    )


def _explain(figure, scene):
    """Add the legend and the numbers of the scene."""
    inside = (scene.strength >= scene.B_star).mean()
    entries = [
        Patch(facecolor=SURFACE, alpha=0.5),
        Line2D([], [], color=INSIDE, linewidth=1.4),
        Line2D([], [], color=OUTSIDE, linewidth=1.4),
        Line2D([], [], linestyle="none", marker="o", markersize=5, markerfacecolor=START, markeredgecolor="black"),
    ]
    smoothed = SMOOTHED * scene.spacing
    kicks = {None: "no kicks", True: "kicks in the patches alone", False: "kicks everywhere"}[scene.gated]
    names = [
        rf"$|B|=B_*={scene.B_star:.3g}\,B_{{\rm rms}}$ ($f_{{\rm mm}}={scene.f_mm:.3g}$), drawn smoothed over "
        rf"{smoothed:.2g} $l_{{\rm c}}$ at equal volume",
        rf"track where $|B|\geq B_*$: {100 * inside:.0f} % of the time",
        r"track where $|B|<B_*$",
        "start",
    ]
    figure.legend(entries, names, loc="lower left", bbox_to_anchor=(0.05, 0.005), frameon=False)
    count = len(scene.position)
    title = (
        f"{count} track{'s' * (count > 1)}, {energy_text(scene.energy)}, "
        rf"$r_{{\rm g}}={scene.r_g:.3g}\,l_{{\rm c}}$, path {scene.path[-1]:.3g} $l_{{\rm c}}$, {kicks}"
    )
    left = f"; {scene.left_out} that start elsewhere are left out" if scene.left_out else ""
    figure.text(0.05, 0.965, title + left)
