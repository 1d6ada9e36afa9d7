"""What is read back of a cluster's checkpoint, and what is refused."""

import h5py
import numpy as np
import pytest

from hpcmm.kinds.cluster.state import HEAD, ClusterState, Flight, load, row_length
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.thread_ranks import on_ranks

TASKS, CELLS, LENGTH = 6, 5, row_length(2, 5)


def state():
    draw = np.random.default_rng(1)
    done = {task: draw.random(LENGTH) for task in (0, 3, 4)}
    done[3][:3] = np.nan, np.inf, 0.0
    flights = {
        task: Flight(draw.random(len(HEAD)), draw.random(LENGTH), np.arange(CELLS), draw.random(CELLS))
        for task in (1, 5)
    }
    cubes = {task: (np.arange(CELLS), draw.random(CELLS)) for task in (0, 3)}
    return ClusterState(TASKS, (CELLS, LENGTH), True, done, flights, cubes)


def read(tmp_path, content, shared=False, ranks=1):
    """States of the ranks."""
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(TASKS, (CELLS, LENGTH), shared, rows)

    return on_ranks(ranks, loaded)


def test_spheres_are_shared_among_ranks(tmp_path):
    """Each row on one rank, what is no finite number as it was."""
    parts = read(tmp_path, state().arrays(), ranks=2)
    done, flights = (getattr(parts[0], name) | getattr(parts[1], name) for name in ("done", "flights"))
    assert len(parts[0].done) + len(parts[1].done) == len(done) == 3
    for task, row in state().done.items():
        np.testing.assert_array_equal(done[task], row)
    for task, flight in state().flights.items():
        np.testing.assert_array_equal(flights[task].density, flight.density)
        np.testing.assert_array_equal(np.r_[flights[task].head, flights[task].row], np.r_[flight.head, flight.row])


def test_boxes_are_resumed_by_all_ranks(tmp_path):
    """Every rank gets its share of the cells of what is in progress, root the rows, each a part of the cubes."""
    parts = read(tmp_path, state().arrays(), shared=True, ranks=3)
    assert [len(part.done) for part in parts] == [3, 0, 0]
    for task, flight in state().flights.items():
        assert [len(part.flights[task].place) for part in parts] == [1, 2, 2]
        np.testing.assert_array_equal(np.concatenate([part.flights[task].density for part in parts]), flight.density)
        for part in parts:
            np.testing.assert_array_equal(part.flights[task].head, flight.head)
    for task, (_, density) in state().cubes.items():
        found = np.full(CELLS, np.nan)
        for part in parts:
            place, values = part.cubes.get(task, (np.zeros(0, int), np.zeros(0)))
            found[place] = values
        np.testing.assert_array_equal(found, density)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("done_task", lambda a: a + 5),
        ("done_task", lambda a: a * 0 + 1),
        ("done_task", lambda a: a[:2]),
        ("flight_task", lambda a: a * 0),
        ("done_row", lambda a: a[:, 1:]),
        ("done_row", lambda a: a * np.nan),
        ("flight_row", lambda a: a[:, 1:]),
        ("flight_cell", lambda a: a + 1),
        ("flight_cell", lambda a: a.astype("f8")),
        ("flight_density", lambda a: a[1:]),
        ("flight_density", lambda a: a * np.inf),
        ("done_cell", lambda a: a + CELLS),
        ("done_density", lambda a: a[1:]),
    ],
)
def test_damage_is_refused(tmp_path, name, change):
    content = state().arrays()
    content[name] = change(content[name])
    for shared, ranks in ((False, 1), (False, 2), (True, 3)):
        with pytest.raises(Damaged):
            read(tmp_path, content, shared, ranks)


def test_no_rank_reads_the_whole_box(tmp_path):
    """Of 8,000 cells in progress and 8,000 at an end each of 4 ranks reads a quarter, 64 kB of 256."""
    cells, length = 8000, row_length(2, 10)
    draw = np.random.default_rng(2)
    flight = Flight(draw.random(len(HEAD)), draw.random(length), np.arange(cells), draw.random(cells))
    before = ClusterState(2, (cells, length), True, {0: draw.random(length)}, {1: flight}, {0: (np.arange(cells),) * 2})
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in before.arrays().items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(2, (cells, length), True, rows), rows.bytes_read

    found = on_ranks(4, loaded)
    assert max(read for _, read in found) <= 2 * 16 * cells / 4 + 8 * 3 * (length + len(HEAD) + 1)
    density = np.concatenate([state.flights[1].density for state, _ in found])
    np.testing.assert_array_equal(density, flight.density)
