"""The equations of Reichherzer et al. 2025 (Nature Astronomy, arXiv:2311.01497) as pure functions.

Arguments and results are plain floats or numpy arrays in Gaussian cgs units (energies and temperatures in
erg, B in gauss, lengths in cm, rates in 1/s, kappa in cm2/s) and broadcast; `turbulence` takes lengths in any
one unit. The keyword defaults are the paper's fiducial intracluster medium.

gyration        gyroradii and gyrofrequencies
micromirrors    equations (2)-(6), the length of micromirrors
faraday         rotation measures of a random field, depolarization
firehose        estimates that show that firehoses do not matter
mesoscale       equations (7), (14), (15); field-line wandering
isotropic       isotropic turbulence: high-energy limit, fit to simulations
turbulence      power-law spectra: correlation length, power shares, unresolved waves
transition      equations (8), (9)
streaming       equations (16)-(19)
two_phase       equations (10), (11), (21), (22); bounds of composites
field_strength  filling fraction of |B| >= B*
snapshot_scattering   quasi-linear kappa in the waves of a cube of field values
scattering      the kick of equation (13), exactly
random_walk     diffusion by such kicks
hot_plasma, plasma_instabilities   waves and fastest modes of an anisotropic plasma, in its own units
printed         equations (5), (9), (16)-(19) with the paper's rounded prefactors
"""

from .constants import E_CHARGE, EV, GAUSS_MICRO, M_PROTON, PARSEC, C
from .fiducial import B_ICM, DB_OVER_B, H_P, L_A, L_C, L_MM, T_ICM, TAU_ICM, V_A
from .field_strength import B_star_over_rms, field_strength_fractions, fraction_above
from .firehose import firehose_amplitude, firehose_ratio
from .gyration import (
    energy_of_gyroradius,
    gyrofrequency,
    gyroradius,
    ion_gyrofrequency,
    thermal_ion_gyroradius,
    thermal_ion_speed,
)
from .isotropic import (
    HARARI_COEFFICIENTS,
    kappa_along_lines,
    kappa_harari,
    kappa_he,
    kappa_he_exact,
    kappa_on_tangled_lines,
    nu_he,
)
from .mesoscale import (
    delta_of_spectrum,
    kappa_res,
    kappa_res_of_efficiency,
    kappa_trw,
    nu_res,
    resonant_power_fraction,
)
from .micromirrors import (
    delta_theta_mm,
    energy_at_kappa_mm,
    kappa_mm,
    kappa_perp_mm,
    kappa_perp_mm_exact,
    kappa_perp_over_kappa_mm,
    l_mm_theory,
    nu_mm,
    small_angle_parameter,
)
from .printed import (
    gamma_si_over_nu_mm_printed,
    gamma_si_printed,
    kappa_mm_over_kappa_st_printed,
    kappa_mm_printed,
    kappa_mm_printed_of_temperature,
    kappa_st_printed,
    transition_energy_printed,
)
from .random_walk import (
    kappa_antisymmetric_uniform,
    kappa_iso_small_step,
    kappa_iso_stepped,
    kappa_par_uniform,
    kappa_perp_uniform,
    mean_square_displacement,
)
from .scattering import FORK_X, D_mumu, dawson, decay_rate, direction_loss, legendre_decay, mean_cosine
from .streaming import (
    gamma_si,
    gamma_si_over_nu_mm,
    kappa_mm_over_kappa_st,
    kappa_st,
    self_confinement_energy,
    streaming_crossing_energy,
)
from .transition import (
    KAPPA_MM_COEFFICIENT,
    transition_energy,
    transition_energy_along_lines,
    transition_gyroradius,
    transition_shift,
)
from .turbulence import correlation_length, nu_unresolved, power_share
from .two_phase import (
    MAXWELLIAN_FIELD_RATIO,
    diffusive_residence_time,
    hashin_shtrikman_bounds,
    kappa_arithmetic,
    kappa_eff,
    kappa_field_line,
    kappa_harmonic,
    kappa_maxwell_garnett,
    nu_eff,
    residence_time,
)

__all__ = [
    "B_ICM",
    "DB_OVER_B",
    "EV",
    "E_CHARGE",
    "FORK_X",
    "GAUSS_MICRO",
    "HARARI_COEFFICIENTS",
    "H_P",
    "KAPPA_MM_COEFFICIENT",
    "L_A",
    "L_C",
    "L_MM",
    "MAXWELLIAN_FIELD_RATIO",
    "M_PROTON",
    "PARSEC",
    "TAU_ICM",
    "T_ICM",
    "V_A",
    "B_star_over_rms",
    "C",
    "D_mumu",
    "correlation_length",
    "dawson",
    "decay_rate",
    "delta_of_spectrum",
    "delta_theta_mm",
    "diffusive_residence_time",
    "direction_loss",
    "energy_at_kappa_mm",
    "energy_of_gyroradius",
    "field_strength_fractions",
    "firehose_amplitude",
    "firehose_ratio",
    "fraction_above",
    "gamma_si",
    "gamma_si_over_nu_mm",
    "gamma_si_over_nu_mm_printed",
    "gamma_si_printed",
    "gyrofrequency",
    "gyroradius",
    "hashin_shtrikman_bounds",
    "ion_gyrofrequency",
    "kappa_along_lines",
    "kappa_antisymmetric_uniform",
    "kappa_arithmetic",
    "kappa_eff",
    "kappa_field_line",
    "kappa_harari",
    "kappa_harmonic",
    "kappa_he",
    "kappa_he_exact",
    "kappa_iso_small_step",
    "kappa_iso_stepped",
    "kappa_maxwell_garnett",
    "kappa_mm",
    "kappa_mm_over_kappa_st",
    "kappa_mm_over_kappa_st_printed",
    "kappa_mm_printed",
    "kappa_mm_printed_of_temperature",
    "kappa_on_tangled_lines",
    "kappa_par_uniform",
    "kappa_perp_mm",
    "kappa_perp_mm_exact",
    "kappa_perp_over_kappa_mm",
    "kappa_perp_uniform",
    "kappa_res",
    "kappa_res_of_efficiency",
    "kappa_st",
    "kappa_st_printed",
    "kappa_trw",
    "l_mm_theory",
    "legendre_decay",
    "mean_cosine",
    "mean_square_displacement",
    "nu_eff",
    "nu_he",
    "nu_mm",
    "nu_res",
    "nu_unresolved",
    "power_share",
    "residence_time",
    "resonant_power_fraction",
    "self_confinement_energy",
    "small_angle_parameter",
    "streaming_crossing_energy",
    "thermal_ion_gyroradius",
    "thermal_ion_speed",
    "transition_energy",
    "transition_energy_along_lines",
    "transition_energy_printed",
    "transition_gyroradius",
    "transition_shift",
]
