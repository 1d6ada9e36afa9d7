"""The recurrent network that reads kappa from single tracks; the only importer of torch and safetensors.

Both are imported when they are first needed, on root alone; importing this package, `walks` or `requirements` does not.
"""
