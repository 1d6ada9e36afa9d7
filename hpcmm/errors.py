"""Exceptions that the command line turns into one line and an exit status."""

STOPPED = 75
"""Exit status of a run that stopped early with a checkpoint (EX_TEMPFAIL)."""


class InputError(Exception):
    """The user's input is at fault; the message is one line that names the place and the remedy. Exit status 2."""


class Stopped(Exception):
    """The run stopped early and a checkpoint holds it; the message says why and how to resume. Exit status 75."""


class Notice(UserWarning):
    """What a user should know though the command goes on, as of a product that was edited; one line."""
