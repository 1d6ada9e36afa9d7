"""What is read back of a two-phase checkpoint, and what is refused."""

import h5py
import numpy as np
import pytest

from cython_kernels.telegraph import ROWS
from hpcmm.kinds.two_phase_1d.kappa import SUMMED, SUMS
from hpcmm.kinds.two_phase_1d.state import TwoPhaseState, load
from hpcmm.run.checkpoint_read import Damaged, Rows
from tests.thread_ranks import on_ranks

TASKS, LANES = 10, 3 * SUMMED


def arrays():
    draw = np.random.default_rng(1)
    done = {task: draw.random((3, len(SUMS))) for task in (0, 3, 8)}
    flights = {task: draw.random((len(ROWS), LANES)) for task in (1, 9)}
    for flight in flights.values():
        flight[ROWS.index("pair")] = draw.integers(1, 1000, LANES)
    return TwoPhaseState(LANES, TASKS, done, flights).arrays()


def read(tmp_path, content, ranks=1):
    """States of the ranks."""
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array

    def loaded(comm):
        with Rows(comm, tmp_path / "state.h5") as rows:
            return load(TASKS, LANES, rows)

    return on_ranks(ranks, loaded)


def test_ranks_share_the_rows(tmp_path):
    parts = read(tmp_path, arrays(), 2)
    joined = TwoPhaseState(LANES, TASKS, parts[0].done | parts[1].done, parts[0].flights | parts[1].flights).arrays()
    assert all((joined[name] == array).all() for name, array in arrays().items())
    assert parts[1].flights.keys() == {9}


def test_an_empty_state_is_read_back(tmp_path):
    assert read(tmp_path, TwoPhaseState(LANES, TASKS).arrays()) == [TwoPhaseState(LANES, TASKS)]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("done_task", lambda a: a + 5),
        ("done_task", lambda a: a * 0),
        ("done_task", lambda a: a[:2]),
        ("done_task", lambda a: a.astype("f8")),
        ("flight_task", lambda a: a * 0 + 3),
        ("flight_task", lambda a: -a),
        ("done_rows", lambda a: a[:, 1:]),
        ("done_rows", lambda a: a * np.nan),
        ("flight_rows", lambda a: a[:1]),
        ("flight_rows", lambda a: a[:, :, 1:]),
        ("flight_rows", lambda a: a * np.inf),
        ("flight_rows", lambda a: a * 0),
        ("flight_rows", lambda a: a + 0.5),
        ("flight_rows", lambda a: a * 1e300),
    ],
)
def test_damage_is_refused(tmp_path, name, change):
    content = arrays()
    content[name] = change(content[name])
    for ranks in (1, 2):
        with pytest.raises(Damaged):
            read(tmp_path, content, ranks)
