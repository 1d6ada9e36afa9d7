"""Files of patches are anyone's: damaged or hostile ones are refused at once, in a line; compressed ones are read."""

import os
import random

import h5py
import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.deck.load import DeckError
from hpcmm.errors import InputError
from hpcmm.kinds.effective_medium import patch_file
from tests.damage import damage
from tests.guarded import outcome

DECK = """
[run]
kind = "effective_medium"
[effective_medium]
grid = [12, 12, 12]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "file"
file = "{}"
"""

PATCHES = (np.indices((12, 12, 12)).sum(axis=0) % 3 == 0).astype("u1")


@pytest.fixture
def read(tmp_path):
    """Callable ``read()`` -> what a run takes from patches.h5, in a process with limits."""
    (tmp_path / "deck.toml").write_text(DECK.format(tmp_path / "patches.h5"))

    def take():
        try:
            _, config = kinds.read(tmp_path / "deck.toml")
        except DeckError as error:
            raise InputError(str(error)) from None
        return patch_file.read(config.effective_medium.file, ((0, 12),) * 3)[1].tobytes()

    return lambda: outcome(take, seconds=60, memory=2**29)


def virtual(file):
    layout = h5py.VirtualLayout((12, 12, 12), "u1")
    layout[...] = h5py.VirtualSource("/etc/hostname", "x", (12, 12, 12))
    file.create_virtual_dataset("patch", layout)


HOSTILE = {
    "never written": lambda f: f.create_dataset("patch", (12, 12, 12), "u1"),
    "claims of 1e15 cells": lambda f: f.create_dataset("patch", (10**5,) * 3, "u1", chunks=(10, 10, 10)),
    "a chunk of gigabytes": lambda f: f.create_dataset(
        "patch", (12, 12, 12), "u1", chunks=(2**30, 1, 1), maxshape=(None, 12, 12)
    ),
    "external storage": lambda f: f.create_dataset("patch", (12, 12, 12), "u1", external=[("/dev/zero", 0, 1728)]),
    "virtual": virtual,
    "an external link": lambda f: f.__setitem__("patch", h5py.ExternalLink("/etc/hostname", "x")),
    "a soft link": lambda f: (f.create_dataset("x", data=PATCHES), f.__setitem__("patch", h5py.SoftLink("/x"))),
    "texts": lambda f: f.create_dataset("patch", (12, 12, 12), h5py.string_dtype()),
    "references": lambda f: f.create_dataset("patch", (12, 12, 12), h5py.ref_dtype),
    "pairs": lambda f: f.create_dataset("patch", (12, 12, 12), np.dtype([("a", "f8")])),
    "complex": lambda f: f.create_dataset("patch", (12, 12, 12), "c16"),
    "a scalar": lambda f: f.create_dataset("patch", data=1),
    "no shape": lambda f: f.create_dataset("patch", data=h5py.Empty("u1")),
    "no cells": lambda f: f.create_dataset("patch", (0, 12, 12), "u1"),
    "twos": lambda f: f.create_dataset("patch", data=PATCHES * 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_patches_are_refused_in_a_line(read, tmp_path, name):
    with h5py.File(tmp_path / "patches.h5", "w") as file:
        HOSTILE[name](file)
    found = read()
    assert found[0] == "refused", found
    assert "patches.h5" in found[1]
    assert "\n" not in found[1]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_refused_at_once(read, tmp_path, make):
    make(tmp_path / "patches.h5")
    assert read()[0] == "refused"


@pytest.mark.parametrize("how", [{}, {"chunks": (5, 12, 7)}, {"chunks": True, "compression": "gzip"}])
def test_plain_and_compressed_patches_are_read(read, tmp_path, how):
    with h5py.File(tmp_path / "patches.h5", "w") as file:
        file.create_dataset("patch", data=PATCHES, **how)
    assert read()[:2] == ("answer", PATCHES.tobytes())


@pytest.mark.slow
def test_damaged_patches_never_crash(read, tmp_path):
    """Nothing seals them: other cells are read where bits of cells have changed; HDF5 must not take the run with it."""
    draw, path = random.Random(1), tmp_path / "patches.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("patch", data=PATCHES, chunks=(4, 4, 4), compression="gzip")
    whole, counts = path.read_bytes(), {}
    for _ in range(300):
        path.write_bytes(whole)
        said = damage(draw, path, ("bits", "zeros", "swapped", "truncated"))
        found = read()
        assert found[0] in ("answer", "refused"), (said, found)
        counts[found[0]] = counts.get(found[0], 0) + 1
    print(counts)
