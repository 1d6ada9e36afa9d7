"""kind = "effective_medium": diffusion through a periodic box of two media, and its tensor kappa_ij."""

import numpy as np

from hpcmm.kinds.effective_medium import FILES, plan, products, state
from hpcmm.kinds.effective_medium.all_media import AllMedia
from hpcmm.kinds.effective_medium.reader import NEEDS
from hpcmm.parallel import petsc
from hpcmm.parallel.collective import on_root
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind


class EffectiveMedium(RunKind):
    """Deck to tensor: make each medium, solve its cell problem on all ranks, write the table."""

    unit = "solved cells"
    checks = ("kappa_iso", "kappa_iso_err", "kappa_iso_discretization", "kappa_iso_realizations", "iterations")
    needs = NEEDS
    figure = "medium"
    files = FILES
    requires = petsc.REQUIRED
    no_running = "a run of kind 'effective_medium' has no time and so no kappa(t)"

    def check(self, config):
        plan.check(config)
        plan.tasks_of(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        return state.MediaState(len(plan.tasks_of(config)))

    def load(self, config, rows):
        return state.load(len(plan.tasks_of(config)), plan.cells_of(config), rows)

    def run(self, run, state):
        tasks = plan.tasks_of(run.config)
        media = AllMedia(run.config, run.comm, tasks, state, run.keeper)
        rounds.work(media, run.keeper)
        rows = np.array([media.rows[task] for task in range(len(tasks))]).reshape(*tasks.shape[:2], -1)
        with run.keeper.while_writing("kappa.ecsv"):
            on_root(run.comm, lambda: products.write_kappa(run.directory, run.config, rows, run.provenance))

    def core_seconds(self, config):
        return plan.tasks_of(config).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.effective_medium import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.effective_medium import report

        return report.kappa_table(found)

    def open(self, directory):
        from hpcmm.kinds.effective_medium.reader import MediumRun

        return MediumRun(directory)


KIND = EffectiveMedium()
