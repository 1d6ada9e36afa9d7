"""The command line; the only place that names COMM_WORLD."""

import argparse
import os
import sys

from hpcmm import __version__
from hpcmm.deck.load import DeckError
from hpcmm.errors import STOPPED, InputError, Stopped

FIGURES = {
    "fig3": ("hpcmm.figures.fig3", "kappa_figure", "kappa.png"),
    "fig4": ("hpcmm.figures.fig4", "patches_figure", "fig4.png"),
    "fig5": ("hpcmm.figures.fig5", "fraction_figure", "fig5.png"),
    "escape": ("hpcmm.figures.escape", "escape_figure", "escape.png"),
    "scales": ("hpcmm.figures.scales", "scales_figure", "scales.png"),
}
"""Name -> module and function(directories, path) that draws it, and its file in DIR/figures."""

EXPECTED = (DeckError, InputError, Stopped)


def main(arguments=None):
    """Entry point of `hpcmm`; returns the exit status.

    0 done, 2 the user's input is at fault, 75 stopped early with a checkpoint, 1 anything else.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except EXPECTED as error:
        if _is_root():
            print(f"hpcmm: {error}", file=sys.stderr, flush=True)
        return STOPPED if isinstance(error, Stopped) else 2
    except BrokenPipeError:  # `hpcmm ... | head`
        sys.stderr.close()
        return 1


def _is_root():
    mpi = sys.modules.get("mpi4py.MPI")
    return mpi is None or mpi.COMM_WORLD.rank == 0


def _world():
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"no MPI library to run with ({reason}); `hpcmm doctor` says what is missing") from None
    return MPI.COMM_WORLD


def _run(options):
    _launch(
        lambda driver, *how: driver.run(options.deck, *how, options.set, options.out, options.overwrite, options.part)
    )


def _restart(options):
    _launch(lambda driver, *how: driver.restart(options.directory, *how))


def _extend(options):
    if options.realizations is None and options.path_factor is None:
        raise InputError("hpcmm extend: --realizations or --path-factor is expected")
    _launch(lambda driver, *how: driver.extend(options.directory, *how, options.realizations, options.path_factor))


def _launch(action):
    """Do ``action(driver, comm, signal)`` on all ranks; it returns the run directory, of which root shows the table."""
    from hpcmm.run.signals import StopSignal, die_with_parent

    signal = StopSignal()
    die_with_parent()
    from hpcmm.commands import run as driver
    from hpcmm.parallel import collective as parallel, petsc

    comm = _world()
    try:
        directory = parallel.abort_on_error(comm, lambda: action(driver, comm, signal), EXPECTED)
    finally:
        signal.ignore()
        petsc.end()
    if comm.rank == 0:
        parallel.abort_on_error(comm, lambda: _show(directory), EXPECTED)


def _show(directory):
    from hpcmm import kinds
    from hpcmm.kinds.transport import products, report

    kind = kinds.of_directory(directory)
    table = directory / getattr(kind, "TABLE", "kappa.ecsv")
    report.show(kind.kappa_table(products.read_table(table)))
    print(f"table:  {table}")
    if kind.FIGURE is None:
        return
    try:
        print(f"figure: {_draw(kind.FIGURE, [directory])}")
    except InputError as error:  # the run itself is whole
        print(f"hpcmm: warning: no figure: {error}", file=sys.stderr, flush=True)


def _draw(figure, directories, out=None, **more):
    """Draw a figure of run directories; returns its path."""
    from importlib import import_module
    from pathlib import Path

    module, function, name = FIGURES[figure]
    path = Path(out) if out else Path(directories[0]) / "figures" / name
    getattr(import_module(module), function)(directories, path, **more)
    return path


def _check(options):
    from hpcmm import kinds
    from hpcmm.commands import run as driver
    from hpcmm.kinds.transport import report

    _, config = driver.read(options.deck, options.set)
    kind = kinds.of(config)
    report.show(kind.plan_table(config))
    for line in kind.plan_lines(config):
        print(line)
    for line in kind.warnings(config):
        print(f"warning: {line}")


def _kappa(options):
    if options.weights and options.estimator not in ("lstm", "all"):
        raise InputError("hpcmm kappa: --weights is for --estimator lstm or all")
    if options.estimator and options.running:
        raise InputError("hpcmm kappa: --running and --estimator exclude each other")
    if options.estimator:
        from hpcmm.commands import estimate

        estimate.show(options.directory, options.estimator, options.weights)
        return
    from hpcmm import kinds
    from hpcmm.kinds.transport import report

    report.show(kinds.of_directory(options.directory).table(options.directory, options.running))


def _train(options):
    from hpcmm.commands import train as training_run

    if any(int(os.environ.get(name, 1)) > 1 for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")):
        raise InputError("hpcmm train: runs on one rank, without mpirun")
    training_run.show(training_run.train(options.deck, options.set, options.out, options.overwrite))


def _plot(options):
    from hpcmm import kinds

    figure = options.figure or kinds.of_directory(options.directory[0]).FIGURE
    if figure is None:
        raise InputError(f"{options.directory[0]}: runs of this kind have no figure of their own; give --figure")
    if options.f_mm is not None and figure != "fig4":
        raise InputError("hpcmm plot: --f_mm is for --figure fig4")
    more = {"f_mm": options.f_mm} if figure == "fig4" else {}
    print(_draw(figure, options.directory, options.out, **more))
    if figure == "fig3":
        from hpcmm.figures import transition_fit

        for line in transition_fit.report(options.directory):
            print(line)
    if figure == "scales":
        from hpcmm.figures import scale_points

        for line in scale_points.report(*scale_points.read_scales(options.directory)):
            print(line)


def _status(options):
    from hpcmm.commands import status as status_report

    status_report.show(options.directory)


def _merge(options):
    from hpcmm.commands import merge

    _show(merge.merge(options.directory, options.out, options.overwrite))


def _theory(options):
    from hpcmm.commands import theory as theory_report

    theory_report.show(options)


def _bench(options):
    from importlib.util import find_spec

    from hpcmm.commands import bench

    bench.show(options.quick)
    if find_spec("crpropa"):
        from hpcmm.commands import bench_crpropa

        bench_crpropa.show(*((3, 0.2) if options.quick else (7, 0.5)))
    else:
        print("beside CRPropa: not measured, no module crpropa")


def _doctor(options):
    from hpcmm.commands import doctor

    return doctor.show()


def _parser():
    parser = argparse.ArgumentParser(
        prog="hpcmm",
        description="Cosmic-ray diffusion from micromirrors to cluster turbulence.",
        epilog="Exit status: 0 done; 2 the input is at fault; 75 stopped, go on with hpcmm restart; 1 anything else.",
    )
    parser.add_argument("--version", action="version", version=f"hpcmm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a deck; alone, or under mpirun / srun")
    run.set_defaults(command=_run)
    run.add_argument("--out", metavar="DIR", help="run directory; default: that of the deck")
    run.add_argument("--overwrite", action="store_true", help="replace a run that is there")
    run.add_argument("--part", metavar="I/N", help="only energies I, I + N, I + 2N ... of the deck, for array jobs")
    check = commands.add_parser("check", help="validate a deck and print what it would cost")
    check.set_defaults(command=_check)
    train = commands.add_parser("train", help="train the recurrent network by a deck of kind network")
    train.set_defaults(command=_train)
    train.add_argument("--out", metavar="DIR", help="run directory; default: that of the deck")
    train.add_argument("--overwrite", action="store_true", help="replace a run that is there")
    for command in (run, check, train):
        command.add_argument("deck", metavar="DECK", help="TOML file")
        command.add_argument(
            "--set", metavar="KEY=VALUE", action="append", default=[], help="override, e.g. run.seed=2"
        )

    restart = commands.add_parser("restart", help="go on from the newest checkpoint, on any number of ranks")
    restart.set_defaults(command=_restart)
    extend = commands.add_parser("extend", help="go on from a finished run")
    extend.set_defaults(command=_extend)
    extend.add_argument("--realizations", type=int, metavar="N", help="so many in all")
    extend.add_argument("--path-factor", type=float, metavar="F", help="paths so many times as long, at least 2")
    status = commands.add_parser("status", help="how far a run is")
    status.set_defaults(command=_status)
    for command in (restart, extend, status):
        command.add_argument("directory", metavar="DIR")
    merge = commands.add_parser("merge", help="join runs of one deck at different energies")
    merge.set_defaults(command=_merge)
    merge.add_argument("directory", metavar="DIR", nargs="+")
    merge.add_argument("--out", metavar="DIR", required=True)
    merge.add_argument("--overwrite", action="store_true", help="replace a run that is there")

    kappa = commands.add_parser("kappa", help="recompute and print the table of a run from its moments.h5")
    kappa.set_defaults(command=_kappa)
    kappa.add_argument("directory", metavar="DIR")
    kappa.add_argument("--running", action="store_true", help="kappa(t) instead")
    kappa.add_argument("--estimator", metavar="NAME", help="from tracks.h5; docs/estimators.md lists them; or all")
    kappa.add_argument("--weights", metavar="FILE", help="of lstm; default: runs/network/weights.safetensors")

    plot = commands.add_parser("plot", help="draw one run or several")
    plot.set_defaults(command=_plot)
    plot.add_argument("directory", metavar="DIR", nargs="+")
    plot.add_argument("--figure", choices=[*FIGURES], help="which figure; default: by kind of run")
    plot.add_argument("--out", metavar="FILE", help="default: in DIR/figures of the first run")
    plot.add_argument("--f_mm", type=float, help="fig4: volume of the patches; default: the deck's, or 0.25")

    theory = commands.add_parser("theory", help="the paper's formulas, evaluated, with units")
    theory.set_defaults(command=_theory)
    theory.add_argument("--energy", nargs="+", default=["1 GeV", "100 GeV", "1 TeV"], metavar="E")
    theory.add_argument("--B", default="3 uG", help="magnetic field (default: %(default)s)")
    theory.add_argument("--l_c", default="100 kpc", help="correlation length (default: %(default)s)")
    theory.add_argument("--l_mm", default="100 npc", help="micromirror scale (default: %(default)s)")
    theory.add_argument("--dB-over-B", type=float, default=1 / 3, help="micromirror amplitude (default: 1/3)")
    theory.add_argument("--f_mm", type=float, default=1.0, help="filling fraction (default: %(default)s)")
    theory.add_argument("--Z", type=int, default=1, help="charge number (default: %(default)s)")

    bench = commands.add_parser("bench", help="time every kernel as a share of this machine's peak")
    bench.set_defaults(command=_bench)
    bench.add_argument("--quick", action="store_true", help="a few seconds")

    commands.add_parser("doctor", help="which libraries are here, what is missing").set_defaults(command=_doctor)
    return parser
