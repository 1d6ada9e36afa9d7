"""Products of every kind, damaged anywhere: never a crash, a hang, a traceback, or another answer without a word."""

import hashlib
import json
import random
import shutil
from functools import partial

import numpy as np
import pytest

import hpcmm
from hpcmm import kinds
from hpcmm.io import seal, table, tracks_file
from hpcmm.kinds.cluster.reader import ClusterRun
from hpcmm.kinds.hybrid_pic import spectra
from hpcmm.kinds.mhd.products import DATASETS
from hpcmm.kinds.mhd.reader import MhdRun
from hpcmm.kinds.transport import moments_file
from tests.damage import damage
from tests.guarded import outcome
from tests.run.tiny import TINY


def plain(value):
    """What two answers are compared by."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    return repr(value)


def of_moments(path):
    return [plain(value) for name, value in vars(moments_file.read(path)).items() if name != "path"]


def of_tracks(path):
    return [plain(value) for value in vars(tracks_file.read(path)).values()]


def of_profiles(path):
    run = ClusterRun(path.parent)
    found = {name: run.profile(name) for name in run.names}
    return [(name, plain(values.value), str(values.unit)) for name, values in found.items()]


def of_table(path):
    found = table.read_table_of(path.parent, path.name)
    return found.meta, [(name, str(found[name].unit), plain(np.asarray(found[name]))) for name in found.colnames]


def of_weights(path):
    from hpcmm.kinds.network import weights

    reader, config = weights.read(path)
    return [(name, plain(t.numpy())) for name, t in reader._network.state_dict().items()], repr(config)


def of_spectra(path):
    run = hpcmm.open_run(path.parent)
    names = DATASETS if isinstance(run, MhdRun) else spectra.DATASETS
    return [(name, plain(run.spectrum(name))) for name in names]


def of_snapshot(path):
    run = hpcmm.open_run(path.parent.parent)
    names = "ub" if isinstance(run, MhdRun) else ("B", "u", "n", "pressure")
    return [plain(run.field(name, time)) for time in run.snapshots for name in names]


READERS = {
    "moments.h5": of_moments,
    "tracks.h5": of_tracks,
    "profiles.h5": of_profiles,
    "spectra.h5": of_spectra,
    "snapshots/*.h5": of_snapshot,
    "history.ecsv": of_table,
    "micromirrors.ecsv": of_table,
    "kappa.ecsv": of_table,
    "escape.ecsv": of_table,
    "faraday.ecsv": of_table,
    "estimators.ecsv": of_table,
    "pitch_angle.ecsv": of_table,
    "pitch_angle_distribution.ecsv": of_table,
    "autocorrelation.ecsv": of_table,
    "weights.safetensors": of_weights,
    "training.ecsv": of_table,
    "test.ecsv": of_table,
}
"""Product -> what reads it, the same for all kinds."""

UNREAD = ("figures/training.png", "microphysics.ecsv", "microphysics/*.h5")
"""What no reader of its own kind opens; patches are read by effective media, see test_hostile_patches.py."""

PRODUCTS = [(name, product) for name, tiny in TINY.items() for product in tiny.kind.files if product not in UNREAD]


def answer(product, path):
    """Digest of all that a product says."""
    return hashlib.sha256(repr(READERS[product](path)).encode()).hexdigest()


def try_damaged(original, product, copies, seed, ways, sealed=True):
    """Damage so many copies of a product, or of the seal; returns {outcome: count}, with what must not be as it is."""
    draw, counts = random.Random(f"{seed} {original} {product}".replace(str(original.parent), "")), {}
    place = next(original.glob(product)).relative_to(original)
    good = answer(product, original / place)
    shutil.rmtree(original.parent / "damaged", ignore_errors=True)  # of a test that failed
    for i in range(copies):
        run = shutil.copytree(original, original.parent / "damaged", ignore=shutil.ignore_patterns("checkpoint"))
        if not sealed:
            (run / seal.NAME).unlink()
        hit = run / (seal.NAME if sealed and i % 8 == 7 else place)
        said = damage(draw, hit, *([ways] if ways else []))
        found = outcome(partial(answer, product, run / place))
        what = found[0]
        if what == "answer":
            what = "the same" if found[1] == good else "another, told" if found[2] else "another"
        elif what == "refused":
            assert str(run) in found[1], found
            assert "\n" not in found[1], found
        else:
            pytest.fail(f"{said}: {found}")
        assert what != "another", said
        if product.endswith((".h5", ".safetensors")) and sealed:
            assert what != "another, told", said
        counts[what] = counts.get(what, 0) + 1
        shutil.rmtree(run)
    return counts


def test_every_product_of_every_kind_is_tried():
    assert {tiny.kind_name for tiny in TINY.values()} == set(kinds.KINDS)
    assert {product for _, product in PRODUCTS} == set(READERS) == set(kinds.product_files()) - set(UNREAD)


@pytest.mark.parametrize(("name", "product"), [of for of in PRODUCTS if of[0] not in ("cluster box", "network")])
def test_a_sample_of_damaged_products(tiny_run, name, product):
    try_damaged(tiny_run(name), product, 16, 1, ())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "product"), PRODUCTS)
def test_a_thousand_damaged_products(tiny_run, name, product):
    counts = try_damaged(tiny_run(name), product, 1000, 2, ())
    print(f"{name}, {product}: {json.dumps(counts)}")
    assert counts["refused"] > 100


HDF5 = [(name, product) for name, product in PRODUCTS if product.endswith(".h5")]


@pytest.mark.parametrize(("name", "product"), [of for of in HDF5 if of[0] != "cluster box"])
def test_a_sample_of_damaged_hdf5_that_nothing_seals(tiny_run, name, product):
    """As of an earlier version: the notice tells of other numbers; HDF5 crashes in a process where nothing is lost."""
    try_damaged(tiny_run(name), product, 3, 3, ("bits", "zeros", "swapped"), sealed=False)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "product"), HDF5)
def test_hundreds_of_damaged_hdf5_that_nothing_seals(tiny_run, name, product):
    counts = try_damaged(
        tiny_run(name), product, 300, 4, ("bit", "bits", "zeros", "swapped", "truncated"), sealed=False
    )
    print(f"{name}, {product}, not sealed: {json.dumps(counts)}")
