"""The reference of the deck: it is current, whole, and true of the models."""

import re

import pytest

from hpcmm import kinds
from hpcmm.commands import keys
from hpcmm.deck import reference

EVERYTHING = keys.collected()


def test_every_key_of_every_model_is_there_and_has_a_meaning():
    """Counted from the models themselves; the example decks use no other."""
    for kind in kinds.KINDS:
        layout = kinds.layout(kind)
        shown = {model: {key.name for key in table.keys} for model, table in reference.tables(layout)}
        for name, field in layout.root.model_fields.items():
            section = layout.section(name)
            if section:
                assert shown[section] == set(section.model_fields) - reference.HIDDEN, (kind, name)
            elif name not in layout.blocks:
                assert field.annotation is str
        for models in layout.blocks.values():
            for section in models.values():
                assert shown[section] == set(section.model_fields) - reference.HIDDEN
    for table, of in EVERYTHING:
        for key in table.keys:
            assert len(key.meaning) > 5, (of, table.header, key.name)
            assert "\n" not in key.meaning
            assert "See `" not in key.meaning, "a reader of decks has no modules"


@pytest.mark.parametrize(
    ("header", "name", "unit", "default", "range_"),
    [
        ("[medium]", "B_rms", "uG", "required", "> 0"),
        ("[stepping]", "path_length", "pc", '"auto"', '> 0, or "auto"'),
        ("[stepping]", "resolution", "", "20.0", ">= 10, <= 1000"),
        ("[output]", "checkpoint_interval", "s", '"600.0 s"', "> 0"),
        ('[[scatter]] model = "micromirrors"', "kick", "", '"paper"', '"paper" or "transport" or "fork-constant"'),
        ('[[scatter]] model = "constant_rate"', "rate", "1/s", "required", "> 0"),
        ("[particle]", "energy", "GeV", "required", "1 to 10000 values, > 0"),
        ('[[field]] model = "field_file"', "allow_seams", "", "false", "true or false"),
        ("[effective_medium]", "kappa_patch", "cm2/s", "none", "> 0"),
    ],
)
def test_against_the_models_by_hand(header, name, unit, default, range_):
    table = next(table for table, _ in EVERYTHING if table.header == header)
    key = next(key for key in table.keys if key.name == name)
    assert (key.unit, key.default, key.range) == (unit, default, range_)


@pytest.mark.parametrize("word", [None, "stepping", "plane_waves", "field", "mhd", "dB_over_B", "[run]", "energy"])
def test_in_the_terminal(word, done):
    said = done("keys", *([word] if word else [])).stdout
    for table, of in EVERYTHING:
        if word is None or word in (*table.words, table.header, *of):
            assert re.search(re.escape(table.header), said)
    if word not in (None, "[run]"):
        assert "meaning" in said


def test_unknown_word(hpcmm):
    refused = hpcmm("keys", "steping")
    assert refused.returncode == 2
    assert "did you mean 'stepping'?" in refused.stderr
