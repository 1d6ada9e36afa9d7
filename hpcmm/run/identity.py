"""Decides by their configs whether a checkpoint belongs to a run, and names the key that differs."""


def identity(config):
    """Part of a config, as plain data, that a checkpoint must share with a run to belong to it.

    That is all but the title and [output], of which the keys that its model names in ``in_checkpoint`` remain.
    """
    plain = config.plain()
    kept = {name: plain["output"][name] for name in config.output.in_checkpoint}
    return {name: plain[name] for name in plain if name not in ("output", "title")} | ({"output": kept} if kept else {})


def difference(one, other, name=""):
    """Name of the first key in which two plain configs differ; None if they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return next((d for k in keys if (d := difference(one.get(k), other.get(k), f"{name}.{k}".strip(".")))), None)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((d for i, (a, b) in pairs if (d := difference(a, b, f"{name}[{i}]"))), None)
    return None if one == other else name or "its whole"
