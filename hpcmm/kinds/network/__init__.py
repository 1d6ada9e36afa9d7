"""The recurrent network that reads kappa from single tracks; the only importer of torch and safetensors.

Both are imported when they are first needed, on root alone: `walks` and this file know nothing of them.
"""

import os

from hpcmm.errors import InputError


def require_file(path):
    """Refuse in one line where there are no weights; before torch, which takes seconds to import.

    Raises
    ------
    InputError
        Saying how to make them.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such weights; make them with `hpcmm train input_decks/network.toml`")


def require_torch():
    """Refuse in one line where torch or safetensors is missing.

    Raises
    ------
    InputError
        Saying how to get them.
    """
    try:
        import safetensors  # noqa: F401
        import torch  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: a library that does not load
        raise InputError(
            f"the recurrent network needs torch and safetensors ({str(error).splitlines()[0]}): pip install .[rnn]"
        ) from None
