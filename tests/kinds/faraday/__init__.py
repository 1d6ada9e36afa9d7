"""Decks of kind = "faraday", and their numbers without a run directory."""

from hpcmm import kinds
from hpcmm.kinds.faraday import plan, products
from hpcmm.kinds.faraday.media import Media
from hpcmm.kinds.faraday.rays import RayBlocks
from tests.decks import block


def deck(*fields, B_rms="3 uG", l_c="100 kpc", seed=1, output=(), **keys):
    """Text of a deck; ``keys`` are those of [faraday]."""
    lines = block("[run]", {"kind": "faraday", "seed": seed})
    lines += block("[faraday]", keys) + block("[medium]", {"B_rms": B_rms, "l_c": l_c})
    for table in fields:
        lines += block("[[field]]", table)
    return "\n".join(lines + block("[output]", dict(output))) + "\n"


def config_of(tmp_path, text):
    """The config of a deck, files measured."""
    (tmp_path / "deck.toml").write_text(text)
    return kinds.read(tmp_path / "deck.toml")[1]


def flown(tmp_path, text):
    """Rows of the table of a deck, flown in this process."""
    from mpi4py import MPI

    config = config_of(tmp_path, text)
    course, media = plan.course(config), Media(config, MPI.COMM_SELF)
    tasks = plan.tasks_of(config, course)
    blocks, rows = RayBlocks(config, course, tasks, media), {}
    for task in range(len(tasks)):
        rays = blocks.begin(task, None)
        while not rays.finished:
            rays.advance_chunk()
        rows[task] = rays.flight()
    return products.table_rows(config, rows, media.uniform)
