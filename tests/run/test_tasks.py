"""The list of work and the deal: every task once, whatever the ranks ask."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from hpcmm.deck.load import load_deck
from hpcmm.kinds import read_config
from hpcmm.kinds.transport import ensemble
from hpcmm.kinds.transport.plan import plan, tasks_of
from hpcmm.parallel import random_streams
from hpcmm.parallel.collective import OneRank
from hpcmm.run.tasks import PIECE, Deal, Tasks, TasksLeft, tasks_left
from tests.conftest import ROOT
from tests.thread_ranks import on_ranks


def _none_taken(count):
    return TasksLeft(Tasks((1, 1, count), np.ones((1, 1, 1)), np.ones((1, 1, 1))), np.zeros(-(-count // 8), np.uint8))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_task_is_dealt_once(size):
    def play(comm):
        hand, draw, deal = [], np.random.default_rng(comm.rank), Deal(_none_taken(103), comm)
        while deal.left:
            hand += deal.draw(draw.integers(0, 10))
        return hand

    assert sorted(task for hand in on_ranks(size, play) for task in hand) == list(range(103))


def test_no_rank_takes_more_than_its_share_of_the_rest():
    deal = Deal(_none_taken(10), OneRank())
    assert deal.peek() == 0
    assert len(deal.draw(100)) == 10
    assert deal.left == 0
    assert deal.draw(5) == []


def test_tasks_of_the_quickstart_cost_what_is_planned():
    config = read_config(load_deck(ROOT / "input_decks" / "quickstart.toml"))
    plans = plan(config)
    tasks = tasks_of(config, plans)
    assert tasks.shape == (4, 10, 4)
    assert len(tasks) == 160
    assert tasks.place(7) == (0, 1, 3)
    assert tasks.total_work() == sum(p.steps for p in plans) * 10 * 256
    order = np.concatenate(list(tasks.longest_first()))
    assert (np.diff(tasks.seconds_of(order)) <= 0).all()


@pytest.mark.parametrize("size", [1, 3])
def test_tasks_left_are_the_sorted_list_without_those_that_ranks_have(size):
    """The order of the whole list, which is never made; costs by energy and block, more tasks than are looked at."""
    draw = np.random.default_rng(1)
    shape, seconds = (3, 40, 1000), draw.integers(1, 4, (3, 1, 1000)).astype(float)
    assert np.prod(shape) > PIECE
    tasks, every = Tasks(shape, seconds, seconds), np.broadcast_to(seconds, shape).ravel()
    taken = draw.permutation(len(tasks))[:5000]

    def left(comm):
        mine = taken[comm.rank :: comm.size]
        state = SimpleNamespace(done=dict.fromkeys(mine[:100]), flights=dict.fromkeys(mine[100:]))
        found = tasks_left(tasks, state, comm)
        return len(found), np.concatenate(list(found))

    expected = np.argsort(-every, kind="stable")
    expected = expected[~np.isin(expected, taken)]
    for count, order in on_ranks(size, left):
        assert count == len(expected)
        np.testing.assert_array_equal(order, expected)
    assert tasks.total_work() == every.sum()


def test_what_is_held_of_tasks_does_not_grow_with_them():
    """A million tasks: a bit each, no list; drawn a few at a time."""
    tasks = Tasks((1, 1000, 1000), np.ones((1, 1, 1)), np.ones((1, 1, 1)))
    tracemalloc.start()
    try:
        deal = Deal(tasks_left(tasks, SimpleNamespace(done={}, flights={}), OneRank()), OneRank())
        drawn = [task for _ in range(100) for task in deal.draw(2)]
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert drawn == list(range(200))
    assert (held < 1e6, peak < 4e6) == (True, True), (held, peak)


def test_particles_start_the_same_in_any_block():
    """Particle ids, not blocks, name the draws; energies, seeds and realizations are told apart."""
    blocks = [ensemble.start_block(1, 10.0, 0, b, 100, 50.0) for b in (0, 1)]
    assert [b.active for b in blocks] == [64, 36]
    draw = random_streams.generator(1, random_streams.START, 0, 10.0, 0)
    u = draw.random((100, ensemble.WORDS_PER_PARTICLE))
    origin = np.hstack([b.state[6:9, : b.active] for b in blocks])
    assert (origin == 50 * (u[:, 2:5].T - 0.5)).all()
    for other in ((2, 10.0, 0), (1, 11.0, 0), (1, 10.0, 1)):
        assert not (ensemble.start_block(*other, 0, 100, 50.0).state[6:9] == blocks[0].state[6:9]).any()


def test_starts_are_isotropic_and_uniform():
    blocks = [ensemble.start_block(3, 1.0, 0, b, 64_000, 2.0) for b in range(1000)]
    n = np.hstack([b.state[3:6] for b in blocks])
    origin = np.hstack([b.state[6:9] for b in blocks])
    count = n.shape[1]
    # <n_i n_j> = delta/3 with variance 4/45 on and 1/15 off the diagonal
    assert np.abs(n @ n.T / count - np.eye(3) / 3).max() < 4 * np.sqrt(4 / 45 / count)
    assert np.abs(n.mean(axis=1)).max() < 4 * np.sqrt(1 / 3 / count)
    assert np.abs(origin).max() <= 1
    assert np.abs((origin**2).mean(axis=1) - 1 / 3).max() < 4 * np.sqrt(4 / 45 / count)


def test_keys_differ_in_everything():
    base = (1, random_streams.KICKS, 0, 10.0, 0)
    others = [(2, *base[1:]), (1, random_streams.EVERYWHERE, 0, 10.0, 0), (1, random_streams.KICKS, 1, 10.0, 0)]
    others += [(*base[:3], 10.0000001, 0), (*base[:4], 1)]
    keys = {random_streams.kernel_key(*names) for names in [base, *others]}
    assert len(keys) == 6
    assert all(0 <= key < 2**64 for key in keys)


def test_antithetic_starts_are_pairs_of_opposite_directions():
    """Particle 2i is that of independent starts; 2i + 1 starts there too, the other way; an odd one is alone."""
    free, pairs = (ensemble.start_block(1, 10.0, 0, 1, 100, 50.0, antithetic=a).state[3:9, :36] for a in (False, True))
    assert (pairs[:, ::2] == free[:, ::2]).all()
    assert (pairs[3:, 1::2] == pairs[3:, ::2]).all()
    assert (pairs[:3, 1::2] == -pairs[:3, ::2]).all()
    odd = ensemble.start_block(1, 10.0, 0, 1, 99, 50.0, antithetic=True)
    assert odd.active == 35
    assert (odd.state[3:9, :35] == pairs[:, :35]).all()


def test_common_origin_is_that_of_the_first_particle():
    """All start where particle 0 does, in their own directions; so do those of other blocks."""
    free = ensemble.start_block(1, 10.0, 0, 0, 100, 50.0).state
    for block in (0, 1):
        together = ensemble.start_block(1, 10.0, 0, block, 100, 50.0, common_origin=True).state
        assert (together[6:9] == free[6:9, :1]).all()
        assert (together[3:6] == ensemble.start_block(1, 10.0, 0, block, 100, 50.0).state[3:6]).all()
