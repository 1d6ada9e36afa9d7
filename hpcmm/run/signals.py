"""Signals that ask a run to stop: noted when they arrive, acted on at the end of a round."""

import ctypes
import os
import signal

from hpcmm.io.launcher import is_launched

_PR_SET_PDEATHSIG = 1


class StopSignal:
    """Notes the first SIGTERM, SIGUSR1 or SIGINT that reaches this rank; the second one ends it at once.

    Made early: before it, SIGUSR1 would kill the process while it still reads its modules.
    """

    def __init__(self):
        self.name = None
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
            signal.signal(number, self._note)

    def ignore(self):
        """Ignore signals from here on: at its end Python makes them deadly again, which would spoil the exit status."""
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    def _note(self, number, _frame):
        if self.name is not None:
            # as the signal would have done: no clean-up that could hang
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.name = signal.Signals(number).name


def die_with_parent():
    """Ask the kernel (Linux) to kill this rank when its launcher dies, so that no orphan holds the run directory.

    A run without a launcher outlives the shell that started it, as `nohup` promises.
    """
    if not is_launched():
        return
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):  # no such call on this system
        return
    if os.getppid() == 1:  # the launcher died before the call
        os.kill(os.getpid(), signal.SIGKILL)
