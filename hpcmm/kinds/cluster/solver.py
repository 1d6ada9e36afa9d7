r"""Solves the diffusion problem of one energy by PETSc: time steps, and the steady problems behind mean lifetimes.

Unknowns are the density u in the cells of a mesh, in units of all particles over the whole volume, and on each rank two
more: the particles that have escaped from its cells, and those lost in them. Times are in units of the duration. With
v the volumes, g and b the conductances between cells and to the outside, lambda the loss rate, q the source,

.. math:: v_i \dot u_i = \sum_j g_{ij} (u_j - u_i) - (b_i + v_i \lambda_i) u_i + q_i, \quad
          \dot e = \sum_i b_i u_i, \quad \dot l = \sum_i v_i \lambda_i u_i

so that but for q the sum of inside, escaped and lost is a linear invariant, which Rosenbrock methods keep to the
tolerance of the linear solver, whatever their step. Steps: TS "rosw", ra34pw2 (third order, L-stable; Rang & Angermann
2005, BIT 45, 761), with PETSc's error control. Solves: forward substitution, cells first: LU for a sphere, CG with
incomplete Cholesky for a box, whose steps are short; algebraic multigrid for its steady problems.
"""

import numpy as np

from hpcmm.errors import InputError
from hpcmm.kinds.cluster.mesh import Box, Sphere
from hpcmm.parallel import petsc

PREFIXES = {Sphere: "hpcmm_sphere_", Box: "hpcmm_box_"}
"""Prefixes of PETSc's options; those of the cells' solver may be set in PETSC_OPTIONS, after fieldsplit_cells_ and
mean_."""

LINEAR_TOLERANCE = 1e-12
"""Relative residual of a solve; also the relative error of particle number."""

FIRST_STEP = 1e-6
"""First time step, as a fraction of the duration; error control then lets it grow tenfold a step."""


class Evolution:
    """Density of one energy, advanced in time.

    Parameters
    ----------
    comm : communicator
        Communicator of the mesh.
    mesh : Sphere or Box
    kappa, rate : callable
        Diffusion coefficient and loss rate at distances from the centre, in units of radius and duration.
    escaping : bool
        True: n = 0 at the outer boundary; False: nothing gets through it.
    source : array
        Rate of injection into each cell of this rank, in units of all particles and the duration.
    tolerance : float
        Allowed error of a step, relative and in units of the mean density.
    step : float or None
        Length of equal steps in units of the duration; None: as the tolerance allows.
    within : WithinSolves, optional
        Lets the ranks meet within solves; `advance` and `mean_times` raise what it says.
    """

    def __init__(self, comm, mesh, kappa, rate, escaping, source, tolerance, step=None, within=None):
        self._PETSc, self._comm, self._mesh = petsc.started(comm), comm, mesh
        self._within = within
        self._prefix = PREFIXES[type(mesh)]
        self._cells, self._volume = len(mesh.place), mesh.volume
        self._kept = step or FIRST_STEP
        self._conductances(kappa, rate, escaping)
        self._matrix = self._assembled()
        self._jacobian = self._matrix.duplicate(copy=True)
        self._state, self._source = self._matrix.createVecLeft(), self._matrix.createVecLeft()
        self._source.array[: self._cells] = source / self._volume
        self._ts = self._stepper(tolerance, step)

    def start(self, time, step, density, escaped, lost):
        """Set the state; ``escaped`` and ``lost`` are sums over all ranks; ``step`` None keeps the present length."""
        first = self._comm.rank == 0
        self._state.array[:] = np.r_[density, escaped if first else 0.0, lost if first else 0.0]
        self._ts.setTime(time)
        self._kept = step or self._kept

    def advance(self, limit):
        """Collective: take one step, not beyond ``limit``."""
        left = limit - self._ts.getTime()
        last = self._kept >= left * (1 - 1e-12)
        self._ts.setTimeStep(left if last else self._kept)
        self._solved(self._ts.step)
        if last and self._ts.getTime() >= limit * (1 - 1e-12):
            self._ts.setTime(limit)
            self._kept = max(self._kept, self._ts.getTimeStep())
        else:
            self._kept = self._ts.getTimeStep()

    def destroy(self):
        """Collective: destroy PETSc's objects."""
        for thing in (self._ts, self._matrix, self._jacobian, self._state, self._source):
            thing.destroy()

    @property
    def time(self):
        """Time reached, in units of the duration."""
        return self._ts.getTime()

    @property
    def step(self):
        """Length of the next step in units of the duration, if no sample cuts it short."""
        return self._kept

    @property
    def density(self):
        """Density in this rank's cells: array [cell], a copy."""
        return self._state.array[: self._cells].copy()

    def counts(self):
        """Collective: numbers of particles inside, escaped and lost, array (3,), of 1 injected over the duration."""
        inside = float(self._volume @ self._state.array[: self._cells])
        return self._comm.allreduce(np.array([inside, *self._state.array[self._cells :]]))

    def mean_times(self, weights):
        r"""Collective: mean lifetime of particles set free in cells by weights, and the share of them that escapes.

        .. math:: -A \tau = 1, \quad -A p = b / v

        with A the operator on the cells, which is its own adjoint under the volumes. ``weights`` sum to 1.

        Returns
        -------
        list of 2 float
            Lifetime in units of the duration; share, 0 to 1.

        Raises
        ------
        InputError
            On all ranks, if a solve does not converge.
        """
        PETSc, rows = self._PETSc, self._rows(0)
        matrix = self._matrix.createSubMatrix(rows, rows)
        matrix.scale(-1.0)
        solver = PETSc.KSP().create(self._comm)
        solver.setOptionsPrefix(self._prefix + "mean_")
        solver.setOperators(matrix)
        self._choose(self._prefix + "mean_", steady=True)
        solver.setFromOptions()
        if self._within:
            solver.setMonitor(self._within)
        found, leaving = [], self._outside + self._volume * self._rate
        for values in (np.ones(self._cells), self._outside / self._volume):
            right, answer = matrix.createVecs()
            right.array[:] = values
            self._solved(solver.solve, right, answer)
            if solver.getConvergedReason() < 0:
                raise InputError(
                    "the mean lifetime was not found: its solver did not converge; more escapes or losses, or a "
                    "smaller range of kappa, are expected"
                )
            # where little leaves, the solver hardly fixes the constant part of the answer: what must leave does
            mine = [self._volume @ values, leaving @ answer.array, leaving.sum(), weights @ answer.array]
            wanted, leaves, rate, mean = self._comm.allreduce(np.array(mine))
            found.append(float(mean + (wanted - leaves) / rate))
        solver.destroy()
        matrix.destroy()
        return found

    def _solved(self, solve, *arguments):
        """Call a solve; one that was ended at a meeting raises what the meeting did."""
        try:
            solve(*arguments)
        except self._PETSc.Error:
            if self._within:
                self._within.leave()
            raise
        if self._within:
            self._within.leave()

    def _conductances(self, kappa, rate, escaping):
        mesh, self._between, self._outside = self._mesh, [], np.zeros(self._cells)
        self._rate = rate(mesh.radius)
        for face in mesh.faces:
            inside, outer = face.row >= 0, face.row == -1
            near = face.here * (1 / kappa(face.here_radius)).mean(axis=0)
            far = face.there * (1 / kappa(face.there_radius)).mean(axis=0)
            conductance = 1 / (near + np.where(inside, far, 0.0))
            if escaping:
                self._outside += np.where(outer, conductance, 0.0)
            self._between.append((face.row, np.where(inside, conductance, 0.0)))

    def _assembled(self):
        """Assemble the matrix; rows of this rank: its cells, then its two sinks."""
        ends = np.cumsum(self._mesh.share)
        first = ends[self._comm.rank] - self._cells + 2 * self._comm.rank
        own, diagonal = first + np.arange(self._cells), -self._rate - self._outside / self._volume
        rows, columns, values = [], [], []
        for row, conductance in self._between:
            there = row >= 0
            place = row[there] + 2 * np.searchsorted(ends, row[there], side="right")
            rows.append(own[there] - first)
            columns.append(place)
            values.append((conductance / self._volume)[there])
            diagonal = diagonal - conductance / self._volume
        sinks = self._cells + np.arange(2)
        rows += [np.arange(self._cells), np.full(self._cells, sinks[0]), np.full(self._cells, sinks[1]), sinks]
        columns += [own, own, own, first + sinks]
        values += [diagonal, self._outside, self._rate * self._volume, np.zeros(2)]
        return self._csr(np.concatenate(rows), np.concatenate(columns), np.concatenate(values))

    def _csr(self, rows, columns, values):
        PETSc = self._PETSc
        kept = values != 0.0
        kept[-2:] = True  # the sinks' diagonal, which a shift needs
        rows, columns, values = rows[kept], columns[kept], values[kept]
        order = np.lexsort((columns, rows))
        begin = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self._cells + 2))])
        kind = PETSc.IntType
        csr = (begin.astype(kind), columns[order].astype(kind), values[order])
        size = (self._cells + 2, sum(self._mesh.share) + 2 * self._comm.size)
        return PETSc.Mat().createAIJ((size, size), csr=csr, comm=self._comm)

    def _rows(self, which):
        """Index set of this rank's cells (0) or sinks (1)."""
        first = self._matrix.getOwnershipRange()[0]
        count, start = ((self._cells, first), (2, first + self._cells))[which]
        return self._PETSc.IS().createStride(count, start, 1, comm=self._comm)

    def _stepper(self, tolerance, step):
        PETSc, options = self._PETSc, self._PETSc.Options(self._prefix)
        options["ts_rosw_type"] = "ra34pw2"
        options["ts_adapt_type"] = "none" if step else "basic"
        options["ts_adapt_wnormtype"] = "infinity"
        ts = PETSc.TS().create(self._comm)
        ts.setOptionsPrefix(self._prefix)
        ts.setProblemType(ts.ProblemType.LINEAR)
        ts.setType("rosw")
        ts.setIFunction(self._residual, self._matrix.createVecLeft())
        ts.setIJacobian(self._shifted, self._jacobian, self._jacobian)
        ts.setSolution(self._state)
        ts.setTolerances(rtol=tolerance, atol=tolerance)
        ts.setMaxTime(1e9)
        ts.setMaxSteps(2**31 - 1)
        ts.setMaxStepRejections(100)  # each a tenth at least: a step that fails still is an error, not a hang
        ts.setExactFinalTime(ts.ExactFinalTime.STEPOVER)
        ts.getSNES().setType("ksponly")
        ksp = ts.getSNES().getKSP()
        ksp.setType("preonly")
        pc = ksp.getPC()
        pc.setType("fieldsplit")
        pc.setFieldSplitType(PETSc.PC.CompositeType.MULTIPLICATIVE)
        pc.setFieldSplitIS(("cells", self._rows(0)), ("sinks", self._rows(1)))
        options["fieldsplit_sinks_ksp_type"] = "preonly"
        options["fieldsplit_sinks_pc_type"] = "jacobi"
        self._choose(self._prefix + "fieldsplit_cells_")
        ts.setFromOptions()
        ts.setUp()
        if self._within:
            pc.setUp()
            pc.getFieldSplitSubKSP()[0].setMonitor(self._within)
        return ts

    def _cell_choice(self, prefix, steady):
        """Default PETSc options of the cells' solver and preconditioner."""
        if isinstance(self._mesh, Sphere):
            # pivots of short durations are small, and no sign of a singular matrix
            return {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_zeropivot": "1e-300"}
        return {
            "ksp_type": "cg",
            "ksp_norm_type": "unpreconditioned",
            "ksp_rtol": str(LINEAR_TOLERANCE),
            "ksp_atol": "0",
            # a failed solve of a step is an error; those of the steady problems are checked one by one
            "ksp_error_if_not_converged": "0" if steady else "1",
            "pc_type": petsc.multigrid(self._PETSc, prefix) if steady else "bjacobi",
            "sub_pc_type": "icc",
        }

    def _choose(self, prefix, steady=False):
        """Set the options of the cells' solver that the user has not set."""
        options = self._PETSc.Options(prefix)
        for name, value in self._cell_choice(prefix, steady).items():
            if not options.hasName(name):
                options[name] = value

    def _residual(self, ts, time, state, rate, found):
        self._matrix.mult(state, found)
        found.axpy(1.0, self._source)
        found.aypx(-1.0, rate)

    def _shifted(self, ts, time, state, rate, shift, jacobian, preconditioner):
        self._matrix.copy(jacobian, structure=jacobian.Structure.SAME_NONZERO_PATTERN)
        jacobian.scale(-1.0)
        jacobian.shift(shift)
        return True
