"""Ways in which files are damaged."""

WAYS = ("bit", "bits", "truncated", "longer", "zeros", "gone", "empty", "a folder", "swapped")


def damage(draw, path, ways=WAYS):
    """Change a file in one of the ways; tells which.

    Parameters
    ----------
    draw : random.Random
    path : Path
        A file of at least one byte.
    ways : sequence of str
    """
    way = draw.choice(ways)
    data = bytearray(path.read_bytes())
    at = draw.randrange(len(data))
    if way in ("bit", "bits"):
        for place in [at, *(draw.randrange(len(data)) for _ in range(draw.randint(1, 8) * (way == "bits")))]:
            data[place] ^= 1 << draw.randrange(8)
    elif way == "truncated":
        del data[at:]
    elif way == "longer":
        data += draw.randbytes(draw.randint(1, 1000))
    elif way == "zeros":
        data[at : at + 4096] = bytes(len(data[at : at + 4096]))
    elif way == "empty":
        data.clear()
    elif way == "swapped":
        data[at : at + 64], data[:64] = data[:64], data[at : at + 64]
    path.unlink()
    if way == "a folder":
        path.mkdir()
    elif way != "gone":
        path.write_bytes(data)
    return f"{path.name}: {way} at {at}"
