"""Kinds of run, one module each; `run.kind` of the deck is its name.

What the driver, the command line and restarts ask of a kind is in these functions of its module. To add a kind, write
them, name the module in `KINDS` below and its deck in `hpcmm.kinds.transport.config.LAYOUTS`.

On all ranks:

UNIT
    What progress is counted in, as people say it: "particle steps".
tasks(config) -> Tasks
    The list of work, its cost planned. Raises SectionError where the deck cannot be run.
demand()
    Optional. Raises InputError where a library is missing without which it cannot run; `hpcmm check` does not ask.
warnings(config) -> list of str
    What is allowed but likely not meant.
new_state(config) -> state
    Where a rank is at the start: a dataclass with ``done`` and ``flights``, dicts by task, and ``arrays(times)`` for
    the checkpoint.
rows_reader(config) -> callable
    ``read(file, rank, ranks)`` gives a rank's share of the state in a checkpoint, or raises Damaged.
run(config, comm, directory, state, keeper, attributes)
    From there to the product files. A kind of tasks calls `hpcmm.run.rounds.work_off`, which shares them among the ranks,
    saves and stops. ``keeper`` is a Keeper; ``attributes`` is the provenance for the files, root's alone.

On root, or without MPI, so that these alone may import astropy, matplotlib and rich, when called:

plan_table(config), plan_lines(config) -> rich Table, list of str
    What `hpcmm check` shows.
table(directory, running=False) -> rich Table
    What `hpcmm kappa` shows, made from the products as far as they allow; ``running``: kappa(t).
kappa_table(table) -> rich Table
    The table of a run for people.
TABLE
    Optional. Name of that table's file; "kappa.ecsv" where it is missing.
progress_table(config, tasks, state) -> rich Table or None
    Optional. What is known of a run that goes on, for `hpcmm status`.
FIGURE
    Name of its figure among `hpcmm.cli.FIGURES`, drawn at the end of a run; None if it has none.
open_run(directory) -> object
    A finished run for `hpcmm.open_run`: ``config``, ``table`` and what else there is, with units.

A kind that is not run but trained, "network", has tasks, warnings and plans alone.
"""

import tomllib
from pathlib import Path

from hpcmm.errors import InputError
from hpcmm.kinds.cluster import kind as cluster
from hpcmm.kinds.effective_medium import kind as effective_medium
from hpcmm.kinds.network import kind as network
from hpcmm.kinds.transport import kind as transport
from hpcmm.kinds.two_phase_1d import kind as two_phase_1d

KINDS = {
    "transport": transport, "two_phase_1d": two_phase_1d, "effective_medium": effective_medium, "cluster": cluster,
    "network": network,
}


def of(config):
    """Module of a config's kind."""
    return KINDS[config.run.kind]


def name_in(directory):
    """Name of the kind of run that a directory holds; "transport" where no deck tells.

    Raises
    ------
    InputError
        If this version has no such kind, or the deck is none.
    """
    path = Path(directory) / "resolved.toml"
    if not path.is_file():  # moments.h5 alone is enough to go on with
        return "transport"
    try:
        kind = tomllib.loads(path.read_text(encoding="utf-8"))["run"]["kind"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: no deck of hpcmm ({error})") from None
    if not hasattr(KINDS.get(str(kind)), "open_run"):
        raise InputError(f"{path}: holds no run of a kind known here, but {kind!r:.60}")
    return kind


def of_directory(directory):
    """Module of the kind of run that a directory holds; raises InputError as `name_in` does."""
    return KINDS[name_in(directory)]
