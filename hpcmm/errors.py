"""The exception for what the user can mend; the command line turns it into one line and exit status 2."""


class InputError(Exception):
    """The user's input is at fault; the message is one line that names the place and the remedy."""
