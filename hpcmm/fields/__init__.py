"""Magnetic field models, one file each: deck section, equation, realization."""
