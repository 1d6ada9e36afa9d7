"""jobs/hpcmm.def copies what the set-up within needs; nothing here builds the container."""

import re
import tomllib

from tests.conftest import ROOT


def test_definition_copies_what_set_up_needs():
    text = (ROOT / "jobs" / "hpcmm.def").read_text(encoding="utf-8")
    section = re.search(r"^%files\n(.*?)^%", text, re.DOTALL | re.MULTILINE)[1]
    copied = dict(line.split() for line in section.splitlines() if line)
    for source, place in copied.items():
        assert (ROOT / source).exists()
        assert place == f"/opt/hpcmm/{source}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    due = {"pyproject.toml", "setup.py", "jobs", "input_decks", project["readme"], *project["license-files"], *packages}
    assert due <= set(copied)
