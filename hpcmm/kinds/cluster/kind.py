"""kind = "cluster": cosmic rays diffuse out of a galaxy cluster; how long it holds them, against energy."""

from hpcmm.kinds.cluster import FILES, plan, products, state
from hpcmm.kinds.cluster.all_energies import AllEnergies
from hpcmm.kinds.cluster.reader import NEEDS
from hpcmm.parallel import petsc
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind


class Cluster(RunKind):
    """Deck to escape times: follow each energy through its samples, write profiles and table."""

    unit = "profiles"
    table = "escape.ecsv"
    figure = "escape"
    checks = ("balance", "steps")
    needs = NEEDS
    files = FILES
    requires = petsc.REQUIRED
    no_running = "a run of kind 'cluster' has kappa as its input and so no kappa(t)"

    def check(self, config):
        plan.check(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        return state.ClusterState(len(config.particle.energy), plan.shape_of(config))

    def load(self, config, rows):
        return state.load(len(config.particle.energy), plan.shape_of(config), plan.shared(config), rows)

    def run(self, run, state):
        rounds.work(AllEnergies(run.config, run.comm, state, run.keeper), run.keeper)
        with run.keeper.while_writing("profiles.h5", "escape.ecsv"):
            products.write(run.comm, run.directory, run.config, state, run.provenance)

    def core_seconds(self, config):
        return plan.tasks_of(config).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.cluster import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.cluster import report

        return report.escape_table(found)

    def open(self, directory):
        from hpcmm.kinds.cluster.reader import ClusterRun

        return ClusterRun(directory)


KIND = Cluster()
