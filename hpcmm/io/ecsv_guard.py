"""Looks at the text of an ECSV table before astropy reads it: its header is YAML, which may ask for almost anything.

A table of a run has flat columns of numbers, flags or words, units, and a header of a few plain facts. Whatever else
the text asks for (aliases that unfold without end, objects, arrays in the header, columns of arrays, numbers of a
million digits, units that take hours) is refused before anything is built from it.
"""

import re

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, which is several times as fast, where PyYAML has it."""

MOST_BYTES = 2**25
"""Largest table that is read; a history of 100,000 rows has 24 MB."""

MOST_CELLS = 2**22
MOST_HEADER = 2**21
"""Most bytes of the header; it may hold a whole deck."""

MOST_NODES = 20_000
"""Most values of the header, aliases unfolded."""

MOST_COLUMNS = 500
DEEPEST = 12

_UNIT = re.compile(r"(?!.*\d{4})[\w%*/^(). +-]{0,60}", re.ASCII)
_TYPES = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64|128)|string")
_TAGS = ("!astropy.units.Unit", "!astropy.table.SerializedColumn")
_NUMBERS = ("int", "float")
_PLAIN = ("null", "bool", "str", "seq", "map", "omap", *_NUMBERS)


def check(text):
    """Refuse what is no table of a run.

    Parameters
    ----------
    text : str
        The whole file.

    Raises
    ------
    ValueError
        In a line that says why.
    """
    header, body = _split(text)
    if body.count(",") + body.count(" ") + body.count("\n") > MOST_CELLS:
        raise ValueError("more cells than any table of a run has")
    try:
        _count(header)
        root = yaml.compose(header, Loader=LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"its header is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("its header says nothing of columns")
    _check_node(root, set())
    _check_columns({key.value: value for key, value in root.value}.get("datatype"))


def _split(text):
    """YAML of the header, that is of the lines after the first that begin with "# ", and the rest of the text."""
    if not text.startswith("# %ECSV "):
        raise ValueError("its first line does not say %ECSV")
    lines, start = [], 0
    while text.startswith("#", start):
        end = text.find("\n", start) % (len(text) + 1)
        lines.append(text[start + 2 : end])
        start = end + 1
        if start > MOST_HEADER:
            raise ValueError("its header is too long")
    return "\n".join(lines[1:]), text[start:]


def _count(header):
    """Refuse a header with too many values, aliases counted as what they stand for, or nested too deeply."""
    sizes, open_nodes, total = {}, [], 0
    for event in yaml.parse(header, Loader=LOADER):
        size = 1
        if isinstance(event, yaml.AliasEvent):
            size = sizes.get(event.anchor, MOST_NODES)  # of a node that is still open: it holds itself
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            open_nodes.append([event.anchor, 1])
            size = 0
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            anchor, size = open_nodes.pop()
            sizes[anchor] = size
        elif isinstance(event, yaml.ScalarEvent):
            sizes[event.anchor] = 1
        else:
            size = 0
        if open_nodes:
            open_nodes[-1][1] += size
        total = max(total, size, *(count for _, count in open_nodes[-1:]))
        if total > MOST_NODES or len(open_nodes) > DEEPEST:
            raise ValueError("its header holds too much, or is nested too deeply")


def _check_node(node, seen):
    """Refuse tags, numbers and units that no table of a run has."""
    if id(node) in seen:
        return
    seen.add(id(node))
    tag = node.tag.removeprefix("tag:yaml.org,2002:")
    if tag not in _PLAIN and tag not in _TAGS:
        raise ValueError(f"its header holds what no table of a run has: {tag[:60]}")
    if isinstance(node, yaml.ScalarNode):
        if tag in _NUMBERS and not re.fullmatch(r"[-+.\w]{1,30}", node.value):
            raise ValueError(f"a number of {len(node.value)} digits in its header")
        return
    for item in node.value:
        key, value = item if isinstance(node, yaml.MappingNode) else (None, item)
        if key is not None:
            _check_node(key, seen)
            if key.value == "unit" and isinstance(value, yaml.ScalarNode) and not _is_unit(value.value):
                raise ValueError(f"{value.value[:40]!r} is no unit of a table of a run")
        _check_node(value, seen)


def _is_unit(text):
    return _UNIT.fullmatch(text) is not None


def _check_columns(columns):
    if not isinstance(columns, yaml.SequenceNode) or not 1 <= len(columns.value) <= MOST_COLUMNS:
        raise ValueError("its header names no columns, or too many")
    names = set()
    for column in columns.value:
        if not isinstance(column, yaml.MappingNode):
            raise ValueError("its header describes no columns")
        facts = {key.value: value.value for key, value in column.value if isinstance(key.value, str)}
        if "subtype" in facts or not _TYPES.fullmatch(str(facts.get("datatype"))):
            raise ValueError(f"column {str(facts.get('name'))[:40]!r} has neither numbers nor words")
        names.add(str(facts.get("name")))
    if len(names) != len(columns.value):
        raise ValueError("columns share a name")
