"""Reading a checkpoint by shares: a rank reads its own alone, row numbers beyond 2^32 are exact, damage is refused."""

import h5py
import numpy as np
import pytest

from hpcmm.parallel.collective import OneRank
from hpcmm.parallel.exchange import owner_of, share_of, to_owners
from hpcmm.run import checkpoint_read
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.thread_ranks import on_ranks

ROWS = 2**33


@pytest.fixture(scope="module")
def sparse(tmp_path_factory):
    """A contiguous dataset of 2^33 one-byte rows of which the last 2,000 are written: a file with a hole."""
    path = tmp_path_factory.mktemp("sparse") / "rows.h5"
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.CONTIGUOUS)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((ROWS,))
        data = h5py.Dataset(h5py.h5d.create(file.id, b"rows", h5py.h5t.STD_U8LE, space, plist))
        data[ROWS - 2000 :] = np.arange(2000) % 251
    assert path.stat().st_blocks * 512 < 2**24, "this file system keeps no holes"
    return path


def test_rows_beyond_32_bits_are_read_where_they_are(sparse):
    with Rows(OneRank(), sparse) as rows:
        assert rows.count("rows") == ROWS
        found = rows.range("rows", ROWS - 1500, ROWS - 500, dtype="u1")
        assert rows.bytes_read == 1000
    np.testing.assert_array_equal(found, np.arange(500, 1500) % 251)


def test_shares_of_2_33_rows_meet_without_gap():
    """Borders are exact in 64 bits for any ranks; the last of 2^23 ranks gets the last 1,024 rows."""
    for ranks in (3, 7, 100_003):
        assert share_of(ROWS, ranks - 1, ranks)[1] == ROWS
        for rank in (0, 1, ranks // 2, ranks - 2):
            assert share_of(ROWS, rank, ranks)[1] == share_of(ROWS, rank + 1, ranks)[0]
    assert share_of(ROWS, 2**23 - 1, 2**23) == (ROWS - 1024, ROWS)
    assert owner_of(np.array([0, ROWS // 2, ROWS - 1]), ROWS, 4).tolist() == [0, 2, 3]


def test_a_read_is_cut_into_slabs(sparse, monkeypatch):
    monkeypatch.setattr(checkpoint_read, "SLAB", 300)
    with Rows(OneRank(), sparse) as rows:
        found = rows.range("rows", ROWS - 1000, ROWS, dtype="u1")
    np.testing.assert_array_equal(found, np.arange(1000, 2000) % 251)


@pytest.mark.parametrize("ranks", [1, 3, 4])
def test_a_rank_reads_its_own_share_alone(tmp_path, ranks):
    """By slabs that are no divisor of anything; together the shares are the whole."""
    values = np.random.default_rng(1).random((1001, 2))
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["cell"], file["value"] = np.arange(1001), values

    def read(comm):
        with Rows(comm, tmp_path / "rows.h5") as rows:
            parts = list(rows.pieces(("cell", (), "<i8"), ("value", (2,), "<f8"), most=2**20, slab=1600))
            return [np.concatenate(column) for column in zip(*parts)], rows.bytes_read

    found = on_ranks(ranks, read)
    np.testing.assert_array_equal(np.concatenate([cell for (cell, _), _ in found]), np.arange(1001))
    np.testing.assert_array_equal(np.concatenate([value for (_, value), _ in found]), values)
    assert max(read for _, read in found) <= 24 * -(-1001 // ranks)


def test_rows_reach_their_owners():
    def send(comm):
        mine = np.arange(comm.rank, 20, comm.size)
        return to_owners(comm, owner_of(mine, 20, comm.size), mine, mine * 0.5)

    for rank, (rows, values) in enumerate(on_ranks(3, send)):
        assert sorted(rows) == list(range(*share_of(20, rank, 3)))
        np.testing.assert_array_equal(values, rows * 0.5)


@pytest.mark.parametrize(
    "lay_out",
    [
        lambda file: file.create_dataset("rows", (10,), "<i8", chunks=(5,)),
        lambda file: file.create_dataset("rows", (10, 2), "<i8"),
        lambda file: file.create_dataset("rows", (10,), "<f8"),
        lambda file: file.create_dataset("rows", (), "<i8"),
        lambda file: file.create_dataset("rows", data=np.zeros(10), external=[("/dev/zero", 0, 80)]),
        lambda file: file.create_group("rows"),
        lambda file: None,
    ],
)
def test_what_is_not_plain_rows_is_damage_on_every_rank(tmp_path, lay_out):
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        lay_out(file)

    def refused(comm):
        with Rows(comm, tmp_path / "rows.h5") as rows, pytest.raises(Damaged):
            rows.share("rows", dtype="<i8", most=2**20)
        return True

    assert on_ranks(3, refused) == [True] * 3


def test_numbers_are_distinct_over_all_ranks():
    """A number that two ranks hold, or that is none of the run's, is refused by all."""

    class NoFile(Rows):
        def __init__(self, comm):
            self.comm = comm

    def held(numbers):
        def check(comm):
            NoFile(comm).demand_distinct(np.array(numbers[comm.rank], dtype=np.int64), 10, "tasks")

        return check

    on_ranks(3, held([[1, 9], [], [0, 4]]))
    for bad in ([[1], [], [1]], [[1, 1], [], []], [[10], [], []], [[], [-1], []]):
        with pytest.raises(Damaged):
            on_ranks(3, held(bad))
