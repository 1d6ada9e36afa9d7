"""`hpcmm run --overwrite` leaves nothing of the run that was there, and everything that is not hpcmm's."""

import pytest

from hpcmm import figures, kinds
from tests import decks

KEPT = ("notes.txt", "figures/mine.png", "moments.h5.old")
SHORT = decks.transport(
    "100 EeV",
    decks.guide("3 uG"),
    decks.kicks(),
    run={"realizations": 2, "particles": 8},
    stepping={"path_length": "1 Mpc", "samples": 4},
)


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.toml").write_text(SHORT)
    return tmp_path / "deck.toml"


def test_known_products_hold_those_of_every_kind_and_figure():
    """The files of which some once stayed; a kind or figure that is added names its own."""
    known = {*kinds.product_files(), *figures.files()}
    assert {"moments.h5", "tracks.h5", "profiles.h5", "escape.ecsv", "weights.safetensors"} < known
    assert {name for kind in kinds.KINDS for name in kinds.named(kind).files} <= known
    assert {"figures/scales.png", "figures/fig4.png", "figures/fig4_field.vtkhdf", "figures/fig4_tracks.vtkhdf"} < known


def test_overwriting_leaves_no_file_of_any_kind_and_all_that_is_not_ours(done, deck, tmp_path):
    out = tmp_path / "run"
    ours = [*kinds.product_files(), *figures.files(), "status.json", "checkpoint/000007.h5", "checkpoint/000007.json"]
    for name in (*ours, *KEPT):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("of an earlier run")
    done("run", deck, "--out", out, "--overwrite")
    stale = [path for path in out.rglob("*") if path.is_file() and path.read_bytes() == b"of an earlier run"]
    assert sorted(stale) == sorted(out / name for name in KEPT)


@pytest.mark.parametrize("left", ["resolved.toml.part", "kappa.ecsv.part", "products.json.part", "status.json.part"])
@pytest.mark.parametrize("command", ["run", "restart"])
def test_what_a_killed_command_left_half_written_goes_at_the_next_start(done, deck, tmp_path, left, command):
    out = tmp_path / "run"
    done("run", deck, "--out", out)
    (out / left).write_text("half")
    done(*(["run", deck, "--out", out, "--overwrite"] if command == "run" else ["restart", out]))
    assert not (out / left).exists()


def test_run_that_is_there_is_named_with_both_ways_on(hpcmm, deck, tmp_path, done):
    """Also one that was killed before its first checkpoint: the same command again must not cost it its place."""
    out = tmp_path / "run"
    done("run", deck, "--out", out)
    (out / "status.json").unlink()
    refused = hpcmm("run", deck, "--out", out)
    assert refused.returncode == 2
    assert f"hpcmm restart {out} resumes it; give --overwrite to replace it" in refused.stderr


def test_run_of_one_kind_replaces_that_of_another(done, deck, tmp_path):
    """A line with tracks and a figure of its own, then particles in space without tracks: as where nothing was."""
    line = '[run]\nkind = "two_phase_1d"\nparticles = 100\n[two_phase]\nnu_mm = 10.0\nnu_res = 1.0\nf_mm = [0.5]\n'
    (tmp_path / "line.toml").write_text(line + "[output]\ntrajectories = 8\ntrack_points = 8\n")
    done("run", tmp_path / "line.toml", "--out", tmp_path / "run")
    done("plot", tmp_path / "run")
    assert (tmp_path / "run" / "tracks.h5").exists()
    assert (tmp_path / "run" / "figures" / "fig5.png").exists()
    done("run", deck, "--out", tmp_path / "run", "--overwrite")
    done("run", deck, "--out", tmp_path / "fresh")
    found, fresh = ({p.relative_to(tmp_path / run) for p in (tmp_path / run).rglob("*")} for run in ("run", "fresh"))
    assert found == fresh
