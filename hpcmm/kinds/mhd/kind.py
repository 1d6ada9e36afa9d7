"""kind = "mhd": incompressible MHD turbulence in a periodic cube; its snapshots are fields that others read."""

from hpcmm.kinds.mhd import FILES, plan, products, start_file, state
from hpcmm.kinds.mhd.diagnostics import shells
from hpcmm.kinds.mhd.march import March
from hpcmm.kinds.mhd.transform import REQUIRED, division, modes_of
from hpcmm.parallel.collective import on_root
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind


class MhdKind(RunKind):
    """Deck to history: advance the flow, write snapshots on the way, table and spectra at the end."""

    unit = "time units"
    table = "history.ecsv"
    figure = "mhd"
    checks = ("k_max_eta", "dt")
    needs = products.NEEDS
    files = FILES
    requires = REQUIRED
    no_running = "a run of kind 'mhd' has no particles and so no kappa(t)"

    def completed(self, config):
        return start_file.completed(config)

    def demand_begin(self, config, ranks):
        division(ranks, config.mhd.points, config.mhd.decomposition)
        if config.initial.file is not None:
            start_file.points_of(config.initial.file)

    def check(self, config):
        plan.check(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        side = modes_of(config.mhd.points)
        return state.MhdState(side, shells(side), config.mhd.precision)

    def load(self, config, rows):
        return state.load(self.start(config), config.mhd.duration, len(config.output.snapshots), rows)

    def run(self, run, state):
        rounds.work(March(run, state), run.keeper)
        with run.keeper.while_writing("spectra.h5", "history.ecsv", "microphysics.ecsv"):
            on_root(run.comm, lambda: products.write(run.directory, run.config, state, run.provenance))

    def core_seconds(self, config):
        return plan.seconds(config)

    def plan(self, config):
        from hpcmm.kinds.mhd import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.mhd import report

        return report.history_table(found)

    def advice(self, found, directory):
        from hpcmm.kinds.mhd import report

        return report.advice(found) + report.patch_lines(directory)

    def open(self, directory):
        from hpcmm.kinds.mhd.reader import MhdRun

        return MhdRun(directory)


KIND = MhdKind()
