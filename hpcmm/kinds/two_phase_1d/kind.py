"""kind = "two_phase_1d": particles on a line of scattering patches and gaps, and the kappa of eq 11."""

import dataclasses

import numpy as np

from hpcmm.io import tracks_file
from hpcmm.kinds.two_phase_1d import FILES, plan, products, state, tracks
from hpcmm.kinds.two_phase_1d.flights import LineBlocks
from hpcmm.kinds.two_phase_1d.reader import NEEDS
from hpcmm.parallel.collective import on_root
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind
from hpcmm.run.task_queue import TaskQueue


class TwoPhase1D(RunKind):
    """Deck to kappa(f_mm): fly blocks of particles, gather their sums in order of task."""

    unit = "turns"
    figure = "fig5"
    checks = ("kappa", "kappa_err", "kappa_exact")
    needs = NEEDS
    files = FILES
    no_running = "a run of kind 'two_phase_1d' keeps no kappa(t), only T/3 and T"

    def check(self, config):
        tracks.check(config)
        _tasks(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        tasks = _tasks(config)
        return state.TwoPhaseState(tasks.lanes, len(tasks))

    def load(self, config, rows):
        tasks = _tasks(config)
        return state.load(len(tasks), tasks.lanes, rows)

    def run(self, run, state):
        config, comm, keeper = run.config, run.comm, run.keeper
        plans = plan.plan(config)
        tasks = plan.tasks_of(config, plans)
        rounds.work(TaskQueue(tasks, state, LineBlocks(config, plans, tasks), comm), keeper)
        parts = comm.gather(state.done)

        def write_kappa():
            done = {task: sums for part in parts for task, sums in part.items()}
            sums = np.concatenate([done[task] for task in range(len(tasks))]).reshape(len(plans), -1, done[0].shape[1])
            products.write_kappa(run.directory, config, plans, sums, run.provenance)

        with keeper.while_writing("kappa.ecsv"):
            on_root(comm, write_kappa)
        if config.output.trajectories:
            _keep_tracks(run, plans, state)

    def core_seconds(self, config):
        return _tasks(config).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.two_phase_1d import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.two_phase_1d import report

        return report.kappa_table(found)

    def open(self, directory):
        from hpcmm.kinds.two_phase_1d.reader import LineRun

        return LineRun(directory)


def _tasks(config):
    return plan.tasks_of(config, plan.plan(config))


def _keep_tracks(run, plans, state):
    """Fly the tracks that the deck asks for once more, into tracks.h5."""

    def between_pieces():
        run.keeper.sync(float(run.comm.rank == 0), 1.0, True)
        run.keeper.save_or_stop(state)

    found = tracks.fly(run.config, plans, run.comm, between_pieces)

    def write():
        tracks_file.write(run.directory / "tracks.h5", dataclasses.replace(found, attributes=run.provenance))

    with run.keeper.while_writing("tracks.h5"):
        on_root(run.comm, write)


KIND = TwoPhase1D()
