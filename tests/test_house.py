"""Every model states its equation and its source and has a deck that uses it; every deck validates."""

import pkgutil
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import hpcmm.fields
import hpcmm.scatter
from hpcmm import kinds
from hpcmm.fields.base import FieldSection
from hpcmm.scatter.base import ScatterSection

ROOT = Path(__file__).parent.parent
DECKS = sorted((ROOT / "input_decks").glob("*.toml"))


def models():
    found = []
    for package, base in ((hpcmm.fields, FieldSection), (hpcmm.scatter, ScatterSection)):
        for module in pkgutil.iter_modules(package.__path__):
            contents = vars(import_module(f"{package.__name__}.{module.name}")).values()
            classes = [c for c in contents if isinstance(c, type) and issubclass(c, base)]
            found += [c for c in classes if c.model_fields.get("model") and c.model_fields["model"].default]
    return found


@pytest.mark.parametrize("model", models(), ids=lambda m: m.__name__)
def test_model_has_equation_source_and_deck(model):
    assert ".. math::" in model.__doc__
    assert re.search(r"Source: .*(paper|physics)", model.__doc__)
    name = model.model_fields["model"].default
    list_name = "field" if issubclass(model, FieldSection) else "scatter"
    used = {
        block["model"] for deck in DECKS for block in tomllib.loads(deck.read_text(encoding="utf-8")).get(list_name, [])
    }
    assert name in used


@pytest.mark.parametrize("deck", DECKS, ids=lambda d: d.stem)
def test_deck_validates_and_says_what_each_line_means(deck):
    _, config = kinds.read(deck)
    assert config.title
    assert config.output.directory == f"runs/{deck.stem}"
    for line in deck.read_text(encoding="utf-8").splitlines():
        if re.match(r"\w+ = ", line) and not line.startswith("title"):
            assert re.search(r"# \w", line), f"{line!r} has no comment"


def test_files_are_small_rooms():
    """A median near 120 lines, none above 400 (ARCHITECTURE)."""
    files = [*ROOT.glob("hpcmm/**/*.py"), *ROOT.glob("cython_kernels/*.py[xd]"), *ROOT.glob("cython_kernels/*.h")]
    lines = sorted(len(path.read_text().splitlines()) for path in files)
    assert lines[-1] <= 400
    assert lines[len(lines) // 2] <= 150
