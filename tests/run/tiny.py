"""A run of seconds of every kind, for tests that repeat it many times; what may be done with it besides."""

import tomllib
from dataclasses import dataclass

from hpcmm import kinds
from hpcmm.run.kind import RunKind
from tests import decks


@dataclass(frozen=True)
class Tiny:
    """A deck, and commands that not every kind has.

    Attributes
    ----------
    deck : str
    extend : tuple of str
        Options of `hpcmm extend`; empty where the kind has no such thing.
    parts : int
        Number of parts that `hpcmm merge` joins; 0 where the kind has no such thing.
    figures : tuple of str
        Figures that are drawn of it besides its own.
    tolerance : float
        Largest relative difference of what was stopped and resumed; 0: the same bytes.
    """

    deck: str
    extend: tuple = ()
    parts: int = 0
    figures: tuple = ()
    tolerance: float = 0.0

    @property
    def kind(self):
        """Its `hpcmm.run.kind.Kind`."""
        return kinds.named(self.kind_name)

    @property
    def kind_name(self):
        """The deck's word for it."""
        return tomllib.loads(self.deck)["run"]["kind"]

    @property
    def commands(self):
        """Commands that change files of it."""
        if not isinstance(self.kind, RunKind):
            return ("train",)
        own = ("extend",) * bool(self.extend) + ("merge",) * bool(self.parts) + ("plot",) * bool(self.figures)
        return ("run", "restart", "again", "overwrite", *own)


TRANSPORT = decks.transport(
    ["30 EeV", "100 EeV"],
    decks.waves(modes=16, dB="2.8284271247 uG"),
    decks.guide("1 uG"),
    decks.kicks(),
    title="tiny",
    run={"realizations": 2, "particles": 70},
    stepping={"path_length": "1000 kpc", "samples": 8},
    output={"trajectories": 2, "checkpoint_interval": "0.7 s"},
)

TWO_PHASE = """
[run]
kind = "two_phase_1d"
seed = 1
particles = 300
[two_phase]
f_mm = [0.1, 0.5]
[output]
trajectories = 2
track_points = 16
checkpoint_interval = "0.4 s"
"""

MEDIUM = """
[run]
kind = "effective_medium"
seed = 3
[effective_medium]
grid = [6, 6, 6]
kappa_patch = "1e29 cm2/s"
kappa_background = "1e31 cm2/s"
morphology = "field_threshold"
filling_fraction = [0.3, 0.5]
realizations = 2
[output]
checkpoint_interval = "0.1 s"
"""

CLUSTER = """
[run]
kind = "cluster"
[particle]
energy = ["100 GeV", "1 PeV"]
[cluster]
geometry = "{geometry}"
radius = "500 kpc"
cells = {cells}
tolerance = {tolerance}
samples = 4
[source]
model = "bubble"
radius = "100 kpc"
[output]
checkpoint_interval = "{interval} s"
"""

NETWORK = """
[run]
kind = "network"
seed = 1
[network]
hidden = 4
points = 16
tracks = 40
epochs = 2
"""

MHD = """
[run]
kind = "mhd"
seed = 3
[mhd]
points = 12
viscosity = 0.05
resistivity = 0.04
duration = 0.5
[initial]
flow = "taylor_green"
seed_wavenumbers = [1, 2]
[output]
snapshots = [0.5]
history_interval = 0.25
spectra_interval = 0.25
checkpoint_interval = "0.2 s"
"""

HYBRID = """
[run]
kind = "hybrid_pic"
seed = 3
[plasma]
beta = 20.0
[box]
cells = [8, 4, 4]
size = [4.8, 2.4, 2.4]
[contraction]
time = 40.0
[markers]
per_cell = 8
[initial]
seed_field = 0.003
[stepping]
step = 0.08
duration = 1.6
[output]
snapshots = [0.8, 1.6]
history_interval = 0.4
checkpoint_interval = "0.2 s"
"""

LINES = """
[run]
kind = "field_lines"
seed = 5
realizations = 2
particles = 4
[medium]
B_rms = "3 uG"
l_c = "100 kpc"
[particle]
energy = ["100 PeV"]
[[field]]
model = "plane_waves"
modes_per_decade = 20
[lines]
lines = 2
[output]
checkpoint_interval = "6 s"
"""

FARADAY = """
[run]
kind = "faraday"
seed = 2
[faraday]
frequencies = ["54 MHz", "1.4 GHz"]
path = "1 kpc"
rays = 300
segments = 4
[medium]
B_rms = "3.1622776602 uG"
l_c = "100 kpc"
[[field]]
model = "uniform"
B = "3 uG"
[[field]]
model = "mirror_modes"
dB = "1 uG"
l_mm = "1 pc"
modes = 32
[output]
checkpoint_interval = "0.2 s"
"""

TINY = {
    "transport": Tiny(TRANSPORT, extend=("--realizations", "3"), parts=2, figures=("fig4",)),
    "two_phase_1d": Tiny(TWO_PHASE),
    "effective_medium": Tiny(MEDIUM, tolerance=1e-7),
    "cluster": Tiny(CLUSTER.format(geometry="spherical", cells=32, tolerance=1e-3, interval=4)),
    "cluster box": Tiny(CLUSTER.format(geometry="cartesian", cells=6, tolerance=1e-2, interval=1.5), tolerance=1e-1),
    "field_lines": Tiny(LINES),
    "faraday": Tiny(FARADAY),
    "network": Tiny(NETWORK),
    "mhd": Tiny(MHD),
    "hybrid_pic": Tiny(HYBRID),
}
"""Name -> `Tiny`; every kind of `hpcmm.kinds.KINDS` has one."""
