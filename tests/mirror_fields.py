"""Synthetic snapshots of micromirrors: random phases, mirror-polarised waves in a band about a mean field along x."""

import numpy as np

from tests import decks


def wavevectors(points, box):
    """Wavevectors [..., 3] of a periodic grid."""
    numbers = np.meshgrid(*(np.fft.fftfreq(n, 1 / n) for n in points), indexing="ij")
    return np.stack([2 * np.pi / side * m for side, m in zip(box, numbers, strict=True)], axis=-1)


def in_band(par, perp):
    """k_perp .5 to 1, k_par below .5: wavelengths of 6.3 to 12.6 across the mean field."""
    return (perp > 0.5) & (perp < 1.0) & (par < 0.5)


def snapshot(points, box, dB=0.1, seed=1, keep=in_band):
    """B [x, y, z, component] over its mean: waves along (-k_perp, k_par k_perp_hat)/k; ``dB`` is the rms of B_x - 1."""
    k = wavevectors(points, box)
    par, perp = k[..., 0], np.hypot(k[..., 1], k[..., 2])
    there = keep(np.abs(par), perp)
    noise = np.fft.fftn(np.random.default_rng(seed).normal(size=points))
    safe = np.where(perp > 0, perp, 1.0)
    along = np.stack([-perp, par * k[..., 1] / safe, par * k[..., 2] / safe], axis=-1)
    along /= np.maximum(np.linalg.norm(k, axis=-1), 1e-9)[..., None]
    B = np.fft.ifftn(np.where(there[..., None], noise[..., None] * along, 0), axes=(0, 1, 2)).real
    B *= dB / np.sqrt((B[..., 0] ** 2).mean())
    return B + np.array([1.0, 0.0, 0.0])


def deck(path, gyroradii, run, stepping=(), title="", **keys):
    """Text of a deck of rays through a snapshot in a file, whose unit of length is 1 pc; gyroradii [pc] in B_rms."""
    table = {"model": "field_file", "file": str(path), "box": "file", "r_gi": "1 pc", "orientation": "as_given"} | keys
    text = decks.transport([], table, title=title, run=run, stepping=dict(stepping))
    text = text.replace('l_c = "100 kpc"', 'l_c = "5 pc"')
    return text.replace("energy = []", f"gyroradius = {[f'{r_g} pc' for r_g in gyroradii]}")


def flown(done, directory, text):
    """Run a deck; returns the run's directory."""
    directory.mkdir()
    (directory / "deck.toml").write_text(text)
    done("run", directory / "deck.toml", "--out", directory / "run")
    return directory / "run"
