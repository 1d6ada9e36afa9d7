"""hpcmm: cosmic-ray diffusion from micromirrors to cluster turbulence, from first principles."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hpcmm")
except PackageNotFoundError:  # a checkout on PYTHONPATH, not installed
    __version__ = "0+uninstalled"


def open_run(directory):
    """Open a finished run for analysis; see :class:`hpcmm.reader.Run`."""
    from hpcmm.reader import Run

    return Run(directory)
