"""kind = "hybrid_pic": micromirrors from first principles; kinetic ions, massless electrons, a contracting box."""
