"""Compiled kernels of hpcmm; they hold no physical constants.

Fields: field, uniform, plane_waves (single_waves.h), multirate (float_waves.h, taylor.h), grids (grid_cells.h).
Scattering: scatter (kick.h), patches (morphology.h), lives.
Particles: block, push in three dimensions; telegraph on a line.
Tools: simd.h, simd_float.h, philox.h, turns.h; build and peak for `hpcmm doctor` and `hpcmm bench`.
"""
