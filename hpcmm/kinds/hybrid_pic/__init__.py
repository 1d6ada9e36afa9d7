"""kind = "hybrid_pic": micromirrors from first principles; kinetic ions, massless electrons, a contracting box."""

FILES = ("history.ecsv", "micromirrors.ecsv", "spectra.h5", "snapshots/*.h5")
"""Products below the run directory; here, so that they are known without the kind's code."""
