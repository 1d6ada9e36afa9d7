r"""Energies, dissipation, helicities, lengths and spectra of a flow: sums over modes, the same on any number of ranks.

.. math::
    E_u = \tfrac12 \langle u^2 \rangle, \quad \epsilon_u = \nu \sum k^2 |u_k|^2, \quad
    H_C = \langle u \cdot b \rangle, \quad H_M = \langle a \cdot b \rangle, \quad l_c = \pi \sum E / k \, / \sum E

docs/physics.md 15. The mean field, k = 0, counts in none of them.
"""

import math

import numpy as np

from hpcmm.parallel.exact_sums import exact_sums

HISTORY = {
    "t": "time",
    "E_u": "energy of the flow",
    "E_b": "energy of the magnetic field, without the mean field",
    "eps_u": "viscous dissipation",
    "eps_b": "resistive dissipation",
    "injection": "work of the force; of a random one its mean",
    "H_C": "cross helicity <u b>",
    "H_M": "magnetic helicity <a b>",
    "l_c_b": "two-sided correlation length of b",
    "l_c_u": "the same of u",
    "k_max_eta": "largest wavenumber times the Kolmogorov length, the smaller one of u and b",
    "dt": "time step that the courant number allows",
    "H_K": "kinetic helicity <u curl u>",
    "u_max": "largest |u| at the points",
    "b_max": "largest |b|, mean field included",
}
"""Column of history.ecsv -> its meaning; the order of a row."""

MOST_ROWS = 100_000
"""Most rows of a history."""

SPECTRA = ("E_u", "E_b", "H_M", "H_K")
"""Spectra over shells k - 1/2 <= |k| < k + 1/2."""


def shells(side):
    """Number of shells, 0 included, of a cube of so many modes a side."""
    return round(math.sqrt(3) * (side // 2 - 1)) + 1


class Diagnostics:
    """Sums over the modes of a solver.

    Parameters
    ----------
    solver : Solver
    power : float
        Mean work of a random force.
    """

    def __init__(self, solver, power=0.0):
        self._solver, self._power = solver, power
        transforms = solver.transforms
        self._comm = transforms.comm
        self._k2 = transforms.k2()
        self._k = np.sqrt(self._k2)
        # a mode with k_x > 0 stands for -k too; that of k = 0 is the mean field
        self._weight = np.where(transforms.wave[2] > 0, 2.0, 1.0) * (self._k2 > 0)
        self._shell = np.rint(self._k).astype(int)

    def densities(self):
        """Energy of u, of b, magnetic and kinetic helicity, cross helicity of each mode: arrays [k_z, k_y, k_x]."""
        transforms = self._solver.transforms
        u, b = (transforms.as_complex(self._solver.modes)[i : i + 3] for i in (0, 3))
        inverse = self._weight / np.where(self._k2 > 0, self._k2, 1.0)
        return {
            "E_u": self._weight / 2 * _product(u, u),
            "E_b": self._weight / 2 * _product(b, b),
            "H_M": inverse * self._helicity(b),
            "H_K": self._weight * self._helicity(u),
            "H_C": self._weight * _product(u, b),
        }

    def row(self, time, allowed):
        """Collective: a row of the history.

        Parameters
        ----------
        time : float
        allowed : callable
            ``allowed(speed)`` is the time step allowed at the largest |u| + |b|.

        Returns
        -------
        array (len(HISTORY),)
        """
        solver, of = self._solver, self.densities()
        total = {name: self._sum(values) for name, values in of.items()}
        inverse = np.where(self._k > 0, 1 / np.where(self._k > 0, self._k, 1.0), 0.0)
        found = {"t": time} | total
        found["eps_u"] = 2 * solver.viscosity * self._sum(self._k2 * of["E_u"])
        found["eps_b"] = 2 * solver.resistivity * self._sum(self._k2 * of["E_b"])
        found["injection"] = self._injection()
        for field in "bu":
            energy = total[f"E_{field}"]
            found[f"l_c_{field}"] = math.pi * self._sum(of[f"E_{field}"] * inverse) / energy if energy > 0 else math.nan
        lengths = [
            _kolmogorov(solver.viscosity, found["eps_u"], total["E_u"]),
            _kolmogorov(solver.resistivity, found["eps_b"], total["E_b"]),
        ]
        found["k_max_eta"] = solver.transforms.K * min(lengths)
        solver.to_points()
        speed, found["u_max"], found["b_max"] = solver.speeds()
        found["dt"] = allowed(speed)
        return np.array([found[name] for name in HISTORY])

    def spectra(self):
        """Collective: spectra over shells, array (len(SPECTRA), shells)."""
        of, count = self.densities(), shells(self._solver.transforms.side)
        kept = self._shell < count
        return np.array([exact_sums(self._comm, of[name][kept], self._shell[kept], count) for name in SPECTRA])

    def _sum(self, values):
        return float(exact_sums(self._comm, values)[0])

    def _injection(self):
        solver = self._solver
        if solver.force is None:
            return self._power
        u = solver.transforms.as_complex(solver.modes[:3])[:, *solver.force.place]
        return self._sum(self._weight[solver.force.place] * _product(u, solver.force.values))

    def _helicity(self, field):
        """(i k x field) . conj(field), which is real where k . field = 0."""
        z, y, x = self._solver.transforms.wave
        z, y = z[:, None, None], y[:, None]
        curl = (y * field[2] - z * field[1], z * field[0] - x * field[2], x * field[1] - y * field[0])
        return -sum((c * f.conj()).imag for c, f in zip(curl, field, strict=True))


def _product(one, other):
    """Real part of one . conj(other), mode by mode."""
    return sum((a.real * b.real + a.imag * b.imag for a, b in zip(one, other, strict=True)))


def _kolmogorov(diffusivity, dissipation, energy):
    """(diffusivity^3 / dissipation)^(1/4); infinite where there is nothing to resolve."""
    if energy == 0.0:
        return math.inf
    return (diffusivity**3 / dissipation) ** 0.25 if dissipation > 0 else 0.0
