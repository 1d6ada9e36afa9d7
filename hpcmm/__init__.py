"""hpcmm: cosmic-ray diffusion from micromirrors to cluster turbulence, from first principles."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hpcmm")
except PackageNotFoundError:  # a checkout on PYTHONPATH, not installed
    __version__ = "0+uninstalled"


def open_run(directory):
    """Open a finished run for analysis, as arrays with units and without MPI.

    Parameters
    ----------
    directory : path
        The run directory.

    Returns
    -------
    hpcmm.kinds.transport.reader.TransportRun, or the run of another kind
        ``config``, ``table`` and what else that kind keeps.

    Raises
    ------
    hpcmm.errors.InputError
        If it holds no finished run.
    """
    # here, so that `import hpcmm` stays light on thousands of ranks
    from hpcmm import kinds

    return kinds.of_directory(directory).open(directory)
