"""Valid HDF5 made to lead astray: what it claims, where it points. Refused in one line, at once, without the memory."""

import os

import h5py
import numpy as np
import pytest

from hpcmm.io import seal, tracks_file
from hpcmm.kinds.cluster.reader import ClusterRun
from hpcmm.kinds.transport import moments_file
from tests.guarded import outcome
from tests.run.tiny import TINY

READERS = {
    "transport": ("moments.h5", "moments", moments_file.read),
    "two_phase_1d": ("tracks.h5", "position", tracks_file.read),
    "cluster": ("profiles.h5", "density", lambda path: [ClusterRun(path.parent).profile("density")]),
}
"""Kind -> product, its largest dataset, what reads that."""

TERA = 2**40


def replaced(make):
    """A change that puts another thing in the place of a dataset: ``make(file, name, before)``."""

    def change(file, name):
        before, attributes = file[name][...], dict(file[name].attrs)
        del file[name]
        make(file, name, before)
        link = file.get(name, getlink=True)
        if isinstance(link, h5py.HardLink) and isinstance(file[name], h5py.Dataset):
            file[name].attrs.update(attributes)

    return change


def typed(dtype, shape=(4,)):
    return replaced(lambda file, name, _: file.create_dataset(name, shape, dtype=dtype))


def virtual(file, name, before):
    layout = h5py.VirtualLayout(before.shape, before.dtype)
    layout[...] = h5py.VirtualSource("/etc/hostname", "x", before.shape)
    file.create_virtual_dataset(name, layout)


def virtual_of_itself(file, name, before):
    layout = h5py.VirtualLayout(before.shape, before.dtype)
    layout[...] = h5py.VirtualSource(".", name, before.shape)
    file.create_virtual_dataset(name, layout)


def late(file, name, before):
    """In one piece, of which nothing was ever written."""
    file.create_dataset(name, (TERA, 1, 1, 1), dtype="f8")


def overlapping(file, name, before):
    """In one piece that begins in the file and ends far behind it."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    space = h5py.h5s.create_simple((2**30, 1, 1, 1))
    h5py.h5d.create(file.id, name.encode(), h5py.h5t.NATIVE_DOUBLE, space, plist)


def cycle(file, name, before):
    group = file.create_group(name)
    group["again"] = group


def chain(file, name, before):
    """Soft links that lead to one another."""
    for i in range(100):
        file[f"link{i}"] = h5py.SoftLink(f"/link{i + 1}")
    file["link100"] = h5py.SoftLink("/link0")
    file[name] = h5py.SoftLink("/link0")


def references(file, name):
    """An attribute of a thousand references."""
    file.attrs.create("more", np.array([file.ref] * 1000, dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)


def bomb(file, name, before):
    """Half a gigabyte of zeros in a thousandth of that."""
    file.create_dataset(name, (2**26, 1, 1, 1), dtype="f8", chunks=(2**20, 1, 1, 1), compression="gzip")
    for i in range(8):
        file[name][i * 2**20 : (i + 1) * 2**20] = 0.0


CHANGES = {
    "a claim of a terabyte in one piece": replaced(late),
    "a claim of 1e15 rows in chunks": replaced(
        lambda f, n, _: f.create_dataset(n, (10**15, 1, 1, 1), dtype="f8", chunks=(1, 1, 1, 1))
    ),
    "axes whose product is beyond 64 bits": replaced(
        lambda f, n, _: f.create_dataset(n, (2**32, 2**32, 1, 1), dtype="f8", chunks=(1, 1, 1, 1))
    ),
    "one chunk of gigabytes": replaced(
        lambda f, n, _: f.create_dataset(n, (2**28, 1, 1, 1), dtype="f8", chunks=(2**28, 1, 1, 1))
    ),
    "a compression bomb": replaced(bomb),
    "chunks": replaced(lambda f, n, b: f.create_dataset(n, data=b, chunks=True)),
    "compressed": replaced(lambda f, n, b: f.create_dataset(n, data=b, compression="lzf")),
    "external storage": replaced(
        lambda f, n, b: f.create_dataset(n, b.shape, b.dtype, external=[("/etc/passwd", 0, b.nbytes)])
    ),
    "external storage without end": replaced(
        lambda f, n, b: f.create_dataset(n, b.shape, b.dtype, external=[("/dev/zero", 0, h5py.h5f.UNLIMITED)])
    ),
    "virtual": replaced(virtual),
    "virtual, of itself": replaced(virtual_of_itself),
    "an external link": replaced(lambda f, n, _: f.__setitem__(n, h5py.ExternalLink("/etc/hostname", "/x"))),
    "an external link to a device": replaced(lambda f, n, _: f.__setitem__(n, h5py.ExternalLink("/dev/zero", "/x"))),
    "an external link to this file": replaced(
        lambda f, n, _: f.__setitem__(n, h5py.ExternalLink(os.path.basename(f.filename), "/time"))
    ),
    "a soft link": replaced(lambda f, n, _: f.__setitem__(n, h5py.SoftLink("/time"))),
    "a soft link to nothing": replaced(lambda f, n, _: f.__setitem__(n, h5py.SoftLink("/nothing"))),
    "a soft link to itself": replaced(lambda f, n, _: f.__setitem__(n, h5py.SoftLink(f"/{n}"))),
    "a ring of soft links": replaced(chain),
    "a group": replaced(lambda f, n, _: f.create_group(n)),
    "a group that holds itself": replaced(cycle),
    "a named type": replaced(lambda f, n, _: f.__setitem__(n, np.dtype("f8"))),
    "a scalar": replaced(lambda f, n, _: f.create_dataset(n, data=1.0)),
    "no shape": replaced(lambda f, n, _: f.create_dataset(n, data=h5py.Empty("f8"))),
    "texts of any length": typed(h5py.string_dtype()),
    "texts of a gigabyte": typed("S1000000000", (1,)),
    "lists of any length": typed(h5py.vlen_dtype(np.dtype("f8"))),
    "references": typed(h5py.ref_dtype),
    "pairs": typed(np.dtype([("a", "f8"), ("b", "i4")])),
    "complex": typed("c16", (1, 1, 1, 1)),
    "long floats": typed(np.longdouble, (1, 1, 1, 1)),
    "opaque bytes": typed("V16"),
    "bytes that are no floats": typed(h5py.opaque_dtype(np.dtype("M8[s]"))),
    "a dataset less": lambda f, n: f.__delitem__(n),
    "an attribute of a thousand references": references,
    "an attribute of a thousand numbers": lambda f, n: f.attrs.create("more", np.zeros(1000)),
    "an attribute without shape": lambda f, n: f.attrs.create("more", h5py.Empty("f8")),
    "an attribute of pairs": lambda f, n: f.attrs.create("more", np.zeros(2, [("a", "f8"), ("b", "i4")])),
    "a thousand attributes": lambda f, n: [f.attrs.create(f"more{i}", i) for i in range(1000)],
}

NOT_OF_PROFILES = [change for change in CHANGES if "attribute" in change]
"""Attributes of profiles.h5 are not read."""


@pytest.fixture(scope="module")
def finished(done, tmp_path_factory):
    """{kind: its product as bytes}."""
    top, found = tmp_path_factory.mktemp("finished"), {}

    def content(kind):
        if kind not in found:
            for module in TINY[kind].kind.requires:
                pytest.importorskip(module)
            (top / f"{kind}.toml").write_text(TINY[kind].deck)
            done("run", top / f"{kind}.toml", "--out", top / kind)
            found[kind] = top / kind
        return found[kind]

    return content


CASES = [
    pytest.param(kind, change, marks=() if kind == "two_phase_1d" else pytest.mark.slow)
    for kind in READERS
    for change in CHANGES
    if kind != "cluster" or change not in NOT_OF_PROFILES
]


@pytest.mark.parametrize(("kind", "change"), CASES)
def test_hostile_hdf5_is_refused_in_a_line(finished, tmp_path, kind, change):
    """Sealed as it is, by someone who means harm: HDF5 does open it."""
    name, dataset, read = READERS[kind]
    made = finished(kind)
    for other in (name, "escape.ecsv", "resolved.toml"):
        if (made / other).exists():
            (tmp_path / other).write_bytes((made / other).read_bytes())
    path = tmp_path / name
    with h5py.File(path, "r+") as file:
        CHANGES[change](file, dataset)
    if path.stat().st_size < 2**30:
        seal.add(tmp_path, [p.name for p in tmp_path.iterdir()])
    found = outcome(lambda: read(path) and "read", seconds=30, memory=2**28)
    assert found[0] == "refused", found
    assert str(path) in found[1]
    assert "\n" not in found[1]
    assert len(found[1]) < 300 + len(str(path))


def test_a_sparse_file_of_a_terabyte_is_refused_for_its_memory(tmp_path):
    """What it claims lies in the file, of which the disk has next to nothing; it is not sealed."""
    path = tmp_path / "tracks.h5"
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = tracks_file.SCHEMA
        overlapping(file, "position", None)
    with h5py.File(path, "r+") as file:
        place = file["position"].id.get_offset()
    os.truncate(path, place + 8 * 2**30)
    found = outcome(lambda: tracks_file.read(path) and "read", seconds=30, memory=2**30)
    assert found[0] == "refused", found
    assert "it claims more than the memory here" in found[1]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_refused_at_once(tmp_path, make):
    make(tmp_path / "tracks.h5")
    found = outcome(lambda: tracks_file.read(tmp_path / "tracks.h5") and "read", seconds=30)
    assert found[0] == "refused", found
