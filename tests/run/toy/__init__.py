"""A kind of run in a folder and a line: numbers that all ranks turn over together, as a plasma or a fluid would be."""
