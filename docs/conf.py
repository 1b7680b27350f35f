"""How docs/ becomes a site: `python3 develop.py docs`."""

import re
from pathlib import Path

project = "gold-standard-ml"
extensions = ["myst_parser"]
myst_heading_anchors = 3  # as Git hosts name them
html_theme = "alabaster"
html_theme_options = {"page_width": "60em", "sidebar_width": "16em", "show_powered_by": False}
html_sidebars = {"**": ["about.html", "navigation.html", "searchfield.html"]}
html_show_copyright = html_show_sourcelink = html_copy_source = html_use_index = False


def setup(app) -> None:
    app.connect("source-read", add_tree)
    app.connect("source-read", lead_outside)


def add_tree(app, name: str, source: list[str]) -> None:
    """Make the tree of a page's own links: Git hosts would show a toctree as code."""
    if name == "index":
        parts = re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]
        for part in parts:
            pages = re.findall(r"\]\(([\w/-]+\.md)\)", part)
            source[0] += _tree(part.splitlines()[0], pages)
    elif name.endswith("README"):
        source[0] += _tree("", ["*"])


def lead_outside(app, name: str, source: list[str]) -> None:
    """Let the site bring along a Markdown file outside docs/ that a page leads to."""
    here = (Path(app.srcdir) / name).parent

    def lead(found: re.Match) -> str:
        inside = (here / found[1]).resolve().is_relative_to(app.srcdir)
        return found[0] if inside else f"](path:{found[1]})"

    source[0] = re.sub(r"\]\((\.\./[^)#]+\.md)\)", lead, source[0])


def _tree(caption: str, pages: list[str]) -> str:
    lines = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else []), "", *pages]
    return "\n\n```{toctree}\n" + "\n".join(lines) + "\n```\n"
