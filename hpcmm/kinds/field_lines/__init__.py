"""kind = "field_lines": kappa along tangled field lines at rigidities too low to be flown gyration by gyration."""
