"""Base class of every section of a deck, a frozen and strict model, and the error for broken rules between keys.

Strict: a whole number is not written ``1.0`` or ``"1"``, and true is no number. Keys that are unknown,
and numbers that are not finite, are refused.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from hpcmm.deck.places import expanded
from hpcmm.errors import InputError


class SectionError(ValueError):
    """A rule between keys is broken; ``key`` is the path from the section to the key at fault."""

    def __init__(self, key: tuple[str | int, ...], message: str):
        super().__init__(message)
        self.key = key


def _expanded(text: str, info: ValidationInfo) -> str:
    if (info.context or {}).get("plain"):  # of a deck that was read before
        return text
    try:
        return expanded(text)
    except InputError as error:
        raise ValueError(str(error)) from None


Place = Annotated[str, Field(min_length=1), AfterValidator(_expanded)]
"""A path, as a shell would take it."""


class Section(BaseModel):
    """A table of the deck as a frozen model; dimensional values are floats in fixed units."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def plain(self) -> dict[str, Any]:
        """Dict of plain data that JSON can carry, dimensional values as floats."""
        return self.model_dump(mode="json")

    @classmethod
    def from_plain(cls, data: dict[str, Any]):
        """Rebuild from `plain`, without astropy.

        Raises
        ------
        pydantic.ValidationError
            If the data break a rule of the section.
        """
        return cls.model_validate(data, context={"plain": True})


def _listed(value):
    # Strict mode takes tuples alone, but TOML and JSON bring lists.
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(_listed)
"""Lets a tuple be written as a list."""
