"""What `hpcmm bench` measures of kind "mhd": a stage of the solver, beside the transforms of the whole cube."""

from importlib.util import find_spec

from hpcmm.commands.fastest import fastest

POINTS = 64

WHOLE = (6, 9)
"""Transforms of a stage of spectralDNS (Elsasser variables, masks on the whole cube): to the points, and back."""


def measurements(seconds):
    """Yield rows as `hpcmm.commands.bench.measurements` does; none where mpi4py-fft is not here."""
    if find_spec("mpi4py_fft") is None:
        return
    from mpi4py.MPI import COMM_SELF

    for precision in ("double", "single"):
        ns = ns_per_stage(COMM_SELF, precision, seconds)
        yield f"MHD stage, {POINTS}^3, {precision} precision", ns, "point and stage", None
    ns = ns_of_whole_transforms(COMM_SELF, seconds)
    yield f"the transforms alone of a stage of spectralDNS, {POINTS}^3", ns, "point and stage", None


def ns_per_stage(comm, precision, seconds):
    """Time one stage of a step of a Taylor-Green flow [ns a point]."""
    from hpcmm.kinds.mhd import flows, waves
    from hpcmm.kinds.mhd.solver import Solver
    from hpcmm.kinds.mhd.transform import Transforms

    transforms = Transforms(comm, POINTS, precision)
    solver = Solver(transforms, 0.01, 0.01, force=waves.of_rank(transforms, flows.force("taylor_green", 2, 0.25)))
    for first, field in zip((0, 3), flows.start("tg_insulating", 1, 1.0), strict=True):
        modes = waves.of_rank(transforms, field)
        transforms.as_complex(solver.modes[first : first + 3])[:, *modes.place] = modes.values
    return 1e9 * fastest(lambda: solver.step(lambda speed: 1e-3), seconds) / (3 * POINTS**3)


def ns_of_whole_transforms(comm, seconds):
    """Time the transforms of a stage on the whole cube, without padding and by the same library [ns a point]."""
    from hpcmm.kinds.mhd.transform import whole_cube

    backward, forward = whole_cube(comm, POINTS)

    def stage():
        for _ in range(WHOLE[0]):
            backward()
        for _ in range(WHOLE[1]):
            forward()

    return 1e9 * fastest(stage, seconds) / POINTS**3
