"""Decks of kind network: what they mean, how wrong ones are refused, and what is said where torch is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from hpcmm import kinds
from hpcmm.commands import train
from hpcmm.deck.load import DeckError, load_deck
from hpcmm.deck.validate import resolved_toml
from hpcmm.kinds import config_from_plain, read_config
from tests.conftest import HPCMM, ROOT

DECK = ROOT / "input_decks" / "network.toml"
GOOD = DECK.read_text()

WRONG = [
    ('"network"', '"networks"', "run.kind", "did you mean 'network'?"),
    ("hidden = 48", "hiden = 48", "network.hiden", "did you mean 'hidden'?"),
    ("hidden = 48", "hidden = 0", "network.hidden", "1 or more is expected, not 0"),
    ("hidden = 48", "hidden = 48.0", "network.hidden", "whole number"),
    ("window = 4", "window = 5", "network.window", "do not divide points = 256"),
    ("learning_rate = 1e-3", "learning_rate = 0.0", "network.learning_rate", "a number above 0 is expected"),
    ("tracks = 1600", "tracks = 3", "network.tracks", "20 or more"),
    ("tracks = 1600", "f_mm = 3", "network.f_mm", "it belongs in [training]"),
    ("[20.0, 400.0]", "[400.0, 20.0]", "training.nu_eff_T", "[lowest, highest] from 1 to 1e+06 is expected"),
    ("[20.0, 400.0]", "[20.0, 20.0]", "training.nu_eff_T", "nothing to learn"),
    ("[20.0, 400.0]", "[20.0, 20.1]", "training.nu_eff_T", "nothing to learn"),
    ("[20.0, 400.0]", "20.0", "training.nu_eff_T", "a list is expected"),
    ("[20.0, 400.0]", "[20.0]", "training.nu_eff_T", ""),
    ("[0.0, 1.0] ", "[0.0, 1.5] ", "training.f_mm", "from 0 to 1 is expected"),
    ("[output]", "[two_phase]", "two_phase", "unknown table 'two_phase'"),
    ("[network]", "[[network]]", "network", "is one table"),
]


@pytest.mark.parametrize(("good", "bad", "key", "words"), WRONG)
def test_wrong_decks_are_refused_in_a_line(tmp_path, good, bad, key, words):
    assert good in GOOD
    path = tmp_path / "net.toml"
    path.write_text(GOOD.replace(good, bad, 1))
    with pytest.raises(DeckError) as caught:
        kinds.read(path)
    assert re.split(r"\[", caught.value.key)[0] == key
    assert words in str(caught.value)
    assert re.match(r".*net\.toml:\d+: ", str(caught.value))
    assert len(str(caught.value).splitlines()) == 1


def test_resolved_deck_gives_the_same_config(tmp_path):
    _, config = kinds.read(DECK)
    (tmp_path / "resolved.toml").write_text(resolved_toml(config))
    assert read_config(load_deck(tmp_path / "resolved.toml")) == config
    assert config_from_plain(config.plain()) == config


def test_the_deck_states_the_defaults():
    _, config = kinds.read(DECK)
    assert config_from_plain({"run": {"kind": "network"}}).network == config.network
    assert config_from_plain({"run": {"kind": "network"}}).training == config.training


def test_commands_send_decks_to_one_another(hpcmm, tmp_path):
    done = hpcmm("run", DECK, "--out", tmp_path / "run")
    assert (done.returncode, "hpcmm train" in done.stderr, len(done.stderr.splitlines())) == (2, True, 1)
    other = ROOT / "input_decks" / "two_phase.toml"
    with pytest.raises(DeckError, match="hpcmm run"):
        train.train(other, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_check_prints_a_plan(hpcmm):
    done = hpcmm("check", DECK, "--set", "training.nu_eff_T=[20.0, 4000.0]")
    assert done.returncode == 0, done.stderr
    for words in ("20 to 4000", "weights: 10417", "core", "warning: training.nu_eff_T up to 4000"):
        assert words in done.stdout


def test_commands_without_torch_say_how_to_get_it(environment, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('No module named torch')")
    hidden = environment | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [*HPCMM, "train", str(DECK), "--out", str(tmp_path / "net")]
    done = subprocess.run(command, env=hidden, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "pip install .[rnn]" in done.stderr
    assert not Path(tmp_path / "net").exists()
