"""Where a run goes on: its newest whole checkpoint."""

import numpy as np

from hpcmm import checkpoint_read, provenance, two_phase_plan, two_phase_state
from hpcmm.checkpoint_read import Damaged
from hpcmm.errors import InputError
from hpcmm.identity import difference, identity
from hpcmm.state import State, rows_of
from hpcmm.stepping import plan
from hpcmm.tasks import tasks_of


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
        return None, new_state(config), []
    seal, state = content
    here = provenance.machine()
    if any(seal.get(name) != here[name] for name in here):
        notes.append(
            f"checkpoint {number:06d} was written on another CPU or by another build ({str(seal.get('cpu'))[:60]}): "
            "what follows has the bits of this one"
        )
    return number, state, notes


def new_state(config):
    """State of a run at its start."""
    return two_phase_state.TwoPhaseState() if config.run.kind == "two_phase_1d" else State()


def _loader(comm, config, own):
    """What `checkpoint_read.load_newest` calls: ``load(seal, file)`` gives this rank's state.

    Parameters
    ----------
    comm : communicator
    config : Config
    own : dict
        Identity of the run, as in the seal of its checkpoints.
    """
    rows = _rows_of_kind(config)

    def load(seal, file):
        other = difference(seal["run"], own)
        if other:
            raise Damaged(f"belongs to another deck ({other} differs)")
        return rows(file, comm.rank, comm.size)

    return load


def _rows_of_kind(config):
    """Reader ``rows(file, rank, ranks)`` of the checkpoints of this kind of run."""
    if config.run.kind == "two_phase_1d":
        tasks = len(two_phase_plan.tasks_of(config, two_phase_plan.plan(config)))
        return lambda file, rank, ranks: two_phase_state.rows_of(file, tasks, rank, ranks)
    plans = plan(config)
    tasks = tasks_of(config, plans)
    steps = np.repeat([p.steps for p in plans], tasks.shape[1] * tasks.shape[2])
    return lambda file, rank, ranks: rows_of(file, steps, config.times, rank, ranks)
