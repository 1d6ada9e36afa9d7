"""What root alone shows of a kind of run, imported when it is called: other ranks never load rich or astropy for it."""

from importlib import import_module


def late(module, name):
    """A function of a module, which is imported when it is called.

    Parameters
    ----------
    module, name : str
    """

    def call(*arguments):
        return getattr(import_module(module), name)(*arguments)

    call.__doc__ = f"See `hpcmm.kinds`; `{module}.{name}`."
    return call
