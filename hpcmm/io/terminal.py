"""Printing for people: whole tables, readable energies and errors."""

import os
import sys

import numpy as np

from hpcmm.foreign import printable
from hpcmm.io.launcher import is_launched


def on_terminal(stream):
    """True if a person sees this stream on a terminal.

    Open MPI hands rank 0 a pseudo-terminal for stdout and a pipe for stderr, wherever its own output goes; so
    under mpirun the launcher itself is asked. Under a scheduler, whose daemons write to files, the answer is no.
    """
    if not is_launched():
        return stream.isatty()
    try:
        with open(f"/proc/{os.getppid()}/comm") as name:
            if name.read().strip() not in ("mpirun", "orterun", "prterun", "mpiexec", "mpiexec.hydra"):
                return False
        return os.readlink(f"/proc/{os.getppid()}/fd/{stream.fileno()}").startswith("/dev/pts/")
    except OSError:
        return False


def say(line):
    """Print a line of whatever text: what would control the terminal is shown as "?"."""
    print(printable(line), flush=True)


def tell(line):
    """Print a line of whatever text on standard error, as `say`."""
    print(printable(line), file=sys.stderr, flush=True)


def show(table):
    """Print a table whole: no column is cut, however narrow the terminal or unknown its width; cells are cleaned."""
    from rich.console import Console
    from rich.measure import Measurement

    class Plain(Console):
        """Every text of a table comes by here: title, head, cells."""

        def render_str(self, text, **how):
            return super().render_str(printable(text), **how)

    out = Plain(emoji=False, force_terminal=on_terminal(sys.stdout))
    out.width = max(out.width, Measurement.get(out, out.options.update(width=1000), table).maximum)
    out.print(table)


def add_columns(table, *names):
    """Add columns, right-justified."""
    from rich.markup import escape

    for name in names:
        table.add_column(escape(name), justify="right")  # else [pc] would be markup


def energy_text(gev):
    """Format an energy with the prefix that makes it readable: ``1.5 TeV``."""
    for factor, unit in ((1e9, "EeV"), (1e6, "PeV"), (1e3, "TeV"), (1.0, "GeV")):
        if gev >= factor * (1 - 1e-12):
            return f"{gev / factor:.4g} {unit}"
    return f"{gev * 1e3:.4g} MeV"


def with_error(value, error):
    """Format value and error with one exponent, three decimals: ``(6.713 ± 0.231)e30``."""
    if not (np.isfinite(value) and value != 0):
        return f"{value:.3g}"
    exponent = int(np.floor(np.log10(abs(value))))
    v, e = value / 10.0**exponent, error / 10.0**exponent
    return f"({v:.3f} ± {e:.3f})e{exponent}" if np.isfinite(error) else f"{v:.3f}e{exponent} ± ?"
