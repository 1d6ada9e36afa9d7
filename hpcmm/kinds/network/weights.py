"""weights.safetensors: the numbers of a network, and in the header the deck that made them. No pickle."""

import json

import numpy as np
import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from hpcmm.errors import InputError
from hpcmm.io import seal
from hpcmm.io.disk import reason
from hpcmm.io.whole_file import replacing
from hpcmm.kinds.network.config import NetworkConfig
from hpcmm.kinds.network.model import Network, Reader
from hpcmm.kinds.network.requirements import require_file

FORMAT, SCHEMA = "hpcmm network", "2"


def write(path, network, config, attributes):
    """Write weights under another name, then rename the file, so that it is whole at any moment.

    Parameters
    ----------
    path : Path
    network : Network
    config : NetworkConfig
    attributes : dict of str
        Provenance, written beside the config.
    """
    header = {name: str(value) for name, value in attributes.items()}
    header |= {"torch": torch.__version__, "format": FORMAT, "schema": SCHEMA, "config": json.dumps(config.plain())}
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    with replacing(path) as part:
        part.write_bytes(save(tensors, metadata=header))


def read(path):
    """Read a network back.

    Returns
    -------
    Reader, NetworkConfig

    Raises
    ------
    InputError
        If the file is absent, damaged, not of hpcmm, of another schema, or its numbers do not fit its deck.
    """
    require_file(path)
    seal.check(path)
    try:
        with safe_open(path, framework="pt") as file:
            config = _config(path, file.metadata() or {})
            network = Network(config.network.hidden, config.network.window)
            _demand_shapes(path, file, network.state_dict())
            tensors = {name: file.get_tensor(name) for name in network.state_dict()}
    except (SafetensorError, OSError, ValueError, MemoryError) as error:
        raise InputError(f"{path}: no whole safetensors file ({reason(error)}); train again") from None
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise InputError(f"{path}: its numbers do not fit the deck in its header; train again")
    network.load_state_dict(tensors)
    return Reader(network, config.network.points, tuple(-np.log10(config.training.nu_eff_T[::-1]))), config


def _config(path, header):
    """The deck of the training."""
    if header.get("format") != FORMAT:
        raise InputError(f"{path}: not weights of hpcmm; make some with `hpcmm train input_decks/network.toml`")
    if header.get("schema") != SCHEMA:
        raise InputError(f"{path}: schema {header.get('schema')}, this version reads {SCHEMA}; train again")
    try:
        return NetworkConfig.from_plain(json.loads(header["config"]))
    except (KeyError, TypeError, ValueError, ValidationError, RecursionError):
        raise InputError(f"{path}: holds no readable deck of its training; train again") from None


def _demand_shapes(path, file, own):
    """Refuse tensors that are not those of the network of the deck, before any is read."""
    held = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    fits = own.keys() == held.keys() and all(
        tuple(held[name].get_shape()) == tuple(tensor.shape) and held[name].get_dtype() == "F32"
        for name, tensor in own.items()
    )
    if not fits:
        raise InputError(f"{path}: its numbers do not fit the deck in its header; train again")
