"""Each tutorial does what it says: its blocks of bash and of Python, one after another in a folder of its own.

Half a minute of one core each; `make docs` runs them, as CI does.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted(set((ROOT / "docs" / "tutorials").glob("*.md")) - {ROOT / "docs" / "tutorials" / "index.md"})

CHANGES = r"[-+]?\d[\d.]*(e[-+]?\d+)?|\b(yes|no|undecided)\b"
"""What differs between processors: numbers, and so how sure a value is."""


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_run_and_print_what_the_page_shows(page, environment, tmp_path):
    text = page.read_text(encoding="utf-8")
    script = "set -euo pipefail\n"
    for language, block in re.findall(r"^```(bash|python)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        script += block if language == "bash" else f"python - <<'PYTHON'\n{block}PYTHON\n"
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment | {"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    printed = set(map(words, (ended.stdout + ended.stderr).splitlines()))
    for shown in re.findall(r"^```text\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        missing = [
            line for line in shown.splitlines() if words(line) not in printed and not line.startswith("undecided at")
        ]
        assert not missing, f"{page.name} shows what no command printed: {missing}"


def words(line):
    """A line without numbers, frames of tables and widths of columns."""
    return " ".join(re.sub(CHANGES, "#", re.sub(r"[┃│┏┓┗┛┡┩╇┳━┌┐└┘┬┴─╞╡═╪]", " ", line)).split())
