"""What `hpcmm.open_run(DIR)` returns for a run on field lines."""

from hpcmm.kinds.field_lines.config import LAYOUT
from hpcmm.run.finished import TableRun


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

    def __init__(self, directory):
        super().__init__(directory, LAYOUT)
