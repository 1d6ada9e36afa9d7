"""Writes history.ecsv, spectra.h5 and microphysics.ecsv of an MHD run."""

import json
import os
from pathlib import Path

import numpy as np

from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.table import Needs, made_by, write_table
from hpcmm.io.whole_file import replacing
from hpcmm.kinds.mhd.diagnostics import HISTORY, SPECTRA
from hpcmm.kinds.mhd.microphysics import COLUMNS

NEEDS = Needs(dict.fromkeys(HISTORY, ""))
NEEDS_OF_PATCHES = Needs(dict.fromkeys(COLUMNS, ""))
"""What readers need of history.ecsv and microphysics.ecsv."""

DATASETS = {
    "time": "[time]; Alfven units, as all",
    "k": "[shell]; k - 1/2 <= |k| < k + 1/2",
    "E_u": "[time, shell]; energy of the flow in the shell",
    "E_b": "[time, shell]; energy of the magnetic field",
    "H_M": "[time, shell]; magnetic helicity",
    "H_K": "[time, shell]; kinetic helicity",
}
"""Dataset of spectra.h5 -> its meaning."""


def write(directory, config, state, attributes):
    """Write the files, each whole at any moment; root alone.

    Parameters
    ----------
    directory : path
    config : MhdConfig
    state : MhdState
        Of the root, at the end of the run.
    attributes : dict
        Provenance.
    """
    rows = np.array(state.spectra)
    shells = (rows.shape[1] - 1) // len(SPECTRA)
    made = {"time": rows[:, 0], "k": np.arange(shells, dtype=float)}
    made |= dict(zip(SPECTRA, rows[:, 1:].reshape(len(rows), len(SPECTRA), shells).transpose(1, 0, 2), strict=True))
    with replacing(Path(directory) / "spectra.h5") as part:
        reserve(part, 2**16 + sum(values.nbytes for values in made.values()))
        with writing(part) as file:
            for name, meaning in DATASETS.items():
                file.create_dataset(name, data=made[name]).attrs["meaning"] = meaning
            for name, value in attributes.items():
                file.attrs[name] = value
    tables = {"history.ecsv": (state.history, HISTORY)}
    if config.microphysics and state.microphysics:
        tables["microphysics.ecsv"] = (state.microphysics, COLUMNS)
    for name, (rows, columns) in tables.items():
        write_table(os.path.join(directory, name), table_of(rows, columns, config, state, attributes))


def table_of(rows, columns, config, state, attributes):
    """Make a table of rows, columns a dict of name and meaning."""
    from astropy.table import QTable

    rows = np.array(rows)
    table = QTable({name: rows[:, i] for i, name in enumerate(columns)})
    table.meta = {"title": config.title, "kind": config.run.kind, "steps": state.steps, **columns}
    table.meta |= {"config": json.dumps(config.plain())} | made_by(attributes)
    return table
