"""`hpcmm keys`: every key of every deck, as the models have it; docs/deck.md is the same as Markdown."""

from hpcmm import kinds
from hpcmm.deck import reference
from hpcmm.deck.load import did_you_mean
from hpcmm.errors import InputError
from hpcmm.io import terminal
from hpcmm.io.terminal import say, say_all

HEAD = """# Keys of a deck

Written by `hpcmm keys --markdown` from the models that read decks; `hpcmm keys TABLE` shows a table of it in the
terminal, as `hpcmm keys stepping` or `hpcmm keys plane_waves`. A value with a unit stands in quotes, `"100 kpc"`, in
any unit of its kind; the unit below is the one that `resolved.toml` and tables have. "none": not given, with the
consequence that the meaning says.
"""

COLUMNS = ("key", "unit", "default", "range", "meaning")


def collected():
    """All tables of all kinds: list of (table, names of the kinds that have it), equal ones once."""
    found = {}
    for kind in kinds.KINDS:
        for model, table in reference.tables(kinds.layout(kind)):
            own = next((key for key in found if key[0] == table.header and found[key][0].keys == table.keys), None)
            found.setdefault(own or (table.header, model), (table, []))[1].append(kind)
    return list(found.values())


def show(word=None):
    """Print the tables of a name: a table, a model, a key, a kind of run; without one, their headers.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    everything = collected()
    if word is None:
        for table, of in everything:
            say(f"{table.header:45} {', '.join(of)}")
        say("hpcmm keys TABLE shows one: the word of a table, a model, a key or a kind")
        return
    chosen = [(table, of) for table, of in everything if word in (*table.words, table.header, *of)]
    chosen = chosen or [(t, of) for t, of in everything if word in (key.name for key in t.keys)]
    if not chosen:
        known = {w for table, of in everything for w in (*table.words, *of, *(key.name for key in table.keys))}
        raise InputError(f"hpcmm keys: no table, model, kind or key {word!r:.60}{did_you_mean(word, known)}")
    for table, of in chosen:
        terminal.show(_shown(table, of), width=terminal.width())


def _shown(table, of):
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=escape(f"{table.header}  ({', '.join(of)})"), caption=escape(table.about), show_lines=True)
    for name in COLUMNS:
        shown.add_column(name, overflow="fold")
    for key in table.keys:
        shown.add_row(*(escape(text) for text in _cells(key)))
    return shown


def _cells(key):
    return key.name, key.unit, key.default, key.range, key.meaning


def markdown():
    """Text of docs/deck.md."""
    lines = [HEAD]
    for table, of in collected():
        lines += [f"## `{table.header}`: {', '.join(of)}", ""]
        lines += [_plain(table.about), ""] if table.about else []
        lines += ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
        for key in table.keys:
            name, unit, *rest, meaning = _cells(key)
            cells = [
                f"`{name}`",
                unit,
                *(f"`{text}`" if text and text not in ("required", "none") else text for text in rest),
            ]
            lines.append("| " + " | ".join(_plain(cell) for cell in (*cells, meaning)) + " |")
        lines.append("")
    return "\n".join(lines)


def _plain(text):
    return text.replace("|", "\\|").replace("``", "`")


def show_markdown():
    """Print the text of docs/deck.md."""
    say_all(markdown().rstrip("\n"))
