"""`hpcmm report`: a page on runs of every kind, whole in itself, in which whatever files say is text."""

import html.parser
import re
import shutil
import subprocess

import pytest
import yaml

from hpcmm.commands import report
from tests import decks
from tests.conftest import ROOT
from tests.run.tiny import TINY

VOID = {"meta", "img", "br", "link", "input", "hr"}

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")

QUICK = ("two_phase_1d", "effective_medium", "hybrid_pic")
"""Kinds whose page is made each time; that of transport is made by other tests."""

PARTS = ("Figures", "Convergence", "Plan against cost", "Deck", "Tables", "Provenance", "How to cite")


class Page(html.parser.HTMLParser):
    """A page as a browser takes it: every tag that is opened is closed, in order.

    Attributes
    ----------
    tags : list of str
    texts : dict
        Tag -> texts right within it.
    links : list of str
        Values of attributes that a browser would follow or load.
    """

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.links, self._open = [], {}, [], []
        assert text.startswith("<!DOCTYPE html>")
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [
            value for name, value in attributes if name in ("src", "href", "srcset", "action", "data", "style")
        ]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        if self._open and text.strip():
            self.texts.setdefault(self._open[-1], []).append(text.strip())

    @property
    def pictures(self):
        return [link for link in self.links if link.startswith("data:image/png;base64,iVBOR")]


def page_of(path):
    page = Page(path.read_text(encoding="utf-8"))
    assert not {"script", "iframe", "object", "link", "form"} & set(page.tags)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    return page


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in TINY])
def test_page_of_every_kind_has_all_parts(tiny_run, tmp_path, name):
    run, tiny = tiny_run(name), TINY[name]
    page = page_of(report.write([run], tmp_path / "page.html"))
    assert [head for head in PARTS if head not in page.texts["h3"] + page.texts["h2"]] == []
    assert page.texts["h1"] == ["tiny" if name == "transport" else run.name]
    assert (run / "deck.toml").read_text().strip() in page.texts["pre"]
    for path in run.glob("*.ecsv"):
        for column, unit in re.findall(r"^# - \{name: (\w+), unit: ([^,]+), datatype", path.read_text(), re.M):
            assert f"{column} [{unit}]" in page.texts["th"]
    figure = getattr(tiny.kind, "figure", "training")
    assert len(page.pictures) >= bool(figure)
    provenance = dict(zip(page.texts["dt"], page.texts["dd"], strict=True))
    assert provenance["version"]
    assert provenance["commit"]
    if name != "network":
        assert provenance["ranks"] == "1"
        assert "NumPy" in provenance["run with"]
        assert "planned by this version" in page.texts["td"]


def test_whatever_files_say_is_text(done, tmp_path):
    """A title, a comment of the deck and lines of the log that would be a script, or turn the direction of letters."""
    title = "<script>alert(1)</script> & '\\\"> {{ 7 * 7 }} \u202eabc"
    text = decks.transport("1 EeV", decks.kicks(), run={"particles": 64}, stepping={"samples": 8})
    (tmp_path / "deck.toml").write_text(f'title = "{title}" # <img src=x onerror=alert(2)>\n{text}', encoding="utf-8")
    done("run", "deck.toml", "--out", "run", cwd=tmp_path)
    with open(tmp_path / "run" / "log.txt", "a", encoding="utf-8") as file:
        file.write("2026-01-01 00:00:00,000 WARNING <b onclick='x'>bold</b>\x1b[31m\n")
    done("report", "run", cwd=tmp_path)
    page = page_of(tmp_path / "run" / "report.html")
    shown = "<script>alert(1)</script> & '\"> {{ 7 * 7 }} ?abc"
    assert page.texts["h1"] == page.texts["title"] == [shown]
    assert any("<img src=x onerror=alert(2)>" in deck for deck in page.texts["pre"])
    assert "<b onclick='x'>bold</b>?[31m" in page.texts["li"]


def test_several_runs_on_one_page_and_none_replaced(tiny_run, done, hpcmm, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(tiny_run("transport"), tmp_path / name)
    assert done("report", "a", cwd=tmp_path).stdout == "a/report.html\n"
    before = (tmp_path / "a" / "report.html").read_bytes()
    assert done("report", "a", "b", cwd=tmp_path).stdout == "a/report_with_b.html\n"
    assert (tmp_path / "a" / "report.html").read_bytes() == before
    page = page_of(tmp_path / "a" / "report_with_b.html")
    assert page.texts["h1"] == ["2 runs of hpcmm"]
    assert page.tags.count("article") == 2
    assert {"#run-1", "#run-2"} < set(page.links)
    assert len(page.pictures) == 5  # kappa(E) of both, and of each kappa(E) and kappa against lag
    done("run", "a/resolved.toml", "--out", "a", "--overwrite", cwd=tmp_path)
    assert not [*(tmp_path / "a").glob("report*.html")]


def test_what_is_damaged_or_no_run_is_refused_in_a_line(tiny_run, hpcmm, tmp_path):
    run = shutil.copytree(tiny_run("transport"), tmp_path / "run")
    data = bytearray((run / "moments.h5").read_bytes())
    data[len(data) // 2] ^= 1
    (run / "moments.h5").write_bytes(data)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "link").mkdir()
    for directory, says in ((run, "moments.h5: damaged"), (tmp_path / "nothing", "holds no run (no resolved.toml)")):
        ended = hpcmm("report", directory)
        assert ended.returncode == 2
        assert says in ended.stderr
        assert ended.stderr.count("\n") == 1
        assert not (directory / "report.html").exists()


def test_an_edited_table_is_said_on_the_page(tiny_run, tmp_path):
    run = shutil.copytree(tiny_run("two_phase_1d"), tmp_path / "run")
    text = (run / "kappa.ecsv").read_text()
    (run / "kappa.ecsv").write_text(text.replace("# - {title: ''}", "# - {title: mine}"))
    page = page_of(report.write([run], tmp_path / "page.html"))
    assert any("was edited or damaged since hpcmm wrote it" in text for text in page.texts["li"])


def test_citation_is_that_of_the_project():
    cite = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    (article,) = cite["references"]
    assert cite["title"] in report.CITATION["software"]
    for words in (
        article["title"],
        article["journal"],
        str(article["year"]),
        *(a["family-names"] for a in article["authors"]),
    ):
        assert words in report.CITATION["article"]


def test_browser_shows_the_page(tiny_run, tmp_path):
    """What Chromium makes of it without a network: the same parts, and pictures that it could read."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    path = report.write([tiny_run("transport")], tmp_path / "page.html")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", path.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    shown = Page(ended.stdout)
    assert shown.texts["h3"] == page_of(path).texts["h3"]
    assert len(shown.pictures) == len(page_of(path).pictures) > 1
    assert "Content Security Policy" not in ended.stderr
