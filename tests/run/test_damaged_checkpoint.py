"""Checkpoints as data from elsewhere: whatever is done to them, the one that is used is whole, or none is."""

import json
import random
import shutil

import h5py
import numpy as np
import pytest

from hpcmm import kinds
from hpcmm.errors import InputError
from hpcmm.parallel.collective import OneRank
from hpcmm.run import checkpoint, resume
from tests import decks
from tests.damage import damage
from tests.products import bytes_of
from tests.run.processes import hit, start, wait_for

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def stopped(mpirun, environment, tmp_path_factory):
    """Run directory of a run that was stopped and has two checkpoints, the newest with a block of each rank."""
    top = tmp_path_factory.mktemp("stopped")
    (top / "deck.toml").write_text(decks.steady())
    (top / "gate").touch()
    job = start(mpirun, environment, 2, "run", top / "deck.toml", "--out", top / "run", paced={"gate": top / "gate"})
    # the first two may be from before it stands
    assert wait_for(lambda: (checkpoint.numbers(top / "run" / "checkpoint") or [0])[0] > 4, 120)
    hit(job, 2, "USR1 to the launcher")
    assert job.wait(timeout=60) == 75
    newest, _ = checkpoint.numbers(top / "run" / "checkpoint")
    with h5py.File(top / "run" / "checkpoint" / f"{newest:06d}.h5") as file:
        assert len(file["flight_task"]) == 2
    return top / "run"


@pytest.fixture
def run(stopped, tmp_path):
    return shutil.copytree(stopped, tmp_path / "run")


def load(run):
    """Number and bytes of what a restart would go on from, and the notes."""
    _, config = kinds.read(run / "resolved.toml")
    number, state, notes = resume.load(OneRank(), run, config, kinds.of(config))
    arrays = state.arrays()
    return number, {name: array.tobytes() for name, array in arrays.items()}, notes


def used_of(run, good, newest, said):
    """Number of the checkpoint that a restart would use, which must be as it was; None if it refuses."""
    folder = run / "checkpoint"
    try:
        number, arrays, notes = load(run)
    except InputError as error:
        refused = str(error)
        assert "checkpoint 0" in refused, said
        assert "\n" not in refused
        return None
    if number is None:
        # every seal is gone: nothing tells this from a run that never was saved
        assert not checkpoint.numbers(folder), said
        return None
    assert arrays == good[number], said
    gone = not (folder / f"{newest:06d}.json").exists()
    assert number == newest or gone or f"checkpoint {newest:06d}" in notes[0], said
    return number


def test_200_damaged_checkpoints_are_used_whole_or_passed_over(stopped, tmp_path):
    """The newest one, hit in file, seal or pointer: it is used as it was or passed over for the one before, with a
    line that names it. Now and then both are hit: then nothing is used that was not there.
    """
    newest, before = checkpoint.numbers(stopped / "checkpoint")
    good = {newest: load(stopped)[1]}
    draw, used = random.Random(5), {newest: 0, before: 0, None: 0}
    shutil.copytree(stopped, tmp_path / "older")
    for suffix in ("h5", "json"):
        (tmp_path / "older" / "checkpoint" / f"{newest:06d}.{suffix}").unlink()
    good[before] = load(tmp_path / "older")[1]
    for i in range(200):
        run = shutil.copytree(stopped, tmp_path / "run")
        folder, said = run / "checkpoint", []
        for number in (newest, before) if i % 10 == 0 else (newest,):
            name = draw.choice([f"{number:06d}.h5"] * 3 + [f"{number:06d}.json"] * 2 + ["latest"])
            if (folder / name).is_file() and (folder / name).stat().st_size:
                said.append(damage(draw, folder / name))
        number = used_of(run, good, newest, said)
        used[number] += 1
        shutil.rmtree(run)
    assert used[newest] > 10
    assert used[before] > 80
    assert used[None] > 0


def reseal(run, number):
    """Make the checksums fit the file again, as someone would who means harm."""
    path = run / "checkpoint" / f"{number:06d}.h5"
    seal = json.loads(path.with_suffix(".json").read_text())
    size = path.stat().st_size
    count = -(-size // checkpoint.RANGE)
    seal |= {"bytes": size, "crc32": [checkpoint.checksum_of(path, i) for i in range(count)]}
    path.with_suffix(".json").write_text(json.dumps(seal))


def edited(name, change):
    """A change to one dataset that keeps its name: ``change(values)`` gives the new ones."""

    def edit(file):
        values = change(file[name][...])
        del file[name]
        file[name] = values

    return edit


def huge(file):
    """More sums than any memory holds, none of them in the file."""
    del file["done_sums"]
    file.create_dataset("done_sums", shape=(2**40, 20, 27), dtype="f8", chunks=(1, 20, 27))


def external(file):
    """Rows that lie in another file."""
    shape = file["flight_sums"].shape
    del file["flight_sums"]
    file.create_dataset("flight_sums", shape=shape, dtype="f8", external=[("/etc/passwd", 0, 8 * int(np.prod(shape)))])


def linked(file):
    """A dataset that is a link out of the file."""
    del file["flight_task"]
    file["flight_task"] = h5py.ExternalLink("/etc/hostname.h5", "/x")


def poke(value):
    def change(array):
        array.flat[0] = value
        return array

    return change


CHANGES = {
    "a task beyond the last": edited("flight_task", poke(10**6)),
    "a task below the first": edited("flight_task", poke(-1)),
    "more tasks than the run has": edited("flight_task", lambda a: np.arange(1000)),
    "a thousand sums": edited("flight_sums", lambda a: np.zeros((1000, *a.shape[1:]))),
    "a task twice": edited("flight_task", lambda a: np.full_like(a, a[0])),
    "a step between two chunks": edited("flight_step", poke(513)),
    "a step beyond the end": edited("flight_step", poke(2**40 * 512)),
    "a step below zero": edited("flight_step", poke(-512)),
    "more steps in patches than steps": edited("flight_in_patch", poke(2**60)),
    "fewer steps in patches than none": edited("flight_in_patch", poke(-1)),
    "a count of steps in patches less": edited("flight_in_patch", lambda a: a[1:]),
    "a place that is no number": edited("flight_phase_space", poke(np.nan)),
    "a sum that is infinite": edited("flight_sums", poke(np.inf)),
    "a direction that is not of unit length": edited("flight_phase_space", lambda a: a * 2),
    "fewer lanes": edited("flight_phase_space", lambda a: a[:, :, :32]),
    "fewer times": edited("flight_sums", lambda a: a[:, :3]),
    "whole numbers for sums": edited("flight_sums", lambda a: np.ones(a.shape, "i8")),
    "text for tasks": edited("flight_task", lambda a: np.array([b"x"] * len(a))),
    "a scalar": edited("flight_task", lambda a: np.int64(3)),
    "a dataset less": lambda file: file.__delitem__("flight_step"),
    "a group for a dataset": lambda file: (file.__delitem__("flight_step"), file.create_group("flight_step")),
    "huge": huge,
    "external": external,
    "linked": linked,
}


@pytest.mark.parametrize("change", CHANGES)
def test_valid_hdf5_with_wrong_content_is_skipped(run, change):
    """HDF5 that is whole and says what cannot be: passed over with one line."""
    newest, before = checkpoint.numbers(run / "checkpoint")
    with h5py.File(run / "checkpoint" / f"{newest:06d}.h5", "r+") as file:
        assert len(file["flight_task"]) == 2
        CHANGES[change](file)
    reseal(run, newest)
    number, _, notes = load(run)
    assert number == before
    assert len(notes) == 1
    assert notes[0].startswith(f"checkpoint {newest:06d} is damaged")


SEALS = {
    "another schema": (lambda s: s | {"schema": 99}, "schema 99"),
    "no size": (lambda s: s | {"bytes": -1}, "damaged"),
    "a size that is no number": (lambda s: s | {"bytes": "x" * 10**6}, "damaged"),
    "checksums without end": (lambda s: s | {"crc32": [0] * 10**5}, "damaged"),
    "no checksums": (lambda s: {k: v for k, v in s.items() if k != "crc32"}, "damaged"),
    "a list": (lambda s: [s], "damaged"),
    "another deck": (lambda s: s | {"run": s["run"] | {"medium": {"B_rms": 1.0, "l_c": 1.0}}}, "another deck"),
    "no deck": (lambda s: s | {"run": None}, "another deck"),
}


@pytest.mark.parametrize("change", SEALS)
def test_checkpoint_with_a_wrong_seal_is_skipped(run, change):
    newest, before = checkpoint.numbers(run / "checkpoint")
    path, (edit, words) = run / "checkpoint" / f"{newest:06d}.json", SEALS[change]
    path.write_text(json.dumps(edit(json.loads(path.read_text()))))
    number, _, notes = load(run)
    assert number == before
    assert words in notes[0]
    assert len(notes[0]) < 300


def test_a_checkpoint_of_another_cpu_is_used_and_told(run):
    newest, _ = checkpoint.numbers(run / "checkpoint")
    path = run / "checkpoint" / f"{newest:06d}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cpu": "abacus"}))
    number, _, notes = load(run)
    assert number == newest
    assert "written on another CPU or by another build (abacus)" in notes[0]


def test_a_link_out_of_the_folder_is_no_checkpoint(run, tmp_path):
    newest, before = checkpoint.numbers(run / "checkpoint")
    path = run / "checkpoint" / f"{newest:06d}.h5"
    shutil.move(path, tmp_path / "elsewhere.h5")
    path.symlink_to(tmp_path / "elsewhere.h5")
    assert load(run)[0] == before
    (run / "checkpoint" / "latest").write_text("../../elsewhere\n")
    assert load(run)[0] == before


def test_restart_says_what_it_passed_over_and_ends_the_same(run, done, uninterrupted):
    """With the real command, the newest checkpoint cut in half; against the run that was never stopped."""
    newest, before = checkpoint.numbers(run / "checkpoint")
    path = run / "checkpoint" / f"{newest:06d}.h5"
    path.write_bytes(path.read_bytes()[:10_000])
    assert f"warning: checkpoint {newest:06d} is damaged" in done("restart", run, ranks=3).stderr
    assert f"resumed from checkpoint {before:06d}" in (run / "log.txt").read_text()
    assert bytes_of(run) == uninterrupted()


def test_run_with_only_damaged_checkpoints_is_refused_in_a_line(run, hpcmm):
    for number in checkpoint.numbers(run / "checkpoint"):
        (run / "checkpoint" / f"{number:06d}.h5").write_bytes(b"no HDF5")
    for ranks in (1, 2):
        done = hpcmm("restart", run, ranks=ranks)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert next(line for line in done.stderr.splitlines() if line.startswith("hpcmm: ")).endswith("starts anew")


def test_checkpoint_of_another_deck_is_refused(run, hpcmm):
    """resolved.toml edited by hand: the checkpoints are not of this run any more."""
    text = (run / "resolved.toml").read_text()
    (run / "resolved.toml").write_text(text.replace("seed = 7", "seed = 8"))
    done = hpcmm("restart", run)
    assert done.returncode == 2
    assert "belongs to another deck (run.seed is 7 there, 8 here)" in done.stderr
