"""Spectrum along lines: one wave where it is, and isotropic turbulence as its deck has it."""

import numpy as np
import pytest

from hpcmm.estimators.ray_spectrum import BINS, PLACES, ray_spectrum
from hpcmm.theory.spectra import BendOver, PowerLaw


@pytest.mark.parametrize("group", range(len(BINS) - 1))
def test_a_wave_has_its_power_at_its_wavenumber(group):
    """A wave of whole periods: all of its <B^2> is in the group, but for what Hann's window gives to the next ones."""
    spacing, number = 0.3, (BINS[group] + BINS[group + 1] - 1) // 2
    phase = 2 * np.pi * number * np.arange(PLACES) / PLACES
    values = np.stack([np.cos(phase), 2 * np.sin(phase), np.zeros(PLACES)], axis=1)[None].repeat(2, axis=0)
    k, power, error = ray_spectrum(values, spacing)
    width = 2 * np.pi / (PLACES * spacing)
    inside = power[group] * width * (BINS[group + 1] - BINS[group])
    assert inside == pytest.approx(2.5, rel=1e-9)
    assert power[:group].sum() + power[group + 1 :].sum() < power[group]
    assert k[group] == pytest.approx(width * (BINS[group] + BINS[group + 1] - 1) / 2)
    assert np.all(error < 1e-9)


@pytest.mark.parametrize("spectrum", [PowerLaw(5 / 3), PowerLaw(1.0), PowerLaw(3.0), BendOver(5 / 3, 4.0, 0.1)])
def test_power_along_a_line_is_all_of_it(spectrum):
    """int E_1 dk = 1, and E = -k dE_1/dk: by quadrature."""
    low, high = 2 * np.pi / 1.0, 2 * np.pi / 0.01
    k = np.concatenate([[1e-9], np.geomspace(low, high, 20001)])
    along = np.array([spectrum.along_line(x, 1.0, 0.01) for x in k])
    assert np.trapezoid(along, k) == pytest.approx(1.0, rel=1e-5)
    middle = np.sqrt(k[1:-1] * k[2:])
    slope = -np.diff(along[1:]) / np.diff(k[1:]) * middle
    E = spectrum.per_log(middle) / middle
    np.testing.assert_allclose(slope / E, np.full_like(E, (slope / E)[0]), rtol=1e-4)
    assert spectrum.along_line(2 * high, 1.0, 0.01) == 0.0
