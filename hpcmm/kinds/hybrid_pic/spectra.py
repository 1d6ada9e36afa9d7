"""Spectra of a snapshot: the power of B along B_0, of B across it and of n, against k_par and against k_perp."""

import math

import numpy as np

from hpcmm.kinds.hybrid_pic.gather import multiplicity, power, wavenumbers

FIELDS = ("B_par", "B_perp", "n")
"""What there are spectra of: B over its mean, n over its mean."""

DATASETS = {"time": "[time]; 1/Omega_i0", "k_par": "[mode]; of the box's side along B_0 [1/r_gi0]"}
DATASETS |= {"k_perp": "[time, ring]; mean of the ring's modes, physical [1/r_gi0]"}
DATASETS |= {
    f"{name}_by_{k}": f"[time, {bins}]; power of {name}: the sum is the mean square of its fluctuations over the mean"
    for name in FIELDS
    for k, bins in (("k_par", "mode"), ("k_perp", "ring"))
}
"""Dataset of spectra.h5 -> its meaning."""


def rings(box, r):
    """Number of rings of k_perp, and ring of each mode [y, z].

    A ring is as wide as the smallest wavenumber across B_0 of the box at t = 0.
    """
    _, y, z = wavenumbers(box, r, 0.0)
    across = [2 * math.pi * r / (n * d) for n, d in zip(box.cells[1:], box.spacing[1:], strict=True) if n > 1]
    size = np.hypot(y, z)[0]
    ring = np.rint(size / min(across)).astype(int) if across else np.zeros(size.shape, int)
    return int(ring.max()) + 1, ring


def modes_along(box):
    """Number of modes of k_par, 0 and the shortest wave included."""
    return box.cells[0] // 2 + 1


def row_length(box, r):
    """Numbers of a row: those of every field by k_par, then by k_perp."""
    return 1 + len(FIELDS) * (modes_along(box) + rings(box, r)[0])


def row(plasma, fields):
    """A time and the spectra of `FIELDS` behind it, on root.

    Parameters
    ----------
    plasma : Plasma
    fields : dict
        Name -> list of fields [x, y, z] of the whole box whose powers add.
    """
    box, r = plasma.box, math.sqrt(2 * plasma.physics.T[0])
    count, ring = rings(box, r)
    along = np.abs(np.rint(np.fft.fftfreq(box.cells[0]) * box.cells[0])).astype(int)
    made = [[plasma.time]]
    for name in FIELDS:
        found = sum(power(field) for field in fields[name])
        found[0, 0, 0] = 0.0
        made.append(np.bincount(along, found.sum(axis=(1, 2)), modes_along(box)))
        made.append(np.bincount(ring.ravel(), found.sum(axis=0).ravel(), count))
    return np.concatenate(made)


def datasets_of(rows, box, r):
    """{name of `DATASETS`: array} of the rows of a run."""
    rows = np.array(rows).reshape(-1, row_length(box, r))
    count, ring = rings(box, r)
    x, _, _ = wavenumbers(box, r, 0.0)
    found = {"time": rows[:, 0], "k_par": np.abs(x[: modes_along(box), 0, 0])}
    many = np.broadcast_to(multiplicity(box.cells[2]), ring.shape).ravel()
    modes, mean = np.maximum(np.bincount(ring.ravel(), many, count), 1), []
    for t in rows[:, 0]:
        _, y, z = wavenumbers(box, r, t)
        mean.append(np.bincount(ring.ravel(), np.hypot(y, z).ravel() * many, count) / modes)
    found["k_perp"] = np.array(mean).reshape(-1, count)
    first = 1
    for name in FIELDS:
        for k, bins in (("k_par", modes_along(box)), ("k_perp", count)):
            found[f"{name}_by_{k}"] = rows[:, first : first + bins]
            first += bins
    return found
