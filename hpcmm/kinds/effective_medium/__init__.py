"""Diffusion through a periodic box of two media (`kind = "effective_medium"`): deck, media, PETSc solves, tensor."""
