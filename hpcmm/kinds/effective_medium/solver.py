"""Solves the cell problem by PETSc."""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.kinds.effective_medium import conductances, elements
from hpcmm.parallel import petsc

MOST_ITERATIONS = 1000

MOST_MAGNETIZED = 100_000
"""Most iterations of elements with Jacobi, which need some 15 sqrt(n) (kappa_par / kappa_perp)^0.35 on n^3 cells
(decision 0013)."""

PREFIX = "hpcmm_cell_"
"""Prefix of this solver's options in PETSC_OPTIONS."""


class CellProblem:
    """A periodic box of cells, shared among the ranks of a communicator.

    Parameters
    ----------
    comm : communicator
    grid : (int, int, int)
        Cells along x, y, z.
    lengths : sequence of 3 float
        Sides of the box.
    tolerance : float
        Residual of a solve over its right-hand side.

    Attributes
    ----------
    box : tuple of 3 (int, int)
        First cell of this rank, and the one after its last, along each axis.
    """

    def __init__(self, comm, grid, lengths, tolerance):
        PETSc = self._PETSc = petsc.started(comm)
        self._multigrid = petsc.multigrid(PETSc, PREFIX)
        self._comm, self._grid, self._tolerance = comm, tuple(grid), tolerance
        # an axis of one cell has no links; rows() knows it by its spacing
        self._spacing = [length / cells if cells > 1 else 1.0 for length, cells in zip(lengths, grid, strict=True)]
        self._dm = PETSc.DMDA().create(
            dim=3, dof=1, sizes=self._grid, proc_sizes=petsc.shares(comm.size, self._grid), comm=comm,
            boundary_type=("periodic",) * 3, stencil_type=PETSc.DMDA.StencilType.BOX, stencil_width=1,
        )  # fmt: skip
        self.box = self._dm.getRanges()
        self._shape = tuple(stop - start + 2 for start, stop in self.box)
        self._local = self._dm.createLocalVec()
        self._places = self._dm.getLGMap().indices.reshape(self._shape, order="F").copy()

    def bounds(self, kappa, samples=1):
        """Collective: solve for the tensors that enclose kappa of the medium.

        Parameters
        ----------
        kappa : array
            kappa in the parts of this rank's cells and of one layer around them, [x, y, z].
        samples : int
            Parts of a cell along each axis.

        Returns
        -------
        lower, upper : array (3, 3)
        iterations : int
            Most iterations of any of the six solves.

        Raises
        ------
        InputError
            On all ranks, if a solve does not converge.
        """
        found, most = [], 0
        for scheme in conductances.SCHEMES:
            network = conductances.Network(conductances.conductances(kappa, samples, scheme), self._spacing)
            tensor, iterations = self._solve(network, self._multigrid, MOST_ITERATIONS)
            found.append(tensor)
            most = max(most, iterations)
        return *found, most

    def magnetized(self, K, across):
        """Collective: solve for the tensor of a magnetized medium; also the most iterations of its three solves.

        Parameters
        ----------
        K : array [axis, axis, x, y, z]
            Tensors in this rank's cells and in one layer around them.
        across : array [x, y, z]
            Least eigenvalue of each tensor.

        Returns
        -------
        kappa : array (3, 3)
        iterations : int

        Raises
        ------
        InputError
            On all ranks, if a solve does not converge.
        """
        # multigrid takes as many iterations as CG needs for the contrast, each a hundred times as long
        return self._solve(elements.Elements(K, across, self._spacing), "jacobi", MOST_MAGNETIZED)

    def surrounded(self, values):
        """Collective: add one layer of the neighbours' values around those of this rank's cells, [x, y, z]."""
        cells = self._dm.createGlobalVec()
        cells.array[:] = values.ravel(order="F")
        around = self._with_neighbours(cells)
        cells.destroy()
        return around

    def _solve(self, network, preconditioner, allowed):
        """Solve a network or elements for three directions; returns their energies (3, 3) and the most iterations."""
        solver, matrix = self._solver(network, preconditioner, allowed)
        potentials, most = [], 0
        for axis in range(3):
            right, chi = self._dm.createGlobalVec(), self._dm.createGlobalVec()
            right.array[:] = network.push(axis)
            if right.norm() > 0.0:  # nothing varies along this axis: chi is 0
                solver.solve(right, chi)
                self._check(solver)
                most = max(most, solver.getIterationNumber())
            potentials.append(self._with_neighbours(chi))
            right.destroy()
            chi.destroy()
        solver.destroy()
        matrix.destroy()
        energy = self._comm.allreduce(network.energy(potentials))
        return energy / np.prod(self._grid), most

    def _solver(self, network, preconditioner, allowed):
        PETSc = self._PETSc
        columns, values = network.rows(self._places)
        mine, entries = columns.shape
        begin = np.arange(mine + 1, dtype=PETSc.IntType) * entries
        size = (mine, int(np.prod(self._grid)))
        csr = (begin, columns.ravel().astype(PETSc.IntType, copy=False), values.ravel())
        matrix = PETSc.Mat().createAIJ((size, size), csr=csr, comm=self._comm)
        matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        # chi is known up to a constant
        matrix.setNullSpace(PETSc.NullSpace().create(constant=True, comm=self._comm))
        solver = PETSc.KSP().create(self._comm)
        solver.setOptionsPrefix(PREFIX)
        solver.setOperators(matrix)
        solver.setType("cg")
        solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
        solver.setTolerances(rtol=self._tolerance, atol=0.0, max_it=allowed)
        solver.getPC().setType(preconditioner)
        solver.setFromOptions()
        return solver, matrix

    def _check(self, solver):
        if solver.getConvergedReason() <= 0:
            raise InputError(
                f"the solver stopped after {solver.getIterationNumber()} iterations short of tolerance = "
                f"{self._tolerance:g}; a larger effective_medium.tolerance, or a smaller contrast, is expected"
            )

    def _with_neighbours(self, vector):
        self._dm.globalToLocal(vector, self._local)
        return self._local.array.reshape(self._shape, order="F").copy()
