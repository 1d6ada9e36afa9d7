"""Transport of cosmic rays in magnetic fields (`kind = "transport"`): deck, particles, moments, kappa, products."""

FILES = (
    "moments.h5",
    "tracks.h5",
    "kappa.ecsv",
    "estimators.ecsv",
    "pitch_angle.ecsv",
    "pitch_angle_distribution.ecsv",
    "autocorrelation.ecsv",
)
"""Products below the run directory; here, so that they are known without the kind's code."""
