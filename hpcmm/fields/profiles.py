"""The plasma of a cluster against the distance from its centre: density, field, temperature, micromirrors; pure."""

from dataclasses import dataclass

import numpy as np

from hpcmm.theory import EV, GAUSS_MICRO, PARSEC, l_mm_theory


@dataclass(frozen=True)
class Profiles:
    """The plasma at each place, in Gaussian cgs units.

    Attributes
    ----------
    n_e, B, T, f_mm, l_mm : array
        Electrons [1/cm3]; field [G]; ions' temperature [erg]; filling fraction; micromirror scale [cm].
    """

    n_e: np.ndarray
    B: np.ndarray
    T: np.ndarray
    f_mm: np.ndarray
    l_mm: np.ndarray

    @property
    def plasma_beta(self):
        r"""Thermal pressure of the ions over pressure of the field, 8 pi n_e T / B^2 (as many ions as electrons)."""
        return 8 * np.pi * self.n_e * self.T / self.B**2


def profiles(plasma, radius):
    """Evaluate the profiles of a [plasma] table at distances from the centre; its docstring has the equations.

    Parameters
    ----------
    plasma : Plasma
    radius : array
        Distance from the centre [pc].
    """
    radius = np.asarray(radius, dtype=float)
    density = (1 + (radius / plasma.r_core) ** 2) ** (-1.5 * plasma.beta)
    B = GAUSS_MICRO * plasma.B_0 * density**plasma.B_index
    T = 1e9 * EV * plasma.T_0 * density**plasma.T_index
    f_mm = np.full(radius.shape, plasma.f_mm)
    if plasma.f_mm_radius is not None:
        f_mm = np.where(radius <= plasma.f_mm_radius, plasma.f_mm, plasma.f_mm_outside)
    l_mm = l_mm_theory(B, T, plasma.tau) if plasma.l_mm == "auto" else np.full(radius.shape, PARSEC * plasma.l_mm)
    return Profiles(plasma.n_0 * density, B, T, f_mm, l_mm)
