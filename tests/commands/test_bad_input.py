"""Bad input through the real command: one line, exit 2, nothing written, on one rank and on two."""

import os
import subprocess
import sys

import h5py
import pytest

from tests.decks import SMALL

WRONG = {
    "typo": (SMALL.replace("realizations", "realisations"), "did you mean 'realizations'"),
    "unit": (SMALL.replace('"100 kpc"', "100"), "needs a unit"),
    "dimension": (SMALL.replace('"100 kpc"', '"100 GeV"'), "a length is expected"),
    "negative": (SMALL.replace('"3 uG"', '"-3 uG"'), "more than zero"),
    "missing": (SMALL.replace('l_c = "100 kpc"\n', ""), "l_c"),
    "type": (SMALL.replace("seed = 42", 'seed = "42"'), "seed"),
    "sum": (SMALL.replace('"2 uG"', '"0.5 uG"'), "B_rms"),
    "empty": ("", "empty"),
    "syntax": (SMALL.replace("[medium]", "[medium"), "wrong.toml:7: not valid TOML"),
    "samples": (SMALL.replace("samples = 12", "samples = 90000"), "fewer samples"),
    "extreme": (SMALL.replace('"10 EeV"', '"1e300 GeV"'), "between 1e-30 and 1e+30 GeV"),
    "l_max": (SMALL.replace("modes = 32", 'l_max = "1 pc"\nmodes = 32'), "leaves no room"),
}


def refused(done, words):
    """One line of ours on stderr (mpirun adds its own), exit 2, no traceback."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    ours = [line for line in done.stderr.splitlines() if line.startswith("hpcmm:")]
    assert len(ours) == 1, done.stderr
    assert words in ours[0]


ONE_AND_TWO = pytest.mark.parametrize("ranks", [1, pytest.param(2, marks=pytest.mark.mpi)])
"""What root alone notices is refused by all ranks, by one mechanism, which a case of each kind tries."""


@pytest.mark.parametrize(
    ("case", "ranks"), [(case, 1) for case in WRONG] + [pytest.param("typo", 2, marks=pytest.mark.mpi)]
)
def test_wrong_deck_is_refused_and_nothing_written(hpcmm, tmp_path, case, ranks):
    text, words = WRONG[case]
    deck, out = tmp_path / "wrong.toml", tmp_path / "out"
    deck.write_text(text)
    ended = hpcmm("run", deck, "--out", out, ranks=ranks)
    refused(ended, words)
    assert "wrong.toml" in ended.stderr
    assert not out.exists()


@ONE_AND_TWO
def test_file_that_is_no_deck_is_refused(hpcmm, tmp_path, ranks):
    refused(hpcmm("run", tmp_path / "absent.toml", ranks=ranks), "absent.toml")
    refused(hpcmm("run", tmp_path), "directory")
    (tmp_path / "latin.toml").write_bytes('title = "caf\xe9"'.encode("latin-1"))
    refused(hpcmm("run", tmp_path / "latin.toml"), "UTF-8")


@ONE_AND_TWO
def test_a_run_is_not_overwritten_unasked(hpcmm, done, tmp_path, ranks):
    deck, out = tmp_path / "deck.toml", tmp_path / "out"
    deck.write_text(SMALL)
    quick = ["--set", "stepping.path_length=100 kpc", "--set", "run.realizations=1", "--out", out]
    done("run", deck, *quick)
    before = (out / "moments.h5").read_bytes()
    (out / "notes.txt").write_text("mine")
    refused(hpcmm("run", deck, *quick, ranks=ranks), "--overwrite")
    assert (out / "moments.h5").read_bytes() == before
    done("run", deck, *quick, "--overwrite", "--set", "run.seed=7", ranks=ranks)
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "moments.h5").read_bytes() != before


@ONE_AND_TWO
def test_output_directory_that_cannot_be_is_refused(hpcmm, tmp_path, ranks):
    deck = tmp_path / "deck.toml"
    deck.write_text(SMALL)
    refused(hpcmm("run", deck, "--out", deck / "below", ranks=ranks), "directory is expected")
    refused(hpcmm("run", deck, "--out", "/proc/none"), "/proc/none")
    deck.write_text(SMALL + '[output]\ndirectory = "a\\u0000b"\n')
    refused(hpcmm("run", deck), "cannot write the run there")


def test_other_commands_refuse_bad_input_in_a_line(hpcmm, tmp_path):
    for command in ("kappa", "plot"):
        refused(hpcmm(command, tmp_path), "finished run")
    (tmp_path / "moments.h5").write_bytes(os.urandom(1000))
    refused(hpcmm("kappa", tmp_path), "not a moments file")
    refused(hpcmm("check", tmp_path / "absent.toml"), "absent.toml")
    refused(hpcmm("theory", "--energy", "1 kpc"), "an energy is expected")
    refused(hpcmm("theory", "--f_mm", "2"), "between 0 and 1")


@pytest.mark.parametrize(
    "options",
    [
        ["--dB-over-B", "1e200"],
        ["--energy", "1e300 GeV"],
        ["--energy", "1e-300 GeV"],
        ["--l_mm", "1e-300 pc"],
        ["--B", "1e200 uG"],
        ["--Z", "9" * 400],
    ],
    ids=lambda options: options[0] + options[1][:8],
)
def test_theory_refuses_what_lies_beyond_the_range_of_floats(hpcmm, options):
    refused(hpcmm("theory", *options), "expected")


def test_damaged_products_are_refused(hpcmm, done, tmp_path):
    deck, out = tmp_path / "deck.toml", tmp_path / "out"
    deck.write_text(SMALL)
    quick = ["--set", "stepping.path_length=100 kpc", "--set", "run.realizations=1"]
    done("run", deck, *quick, "--out", out)
    refused(hpcmm("plot", out, "--out", "."), "cannot write the figure")
    refused(hpcmm("plot", out, "--out", tmp_path / "a.nonsense"), "cannot write the figure")
    refused(hpcmm("plot", out, "--out", tmp_path / ("x" * 300 + ".png")), "cannot write the figure")
    whole = (out / "moments.h5").read_bytes()
    (out / "moments.h5").write_bytes(whole[: len(whole) // 2])
    refused(hpcmm("kappa", out), "moments.h5: damaged: its bytes are not those that products.json has of it")
    (out / "products.json").unlink()
    refused(hpcmm("kappa", out), "moments.h5")
    for damaged in (None, "{", '{"run": 1}'):
        (out / "moments.h5").write_bytes(whole)
        with h5py.File(out / "moments.h5", "r+") as file:
            del file.attrs["config"]
            if damaged is not None:
                file.attrs["config"] = damaged
        refused(hpcmm("kappa", out), "no readable config")


@pytest.mark.mpi
@pytest.mark.parametrize("ranks", [1, 2])
def test_a_rank_that_fails_ends_the_job_with_its_message(mpirun, environment, tmp_path, ranks):
    """An exception on the last rank alone, in the middle of the work: all end within seconds, status not 0 or 2."""
    program = tmp_path / "failing.py"
    program.write_text(
        "import sys\n"
        "from mpi4py import MPI\n"
        "from hpcmm.kinds.transport.block_run import BlockRun\n"
        "begin = BlockRun.begin.__func__\n"
        "def broken(cls, *how):\n"
        "    if MPI.COMM_WORLD.rank == MPI.COMM_WORLD.size - 1:\n"
        "        raise MemoryError('no room for the field')\n"
        "    return begin(cls, *how)\n"
        "BlockRun.begin = classmethod(broken)\n"
        "from hpcmm.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    deck = tmp_path / "deck.toml"
    deck.write_text(SMALL)
    command = [mpirun, "-n", str(ranks), sys.executable, program, "run", deck, "--out", tmp_path / "o"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode not in (0, 2)
    assert "no room for the field" in ended.stderr
    assert f"rank {ranks - 1} of" in ended.stderr or ranks == 1
