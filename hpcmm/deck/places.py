"""Paths that people give, in decks, options and Python, as a shell would take them; expanded once, where they come in.

What comes after takes a path as it stands. Else one library would write to a home and another to a folder named "~".
"""

from __future__ import annotations

import os
import re

from hpcmm.errors import InputError

_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([^{}]*)\})", re.ASCII)


def expanded(path: str | os.PathLike) -> str:
    """Path with "~" at its start as a home, and "$NAME" and "${NAME}" as variables of the environment.

    Raises
    ------
    InputError
        If there is no such home or variable: a folder named like that is never meant.
    """
    text = os.path.expanduser(os.fspath(path))
    if text.startswith("~"):
        raise InputError(f"{text}: no home of {text.split('/')[0]!r} is known; a file of that name is ./{text}")

    def value(match):
        name = match[1] or match[2]
        if name not in os.environ:
            raise InputError(f"{text}: no variable {name!r} is set in the environment")
        return os.environ[name]

    return _VARIABLE.sub(value, text)
