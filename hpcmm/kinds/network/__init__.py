"""The recurrent network that reads kappa from single tracks; the only importer of torch and safetensors.

Both are imported when they are first needed, on root alone; importing this package, `walks` or `requirements` does not.
"""

FILES = ("weights.safetensors", "training.ecsv", "test.ecsv", "figures/training.png")
"""Products below the run directory; here, so that they are known without the kind's code."""
