"""What `hpcmm.open_run(DIR)` returns for a Faraday run."""

from hpcmm.io.table import Needs
from hpcmm.kinds.faraday.config import LAYOUT
from hpcmm.run.finished import TableRun

_RM = ("sigma_RM", "sigma_RM_err", "sigma_RM_analytic", "RM_uniform")
_NUMBERS = ("depolarization", "depolarization_err", "depolarization_analytic", "lost", "lost_err", "lost_analytic")
NEEDS = Needs(
    {"frequency": "MHz", "wavelength": "m", "chi_rms": "rad"}
    | dict.fromkeys(_RM, "rad / m2")
    | dict.fromkeys((*_NUMBERS, "depolarization_inside", "f_mm_seen"), ""),
    {"sigma_RM_constant": "rad / m2"},
    ("f_mm", "sensitivity"),
)
"""What tables need of faraday.ecsv."""


class FaradayRun(TableRun):
    """A finished Faraday run.

    Parameters
    ----------
    directory : path

    Attributes
    ----------
    config : Config
        The resolved deck.
    table : QTable
        A row a frequency, as in faraday.ecsv.

    Raises
    ------
    InputError, DeckError
        If the directory holds no finished run.
    """

    LAYOUT, TABLE, NEEDS = LAYOUT, "faraday.ecsv", NEEDS
