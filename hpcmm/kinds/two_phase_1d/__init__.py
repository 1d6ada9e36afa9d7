"""Particles on a line of patches and gaps (`kind = "two_phase_1d"`): deck, plan, flights, estimates, products."""
