"""Resumes a run from its newest whole checkpoint."""

from hpcmm.errors import InputError
from hpcmm.io import provenance
from hpcmm.run import checkpoint_read
from hpcmm.run.checkpoint_read import Damaged
from hpcmm.run.identity import config_of, difference, identity, renewed


def load(comm, directory, config, kind):
    """Collective: load (number, state, notes) of the newest whole checkpoint; notes say what is wrong with newer ones.

    Where the run extends a shorter one and has no checkpoint of its own yet, it goes on from one of that: so a single
    file says which run it is, its resolved.toml.

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
    own, edited = identity(config), []

    def read(seal, rows):
        tracked = getattr(config.output, "trajectories", 0)
        checkpoint_read.refuse_schema(seal, kind.oldest_with_tracks if tracked else kind.oldest_checkpoint)
        try:
            of = belonging(seal, config)
        except Damaged:
            edited.append(difference(renewed(seal["run"], config), own)[0])
            raise
        state = kind.load(of, rows)
        return seal, state if of is config else kind.extended(of, config, state)

    def is_of_shorter(seal):
        return config_of(seal.get("run"), config) not in (None, config)

    number, content, notes = checkpoint_read.load_newest(comm, directory, read, is_of_shorter)
    if number is None:
        if edited:
            remedy = f"put {edited[0]} back in {directory / 'resolved.toml'}, then hpcmm restart {directory}"
        else:
            remedy = f"hpcmm run {directory / 'resolved.toml'} --out ANOTHER starts anew"
        if notes:
            raise InputError(f"{directory}: {'; '.join(notes)}; {remedy}")
        return None, kind.start(config), []
    seal, state = content
    here = provenance.machine()
    if any(seal.get(name) != here[name] for name in here):
        notes.append(
            f"checkpoint {number:06d} was written on another CPU or by another build ({str(seal.get('cpu'))[:60]}): "
            "what follows has the bits of this one"
        )
    return number, state, notes


def belonging(seal, config):
    """Config that a checkpoint is read by: ``config``, or that of a shorter run which it extends.

    Raises
    ------
    Damaged
        If the checkpoint is of another run.
    """
    found = config_of(seal["run"], config)
    if found is None:
        key, there, here = (str(x)[:40] for x in difference(renewed(seal["run"], config), identity(config)))
        raise Damaged(f"belongs to another deck ({key} is {there} there, {here} here)")
    return found
