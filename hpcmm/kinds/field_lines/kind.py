"""kind = "field_lines": particles on tabulated field lines, their magnetic moment conserved but for resonance."""

from hpcmm.kinds.field_lines import FILES, plan, products, state
from hpcmm.kinds.field_lines.flights import LineBlocks, flight_shape
from hpcmm.kinds.field_lines.reader import NEEDS, FieldLinesRun
from hpcmm.parallel.collective import on_root
from hpcmm.run import rounds
from hpcmm.run.kind import RunKind
from hpcmm.run.task_queue import TaskQueue


class FieldLines(RunKind):
    """Deck to kappa(E) along lines: trace lines of each cut, fly all energies on them."""

    unit = "core-seconds as planned"
    files = FILES
    checks = (
        "converged", "regime", "slope", "slope_err", "lag_over_lambda", "kappa_par", "kappa_par_err", "cut_error",
        "ended",
    )  # fmt: skip
    needs = NEEDS
    no_running = "a run of kind 'field_lines' keeps no kappa(t)"

    def check(self, config):
        plan.plan(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        plans = plan.plan(config)
        return state.State(flight_shape(config, plans), len(plan.tasks_of(config, plans)))

    def load(self, config, rows):
        plans = plan.plan(config)
        return state.load(flight_shape(config, plans), len(plan.tasks_of(config, plans)), rows)

    def run(self, run, state):
        config, comm = run.config, run.comm
        plans = plan.plan(config)
        tasks = plan.tasks_of(config, plans)
        rounds.work(TaskQueue(tasks, state, LineBlocks(config, plans, tasks), comm), run.keeper)
        parts = comm.gather(state.done)

        def write_kappa():
            sums = {tasks.place(task)[:2]: sums for part in parts for task, sums in part.items()}
            products.write_kappa(run.directory, config, sums, run.provenance)

        with run.keeper.while_writing("kappa.ecsv"):
            on_root(comm, write_kappa)

    def core_seconds(self, config):
        return plan.tasks_of(config, plan.plan(config)).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.field_lines import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.field_lines import report

        return report.kappa_table(found)

    def advice(self, found, directory):
        from hpcmm.kinds.field_lines import report

        return report.advice(found, directory)

    def open(self, directory):
        return FieldLinesRun(directory)


KIND = FieldLines()
