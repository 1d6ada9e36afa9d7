"""kind = "cluster": cosmic rays diffuse out of a galaxy cluster; how long it holds them, against energy."""

from hpcmm.parallel import petsc
from hpcmm.kinds.cluster import all_energies, plan, products, state
from hpcmm.errors import InputError
from hpcmm.kinds.late import late
from hpcmm.kinds.transport.products import read_kappa

UNIT = "profiles"
FIGURE = "escape"
TABLE = "escape.ecsv"

plan_table = late("hpcmm.kinds.cluster.report", "plan_table")
plan_lines = late("hpcmm.kinds.cluster.report", "plan_lines")
kappa_table = late("hpcmm.kinds.cluster.report", "escape_table")
open_run = late("hpcmm.kinds.cluster.reader", "ClusterRun")


def demand():
    """See `hpcmm.kinds`."""
    petsc.demand("cluster")


def tasks(config):
    """See `hpcmm.kinds`."""
    plan.check(config)
    return plan.tasks_of(config)


def warnings(config):
    """See `hpcmm.kinds`."""
    return plan.warnings(config)


def new_state(config):
    """See `hpcmm.kinds`."""
    return state.ClusterState(plan.shape_of(config))


def rows_reader(config):
    """See `hpcmm.kinds`."""
    count, shape, together = len(config.particle.energy), plan.shape_of(config), plan.shared(config)
    return lambda file, rank, ranks: state.rows_of(file, count, shape, together, rank, ranks)


def run(config, comm, directory, state, keeper, attributes):
    """Deck to escape times: follow each energy through its samples, write profiles and table; see `hpcmm.kinds`."""
    all_energies.work_off(config, comm, state, keeper)
    with keeper.guard("profiles.h5 or escape.ecsv"):
        products.write(comm, directory, config, state, attributes)


def table(directory, running=False):
    """See `hpcmm.kinds`: the table as it is kept."""
    if running:
        raise InputError(f"{directory}: a run of kind 'cluster' has kappa as its input and so no kappa(t)")
    return kappa_table(read_kappa(directory, TABLE))
