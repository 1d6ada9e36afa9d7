"""A checkpoint for which the memory does not suffice is passed over, by all ranks, for the one before."""

import subprocess
import sys

import numpy as np
import pytest

from hpcmm.parallel.collective import OneRank
from hpcmm.run import checkpoint
from hpcmm.run.checkpoint_read import Damaged, load_newest
from tests.conftest import ROOT
from tests.thread_ranks import on_ranks


def write(directory, values):
    return checkpoint.write(OneRank(), directory, {"x": np.asarray(values, "<f8")}, {})


READ = """
from sys import argv
from hpcmm.parallel.collective import OneRank
from hpcmm.run.checkpoint_read import load_newest
from tests.guarded import outcome

def read():
    number, total, notes = load_newest(OneRank(), argv[1], lambda _, rows: rows.share("x", most=2**40).sum())
    return number, float(total), notes

print(outcome(read, memory=2**27)[:2])
"""


def test_what_does_not_fit_is_passed_over(tmp_path):
    """256 MB where 128 MB are allowed, in a process of its own: a worker of the whole suite had enough."""
    before, newest = write(tmp_path, np.arange(10)), write(tmp_path, np.zeros(2**25))
    ended = subprocess.run([sys.executable, "-c", READ, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    note = f"checkpoint {newest:06d} cannot be read: there is not enough memory for what it claims to hold"
    assert ended.stdout.strip() == repr(("answer", (before, 45.0, [note])))


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_one_rank_without_memory_takes_all_to_the_one_before(tmp_path, calls):
    """It fails between two collective calls of the others, or after their last."""
    before, newest = write(tmp_path, np.arange(10)), write(tmp_path, np.arange(20))

    def read(comm):
        def load(_, rows):
            total = 0
            for call in range(2):
                if rows.count("x") == 20 and comm.rank == 1 and call == calls:
                    raise MemoryError
                total += comm.allreduce(float(rows.share("x", most=100).sum()))
            if calls == 2 and total == 380 and comm.rank == 1:
                raise MemoryError
            return total

        return load_newest(comm, tmp_path, load)

    for number, total, notes in on_ranks(3, read):
        assert (number, total) == (before, 90)
        assert len(notes) == 1
        assert notes[0].startswith(f"checkpoint {newest:06d} cannot be read: there is not enough memory")


def test_more_rows_than_the_deck_allows_are_damage(tmp_path):
    write(tmp_path, np.arange(10))
    number, _, notes = load_newest(OneRank(), tmp_path, lambda _, rows: rows.share("x", most=9))
    assert number is None
    assert notes == ["checkpoint 000001 is damaged: x has 10 rows, more than 9"]


def test_damage_is_told_by_all_ranks(tmp_path):
    write(tmp_path, np.arange(10))

    def load(_, rows):
        rows.demand(rows.comm.rank != 2, "rank 2 found damage")

    def refuse(comm):
        from hpcmm.run.checkpoint_read import Rows

        with Rows(comm, tmp_path / "checkpoint" / "000001.h5") as rows, pytest.raises(Damaged, match="rank 2"):
            load(None, rows)

    on_ranks(3, refuse)
