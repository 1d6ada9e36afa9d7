"""Whatever happens to a deck, it is valid or refused: nothing else may come of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hpcmm.deck.load import DeckError, load_deck
from hpcmm.kinds import read_config
from hpcmm.kinds.transport.config import Config
from tests.deck.good_deck import GOOD

JUNK = [
    *('"', "[", "]", "=", "0", "-", "nan", "\n", "[[field]]\n", "true", "{ }", "[[1]]", '"1 kpc"', "9" * 400),
    *('"auto"', "1e999", "[]", '["a"]', "1979-05-27", '{ min = "1 GeV" }', '"3 uG / 0"', "é", "\x1b", '""'),
]


@st.composite
def mutated(draw):
    """GOOD with values swapped, lines dropped, doubled or moved, and junk put in."""
    text = GOOD
    for _ in range(draw(st.integers(1, 3))):
        lines = text.split("\n")
        here = draw(st.integers(0, len(lines) - 1))
        action = draw(st.sampled_from(["drop", "double", "move", "value", "insert"]))
        if action == "drop":
            del lines[here]
        elif action == "double":
            lines.insert(here, lines[here])
        elif action == "move":
            lines.insert(draw(st.integers(0, len(lines))), lines.pop(here))
        elif action == "value" and "=" in lines[here]:
            donors = [line.split("=", 1)[1] for line in GOOD.split("\n") if "=" in line]
            lines[here] = lines[here].split("=")[0] + "= " + draw(st.sampled_from(JUNK + donors))
        else:
            place = draw(st.integers(0, len(lines[here])))
            lines[here] = lines[here][:place] + draw(st.sampled_from(JUNK)) + lines[here][place:]
        text = "\n".join(lines)
    return text


def config_or_refusal(load):
    try:
        return read_config(load())
    except DeckError as error:
        return error


REFUSED = set()


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(mutated())
def check_mutated(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "mutated.toml"
    path.write_bytes(text.encode())
    result = config_or_refusal(lambda: load_deck(path))
    if isinstance(result, DeckError):
        assert len(str(result).splitlines()) == 1
        assert str(result).startswith(str(path))
        REFUSED.add(text)
    else:
        assert Config.from_plain(result.plain()) == result


def test_a_thousand_bad_decks_are_refused_in_a_line_each(tmp_path_factory):
    check_mutated(tmp_path_factory)
    assert len(REFUSED) > 1000


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.data())
def test_data_of_any_shape_are_valid_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "good.toml"
    path.write_text(GOOD)
    deck = load_deck(path)
    leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
    text = st.text(max_size=3)
    anything = st.recursive(
        leaf, lambda x: st.lists(x, max_size=3) | st.dictionaries(text, x, max_size=3), max_leaves=6
    )
    table = data.draw(st.sampled_from(sorted(deck.data)))
    where = deck.data[table]
    if isinstance(where, str) or data.draw(st.booleans()):
        where = deck.data
    else:
        where = data.draw(st.sampled_from(where)) if isinstance(where, list) else where
        table = data.draw(st.sampled_from(sorted(where)))
    where[table] = data.draw(anything)
    result = config_or_refusal(lambda: deck)
    assert isinstance(result, Config) or len(str(result).splitlines()) == 1
