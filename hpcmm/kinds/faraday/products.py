"""Writes faraday.ecsv of a run: one row a frequency."""

import numpy as np

from hpcmm.io.table import made_by, write_table
from hpcmm.kinds.faraday import dispersion
from hpcmm.kinds.faraday.plan import course, l_los, mean_of
from hpcmm.kinds.faraday.rays import ROWS
from hpcmm.theory import faraday
from hpcmm.theory.constants import GAUSS_MICRO, PARSEC

_UNITS = {"frequency": "MHz", "wavelength": "m", "chi_rms": "rad", "path": "pc"}

_MEANING = {
    "sigma_RM": "rms over rays of the RM of fluctuations; _constant: with the mean density everywhere",
    "sigma_RM_analytic": "K n_e sqrt(f_mm L sum(dB^2 l_c)/2): rays of all directions, L >> l_c, constant density",
    "RM_uniform": "rms over rays of the RM of the mean field",
    "depolarization": "p = |<exp(2 i chi)>| of fluctuations, of a source behind; lost: 1 - p",
    "depolarization_analytic": "exp(-2 sigma_RM^2 lambda^4)",
    "depolarization_inside": "source within: |(1 - exp(-S))/S|, S = 2 sigma_RM^2 lambda^4 - 2i lambda^2 RM_uniform",
    "f_mm_seen": "filling fraction whose 1 - p is the sensitivity; above 1: unseen",
}


def table_rows(config, rows, media):
    """Make the rows of the table, a dict a frequency.

    Parameters
    ----------
    config : Config
    rows : dict
        Task -> rows [ROWS, LANES], of all tasks.
    media : callable
        ``media(task)`` gives the mean fields of its rays, as `hpcmm.kinds.faraday.media.Media.uniform`.
    """
    section, plan = config.faraday, course(config)
    scale, left = plan.scale(section.filling_fraction), section.rays
    found = {"weighted": [], "constant": [], "uniform": []}
    for task in range(len(rows)):
        mine = rows[task][:, : min(left, rows[task].shape[1])]
        left -= mine.shape[1]
        for name in ("weighted", "constant"):
            sums = mine[ROWS.index(name)]
            found[name].append(dispersion.rotation_measures(sums, section.n_e, config.medium.B_rms, scale))
        means = media(task)
        cosine = mine[ROWS.index("cosine")]
        rm = dispersion.uniform_rm(cosine, *means, section.n_e, section.path, section.filling_fraction)
        found["uniform"].append(rm)
    sigma, sigma_err = dispersion.rms(found["weighted"])
    facts = {"sigma_RM": sigma, "sigma_RM_err": sigma_err}
    if section.density == "file":
        facts["sigma_RM_constant"], facts["sigma_RM_constant_err"] = dispersion.rms(found["constant"])
    facts["sigma_RM_analytic"] = analytic(config)
    facts["RM_uniform"] = dispersion.rms(found["uniform"])[0]
    return [_row(config, frequency, facts, found["weighted"]) for frequency in section.frequencies]


def _row(config, frequency, facts, blocks):
    section = config.faraday
    wavelength, sigma = dispersion.wavelength_of(frequency), facts["sigma_RM"]
    p, lost, error = dispersion.polarization(blocks, wavelength)
    in_cgs = sigma / dispersion.CM2, 100 * wavelength
    chi = wavelength**2 * sigma
    row = {"frequency": frequency / 1e6, "wavelength": wavelength} | facts | {"chi_rms": chi}
    row |= {"depolarization": p, "depolarization_err": error}
    row |= {"depolarization_analytic": faraday.external_dispersion(*in_cgs)}
    row |= {"lost": lost, "lost_err": error, "lost_analytic": -np.expm1(-faraday.lost_behind(*in_cgs))}
    row["depolarization_inside"] = faraday.internal_dispersion(facts["RM_uniform"] / dispersion.CM2, *in_cgs)
    row["f_mm_seen"] = dispersion.seen(sigma, section.filling_fraction, wavelength, section.sensitivity)
    return row | {"path": section.path, "rays": section.rays}


def analytic(config):
    """sigma_RM [rad/m2] of the formula for rays of all directions; nan where it does not hold."""
    section = config.faraday
    isotropic = section.angle == "random" or not any(s.model in ("field_file", "mirror_modes") for s in config.field)
    if not isotropic:
        return np.nan
    strength = np.sqrt(l_los(config)) * GAUSS_MICRO * np.sqrt(PARSEC)
    path = section.path * PARSEC
    found = faraday.rotation_measure_dispersion(section.n_e, strength, path, 1.0, section.filling_fraction)
    return dispersion.CM2 * float(found)


def write(directory, config, rows, media, attributes):
    """Write faraday.ecsv, whole at any moment; arguments as in `table_rows`, and the provenance."""
    from astropy.table import QTable

    from hpcmm.deck.units import quantity

    made, table = table_rows(config, rows, media), QTable()
    for name in made[0]:
        column = np.array([row[name] for row in made])
        unit = "rad / m2" if "RM" in name else _UNITS.get(name)
        table[name] = quantity(column, unit) if unit else column
    section, plan = config.faraday, course(config)
    table.meta = {"title": config.title, "kind": config.run.kind, "seed": config.run.seed, **_MEANING}
    table.meta |= {"n_e_per_cm3": section.n_e, "density": section.density, "f_mm": section.filling_fraction}
    table.meta |= {"segment_pc": plan.length, "segments": plan.whole, "segments_flown": plan.flown}
    table.meta |= {"angle": section.angle, "sensitivity": section.sensitivity}
    table.meta |= {"mean_field_uG": float(np.linalg.norm(mean_of(config, 0)))}
    table.meta |= made_by(attributes)
    write_table(directory / "faraday.ecsv", table)
