"""Escape of cosmic rays from a galaxy cluster (`kind = "cluster"`): deck, plasma, mesh, PETSc time steps, products."""

FILES = ("profiles.h5", "escape.ecsv")
"""Products below the run directory; here, so that they are known without the kind's code."""
