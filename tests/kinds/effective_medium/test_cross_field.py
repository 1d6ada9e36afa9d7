"""Patches of strong field on field lines, with diffusion across the lines on and off (docs/physics.md 8.9)."""

from pathlib import Path

import numpy as np
import pytest

from hpcmm.deck.load import load_deck
from hpcmm.kinds import read_config
from hpcmm.kinds.effective_medium import field_patches

DECK = Path("input_decks/cross_field.toml")
RATIOS = (1e-4, 1e-2, 1e-1)


@pytest.fixture
def found(run_deck):
    """Kappa_zz of cells of 16^3, in units of that between patches, by kappa_perp/kappa_par: [ratio][fraction]."""
    text = DECK.read_text().replace("[32, 32, 32]", "[16, 16, 16]")

    def solve(ratio):
        across = text.replace('"1e27 cm2/s"', f'"{ratio * 1e29:g} cm2/s"')
        across = across.replace('kappa_perp_background = "1e29', f'kappa_perp_background = "{ratio * 1e31:g}')
        return np.array(run_deck(across, name=f"{ratio:g}").table["kappa_zz"]) / 1e31

    return {ratio: solve(ratio) for ratio in RATIOS}


def tied(fraction):
    """B_0^2/<B^2/kappa>: kappa along the guide of particles that never leave their line."""
    config = read_config(load_deck(DECK))
    n = 32
    places = (np.indices((n, n, n)) + 0.5) / n
    B = field_patches.vectors(config, places, 0)
    strength, guide = np.sqrt((B**2).sum(axis=0)), B[2].mean()
    kappa = np.where(strength >= np.quantile(strength, 1 - fraction), 0.01, 1.0)
    return guide**2 / (strength**2 / kappa).mean()


def test_lines_bound_kappa_from_below_and_kappa_perp_lets_particles_around(found):
    """The flux along B itself is a trial of the dual principle: no kappa_perp gives less than B_0^2/<B^2/kappa>, but
    for the 5 % of cells of 16^3; more kappa_perp gives more, and patches hold particles ever less.
    """
    for place, fraction in enumerate((0.0, 0.3)):
        values = [found[ratio][place] for ratio in RATIOS]
        assert values[0] > 0.95 * tied(fraction)
        assert np.all(np.diff(values) > 0)
    held = [found[ratio][0] / found[ratio][1] for ratio in RATIOS]
    assert held[0] > 5 * held[1] > 10 * held[2]
