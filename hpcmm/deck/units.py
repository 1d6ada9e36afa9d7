"""Quantity strings of the deck to floats in fixed units, and back; the only importer of astropy.units.

| kind | base unit |
|---|---|
| length | pc |
| magnetic field | uG |
| energy | GeV |
| rate | 1/s |
| time | s |
| diffusion coefficient | cm2/s |
| number density | 1/cm3 |
| rigidity | GV |

astropy is imported inside the functions: a rank that gets its config by broadcast never pays for it.
Values in the base unit are taken as written, bit by bit; others are rounded to 15 digits after the
conversion, so that ``"1 TeV"`` and ``"1000 GeV"`` are one number.
"""

from __future__ import annotations

import difflib
import math
import re
import warnings
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, ValidationInfo


@dataclass(frozen=True)
class Kind:
    """A physical kind: its name, base unit, an example, and the spellings offered for a near miss."""

    noun: str
    unit: str
    example: str
    spellings: tuple[str, ...]
    largest: float = 1e30
    """Largest value in base units; its inverse is the smallest. Powers of values must not leave the range of floats."""


@dataclass(frozen=True)
class Measure:
    """Marks the annotation of a quantity: its kind, whether 0 and "auto" are allowed."""

    kind: Kind
    zero: bool = False
    auto: bool = False


LENGTH = Kind("a length", "pc", "100 kpc", ("npc", "upc", "mpc", "pc", "kpc", "Mpc", "Gpc", "cm", "m", "km"))
MAGNETIC_FIELD = Kind("a magnetic field", "uG", "3 uG", ("nG", "uG", "mG", "G", "nT", "uT", "T"))
ENERGY = Kind("an energy", "GeV", "1 TeV", ("eV", "keV", "MeV", "GeV", "TeV", "PeV", "EeV", "J", "erg"))
RATE = Kind("a rate", "/ s", "1e-10 / s", ("/ s", "1/s", "s-1", "1/yr", "1/Myr", "Hz"))
TIME = Kind("a time", "s", "10 min", ("s", "min", "h", "d", "day", "yr", "kyr", "Myr", "Gyr"))
DIFFUSION = Kind(
    "a diffusion coefficient", "cm2/s", "1e29 cm2/s", ("cm2/s", "cm2 / s", "m2/s", "pc2/yr", "kpc2/Myr"), 1e60
)
DENSITY = Kind("a number density", "/ cm3", "1e-3 / cm3", ("/ cm3", "1/cm3", "cm-3", "/ m3", "1/m3", "m-3"))
SPEED = Kind("a speed", "km/s", "100 km/s", ("km/s", "km / s", "cm/s", "m/s"), 3e5)
RIGIDITY = Kind("a rigidity", "GV", "10 TV", ("V", "kV", "MV", "GV", "TV", "PV", "EV"))
KINDS = (LENGTH, MAGNETIC_FIELD, ENERGY, RATE, TIME, DIFFUSION, DENSITY, SPEED, RIGIDITY)

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf(inity)?)\b", re.IGNORECASE)
# A unit starts with a letter or a slash: "2 3 pc" or "2 -3 pc" must not be taken as products.
_UNIT = re.compile(r"(?:(?:1\s*)?/\s*)?[^\W\d_][\w\s*/^().+-]*")
_LONGEST = 80


def canonical(value: float, digits: int = 15) -> float:
    """Round to so many significant digits: equal values reached in different ways become the same float."""
    return float(f"{value:.{digits - 1}e}")


def to_text(value: float, kind: Kind) -> str:
    """Quantity string in the base unit; reading it gives the same float, bit by bit."""
    return f"{float(value)!r} {kind.unit}"


def quantity(array, unit: str):
    """Numbers with a unit, as an astropy Quantity.

    Parameters
    ----------
    array : array_like
        Numbers.
    unit : str
        Any unit astropy knows, e.g. ``"cm2 / s"``.

    Returns
    -------
    astropy.units.Quantity
    """
    from astropy import units

    return units.Quantity(array, unit)


def parse(text: Any, kind: Kind) -> float:
    """Read a quantity string.

    Parameters
    ----------
    text : str
        Number and unit, e.g. ``"100 kpc"``.
    kind : Kind
        Physical kind that is expected.

    Returns
    -------
    float
        The value in the kind's base unit.

    Raises
    ------
    ValueError
        If the text is no quantity of that kind; the message is one line that says what is expected.
    """
    expected = f'{kind.noun} in quotes is expected, e.g. "{kind.example}"'
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        raise ValueError(f"the bare number {_shown(text)} needs a unit: {expected}")
    if not isinstance(text, str):
        raise ValueError(f"{expected}, not {_shown(text)}")
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        why = "is not a finite number" if _NOT_FINITE.match(text) else "is not a number with a unit"
        raise ValueError(f"{_shown(text)} {why}: {expected}")
    value, unit = float(match[1]), match[2]
    if not unit:
        raise ValueError(f"{_shown(text)} needs a unit: {expected}")
    if unit != kind.unit:
        value = canonical(value * _factor(unit, kind))
    if not math.isfinite(value):
        raise ValueError(f"{_shown(text)} is not a finite number: {expected}")
    return value


def _factor(text: str, kind: Kind) -> float:
    """Convert one of the named unit into base units."""
    from astropy import units

    try:
        if not _UNIT.fullmatch(text):
            raise ValueError(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            unit = units.Unit(text)
        if not isinstance(unit, units.UnitBase):
            raise ValueError(text)
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise ValueError(f"unknown unit {_shown(text)}{_near(text, kind)}: {kind.noun} is expected") from None
    base = units.Unit(_astropy_name(kind))
    if not unit.is_equivalent(base):
        example = _near(text, kind) or f', e.g. "{kind.example}"'
        raise ValueError(f"'{text}' is {_dimension(unit)}, {kind.noun} is expected{example}")
    return float(unit.to(base))


def _dimension(unit) -> str:
    from astropy import units

    for kind in KINDS:
        if unit.is_equivalent(units.Unit(_astropy_name(kind))):
            return kind.noun
    name = str(unit.physical_type).split("/")[0]
    if name == "unknown":
        return "of another dimension"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if name != "dimensionless" else name


def _astropy_name(kind: Kind) -> str:
    return f"1{kind.unit}" if kind.unit.startswith("/") else kind.unit


def _near(text: str, kind: Kind) -> str:
    """`` (did you mean 'x'?)`` for a near miss of the kind's spellings, in letter case first, else the empty string."""
    same = [name for name in kind.spellings if name.lower() == text.lower() and name != text]
    near = same or difflib.get_close_matches(text, kind.spellings, n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def check_size(value: float, kind: Kind) -> None:
    """Refuse values, zero apart, so large or small that powers of them leave the range of floats.

    Raises
    ------
    ValueError
    """
    if value != 0.0 and not 1.0 / kind.largest <= abs(value) <= kind.largest:
        bounds = f"{1.0 / kind.largest:g} and {kind.largest:g} {kind.unit}"
        raise ValueError(f"{kind.noun} between {bounds} is expected, not {value:g}")


def _typed(kind: Kind, *, zero: bool = False, auto: bool = False):
    """Make the annotated type of a quantity: positive, with ``zero`` also 0, with ``auto`` also the word "auto"."""

    def validate(value: Any, info: ValidationInfo) -> float | str:
        if auto and value == "auto":
            return value
        if not (info.context or {}).get("plain"):
            try:
                value = parse(value, kind)
            except ValueError as error:
                raise ValueError(f'{error}; or "auto"' if auto else str(error)) from None
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{kind.noun} in {kind.unit} is expected, not {_shown(value)}")
        if value < 0.0 or (value == 0.0 and not zero):
            sign = "zero or more" if zero else "more than zero"
            raise ValueError(f'{kind.noun} of {sign} is expected, e.g. "{kind.example}", not {value:g}')
        check_size(value, kind)
        return abs(float(value))

    def serialize(value: Any, info) -> Any:
        return to_text(value, kind) if info.mode == "deck" and isinstance(value, float) else value

    base = float | Literal["auto"] if auto else float
    return Annotated[base, PlainValidator(validate), PlainSerializer(serialize), Measure(kind, zero, auto)]


Length = _typed(LENGTH)
"""Positive length [pc]."""
LengthOrZero = _typed(LENGTH, zero=True)
"""Length, zero included [pc]."""
LengthOrAuto = _typed(LENGTH, auto=True)
"""Positive length [pc] or "auto"."""
MagneticField = _typed(MAGNETIC_FIELD)
"""Positive magnetic field strength [uG]."""
Energy = _typed(ENERGY)
Rigidity = _typed(RIGIDITY)
"""Positive energy [GeV]."""
Rate = _typed(RATE)
"""Positive rate [1/s]."""
RateOrZero = _typed(RATE, zero=True)
"""Rate, zero included [1/s]."""
Time = _typed(TIME)
"""Positive time [s]."""
TimeOrAuto = _typed(TIME, auto=True)
"""Positive time [s] or "auto"."""
Density = _typed(DENSITY)
"""Positive number density [1/cm3]."""
Diffusion = _typed(DIFFUSION)
"""Positive diffusion coefficient [cm2/s]."""
