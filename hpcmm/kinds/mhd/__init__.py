"""MHD turbulence in a periodic cube (`kind = "mhd"`): deck, flows, spectral solver, diagnostics, snapshots."""

FILES = ("history.ecsv", "spectra.h5", "microphysics.ecsv", "snapshots/*.h5", "microphysics/*.h5")
"""Products below the run directory; here, so that they are known without the kind's code."""
