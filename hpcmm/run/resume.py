"""Resumes a run from its newest whole checkpoint."""

from hpcmm.errors import InputError
from hpcmm.io import provenance
from hpcmm.run import checkpoint_read
from hpcmm.run.checkpoint_read import Damaged
from hpcmm.run.identity import difference, identity


def load(comm, directory, config, kind):
    """Collective: load (number, state, notes) of the newest whole checkpoint; notes say what is wrong with newer ones.

    Parameters
    ----------
    comm : communicator
    directory : path
    config : Config
    kind : RunKind
        Kind of the config.

    Raises
    ------
    InputError
        If there are checkpoints, but none that can be used.
    """
    own = identity(config)

    def read(seal, rows):
        checkpoint_read.refuse_schema(seal, kind.oldest_checkpoint)
        refuse_another(seal, own)
        return seal, kind.load(config, rows)

    number, content, notes = checkpoint_read.load_newest(comm, directory, read)
    if number is None:
        if notes:
            raise InputError(f"{directory}: {notes[0]}; `hpcmm run` with --overwrite starts anew")
        return None, kind.start(config), []
    seal, state = content
    here = provenance.machine()
    if any(seal.get(name) != here[name] for name in here):
        notes.append(
            f"checkpoint {number:06d} was written on another CPU or by another build ({str(seal.get('cpu'))[:60]}): "
            "what follows has the bits of this one"
        )
    return number, state, notes


def refuse_another(seal, own):
    """Raise Damaged where a checkpoint is of another run.

    Parameters
    ----------
    seal : dict
    own : dict
        `hpcmm.run.identity.identity` of the run.
    """
    other = difference(seal["run"], own)
    if other:
        raise Damaged(f"belongs to another deck ({other} differs)")
