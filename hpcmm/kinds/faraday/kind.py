"""kind = "faraday": rays through snapshots, sums of n_e B_los dl to sigma_RM and depolarization."""

from hpcmm.deck.section import SectionError
from hpcmm.io.field_files.cube import FieldFileError
from hpcmm.io.field_files.memory import available
from hpcmm.kinds.faraday import FILES, plan, products, state
from hpcmm.kinds.faraday.media import Media, density_of
from hpcmm.kinds.faraday.rays import RayBlocks
from hpcmm.kinds.faraday.reader import NEEDS, FaradayRun
from hpcmm.parallel.collective import on_root
from hpcmm.run import cubes, rounds
from hpcmm.run.kind import RunKind
from hpcmm.run.task_queue import TaskQueue


class Faraday(RunKind):
    """Deck to sigma_RM: read the field, fly blocks of rays, sum in order of task."""

    unit = "steps of rays"
    table = "faraday.ecsv"
    figure = "faraday"
    files = FILES
    checks = ("sigma_RM", "sigma_RM_err", "sigma_RM_analytic", "lost", "lost_err", "lost_analytic")
    needs = NEEDS
    no_running = "a run of kind 'faraday' has no kappa(t)"

    def completed(self, config):
        config = cubes.completed(config)
        _check_densities(config)
        return config

    def notes(self, config):
        return cubes.lines(config)

    def check(self, config):
        for place, section in enumerate(config.field):
            _check_section(config, place, section)
        _check_memory(config)
        _tasks(config)

    def warnings(self, config):
        return plan.warnings(config)

    def start(self, config):
        return state.State(len(_tasks(config)))

    def load(self, config, rows):
        return state.load(len(_tasks(config)), plan.course(config).flown, rows)

    def run(self, run, state):
        config, comm = run.config, run.comm
        course, tasks, media = plan.course(config), _tasks(config), Media(config, comm)
        rounds.work(TaskQueue(tasks, state, RayBlocks(config, course, tasks, media), comm), run.keeper)
        parts = comm.gather(state.done)

        def write():
            rows = {task: found for part in parts for task, found in part.items()}
            products.write(run.directory, config, rows, media.uniform, run.provenance)

        with run.keeper.while_writing("faraday.ecsv"):
            on_root(comm, write)
        media.close()

    def core_seconds(self, config):
        return _tasks(config).total_seconds()

    def plan(self, config):
        from hpcmm.kinds.faraday import report

        return report.plan_table(config), report.plan_lines(config)

    def show(self, found):
        from hpcmm.kinds.faraday import report

        return report.result_table(found)

    def advice(self, found, directory):
        from hpcmm.kinds.faraday import report

        return report.advice(found)

    def open(self, directory):
        return FaradayRun(directory)


def _check_section(config, place, section):
    """Let a model refuse what it cannot be; its key from the root of the deck."""
    if section.model != "field_file":
        return
    try:
        section.check(plan.surroundings(config), None, 0.0)
    except SectionError as error:
        raise SectionError(("field", place, *error.key), str(error)) from None


def _check_densities(config):
    """Refuse files without the densities that are asked for."""
    if config.faraday.density == "constant":
        return
    place = config.field.index(config.from_file)
    for number in range(len(config.from_file.file)):
        try:
            density_of(config, number)
        except FieldFileError as error:
            raise SectionError(("field", place, error.key), str(error)) from None


def _check_memory(config):
    """Refuse files that do not fit into this node all together."""
    need, free = plan.bytes_of(config), available()
    if need > free:
        place = config.field.index(config.from_file)
        message = f"values of all files need {need / 1e9:.3g} GB of memory, this node has {free / 1e9:.3g} GB"
        raise SectionError(("field", place, "file"), message)


def _tasks(config):
    return plan.tasks_of(config, plan.course(config))


KIND = Faraday()
