"""kind = "transport": particle ensembles through turbulence and micromirrors, moments to diffusion tensor."""

from pathlib import Path

from hpcmm.kinds.transport import FILES, extension, masks, moments_file, products, state, tracks
from hpcmm.kinds.transport.block_run import BlockRun
from hpcmm.kinds.transport.plan import plan, tasks_of
from hpcmm.kinds.transport.plan_warnings import warnings
from hpcmm.kinds.transport.realize import RealizedFields
from hpcmm.parallel.collective import OneRank, on_root
from hpcmm.run import cubes, resume, rounds
from hpcmm.run.kind import Progress, RunKind
from hpcmm.run.task_queue import Blocks, TaskQueue


class Transport(RunKind):
    """Deck to kappa(E): realize fields and ensembles, push blocks, write moments, compute kappa."""

    unit = "particle steps"
    figure = "fig3"
    lag_figure = "running"
    oldest_checkpoint = 4
    oldest_with_tracks = 5  # before, places were at other steps
    checks = (
        "converged", "kappa_perp_converged", "regime", "slope", "slope_err", "lag_over_lambda", "displacement_over_l_c",
        "displacement_over_box", "ended",
    )  # fmt: skip
    needs = products.NEEDS
    files = FILES

    def figure_of(self, directories):
        """Kappa along and across a guide field where all runs have one."""
        guided = all("kappa_par" in self.read_table(directory).colnames for directory in directories)
        return "guide" if guided else self.figure

    def completed(self, config):
        return masks.completed(cubes.completed(config))

    def notes(self, config):
        return cubes.lines(config) + masks.lines(config)

    def check(self, config):
        tasks_of(config, plan(config))

    def warnings(self, config):
        return warnings(config)

    def start(self, config):
        return state.State(config.times, len(tasks_of(config, plan(config))))

    def load(self, config, rows):
        plans = plan(config)
        return state.load(config, plans, tasks_of(config, plans).shape, rows)

    def extended(self, shorter, config, state):
        return extension.extended(shorter, config, state)

    def run(self, run, state):
        config, comm, keeper = run.config, run.comm, run.keeper
        plans = plan(config)
        tasks = tasks_of(config, plans)
        rounds.work(TaskQueue(tasks, state, FieldBlocks(config, plans, tasks, comm), comm), keeper)
        if config.output.trajectories:
            with keeper.while_writing("tracks.h5"):
                tracks.write(comm, run.directory / "tracks.h5", config, plans, tasks, state, run.provenance)
        sums = {task: flight.sums for task, flight in state.done.items()}
        with keeper.while_writing("moments.h5"):
            path, lags = run.directory / "moments.h5", {task: flight.lags for task, flight in state.done.items()}
            moments_file.write(comm, path, plans, tasks, sums, lags, run.provenance)
        with keeper.while_writing("kappa.ecsv"):
            on_root(comm, lambda: products.write_kappa(run.directory))

    def core_seconds(self, config):
        return tasks_of(config, plan(config)).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.transport import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.transport import report

        return report.kappa_table(found)

    def advice(self, found, directory):
        from hpcmm.kinds.transport import report

        return report.advice(found, directory)

    def open(self, directory):
        from hpcmm.kinds.transport.reader import TransportRun

        return TransportRun(directory)

    def progress(self, config, directory):
        from hpcmm.kinds.transport import report

        number, state, notes = resume.load(OneRank(), directory, config, self)
        return Progress(number, notes, None if number is None else report.progress_table(config, state))

    def recompute(self, directory, running=False):
        from hpcmm.kinds.transport import report

        if running:
            return report.running_table(moments_file.read(Path(directory) / "moments.h5"))
        return report.kappa_table(products.kappa_table(directory))


class FieldBlocks(Blocks):
    """Begins blocks in the field of their energy and realization; grids are shared by the ranks of a node."""

    def __init__(self, config, plans, tasks, comm):
        self._how, self._tasks, self._plans = (config, plans, tasks), tasks, plans
        self._fields = RealizedFields(config, plans, comm)

    def begin(self, task, flight):
        return BlockRun.begin(*self._how, task, self._fields, flight)

    def share(self, task, flight):
        return flight.step / self._plans[self._tasks.place(task)[0]].steps

    def hold(self, tasks):
        self._fields.hold([self._tasks.place(task)[:2] for task in tasks])

    def ready(self, task):
        return self._fields.ready(self._tasks.place(task)[:2])


KIND = Transport()
