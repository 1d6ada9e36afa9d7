"""Turns pydantic's errors into one line for the user: file, line, key and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hpcmm.deck.load import Deck, DeckError, did_you_mean, dotted
from hpcmm.deck.toml_text import KeyPath

Model = type[BaseModel]


@dataclass(frozen=True)
class Layout:
    """Which pydantic model validates which part of a deck.

    Attributes
    ----------
    root : type
        Model of the whole deck.
    blocks : Mapping
        For each list of blocks, such as ``field``, the models by name.
    inline : Mapping
        Models of tables that may stand for another value, by key path.
    """

    root: Model
    blocks: Mapping[str, Mapping[str, Model]]
    inline: Mapping[KeyPath, Model]

    def locate(self, loc: KeyPath) -> tuple[KeyPath, Model]:
        """Key path of a pydantic location, and the model that holds its last key."""
        if loc and loc[0] in self.blocks and len(loc) > 2:
            return (*loc[:2], *loc[3:]), self.blocks[loc[0]][loc[2]]
        if len(loc) > 2 and loc[:2] in self.inline and isinstance(loc[2], str):
            return loc, self.inline[loc[:2]]
        return loc, (self.section(loc[0]) or self.root) if len(loc) > 1 else self.root

    def section(self, name: str | int) -> Model | None:
        """Model of a table of the deck."""
        info = self.root.model_fields.get(name)
        annotation = info.annotation if info else None
        kinds = (annotation, *get_args(annotation))  # a table that may be missing is a union with None
        return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)

    def home_of(self, key: str) -> str:
        """Where a misplaced key belongs, in words; empty if nowhere."""
        tables = {name: self.section(name) for name in self.root.model_fields}
        homes = [f"[{name}]" for name, section in tables.items() if section and key in section.model_fields]
        homes += [
            f"[[{name}]] with model '{model}'"
            for name, models in self.blocks.items()
            for model, section in models.items()
            if key in section.model_fields
        ]
        return f"it belongs in {homes[0]}" if homes else ""


def explain(deck: Deck, error: ValidationError, layout: Layout) -> DeckError:
    """Turn a failed validation of a deck into the error shown to the user.

    Parameters
    ----------
    deck : Deck
        What was validated.
    error : pydantic.ValidationError
        What pydantic found.
    layout : Layout
        Which model validates which part of the deck.

    Returns
    -------
    DeckError
        The first fault in the order of the file, and how many more there are. Keys that are missing come
        last, since an unknown key is often the missing one mistyped.
    """
    details = error.errors(include_url=False)
    faults = []
    for detail in details:
        path, owner = layout.locate(detail["loc"])
        cause = detail.get("ctx", {}).get("error")
        path = (*path, *getattr(cause, "key", ()))
        if detail["type"].startswith("union_tag"):
            path = (*path, "model")
        missing = detail["type"] in ("missing", "union_tag_not_found")
        faults.append((missing, deck.line_of(path) or 0, path, _words(detail, path, owner, layout)))
    _, _, path, words = min(faults, key=lambda fault: fault[:2])
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return deck.error(path, words + more)


def _words(detail: ErrorDetails, path: KeyPath, owner: Model, layout: Layout) -> str:
    """Say what is wrong and what is expected."""
    type_, value, ctx = detail["type"], _shown(detail["input"]), detail.get("ctx", {})
    if type_ == "value_error":
        return str(ctx["error"])
    if type_ == "extra_forbidden":
        return _unknown_key(path, detail["input"], owner, layout)
    if type_ == "missing":
        return _missing_key(path, owner, layout)
    if type_.startswith("union_tag"):
        return _no_model(path, detail, layout)
    if type_ == "literal_error":
        choices = _choices(owner, path)
        near = did_you_mean(str(detail["input"]), choices)
        return f"{_quoted(choices, ' or ')} is expected, not {value}{near}"
    if type_ in ("model_type", "model_attributes_type", "dict_type"):
        return _no_table(path, detail["input"], layout)
    if type_ == "tuple_type":
        if path[0] in layout.blocks and isinstance(detail["input"], dict):
            return f"is a list of blocks: write [[{path[0]}]], in double brackets, not [{path[0]}]"
        return f"a list is expected, not {value}"
    template = _TEMPLATES.get(type_)
    return template.format(value=value, **ctx) if template else f"{detail['msg']}, not {value}"


_TEMPLATES = {
    "bool_type": "true or false is expected, not {value}",
    "int_type": "a whole number is expected, not {value}",
    "int_from_float": "a whole number is expected, not {value}",
    "float_type": "a number is expected, not {value}",
    "finite_number": "a finite number is expected, not {value}",
    "string_type": "a text in quotes is expected, not {value}",
    "string_too_short": "a text that is not empty is expected",
    "greater_than": "a number above {gt:g} is expected, not {value}",
    "greater_than_equal": "{ge} or more is expected, not {value}",
    "less_than": "a number below {lt:g} is expected, not {value}",
    "less_than_equal": "{le} or less is expected, not {value}",
    "too_short": "the list is empty; at least {min_length} is expected",
    "too_long": "the list is too long; at most {max_length} are expected",
}


def _unknown_key(path: KeyPath, value: Any, owner: Model, layout: Layout) -> str:
    name, known = str(path[-1]), list(owner.model_fields)
    what = "table" if owner is layout.root and (isinstance(value, dict) or _is_blocks(value)) else "key"
    home = layout.home_of(name)
    near = "" if home else did_you_mean(name, known)
    return f"unknown {what} '{name}'{near or '; ' + (home or 'known here: ' + ', '.join(known))}"


def _missing_key(path: KeyPath, owner: Model, layout: Layout) -> str:
    info = owner.model_fields.get(path[-1])
    section = layout.section(path[-1]) if owner is layout.root else None
    if section is not None:
        needed = [name for name, field in section.model_fields.items() if field.is_required()]
        return f"missing table: [{path[-1]}] with {', '.join(needed)} is expected"
    example = f", e.g. {path[-1]} = {info.examples[0]}" if info and info.examples else ""
    return f"missing key: '{path[-1]}' is expected{example}"


def _no_model(path: KeyPath, detail: ErrorDetails, layout: Layout) -> str:
    known = list(layout.blocks[path[0]])
    if detail["type"] == "union_tag_not_found":
        return f"missing key: 'model' is expected, {_quoted(known, ' or ')}"
    name = detail["input"].get("model") if isinstance(detail["input"], dict) else detail["input"]
    near = did_you_mean(str(name), known)
    return f"unknown model {_shown(name)}{near}; {_quoted(known, ' or ')} is expected"


def _no_table(path: KeyPath, value: Any, layout: Layout) -> str:
    if path[0] in layout.blocks:
        return f"a block is expected: write [[{path[0]}]] with 'model' and its keys, not {_shown(value)}"
    if _is_blocks(value):
        return f"is one table: write [{dotted(path)}], in single brackets, once"
    return f"a table is expected: write [{dotted(path)}] and its keys, not {_shown(value)}"


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _choices(owner: Model, path: KeyPath) -> list[str]:
    names = [part for part in path if isinstance(part, str)]
    return [str(choice) for choice in get_args(owner.model_fields[names[-1]].annotation)]


def _quoted(names, joint: str = ", ") -> str:
    return joint.join(f"'{name}'" for name in names)


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
