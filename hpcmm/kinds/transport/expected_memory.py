"""Exact autocorrelation of directions and pitch angles, where kicks and a uniform field are all there is."""

import math

import numpy as np

from hpcmm.fields.uniform import Uniform
from hpcmm.kinds.transport.kicks import merged_kicks
from hpcmm.kinds.transport.plan import plan_energy
from hpcmm.theory.constants import C
from hpcmm.theory.scattering import direction_loss


def expected_memory(config, energy, lag):
    r"""Exact <n(0).n(L)> and <mu(0) mu(L)>/<mu^2> of isotropic particles.

    .. math:: \langle\mu\mu\rangle/\langle\mu^2\rangle = e^{-\nu_1 L}, \qquad
        \langle n \cdot n \rangle = \tfrac13 e^{-\nu_1 L} (1 + 2 \cos\Omega L)

    with the decay rate nu_1 of the kicks as they are made, nu/2 for the paper's; Omega = 0 without a field. Omega is
    that of Boris's rotation, 2 atan(s B/2 r_g)/s.

    Source: docs/physics.md 4.1, 4.3, 5.1.

    Parameters
    ----------
    config : Config
    energy : float
        [GeV].
    lag : array
        L [pc].

    Returns
    -------
    n_n, mu_mu : arrays
        nan where the deck has other fields or kicks in patches; the second also without a field.
    """
    none = np.full(len(lag), np.nan)
    if not all(isinstance(section, Uniform) for section in config.field):
        return none, none
    if not all(section.everywhere for section in config.scatter):
        return none, none
    p, kept = plan_energy(config, energy), np.ones(len(lag))
    for kick in merged_kicks(config, p.gyroradius, p.step):
        apart = kick.every * p.step
        mean_cosine = 1 - direction_loss(kick.nu * C, apart, kick.kind)
        if mean_cosine <= 0:  # a kick of the order of a radian: no exponential between kicks
            return none, none
        kept *= mean_cosine ** (lag / apart)
    if not config.field:
        return kept, none
    B = math.hypot(*config.guide) / config.medium.B_rms
    turn = 2 * math.atan(p.step * B / (2 * p.gyroradius)) / p.step
    return kept * (1 + 2 * np.cos(turn * lag)) / 3, kept
