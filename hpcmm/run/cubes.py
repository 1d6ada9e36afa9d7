"""Fields from files, for kinds that have them: measured once on root, before anything is planned; read once a node."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from hpcmm.deck.section import SectionError
from hpcmm.errors import InputError
from hpcmm.fields.field_file import FieldFile
from hpcmm.io.field_files import open_cube
from hpcmm.io.field_files.cube import FieldFileError, Wanted, add_checksums
from hpcmm.io.field_files.examine import examine
from hpcmm.io.field_files.memory import available
from hpcmm.io.field_files.waves import Changes, Filter
from hpcmm.io.terminal import energies_text

FEW_CARRIERS = 20
"""Number of waves that carry the power below which kappa depends on the box (docs/physics.md 9.4)."""

MOST_LEFT = 0.05
"""Largest share of all power that is left of a field without its micromirrors."""

Config = Any
"""The model of a deck with [[field]] blocks."""


def completed(config: Config) -> Config:
    """The config with its files measured and what depends on that filled in; as it is where they are already.

    It has ``medium``, ``field``, ``from_file`` and ``square_left()``, as that of transport.

    Raises
    ------
    SectionError
        Where a file cannot be used, or has changed since it was measured.
    """
    plain = None
    for place, section in enumerate(config.field):
        if not isinstance(section, FieldFile):
            continue
        if section.measured and _agrees(section):
            _check_same(section, place)
            continue
        plain = plain or config.plain()
        left = math.sqrt(max(config.square_left(), 0.0))
        measured = []
        for number in range(len(section.file)):
            try:
                measured.append(_measured(section, number, config.medium, left))
            except FieldFileError as error:
                raise SectionError(("field", place, error.key), str(error)) from None
        filled = plain["field"][place]
        filled |= {"measured": measured, "boundary": section.boundary or "periodic"}
        if section.box is None and len(measured) == 1:
            filled["box"] = measured[0]["box"]
        if section.dB is None and len(measured) == 1:
            filled["dB"] = measured[0]["dB"]
    return config if plain is None else type(config).from_plain(plain)


def _agrees(section):
    """True if what was measured is still what the other keys ask for: a resolved deck may have been edited."""
    for m in section.measured:
        sides = not isinstance(section.box, tuple) or section.box == m.box
        strength = not isinstance(section.dB, float) or math.isclose(section.dB, m.dB, rel_tol=1e-9)
        uniform = not any(m.mean) if section.mean == "remove" else not any(m.less)
        if not (sides and strength and uniform):
            return False
    return len(section.measured) == len(section.file) and section.boundary is not None


def _check_same(section, place):
    """Refuse files that are no longer there, or of another length."""
    need, free = section.grid_bytes(None, 0.0), available()
    if need > free:
        message = f"its values need {need / 1e9:.3g} GB of memory, this node has {free / 1e9:.3g} GB"
        raise SectionError(("field", place, "file"), message)
    for name, m in zip(section.file, section.measured, strict=True):
        try:
            size = _size(name)
        except OSError as error:
            raise SectionError(("field", place, "file"), f"{name}: {error.strerror}") from None
        if size != m.bytes:
            message = f"{name}: is not the file that was measured, {size} bytes instead of {m.bytes}"
            raise SectionError(("field", place, "file"), message)


def _size(name):
    if os.path.exists(name):
        return os.path.getsize(name)
    from hpcmm.io.field_files.ramses import names

    return sum(Path(part).stat().st_size for part in names(name))


def _wanted(section, box=None):
    keys = ("layout", "dataset", "axes", "components", "values_at", "points")
    return Wanted(**{key: getattr(section, key) for key in keys}, box=box)


def _examined(section, number, keep=False):
    given = section.box if isinstance(section.box, tuple) else None
    kept = section.filter and Filter(section.filter.k_perp, section.filter.k_par, section.filter.keep == "outside", ())
    allow = {"allow_seams": section.allow_seams, "allow_divergence": section.allow_divergence}
    name, boundary = section.file[number], section.boundary
    return examine(name, _wanted(section, given), boundary, keep=keep, kept=kept, **allow)


def own_field(section: FieldFile, number: int):
    """Values of a measured file after its filter, B[x, y, z, component] in uG with its mean: what interpolation is of.

    Raises
    ------
    FieldFileError
    Changed
        If the file is not the one that was measured.
    """
    read = _examined(section, number, keep=True)
    if read.checksum != section.measured[number].checksum:
        raise Changed(f"{section.file[number]}: has changed since it was measured")
    return read.values.transpose(2, 1, 0, 3) * section.measured[number].unit


def _measured(section, number, medium, left):
    """Plain `Measured` of a file: its measures in pc and uG, as the field is flown."""
    name = section.file[number]
    given = section.box if isinstance(section.box, tuple) else None
    read = _examined(section, number)
    if read.cube.layout == "jhtdb" and read.cube.box is None and (given is None or section.boundary is None):
        key = "box" if given is None else "boundary"
        raise FieldFileError(name, f"a file of the old service does not say its place: {key} is expected", key)
    found = read.measures
    length = _length(section, name, read, medium)
    mean = found.mean if section.mean == "keep" else (0.0,) * 3
    less = (0.0,) * 3 if section.mean == "keep" else found.mean
    unit = _unit(section, name, read, mean, left)
    return {
        "points": list(read.cube.points),
        "box": [side * length for side in read.box],
        "first": [place * length for place in read.first],
        "unit": unit,
        "less": list(less),
        "mean": [value * unit for value in mean],
        "dB": found.dB * unit,
        "weakest": found.weakest * unit,
        "strongest": found.strongest * unit,
        "mean_strength": found.mean_strength * unit,
        "l_c": found.l_c * length,
        "k_90": found.k_90 / length,
        "divergence": found.divergence,
        "seam": found.seam,
        "layout": read.cube.layout,
        "bytes": _size(name),
        "checksum": read.checksum,
        "carriers": found.carriers,
        "left": read.left,
    }


def _length(section, name, read, medium):
    """Length [pc] of the unit in which the file was measured."""
    if isinstance(section.box, tuple):
        return 1.0
    if section.box == "file":
        unit = section.r_gi or read.cube.length_unit
        if not read.sized or unit is None:
            raise FieldFileError(name, "has no lengths with a unit: three sides are expected, or r_gi", "box")
        return unit
    if not read.sized and len({*read.cube.points}) > 1:
        raise FieldFileError(name, "does not say its sides, and is no cube: three are expected", "box")
    if not (math.isfinite(read.measures.l_c) and read.measures.l_c > 0):
        raise FieldFileError(name, "has no waves to set its size by l_c: three sides are expected", "box")
    return medium.l_c / read.measures.l_c


def _unit(section, name, read, mean, left):
    """Field strength [uG] of a value of 1 in the file."""
    found = read.measures
    if section.dB == "file":
        unit = section.B_0 or read.cube.field_unit
        if unit is None:
            raise FieldFileError(name, "has no field strength with a unit: dB is expected, or B_0", "dB")
        return unit
    if section.dB is None:
        return left / math.hypot(found.dB, *mean)
    if not found.dB > 0:
        raise FieldFileError(name, "is uniform: it has no fluctuations to scale to dB", "dB")
    return section.dB / found.dB


class Changed(InputError):
    """A file is not the one that was measured."""


def load(section: FieldFile, number: int, B_rms: float, allocate=np.empty, share=None):
    """Read a file into an array that processes share, in units of B_rms; collective where ``share`` is.

    Parameters
    ----------
    section : FieldFile
        Measured.
    number : int
        Which of its files.
    B_rms : float
        [uG]
    allocate, share
        As of `hpcmm.parallel.node.Node`; default: alone.

    Returns
    -------
    array (nz, ny, nx + 2, 3)
        As `cython_kernels.cube.CubeField` takes it.

    Raises
    ------
    Changed
        In all processes, if the file is not the one that was measured.
    """
    share = share or alone
    m, name = section.measured[number], section.file[number]
    box = section.box if isinstance(section.box, tuple) else None
    cube = open_cube(name, _wanted(section, box), 0)  # its memory was looked for when it was measured
    if cube.points != m.points:
        raise Changed(f"{name}: has changed since it was measured")
    values = allocate(section.shape(number), np.float32)
    words = allocate((len(cube.pieces),), np.int64)
    inner = values[:, :, 1:-1]

    failed = []

    def fill(i):
        try:
            with cube.open() as file:
                words[i] = cube.fill(inner, i, file, B_rms / m.unit, m.less)
        except Exception as error:  # raised below, as other processes wait for this one
            failed.append(error)
            words[i] = -1

    share(fill, len(cube.pieces))
    if failed:
        raise failed[0]
    if add_checksums(*map(int, words)) != m.checksum:
        raise Changed(f"{name}: has changed since it was measured")
    kept = section.filter
    along = m.mean if any(m.mean) else m.less  # of the file's own mean, though it may be removed
    changes = Changes(
        cube.stagger,
        solenoidal=section.interpolation == "solenoidal",
        compensate=section.compensate,
        filter=kept and Filter(kept.k_perp, kept.k_par, kept.keep == "outside", along),
    )
    if not changes.none:
        share(lambda component: changes.apply(inner, cube.box or cube.points, component), 3)
    planes = len(values)

    def seam(z):
        values[z, :, 0], values[z, :, -1] = values[z, :, -2], values[z, :, 1]

    share(seam, planes)
    return values


def alone(fill, count):
    """Fill all parts, as `hpcmm.parallel.node.Node.share` does among ranks."""
    for i in range(count):
        fill(i)


def lines(config: Config) -> list[str]:
    """What was measured of each file, a line each, for the plan and the log."""
    section, told = config.from_file, []
    for name, m in zip(section.file, section.measured, strict=True) if section else ():
        told.append(
            f"{name}: {m.layout}, {_three(m.points, 'd', ' x ')} values, box {_three(m.box)} pc, spacing "
            f"{_three([side / n for side, n in zip(m.box, m.points, strict=True)])} pc, first value at "
            f"{_three(m.first)} pc, boundary {section.boundary}"
        )
        told.append(
            f"{name}: mean {_three(m.mean)} uG, |<B>|/B_rms {m.mean_share:.3g}, dB {m.dB:.5g} uG, rms {m.rms:.5g} uG, "
            f"l_c {m.l_c:.5g} pc, k_90 {m.k_90:.4g} /pc, |B| {m.weakest:.3g} to {m.strongest:.4g} uG (mean "
            f"{m.mean_strength:.4g}), div B {m.divergence:.3f} of the gradient, seam {m.seam:.3g}"
            + ("" if m.carriers is None else f", waves that carry its power {m.carriers:.3g}")
        )
        if m.left is not None:
            told.append(f"{name}: {left_text(m.left)}")
    return told


def left_text(left) -> str:
    """Say what a filter leaves, `Measured.left`."""
    inside, outside, whole = map(_percent, left)
    return f"its filter leaves {inside} of the power within k_perp and k_par, {outside} of that beyond, {whole} of all"


def _percent(share):
    return "under 0.001 %" if share < 1e-5 else f"{100 * share:.3g} %"


def _three(values, how=".5g", joint=", "):
    return joint.join(format(v, how) for v in values)


def warnings(config: Config, plans) -> list[str]:
    """Warnings on fields from files: energies below the inertial range, errors of one field."""
    section = config.from_file
    if section is None:
        return []
    found = []
    low = [p for p in plans if any(p.gyroradius * m.k_90 < 1 for m in section.measured)]
    if low:
        energies = energies_text(p.energy for p in low)
        found.append(
            f"field_file: below the inertial range at {energies}: r_g k_90 < 1, so that 90 % of the field's energy "
            "is in waves longer than 2 pi r_g and kappa is that of the file's resolution (docs/physics.md 3.3)"
        )
    count = len(section.file)
    if count < config.run.realizations:
        fields = "one field only" if count == 1 else f"{count} fields only"
        found.append(
            f"field_file: {fields}: its {config.run.realizations} realizations are turns and shifts, and errors of "
            "kappa miss the scatter from field to field"
        )
    for name, m in zip(section.file, section.measured, strict=True):
        if section.is_guided and m.carriers is not None and m.carriers < FEW_CARRIERS:
            found.append(
                f"{name}: few waves carry the power, {m.carriers:.3g}; {FEW_CARRIERS} or more are wanted: kappa is "
                "that of this box (docs/physics.md 9.4)"
            )
        if m.left is not None and section.filter.keep == "outside" and m.left[2] > MOST_LEFT:
            found.append(
                f"{name}: its filter leaves {_percent(m.left[2])} of the power, more than {_percent(MOST_LEFT)}: waves "
                "reach beyond its k_perp and k_par (those of a plasma that contracts grow as its box shrinks)"
            )
    if section.boundary == "stop":
        found.append(
            "field_file: tracks end where they leave the box; kappa is that of particles that stayed, which is biased "
            "to short displacements (column ended)"
        )
    return found
