"""What the small runs of jobs/paper.sh say of single claims of docs/paper.md, in words; read from their tables.

Small versions have few particles, fields or cells: these numbers show that the chain works, those of the account stand.
"""

import numpy as np

from hpcmm import open_run, theory
from hpcmm.errors import InputError
from hpcmm.io.table import read_table_of
from hpcmm.theory.constants import EV

AGE = 13.8
"""Of the Universe [Gyr]."""


def micromirrors_react(runs):
    """Time at which the anisotropy of markers is 5 % below that of the contraction alone."""
    table = open_run(runs / "fig1-small" / "2d").table
    late = table[(table["s"] > 0.02) & (table["Delta_markers"] < 0.95 * table["Delta_cgl"])]
    return f"{late['s'][0]:.3f} tau"


def amplitude(runs):
    """dB_par/B at the end, in two dimensions and in three."""
    ends = (open_run(runs / "fig1-small" / name).table["dB_par"][-1] for name in ("2d", "quick"))
    return "dB_par/B {:.3f} in two dimensions, {:.3f} in three".format(*ends)


def elongation(runs):
    """Length of the mirrors over their width at the end."""
    table = open_run(runs / "fig1-small" / "2d").micromirrors
    return f"l_par/l_perp {table['l_par'][-1] / table['l_perp'][-1]:.2f}"


def over_eq_5(runs):
    """kappa of micromirrors everywhere over eq 5: mean over energies, with error."""
    return _over(open_run(runs / "fig3-small" / "f1").table, theory.kappa_mm) + " of eq 5"


def over_eq_11(runs):
    """kappa at f_mm = 0.1 over eq 11."""
    table = open_run(runs / "fig3-small" / "f0.1").table
    return (
        _over(table, lambda E: theory.kappa_eff(theory.kappa_mm(E), theory.kappa_res(E), 0.1)) + " of eq 11, f_mm = .1"
    )


def _over(table, formula):
    """Mean of kappa_trace over a formula, weighted by its errors."""
    expected = np.array([formula(energy * 1e9 * EV) for energy in table["energy"].to_value("GeV")])
    ratio = table["kappa_trace"].to_value("cm2 / s") / expected
    weight = (expected / table["kappa_trace_err"].to_value("cm2 / s")) ** 2
    return f"{(ratio * weight).sum() / weight.sum():.3f} ± {weight.sum() ** -0.5:.3f}"


def line(runs):
    """Largest deviation of a line of patches from eq 11, in its errors."""
    table = open_run(runs / "fig5-small" / "1d").table
    off = np.abs(table["kappa"] - table["kappa_exact"]) / table["kappa_err"]
    return f"within {off.max():.1f} sigma of eq 11 at {len(table)} f_mm"


def network(runs):
    """Rms error of a track's log10 kappa by the network and by x^2/2T, on test tracks."""
    table = read_table_of(runs / "network", "test.ecsv")
    errors = (np.sqrt(np.mean((table[name] - table["true"]).value ** 2)) for name in ("lstm", "classical"))
    return "{:.3f} dex a track against {:.2f}".format(*errors)


def held(runs):
    """Energies up to which the mean lifetime is longer than the age of the Universe, with micromirrors and without."""
    table = open_run(runs / "escape-small" / "paper").table
    energy = np.log(table["energy"].to_value("TeV"))
    ends = []
    for name in ("lifetime", "lifetime_f0"):
        time = table[name].to_value("Gyr")
        falling = np.flatnonzero((time[:-1] >= AGE) & (time[1:] < AGE))[0] + np.array([0, 1])
        ends.append(np.exp(np.interp(-np.log(AGE), -np.log(time[falling]), energy[falling])))
    return f"up to {ends[0]:.2f} TeV; without micromirrors {1e3 * ends[1]:.1f} GeV"


def depolarization(runs):
    """Rms angle at 8.4 GHz and depolarization at 54 MHz."""
    table = open_run(runs / "faraday-small" / "faraday").table
    chi, lost = table["chi_rms"].to_value("rad"), table["lost"]
    return f"chi {chi[-1]:.2g} rad at 8.4 GHz; 1 - p {lost[0]:.2g} at 54 MHz"


NUMBERS = {
    "1.1": ("fig1-small/2d", micromirrors_react),
    "1.2": ("fig1-small/quick", amplitude),
    "1.3": ("fig1-small/2d", elongation),
    "3.1": ("fig3-small/f1", over_eq_5),
    "3.5": ("fig3-small/f0.1", over_eq_11),
    "5.1": ("fig5-small/1d", line),
    "5.3": ("network", network),
    "6.1": ("escape-small/paper", held),
    "7.1": ("faraday-small/faraday", depolarization),
}
"""Number of a claim -> a run that it needs, and the function of the folder of runs that says in words what it is."""


def measured(runs):
    """{number of a claim: what the small runs in this folder say of it}; nothing of those that have not been begun."""
    found = {}
    for number, (needed, words) in NUMBERS.items():
        if (runs / needed / "resolved.toml").is_file():
            try:
                found[number] = words(runs)
            except (InputError, IndexError) as error:  # of a run that was cut off, or a curve that crosses nothing
                found[number] = f"not measured: {error}"
    return found
