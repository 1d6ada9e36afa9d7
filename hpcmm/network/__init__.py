"""The recurrent network that reads kappa from single tracks; the only importer of torch and safetensors.

Both are imported when they are first needed, on root alone: `walks` and this file know nothing of them.
"""

from hpcmm.errors import InputError


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
