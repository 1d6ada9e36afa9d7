"""`hpcmm doctor` reports what is broken, and does not break of it."""

import subprocess
import sys

import pytest

from hpcmm import kinds
from hpcmm.commands import doctor
from tests.conftest import ROOT

SHADOWS = {
    "h5py": 'raise RuntimeError("boo")',
    "numpy": "x = 1",
    "rich": "import nothing_like_that",
    "pydantic": "import sys; sys.exit(3)",
    "matplotlib": "(",
}


@pytest.mark.parametrize("module", SHADOWS)
def test_a_file_that_hides_a_module_is_named(module, environment, tmp_path):
    (tmp_path / f"{module}.py").write_text(SHADOWS[module])
    command = [sys.executable, "-m", "hpcmm", "doctor"]
    hidden = environment | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ended = subprocess.run(command, env=hidden, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in ended.stderr + ended.stdout
    assert ended.returncode == 2, ended.stderr
    assert f"{tmp_path}/{module}.py hides the installed module" in ended.stdout
    assert "\n" + module.replace("h5py", "HDF5") + ": " in ended.stdout


def test_kinds_that_need_a_library_say_so_themselves(monkeypatch, capsys):
    """Each kind's `requires`: PETSc is for two kinds. The installer names the same."""
    assert doctor._kinds_that_need("petsc4py") == ["effective_medium", "cluster"]
    assert doctor._kinds_that_need("mpi4py_fft") == [k for k in kinds.KINDS if k in ("mhd", "hybrid_pic")][:1]

    def missing():
        raise ImportError("no PETSc")

    monkeypatch.setattr(doctor, "_petsc", missing)
    assert doctor.show() == 0
    assert "only runs of kind 'effective_medium' and 'cluster' need it" in capsys.readouterr().out
    for line in (ROOT / "jobs" / "install.sh").read_text().splitlines():
        if "no effective_medium" in line:
            assert "no effective_medium or cluster runs" in line
