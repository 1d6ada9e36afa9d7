"""NumPy arrays: .npy of four axes, .npz of Bx, By, Bz. Only the deck can say their axes, box and unit."""

from __future__ import annotations

import tokenize
import zipfile

import numpy as np

from hpcmm.io.disk import reason
from hpcmm.io.field_files.cube import Cube, FieldFileError, check_float, check_points, cut, nothing

UNREADABLE = (
    ValueError, OSError, EOFError, SyntaxError, MemoryError, TypeError, KeyError, OverflowError, NotImplementedError,
    RuntimeError, tokenize.TokenError, zipfile.BadZipFile,
)  # fmt: skip
"""What NumPy and zipfile raise on a damaged file."""

KEYS = 'axes = "xyz" (or another order of the spatial axes, as indexed)'


def open_cube(path, wanted):
    """Describe a file; see `hpcmm.io.field_files`."""
    if wanted.axes is None:
        raise FieldFileError(path, f"an array does not say its axes: {KEYS} is expected", "axes")
    arrays = _single(path) if not zipfile.is_zipfile(path) else _archive(path, wanted)
    shapes = {a.shape for a in arrays}
    if len(shapes) > 1:
        raise FieldFileError(path, f"Bx, By, Bz have different shapes: {sorted(shapes)}")
    if len(arrays) == 1:
        first = arrays[0]
        check_float(path, first.dtype, "the array")
        if first.ndim != 4:
            raise FieldFileError(path, f"an array of shape {first.shape}; three spatial axes and one of 3 components")
        arrays, spatial = _with_components(path, first, wanted)
    else:
        check_float(path, arrays[0].dtype, "Bx")
        spatial, arrays = arrays[0].shape, list(enumerate(arrays))
        if len(spatial) != 3:
            raise FieldFileError(path, f"Bx has the shape {spatial}; three spatial axes are expected")
    points = check_points(path, (spatial[wanted.axes.index(a)] for a in "xyz"))
    pieces = []
    for component, array in arrays:
        size = array.dtype.itemsize * (3 if component is None else 1)
        pieces += cut(spatial, wanted.axes, component, size, lambda _, part, a=array: np.asarray(a[part]))
    first = (0.5,) * 3 if wanted.values_at == "centres" else (0.0,) * 3
    size = sum(a.nbytes for _, a in arrays)
    return Cube(str(path), "numpy", points, pieces, nothing, size, first=first)


def _single(path):
    try:
        return [np.load(path, mmap_mode="r", allow_pickle=False)]
    except UNREADABLE as error:
        raise FieldFileError(path, f"cannot be read as a NumPy array ({reason(error)})") from None


def _archive(path, wanted):
    """Bx, By, Bz of an archive, or its only array, mapped where they are stored plain."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            chosen = [wanted.dataset] if wanted.dataset else ["Bx", "By", "Bz"]
            if not wanted.dataset and len(members) == 1:
                chosen = list(members)
            missing = [name for name in chosen if name not in members]
            if missing:
                known = ", ".join(sorted(members))[:80]
                raise FieldFileError(
                    path, f"holds no {', '.join(missing)} (but {known}): dataset is expected", "dataset"
                )
            return [_member(path, archive, members[name]) for name in chosen]
    except UNREADABLE as error:
        raise FieldFileError(path, f"cannot be read as a NumPy archive ({reason(error)})") from None


def _member(path, archive, info):
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        check_float(path, dtype, info.filename)
        count = int(np.prod(shape, dtype=object))
        if count * dtype.itemsize + stream.tell() != info.file_size:
            raise FieldFileError(path, f"{info.filename} is not as long as its header says")
        if info.compress_type == zipfile.ZIP_STORED:
            with open(path, "rb") as raw:
                raw.seek(info.header_offset + 26)
                name, extra = np.frombuffer(raw.read(4), "<u2")
            begin = info.header_offset + 30 + int(name) + int(extra) + stream.tell()
            order = "F" if fortran else "C"
            return np.memmap(path, dtype, "r", begin, shape, order)
        return _Packed(path, info.filename, shape, dtype)


class _Packed:
    """A compressed array, unpacked when its values are asked for."""

    def __init__(self, path, name, shape, dtype):
        self.path, self.name, self.shape, self.dtype, self.ndim = path, name, shape, dtype, len(shape)
        self.nbytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
        self._values = None

    def __getitem__(self, part):
        if self._values is None:
            with np.load(self.path, allow_pickle=False) as archive:
                self._values = archive[self.name.removesuffix(".npy")]
        return self._values[part]


def _with_components(path, array, wanted):
    """Arrays by component, and the spatial shape."""
    last, first = array.shape[-1] == 3, array.shape[0] == 3
    where = wanted.components or ("last" if last and not first else "first" if first and not last else None)
    if not last and not first:
        raise FieldFileError(path, f"an array of shape {array.shape}: an axis of 3 components is expected")
    if where is None:
        message = f'an array of shape {array.shape}: components = "last" or "first" is expected'
        raise FieldFileError(path, message, "components")
    if array.shape[-1 if where == "last" else 0] != 3:
        raise FieldFileError(path, f"an array of shape {array.shape} has no 3 components {where}", "components")
    if where == "first":
        return [(c, array[c]) for c in range(3)], array.shape[1:]
    if not array.flags.c_contiguous:  # in Fortran's order components lie apart
        return [(c, array[..., c]) for c in range(3)], array.shape[:3]
    return [(None, array)], array.shape[:3]
