"""Reads patches or kappa of a medium from HDF5 (`hpcmm.io.patch_file`), each rank its own cells."""

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.io import patch_file

NAMES = ("patch", "kappa")


def check(section):
    """Refuse a file that is not what the deck says; here nothing is read but names and shapes.

    Raises
    ------
    SectionError
    """
    try:
        patch_file.walk(section.file)
        name, shape = patch_file.of(section.file, lambda name, data: (name, data.shape), NAMES)
    except InputError as error:
        raise SectionError(("effective_medium", "file"), str(error)) from None
    if shape != section.grid:
        message = f"{list(section.grid)}, but '{name}' of {section.file} has the shape {list(shape)}: that is expected"
        raise SectionError(("effective_medium", "grid"), message)
    if name == "patch":
        for key in ("kappa_patch", "kappa_background"):
            if getattr(section, key) is None:
                message = f"'patch' of {section.file} needs the key {key}, which is missing"
                raise SectionError(("effective_medium", "file"), message)


def read(path, box):
    """Read name and values of the dataset in the cells of a box, and check the values.

    Parameters
    ----------
    path : str
    box : tuple of 3 (int, int)
        First cell along each axis, and the one after the last.

    Raises
    ------
    InputError
        If values are not 0 or 1, or no diffusion coefficients.
    """
    where, corner = tuple(slice(*cells) for cells in box), [start for start, _ in box]
    name, values = patch_file.of(path, lambda name, data: (name, data[where]), NAMES)
    if name == "patch":
        patch_file.demand_patches(path, values, corner)
    else:
        values = values.astype(float)
        good = (values >= 1e-60) & (values <= 1e60)  # false for nan
        expected = "a diffusion coefficient in cm2/s, from 1e-60 to 1e60, is expected"
        patch_file.demand(path, name, values, good, expected, corner)
    return name, values
