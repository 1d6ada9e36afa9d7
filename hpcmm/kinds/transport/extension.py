"""Changes how much a deck asks for: more realizations or path of a finished run, or a part of the energies."""

import re
from dataclasses import replace

import numpy as np

from hpcmm.errors import InputError
from hpcmm.kinds.transport import track_plan
from hpcmm.kinds.transport.config import Config
from hpcmm.kinds.transport.plan import plan, tasks_of
from hpcmm.kinds.transport.state import State


def part_of(config, part):
    """Make the config of the energies I, I + N, I + 2N ... for a part "I/N", I from 1.

    Raises
    ------
    InputError
        If ``part`` is not of that form, or has no energies.
    """
    _only_transport(config, f"--part {part}")
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", part)
    number, parts = map(int, match.groups()) if match else (0, 0)
    if not 1 <= number <= parts <= len(config.particle.energy):
        count = len(config.particle.energy)
        raise InputError(f"--part {part}: I/N with I from 1 to N is expected, N up to the deck's {count} energies")
    plain = config.plain()
    plain["particle"]["energy"] = plain["particle"]["energy"][number - 1 :: parts]
    return Config.from_plain(plain)


def _only_transport(config, what):
    if not isinstance(config, Config):
        raise InputError(f"{what} is for runs of kind 'transport', not '{config.run.kind}'")


def wanted(directory, read, realizations, path_factor):
    """Plain configs of the run as it is, and of the run that is asked for; root only.

    Parameters
    ----------
    directory : path
    read : callable
        ``read(path, overrides)`` -> deck, config.
    realizations : int or None
        Total number that is asked for.
    path_factor : float or None
        New path length over the present one.

    Raises
    ------
    InputError, DeckError
        If less is asked for than there is, or the new deck is not valid.
    """
    path = directory / "resolved.toml"
    _, config = read(path)
    _only_transport(config, f"{directory}: hpcmm extend")
    overrides = []
    if realizations is not None:
        if realizations < config.run.realizations:
            raise InputError(f"{directory}: has {config.run.realizations} realizations; more are expected")
        overrides.append(f"run.realizations={realizations}")
    if path_factor is not None:
        if config.output.trajectories:
            raise InputError(
                f"{directory}: keeps tracks at equal intervals of its path, which a longer path would change; "
                "--path-factor is for runs without output.trajectories"
            )
        overrides.append(f"stepping.path_factors={[*config.stepping.path_factors, path_factor]}")
    _, more = read(path, overrides)
    return config.plain(), more.plain()


def options(realizations=None, path_factor=None):
    """Options of `hpcmm extend`, as they are typed."""
    asked = (("--realizations", realizations), ("--path-factor", path_factor))
    return " ".join(f"{name} {value:g}" for name, value in asked if value is not None)


def refuse_unfinished(comm, directory, state):
    """Collective: raise InputError on all ranks if the run is not finished."""
    done = comm.allreduce(len(state.done))
    if done < state.tasks:
        raise InputError(
            f"{directory}: {done} of {state.tasks} tasks are in its newest checkpoint; run it to its end first: "
            f"hpcmm restart {directory}"
        )


def extended(config, more, state):
    """Make this rank's state of the longer run ``more`` from that of the run of ``config``, finished or not.

    Tasks get the numbers that they have in the longer run; with a longer path every block is in progress again, from
    the last multiple of CHUNK steps.
    """
    old, new = tasks_of(config, plan(config)), tasks_of(more, plan(more))
    tracked = track_plan.tracks_of_blocks(more, *new.shape[1:])
    longer = more.times - config.times

    def moved(flights):
        found = {}
        for task, flight in flights.items():
            place = old.place(task)
            # spread over more realizations, no block keeps more tracks than before
            tracks, sums = flight.tracks[: tracked[place[1:]]], np.pad(flight.sums, ((0, longer), (0, 0)))
            found[int(np.ravel_multi_index(place, new.shape))] = replace(flight, tracks=tracks, sums=sums)
        return found

    done, flights = moved(state.done), moved(state.flights)
    if longer:
        return State(more.times, len(new), flights=done | flights)
    return State(more.times, len(new), done=done, flights=flights)
