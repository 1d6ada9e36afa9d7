"""Decks of kind transport for tests, from numbers and a few words; no other place writes one out that is run."""

import json

from hpcmm.theory.constants import EV, PARSEC, C
from hpcmm.theory.gyration import energy_of_gyroradius

L_C_PC = 1e5
PER_PC = C / PARSEC
"""1/s in one inverse pc at c = 1."""
EEV_AT_L_C = energy_of_gyroradius(L_C_PC * PARSEC, 3e-6) / (1e18 * EV)
"""Energy [EeV] at which r_g = l_c for 3 uG and 100 kpc: 277.52 (docs/physics.md 11.2)."""


def block(name, table):
    """Lines of a table; none of an empty one."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return [name, *lines] if lines else []


def transport(energy, *fields_and_scatter, title="", run=(), particle=(), stepping=(), output=()):
    """Text of a deck: 3 uG and 100 kpc; three realizations of 100 particles unless ``run`` says otherwise.

    Parameters
    ----------
    energy : str or list of str
    fields_and_scatter : dict
        As of `waves`, `guide`, `mirrors` and `kicks`, in this order.
    title : str
    run, particle, stepping, output : dict
        More keys of these tables.
    """
    energies = [energy] if isinstance(energy, str) else energy
    lines = [f'title = "{title}"'] if title else []
    lines += block("[run]", {"kind": "transport", "seed": 1, "realizations": 3, "particles": 100} | dict(run))
    lines += block("[medium]", {"B_rms": "3 uG", "l_c": "100 kpc"})
    lines += block("[particle]", {"energy": energies} | dict(particle))
    for table in fields_and_scatter:
        kind = "[[scatter]]" if table["model"] in ("micromirrors", "constant_rate", "patches") else "[[field]]"
        lines += block(kind, table)
    lines += block("[stepping]", dict(stepping)) + block("[output]", dict(output))
    return "\n".join(lines) + "\n"


def waves(**keys):
    """Plane waves."""
    return {"model": "plane_waves"} | keys


def guide(B):
    """A uniform field."""
    return {"model": "uniform", "B": B}


def mirrors(l_mm="100 npc", **keys):
    """Micromirrors."""
    return {"model": "micromirrors", "l_mm": l_mm} | keys


def kicks(rate="1e-13 / s", **keys):
    """Kicks at a constant rate."""
    return {"model": "constant_rate", "rate": rate} | keys


SMALL = transport(
    ["10 EeV", "100 EeV"],
    waves(modes=32, dB="2 uG"),
    guide("2.2360679775 uG"),
    kicks(kick="paper"),
    title="small",
    run={"seed": 42},
    stepping={"path_length": "500 kpc", "samples": 12},
)
"""Everything in it: two energies, waves, kicks, unresolved turbulence, a part-filled block."""


def steady(*more, path="5000 kpc", **output):
    """A run that saves itself every 0.2 s: 18 blocks of 6 and 19 chunks of steps, 216 chunks in all."""
    return transport(
        ["30 EeV", "100 EeV"],
        waves(modes_per_decade=85, dB="2.8284271247 uG"),
        guide("1 uG"),
        kicks(),
        *more,
        title="killed and resumed",
        run={"seed": 7, "particles": 150},
        stepping={"path_length": path, "samples": 20},
        output={"checkpoint_interval": "0.2 s"} | output,
    )


def scattering(nu_step, kick, realizations=16, particles=1024, decays=40, guided=False, energy="1 GeV", samples=16):
    """Kicks at nu = 1/pc with steps of nu_step pc over ``decays``/nu; with a guide field along z if asked."""
    return transport(
        energy,
        *([guide("3 uG")] if guided else []),
        kicks(f"{PER_PC!r} / s", kick=kick),
        run={"seed": 11, "realizations": realizations, "particles": particles},
        stepping={"step": f"{nu_step!r} pc", "path_length": f"{decays} pc", "samples": samples},
    )


def turbulence_as_kappa_ref(x, path, **keys):
    """Set-up of docs/physics.md 10.3 at x = r_g/l_c: 100 waves a decade down to 2 pi/max(25, 15/x), steps min(x/12,
    1/40); ``keys`` of the waves besides.
    """
    l_min = 6.283185307179586 / max(25.0, 15 / x) * L_C_PC
    return transport(
        f"{x * EEV_AT_L_C!r} EeV",
        waves(modes_per_decade=100, l_min=f"{l_min!r} pc", **keys),
        run={"seed": 5, "realizations": 48, "particles": 64},
        stepping={
            "step": f"{min(x / 12, 0.025) * L_C_PC!r} pc",
            "path_length": f"{path * L_C_PC!r} pc",
            "samples": 300,
        },
    )
