"""Particles on a line of patches and gaps (`kind = "two_phase_1d"`): deck, plan, flights, estimates, products."""

FILES = ("kappa.ecsv", "tracks.h5", "estimators.ecsv")
"""Products below the run directory; here, so that they are known without the kind's code."""
