"""The keys of decks as their models have them: table, key, unit, default, range, meaning.

What a key means is said where it is declared: in a string below it, or among the "Attributes" of its section's
docstring.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hpcmm.deck.messages import Layout, Model
from hpcmm.deck.toml_text import write_value
from hpcmm.deck.units import Measure, to_text


@dataclass(frozen=True)
class Key:
    """A key of a table; all attributes are text for people."""

    name: str
    unit: str
    default: str
    range: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table of decks.

    Attributes
    ----------
    header : str
        As it is written: ``[run]``, ``[[field]] model = "uniform"``.
    words : tuple of str
        Names under which people look for it.
    about : str
        First paragraph of its section's docstring.
    keys : tuple of Key
    """

    header: str
    words: tuple[str, ...]
    about: str
    keys: tuple[Key, ...]


HIDDEN = {"measured"}
"""Keys that runs fill in, not people."""


def tables(layout: Layout) -> Iterator[tuple[Model, Table]]:
    """Yield the tables of one kind of deck, each with its model."""
    root = layout.root
    for name in root.model_fields:
        annotation = root.model_fields[name].annotation
        if (section := layout.section(name)) and get_origin(annotation) is not tuple:
            yield section, _table(section, f"[{name}]", (name,))
            for key in section.model_fields:
                if (name, key) in layout.inline:
                    inner = layout.inline[name, key]
                    yield inner, _table(inner, f"[{name}] {key} = {{ ... }}", (name, key))
        elif name in layout.blocks:
            for model, section in layout.blocks[name].items():
                yield section, _table(section, f'[[{name}]] model = "{model}"', (name, model))
        elif inside := _inside(annotation):
            for section in inside:
                model = section.model_fields["model"].default
                yield section, _table(section, f'[[{name}]] model = "{model}"', (name, model))
        else:
            yield root, Table("above all tables", (name,), "", (_key(root, name),))


def _inside(annotation):
    """Models in the annotation of a field: blocks of which there is one model alone."""
    return [kind for kind in _parts(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _table(section, header, words):
    about = " ".join(inspect.cleandoc(section.__doc__ or "").partition("\n\n")[0].split())
    keys = tuple(_key(section, name) for name in section.model_fields if name not in HIDDEN)
    return Table(header, words, about, keys)


def _key(section, name):
    info = section.model_fields[name]
    parts = list(_parts(info.annotation, info.metadata))
    measure = next((part for part in parts if isinstance(part, Measure)), None)
    unit = measure.kind.unit.replace("/ ", "1/").strip() if measure else ""
    return Key(name, unit, _default(info, measure), _range(parts, measure), meaning_of(section, name))


def _parts(annotation: Any, metadata=()) -> Iterator[Any]:
    """Everything that an annotation is made of."""
    yield from metadata
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from _parts(item.annotation, item.metadata)
    if get_origin(annotation) is Literal:
        yield annotation
        return
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
    for item in getattr(annotation, "__metadata__", ()):
        if isinstance(item, FieldInfo):
            yield from _parts(None, item.metadata)


def _default(info, measure):
    value = info.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "none"
    if measure and isinstance(value, float):
        return f'"{to_text(value, measure.kind)}"'
    return write_value(value)


_BOUNDS = (("ge", ">= {:g}"), ("gt", "> {:g}"), ("le", "<= {:g}"), ("lt", "< {:g}"))


def _range(parts, measure):
    words = []
    least = next((part.min_length for part in parts if getattr(part, "min_length", None)), 0)
    most = next((part.max_length for part in parts if getattr(part, "max_length", None)), 0)
    if most:
        words.append(f"{most} values" if least == most else f"{least} to {most} values")
    for part in parts:
        if get_origin(part) is Literal and not (measure and "auto" in get_args(part)):
            words.append(" or ".join(write_value(choice) for choice in get_args(part)))
        if part is bool:
            words.append("true or false")
        for name, text in _BOUNDS:
            if (bound := getattr(part, name, None)) is not None:
                words.append(text.format(bound))
    if measure:
        words.append(">= 0" if measure.zero else "> 0")
        words += ['or "auto"'] * measure.auto
    return ", ".join(dict.fromkeys(words))


def meaning_of(section: Model, name: str) -> str:
    """What a key means, in one line; "" where nobody says so."""
    for model in section.__mro__:
        if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel:
            found = _below(model).get(name) or _among_attributes(model).get(name)
            if found:
                return found
    return f"Name of the model, {write_value(section.model_fields[name].default)}." if name == "model" else ""


@cache
def _below(model):
    """Strings below the declarations of a class: key -> text."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0].body
    found = {}
    for item, after in itertools.pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(item, ast.AnnAssign) and is_text and isinstance(after.value.value, str):
            found[item.target.id] = " ".join(after.value.value.split())
    return found


@cache
def _among_attributes(model):
    """The section "Attributes" of a class's docstring: key -> text; keys that share one share it."""
    doc = inspect.cleandoc(model.__doc__ or "")
    _, _, attributes = doc.partition("Attributes\n----------\n")
    found, names = {}, []
    for line in attributes.split("\n"):
        if match := re.match(r"([\w, ]+?)(?: : .*)?$", line) if line and not line.startswith(" ") else None:
            names = [name.strip() for name in match[1].split(",")]
            found |= dict.fromkeys(names, "")
        elif line.startswith(" "):
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
        elif line:
            break
    return found
