"""Writes docs/errors.md from the code: every message of a command that cannot go on.

`python3 develop.py pages` calls it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product, zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "gold_standard"
RAISED = ("Refusal", "ArgumentTypeError", "stop")  # the last is that of reproduce.py
# What a message belongs to, by the module that raises it; a test asks for every module.
SUBJECTS = {
    "Before anything": ("reproduce", "cli", "layout", "locking", "errors"),
    "Setting up the environments": ("environment", "installers", "lock", "builds", "wheels"),
    "Running": ("run", "workflow", "outcome", "compare", "report", "given"),
    "Running on a cluster": ("cluster",),
    "The demonstration": ("demo",),
    "The results page": ("results_page", "results"),
    "Verifying": ("verify", "rooms", "places", "git", "certificate"),
    "Checking": ("command",),
    "The container": ("container", "registry"),
    "Publishing": ("publish", "archive", "anonymous", "publication", "deposit", "service"),
}
HEAD = """\
# What a command says when it cannot go on

Every message of `python reproduce.py` and `gold-standard`; each says itself what to do.
Words in `<…>` stand for what is found at that moment, and … for a further remark.
This page is made from the code by `python3 develop.py pages`.
What a step of a study says is the study's own, and stands in the log that the run names.
"""


def page() -> str:
    """The page in Markdown: the messages of each subject."""
    parts = [HEAD]
    for subject, modules in SUBJECTS.items():
        found = {text for name in modules for text in messages(name)}
        listed = "".join(f"- {_escaped(text)}\n" for text in sorted(found))
        parts.append(f"## {subject}\n\n{listed}")
    return "\n".join(parts)


def _escaped(text: str) -> str:
    """For Markdown, in which only what stands between two backticks is taken as it is."""
    parts = re.sub(r"\s*\n\s*", " ", text).split("`")
    if len(parts) % 2 == 0:
        return re.sub(r"([<*`])", r"\\\1", "`".join(parts))
    plain = (re.sub(r"([<*])", r"\\\1", part) for part in parts[::2])
    return "".join(
        x + y for x, y in zip_longest(plain, (f"`{x}`" for x in parts[1::2]), fillvalue="")
    )


def modules() -> dict[str, Path]:
    """Every module that can say a message, by its name."""
    found = {path.stem: path for path in sorted(SOURCE.rglob("*.py"))}
    return {"reproduce": ROOT / "template" / "reproduce.py"} | found


@cache
def _parsed(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def messages(name: str) -> list[str]:
    """The messages of a module; none for what only passes on what another has said."""
    found = [text for call in calls(name) for text in texts(call.args[0], name)]
    return [text for text in (*found, *_meanings(name)) if _says(text)]


def _meanings(name: str) -> Iterator[str]:
    """What a module makes of another program's output: the sentences of its table MEANINGS."""
    for node in _parsed(name).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MEANINGS":
            for row in getattr(node.value, "elts", []):
                yield from _returned(getattr(row.elts[1], "id", ""), name)


def calls(name: str) -> Iterator[ast.Call]:
    """The places where a module makes such a message."""
    for node in ast.walk(_parsed(name)):
        if isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in RAISED:
                yield node


def _says(text: str) -> bool:
    return bool(re.search(r"\w{2}", re.sub(r"<[^>]*>|\([^)]*\)", "", text)))


def texts(node: ast.expr, module: str) -> list[str]:
    """What an expression can say: one text for each of its alternatives."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return texts(node.body, module) + texts(node.orelse, module)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([texts(side, module) for side in (node.left, node.right)])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return [re.sub(r"%[sd]", "<…>", text) for text in texts(node.left, module)]
    if isinstance(node, ast.JoinedStr):
        return _joined([_field(part, module) for part in node.values])
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called == "without_secrets":
            return texts(node.args[0], module)
        if returned := _returned(called, module):
            return returned
    if isinstance(node, ast.Name) and (text := _constant(node.id, module)):
        return [text]
    return [_named(node)]


def _field(part: ast.expr, module: str) -> list[str]:
    return texts(part.value if isinstance(part, ast.FormattedValue) else part, module)


def _constant(name: str, module: str) -> str:
    """The text that a module gives to a name once and for all; "" where it is no text."""
    for node in _parsed(module).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            found = texts(node.value, module)[0]
            return found if isinstance(node.value, ast.Constant | ast.BinOp) else ""
    return ""


def _joined(parts: list[list[str]]) -> list[str]:
    whole = ("".join(words) for words in product(*parts))
    # What follows a full stop at once is a remark that is not always there.
    return [re.sub(r"(?<=[.!])<[^>]*>", " …", text) for text in whole]


def _named(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return f"<{node.id.strip('_')}>"
    if isinstance(node, ast.Attribute):
        return f"<{node.attr.strip('_')}>"
    return "<…>"


def _returned(called: str, module: str) -> list[str]:
    """What a function of the module, or of errors.py, returns as a message."""
    found = []
    for place in dict.fromkeys((module, "errors")):
        for node in ast.walk(_parsed(place)):
            if isinstance(node, ast.FunctionDef) and node.name == called:
                values = [x.value for x in ast.walk(node) if isinstance(x, ast.Return) and x.value]
                found += [text for value in values for text in texts(value, place) if _says(text)]
    return found


if __name__ == "__main__":
    (ROOT / "docs" / "errors.md").write_text(page(), encoding="utf-8", newline="\n")
