"""Decides by their configs whether a checkpoint belongs to a run, or to one that it extends; names what differs."""


def identity(config):
    """Part of a config, as plain data, that a checkpoint must share with a run to belong to it.

    That is all but the title and [output], of which the keys that its model names in ``in_checkpoint`` remain.
    """
    plain = config.plain()
    kept = {name: plain["output"][name] for name in config.output.in_checkpoint}
    return {name: plain[name] for name in plain if name not in ("output", "title")} | ({"output": kept} if kept else {})


def config_of(run, config):
    """Config by which a checkpoint is read: that of the run, or of a shorter one which the run extends.

    Parameters
    ----------
    run : dict
        `identity` in the seal of the checkpoint; it may be anything.
    config : Config
        Of the run.

    Returns
    -------
    Config or None
        ``config`` itself if the checkpoint is of this run, None if it is of another.
    """
    run = renewed(run, config)
    try:
        found = config.shorter(run)
    except (AttributeError, KeyError, TypeError, ValueError):  # pydantic's error is a ValueError
        return None
    return found if found is not None and identity(found) == run else None


def renewed(run, config):
    """`identity` of an older version, with the keys that decks have had since at their defaults, which change nothing.

    A run of weeks is resumed after an update. Where an update does change what a kind computes, its `oldest_checkpoint`
    is raised instead.

    Parameters
    ----------
    run : dict
        From the seal of a checkpoint; it may be anything.
    config : Config
        Of the run; its title and [output] complete ``run``.

    Returns
    -------
    dict
        ``run`` itself where no config can be made of it.
    """
    plain = config.plain()
    try:
        whole = {**run, "title": plain["title"], "output": {**plain["output"], **run.get("output", {})}}
        return identity(type(config).from_plain(whole))
    except (AttributeError, KeyError, TypeError, ValueError):  # pydantic's error is a ValueError
        return run


def difference(one, other, name=""):
    """First key in which two plain configs differ, its value in each; None if they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return next((d for k in keys if (d := difference(one.get(k), other.get(k), f"{name}.{k}".strip(".")))), None)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((d for i, (a, b) in pairs if (d := difference(a, b, f"{name}[{i}]"))), None)
    return None if one == other else (name or "its whole", one, other)
