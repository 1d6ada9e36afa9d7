"""Reports a run to the user, on root: log.txt, the progress bar, status.json, warnings."""

from pathlib import Path

from hpcmm.io import provenance
from hpcmm.io.hdf5 import is_parallel
from hpcmm.io.terminal import tell
from hpcmm.run import directory as run_directory
from hpcmm.run import log_file
from hpcmm.run.pace import Pace
from hpcmm.run.progress import Progress
from hpcmm.run.status import Status


class NoWatch:
    """Watch of the ranks other than root: reports nothing."""

    def progress(self, done, total):
        """See Watch."""

    def note(self, lines):
        """See Watch."""

    def warn(self, lines):
        """See Watch."""

    def stepped(self, total, seconds):
        """See Watch."""

    def saved(self, number, fraction, seconds):
        """See Watch."""

    def sealed(self, names, size, seconds):
        """See Watch."""

    def close(self, state, reason=""):
        """See Watch."""


class Watch(NoWatch):
    """Root's log, progress and status of a run.

    Parameters
    ----------
    directory : path
    ranks : int
    attributes : dict
        Provenance of the run.
    number : int or None
        Number of the checkpoint that the run resumes from.
    unit : str
        Unit in which the kind of run counts its progress.
    """

    def __init__(self, directory, ranks, attributes, number, unit):
        self._log, self._unit = run_directory.logger(directory), unit
        how = "started" if number is None else f"resumed from checkpoint {number:06d}"
        self._log.info("%s on %d ranks: %s", how, ranks, attributes["command"])
        self._log.info(log_file.made_by(attributes))
        if ranks > 1 and not is_parallel():
            self._log.info("h5py has no MPI: products are written through rank 0")
        self._status = Status(directory, ranks=ranks, started=attributes["date"], checkpoint=number, unit=unit)
        self._pace = Pace()
        self._progress = Progress(Path(directory).name, self._log, unit)

    def progress(self, done, total):
        """Show ``done`` of ``total``, in the unit of the run."""
        pace = self._pace(done, total)
        self._progress(done, total, *pace)
        self._status.progress(done, total, *pace)

    def note(self, lines):
        """Log what was found out about the input."""
        for line in lines:
            self._log.info(line)

    def warn(self, lines):
        """Print and log warnings of what is allowed but probably not intended."""
        for line in lines:
            self._log.warning(line)
            tell(f"hpcmm: warning: {line}")

    def stepped(self, total, seconds):
        """Log how long the work since this start took."""
        self._log.info("all of %.4g %s done, those since this start in %.3f s", total, self._unit, seconds)

    def saved(self, number, fraction, seconds):
        """Log a checkpoint, and note it in status.json."""
        self._log.info("checkpoint %06d at %.1f %% in %.2f s", number, 100 * fraction, seconds)
        self._status.update(checkpoint=number, checkpoint_fraction=fraction, checkpoint_date=provenance.now())

    def sealed(self, names, size, seconds):
        """Log that products were read once more, for their checksums."""
        self._log.info("%s: %.3g MB sealed in %.3f s", ", ".join(names), size / 1e6, seconds)

    def close(self, state, reason=""):
        """Log how the run ended, and write its final status."""
        self._progress.close()
        self._status.close(state, reason)
        self._log.info("done" if state == "finished" else f"{state}: {reason}")
