"""Variance of kappa per core-second: antithetic against independent starts, in field-free scattering and in turbulence.

Both ways have the same particles, steps and realizations; a variance is that between realizations.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import hpcmm
from hpcmm.kinds.transport import kappa, moments

DECK = """
[run]
kind = "transport"
seed = 11
realizations = {realizations}
particles = 64
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["27.752 EeV"]
starts = "{starts}"
"""

CASES = {
    "field-free scattering": '[[scatter]]\nmodel = "constant_rate"\nrate = "1e-13 / s"\nkick = "transport"\n',
    "turbulence, r_g/l_c = 0.1": (
        '[[field]]\nmodel = "plane_waves"\nmodes = {modes}\n[stepping]\npath_length = "3 Mpc"\n'
    ),
}


def measure(case, starts, realizations, modes):
    """kappa_iso and <x> at the end of the path, of each realization; CPU seconds."""
    with tempfile.TemporaryDirectory() as top:
        deck, before = Path(top) / "deck.toml", _cpu_seconds()
        deck.write_text(DECK.format(starts=starts, realizations=realizations) + CASES[case].format(modes=modes))
        command = [sys.executable, "-m", "hpcmm", "run", deck, "--out", f"{top}/run"]
        subprocess.run(command, check=True, capture_output=True)
        seconds, run = _cpu_seconds() - before, hpcmm.open_run(f"{top}/run")
    units = moments.statistical_units(run.sums[0])
    tensors = [kappa.headline_tensor(unit, run.time[0].value) for unit in units]
    return np.trace(tensors, axis1=1, axis2=2) / 3, moments.mean(units, "x")[:, -1], seconds


def _cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def variance(values):
    """Variance and its jackknife error."""
    left_out = np.array([np.delete(values, i).var(ddof=1) for i in range(len(values))])
    return values.var(ddof=1), np.sqrt((len(values) - 1) * left_out.var())


def ratio(one, other):
    """Ratio of two variances, with its error."""
    (a, da), (b, db) = variance(one), variance(other)
    return a / b, a / b * np.hypot(da / a, db / b)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--realizations", type=int, default=400)
    parser.add_argument("--modes", type=int, default=128, help="plane waves (default: %(default)s)")
    options = parser.parse_args()
    for case in CASES:
        free, anti = (measure(case, s, options.realizations, options.modes) for s in ("independent", "antithetic"))
        print(f"{case}, {options.realizations} realizations of 64 particles; independent / antithetic:")
        gain, error = ratio(free[0], anti[0])
        print(f"  variance of kappa_iso   {gain:.3f} +- {error:.3f}")
        print(f"  ... times CPU seconds   {gain * free[2] / anti[2]:.3f}  ({free[2]:.1f} s, {anti[2]:.1f} s)")
        print("  variance of <x>         {:.3f} +- {:.3f}".format(*ratio(free[1], anti[1])))
        difference = anti[0].mean() / free[0].mean() - 1
        error = np.sqrt(sum(k.var(ddof=1) / len(k) / k.mean() ** 2 for k in (free[0], anti[0])))
        print(f"  kappa_iso, antithetic / independent - 1: {difference:+.3f} +- {error:.3f}", flush=True)


if __name__ == "__main__":
    main()
