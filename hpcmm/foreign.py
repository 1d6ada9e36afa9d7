"""What others wrote: files opened only if they are plain and as small as expected, text made fit for a terminal.

A run directory may come from anywhere. Whatever stands in it under the name of a file is opened without waiting, looked
at, and read up to a bound; a pipe, a device, a folder or a file of another size is an OSError that says so.
"""

import errno
import json
import os
import stat

_NAMES = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISLNK, "a link"), (stat.S_ISSOCK, "a socket"))


def kind_of(mode):
    """Noun for the type of a file: "a plain file", "a pipe"."""
    if stat.S_ISREG(mode):
        return "a plain file"
    return next((name for is_it, name in _NAMES if is_it(mode)), "a device")


def open_plain(path, flags=os.O_RDONLY, most=None):
    """Open a plain file without waiting for anything; returns a descriptor.

    Parameters
    ----------
    path : path
    flags : int
        Of `os.open`.
    most : int, optional
        Most bytes that it may have.

    Raises
    ------
    OSError
        If it cannot be opened, is no plain file, or is larger; ``strerror`` says which.
    """
    try:
        file = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except ValueError as error:  # a null byte in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None
    status = os.fstat(file)
    if stat.S_ISREG(status.st_mode) and (most is None or status.st_size <= most):
        return file
    os.close(file)
    if stat.S_ISREG(status.st_mode):
        raise OSError(errno.EFBIG, f"has {status.st_size} bytes, more than {most}", str(path))
    number = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
    raise OSError(number, f"is {kind_of(status.st_mode)}; a plain file is expected", str(path))


def read_bytes(path, most):
    """Read a plain file of at most ``most`` bytes; OSError as `open_plain`."""
    with open(open_plain(path, most=most), "rb") as file:
        raw = file.read(most + 1)
    if raw is None or len(raw) > most:  # it says that it is empty, as files of /proc do, or it grows
        raise OSError(errno.EFBIG, f"has more than {most} bytes", str(path))
    return raw


def read_text(path, most):
    """Read a plain file of UTF-8 text without NUL bytes; OSError as `open_plain`, and if it is no such text."""
    raw = read_bytes(path, most)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, f"byte {error.start} is not UTF-8 text", str(path)) from None
    if "\0" in text:
        raise OSError(errno.EILSEQ, f"byte {raw.index(0)} is NUL: a text file is expected", str(path))
    return text


def read_json(path, most):
    """Read plain data from a file of JSON text; OSError as `read_text`, and if it is no JSON or nested too deeply."""
    try:
        return json.loads(read_text(path, most))
    except (ValueError, RecursionError) as error:
        words = "nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise OSError(errno.EILSEQ, f"no JSON text: {words}", str(path)) from None


def printable(text):
    """Text for one line of a terminal: what controls it (escapes, line ends, marks that turn its direction) is "?"."""
    text = str(text)
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)
