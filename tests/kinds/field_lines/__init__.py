"""Decks of kind = "field_lines"."""


def deck(*energies, realizations=2, particles=64, lines=16, cut="auto", length="auto", l_mm=None, seed=1, density=None):
    """A deck in the fiducial medium, l_c = 100 kpc."""
    mirrors = f'[[scatter]]\nmodel = "micromirrors"\nl_mm = "{l_mm}"\n' if l_mm else ""
    dense = f"modes_per_decade = {density}\n" if density else ""
    return f"""
[run]
kind = "field_lines"
seed = {seed}
realizations = {realizations}
particles = {particles}
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = {list(energies)}
[[field]]
model = "plane_waves"
{dense}{mirrors}
[lines]
cut = "{cut}"
length = "{length}"
lines = {lines}
"""
