"""Quantity strings: what is read, what is refused, and that writing keeps every bit."""

import math
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hpcmm.deck.units import (
    ENERGY,
    KINDS,
    LENGTH,
    MAGNETIC_FIELD,
    RATE,
    TIME,
    Energy,
    Length,
    LengthOrAuto,
    LengthOrZero,
    parse,
    quantity,
    to_text,
)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("100 kpc", LENGTH, 1e5),
        ("100 npc", LENGTH, 1e-7),
        ("100npc", LENGTH, 1e-7),
        ("0 pc", LENGTH, 0.0),
        (" 1.5  Mpc ", LENGTH, 1.5e6),
        (".5 pc", LENGTH, 0.5),
        ("+5. pc", LENGTH, 5.0),
        ("3 uG", MAGNETIC_FIELD, 3.0),
        ("3 µG", MAGNETIC_FIELD, 3.0),
        ("0.3 nT", MAGNETIC_FIELD, 3.0),
        ("3e-6 G", MAGNETIC_FIELD, 3.0),
        ("3e-6 Gauss", MAGNETIC_FIELD, 3.0),
        ("1 TeV", ENERGY, 1000.0),
        ("10 EeV", ENERGY, 1e10),
        ("1e-10 / s", RATE, 1e-10),
        ("1e-10 s-1", RATE, 1e-10),
        ("1e-10/s", RATE, 1e-10),
        ("1e-10 1/s", RATE, 1e-10),
        ("2 Hz", RATE, 2.0),
        ("10 min", TIME, 600.0),
        ("24 h", TIME, 86400.0),
        ("3 Myr", TIME, 94672800000000.0),
    ],
)
def test_text_is_read_in_code_units(text, kind, value):
    assert parse(text, kind) == value


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (100, LENGTH, "100 needs a unit"),
        (1.5, LENGTH, "needs a unit"),
        (math.inf, LENGTH, "needs a unit"),
        ("100", LENGTH, 'needs a unit: a length in quotes is expected, e.g. "100 kpc"'),
        ("kpc", LENGTH, "not a number with a unit"),
        ("", LENGTH, "not a number with a unit"),
        ("nan pc", LENGTH, "not a finite number"),
        ("inf pc", LENGTH, "not a finite number"),
        ("-Infinity pc", LENGTH, "not a finite number"),
        ("1e999 pc", LENGTH, "not a finite number"),
        ("1e308 Gpc", LENGTH, "not a finite number"),
        ("1_000 pc", LENGTH, "unit"),
        ("1,5 pc", LENGTH, "unknown unit"),
        ("2 3 pc", LENGTH, "unknown unit"),
        ("2 -3 pc", LENGTH, "unknown unit"),
        ("2 * 3 pc", LENGTH, "unknown unit"),
        ("2 1 pc", LENGTH, "unknown unit"),
        ("1 kpx", LENGTH, "did you mean 'kpc'?"),
        ("1 KPC", LENGTH, "did you mean 'kpc'?"),
        ("1 parsecs", LENGTH, "unknown unit"),
        ("1 Tev", ENERGY, "did you mean 'TeV'?"),
        ("1 gev", ENERGY, "did you mean 'GeV'?"),
        ("3 ug", MAGNETIC_FIELD, "is a mass, a magnetic field is expected (did you mean 'uG'?)"),
        ("3 Gs", MAGNETIC_FIELD, "is a time, a magnetic field is expected"),
        ("1 TeV", LENGTH, "'TeV' is an energy, a length is expected"),
        ("1 kpc", ENERGY, "'kpc' is a length, an energy is expected"),
        ("1 Myr", RATE, "'Myr' is a time, a rate is expected"),
        ("1 K", ENERGY, "is a temperature"),
        ("1 pc2", LENGTH, "is an area"),
        ("1 pc(1/3)", LENGTH, "of another dimension"),
        ("1 %", LENGTH, "unknown unit"),
        ("1 rad", LENGTH, "is an angle"),
        ("1 mag(pc)", LENGTH, "unknown unit"),
        ("1 pc,", LENGTH, "unknown unit"),
        ("1 pc / 0", LENGTH, "unknown unit"),
        ("1 pc**99999999999", LENGTH, "a length is expected"),
        ("1 " + "pc " * 100, LENGTH, "a length in quotes is expected"),
        (True, LENGTH, "a length in quotes is expected"),
        (None, LENGTH, "a length in quotes is expected"),
        (["1 pc"], LENGTH, "a length in quotes is expected"),
        ({"value": 1}, LENGTH, "a length in quotes is expected"),
    ],
)
def test_text_without_the_expected_unit_is_refused(text, kind, words):
    with pytest.raises(ValueError, match="expected") as caught:
        parse(text, kind)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [("1 TeV", "1000 GeV", ENERGY), ("0.1 TeV", "100 GeV", ENERGY), ("0.3 PeV", "300 TeV", ENERGY),
     ("0.7 kpc", "700 pc", LENGTH), ("1.1 Mpc", "1100 kpc", LENGTH), ("1e-7 pc", "100 npc", LENGTH)],
)  # fmt: skip
def test_same_value_in_other_units_is_the_same_float(one, other, kind):
    assert parse(one, kind) == parse(other, kind)


@settings(derandomize=True, max_examples=300)
@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False), st.sampled_from(KINDS))
def test_writing_keeps_every_bit(value, kind):
    assert struct.pack("d", parse(to_text(value, kind), kind)) == struct.pack("d", value)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(max_size=12),
        st.text("0123456789.e+-/*()^ pckGeVTMuns", max_size=16),
        st.from_regex(r"\A[0-9]{1,3} [a-zA-Z/*^0-9() -]{1,10}\Z"),
    ),
    st.sampled_from(KINDS),
)
def test_any_text_is_read_or_refused(text, kind):
    try:
        result = parse(text, kind)
    except ValueError as error:
        result = str(error)
    assert "\n" not in result if isinstance(result, str) else math.isfinite(result)


def test_bounds_hold_and_auto_stays():
    assert TypeAdapter(LengthOrZero).validate_python("0 pc") == 0.0
    assert math.copysign(1, TypeAdapter(LengthOrZero).validate_python("-0 pc")) == 1.0
    assert TypeAdapter(LengthOrAuto).validate_python("auto") == "auto"
    for kind, text in [(Length, "0 pc"), (Length, "-1 pc"), (LengthOrZero, "-1 pc"), (LengthOrAuto, "0 pc")]:
        with pytest.raises(ValidationError, match="zero"):
            TypeAdapter(kind).validate_python(text)
    with pytest.raises(ValidationError, match='or "auto"'):
        TypeAdapter(LengthOrAuto).validate_python("automatic")
    with pytest.raises(ValidationError, match="a length in quotes is expected"):
        TypeAdapter(Length).validate_python("auto")


def test_plain_floats_are_taken_in_a_plain_context_only():
    adapter = TypeAdapter(Energy)
    value = 0.1 + 0.2
    assert adapter.validate_python(value, context={"plain": True}) == value
    for wrong in (math.nan, math.inf, "1 GeV", True, None, -1.0):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong, context={"plain": True})
    with pytest.raises(ValidationError):
        adapter.validate_python(value)


def test_quantity_carries_its_unit():
    value = quantity([1.0, 2.0], "kpc")
    assert value.to_value("pc").tolist() == [1000.0, 2000.0]


def test_import_and_base_units_do_not_load_astropy():
    code = (
        "import sys; from hpcmm.deck.units import LENGTH, parse; parse('5.0 pc', LENGTH);"
        "assert not any(name.split('.')[0] == 'astropy' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
