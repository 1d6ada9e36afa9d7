"""The machinery of every kind of run: rounds, tasks, checkpoints, the run directory, status, signals."""
