"""kind = "network": a deck that is trained, by one process; there is nothing to deal to ranks."""


def tasks(config):
    """None."""
    return []


def warnings(config):
    """Lines on what is allowed but likely not meant."""
    high = config.training.nu_eff_T[1]
    if high > 2 * config.network.points:
        return [
            f"training.nu_eff_T up to {high:g}: at {high / 2:g} turns in {config.network.points} intervals most turns "
            "come more than once in an interval and cannot be told"
        ]
    return []


def plan_table(config):
    """See `hpcmm.kinds`."""
    from hpcmm.kinds.network import report

    return report.plan_table(config)


def plan_lines(config):
    """See `hpcmm.kinds`."""
    from hpcmm.kinds.network import report

    return report.plan_lines(config)
