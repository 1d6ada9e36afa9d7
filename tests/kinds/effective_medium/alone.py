"""The course of the solves of one medium in this process, which nothing interrupts."""

from mpi4py import MPI

from hpcmm.kinds.effective_medium.course import Course
from hpcmm.kinds.effective_medium.state import MediaState
from hpcmm.run.meetings import Meetings


def course():
    """A medium that is not begun."""
    return Course(MPI.COMM_SELF, 0, MediaState(1), Meetings(MPI.COMM_SELF, lambda: None))
