"""Compiled kernels of hpcmm: blocks of particles, fields, scattering, the push. No physics numbers live here."""
