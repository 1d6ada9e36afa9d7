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
    import os

    from hpcmm import kinds
    from hpcmm.deck.places import expanded
    from hpcmm.errors import InputError

    directory = expanded(directory)
    if not os.path.isdir(directory):
        raise InputError(f"{directory}: no such directory; that of a finished run is expected")
    return kinds.of_directory(directory).open(directory)


def open_field(path, **keys):
    """Read a magnetic field on a uniform grid, of any layout that decks of ``model = "field_file"`` read.

    Parameters
    ----------
    path : path
    layout, dataset, axes, components, values_at, points, box, boundary, mean, allow_seams, allow_divergence
        As the keys of a deck, where the file does not say. ``box``: three sides, as numbers, texts with a unit, or a
        Quantity; one side for a cube.

    Returns
    -------
    hpcmm.commands.field_files.FieldFile
        ``B[x, y, z, component]``, ``box``, ``first``, ``spacing``, with units where there are any; ``l_c``, ``rms``,
        ``dB``, ``mean``, ``spectrum``, ``div_B``, ``seam``.

    Raises
    ------
    hpcmm.errors.InputError
        If it cannot be read, or is not what a field should be; says what is missing.
    """
    from hpcmm.commands import field_files
    from hpcmm.deck.places import expanded

    return field_files.open_field(expanded(path), **keys)


def write_field(path, B, **keys):
    """Write a magnetic field, as openPMD 1.1, that ``model = "field_file"``, yt and ParaView read.

    Parameters
    ----------
    path : path
    B : array
        Three spatial axes and one of 3 components, float32 or float64, kept bit for bit; or a Quantity.
    box : three sides
        As numbers, texts with a unit, or a Quantity; one side for a cube. The period: points times spacing.
    unit : str
        Of the values, "uG" unless said; None: of no known unit.
    axes : str
        Order of the spatial axes of the array, "xyz" unless said.
    components : {"last", "first"}
    values_at : {"nodes", "centres"}
        Whether the first value lies at 0, or half a cell from it.
    density : array, optional
        Of electrons, in any unit, on the three spatial axes: what ``density = "file"`` of kind "faraday" reads.
    """
    from hpcmm.commands import field_files
    from hpcmm.deck.places import expanded

    field_files.write_field(expanded(path), B, **keys)
