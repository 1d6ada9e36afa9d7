"""The commands of `hpcmm`, one module each; `hpcmm.cli` parses their arguments."""
