"""kind = "faraday": rotation measures along rays through patches of a field, and the depolarization they make."""

FILES = ("faraday.ecsv",)
"""Products below the run directory; here, so that they are known without the kind's code."""
