"""Tools for many ranks: collective calls, exchange of rows, shared memory of a node, PETSc, random streams."""
