"""Differences and Ohm's law on the nodes of a brick of a kinetic plasma (docs/physics.md 16.5).

Arrays of float64 have two more nodes at either end of every axis, which whoever calls keeps up to date.
"""

from libc.stdint cimport int64_t

import numpy as np

cdef extern from "hybrid_fields.h":
    enum: HALO
    ctypedef struct Nodes:
        int64_t nodes[3]
        double inverse[3]
    ctypedef struct Ohm:
        double square[3]
        double lift[3]
        double length[3]
        double volume
        double T_e
        double resistivity
        int lifted
    void curl_of(const Nodes *g, const double *f, double *out) noexcept nogil
    void gradient_of(const Nodes *g, const double *f, double *out) noexcept nogil
    void divergence_of(const Nodes *g, const double *f, double *out) noexcept nogil
    void wrap_of(const Nodes *g, double *fields, int64_t count, int axis) noexcept nogil
    void smooth_of(const Nodes *g, double *fields, int64_t count, double *work) noexcept nogil
    void combine_of(const Nodes *g, const double *a, double factor, const double *b, double *out) noexcept nogil
    void ohm_of(const Nodes *g, const Ohm *o, const double *b, const double *density, const double *flow,
                const double *slopes, double *out) noexcept nogil

MORE = HALO
"""Nodes beyond either end of an axis."""


cdef class Differences:
    """Fourth-order central differences on the nodes of a brick.

    Parameters
    ----------
    nodes : (int, int, int)
    spacing : (float, float, float)
        In the box's own lengths.
    """

    cdef Nodes _grid
    cdef readonly object shape

    def __init__(self, nodes, spacing):
        self.shape = tuple(n + 2 * HALO for n in nodes)
        for d in range(3):
            self._grid.nodes[d], self._grid.inverse[d] = nodes[d], 1 / (12 * spacing[d])

    def _result(self, array, components, out):
        for one in (array, out):
            if one.shape[:1] != (components,) or one.shape[1:] != self.shape:
                raise ValueError(f"{components} components on {self.shape} nodes are expected")

    def curl(self, double[:, :, :, ::1] field, double[:, :, :, ::1] out):
        """Write the curl of a field of three components to the inner nodes of ``out``."""
        self._result(np.asarray(field), 3, np.asarray(out))
        curl_of(&self._grid, &field[0, 0, 0, 0], &out[0, 0, 0, 0])

    def gradient(self, double[:, :, ::1] field, double[:, :, :, ::1] out):
        """Write the gradient of a field to the inner nodes of ``out``."""
        self._result(np.asarray(out), 3, np.asarray(out))
        gradient_of(&self._grid, &field[0, 0, 0], &out[0, 0, 0, 0])

    def divergence(self, double[:, :, :, ::1] field, double[:, :, ::1] out):
        """Write the divergence of a field to the inner nodes of ``out``."""
        self._result(np.asarray(field), 3, np.asarray(field))
        divergence_of(&self._grid, &field[0, 0, 0, 0], &out[0, 0, 0])

    def wrap(self, double[:, :, :, ::1] fields, int axis):
        """Give the outer nodes along an axis the values of the nodes of the other end, of fields [any, x, y, z]."""
        if fields.shape[0] < 1 or axis not in (0, 1, 2):
            raise ValueError("fields, and axis 0, 1 or 2, are expected")
        self._result(np.asarray(fields), fields.shape[0], np.asarray(fields))
        wrap_of(&self._grid, &fields[0, 0, 0, 0], fields.shape[0], axis)

    def smooth(self, double[:, :, :, ::1] fields, double[:, :, ::1] work):
        """Filter fields [any, x, y, z] by 1-2-1 along every axis, on the inner nodes; ``work`` is overwritten."""
        self._result(np.asarray(fields), fields.shape[0], np.asarray(fields))
        self._result(np.asarray(work)[None], 1, np.asarray(work)[None])
        if fields.shape[0]:
            smooth_of(&self._grid, &fields[0, 0, 0, 0], fields.shape[0], &work[0, 0, 0])

    def combine(self, double[:, :, :, ::1] a, double factor, double[:, :, :, ::1] b, double[:, :, :, ::1] out):
        """Write a + factor b to the inner nodes of ``out``, of three components; ``out`` may be one of them."""
        for one in (np.asarray(a), np.asarray(b)):
            self._result(one, 3, np.asarray(out))
        combine_of(&self._grid, &a[0, 0, 0, 0], factor, &b[0, 0, 0, 0], &out[0, 0, 0, 0])

    def ohm(self, double[:, :, :, ::1] b, double[:, :, ::1] density, double[:, :, :, ::1] flow,
            double[:, :, :, ::1] slopes, double[:, :, :, ::1] out, lengths, double T_e, double resistivity=0.0,
            lifted=False):
        """Write the electric field to the inner nodes of ``out``.

        Parameters
        ----------
        b : array [3, x, y, z]
            B of the box: J/L_i B_i.
        density, flow : array
            n J and n u J of the ions.
        slopes : array [3, x, y, z]
            Gradient of ln n in the box's lengths.
        out : array [3, x, y, z]
        lengths : (float, float, float)
            L_i.
        T_e, resistivity : float
        lifted : bool
            True: L_i (E + resistivity curl B)_i instead, whose curl in the box is the rate of -b.
        """
        cdef Ohm o
        for one in [np.asarray(b), np.asarray(flow), np.asarray(slopes), np.asarray(out)]:
            self._result(one, 3, one)
        o.volume = lengths[0] * lengths[1] * lengths[2]
        for d in range(3):
            o.length[d], o.lift[d] = lengths[d], lengths[d] / o.volume
            o.square[d] = lengths[d] * lengths[d] / o.volume
        o.T_e, o.resistivity, o.lifted = T_e, resistivity, bool(lifted)
        ohm_of(&self._grid, &o, &b[0, 0, 0, 0], &density[0, 0, 0], &flow[0, 0, 0, 0], &slopes[0, 0, 0, 0],
               &out[0, 0, 0, 0])
