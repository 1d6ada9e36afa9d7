"""kind = "field_lines": kappa along tangled field lines at rigidities too low to be flown gyration by gyration."""

FILES = ("kappa.ecsv",)
"""Products below the run directory; here, so that they are known without the kind's code."""
