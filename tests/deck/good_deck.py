"""A deck that uses every key of this version; tests change it."""

GOOD = """\
title = "a good deck"

[run]
kind = "transport"
seed = 7
realizations = 2
particles = 64

[medium]
B_rms = "5 uG"
l_c = "100 kpc"

[particle]
Z = 1
energy = ["1 GeV", "1 TeV"]
starts = "independent"
common_origin = false

[[field]]
model = "plane_waves"
dB = "3 uG"
modes = 128
l_max = "500 kpc"
l_min = "0.5 kpc"
l_dissipation = "0.1 kpc"
spectral_index = 1.7
evaluation = "auto"
tolerance = 1e-4

[[field]]
model = "uniform"
B = "4 uG"
direction = [0, 0, 2]

[[scatter]]
model = "micromirrors"
l_mm = "100 npc"
dB_over_B = 0.3
filling_fraction = 0.5
gate = "none"
kick = "paper"

[[scatter]]
model = "constant_rate"
rate = "1e-10 / s"

[stepping]
step = "1 pc"
path_length = "10 kpc"
samples = 16

[output]
directory = "runs/here"
checkpoint_interval = "10 min"
trajectories = 0
track_points = 64
"""
