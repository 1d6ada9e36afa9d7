"""Prints what pip is to install, one requirement a line: ``python jobs/required.py [-v] NAME...``, or rnn, or docs.

Those of the names given, or with -v all others: as jobs/constraints.txt has them, with the hashes of their files, so
that pip takes no other; with UNLOCKED=1 as pyproject.toml allows them. Extras that few need are installed when they are
named: what ``docs`` adds to the rest is locked apart, ``rnn`` is not locked: PyTorch's files differ from platform to
platform, and are gigabytes on some. jobs/install.sh calls this from the project's folder.
"""

import os
import re
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads(Path("pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
BUILD = [*PROJECT["build-system"]["requires"], "wheel", "pkgconfig"]
"""What the packages that are compiled here need besides."""


DOCS = "# What EXTRAS=docs adds.\n"
"""Line of the lock below which that stands."""


def name_of(requirement):
    """Its normalized name."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def allowed():
    """Requirements of pyproject.toml, but for those that are asked for by name."""
    usual = [r for name in EXTRAS if name not in ("rnn", "docs") for r in EXTRAS[name]]
    return [*BUILD, *PROJECT["project"]["dependencies"], *usual]


def locked(docs=False):
    """Requirements of the lock, each with its hashes: the usual ones, or what ``docs`` adds."""
    part = Path("jobs/constraints.txt").read_text().split(DOCS)[docs]
    lines = part.replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def wanted(names, others):
    """Requirements of these names, or of all others."""
    unlocked = os.environ.get("UNLOCKED") == "1"
    if names == {"rnn"}:
        return EXTRAS["rnn"]
    if names == {"docs"}:
        return EXTRAS["docs"] if unlocked else locked(docs=True)
    known = allowed() if unlocked else locked()
    return [line for line in known if (name_of(line) in names) != others]


if __name__ == "__main__":
    others = sys.argv[1] == "-v"
    print("\n".join(wanted(set(sys.argv[1 + others :]), others)))
