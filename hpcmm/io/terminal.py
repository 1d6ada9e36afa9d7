"""Printing for people: whole tables, readable energies and errors.

What is computed never depends on what can be shown. A letter that a terminal has no code for is replaced, a stream that
was closed leads nowhere, standard error that takes nothing is left alone. Standard output that takes nothing is
`Unshown`: the end of a command whose work is to show, a warning for one that has made something.
"""

import codecs
import contextlib
import io
import math
import os
import shutil
import sys

from hpcmm.foreign import printable
from hpcmm.io.launcher import is_launched

REPLACED = {"±": "+-", "…": "...", "×": "x"}
"""What stands for a letter where a terminal has no code for it; "?" for others."""


class Unshown(Exception):
    """Standard output takes nothing; the message says why."""


class Deaf:
    """A stream of which no write fails.

    Parameters
    ----------
    stream : file or None
    """

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        """Write the text, if it can be."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.write(text)
        return len(text)

    def flush(self):
        """Pass on what is held back, if it can be."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.flush()

    def __getattr__(self, name):
        return getattr(self._stream, name)


def open_streams():
    """Make sure that the three standard streams are there and take every letter; before any file is opened.

    A number that is free would be given to the next file, into which whatever prints would write.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    codecs.register_error("hpcmm.replace", _replace)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 as long as the process
        with contextlib.suppress(AttributeError):  # a stream in memory takes all
            getattr(sys, name).reconfigure(errors="hpcmm.replace")


def _replace(error):
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(REPLACED.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def settle_streams():
    """Drop what the standard streams hold back and cannot pass on: at its end Python would make a failure of it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            with contextlib.suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        except (ValueError, AttributeError):  # closed, or none
            pass


def _put(text):
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError) as error:
        raise Unshown(f"standard output takes nothing ({getattr(error, 'strerror', None) or error})") from error


def on_terminal(stream):
    """True if a person sees this stream on a terminal.

    Open MPI hands rank 0 a pseudo-terminal for stdout and a pipe for stderr, wherever its own output goes; so
    under mpirun the launcher itself is asked. Under a scheduler, whose daemons write to files, the answer is no.
    """
    if stream is None or stream.closed:
        return False
    if not is_launched():
        return stream.isatty()
    try:
        with open(f"/proc/{os.getppid()}/comm") as name:
            if name.read().strip() not in ("mpirun", "orterun", "prterun", "mpiexec", "mpiexec.hydra"):
                return False
        return os.readlink(f"/proc/{os.getppid()}/fd/{stream.fileno()}").startswith("/dev/pts/")
    except (OSError, ValueError):
        return False


def say(line):
    """Print a line of whatever text: what would control the terminal is shown as "?"."""
    _put(printable(line) + "\n")


def say_all(text):
    """Print lines, as `say`."""
    for line in text.split("\n"):
        say(line)


def tell(line):
    """Print a line of whatever text on standard error, as `say`, if it takes any."""
    print(printable(line), file=Deaf(sys.stderr), flush=True)


def show(table, width=None):
    """Print a table whole: no column is cut, however narrow the terminal or unknown its width; cells are cleaned.

    Parameters
    ----------
    table : rich.table.Table
    width : int, optional
        Number of letters in which it is folded instead.
    """
    from rich.console import Console
    from rich.measure import Measurement

    class Plain(Console):
        """Every text of a table comes by here: title, head, cells."""

        def render_str(self, text, **how):
            return super().render_str(printable(text), **how)

    class Text(io.StringIO):
        encoding = sys.stdout.encoding  # by which lines are drawn

    text = Text()
    out = Plain(file=text, emoji=False, force_terminal=on_terminal(sys.stdout))
    out.width = width or max(out.width, Measurement.get(out, out.options.update(width=1000), table).maximum)
    out.print(table)
    _put(text.getvalue())


def width():
    """Letters of a line of the terminal; 120 where there is none."""
    return shutil.get_terminal_size((120, 40)).columns


def add_columns(table, *names):
    """Add columns, right-justified."""
    from rich.markup import escape

    for name in names:
        table.add_column(escape(name), justify="right")  # else [pc] would be markup


def energy_text(gev):
    """Format an energy with the prefix that makes it readable: ``1.5 TeV``."""
    for factor, unit in (
        (1e12, "ZeV"),
        (1e9, "EeV"),
        (1e6, "PeV"),
        (1e3, "TeV"),
        (1.0, "GeV"),
        (1e-3, "MeV"),
        (1e-6, "keV"),
    ):
        if gev >= factor * (1 - 1e-12):
            return f"{gev / factor:.4g} {unit}"
    return f"{gev * 1e9:.4g} eV"


def energies_text(gevs):
    """Format energies, or where they are many the first and the last: ``1 GeV to 1 TeV``."""
    texts = [energy_text(gev) for gev in sorted(gevs)]
    return ", ".join(texts) if len(texts) < 4 else f"{texts[0]} to {texts[-1]}"


def with_error(value, error):
    """Format value and error with one exponent, three decimals: ``(6.713 ± 0.231)e30``."""
    if not (math.isfinite(value) and value != 0):
        return f"{value:.3g}"
    exponent = math.floor(math.log10(abs(value)))
    v, e = value / 10.0**exponent, error / 10.0**exponent
    return f"({v:.3f} ± {e:.3f})e{exponent}" if math.isfinite(error) else f"{v:.3f}e{exponent} ± ?"
