"""kind = "network": a deck that is trained by one process, not run on ranks."""

from hpcmm.kinds.network import FILES
from hpcmm.run.kind import Kind


class Network(Kind):
    """Deck to the weights of a recurrent network: `hpcmm train`."""

    files = FILES

    def check(self, config):
        """All there is to refuse stands in the deck's model."""

    def warnings(self, config):
        high = config.training.nu_eff_T[1]
        if high > 2 * config.network.points:
            return [
                f"training.nu_eff_T up to {high:g}: at {high / 2:g} turns in {config.network.points} intervals most "
                "turns come more than once in an interval and cannot be seen"
            ]
        return []

    def plan(self, config):
        from hpcmm.kinds.network import report

        return report.plan_table(config), report.plan_lines(config)


KIND = Network()
