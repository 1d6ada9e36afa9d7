"""The house: its rooms and floors; every model states its equation and source and has a deck; every deck validates."""

import ast
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec

import pytest

import hpcmm
import hpcmm.fields
import hpcmm.scatter
from hpcmm import kinds
from hpcmm.commands import keys
from hpcmm.fields.base import FieldSection
from hpcmm.scatter.base import ScatterSection
from tests.conftest import ROOT

DECKS = sorted((ROOT / "input_decks").glob("*.toml"))

OF_OTHER_RUNS = {"fig3_mhd": 0.0} | dict.fromkeys(("fig2_early", "fig2_late", "fig2_filtered"), 1.0)
"""Decks that fly through products of another -> mean field of the cube that stands here for those."""


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
def test_deck_validates_and_says_what_each_line_means(deck, tmp_path):
    more = []
    if deck.stem in OF_OTHER_RUNS:
        B = hpcmm.open_field(ROOT / "input_decks" / "turbulence_16.h5").B.value / 9 + [OF_OTHER_RUNS[deck.stem], 0, 0]
        hpcmm.write_field(tmp_path / "B.h5", B, box=4.0, unit=None)
        more = [f"field.0.file={tmp_path / 'B.h5'}"]
    _, config = kinds.read(deck, more)
    assert config.title
    assert config.output.directory == f"runs/{deck.stem}"
    for line in deck.read_text(encoding="utf-8").splitlines():
        if re.match(r"\w+ = ", line) and not line.startswith("title"):
            assert re.search(r"# \w", line), f"{line!r} has no comment"


def test_files_are_small_rooms():
    """A median near 120 lines, none above 400."""
    files = [*ROOT.glob("hpcmm/**/*.py"), *ROOT.glob("cython_kernels/*.py[xd]"), *ROOT.glob("cython_kernels/*.h")]
    lines = sorted(len(path.read_text().splitlines()) for path in files)
    assert lines[-1] <= 400
    assert lines[len(lines) // 2] <= 150


def test_root_has_five_doors_at_most():
    assert len(list((ROOT / "hpcmm").glob("*.py"))) <= 5


def test_run_knows_no_kind():
    """What runs of all kinds share imports none of them; `hpcmm.commands` hands the kind down."""
    for path in (ROOT / "hpcmm" / "run").glob("*.py"):
        assert "hpcmm.kinds" not in imports(path), path
        assert not re.search(r"import_module\(.*kinds", path.read_text(encoding="utf-8")), path


PRINT = ("io/terminal", "io/probe", "parallel/collective", "commands/bench", "commands/theory", "commands/train")
READ = ("foreign", "io/provenance", "io/field_files/")
"""Files that print what they made themselves, or clean it; that read what is no text of a run directory."""


def test_one_file_prints_what_others_wrote_and_one_reads_it():
    for path in ROOT.glob("hpcmm/**/*.py"):
        name, text = path.relative_to(ROOT / "hpcmm").as_posix(), path.read_text(encoding="utf-8")
        calls = {node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
        plain = {f.id for f in calls if isinstance(f, ast.Name)}
        assert "print" not in plain or name.startswith(PRINT), name
        names = {f.attr for f in calls if isinstance(f, ast.Attribute)}
        assert not names & {"read_text", "read_bytes", "write_text"} or "foreign" in text or name.startswith(READ), name


FLOORS = [
    "hpcmm.cli",
    "hpcmm.commands",
    "hpcmm.figures",
    "hpcmm.kinds",
    "hpcmm.run",
    "hpcmm.fields hpcmm.scatter hpcmm.estimators",
    "hpcmm.io hpcmm.deck hpcmm.parallel",
    "hpcmm.theory hpcmm.errors hpcmm.foreign",
    "cython_kernels",
]
"""From the roof down (docs/architecture.md)."""


def test_floors_are_those_of_the_contract_and_hold_all_rooms():
    """`lint-imports` keeps the contract; here its floors and the folders are the same ones, none left out."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(c for c in contracts["contracts"] if c["type"] == "layers")["layers"]
    assert [floor.replace(" | ", " ") for floor in layers] == FLOORS
    rooms = {path.parent for path in ROOT.glob("hpcmm/*/__init__.py")} | set(ROOT.glob("hpcmm/[a-z]*.py"))
    assert {f"hpcmm.{path.stem}" for path in rooms} | {"cython_kernels"} == set(" ".join(FLOORS).split())


def test_no_room_imports_from_a_floor_above():
    """As the contract has it, read from the files themselves; what is imported when called is another matter."""
    floor = {room: i for i, rooms in enumerate(FLOORS) for room in rooms.split()}
    for path in ROOT.glob("hpcmm/*/**/*.py"):
        own = floor[f"hpcmm.{path.relative_to(ROOT).parts[1]}"]
        for room in imports(path):
            assert floor.get(room, own) >= own, f"{path} imports {room}"


def imports(path):
    """Rooms that a file imports when it is read: "hpcmm.run", "cython_kernels"."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = name.split(".")
            found.add(".".join(parts[:2]) if parts[0] == "hpcmm" else parts[0])
    return found


FIRST = """
import os, secrets, sys, tomllib, traceback
import astropy.table, h5py, matplotlib.figure, mpi4py, numpy, rich.table  # not ours: read once for all
from pydantic import BaseModel, Field
try:
    import torch
except ImportError:
    pass
assert not any(name.startswith(("hpcmm", "cython_kernels", "mpi4py.MPI")) for name in sys.modules)
for name in sys.argv[1:]:
    if os.fork() == 0:
        try:
            __import__(name)
        except BaseException:
            print(name, traceback.format_exc(), flush=True)
        os._exit(0)
    os.wait()
print("all read")
"""


OPTIONAL = {"hpcmm.__main__", "hpcmm.commands.bench_crpropa"} | (
    set() if find_spec("torch") else {f"hpcmm.kinds.network.{name}" for name in ("model", "train", "weights")}
)
"""A program, and what needs libraries that may not be here."""


def test_every_module_can_be_the_first_one_that_is_imported(environment):
    """Each in a process that has read nothing of hpcmm: no circle of imports that only some order hides."""
    modules = [m.name for m in pkgutil.walk_packages(hpcmm.__path__, "hpcmm.") if m.name not in OPTIONAL]
    assert len(modules) > 150
    command = [sys.executable, "-W", "ignore", "-c", FIRST, *modules]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "all read\n"


def test_reference_of_the_deck_is_current():
    """docs/deck.md is written from the models; each key has a meaning."""
    page = (ROOT / "docs" / "deck.md").read_text(encoding="utf-8")
    assert page == keys.markdown().rstrip("\n") + "\n", "run: hpcmm keys --markdown > docs/deck.md"
    lacking = [f"{table.header} {key.name}" for table, _ in keys.collected() for key in table.keys if not key.meaning]
    assert not lacking, "say what it means below the key, or among the Attributes of its section"
