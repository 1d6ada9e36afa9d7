"""Reading of a field file into the memory of a node, beside plain h5py, in turn in one process."""

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import h5py
import numpy as np

import hpcmm
from hpcmm.deck.load import load_deck
from hpcmm.kinds import read_config
from hpcmm.run import cubes

DECK = """
[run]
kind = "transport"
[medium]
B_rms = "1 uG"
l_c = "100 kpc"
[particle]
energy = ["1 EeV"]
[[field]]
model = "field_file"
file = "{}"
"""


def field(n):
    """A solenoidal field [z, y, x, component] of n^3 float32 triples."""
    k = (2 * np.pi / n * np.arange(n)).astype(np.float32)
    x, y, z = np.sin(k), np.cos(k)[:, None], np.cos(2 * k)[:, None, None]
    values = np.empty((n, n, n, 3), np.float32)
    values[..., 0], values[..., 1], values[..., 2] = y + z, z + x, x + y
    return values


def write(folder, n):
    """Write it as openPMD (a dataset a component) and as one dataset of vectors; returns the paths."""
    values = field(n)
    hpcmm.write_field(folder / "components.h5", values, box="1 Mpc", axes="zyx")
    with h5py.File(folder / "vectors.h5", "w") as file:
        file["magneticfield_0001"] = values
        for name in ("xcoor", "ycoor", "zcoor"):
            file[name] = 2 * np.pi / n * np.arange(n)
    return folder / "components.h5", folder / "vectors.h5"


def plain(path):
    """All datasets of a file, by h5py alone."""
    with h5py.File(path) as file:
        found = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        return [file[name][...] for name in found]


def measured(path):
    """Section of a deck that flies particles through the file, complete with what is measured of it."""
    deck = path.with_suffix(".toml")
    deck.write_text(DECK.format(path))
    return cubes.completed(read_config(load_deck(deck))).from_file


def seconds(do):
    """Process time of one call [s]."""
    begin = time.process_time()
    do()
    return time.process_time() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=384, help="values along a side")
    parser.add_argument("--pairs", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder), asked.points):
            section = measured(path)
            pairs = [
                (seconds(partial(plain, path)), seconds(partial(cubes.load, section, 0, 1.0)))
                for _ in range(asked.pairs)
            ]
            ratio = statistics.median(ours / theirs for theirs, ours in pairs)
            least = [min(column) for column in zip(*pairs, strict=True)]
            print(f"{path.stem}: h5py {least[0]:.3f} s, hpcmm {least[1]:.3f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
