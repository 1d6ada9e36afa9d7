"""The hpcmm command by a clock that counts rounds, so that no test depends on how fast the machine is.

``python -m tests.run.paced [WISH=VALUE ...] -- run deck.toml ...``: between two meetings of the ranks each does one
chunk, TICK seconds pass for the keeper at each, and what else is wished for comes true:

=============  ==========================================================================================
gate=FILE      after HELD rounds the work stands while FILE is there; time passes, checkpoints are written
writing=FILE   the process that lays out the third checkpoint stands half-way, having made FILE
limit=BYTES    no file may grow longer
nan=ROUND      a place of the second rank becomes no number then
patience=S     seconds to wait for a run that holds the directory
stop=N         ranks meet at every iteration of a solve; the last rank is told to stop at meeting N
margin=S       seconds before the wall time at which a run stops
=============  ==========================================================================================
"""

import itertools
import os
import resource
import signal
import sys
import time
from pathlib import Path

from hpcmm.run import checkpoint, keeper, lock, meetings, rounds

HELD = 4
"""Rounds; the blocks of `tests.decks.STEADY` are longer."""
TICK = 0.15
"""Seconds: a checkpoint_interval of 0.2 s is two rounds."""


class Clock:
    """Counts rounds, in the place of the module `time`."""

    rounds = 0

    @classmethod
    def monotonic(cls):
        """Seconds."""
        return TICK * cls.rounds


class OneChunk(rounds.Round):
    """A round that is over when it is asked a second time."""

    def __init__(self, *how, **more):
        super().__init__(*how, **more)
        self._asked = itertools.count()

    def over(self):
        """Has a chunk been done?"""
        return self._interrupted() or next(self._asked) > 0

    def begin_next(self):
        """Let a tick pass."""
        Clock.rounds += 1
        self._asked = itertools.count()


class Gated:
    """A worker that stands while a file is there, as root sees it."""

    def __init__(self, worker, gate):
        self._worker, self._gate = worker, Path(gate)

    def __getattr__(self, name):
        return getattr(self._worker, name)

    def advance(self, this_round):
        """Work, or wait a moment."""
        from mpi4py import MPI

        if MPI.COMM_WORLD.bcast(Clock.rounds >= HELD and self._gate.exists()):
            time.sleep(0.05)
        else:
            self._worker.advance(this_round)


def hold_at(gate):
    """Stand while the file is there."""
    work = rounds.work
    rounds.work = lambda worker, its_keeper: work(Gated(worker, gate), its_keeper)


def stand_in_a_write(mark):
    """Leave the third checkpoint half-written until this process is killed."""
    write, count = checkpoint._write_and_read_back, itertools.count(1)

    def half(part, places):
        if next(count) == 3:
            Path(mark).touch()
            time.sleep(3600)
        write(part, places)

    checkpoint._write_and_read_back = half


def limit_files(size):
    """As a quota does; it shows in no free-space figure."""
    from mpi4py import MPI  # noqa: F401  # its own files are larger

    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size),) * 2)


def spoil(when):
    """Let a block of the second rank go wrong."""
    from mpi4py import MPI

    from hpcmm.kinds.transport.block_run import BlockRun

    advance = BlockRun.advance_chunk

    def poisoned(block_run):
        if MPI.COMM_WORLD.rank == 1 and Clock.rounds >= int(when):
            block_run.block.state[0, 3] = float("nan")
        return advance(block_run)

    BlockRun.advance_chunk = poisoned


def wait_less(seconds):
    """For a run that goes on for as long as the test wants."""
    lock.PATIENCE = float(seconds)


def stop_at(number):
    """Let a signal reach one rank within a solve."""
    from mpi4py import MPI

    hold, count = meetings.Meetings.hold, itertools.count()

    def told(self, iteration):
        if next(count) == int(number) and MPI.COMM_WORLD.rank == MPI.COMM_WORLD.size - 1:
            os.kill(os.getpid(), signal.SIGUSR1)
        hold(self, iteration)
        self._next = iteration + 1

    meetings.Meetings.hold = told


def be_impatient(seconds):
    """Stop early, by a wall time that a deck may have."""
    keeper.MARGIN = float(seconds)


WISHES = {
    "margin": be_impatient,
    "stop": stop_at,
    "gate": hold_at,
    "writing": stand_in_a_write,
    "limit": limit_files,
    "nan": spoil,
    "patience": wait_less,
}


def set_pace():
    """Let rounds and the keeper's clock be counted."""
    keeper.time, rounds.Round = Clock, OneChunk


def main():
    """Set the pace and run the command."""
    set_pace()
    end = sys.argv.index("--")
    for wish in sys.argv[1:end]:
        name, value = wish.split("=", 1)
        WISHES[name](value)
    del sys.argv[1 : end + 1]
    from hpcmm.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
