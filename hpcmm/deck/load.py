"""Deck text to plain data: files, ``--set`` overrides, line numbers for messages. No physics.

A deck is TOML. ``tomllib`` gives no line numbers for good values, so `hpcmm.deck.toml_text` scans the
text for table headers and keys; what the scan cannot see (inline tables) falls back to the nearest
enclosing line.
"""

from __future__ import annotations

import difflib
import errno
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hpcmm.deck.toml_text import KeyPath, scan_lines
from hpcmm.errors import InputError
from hpcmm.foreign import printable, read_bytes

MAX_BYTES = 1_000_000
"""Largest deck read [bytes]: more is another file given by mistake."""

DEEPEST = 30
"""Most names that a dotted key may have: Python's reader takes a time and a memory that grow with their square."""

_DOTS = re.compile(rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST}}}""")

_HEXADECIMAL = re.compile("0[xob]_?[0-9a-fA-F_]{1000}")
"""A number that Python reads whatever its length, but would not write."""

_QUOTES = 'text, and a value with a unit, stands in quotes, e.g. "100 kpc"'
_SYNTAX = (
    ("Expected newline or end of document after a statement", f"not valid TOML after the value ({_QUOTES})"),
    ("Invalid value", f"not a valid TOML value ({_QUOTES})"),
    ("Cannot overwrite a value", "given twice; keep one"),
    ("Cannot declare", "this table is given twice, or as [..] and [[..]]; keep one"),
    ("Expected '=' after a key", "'key = value' is expected"),
    ("Exceeds the limit", "a number has too many digits"),
    ("Unclosed array", "a list is not closed: ']' is expected"),
)


class DeckError(InputError, ValueError):
    """A fault in the user's deck, described in one line.

    Parameters
    ----------
    message : str
        What is wrong and what is expected.
    file : str or Path, optional
        Name of the deck as the user gave it.
    line : int, optional
        Line number, from 1.
    key : str, optional
        Key as the user writes it, e.g. ``field[0].l_max``.
    origin : str, optional
        Place of the fault when it is not the file, e.g. ``--set``.
    """

    def __init__(self, message, file=None, line=None, key=None, origin=None):
        # Every argument goes to the base class, so that the error survives pickling between ranks.
        file = None if file is None else str(file)
        super().__init__(message, file, line, key, origin)
        self.file = file
        self.message = " ".join(message.split())
        self.line = line
        self.key = key
        self.origin = origin

    def __str__(self):
        place = self.file or ""
        if self.line and not self.origin:
            place += f":{self.line}"
        key = f"key '{self.key}'" if self.key else ""
        return printable(" ".join(": ".join(part for part in (place, self.origin, key, self.message) if part).split()))


@dataclass(frozen=True)
class Deck:
    """A deck as read: the text as given and its data with the overrides applied.

    Attributes
    ----------
    path : Path
        File of the deck.
    raw : bytes
        The file as given.
    text : str
        Its text, without a byte order mark.
    data : dict
        Plain data, with the overrides.
    overrides : tuple of tuple
        Key paths set by ``--set``.
    lines : Mapping
        Line of every table and key the scan found.
    """

    path: Path
    raw: bytes
    text: str
    data: dict
    overrides: tuple[KeyPath, ...] = ()
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def line_of(self, keypath: KeyPath) -> int | None:
        """Line of a key, else of the nearest table around it, else None."""
        for end in range(len(keypath), 0, -1):
            if keypath[:end] in self.lines:
                return self.lines[keypath[:end]]
        return None

    def error(self, keypath: KeyPath, message: str) -> DeckError:
        """Error that names file, line (or ``--set``) and key."""
        set_here = any(keypath[: len(path)] == path for path in self.overrides)
        inside = keypath not in self.lines and any(path[: len(keypath)] == keypath for path in self.overrides)
        origin = "--set" if keypath and (set_here or inside) else None
        return DeckError(message, self.path, self.line_of(keypath), dotted(keypath) or None, origin)


def dotted(keypath: KeyPath) -> str:
    """Key path as a user writes it: ``field[0].l_max``."""
    text = ""
    for part in keypath:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for a near miss, else the empty string."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean '{by_lower[near[0]]}'?)" if near else ""


def load_deck(path: str | Path, overrides: Iterable[str] = ()) -> Deck:
    """Read a deck and apply the ``--set a.b=value`` strings.

    Parameters
    ----------
    path : str or Path
        The TOML file.
    overrides : iterable of str
        ``a.b=value``; the value is read as TOML, or taken as text where it is none (``medium.l_c=50 kpc``);
        blocks of a list are named by number (``field.0.modes=512``).

    Returns
    -------
    Deck

    Raises
    ------
    DeckError
        Whatever is wrong with the file, its text or an override.
    """
    path = Path(path)
    raw = read_raw(path)
    text = text_of(path, raw)
    if deep := _DOTS.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise DeckError(f"a key of more than {DEEPEST} names: not a deck", path, line)
    lines, owners = scan_lines(text)
    try:
        data = tomllib.loads(text)
        if _HEXADECIMAL.search(text):
            repr(data)  # which fails where a message that quotes a number would
    except RecursionError:
        raise DeckError("lists or tables are nested too deeply", path) from None
    except ValueError as error:
        raise _syntax_error(path, text, owners, str(error)) from None
    if not data:
        raise DeckError("the deck is empty; tables such as [run], [medium] and [particle] are expected", path)
    paths = tuple(_override(path, data, item) for item in overrides)
    return Deck(path, raw, text, data, paths, lines)


def read_raw(path: Path) -> bytes:
    """Bytes of a deck, whatever they say; DeckError where it is no plain file of a deck's size."""
    try:
        return read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        try:
            beside = [item.name for item in path.parent.iterdir() if item.suffix == ".toml"]
        except OSError:
            beside = []
        raise DeckError("no such file" + did_you_mean(path.name, beside), path) from None
    except IsADirectoryError:
        raise DeckError("is a directory; a deck (a .toml file) is expected", path) from None
    except PermissionError:
        raise DeckError("no permission to read this file", path) from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise DeckError(f"is larger than {MAX_BYTES // 1000} kB: not a deck", path) from None
        raise DeckError(f"cannot be read: {error.strerror}", path) from None


def text_of(path: Path, raw: bytes) -> str:
    """Text of the bytes of a deck, without a byte order mark; DeckError where they are no text."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} is not UTF-8 text; save the deck as UTF-8"
        raise DeckError(message, path, line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DeckError("holds a NUL byte: a text file is expected", path, line)
    return text


def _syntax_error(path: Path, text: str, owners: Mapping[int, KeyPath], message: str) -> DeckError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    at_end = "end of document" in message
    line = int(found[1]) if found else len(text.rstrip().split("\n")) if at_end else None
    what = next((words for start, words in _SYNTAX if message.startswith(start)), None)
    if what is None:
        what = "not valid TOML: " + re.sub(r"\s*\(at [^()]*\)$", "", message)
    column = f" (column {found[2]})" if found else " (end of the file)" if at_end else ""
    return DeckError(what + column, path, line, dotted(owners.get(line, ())) or None)


def _override(file: Path, data: dict, item: str) -> KeyPath:
    """Apply one ``a.b=value`` to the data; return the key path it sets."""
    key, equals, value = (part.strip() for part in item.partition("="))
    # field[0].modes, as messages write it, is taken as well as field.0.modes
    parts = [part.strip() for part in key.replace("[", ".").replace("]", "").split(".")]

    def error(message):
        return DeckError(message, file, key=key or None, origin="--set")

    if not equals or not all(parts) or not item.isprintable():
        raise error(f"{item!r} is malformed; 'table.key=value' is expected, e.g. medium.l_c=\"50 kpc\"")
    here, done = data, []
    if len(parts) > DEEPEST:
        raise DeckError(f"a key of more than {DEEPEST} names", file, origin="--set")
    for number, part in enumerate(parts):
        if isinstance(here, list):
            if not re.fullmatch(r"[0-9]{1,9}", part):
                raise error(f"'{dotted(tuple(done))}' is a list; name its entry by number, from 0")
            if int(part) >= len(here):
                raise error(f"'{dotted(tuple(done))}' has {len(here)} entries; there is no number {part}")
            part = int(part)
        elif not isinstance(here, dict):
            raise error(f"'{dotted(tuple(done))}' is a single value, not a table")
        done.append(part)
        if number == len(parts) - 1:
            here[part] = _override_value(value)
        else:
            here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
    return tuple(done)


def _override_value(text: str):
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text
