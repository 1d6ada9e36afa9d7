"""Writes profiles.h5 and escape.ecsv of a cluster."""

import json
import math
import os
from pathlib import Path

import h5py
import numpy as np

from hpcmm.fields.profiles import profiles
from hpcmm.io.disk import reason, reserve
from hpcmm.io.hdf5 import is_parallel
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.table import made_by, write_table
from hpcmm.io.whole_file import part_of
from hpcmm.kinds.cluster import plan
from hpcmm.kinds.cluster.kappa import kappa, loss_rate
from hpcmm.kinds.cluster.state import COUNTS, SUMMARY
from hpcmm.parallel import collective
from hpcmm.theory import EV, GAUSS_MICRO, PARSEC, gyroradius

COUNT_NAMES = ("inside", "escaped", "lost")

DATASETS = {
    "energy": ("GeV", "of the cosmic rays"),
    "time": ("s", "[energy, time]; since the first were set free"),
    "radius": ("pc", "[shell]; middle of the shell"),
    "edge": ("pc", "[shell + 1]; borders of the shells"),
    "density": ("1 / pc3", "[energy, time, shell]; mean in the shell, of one particle set free over the duration"),
    "inside": ("1", "[energy, time]; share of all that are set free over the duration"),
    "escaped": ("1", "[energy, time]; likewise"),
    "lost": ("1", "[energy, time]; likewise"),
    "kappa": ("cm2 / s", "[energy, shell]"),
    "loss_rate": ("1 / s", "[energy, shell]"),
    "n_e": ("1 / cm3", "[shell]; electrons"),
    "B": ("uG", "[shell]"),
    "T": ("keV", "[shell]; ions"),
    "f_mm": ("1", "[shell]; filling fraction of micromirrors"),
    "l_mm": ("pc", "[shell]; their scale"),
    "plasma_beta": ("1", "[shell]; 8 pi n_e T / B^2"),
    "cube": ("1 / pc3", "[energy, x, y, z]; density at the end, the cube of side 2 radius around the centre"),
}
"""Dataset of profiles.h5 -> its unit and meaning."""

_MEANING = {
    "lifetime": "mean time until a particle has escaped or is lost, by the steady problem, whatever the duration",
    "lifetime_f0": "the same without micromirrors",
    "escape_probability": "share that escapes in the end; the others are lost",
    "half_time": "when half of a burst is left inside; nan: not within the duration, or no burst",
    "e_time": "when 1/e of it is left inside",
    "inside": "share of all set free, at the end of the duration; escaped, lost: likewise",
    "balance": "largest miss of inside + escaped + lost, in units of all set free",
    "kappa": "isotropic diffusion coefficient in the innermost and the outermost shell",
}


def write(comm, directory, config, state, attributes):
    """Collective: write both files, each whole at any moment.

    Parameters
    ----------
    comm : communicator
    directory : path
    config : ClusterConfig
    state : ClusterState
        State in which every energy is done.
    attributes : dict
        Provenance; only root's is used.
    """
    parts, made = comm.gather(state.done), None
    path = Path(directory) / "profiles.h5"
    part = part_of(path)
    if comm.rank == 0:
        done = {task: row for part in parts for task, row in part.items()}
        made = contents(config, np.array([done[task] for task in sorted(done)]))
    collective.on_root(comm, lambda: _lay_out(part, config, made, attributes))
    if plan.shared(config):
        _write_cubes(comm, part, config, state.cubes)
    collective.on_root(comm, lambda: os.replace(part, path))
    collective.on_root(comm, lambda: write_escape(directory, config, made, attributes))


def shapes(config):
    """Shape of each dataset of profiles.h5, as the deck has it."""
    energies, times, shells = len(config.particle.energy), config.cluster.samples, plan.shells_of(config)
    found = dict.fromkeys(DATASETS, (shells,))
    found |= {"energy": (energies,), "edge": (shells + 1,), "density": (energies, times, shells)}
    found |= dict.fromkeys(("time", *COUNT_NAMES), (energies, times))
    found |= dict.fromkeys(("kappa", "loss_rate"), (energies, shells))
    return found | {"cube": (energies, *3 * (config.cluster.cells,))}


def contents(config, rows):
    """Make datasets of profiles.h5 and columns of escape.ecsv from rows of the state.

    Parameters
    ----------
    config : ClusterConfig
    rows : array [energy, number]
        See `hpcmm.kinds.cluster.state`.

    Returns
    -------
    dict of array
    """
    section, energies = config.cluster, np.array(config.particle.energy)
    samples, shells, reach = section.samples, plan.shells_of(config), section.radius
    found = dict(zip(SUMMARY, rows.T, strict=False))
    first, last = len(SUMMARY), len(SUMMARY) + COUNTS * samples
    counts = rows[:, first:last].reshape(-1, samples, COUNTS)
    found |= {name: counts[:, :, i] for i, name in enumerate(COUNT_NAMES)}
    found["energy"] = energies
    found["time"] = found["duration"][:, None] * plan.sample_times(section)
    found["edge"] = reach * np.linspace(0.0, 1.0, shells + 1)
    found["radius"] = (found["edge"][1:] + found["edge"][:-1]) / 2
    found["density"] = rows[:, last:].reshape(-1, samples, shells) / volume(config)
    here = profiles(config.plasma, found["radius"])
    found |= {"n_e": here.n_e, "B": here.B / GAUSS_MICRO, "T": here.T / (1e3 * EV), "f_mm": here.f_mm}
    found |= {"l_mm": here.l_mm / PARSEC, "plasma_beta": here.plasma_beta}
    found["kappa"] = np.array([kappa(config, e, found["radius"]) for e in energies])
    found["loss_rate"] = np.array([loss_rate(config, e, found["radius"]) for e in energies])
    return found


def volume(config):
    """Volume of the whole domain [pc3]."""
    return config.cluster.radius**3 * (8.0 if plan.shared(config) else 4 / 3 * math.pi)


def _lay_out(part, config, made, attributes):
    """Write all of profiles.h5 but the values of the cubes, and reserve room for those."""
    shape = (len(config.particle.energy), *3 * (config.cluster.cells,)) if plan.shared(config) else ()
    reserve(part, 2**16 + 8 * (math.prod(shape) + sum(made[name].size for name in DATASETS if name in made)))
    with writing(part) as file:
        for name, (unit, meaning) in DATASETS.items():
            if name == "cube":
                if not shape:
                    continue
                data = file.create_dataset(name, shape, dtype="f8")
            else:
                data = file.create_dataset(name, data=made[name])
            data.attrs["units"], data.attrs["meaning"] = unit, meaning
        for name, value in attributes.items():
            file.attrs[name] = value


def _write_cubes(comm, part, config, cubes):
    """Collective: write the cubes, each rank a slab of planes of x, in order of rank."""
    cells, energies = config.cluster.cells, range(len(config.particle.energy))
    borders = [cells * rank // comm.size for rank in range(comm.size + 1)]
    start, stop = borders[comm.rank : comm.rank + 2]
    slabs = np.full((len(energies), stop - start, cells, cells), np.nan)
    for task in energies:
        place, density = cubes.get(task, (np.zeros(0, np.int64), np.zeros(0)))
        owner = np.searchsorted(borders, place // cells**2, side="right") - 1
        parts = [(place[owner == rank], density[owner == rank]) for rank in range(comm.size)]
        for where, values in comm.alltoall(parts):
            slabs[task].ravel()[where - start * cells**2] = values / volume(config)
    if is_parallel() and comm.size > 1:
        try:
            with h5py.File(part, "r+", driver="mpio", comm=comm) as file, file["cube"].collective:
                for task in energies:
                    file["cube"][task, start:stop] = slabs[task]
        except (OSError, RuntimeError, ValueError) as error:
            raise collective.AloneError(reason(error)) from error
        return
    gathered = comm.gather(slabs)
    collective.on_root(comm, lambda: _write_gathered(part, gathered))


def _write_gathered(part, slabs):
    with writing(part, "r+") as file:
        file["cube"][...] = np.concatenate(slabs, axis=1)


def escape_columns(config, made):
    """Columns of escape.ecsv and their units, from `contents`."""
    energies, B = made["energy"], GAUSS_MICRO * config.plasma.B_0
    columns = {"energy": (energies, "GeV")}
    columns["r_g"] = (gyroradius(energies * 1e9 * EV, B, config.particle.Z) / PARSEC, "pc")
    columns |= {"kappa_centre": (made["kappa"][:, 0], "cm2 / s"), "kappa_edge": (made["kappa"][:, -1], "cm2 / s")}
    columns |= {name: (made[name], "s") for name in ("duration", "lifetime", "lifetime_f0", "half_time", "e_time")}
    columns["escape_probability"] = (made["escape_probability"], None)
    columns |= {name: (made[name][:, -1], None) for name in COUNT_NAMES}
    columns |= {"steps": (made["steps"].astype(int), None), "balance": (made["balance"], None)}
    return columns


def write_escape(directory, config, made, attributes):
    """Write escape.ecsv, whole at any moment."""
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    table = QTable({
        name: column if unit is None else quantity(column, unit)
        for name, (column, unit) in escape_columns(config, made).items()
    })  # fmt: skip
    for name in ("duration", "lifetime", "lifetime_f0", "half_time", "e_time"):
        table[name] = table[name].to("Gyr")
    table.meta = {"title": config.title, "kind": config.run.kind, **_MEANING, "config": json.dumps(config.plain())}
    table.meta |= made_by(attributes)
    write_table(Path(directory) / "escape.ecsv", table)
