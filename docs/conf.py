"""How Sphinx makes a site of these pages: `make docs`. API pages come from docstrings of what api.md names."""

import re
import sys
from pathlib import Path

from docutils.parsers.rst.states import Inliner

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # what is documented is the code beside these pages

project = html_title = "hpcmm"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "sphinx-mathjax-offline"]
templates_path = exclude_patterns = ["templates"]
default_role = "py:obj"  # as `names` in docstrings are meant

myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True  # $$ right below a line of text
myst_heading_anchors = 4  # links to sections as GitHub names them

autosummary_generate_overwrite = True
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_default_options = {"exclude-members": "model_config"}
add_module_names = False
numpydoc_show_class_members = False  # they follow anyway

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = html_show_sphinx = html_copy_source = False

LINKS = {
    "../CONTRIBUTING.md": "contributing.md",
    "CONTRIBUTING.md": "contributing.md",
    "docs/decisions": "decisions/index.md",
    "CITATION.cff": "../CITATION.cff",
}
"""Where pages of the repository point -> where that is on the site."""

HEADINGS = re.findall(r"^#+ ((\d[\d.]*) .*)$", (HERE / "physics.md").read_text(encoding="utf-8"), re.MULTILINE)
SECTIONS = {number: re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title, number in HEADINGS}
"""Number of a section of physics.md -> its anchor."""


def setup(app):
    """Mend links of pages that are read, and that pages include; make some of those that docstrings have not."""
    app.connect("source-read", lambda app, page, text: mend(text))
    app.connect("include-read", lambda app, path, page, text: mend(text))
    app.connect("autodoc-process-docstring", cite)
    app.connect("autodoc-process-signature", without_keys)
    Inliner.dispatch["|"] = bar


def mend(text):
    """Replace links in the one text of a list."""
    for old, new in LINKS.items():
        text[0] = text[0].replace(f"]({old})", f"]({new})")


def cite(app, what, name, found, options, lines):
    """Lead from "docs/physics.md 4.1" to that section, which has to be there."""
    for i, line in enumerate(lines):
        lines[i] = re.sub(
            r"docs/physics\.md (\d+(?:\.\d+)?)", lambda m: f"`{m[0]} <../physics.html#{SECTIONS[m[1]]}>`__", line
        )


def without_keys(app, what, name, found, options, signature, returned):
    """Leave out the signature of a model of the deck: its keys are Attributes, with units."""
    return ("", None) if hasattr(found, "model_fields") else None


def bar(inliner, match, line):
    """Take the bars of |B| in docstrings as they stand: nothing is substituted here."""
    end = match.end("start")
    return match.string[:end], [], match.string[end:], []
