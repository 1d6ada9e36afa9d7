"""Writes history.ecsv and micromirrors.ecsv of a hybrid_pic run."""

import json
import os

import numpy as np

from hpcmm.io.table import made_by, write_table
from hpcmm.kinds.hybrid_pic import history, structure


def write(directory, config, state, attributes):
    """Write the tables, each whole at any moment; root alone."""
    tables = {"history.ecsv": (state.history, history.COLUMNS)}
    if state.structure:
        tables["micromirrors.ecsv"] = (state.structure, structure.COLUMNS)
    for name, (rows, columns) in tables.items():
        write_table(os.path.join(directory, name), table_of(rows, columns, config, state, attributes))


def table_of(rows, columns, config, state, attributes):
    """Make a table of rows, columns a dict of name and meaning."""
    from astropy.table import QTable

    rows = np.array(rows)
    table = QTable({name: rows[:, i] for i, name in enumerate(columns)})
    table.meta = {"title": config.title, "kind": config.run.kind, "steps": int(state.clock[0]), **columns}
    table.meta |= {"config": json.dumps(config.plain())} | made_by(attributes)
    return table
