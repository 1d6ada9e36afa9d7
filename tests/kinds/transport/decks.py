"""Decks of the physics tests, made from numbers in code units."""

from hpcmm.theory.constants import EV, PARSEC, C
from hpcmm.theory.gyration import energy_of_gyroradius

L_C_PC = 1e5
PER_PC = C / PARSEC
"""1/s in one inverse pc at c = 1."""
EEV_AT_L_C = energy_of_gyroradius(L_C_PC * PARSEC, 3e-6) / (1e18 * EV)
"""Energy [EeV] at which r_g = l_c for 3 uG and 100 kpc: 277.52 (docs/physics.md 11.2)."""


def scattering(nu_step, kick, realizations=16, particles=1024, seed=11, decays=40, guide=None, energy="1 GeV"):
    """Kicks at nu = 1/pc with steps of nu_step pc over ``decays``/nu; with a guide field along z if asked."""
    field = '[[field]]\nmodel = "uniform"\nB = "3 uG"\n' if guide else ""
    return f"""
[run]
kind = "transport"
seed = {seed}
realizations = {realizations}
particles = {particles}
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["{energy}"]
{field}
[[scatter]]
model = "constant_rate"
rate = "{PER_PC!r} / s"
kick = "{kick}"
[stepping]
step = "{nu_step!r} pc"
path_length = "{decays} pc"
samples = 16
"""


def turbulence_as_kappa_ref(x, path, realizations=48, particles=64, seed=5):
    """Set-up of docs/physics.md 10.3 at x = r_g/l_c: 100 waves a decade down to 2 pi/max(25, 15/x), steps min(x/12,
    1/40).
    """
    l_min = 6.283185307179586 / max(25.0, 15 / x) * L_C_PC
    return f"""
[run]
kind = "transport"
seed = {seed}
realizations = {realizations}
particles = {particles}
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["{x * EEV_AT_L_C!r} EeV"]
[[field]]
model = "plane_waves"
modes_per_decade = 100
l_min = "{l_min!r} pc"
[stepping]
step = "{min(x / 12, 0.025) * L_C_PC!r} pc"
path_length = "{path * L_C_PC!r} pc"
samples = 300
"""
