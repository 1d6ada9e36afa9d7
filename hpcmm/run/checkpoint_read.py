"""Reads a checkpoint and verifies every size, name and checksum before using it.

The seal (`NNNNNN.json`) comes first, with a limit on its size; then the checksums of the file's bytes; only then does
HDF5 open the file. Names come from a listing by pattern, so that none leads out of the folder. A rank reads its own
contiguous share of the rows, whatever their number; where a row belongs to another rank it is sent there.
"""

import contextlib
import stat

import numpy as np

from hpcmm.errors import InputError
from hpcmm.foreign import read_json
from hpcmm.io import hdf5
from hpcmm.io.disk import reason
from hpcmm.parallel.collective import on_all, on_root
from hpcmm.parallel.exchange import owner_of, share_of, to_owners
from hpcmm.run import checkpoint

LARGEST_SEAL = 2**24
LARGEST_FILE = 2**50
NO_MEMORY = "cannot be read: there is not enough memory for what it claims to hold"
SLAB = 2**30
"""Most bytes that one call reads."""


class Damaged(Exception):
    """A checkpoint cannot be used; the message says why."""


@contextlib.contextmanager
def _damage_for_errors():
    """Turn whatever a file makes HDF5 or NumPy raise into Damaged."""
    try:
        yield
    except MemoryError:
        raise Damaged(NO_MEMORY) from None
    except hdf5.FAULTS as error:
        raise Damaged(f"is damaged: {hdf5.fault(error)}") from None


def load_newest(comm, directory, load, is_late=lambda seal: False):
    """Collective: load the newest checkpoint that is whole and belongs to this run.

    Parameters
    ----------
    comm : communicator
    directory : path
        The run directory.
    load : callable
        ``load(seal, rows)`` returns a rank's content from the seal and `Rows`, or raises Damaged on all ranks.
    is_late : callable
        ``is_late(seal)`` is true of checkpoints that come after all others, however new.

    Returns
    -------
    number : int or None
        Number of the checkpoint; None if none can be used.
    content
        What ``load`` returned on this rank.
    notes : list of str
        A line for each newer checkpoint that cannot be used.

    Raises
    ------
    InputError
        If the folder of checkpoints is there but cannot be read.
    """
    folder, notes = checkpoint.folder_of(directory), []
    try:
        numbers = on_root(comm, lambda: _in_order(folder, is_late))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({reason(error)})") from None
    for number in numbers:
        path = folder / f"{number:06d}.h5"
        try:
            seal = on_root(comm, lambda path=path: read_seal(path))
            on_all(comm, lambda path=path, seal=seal: _check_bytes(path, seal, comm.rank, comm.size))
            with Rows(comm, path) as rows:
                return number, _load_on_all(comm, lambda rows=rows, seal=seal: load(seal, rows)), notes
        except Damaged as error:
            notes.append(f"checkpoint {number:06d} {error}")
        except MemoryError:
            notes.append(f"checkpoint {number:06d} {NO_MEMORY}")
    return None, None, notes


def _in_order(folder, is_late):
    """Numbers of checkpoints, newest first, then the late ones; damaged ones are in their place, to be told."""

    def late(number):
        try:
            return is_late(read_seal(folder / f"{number:06d}.h5"))
        except Damaged:
            return False

    return sorted(checkpoint.numbers(folder), key=late)


def _load_on_all(comm, load):
    """Collective: load a rank's content; where one lacks the memory, every rank raises.

    That rank meets the others in their next collective call of `Rows`, or in the last one here.
    """
    try:
        content = load()
    except MemoryError:
        on_all(comm, _raise_no_memory)
    on_all(comm, lambda: None)
    return content


def _raise_no_memory():
    raise Damaged(NO_MEMORY)


def read_seal(path):
    """Read the seal of a checkpoint file, and verify schema and size.

    Raises
    ------
    Damaged
        If it is no seal, of another schema, or not of a file of that size.
    """
    sealed = path.with_suffix(".json")
    try:
        for file, most in ((sealed, LARGEST_SEAL), (path, LARGEST_FILE)):
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                raise Damaged(f"is damaged: {file.name} is no file, or has {status.st_size} bytes")
        seal = read_json(sealed, LARGEST_SEAL)
        refuse_schema(seal, checkpoint.OLDEST)
        size, sums = seal["bytes"], seal["crc32"]
        if type(size) is not int or size != status.st_size:
            raise Damaged(f"is damaged: {status.st_size} bytes where {str(size)[:40]} were written")
        if type(sums) is not list or len(sums) != -(-size // checkpoint.RANGE):
            raise Damaged("is damaged: its checksums are not those of a file of that size")
        words, fraction = seal.get("summary", ""), seal.get("fraction", 0.0)
        if type(words) is not str or len(words) > 1000 or type(fraction) not in (int, float) or not 0 <= fraction <= 1:
            raise Damaged("is damaged: its seal does not say how far the run was")
    except MemoryError:
        raise Damaged(NO_MEMORY) from None
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"is damaged: {reason(error)}") from None
    return seal


def refuse_schema(seal, oldest):
    """Raise Damaged where a checkpoint is of a schema older than ``oldest``, or of one unknown to this version."""
    schema = seal["schema"]
    if type(schema) is not int or not oldest <= schema <= checkpoint.SCHEMA:
        raise Damaged(
            f"is of schema {str(schema)[:20]}, this version reads {checkpoint.SCHEMA}: resume with the "
            f"version that wrote it ({str(seal.get('version', 'unknown'))[:40]})"
        )


def _check_bytes(path, seal, rank, ranks):
    """Verify this rank's share of the checksums; Damaged if one differs."""
    for i in range(rank, len(seal["crc32"]), ranks):
        try:
            found = checkpoint.checksum_of(path, i)
        except OSError as error:
            raise Damaged(f"cannot be read: {reason(error)}") from None
        if found != seal["crc32"][i]:
            first = i * checkpoint.RANGE
            raise Damaged(f"is damaged: bytes {first} to {min(first + checkpoint.RANGE, seal['bytes'])} have changed")


class Rows:
    """The datasets of a checkpoint, of which every rank reads its own rows.

    All methods are collective, and raise Damaged on all ranks where any finds damage, so that ranks stay in step
    whatever a file holds. Before rows are read their number is compared with what the deck allows.

    Parameters
    ----------
    comm : communicator
    path : path
        The HDF5 file.

    Attributes
    ----------
    bytes_read : int
        Bytes that this rank has read so far.
    """

    def __init__(self, comm, path):
        self.comm, self.bytes_read = comm, 0
        self._file = on_all(comm, lambda: _opened(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def demand(self, good, message):
        """Raise Damaged with ``message`` unless ``good`` on every rank."""

        def refuse():
            if not good:
                raise Damaged(f"is damaged: {message}")

        on_all(self.comm, refuse)

    def count(self, name, most=None):
        """Number of rows of a dataset; more than ``most`` are damage."""
        total = on_all(self.comm, lambda: _plain(self._file, name).shape[0])
        if most is not None:
            self.demand(total <= most, f"{name} has {total} rows, more than {most}")
        return total

    def has(self, name):
        """True if there is a dataset of this name; versions before may not have written it."""
        return self.comm.bcast(self.comm.rank == 0 and name in self._file)

    def whole(self, name, shape=(), dtype="<f8", most=2**20):
        """Read all rows of a small dataset on root and give them to every rank.

        Parameters
        ----------
        name : str
        shape : tuple
            Shape of a row.
        dtype : str
        most : int
            Most rows that are allowed; more are damage.
        """
        total = self.count(name, most)
        mine = on_all(self.comm, lambda: self._read(name, 0, total if self.comm.rank == 0 else 0, shape, dtype))
        return self.comm.bcast(mine)

    def share(self, name, shape=(), dtype="<f8", *, most):
        """Read this rank's contiguous share of the rows.

        Parameters
        ----------
        name : str
        shape : tuple
            Shape of a row.
        dtype : str
        most : int
            Most rows that the run can have.
        """
        first, last = share_of(self.count(name, most), self.comm.rank, self.comm.size)
        return self.range(name, first, last, shape, dtype)

    def range(self, name, first, last, shape=(), dtype="<f8"):
        """Read rows ``first`` to ``last`` - 1, which may differ from rank to rank."""
        return on_all(self.comm, lambda: self._read(name, first, last, shape, dtype))

    def pieces(self, *columns, most, slab=SLAB):
        """Read this rank's share of several datasets of equal length, a slab at a time, as many slabs on all ranks.

        Parameters
        ----------
        columns : (str, tuple, str)
            Name, shape of a row, dtype.
        most : int
            Most rows that the run can have.
        slab : int
            Bytes of the longest column in a slab.

        Yields
        ------
        list of array
        """
        totals = [self.count(name, most) for name, _, _ in columns]
        self.demand(len(set(totals)) == 1, f"{columns[0][0]} and what belongs to it differ in length")
        first, last = share_of(totals[0], self.comm.rank, self.comm.size)
        step = max(1, slab // max(_row_bytes(shape, dtype) for _, shape, dtype in columns))
        longest = -(-totals[0] // self.comm.size)
        for _ in range(-(-longest // step)):
            stop = min(first + step, last)
            yield [self.range(name, first, stop, shape, dtype) for name, shape, dtype in columns]
            first = stop

    def demand_distinct(self, numbers, total, what):
        """Raise Damaged unless the numbers of all ranks lie in 0 ... ``total`` - 1 and none occurs twice.

        Parameters
        ----------
        numbers : array of int
            Numbers that this rank read.
        total : int
        what : str
            Noun for the message, as "tasks".
        """
        self.demand(((numbers >= 0) & (numbers < total)).all(), f"it names {what} that the run has not")
        (came,) = to_owners(self.comm, owner_of(numbers, total, self.comm.size), numbers)
        self.demand(len(np.unique(came)) == len(came), f"it names {what} twice")

    def _read(self, name, first, last, shape, dtype):
        with _damage_for_errors():
            data = _plain(self._file, name)
            if data.shape[1:] != tuple(shape) or data.dtype != np.dtype(dtype):
                raise Damaged(f"is damaged: {name} has not rows of shape {tuple(shape)} and type {dtype}")
            if not 0 <= first <= last <= data.shape[0]:
                raise Damaged(f"is damaged: {name} has no rows {first} to {last}")
            found = np.empty((last - first, *shape), dtype)
            step = max(1, SLAB // _row_bytes(shape, dtype))
            for start in range(0, last - first, step):
                stop = min(start + step, last - first)
                data.read_direct(found, np.s_[first + start : first + stop], np.s_[start:stop])
            self.bytes_read += found.nbytes
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            raise Damaged(f"is damaged: {name} holds what is no finite number")
        return found


def _row_bytes(shape, dtype):
    return np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64))


def _opened(path):
    with _damage_for_errors():
        return hdf5.opened(path)


def _plain(file, name):
    """Open a dataset; Damaged unless it is stored plainly, so that no false size is trusted."""
    with _damage_for_errors():
        data = hdf5.dataset(file, name)
        if data.ndim < 1:
            raise Damaged(f"is damaged: {name} has no rows")
        return data
