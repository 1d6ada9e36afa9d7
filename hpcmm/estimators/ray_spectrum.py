"""Spectrum of a field from values along straight lines."""

import itertools

import numpy as np

BINS = (8, 12, 16, 24, 32, 48, 65)
"""Borders of groups of wavenumbers, in those of the whole line: at the lowest Hann's window lifts k^-5/3 by 3 %;
at a sixteenth of what places can tell, shorter waves that are taken for longer ones add 3 %."""

PLACES = 1024
"""Places of a line, so that groups end at a sixteenth of them."""


def ray_spectrum(values, spacing):
    r"""Power of the fluctuations along lines, per wavenumber, for k > 0 and summed over components.

    .. math:: E_1(k_j) = \frac{\Delta}{\pi \sum w^2} \sum_i \Big|\sum_n w_n B_i(n\Delta) e^{-i k_j n\Delta}\Big|^2,
        \quad \int_0^\infty E_1\, dk = \langle\delta B^2\rangle

    with Hann's window w. `hpcmm.theory.spectra.Spectrum.along_line` is what turbulence of a stated spectrum has.

    Source: docs/physics.md 2.3.

    Parameters
    ----------
    values : array (ray, PLACES, 3)
        The field without its mean.
    spacing : float
        Distance from one place to the next.

    Returns
    -------
    k, E_1, error : arrays
        Mean wavenumber of each group of BINS, mean power in it, and its standard error between rays.
    """
    places = values.shape[1]
    window = np.hanning(places + 1)[:-1, None]
    power = (np.abs(np.fft.rfft(values * window, axis=1)) ** 2).sum(axis=2) * spacing / (np.pi * (window**2).sum())
    k = 2 * np.pi * np.arange(power.shape[1]) / (places * spacing)
    groups = [slice(a, b) for a, b in itertools.pairwise(BINS)]
    of_ray = np.stack([power[:, g].mean(axis=1) for g in groups], axis=1)
    error = of_ray.std(axis=0, ddof=1) / np.sqrt(len(values))
    return np.array([k[g].mean() for g in groups]), of_ray.mean(axis=0), error
