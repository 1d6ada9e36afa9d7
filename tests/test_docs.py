"""The site of the docs leaves out no page, no function that people call and no model; what docstrings cite is there.

`make docs` builds it, with warnings as errors.
"""

import re

from hpcmm import kinds
from tests.conftest import ROOT
from tests.test_house import models

DOCS = ROOT / "docs"


def entries(page):
    """Pages that the tables of contents of a page name, as paths from docs/ without suffix."""
    found = set()
    for block in re.findall(r"```{toctree}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line and not line.startswith(":"):
                found |= {p.with_suffix("") for p in page.parent.glob(f"{line}.md")} or {page.parent / line}
    return {path.relative_to(DOCS).as_posix() for path in found}


def test_contents_name_every_page():
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert set().union(*map(entries, DOCS.rglob("*.md"))) | {"index"} == pages


def test_pages_of_the_api_leave_nothing_out():
    named = set(re.findall(r"^   (hpcmm[\w.]*)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE))
    due = {"hpcmm", *(model.__module__ for model in models())}
    for room in ("theory", "estimators"):
        due |= {f"hpcmm.{room}.{path.stem}" for path in (ROOT / "hpcmm" / room).glob("[a-z]*.py")}
    for package in kinds.KINDS.values():
        if (ROOT / package.replace(".", "/") / "reader.py").exists():
            due.add(f"{package}.reader")
    assert due <= named


def test_sections_that_the_code_cites_are_there():
    there = set(re.findall(r"^#+ (\d[\d.]*) ", (DOCS / "physics.md").read_text(encoding="utf-8"), re.MULTILINE))
    for path in (*ROOT.glob("hpcmm/**/*.py"), *ROOT.glob("cython_kernels/*.py[xd]"), *ROOT.glob("cython_kernels/*.h")):
        cited = re.findall(r"docs/physics\.md (\d+(?:\.\d+)?)", path.read_text(encoding="utf-8"))
        assert set(cited) <= there, path
