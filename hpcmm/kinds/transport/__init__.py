"""Transport of cosmic rays in magnetic fields (`kind = "transport"`): deck, particles, moments, kappa, products."""
