"""What a call does that may crash, hang or eat all memory: it is made in a forked process with limits."""

import os
import pickle
import resource
import signal
import time
import traceback
import warnings

from hpcmm.errors import InputError, Notice


def outcome(action, seconds=60.0, memory=2**30):
    """What ``action()`` ends in: ("answer", value, notices), ("refused", message), or what must not be.

    The latter are ("crashed", signal), ("hung", seconds), ("raised", traceback). The value is pickled.

    Parameters
    ----------
    action : callable
    seconds : float
        Longest that it may take.
    memory : int
        Bytes that it may ask for beside those of this process.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _limit(memory)
        try:
            found = pickle.dumps(_ending(action))
        except BaseException:
            found = pickle.dumps(("raised", traceback.format_exc()))
        with os.fdopen(write, "wb") as out:
            out.write(found)
        os._exit(0)
    os.close(write)
    end, found = time.monotonic() + seconds, b""
    os.set_blocking(read, True)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with os.fdopen(read, "rb") as pipe:
        found = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.setitimer(signal.ITIMER_REAL, 0)
    if status < 0:
        return ("hung", seconds) if time.monotonic() >= end else ("crashed", signal.Signals(-status).name)
    return pickle.loads(found)


def _limit(memory):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open("/proc/self/statm", encoding="ascii") as statm:
        here = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (here + memory,) * 2)


def _ending(action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", Notice)
        try:
            value = action()
        except InputError as error:
            return "refused", str(error)
    return "answer", value, [str(w.message) for w in caught if issubclass(w.category, Notice)]
