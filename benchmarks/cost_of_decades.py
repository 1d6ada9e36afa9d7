"""Cost of a particle step and memory of a node against the decades of turbulence, for every evaluation of the field."""

import argparse
import tracemalloc
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
from astropy.table import Table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, ScalarFormatter

from cython_kernels.scatter import Scatterer
from hpcmm.commands import bench
from hpcmm.deck.tables import Medium
from hpcmm.fields.nested_grids import NestedGrids
from hpcmm.fields.plane_waves import PlaneWaves
from hpcmm.parallel import random_streams

L_MAX = 5.0
"""Longest wavelength in units of l_c = 1 pc, as in `hpcmm bench`."""

STEPS_PER_RADIAN = 20
"""r_g over step, and what k_max r_g is."""

DECADES = range(2, 15)
ROUNDS = 4

# Okabe and Ito's palette: evaluation -> colour, marker, line, label
LOOKS = {
    "brute_force": ("#D55E00", "o", "-", "every wave at every step"),
    "multirate": ("#0072B2", "s", "--", "multirate, tolerance $10^{-4}$"),
    "trilinear": ("#009E73", "^", "-.", "nested grids, trilinear"),
    "solenoidal": ("#CC79A7", "D", ":", "nested grids, solenoidal"),
}

# small full markers within large open ones: where memory does not depend on the ranks, both are seen
RANK_LOOKS = {
    1: {"markersize": 2.6, "markeredgewidth": 0},
    64: {"markersize": 6, "markeredgewidth": 0.8, "markerfacecolor": "white"},
}
RANKS = tuple(RANK_LOOKS)


class Ladder:
    """Nested grids of any depth, filled once and for all: to a kernel their values are the same work."""

    def __init__(self, interpolation):
        self.interpolation, self.values = interpolation, None
        self.realize(max(DECADES))

    def section(self, decades):
        """Deck section of so many decades."""
        data = {"dB": 1.0, "l_max": L_MAX, "l_min": L_MAX / 10**decades, "l_dissipation": L_MAX / 10**decades}
        return NestedGrids.from_plain(data | {"interpolation": self.interpolation})

    def realize(self, decades):
        """Field over the first of the grids held."""
        medium, r_g = medium_and_gyroradius(decades)
        hooks = {}
        if self.values is not None:
            hooks = {"allocate": lambda shape, dtype: self.values[: shape[0]], "share": lambda fill, count: None}
        draw = random_streams.generator(1, random_streams.WAVES, 0, r_g, 0)
        field = self.section(decades).realize(medium, r_g, r_g / STEPS_PER_RADIAN, draw, **hooks)
        if self.values is None:
            self.values = field.values[0].base
        return field


def medium_and_gyroradius(decades):
    """Medium of l_c = 1 pc, and the gyroradius [pc] whose automatic l_min is so many decades below l_max."""
    return Medium.from_plain({"B_rms": 1.0, "l_c": 1.0}), L_MAX / 10**decades * STEPS_PER_RADIAN / (2 * np.pi)


def held(make):
    """A field and the bytes of the arrays that it keeps: numpy reports its memory to tracemalloc."""
    tracemalloc.start()
    field = make()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return field, size


def measure(seconds):
    """Table of all numbers, a row each number of decades."""
    ladders = {name: Ladder(name) for name in ("trilinear", "solenoidal")}
    rows, fields = [], {}
    for decades in DECADES:
        medium, r_g = medium_and_gyroradius(decades)
        section = ladders["trilinear"].section(decades)
        waves = PlaneWaves.from_plain({"dB": 1.0, "l_max": L_MAX, "l_dissipation": 0.0, "modes_per_decade": 85.0})
        row = {
            "decades": decades,
            "r_g_over_l_c": r_g,
            "waves": waves.wave_count(medium, r_g),
            "grids": len(section.ladder(medium, r_g)),
        }
        for name in LOOKS:
            if name in ladders:
                fields[decades, name], own = held(partial(ladders[name].realize, decades))
                shared = section.grid_bytes(medium, r_g)
            else:
                (fields[decades, name], _), own = held(partial(bench.turbulence, r_g, evaluation=name))
                shared = 0
            row |= {f"ns_{name}": np.inf, f"own_{name}": own / 1e6, f"shared_{name}": shared / 1e6}
        rows.append(row)
    for _ in range(ROUNDS):  # a neighbour that keeps the core busy for seconds spoils one of them, not a point
        for row in rows:
            r_g = row["r_g_over_l_c"]
            motion = {"step": r_g / STEPS_PER_RADIAN, "gyroradius": r_g}
            for name in LOOKS:
                ns = bench.ns_per_step(fields[row["decades"], name], Scatterer(), seconds / ROUNDS, chunks=1, **motion)
                row[f"ns_{name}"] = min(row[f"ns_{name}"], ns)
    table = Table(rows=rows)
    for name in LOOKS:
        table[f"ns_{name}"].info.unit, table[f"ns_{name}"].info.format = "ns", ".4g"
        for what, text in (("own", "of each rank"), ("shared", "held once a node")):
            column = table[f"{what}_{name}"]
            column.info.unit, column.info.format, column.info.description = "MB", ".4g", f"memory {text}"
    table["r_g_over_l_c"].info.format = ".4g"
    table.meta["comments"] = [
        "cost of a particle step: least process time; l_min = 2 pi r_g/20, step r_g/20, 85 waves a decade",
        "grids of 128^3, scale ratio of at most 8, one realization a node",
    ]
    return table


def node_memory(table, name, ranks):
    """Memory [MB] of the fields of so many ranks on one node."""
    return np.array(ranks * table[f"own_{name}"] + table[f"shared_{name}"])


def draw(table, path):
    """Both panels, 90 mm wide."""
    style = {"font.size": 8, "axes.linewidth": 0.6, "lines.linewidth": 1.1, "lines.markersize": 3.5}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(3.54, 4.6), layout="constrained")
        FigureCanvasAgg(figure)
        top, bottom = figure.subplots(2, 1, sharex=True)
        for name, (colour, marker, line, label) in LOOKS.items():
            look = {"linestyle": line, "color": colour, "marker": marker}
            top.plot(table["decades"], table[f"ns_{name}"], label=label, **look)
            for ranks in reversed(RANKS) if name != "solenoidal" else ():  # as large as trilinear
                bottom.plot(table["decades"], node_memory(table, name, ranks), **look, **RANK_LOOKS[ranks])
        for ranks in RANKS:
            label = "1 rank" if ranks == 1 else f"{ranks} ranks"
            bottom.plot([], [], "s", color="black", label=label, **RANK_LOOKS[ranks])
        top.set(yscale="log", ylabel="cost of a particle step [ns]")
        bottom.set(yscale="log", ylabel="field memory of a node [MB]", ylim=(0.05, 5000))
        bottom.set_xlabel(r"decades between $\ell_{\rm max}$ and $\ell_{\rm min}$")
        loose = {"frameon": False, "fontsize": 7, "labelspacing": 0.3, "columnspacing": 1.2}
        figure.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=2, handlelength=2.8, **loose)
        bottom.legend(loc="upper left", ncols=2, handlelength=1, **loose)
        bottom.xaxis.set_major_locator(FixedLocator(range(2, 15, 2)))
        for axes in (top, bottom):
            axes.tick_params(which="both", direction="in", top=True, right=True)
            axes.yaxis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=10))
            axes.yaxis.set_minor_formatter(NullFormatter())
        top.yaxis.set_major_locator(FixedLocator([10, 20, 50, 100, 200, 500, 1000, 2000, 5000]))
        top.yaxis.set_major_formatter(ScalarFormatter())
        bottom.yaxis.set_major_locator(LogLocator(numticks=10))
        figure.savefig(path, dpi=300)


def main():
    """Measure, print, write and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("cost_of_decades.png"), help="figure (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each kernel (default: %(default)s)")
    options = parser.parse_args()
    table = measure(options.seconds)
    table.pprint_all()
    table.write(options.out.with_suffix(".ecsv"), format="ascii.ecsv", overwrite=True)
    draw(table, options.out)
    print(f"{options.out} and {options.out.with_suffix('.ecsv')} written")


if __name__ == "__main__":
    main()
