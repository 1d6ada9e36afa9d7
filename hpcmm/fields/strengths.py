"""Strengths of the field components of a deck: what they leave of B_rms, and the rule that they make it up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hpcmm.deck.section import SectionError
from hpcmm.fields.base import FieldSection
from hpcmm.fields.field_file import FieldFile
from hpcmm.fields.turbulent import TurbulentSection

SUM_TOLERANCE = 0.01
"""How closely the squares of the field components must sum to B_rms^2, relative."""


def square_left(B_rms: float, guide: Sequence[float], sections: Sequence[FieldSection]) -> float:
    """What is left of B_rms^2 by a guide field and the components whose strength is known [uG^2]."""
    squares = [component**2 for component in guide]
    for section in sections:
        if not _is_unread(section):
            squares += [(section.fluctuation or 0.0) ** 2, section.turning_mean**2]
    return B_rms**2 - math.fsum(squares)


def check(B_rms: float, sections: Sequence[FieldSection], left: float) -> None:
    """Refuse components whose squares do not sum to B_rms^2; at most one takes what the others leave.

    Parameters
    ----------
    B_rms : float
        [uG]
    sections : sequence of FieldSection
        The [[field]] blocks of a deck.
    left : float
        Their `square_left` [uG^2].

    Raises
    ------
    SectionError
    """
    open_ends = [
        place
        for place, section in enumerate(sections)
        if isinstance(section, (TurbulentSection, FieldFile)) and section.fluctuation is None and section.dB is None
    ]
    if len(open_ends) > 1:
        message = "two fields leave dB out; only one can take what is left of B_rms"
        raise SectionError(("field", open_ends[1], "dB"), message)
    whole = B_rms**2
    unread = [place for place, section in enumerate(sections) if _is_unread(section) and section.dB is not None]
    if unread and open_ends:
        message = "what a file leaves of B_rms is known when it is read: a dB of this component is expected"
        raise SectionError(("field", open_ends[0], "dB"), message)
    if unread:
        return
    if open_ends and left <= 1e-9 * whole:
        message = f"nothing is left of B_rms = {B_rms:g} uG for this component"
        raise SectionError(("field", open_ends[0], "dB"), message)
    if sections and not open_ends and abs(left) > SUM_TOLERANCE * whole:
        message = (
            f"the squares of the field components (dB, B) sum to {whole - left:.6g} uG^2, but B_rms^2 is "
            f"{whole:.6g} uG^2; they must agree within 1 %: correct one, or leave one dB out"
        )
        raise SectionError(("medium", "B_rms"), message)


def _is_unread(section) -> bool:
    """True if what a section adds to B_rms is known only when its file is read."""
    return isinstance(section, FieldFile) and not section.measured
