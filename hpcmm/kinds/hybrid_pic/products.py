"""Writes history.ecsv, micromirrors.ecsv and spectra.h5 of a hybrid_pic run."""

import json
import os
from pathlib import Path

import numpy as np

from hpcmm.io.disk import reserve
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.table import made_by, write_table
from hpcmm.io.whole_file import replacing
from hpcmm.kinds.hybrid_pic import history, plan, spectra, structure


def names(config):
    """Files that `write` writes."""
    return ("history.ecsv", "micromirrors.ecsv", "spectra.h5") if config.output.snapshots else ("history.ecsv",)


def write(directory, config, state, attributes):
    """Write the tables, and spectra where there are snapshots, each whole at any moment; root alone.

    Parameters
    ----------
    directory : path
    config : HybridConfig
    state : HybridState
        Of the root, at the end of the run.
    attributes : dict
        Provenance.
    """
    tables = {"history.ecsv": (state.history, history.COLUMNS)}
    if state.structure:
        tables["micromirrors.ecsv"] = (state.structure, structure.COLUMNS)
        found = spectra.datasets_of(state.spectra, plan.box_of(config), plan.unit_of(config))
        with replacing(Path(directory) / "spectra.h5") as part:
            reserve(part, 2**16 + sum(values.nbytes for values in found.values()))
            with writing(part) as file:
                for name, meaning in spectra.DATASETS.items():
                    file.create_dataset(name, data=found[name]).attrs["meaning"] = meaning
                for name, value in attributes.items():
                    file.attrs[name] = value
    for name, (rows, columns) in tables.items():
        write_table(os.path.join(directory, name), table_of(rows, columns, config, state, attributes))


def table_of(rows, columns, config, state, attributes):
    """Make a table of rows, columns a dict of name and meaning."""
    from astropy.table import QTable

    rows = np.array(rows)
    table = QTable({name: rows[:, i] for i, name in enumerate(columns)})
    table.meta = {"title": config.title, "kind": config.run.kind, "steps": int(state.clock[0])}
    table.meta |= {"markers": plan.markers(config), "beta": config.plasma.beta, **columns}
    table.meta |= {"config": json.dumps(config.plain())} | made_by(attributes)
    return table
