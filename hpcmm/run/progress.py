"""Shows how far a run is: a bar on a terminal, a plain line from time to time elsewhere."""

import sys
import time

from hpcmm.foreign import printable
from hpcmm.io.terminal import Deaf, on_terminal, tell


class Progress:
    """Callable ``progress(done, total, rate, left)``; draws on root alone.

    Parameters
    ----------
    label : str
        Name of the run.
    log : logging.Logger
        Gets the plain lines too.
    unit : str
        Unit of ``done`` and ``total``.
    seconds_between_lines : float
        Time between the plain lines.
    """

    def __init__(self, label, log, unit, seconds_between_lines=30.0):
        self._label, self._log, self._unit, self._between = label, log, unit, seconds_between_lines
        self._last_line = time.monotonic()
        self._bar = self._task = None

    def __call__(self, done, total, rate, left):
        """Show ``done`` of ``total``, and what `hpcmm.run.pace.Pace` says of them."""
        if on_terminal(sys.stderr):
            self._draw(done, total, rate)
        now = time.monotonic()
        if now - self._last_line >= self._between:
            self._last_line = now
            line = self._line(done, total, rate, left)
            self._log.info(line)
            if self._bar is None:
                tell(line)

    def _line(self, done, total, rate, left):
        remaining = "time left unknown" if left is None else f"{left:.0f} s left"
        return f"{self._label}: {100 * done / total:.1f} %, {rate:.3g} {self._unit}/s, {remaining}"

    def _draw(self, done, total, rate):
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            # a pipe to the launcher's terminal has no size of its own
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn(f"{{task.fields[rate]}} {self._unit}/s"),
                TimeRemainingColumn(),
                console=Console(file=Deaf(sys.stderr), force_terminal=True),
                auto_refresh=False,
            )
            self._task = self._bar.add_task(printable(self._label), total=total, rate="")
            self._bar.start()
        self._bar.update(self._task, completed=done, rate=f"{rate:.2e}", refresh=True)

    def close(self):
        """Stop the bar, so that the terminal is left tidy."""
        if self._bar is not None:
            self._bar.stop()
