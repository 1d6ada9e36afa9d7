"""Pictures for the page of `hpcmm report`: figures drawn anew from products, and others that a run directory has."""

import base64
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hpcmm import figures
from hpcmm.errors import InputError
from hpcmm.foreign import read_bytes
from hpcmm.run.places import standing

MOST_BYTES = 2**24
"""Largest picture that is taken."""

PNG = b"\x89PNG\r\n\x1a\n"
"""First bytes of a picture."""


@dataclass(frozen=True)
class Picture:
    """A picture within the page.

    Attributes
    ----------
    name : str
    source : str
        "data:image/png;base64,..."
    lines : list of str
        What it shows, in numbers; how to draw it.
    """

    name: str
    source: str
    lines: list


def pictures_of(directory, kind):
    """Pictures of a run, and notes on those that could not be had.

    Its kind's own figure, and kappa against lag where the kind has it, are drawn from the products, so that they show
    what the tables say; others that stand in its folder ``figures`` are taken as they are.

    Parameters
    ----------
    directory : Path
    kind : hpcmm.run.kind.Kind

    Returns
    -------
    list of Picture, list of str
    """
    found, notes = [], []
    try:
        own = kind.figure_of([directory])
    except InputError as error:
        own, notes = None, [f"no figure: {error}"]
    for name in filter(None, (own, kind.lag_figure)):
        try:
            found += drawn(name, [directory])
        except InputError as error:
            notes.append(f"no figure {name}: {error}")
    known = {picture.name for picture in found}
    for pattern in (*(name for name in kind.files if name.endswith(".png")), *figures.files()):
        for path in standing(directory, pattern):
            if path.suffix == ".png" and path.name not in known and figures.WITH not in path.name:
                known.add(path.name)
                picture, note = _standing(path, directory, kind)
                found += [picture] if picture else []
                notes += [note] if note else []
    return found, notes


def drawn(name, directories):
    """Draw a figure of runs in a folder of its own; returns its pictures, the main one first.

    Raises
    ------
    InputError
        If it cannot be drawn of them.
    """
    with tempfile.TemporaryDirectory(prefix="hpcmm-") as folder:
        first = figures.draw(name, directories, Path(folder) / Path(figures.FIGURES[name].files[0]).name)
        paths = [first, *sorted(path for path in Path(folder).glob("*.png") if path != first)]
        lines = [*figures.report(name, directories)]
        command = f"hpcmm plot --figure {name} {' '.join(map(str, directories))}"
        return [picture_of(path, [*lines, f"drawn anew: {command}"]) for path in paths]


def _standing(path, directory, kind):
    """A picture that stands in the run directory; it may be older than the tables."""
    try:
        picture = picture_of(path, ["as it stands in the folder figures of the run"])
    except OSError as error:
        return None, f"{path}: not shown ({error.strerror})"
    tables = [found for name in kind.files if name.endswith(".ecsv") for found in standing(directory, name)]
    if any(os.stat(table).st_mtime > os.stat(path).st_mtime for table in tables):
        picture = replace(picture, lines=["as it stands there, OLDER than a table of the run: draw it again"])
    return picture, ""


def picture_of(path, lines):
    """Take a PNG file as a `Picture`, with lines below it; OSError if it is none."""
    raw = read_bytes(path, MOST_BYTES)
    if not raw.startswith(PNG):
        raise OSError(0, "is no PNG picture", str(path))
    return Picture(path.name, "data:image/png;base64," + base64.b64encode(raw).decode("ascii"), lines)
