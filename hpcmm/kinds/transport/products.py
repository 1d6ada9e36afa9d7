"""Makes kappa.ecsv: the table of kappa(E) from moments, with units and provenance in its header."""

import json
from pathlib import Path

import numpy as np

from hpcmm.errors import InputError
from hpcmm.estimators import lags
from hpcmm.io.table import Needs, made_by, read_table_of, write_table
from hpcmm.kinds.transport import moments, moments_file
from hpcmm.kinds.transport.config import Config
from hpcmm.kinds.transport.ensemble import draw_of_file, period_of
from hpcmm.kinds.transport.kappa import Circumstances, estimate, patch_shares
from hpcmm.theory.constants import PARSEC, C

KAPPA_CGS = PARSEC * C
"""1 pc c in cm2/s."""

_CM2_S = "cm2 / s"
_UNITS = {"energy": "GeV", "r_g": "pc", "path_length": "pc", "lag": "pc", "lag_perp": "pc"}


LAST = (
    "converged", "kappa_perp_converged", "lag", "lag_perp", "lag_over_lambda", "lag_over_l_c", "regime", "path_length",
    "displacement_over_l_c", "displacement_over_box", "ended", "steps", "particles", "realizations",
)  # fmt: skip
"""Columns at the end of the table."""


def _is_kappa(name):
    return name.startswith("kappa") and not name.endswith("converged")


def guide_direction(config):
    """Unit vector of the guide field, or None where there is none; a weak mean of a file is none."""
    strength = np.linalg.norm(config.guide)
    section = config.from_file
    uniform = any(s.model == "uniform" for s in config.field)
    if section is not None and not uniform and not section.is_guided:
        return None
    return np.array(config.guide) / strength if strength > 0 else None


def guided_sums(config, data, i):
    """Moments and lag sums of an energy, and the guide direction, in the frame in which that is the same in all fields.

    The mean field of a file that is turned at random turns with it: its tensors are then given along the axes of the
    file, of several files along their mean fields (z).
    """
    section = config.from_file
    if section is None or not section.is_guided or section.orientation != "random":
        return data.sums[i], data.lag_sums[i], guide_direction(config)
    frames = []
    for realization in range(data.sums.shape[1]):
        number = section.number_of(realization)
        rotation, _ = section.placement(number, draw_of_file(config, realization))
        frames.append(rotation if len(section.file) == 1 else _along_z(section.measured[number].mean) @ rotation)
    frames, mean = np.array(frames), np.array(section.measured[0].mean)
    guide = mean / np.linalg.norm(mean) if len(section.file) == 1 else np.array([0.0, 0.0, 1.0])
    return moments.turned(data.sums[i], frames), lags.turned(data.lag_sums[i], frames), guide


def _along_z(vector):
    """Rotation matrix whose third row is along ``vector``."""
    z = np.array(vector) / np.linalg.norm(vector)
    x = np.cross(np.eye(3)[np.argmin(np.abs(z))], z)
    x /= np.linalg.norm(x)
    return np.array([x, np.cross(z, x), z])


def kappa_rows(config, data):
    """Make the rows of the table, a dict an energy, kappas in cm2/s.

    Parameters
    ----------
    config : Config
    data : MomentsFile
    """
    section = config.from_file
    turbulent = any(section.outer_scale is not None for section in config.field)
    rows = []
    for i, energy in enumerate(data.energy):
        x = float(data.gyroradius[i]) / config.medium.l_c
        sums, lag_sums, guide = guided_sums(config, data, i)
        about = Circumstances(config.medium.l_c, x, turbulent, guide, float(data.stage[i]))
        found = estimate(sums, data.time[i], lag_sums, data.lag_time[i], about)
        row = {"energy": float(energy), "r_g": float(data.gyroradius[i])}
        row |= {k: v * KAPPA_CGS if _is_kappa(k) else v for k, v in found.items()}
        if any(section.counted for section in config.scatter):
            row |= patch_shares(data.sums[i], np.rint(data.time[i] / data.step[i]))
        if section is not None:
            side = min(side for m in section.measured for side in m.box)
            row["displacement_over_box"] = found["displacement_over_l_c"] * config.medium.l_c / side
        if config.ends:
            there = data.sums[i][..., moments.INDEX["particles"]].sum(axis=(0, 1))
            row["ended"] = 1 - float(there[-1]) / (config.run.particles * config.run.realizations)
        path = float(data.time[i, -1])
        row |= {
            "path_length": path,
            "steps": round(path / float(data.step[i])),
            "particles": config.run.particles,
            "realizations": config.run.realizations,
        }
        rows.append({k: row[k] for k in [*(k for k in row if k not in LAST), *(k for k in LAST if k in row)]})
    return rows


def config_of(data):
    """Rebuild the Config from the resolved deck in moments.h5."""
    try:
        return Config.from_plain(json.loads(data.attributes["config"]))
    except (KeyError, TypeError, ValueError) as error:  # pydantic's and json's are ValueErrors
        reason = str(error).splitlines()[0]
        raise InputError(f"{data.path}: holds no readable config of hpcmm ({reason})") from None


_KAPPAS = {f"kappa_{name}{error}": "cm2 / s" for name in ("par", "perp") for error in ("", "_err")}
_VOLUMES = {f"f_mm_{name}{error}": "" for name in ("time", "volume") for error in ("", "_err")}
_OF_FILES = {"displacement_over_box": "", "ended": ""}

NEEDS = Needs(
    {"energy": "GeV", "r_g": "pc", "slope": "", "slope_err": "", "path_length": "pc", "displacement_over_l_c": ""}
    | {f"kappa_{name}{error}": "cm2 / s" for name in ("iso", "trace") for error in ("", "_err")}
    | {"converged": "flag", "realizations": "count"},
    {
        "lag": "pc",
        "lag_perp": "pc",
        "kappa_perp_converged": "flag",
        "lag_over_lambda": "",
        "regime": "words",
        **_OF_FILES,
        **_KAPPAS,
        **_VOLUMES,
    },
    ("l_c_pc",),
)
"""What tables on the terminal need of kappa.ecsv."""


def kappa_table(directory):
    """Compute the table of kappa(E) of a run from its moments.h5.

    Returns
    -------
    astropy.table.QTable
    """
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    data = moments_file.read(Path(directory) / "moments.h5")
    if data.lag_sums is None:  # of an earlier version: its table is what there is
        return read_table_of(directory, needs=NEEDS)
    config = config_of(data)
    rows = kappa_rows(config, data)
    table = QTable()
    for name in rows[0]:
        column = np.array([row[name] for row in rows])
        unit = _CM2_S if _is_kappa(name) else _UNITS.get(name)
        table[name] = quantity(column, unit) if unit else column
    table.meta = _meta(config, data, table)
    return table


def _meta(config, data, table):
    """Header of the table: the numbers that a figure needs beside the columns, and the provenance."""
    meta = {
        "title": config.title,
        "Z": config.particle.Z,
        "B_rms_uG": config.medium.B_rms,
        "l_c_pc": config.medium.l_c,
    }
    mirrors = [s for s in config.scatter if s.model == "micromirrors"]
    if mirrors:
        meta |= {
            "l_mm_pc": mirrors[0].l_mm,
            "dB_over_B": mirrors[0].dB_over_B,
            "f_mm": mirrors[0].filling_fraction,
        }
        if mirrors[0].filling_fraction is None:  # B_star sets it
            meta["f_mm"] = float(np.mean(table["f_mm_volume"]))
    period = period_of(config.field)
    if period is not None:
        meta["period_pc"] = period
    if config.from_file is not None:
        meta["fields"] = len(config.from_file.file)
        meta["realizations"] = config.run.realizations
        if config.from_file.r_gi is not None:
            meta["r_gi_pc"] = config.from_file.r_gi
        meta["mean_over_B_rms"] = max(m.mean_share for m in config.from_file.measured)
        if all(m.carriers is not None for m in config.from_file.measured):
            meta["carriers"] = min(m.carriers for m in config.from_file.measured)
        if config.from_file.filter is not None and all(m.left for m in config.from_file.measured):
            inside, outside, whole = zip(*(m.left for m in config.from_file.measured), strict=True)
            meta |= {"filter_leaves_within": max(inside), "filter_leaves_beyond": min(outside)}
            meta["filter_leaves_of_all"] = max(whole)
        if config.from_file.is_guided and config.from_file.orientation == "random":
            several = len(config.from_file.file) > 1
            meta["axes"] = "z along the mean field of each file" if several else "those of the file"
    meta["scattering_only"] = not config.field
    meta["turbulent"] = any(f.outer_scale is not None for f in config.field)
    meta["kappa_trace"] = "paper eq 20 as printed, <dr^2>/2t = 3 kappa_iso"
    return meta | {"seed": config.run.seed} | made_by(data.attributes)


def write_kappa(directory):
    """Compute kappa from moments.h5 and write kappa.ecsv."""
    write_table(Path(directory) / "kappa.ecsv", kappa_table(directory))
