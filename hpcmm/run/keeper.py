"""Saves and stops runs: checkpoints when they are due, at signals, and before the wall time."""

import contextlib
import time

import numpy as np

from hpcmm import __version__
from hpcmm.errors import STOPPED, InputError, Stopped
from hpcmm.io import provenance, seal
from hpcmm.io.disk import reason
from hpcmm.io.terminal import tell
from hpcmm.parallel.collective import AloneError, on_root
from hpcmm.run import checkpoint, pruning
from hpcmm.run.identity import identity

MARGIN = 5.0
"""Seconds before the wall time at which a run stops, beside twice the time its last checkpoint took."""


class Keeper:
    """Saves a run and stops it; the same decisions on all ranks.

    Parameters
    ----------
    comm : communicator
    directory : path
        The run directory.
    config : Config
    signal : StopSignal
    watch : Watch or NoWatch
        Reports progress and checkpoints to the user.
    number : int or None
        Number of the checkpoint that the run resumes from; later of the newest one.
    """

    def __init__(self, comm, directory, config, signal, watch, number=None):
        self._comm, self._directory, self._config = comm, directory, config
        self._interval, self._wall_time = config.output.checkpoint_interval, config.output.wall_time
        self._identity = identity(config)
        self._signal, self._watch = signal, watch
        self._start = self._last = time.monotonic()
        self.number, self._seconds = number, 0.0
        self._good = [] if number is None else [number]
        on_root(comm, lambda: pruning.sweep(checkpoint.folder_of(directory)))
        self._signalled = self._late = self._due = self._fraction = 0.0

    @property
    def signalled(self):
        """True if a signal has reached this rank, so that its round must end now."""
        return self._signal.name is not None

    def sync(self, done, total, busy):
        """Collective, at the end of a round: sum up work, signals and clock; returns the number of busy ranks.

        One Allreduce carries all of it; only root's clock counts.

        Parameters
        ----------
        done, total : float
            Work of this rank so far and of the whole run, in the unit of the kind.
        busy : bool
            True while this rank has work left.
        """
        now = time.monotonic()
        late = self._wall_time and now - self._start > self._wall_time - MARGIN - 2 * self._seconds
        due = now - self._last > self._interval
        root = self._comm.rank == 0
        mine = np.array([done, busy, self.signalled, root and bool(late), root and due], dtype=float)
        done, busy, self._signalled, self._late, self._due = self._comm.allreduce(mine)
        self._watch.progress(done, total)
        self._fraction = done / total
        return int(busy)

    def save_or_stop(self, state):
        """Collective, after `sync`: save the run if a checkpoint is due, save and stop it if it was asked to stop.

        Parameters
        ----------
        state : State
            State of this rank.

        Raises
        ------
        Stopped
            On all ranks, if a signal came or the wall time is almost over.
        InputError
            On all ranks, if the wall time is too short for a save, so that no restart would advance the run.
        """
        if self._signalled or self._late or self._due:
            self.save(state, self._fraction)
            if not self._signalled:
                self._refuse_short_wall_time()
        if self._signalled or self._late:
            names = self._comm.allgather(self._signal.name)
            why = next((name for name in names if name), "its wall_time is almost over")
            raise Stopped(
                f"stopped at {100 * self._fraction:.1f} % ({why}); checkpoint {self.number:06d} holds it: "
                f"hpcmm restart {self._directory}"
            )

    def _refuse_short_wall_time(self):
        seconds = self._comm.bcast(self._seconds)
        if self._wall_time and self._wall_time <= MARGIN + 2 * seconds:
            raise InputError(
                f"{self._directory}: output.wall_time = {self._wall_time:g} s lets nothing advance, as a save takes "
                f"{seconds:.2g} s; checkpoint {self.number:06d} holds {100 * self._fraction:.1f} %: write "
                f"{2 * (MARGIN + 3 * seconds):.0f} s or more into resolved.toml, then hpcmm restart {self._directory}"
            )

    def finish(self, state, total):
        """Collective: save the run when all of its ``total`` of work is done."""
        self._watch.stepped(total, time.monotonic() - self._start)
        self.save(state, 1.0)

    def save(self, state, fraction):
        """Collective: write a checkpoint.

        Raises
        ------
        Stopped, InputError
            On all ranks, if it cannot be written; Stopped if an earlier one is there.
        """
        start = time.monotonic()
        arrays = state.arrays()
        header = provenance.machine() | {
            "version": __version__,
            "run": self._identity,
            "fraction": fraction,
            "summary": state.summary(self._comm),
            "date": provenance.now(),
        }
        try:
            self.number = checkpoint.write(self._comm, self._directory, arrays, header)
        except OSError as error:
            message = f"{self._directory}: no checkpoint could be written at {100 * fraction:.1f} % ({reason(error)})"
            if self.number is None:
                raise InputError(message + "; nothing is saved yet: give the run a place with room") from None
            raise Stopped(
                f"{message}; checkpoint {self.number:06d} is whole: make room, then hpcmm restart {self._directory}"
            ) from None
        self._good = [*self._good, self.number][-checkpoint.KEPT :]
        on_root(self._comm, lambda: pruning.prune(checkpoint.folder_of(self._directory), self._good, self._config))
        self._last = time.monotonic()
        self._seconds = self._last - start
        self._watch.saved(self.number, fraction, self._seconds)

    @contextlib.contextmanager
    def while_writing(self, *names):
        """Collective: seal the products ``names`` that are written in the block; stop the run if one cannot be written.

        They follow from the newest checkpoint.

        Raises
        ------
        Stopped, InputError
            Stopped if there is a checkpoint; if writing failed on all ranks alike. A rank that fails alone aborts the
            job with the same status.
        """
        try:
            on_root(self._comm, lambda: seal.drop(self._directory, names))
            yield
            start = time.monotonic()
            read = on_root(self._comm, lambda: seal.add(self._directory, names))
            self._watch.sealed(names, read, time.monotonic() - start)
        except (OSError, AloneError) as error:
            message = f"{self._directory}: {' or '.join(names)} could not be written ({reason(error)}); "
            if self.number is None:
                ended, status = InputError, 2
                message += "nothing is saved yet: give the run a place with room"
            else:
                ended, status = Stopped, STOPPED
                message += (
                    f"checkpoint {self.number:06d} is whole, and what is missing follows from it: make room, then "
                    f"hpcmm restart {self._directory}"
                )
            if isinstance(error, AloneError):
                tell(f"hpcmm: {message}")
                self._comm.Abort(status)
            raise ended(message) from None
