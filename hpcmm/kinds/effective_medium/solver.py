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

    def bounds(self, kappa, samples, course, scale=1.0):
        """Collective: solve for the tensors that enclose kappa of the medium.

        Parameters
        ----------
        kappa : array
            kappa in the parts of this rank's cells and of one layer around them, [x, y, z].
        samples : int
            Parts of a cell along each axis.
        course : Course
            Where the solves resume; it counts their iterations.
        scale : float
            Unit of kappa.

        Returns
        -------
        list of 2 array (9,)
            Lower and upper, times ``scale``.

        Raises
        ------
        InputError
            On all ranks, if a solve does not converge.
        """

        def solve(scheme):
            network = conductances.Network(conductances.conductances(kappa, samples, scheme), self._spacing)
            return scale * self._solve(network, self._multigrid, MOST_ITERATIONS, course).ravel()

        return [course.tensor(i, lambda s=scheme: solve(s)) for i, scheme in enumerate(conductances.SCHEMES)]

    def magnetized(self, K, across, course):
        """Collective: solve for the tensor of a magnetized medium.

        Parameters
        ----------
        K : array [axis, axis, x, y, z]
            Tensors in this rank's cells and in one layer around them.
        across : array [x, y, z]
            Least eigenvalue of each tensor.
        course : Course
            Where the solves resume; it counts their iterations.

        Returns
        -------
        array (3, 3)

        Raises
        ------
        InputError
            On all ranks, if a solve does not converge.
        """
        # multigrid takes as many iterations as CG needs for the contrast, each a hundred times as long
        return self._solve(elements.Elements(K, across, self._spacing), "jacobi", MOST_MAGNETIZED, course)

    def surrounded(self, values):
        """Collective: add one layer of the neighbours' values around those of this rank's cells, [x, y, z]."""
        cells = self._dm.createGlobalVec()
        cells.array[:] = values.ravel(order="F")
        around = self._with_neighbours(cells)
        cells.destroy()
        return around

    def _solve(self, network, preconditioner, allowed, course):
        """Solve a network or elements for three directions, from where the course resumes; returns energies (3, 3)."""
        solver, matrix = self._solver(network, preconditioner, allowed)
        allowed = solver.getTolerances()[3]  # PETSc's options may have set fewer
        chi = self._started(course)
        solver.setMonitor(lambda solver, iteration, _: self._meet(solver, iteration, chi, course))
        try:
            while course.axis < len(chi):
                right = self._dm.createGlobalVec()
                right.array[:] = network.push(course.axis)
                if right.norm() > 0.0:  # nothing varies along this axis: chi is 0
                    solver.setTolerances(max_it=max(1, allowed - course.before))
                    solver.setInitialGuessNonzero(course.before > 0)
                    course.begin()
                    solver.solve(right, chi[course.axis])
                    course.end(solver.getIterationNumber())
                    self._check(solver)
                right.destroy()
                course.next_axis()
            energy = self._comm.allreduce(network.energy([self._with_neighbours(vector) for vector in chi]))
        finally:
            for thing in (*chi, solver, matrix):
                thing.destroy()
        return energy / np.prod(self._grid)

    def _started(self, course):
        """Three potentials: those that the course resumes from, or 0."""
        chi = [self._dm.createGlobalVec() for _ in range(3)]
        saved = course.resumed(chi[0].getLocalSize())
        for axis, vector in enumerate(chi if saved is not None else ()):
            natural = self._dm.createNaturalVec()
            natural.array[:] = saved[:, axis]
            self._dm.naturalToGlobal(natural, vector)
            natural.destroy()
        return chi

    def _meet(self, solver, iteration, chi, course):
        """Monitor of a solve: let the ranks meet, and end the solve if it must stop."""
        if course.meet(iteration, lambda: self._natural(solver, chi, course.axis)):
            solver.setTolerances(max_it=max(1, iteration))

    def _natural(self, solver, chi, present):
        """Potentials in this rank's share of all cells, x fastest, with the present iterate: array (cells, 3)."""
        found = []
        for axis, vector in enumerate(chi):
            natural = self._dm.createNaturalVec()
            self._dm.globalToNatural(solver.buildSolution() if axis == present else vector, natural)
            found.append(natural.array.copy())
            natural.destroy()
        return np.stack(found, axis=1)

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
