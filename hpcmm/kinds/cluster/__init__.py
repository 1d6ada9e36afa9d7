"""Escape of cosmic rays from a galaxy cluster (`kind = "cluster"`): deck, plasma, mesh, PETSc time steps, products."""
