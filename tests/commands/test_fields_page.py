"""The programs of docs/fields.md do what the page says."""

import os
import re
import subprocess
import sys

import numpy as np

from hpcmm import open_field, open_run
from tests.conftest import ROOT


def test_from_an_array_to_kappa(environment, tmp_path):
    first, second, third = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "fields.md").read_text(), re.DOTALL)
    assert len(first.partition("\n\n")[2].splitlines()) <= 10
    (tmp_path / "program.py").write_text(first + second + third)
    surroundings = environment | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    ended = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "kappa_iso_err" in ended.stdout
    row = open_run(tmp_path / "runs" / "mine").table[0]
    assert 0 < row["kappa_iso_err"] < 0.5 * row["kappa_iso"]
    mine, twin = (open_field(tmp_path / f"{name}.h5") for name in ("mine", "twin"))
    assert mine.div_B < 1e-6
    assert twin.div_B < 1e-3  # waves of two points have no direction that is known
    # what is stored is single
    np.testing.assert_allclose(*(shells(found.B.value) for found in (mine, twin)), atol=1e-6)


def shells(B):
    """Energy in shells k - 1/2 <= |k| < k + 1/2 over that of all."""
    k = np.rint(np.sqrt(sum(n**2 for n in np.meshgrid(*3 * [np.fft.fftfreq(len(B), 1 / len(B))])))).astype(int)
    found = np.bincount(k.ravel(), (abs(np.fft.fftn(B, axes=(0, 1, 2))) ** 2).sum(axis=-1).ravel())
    return found / found.sum()
