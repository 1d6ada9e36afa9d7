"""What is read back of a two-phase checkpoint, and what is refused."""

import h5py
import numpy as np
import pytest

from cython_kernels.telegraph import LANES, ROWS
from hpcmm.checkpoint_read import Damaged
from hpcmm.two_phase_kappa import SUMS
from hpcmm.two_phase_state import TwoPhaseState, rows_of

TASKS = 10


def arrays():
    draw = np.random.default_rng(1)
    done = {task: draw.random(len(SUMS)) for task in (0, 3, 8)}
    flights = {task: (100 + task, draw.random((len(ROWS), LANES))) for task in (1, 9)}
    return TwoPhaseState(done, flights).arrays()


def read(tmp_path, content, rank=0, ranks=1):
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for name, array in content.items():
            file[name] = array
    with h5py.File(tmp_path / "state.h5", "r") as file:
        return rows_of(file, TASKS, rank, ranks)


def test_ranks_share_the_rows(tmp_path):
    parts = [read(tmp_path, arrays(), rank, 2) for rank in range(2)]
    joined = TwoPhaseState(parts[0].done | parts[1].done, parts[0].flights | parts[1].flights).arrays()
    assert all((joined[name] == array).all() for name, array in arrays().items())
    assert parts[1].flights.keys() == {9}


def test_an_empty_state_is_read_back(tmp_path):
    assert read(tmp_path, TwoPhaseState().arrays()) == TwoPhaseState()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("done_task", lambda a: a + 5),
        ("done_task", lambda a: a * 0),
        ("done_task", lambda a: a[:2]),
        ("done_task", lambda a: a.astype("f8")),
        ("flight_task", lambda a: a * 0 + 3),
        ("flight_task", lambda a: -a),
        ("flight_pair", lambda a: a[:1]),
        ("flight_pair", lambda a: a * 0),
        ("done_sums", lambda a: a[:, 1:]),
        ("done_sums", lambda a: a * np.nan),
        ("flight_state", lambda a: a[:, :, 1:]),
        ("flight_state", lambda a: a * np.inf),
    ],
)
def test_damage_is_refused(tmp_path, name, change):
    content = arrays()
    content[name] = change(content[name])
    with pytest.raises(Damaged):
        read(tmp_path, content)
