"""Diffusion through a periodic box of two media (`kind = "effective_medium"`): deck, media, PETSc solves, tensor."""

FILES = ("kappa.ecsv",)
"""Products below the run directory; here, so that they are known without the kind's code."""
