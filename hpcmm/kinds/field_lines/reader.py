"""What `hpcmm.open_run(DIR)` returns for a run on field lines."""

from hpcmm.io.table import Needs
from hpcmm.kinds.field_lines.config import LAYOUT
from hpcmm.run.finished import TableRun

_KAPPAS = ("kappa_par", "kappa_par_err", "kappa_trace", "kappa_trace_err", "cut_error")
_NUMBERS = ("slope", "slope_err", "lag_over_lambda", "displacement_over_l_c", "ended")
NEEDS = Needs(
    {"energy": "GeV", "r_g": "pc", "regime": "words", "converged": "flag"}
    | dict.fromkeys(_KAPPAS, "cm2 / s")
    | dict.fromkeys(_NUMBERS, "")
)
"""What tables need of kappa.ecsv."""


class FieldLinesRun(TableRun):
    """A finished run on field lines.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : Config
        The resolved deck.
    table : QTable
        kappa(E), as in kappa.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT, NEEDS = LAYOUT, NEEDS
