"""kind = "hybrid_pic": micromirrors grow in a contracting box; its snapshots are fields that others read."""

from hpcmm.kinds.hybrid_pic import FILES, plan, products, state
from hpcmm.kinds.hybrid_pic.march import March
from hpcmm.kinds.hybrid_pic.reader import HISTORY, HybridRun
from hpcmm.parallel.collective import on_root
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind


class HybridKind(RunKind):
    """Deck to history: advance the plasma, write snapshots on the way, tables at the end."""

    unit = "marker steps"
    table = "history.ecsv"
    checks = ("energy", "momentum", "div_B", "clamped", "thin")
    needs = HISTORY
    figure = "hybrid_pic"
    files = FILES
    no_running = "a run of kind 'hybrid_pic' has no cosmic rays and so no kappa(t)"

    def check(self, config):
        plan.check(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        return state.empty(config)

    def load(self, config, rows):
        return state.load(config, rows)

    def run(self, run, state):
        rounds.work(March(run, state), run.keeper)
        with run.keeper.while_writing(*products.names(run.config)):
            on_root(run.comm, lambda: products.write(run.directory, run.config, state, run.provenance))

    def core_seconds(self, config):
        return plan.seconds(config)

    def plan(self, config):
        from hpcmm.kinds.hybrid_pic import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.hybrid_pic import report

        return report.history_table(found)

    def advice(self, found, directory):
        from hpcmm.kinds.hybrid_pic import report

        return report.advice(found)

    def open(self, directory):
        return HybridRun(directory)


KIND = HybridKind()
