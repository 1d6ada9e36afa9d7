"""Values placed in a cube: the bits of NumPy's quotient, whatever types, strides, shifts; and the sum of the words."""

import itertools

import numpy as np
import pytest

from cython_kernels.slab import place

SHAPE = (3, 2, 1030)  # rows longer than two of the kernel's buffers


def twin(parts, less, unit, dtype):
    """What `place` makes, by NumPy: in double precision, rounded once."""
    made = [((v.astype(np.float64) - shift) / unit).astype(dtype) for v, shift in zip(parts, less, strict=True)]
    words = sum(int(np.ascontiguousarray(v).view(np.uint32).sum(dtype=np.uint64)) for v in parts)
    return np.stack(made, axis=-1), words & (2**32 - 1)


@pytest.mark.parametrize(("stored", "kept"), list(itertools.product(("f4", "f8"), repeat=2)))
@pytest.mark.parametrize("less", [(0.0, 0.0, 0.0), (0.5, -1.0, 1e-3)])
@pytest.mark.parametrize("unit", [1.0, 1.5, 0.3])
def test_three_components(stored, kept, less, unit):
    parts = tuple(np.random.default_rng(1).normal(size=(3, *SHAPE)).astype(stored))
    whole = np.full((*SHAPE[:2], SHAPE[2] + 2, 3), 7.0, kept)
    expected, words = twin(parts, less, unit, kept)
    assert place(whole[:, :, 1:-1], *parts, less, unit) == words
    assert np.array_equal(whole[:, :, 1:-1], expected)
    assert (whole[:, :, [0, -1]] == 7.0).all()


@pytest.mark.parametrize("stored", ["f4", "f8"])
def test_one_component_of_any_strides(stored):
    """As Fortran stores it, and of vectors."""
    values = np.random.default_rng(2).normal(size=(*SHAPE[::-1], 3)).astype(stored)[..., 1].T
    out = np.zeros((*SHAPE, 3), "f4")
    expected, words = twin((values,), (0.25,), 3.0, "f4")
    assert place(out[..., 2:], values, values, values, (0.25,), 3.0) == words
    assert np.array_equal(out[..., 2:], expected)
    assert not out[..., :2].any()


def test_what_does_not_fit_is_refused():
    out, v = np.zeros((2, 2, 2, 3)), np.zeros((2, 2, 2))
    for wrong in (np.zeros((2, 2, 3)), np.zeros((2, 2, 4))[:, :, ::2]):
        with pytest.raises(ValueError, match=r"shapes|strides"):
            place(out, v, wrong, v, (0.0, 0.0, 0.0), 1.0)
    with pytest.raises(ValueError, match="parts"):
        place(np.zeros((2, 2, 2, 2)), v, v, v, (0.0, 0.0), 1.0)
