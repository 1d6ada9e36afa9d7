"""`print(run)` says what a run is: kind, title, place, rows, columns."""

import re

import pytest

import hpcmm
from tests.run import tiny

LINE = '[run]\nkind = "two_phase_1d"\nparticles = 64\n[two_phase]\nf_mm = [0.0, 1.0]\nduration = 2.0\n'


@pytest.mark.parametrize(
    ("deck", "said"),
    [
        (
            tiny.TRANSPORT.replace('"tiny"', '"tiny \\u001b[31m"'),
            "<transport run 'tiny ?[31m' in run: 30 EeV, 100 EeV; table: energy,",
        ),
        (LINE, "<two_phase_1d run 'untitled' in run: 2 rows; table: f_mm, kappa,"),
    ],
)
def test_described(deck, said, done, tmp_path, monkeypatch):
    (tmp_path / "deck.toml").write_text(deck)
    done("run", "deck.toml", "--out", "run", cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    assert re.sub(r"\s+", " ", repr(hpcmm.open_run("run"))).startswith(said)
