"""Scattering operators, one file each: deck section, equation, kernel."""
