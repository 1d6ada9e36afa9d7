"""Kernels of the MHD solver against NumPy twins, in both precisions."""

import numpy as np
import pytest

from cython_kernels import mhd

TYPES = [(np.float64, 1e-13), (np.float32, 1e-5)]


def drawn(shape, dtype, seed=1):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def products(u, b):
    """S_ij = u_i u_j - b_i b_j, the diagonal less S_zz, and u x b."""
    S = u[:, None] * u - b[:, None] * b
    diagonal = [S[0, 0] - S[2, 2], S[1, 1] - S[2, 2]]
    return np.array([*diagonal, S[0, 1], S[0, 2], S[1, 2], *np.cross(u, b, axis=0)])


def stage(products, q, g, k, decay_u, decay_b, A, B, dt):
    """The equations of docs/physics.md 15.1: -i P (k . S) and i k x E."""
    S = np.array([products[[0, 2, 3]], products[[2, 1, 4]], [products[3], products[4], 0 * products[0]]])
    force = -1j * np.einsum("j...,ij...->i...", k, S)
    k2 = (k**2).sum(axis=0)
    force -= k * (k * force).sum(axis=0) / np.where(k2 > 0, k2, 1)
    rate = np.concatenate([force, 1j * np.cross(k, products[5:], axis=0)])
    decay = np.array(3 * [decay_u] + 3 * [decay_b])
    g = A * g + dt * rate
    return decay * (q + B * g), decay * g


@pytest.mark.parametrize(("dtype", "tolerance"), TYPES)
def test_products(dtype, tolerance):
    """A number of points that fills no whole vector: nothing is written beyond it."""
    shape = (3, 5, 7)
    lanes = mhd.VECTOR_BYTES // np.dtype(dtype).itemsize
    fields = np.zeros((6, -(-105 // lanes) * lanes), dtype)
    fields[:, :105] = drawn((6, 105), dtype)
    expected = products(*fields[:, :105].reshape(2, 3, *shape).astype(float))
    for which in range(mhd.PRODUCTS):
        room = np.full(105 + 64, 7.0, dtype)
        out = room[:105].reshape(shape)
        mhd.product(which, fields, out)
        np.testing.assert_allclose(out, expected[which], atol=10 * tolerance)
        assert (room[105:] == 7.0).all()
    u, b = (np.sqrt((fields[i : i + 3].astype(float) ** 2).sum(axis=0)) for i in (0, 3))
    np.testing.assert_allclose(mhd.speeds(fields), [(u + b).max(), u.max(), b.max()], rtol=tolerance)
    fields[4, 104] = np.nan
    assert np.isnan(mhd.speeds(fields)[0])


@pytest.mark.parametrize(("dtype", "tolerance"), TYPES)
def test_stage(dtype, tolerance):
    """Modes that are beyond the truncation, k = 0 among the others."""
    lanes = mhd.VECTOR_BYTES // np.dtype(dtype).itemsize
    z, y, x = np.array([0.0, 1, 2, -1]), np.array([0.0, 3, -2]), np.arange(5.0)
    row = -(-2 * len(x) // lanes) * lanes
    shape = (len(z), len(y), row)

    def twice(values):
        found = np.zeros(row, dtype)
        found[: 2 * len(x)] = np.repeat(values, 2)
        return found

    def tables(values):
        return values[0].astype(dtype), values[1].astype(dtype), twice(values[2])

    def modes(array):
        return array.view(np.result_type(dtype, np.complex64))[..., : len(x)].astype(complex)

    inputs = [drawn((n, *shape), dtype, seed) for seed, n in enumerate((8, 6, 6))]
    k = np.array([np.broadcast_to(a, shape[:2] + x.shape) for a in (x, y[:, None], z[:, None, None])])
    decays = []
    for rate in (0.1, 0.3):
        factors = [np.exp(-rate * a * a) for a in (z, y, x)]
        factors[1][1] = 0.0
        decays.append(factors)
    full = [f[0][:, None, None] * f[1][:, None] * f[2] for f in decays]
    expected = stage(*map(modes, inputs), k, *full, -0.6, 0.9, 0.07)
    mhd.stage(*inputs, tables((z, y, x)), *map(tables, decays), -0.6, 0.9, 0.07)
    for found, known in zip(inputs[1:], expected, strict=True):
        np.testing.assert_allclose(modes(found), known, atol=10 * tolerance)
        assert (found[:, :, 1] == 0).all()
        assert (found[..., 2 * len(x) :] == 0).all()


def test_tables_that_do_not_fit_are_refused():
    lanes = mhd.VECTOR_BYTES // 8
    q, tables = np.zeros((6, 2, 2, lanes)), (np.zeros(2), np.zeros(2), np.zeros(lanes))
    with pytest.raises(ValueError, match="does not fit"):
        mhd.stage(np.zeros((8, 2, 2, lanes)), q, q.copy(), tables, tables, tables[::-1], 0.0, 1.0, 0.1)
    with pytest.raises(ValueError, match="product"):
        mhd.product(0, np.zeros((6, lanes)), np.zeros((2, 2, lanes)))
