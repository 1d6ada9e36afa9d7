"""Kinds of run, one file each: the loop from config to products."""
