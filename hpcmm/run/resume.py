"""Where a run goes on: its newest whole checkpoint."""

from hpcmm import kinds
from hpcmm.io import provenance
from hpcmm.run import checkpoint_read
from hpcmm.run.checkpoint_read import Damaged
from hpcmm.errors import InputError
from hpcmm.run.identity import difference, identity


def load(comm, directory, config):
    """Collective: number and state of the newest checkpoint of a run, and what was wrong with newer ones.

    Raises
    ------
    InputError
        If there are checkpoints, but none that can be used.
    """
    rows = _loader(comm, config, identity(config))
    number, content, notes = checkpoint_read.load_newest(comm, directory, lambda seal, file: (seal, rows(seal, file)))
    if number is None:
        if notes:
            raise InputError(f"{directory}: {notes[0]}; `hpcmm run` with --overwrite starts anew")
        return None, kinds.of(config).new_state(config), []
    seal, state = content
    here = provenance.machine()
    if any(seal.get(name) != here[name] for name in here):
        notes.append(
            f"checkpoint {number:06d} was written on another CPU or by another build ({str(seal.get('cpu'))[:60]}): "
            "what follows has the bits of this one"
        )
    return number, state, notes


def _loader(comm, config, own):
    """What `checkpoint_read.load_newest` calls: ``load(seal, file)`` gives this rank's state.

    Parameters
    ----------
    comm : communicator
    config : Config
    own : dict
        Identity of the run, as in the seal of its checkpoints.
    """
    rows = kinds.of(config).rows_reader(config)

    def load(seal, file):
        other = difference(seal["run"], own)
        if other:
            raise Damaged(f"belongs to another deck ({other} differs)")
        return rows(file, comm.rank, comm.size)

    return load

