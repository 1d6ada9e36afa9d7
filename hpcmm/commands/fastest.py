"""The stopwatch of all that `hpcmm bench` measures."""

import time

import numpy as np


def fastest(action, seconds):
    """Least process time [s] of one call, over as many calls as fit in ``seconds``: what a kernel costs undisturbed.

    The first calls also wake the wide vector units, which run slow for tens of milliseconds.
    """
    best, begin = np.inf, time.process_time()
    while time.process_time() - begin < seconds:
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return best
