"""The source distribution builds, installs and runs without the checkout; wheels run on any machine of their kind."""

import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile

import pytest

from tests.conftest import ROOT

DECKS = sorted(path.stem for path in (ROOT / "input_decks").glob("*.toml"))


def call(*command, **how):
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **how)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout


@pytest.mark.parametrize("name", DECKS)
def test_each_example_is_printed_as_it_is(name, done):
    said = done("deck", name).stdout
    assert tomllib.loads(said) == tomllib.loads((ROOT / "input_decks" / f"{name}.toml").read_text(encoding="utf-8"))


def test_list_and_near_misses(done, hpcmm):
    listed = [line.split()[0] for line in done("deck").stdout.splitlines()[:-1]]
    assert listed == DECKS
    refused = hpcmm("deck", "quickstrat")
    assert refused.returncode == 2
    assert "did you mean 'quickstart'?" in refused.stderr


@pytest.fixture(scope="module")
def sdist(environment, tmp_path_factory):
    """Made from a copy of what git has, as from a fresh clone."""
    top = tmp_path_factory.mktemp("sdist")
    call("git", "-C", ROOT, "checkout-index", "-a", f"--prefix={top}/clone/")
    build = "from setuptools import build_meta as b; import sys; print(b.build_sdist(sys.argv[1]))"
    call(sys.executable, "-c", build, top, cwd=top / "clone", env=environment, timeout=300)
    (made,) = top.glob("hpcmm-*.tar.gz")
    return made


@pytest.mark.slow
def test_source_distribution_has_everything_that_git_has(sdist):
    with tarfile.open(sdist) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    tracked = call("git", "-C", ROOT, "ls-files", "cython_kernels", "hpcmm", "input_decks", "docs", "jobs", "tests")
    missing = set(tracked.splitlines()) - names
    assert not missing
    assert not [name for name in names if name.startswith("cython_kernels/") and name.endswith((".c", ".so"))]


@pytest.mark.slow
def test_installed_from_the_source_distribution_in_a_fresh_environment(sdist, environment, tmp_path):
    """Its wheel holds no sources of kernels; `hpcmm deck` and `hpcmm check` work far from the checkout."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    # the libraries of this environment, by a path file that comes after the new one's own packages
    (own,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (own / "others.pth").write_text("\n".join(p for p in sys.path if p.endswith("-packages")) + "\n")
    bare = {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "HPCMM_MARCH")}
    pip = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", tmp_path, sdist]
    call(*wheel, env=bare, cwd=tmp_path, timeout=1800)
    (made,) = tmp_path.glob("hpcmm-*.whl")
    names = zipfile.ZipFile(made).namelist()
    assert not [name for name in names if name.endswith((".c", ".pyx"))]
    assert [name for name in names if name.startswith("hpcmm/decks/") and name.endswith(".toml")]
    call(*pip, "--python", python, "install", "--no-deps", made, env=bare, cwd=tmp_path, timeout=300)
    flags = call(
        python, "-c", "from cython_kernels import build; print(build.FLAGS, build.__file__)", env=bare, cwd=tmp_path
    )
    assert "march" not in flags
    assert str(tmp_path) in flags
    (tmp_path / "mine.toml").write_text(call(python, "-m", "hpcmm", "deck", "quickstart", env=bare, cwd=tmp_path))
    assert "plan" in call(python, "-m", "hpcmm", "check", "mine.toml", env=bare, cwd=tmp_path)
