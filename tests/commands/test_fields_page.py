"""The programs of docs/fields.md do what the page says."""

import os
import re
import subprocess
import sys

from hpcmm import open_field, open_run
from tests.conftest import ROOT


def test_from_an_array_to_kappa(environment, tmp_path):
    first, second = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "fields.md").read_text(), re.DOTALL)
    assert len(first.partition("\n\n")[2].splitlines()) <= 10
    (tmp_path / "program.py").write_text(first + second)
    surroundings = environment | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    ended = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "kappa_iso_err" in ended.stdout
    row = open_run(tmp_path / "runs" / "mine").table[0]
    assert 0 < row["kappa_iso_err"] < 0.5 * row["kappa_iso"]
    assert open_field(tmp_path / "mine.h5").div_B < 1e-6
