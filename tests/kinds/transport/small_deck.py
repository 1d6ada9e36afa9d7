"""A small deck with everything in it: two energies, waves, kicks, unresolved turbulence, a part-filled block."""

DECK = """
title = "small"
[run]
kind = "transport"
seed = 42
realizations = 3
particles = 100
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["10 EeV", "100 EeV"]
[[field]]
model = "plane_waves"
modes = 32
dB = "2 uG"
[[field]]
model = "uniform"
B = "2.2360679775 uG"
[[scatter]]
model = "constant_rate"
rate = "1e-13 / s"
kick = "paper"
[stepping]
path_length = "500 kpc"
samples = 12
"""
