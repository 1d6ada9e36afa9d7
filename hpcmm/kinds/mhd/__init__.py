"""MHD turbulence in a periodic cube (`kind = "mhd"`): deck, flows, spectral solver, diagnostics, snapshots."""
