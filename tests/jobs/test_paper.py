"""`make paper`: scripts are well-formed, their decks pass `hpcmm check`, the page has every claim of the account."""

import importlib.util
import itertools
import os
import re
import shutil
import subprocess

import pytest
from astropy.table import Table

from hpcmm import kinds
from tests.commands.test_report import Page
from tests.conftest import ROOT

FIGURES = ("fig1", "fig2", "fig3", "fig4", "fig5", "scales", "escape", "faraday")

NOTE = r"""#!/usr/bin/env bash
(IFS=$'\t'; printf '%s\n' "$*" >>"$NOTES")
"""
"""What stands for hpcmm: it notes what it is asked to do."""

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000"
                    "0301010018dd8db00000000049454e44ae426082")  # fmt: skip
"""A picture of one point."""


@pytest.fixture(scope="module")
def page():
    """The module jobs/paper_page.py."""
    return loaded("paper_page")


@pytest.fixture(scope="module")
def numbers(page):
    """The module jobs/paper_numbers.py."""
    return loaded("paper_numbers")


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "jobs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path):
    """A folder with the scripts and decks of the checkout, in which nothing has run."""
    shutil.copytree(ROOT / "jobs", tmp_path / "clone" / "jobs")
    shutil.copytree(ROOT / "input_decks", tmp_path / "clone" / "input_decks")
    return tmp_path / "clone"


def asked(clone, environment, *command):
    """Arguments of each call of hpcmm that a script makes."""
    notes, note = clone / "notes", clone / "hpcmm"
    note.write_text(NOTE)
    note.chmod(0o755)
    surroundings = environment | {"HPCMM": str(note), "NOTES": str(notes), "LAUNCH": "env"}
    ended = subprocess.run(command, cwd=clone, env=surroundings, capture_output=True, text=True, check=False)
    return ended, [line.split("\t") for line in notes.read_text().splitlines()] if notes.exists() else []


def figures_of(script):
    """Names of the figures that jobs/figure.sh makes."""
    return [name for name in FIGURES if re.search(rf"^{name}\(\) ", script, re.MULTILINE)]


@pytest.mark.parametrize("name", ["figure.sh", "paper.sh"])
def test_script_is_well_formed(name):
    subprocess.run(["bash", "-n", ROOT / "jobs" / name], check=True)


@pytest.mark.parametrize("figure", figures_of((ROOT / "jobs" / "figure.sh").read_text()))
def test_small_decks_of_a_figure_pass_check(clone, environment, figure, monkeypatch):
    """The runs as the script asks for them, their options too; fields that other runs of it make are not there yet."""
    ended, calls = asked(clone, environment, "bash", "jobs/figure.sh", figure, "small")
    assert ended.returncode == 0, ended.stderr
    monkeypatch.chdir(clone)
    runs = [call for call in calls if call[0] == "run"]
    assert runs
    made = {call[call.index("--out") + 1] for call in runs}
    for _, deck, *options in runs:
        overrides = [value for key, value in itertools.pairwise(options) if key == "--set"]
        if not any(directory in text for directory in made for text in [*overrides, (clone / deck).read_text()]):
            kinds.read(deck, overrides)
    assert calls[-1][:3] == ["plot", "--figure", figure]


def test_paper_goes_on_where_a_figure_fails_and_says_so(clone, environment):
    (clone / "jobs" / "paper_page.py").write_text("print('page')\n")
    figure = clone / "jobs" / "figure.sh"
    figure.write_text("fig1() { :; }\nfig3() { :; }\n[ $1 = fig1 ] && exit 3\nmkdir -p runs/$1-small/a\n")
    ended, calls = asked(clone, environment, "bash", "jobs/paper.sh")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("failed: fig1")
    assert re.search(r"^fig3 +\d+ s, +\d+ s of cores$", ended.stdout, re.MULTILINE)
    assert ["report", "runs/fig3-small/a/", "--out", "runs/paper/fig3.html"] in calls


def test_every_claim_names_what_is_there(page):
    """Decks, tests and pages that the account points to exist."""
    found = page.claims(page.ACCOUNT.read_text(encoding="utf-8"))
    assert {claim.number.split(".")[0] for claim in found} >= set("12345")
    for claim in found:
        assert claim.statement
        assert claim.ours
        for name in re.findall(r"[\w/*]+\.(?:toml|py|md)", claim.shown_by):
            folder = ROOT / {"toml": "input_decks", "py": "", "md": "docs"}[name.rsplit(".")[-1]]
            place = ROOT if "/" in name else folder
            assert [*place.glob(name)], f"{claim.number}: {name}"


def test_a_number_that_comes_twice_is_refused(page):
    head = "| " + " | ".join(page.COLUMNS) + " |\n|---|---|---|---|---|---|\n"
    with pytest.raises(ValueError, match="come twice"):
        page.claims(head + "| 1.1 | a | b | c | d | e |\n| 1.1 | a | b | c | d | e |\n")
    assert page.claims("| a | b |\n|---|---|\n| 1 | 2 |\n") == []


def test_page_shows_figures_beside_claims(page, tmp_path):
    (tmp_path / "fig3-small").mkdir()
    (tmp_path / "fig3-small" / "fig3.png").write_bytes(PNG)
    made = page.write(tmp_path / "paper", tmp_path)
    shown, claims = Page(made.read_text(encoding="utf-8")), Table.read(tmp_path / "paper" / "claims.ecsv")
    account = page.ACCOUNT.read_text(encoding="utf-8")
    assert shown.texts["h2"] == [heading for heading, _ in page.sections(account)]
    assert list(claims["number"]) == [claim.number for claim in page.claims(account)]
    assert set(claims["number"]) <= set(shown.texts["td"])
    assert len(shown.pictures) == 1
    assert "Not drawn here: bash jobs/paper.sh fig5" in shown.texts["p"]
    assert "script" not in shown.tags
    for link in shown.links:
        if link.endswith(".md"):
            assert os.path.exists(made.parent / link), link


def test_numbers_of_small_runs_are_those_of_their_tables(page, numbers, done, tmp_path):
    """Of a line, and a cluster in which lifetimes are given; a run that was cut off is said, others are left out."""
    line = '[run]\nkind = "two_phase_1d"\nseed = 1\nparticles = 640\n[two_phase]\nf_mm = [0.1, 0.5]\n'
    (tmp_path / "line.toml").write_text(line)
    done("run", "line.toml", "--out", "fig5-small/1d", cwd=tmp_path)
    (tmp_path / "escape-small" / "paper").mkdir(parents=True)
    shutil.copy(ROOT / "input_decks" / "cluster.toml", tmp_path / "escape-small" / "paper" / "resolved.toml")
    found = numbers.measured(tmp_path)
    assert set(found) == {"5.1", "6.1"}
    assert re.fullmatch(r"within [0-4]\.\d sigma of eq 11 at 2 f_mm", found["5.1"])
    assert found["6.1"].startswith("not measured: ")
    assert set(numbers.NUMBERS) <= {claim.number for claim in page.claims(page.ACCOUNT.read_text(encoding="utf-8"))}
    made = page.write(tmp_path / "paper", tmp_path)
    assert found["5.1"] in Page(made.read_text(encoding="utf-8")).texts["b"]
    table = Table.read(tmp_path / "paper" / "claims.ecsv")
    assert list(table["small_runs"][table["number"] == "5.1"]) == [found["5.1"]]
