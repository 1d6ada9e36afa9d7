"""Checks that the network's weights and libraries are there, before torch takes seconds to import."""

import os

from hpcmm.errors import InputError


def require_file(path):
    """Refuse a missing file of weights, before importing torch, which takes seconds.

    Raises
    ------
    InputError
        If there is no such file; says how to make it.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such weights; make them with `hpcmm train input_decks/network.toml`")


def require_torch():
    """Refuse to work without torch and safetensors.

    Raises
    ------
    InputError
        If one of them is missing; says how to get them.
    """
    try:
        import safetensors  # noqa: F401
        import torch  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: a library that does not load
        raise InputError(
            f"the recurrent network needs torch and safetensors ({str(error).splitlines()[0]}): pip install .[rnn]"
        ) from None
