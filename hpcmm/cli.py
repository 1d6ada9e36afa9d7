"""The command line; the only place that names COMM_WORLD."""

import argparse
import contextlib
import gc
import sys
import warnings

from hpcmm import __version__
from hpcmm.deck.places import expanded
from hpcmm.errors import STOPPED, InputError, Notice, Stopped
from hpcmm.figures import FIGURES
from hpcmm.foreign import printable
from hpcmm.io.launcher import start_no_daemon
from hpcmm.io.terminal import Unshown, open_streams, say, settle_streams, tell

EXPECTED = (InputError, Stopped)

COLLECTED = (50_000, 20, 20)
"""Objects and rounds until garbage in cycles is looked for: at Python's 700 a tenth of a tiny run goes into looking
through modules that are being imported, where there is none."""


def main(arguments=None):
    """Entry point of `hpcmm`; returns the exit status.

    0 done, 2 the user's input is at fault, 75 stopped early with a checkpoint, 1 anything else.
    """
    gc.set_threshold(*COLLECTED)
    open_streams()
    start_no_daemon()
    try:
        options = _parser().parse_args(arguments)
        with _notices():
            return options.command(options) or 0
    except EXPECTED as error:
        if _is_root():
            tell(f"hpcmm: {error}")
        return STOPPED if isinstance(error, Stopped) else 2
    except ImportError as error:  # of what is not here, or hidden by a file of the user's
        tell(f"hpcmm: {type(error).__name__}: {error}; `hpcmm doctor` says what is missing")
        return 1
    except Unshown as error:
        if not isinstance(error.__cause__, BrokenPipeError):  # of `hpcmm ... | head` all know
            tell(f"hpcmm: {error}")
        return 1
    finally:
        settle_streams()


@contextlib.contextmanager
def _showing(what):
    """Show in the block ``what`` is whole already: a failure there is a warning, and no failure of the command."""
    try:
        yield
    except EXPECTED:
        raise
    except Exception as error:
        words = str(error) if isinstance(error, Unshown) else f"{type(error).__name__}: {error}"
        tell(f"hpcmm: warning: {what} is whole, but could not be shown: {words}")


@contextlib.contextmanager
def _notices():
    """Print notices when the command has ended: what is refused says so in one line alone."""
    kept, show = [], warnings.showwarning

    def keep(message, category, *rest, **more):
        if issubclass(category, Notice):
            kept.append(message)
        else:
            show(message, category, *rest, **more)

    warnings.simplefilter("always", Notice)
    warnings.showwarning = keep
    try:
        yield
    finally:
        warnings.showwarning = show
        refused = isinstance(sys.exception(), InputError)
        for line in () if refused else dict.fromkeys(map(str, kept)):
            tell(f"hpcmm: warning: {line}")


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
    _launch(lambda run, *how: run.run(options.deck, *how, options.set, options.out, options.overwrite, options.part))


def _restart(options):
    _launch(lambda run, *how: run.restart(options.directory, *how))


def _extend(options):
    if options.realizations is None and options.path_factor is None:
        raise InputError("hpcmm extend: --realizations or --path-factor is expected")
    _launch(lambda run, *how: run.extend(options.directory, *how, options.realizations, options.path_factor))


def _launch(action):
    """Call ``action(run, comm, signal)`` on all ranks; it returns a run directory, whose table root prints."""
    from hpcmm.run.signals import StopSignal, die_with_parent

    signal = StopSignal()
    die_with_parent()
    from hpcmm.commands import run
    from hpcmm.parallel import petsc
    from hpcmm.parallel.collective import abort_on_error

    comm = _world()
    try:
        directory = abort_on_error(comm, lambda: action(run, comm, signal), EXPECTED)
    finally:
        signal.ignore()
        petsc.end()
    if comm.rank == 0:
        abort_on_error(comm, lambda: _show(directory), EXPECTED)


def _show(directory):
    with _showing(directory):
        _show_all(directory)


def _show_all(directory):
    from hpcmm import figures, kinds
    from hpcmm.io import terminal

    kind = kinds.of_directory(directory)
    path = directory / kind.table
    table = kind.read_table(directory)
    terminal.show(kind.show(table))
    for line in kind.advice(table, directory):
        say(line)
    say(f"table:  {path}")
    if kind.figure is None:
        return
    if not terminal.on_terminal(sys.stdout):  # a batch job: drawing takes as long as all else of a small run
        say(f"figure: not drawn; to draw it: hpcmm plot {directory}")
        return
    try:
        say(f"figure: {figures.draw(kind.figure_of([directory]), [directory])}")
    except InputError as error:  # the run itself is whole
        tell(f"hpcmm: warning: no figure: {error}")


def _check(options):
    from hpcmm import kinds
    from hpcmm.io import terminal

    _, config = kinds.read(options.deck, options.set)
    kind = kinds.of(config)
    table, lines = kind.plan(config)
    terminal.show(table)
    for line in lines:
        say(line)
    for line in kind.warnings(config):
        say(f"warning: {line}")


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
    from hpcmm.io import terminal

    terminal.show(kinds.of_directory(options.directory).recompute(options.directory, options.running))


def _train(options):
    from hpcmm.commands import train
    from hpcmm.io.launcher import rank_count

    if rank_count() > 1:
        raise InputError("hpcmm train: runs on one rank, without mpirun")
    directory = train.train(options.deck, options.set, options.out, options.overwrite)
    with _showing(directory):
        train.show(directory)


def _plot(options):
    from hpcmm import figures, kinds

    if options.figure and options.running:
        raise InputError("hpcmm plot: --running and --figure exclude each other")
    figure = "running" if options.running else options.figure or kinds.figure_of(options.directory)
    if figure is None:
        raise InputError(f"{options.directory[0]}: runs of this kind have no figure of their own; give --figure")
    if options.f_mm is not None and figure != "fig4":
        raise InputError("hpcmm plot: --f_mm is for --figure fig4")
    more = {"f_mm": options.f_mm} if figure == "fig4" else {}
    path = figures.draw(figure, options.directory, options.out, **more)
    with _showing(path):
        say(path)
        for line in figures.report(figure, options.directory):
            say(line)


def _report(options):
    from hpcmm.commands import report

    say(report.write(options.directory, options.out))


def _status(options):
    from hpcmm.commands import status

    status.show(options.directory)


def _merge(options):
    from hpcmm.commands import merge

    _show(merge.merge(options.directory, options.out, options.overwrite))


def _theory(options):
    from hpcmm.commands import theory, theory_plasma

    (theory_plasma if options.plasma else theory).show(options)


def _bench(options):
    from importlib.util import find_spec

    from hpcmm.commands import bench

    bench.show(options.quick)
    if find_spec("crpropa"):
        from hpcmm.commands import bench_crpropa

        bench_crpropa.show(*((3, 0.2) if options.quick else (7, 0.5)))
    else:
        say("beside CRPropa: not measured, no module crpropa")


def _deck(options):
    from hpcmm.commands import decks

    decks.show(options.name)


def _keys(options):
    from hpcmm.commands import keys

    if options.markdown:
        keys.show_markdown()
    else:
        keys.show(options.table)


def _doctor(options):
    from hpcmm.commands import doctor

    return doctor.show()


class _Parser(argparse.ArgumentParser):
    """Quotes what was typed, or what a shell made of the names of files, as a terminal may show it."""

    def _print_message(self, message, file=None):
        super()._print_message("\n".join(map(printable, (message or "").split("\n"))), file)


def _parser():
    parser = _Parser(
        prog="hpcmm",
        description="Cosmic-ray diffusion from micromirrors to cluster turbulence.",
        epilog="Exit status: 0 done; 2 the input is at fault; 75 stopped, resume with hpcmm restart; 1 anything else.",
    )
    parser.add_argument("--version", action="version", version=f"hpcmm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, command, text):
        added = commands.add_parser(name, help=text)
        added.set_defaults(command=command)
        return added

    _add_commands_of_decks(add)
    _add_commands_of_runs(add)
    _add_views(add)
    _add_theory(add)
    bench = add("bench", _bench, "time every kernel as a share of this machine's peak")
    bench.add_argument("--quick", action="store_true", help="within ten seconds on an idle core")
    deck = add("deck", _deck, "list the example decks, or print one")
    deck.add_argument("name", metavar="NAME", nargs="?", help="as in: hpcmm deck quickstart > mine.toml")
    keys = add("keys", _keys, "every key of a deck: unit, default, range, meaning")
    keys.add_argument("table", metavar="TABLE", nargs="?", help="a table, model, key or kind; default: list them")
    keys.add_argument("--markdown", action="store_true", help="all of them, as docs/deck.md")
    add("doctor", _doctor, "which libraries are here, what is missing")
    return parser


def _add_commands_of_decks(add):
    run = add("run", _run, "run a deck; alone, or under mpirun / srun")
    check = add("check", _check, "validate a deck and print what it would cost")
    train = add("train", _train, "train the recurrent network by a deck of kind network")
    for command in (run, train):
        command.add_argument("--out", metavar="DIR", type=expanded, help="run directory; default: that of the deck")
        command.add_argument("--overwrite", action="store_true", help="replace a run that is there")
    run.add_argument("--part", metavar="I/N", help="only energies I, I + N, I + 2N ... of the deck, for array jobs")
    for command in (run, check, train):
        command.add_argument("deck", metavar="DECK", type=expanded, help="TOML file")
        command.add_argument(
            "--set", metavar="KEY=VALUE", action="append", default=[], help="override, e.g. run.seed=2"
        )


def _add_commands_of_runs(add):
    restart = add("restart", _restart, "resume from the newest checkpoint, on any number of ranks")
    extend = add("extend", _extend, "resume a finished run, to more than it had")
    extend.add_argument("--realizations", type=int, metavar="N", help="so many in all")
    extend.add_argument("--path-factor", type=float, metavar="F", help="paths so many times as long, at least 2")
    status = add("status", _status, "how far a run is")
    for command in (restart, extend, status):
        command.add_argument("directory", metavar="DIR", type=expanded)
    merge = add("merge", _merge, "join runs of one deck at different energies")
    merge.add_argument("directory", metavar="DIR", nargs="+", type=expanded)
    merge.add_argument("--out", metavar="DIR", required=True, type=expanded)
    merge.add_argument("--overwrite", action="store_true", help="replace a run that is there")


def _add_views(add):
    kappa = add("kappa", _kappa, "recompute and print the table of a run from its moments.h5")
    kappa.add_argument("directory", metavar="DIR", type=expanded)
    kappa.add_argument("--running", action="store_true", help="kappa(t) instead")
    kappa.add_argument("--estimator", metavar="NAME", help="from tracks.h5; docs/estimators.md lists them; or all")
    kappa.add_argument("--weights", metavar="FILE", type=expanded, help="of lstm; default: in runs/network")
    plot = add("plot", _plot, "draw one run or several")
    plot.add_argument("directory", metavar="DIR", nargs="+", type=expanded)
    plot.add_argument("--figure", choices=[*FIGURES], help="which figure; default: by kind of run")
    plot.add_argument("--running", action="store_true", help="kappa against lag and time (--figure running)")
    plot.add_argument("--out", metavar="FILE", type=expanded, help="default: in DIR/figures of the first run")
    report = add(
        "report", _report, "write one HTML page on one run or several: deck, cost, tables, figures, provenance"
    )
    report.add_argument("directory", metavar="DIR", nargs="+", type=expanded)
    report.add_argument("--out", metavar="FILE", type=expanded, help="default: report.html in DIR of the first run")
    plot.add_argument("--f_mm", type=float, help="fig4: volume of the patches; default: the deck's, or 0.25")


def _add_theory(add):
    theory = add("theory", _theory, "the paper's formulas, evaluated, with units")
    theory.add_argument("--energy", nargs="+", default=["1 GeV", "100 GeV", "1 TeV"], metavar="E")
    theory.add_argument("--B", default="3 uG", help="magnetic field (default: %(default)s)")
    theory.add_argument("--l_c", default="100 kpc", help="correlation length (default: %(default)s)")
    theory.add_argument("--l_mm", help="micromirror scale (default: 100 npc)")
    theory.add_argument("--dB-over-B", type=float, help="micromirror amplitude (default: 1/3)")
    theory.add_argument(
        "--micromirrors",
        metavar="FILE",
        type=expanded,
        help="take both from the last snapshot in a micromirrors.ecsv, with r_g,i of B and T as its unit of length",
    )
    theory.add_argument("--f_mm", type=float, default=1.0, help="filling fraction (default: %(default)s)")
    theory.add_argument("--Z", type=int, default=1, help="charge number (default: %(default)s)")
    theory.add_argument("--delta", type=float, default=1 / 3, help="exponent of eq 7 in eqs 10, 11 (default: 1/3)")
    theory.add_argument("--l_A", default="1 kpc", help="Alfven scale (default: %(default)s)")
    theory.add_argument("--v_A", default="100 km/s", help="Alfven speed (default: %(default)s)")
    theory.add_argument("--T", default="5 keV", help="temperature of the ions (default: %(default)s)")
    theory.add_argument(
        "--n_CR", type=float, default=1e-7, help="density of cosmic rays over ions (default: %(default)s)"
    )
    theory.add_argument("--out", metavar="FILE", type=expanded, help="write the numbers as a table, FILE.ecsv")
    plasma = theory.add_argument_group("instabilities of an anisotropic plasma instead")
    plasma.add_argument("--plasma", action="store_true", help="growth of mirror, ion-cyclotron, firehose modes")
    plasma.add_argument("--beta", type=float, default=50.0, help="8 pi n T_par/B^2 of ions (default: %(default)s)")
    plasma.add_argument("--anisotropy", type=float, default=0.1, help="T_perp/T_par - 1 (default: %(default)s)")
    plasma.add_argument("--T_e-over-T_i", type=float, default=1.0, help="T_e over T_par (default: %(default)s)")
