"""Join runs of one deck at different energies, as an array job makes them, into one run directory."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from hpcmm import figures, kinds
from hpcmm.deck.validate import resolved_toml
from hpcmm.errors import InputError
from hpcmm.io import hdf5, seal, tracks_file
from hpcmm.io.disk import refusing
from hpcmm.io.hdf5_writing import writing
from hpcmm.io.terminal import energy_text
from hpcmm.io.whole_file import replacing
from hpcmm.kinds.transport import moments_file, products
from hpcmm.kinds.transport.config import Config
from hpcmm.run import directory as run_directory
from hpcmm.run import status
from hpcmm.run.identity import difference, identity
from hpcmm.run.lock import is_held


def merge(directories, out, overwrite=False):
    """Write moments.h5, kappa.ecsv and the decks of all energies, rising, as one run at all of them would have.

    Returns
    -------
    Path
        The new run directory. It has no checkpoint: extend the parts, then merge again.

    Raises
    ------
    InputError
        If a run is not finished, differs from the first in more than its energies, or repeats one of them; if one is
        in progress, or is the new directory.
    """
    run_directory.refuse_among(out, directories)
    for directory in directories:
        if is_held(Path(directory)):
            raise InputError(f"{directory}: a run is in progress there; merge when it is finished")
        kind = kinds.name_in(directory)
        if kind != "transport":
            raise InputError(f"{directory}: hpcmm merge joins energies of runs of kind 'transport', not '{kind}'")
    paths = [Path(directory) / "moments.h5" for directory in directories]
    parts = [moments_file.read(path) for path in paths]
    for path, part in zip(paths, parts, strict=True):
        if part.lag_sums is None:
            raise InputError(f"{path}: was written by an earlier version, without lags; run it anew to merge it")
    configs = [products.config_of(part) for part in parts]
    origin = {}
    for path, config in zip(paths, configs, strict=True):
        other = difference(_without_energy(configs[0]), _without_energy(config))
        if other:
            raise InputError(f"{path}: {other[0]} is not that of {paths[0]}; parts of one deck are expected")
        for energy in config.particle.energy:
            if energy in origin:
                raise InputError(
                    f"{path}: {energy_text(energy)} is also in {origin[energy]}; every energy once is expected"
                )
            origin[energy] = path
    tracks = [tracks_file.read(path.with_name("tracks.h5")) for path in paths if configs[0].output.trajectories]
    plain = configs[0].plain()
    plain["particle"]["energy"] = sorted(origin)
    plain["output"]["directory"] = str(out)
    config = Config.from_plain(plain)
    products_of_all = kinds.product_files() + figures.files()
    lock = run_directory.open_new(
        out, parts[0].attributes["deck"].encode(), resolved_toml(config), overwrite, products_of_all, directories
    )
    try:
        out = Path(out)
        with refusing(out):
            with seal.sealing(out, "moments.h5"):
                _join(out, parts, paths, run_directory.decks(out, config.plain()))
            if tracks:
                with seal.sealing(out, "tracks.h5"):
                    _join_tracks(out, tracks)
            with seal.sealing(out, "kappa.ecsv"):
                products.write_kappa(out)
            status.put_merged(out, directories)
            (out / run_directory.MERGING).unlink()
    finally:
        lock.release()
    return out


def _without_energy(config):
    plain = identity(config)
    return plain | {"particle": {name: value for name, value in plain["particle"].items() if name != "energy"}}


def _join_tracks(out, parts):
    """Write one tracks.h5 of all energies, rising."""
    order = np.argsort(np.concatenate([part.label for part in parts]))
    rows = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("position", "time", "label", "direction", "origin")
    }
    with hdf5.opened(out / "moments.h5") as file:
        attributes = {name: value for name, value in file.attrs.items() if name != "schema"}
        tracks_file.write(out / "tracks.h5", replace(parts[0], **rows, attributes=attributes))


def _join(out, parts, paths, decks):
    """Write one moments.h5 of all energies, with the provenance of the first part and a list of all parts."""
    order = np.argsort(np.concatenate([part.energy for part in parts]))
    attributes = parts[0].attributes | decks | {"merged": json.dumps([str(path) for path in paths])}
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("time", "energy", "gyroradius", "step", "decay_length", "stage")
    }
    columns["lags/time"] = np.concatenate([part.lag_time for part in parts])[order]
    moments = [(part.sums[i], part.lag_sums[i]) for part in parts for i in range(len(part.energy))]
    with replacing(out / "moments.h5") as part, writing(part) as file:
        moments_file.describe(file, (len(order), *parts[0].sums.shape[1:]), columns, attributes)
        for place, which in enumerate(order):
            sums, lags = moments[which]
            file["moments"][place] = sums
            file["crc32"][place] = moments_file.checksums(sums)
            for name, (numbers, *_) in moments_file.LAG_DATASETS.items():
                data = file[f"lags/{name}"]
                data[place] = lags[..., numbers].reshape(data.shape[1:])
            file["lags/crc32"][place] = moments_file.checksums(lags)
        file["done"][...] = 1
