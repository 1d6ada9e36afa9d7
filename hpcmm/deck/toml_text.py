"""Two things that ``tomllib`` lacks: finding the line of each key, and writing TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""Path to a value: table and key names, and numbers of list entries."""

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')


def scan_lines(text: str) -> tuple[dict[KeyPath, int], dict[int, KeyPath]]:
    """Find the lines of tables and keys, without judging the text.

    Parameters
    ----------
    text : str
        TOML, valid or not.

    Returns
    -------
    lines : dict
        Key path -> line (from 1) of its first mention.
    owners : dict
        Line -> key path it belongs to; every line of a value that spans several lines has one.
    """
    lines: dict[KeyPath, int] = {}
    owners: dict[int, KeyPath] = {}
    last_block: dict[KeyPath, int] = {}
    table: KeyPath = ()
    current: KeyPath = ()
    quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if quote or depth > 0:
            quote, depth = _still_open(line, quote, depth)
            owners[number] = current
            continue
        if header := _HEADER.match(line):
            table = current = _table_path(_names(header[2]), header[1] == "[[", last_block)
        elif key := _KEY.match(line):
            current = (*table, *_names(key[1]))
            quote, depth = _still_open(line[key.end() :], "", 0)
        else:
            continue
        owners[number] = current
        for end in range(1, len(current) + 1):
            lines.setdefault(current[:end], number)
    return lines, owners


def write_toml(data: Mapping, within: str = "") -> str:
    """Write a dict of scalars, lists, tables and lists of tables as TOML; None is left out.

    ``within``: name of the table that the dict is, as headers of tables inside it begin.
    """
    scalars = {key: value for key, value in data.items() if value is not None and not _is_table(value)}
    parts = ["".join(f"{key} = {write_value(value)}\n" for key, value in scalars.items())]
    for key, value in data.items():
        if _is_table(value):
            name = f"{within}.{key}" if within else key
            head, blocks = (f"[{name}]", [value]) if isinstance(value, Mapping) else (f"[[{name}]]", value)
            parts += [f"{head}\n{write_toml(block, name)}" for block in blocks]
    return "\n".join(part for part in parts if part)


def _is_table(value) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], Mapping)


def write_value(value) -> str:
    """Write one value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but JSON leaves DEL alone.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    raise TypeError(f"a {type(value).__name__} cannot be written as TOML")


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(_NAME, dotted)]


def _table_path(names: list[str], is_block: bool, last_block: dict[KeyPath, int]) -> KeyPath:
    """Path of a header, where a [[block]] is followed by its number; counts the blocks."""
    path: KeyPath = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if is_block and place == len(names) - 1:
            last_block[path] = last_block.get(path, -1) + 1
        if path in last_block:
            path = (*path, last_block[path])
    return path


def _still_open(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Triple quote (or "") and number of brackets that are still open at the end of a line."""
    start = 0
    while True:
        if quote:
            end = line.find(quote, start)
            if end < 0:
                return quote, depth
            start, quote = end + len(quote), ""
        token = _TOKEN.search(line, start)
        if token is None or token[0].startswith("#"):
            return "", depth
        start = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
