"""Writes jobs/constraints.txt: the versions in this environment, which the tests ran with, and hashes of their files.

``make constraints`` calls it, after the whole suite has passed with new versions (``make setup UNLOCKED=1``). Locked is
what pyproject.toml asks for and what that needs, but for PyTorch (see jobs/required.py) and petsc4py, whose version is
that of the PETSc found; what ``docs`` adds stands apart, and has to be here (``make setup EXTRAS=docs``). All files of
a version are listed, so that the lock serves every platform that has one.
"""

import json
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from urllib.request import Request, urlopen

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version
from pip._internal.models.index import PyPI

sys.path.insert(0, str(Path(__file__).parent))
from required import DOCS, EXTRAS, allowed

HEAD = """# Tested versions of the Python packages, with the hashes of their files; jobs/install.sh takes no others.
# Written by `make constraints`: do not edit. Bounds for other environments are in pyproject.toml.
"""


def needed(requirements):
    """Names of the packages that requirements lead to in this environment."""
    found, left = set(), [Requirement(line) for line in requirements]
    while left:
        name = canonicalize_name(left.pop().name)
        if name in found or name == "petsc4py":
            continue
        found.add(name)
        more = [Requirement(line) for line in metadata.requires(name) or ()]
        left += [r for r in more if r.marker is None or r.marker.evaluate({"extra": ""})]
    return sorted(found)


def version_of(filename):
    """Version of a file of the index; None of what is neither wheel nor source distribution."""
    try:
        return (parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename)(filename)[1]
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None


def hashes(name, version):
    """SHA-256 of all files of a version; ends with a line if the oldest Python that hpcmm takes cannot have it."""
    request = Request(f"{PyPI.simple_url}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    files = [f for f in files if version_of(f["filename"]) == Version(version)]
    if not files:
        raise SystemExit(f"{name} {version}: the index has no such version")
    refuse_newer_python(name, version, files)
    return sorted({f["hashes"]["sha256"] for f in files})


def refuse_newer_python(name, version, files):
    """End with a line where files of a version ask for a newer Python than pyproject.toml."""
    oldest = tomllib.loads(Path("pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    for asked in {f.get("requires-python") or "" for f in files}:
        if not SpecifierSet(asked).contains(f"{oldest}.0"):
            raise SystemExit(
                f"{name} {version}: needs Python {asked}, hpcmm runs from {oldest} on: install an older {name}"
            )


def main():
    """Write the lock."""
    usual = needed(allowed())
    more = [name for name in needed(EXTRAS["docs"]) if name not in usual]
    text = HEAD + "".join(map(line, usual)) + DOCS + "".join(map(line, more))
    Path("jobs/constraints.txt").write_text(text)


def line(name):
    """A package in the lock."""
    version = metadata.version(name)
    return f"{name}=={version}" + "".join(f" \\\n    --hash=sha256:{h}" for h in hashes(name, version)) + "\n"


if __name__ == "__main__":
    main()
