"""What stands in the way of a study's next update, and answers that a person's files contradict.

A verdict hangs on none of this: it is told as notes.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from gold_standard import places
from gold_standard.check.metadata import BROKEN, load_yaml
from gold_standard.check.tree import Tree
from gold_standard.errors import printable

ANSWERS = ".copier-answers.yml"
CANNOT = "This study cannot be updated from its template"
# The template's own files, where an update may leave what somebody has to decide: a test compares.
OWN = (ANSWERS, "reproduce.py", "tools/", "Dockerfile", ".dockerignore", ".github/workflows/reproduce.yml", "profiles/slurm/", "scripts/notebook.ipynb")  # fmt: skip
LICENCES = {
    "MIT": r"MIT License",
    "BSD-3-Clause": r"BSD 3-Clause",
    "Apache-2.0": r"Apache License\s+Version 2\.0",
    "GPL-3.0-or-later": r"GNU GENERAL PUBLIC LICENSE\s+Version 3",
}
LINE = re.compile(r"([a-z_]+): (.*)")
ORCID = re.compile(r"(?:\d{4}-){3}\d{3}[\dX]")


def notes(tree: Tree, folder: Path | None = None) -> list[str]:
    """What to do before the next update, one sentence each; `folder` is where the study lies."""
    if ANSWERS not in tree.sizes:
        return [f"{CANNOT}: {ANSWERS} is missing. Get it back from Git: it tells where the template is."]  # fmt: skip
    told = list(_conflicts(tree))
    try:
        answers = load_yaml(tree.text(ANSWERS))
    except BROKEN:
        return [*told, f"{CANNOT}: {ANSWERS} cannot be read. Get it back from Git."]
    edited = _edited(tree.text(ANSWERS), answers)
    if edited:
        told.append(f"{CANNOT} safely: {ANSWERS}, {edited}. Get the file back from Git; answers change by `copier update`.")  # fmt: skip
    told += _unreachable(answers, folder)
    return told + list(_contradictions(tree, answers))


def _conflicts(tree: Tree) -> Iterator[str]:
    for path in (path for path in tree.sizes if path.startswith(OWN)):
        for number, line in enumerate(tree.lines(path), start=1):
            if line.startswith("<<<<<<< "):
                yield f"An update left a conflict in {path}, line {number}: take one of the two sides, and delete the marks."  # fmt: skip
                break
    for path in tree.matching(r".*\.rej"):
        yield f"An update could not be applied: {path} holds what is missing. Put it in by hand, and delete that file."  # fmt: skip


def _edited(text: str, answers: dict) -> str:
    """What shows that a person wrote in the answers file; empty for nothing.

    Where the template is may be written by hand, since it may have moved.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "_src_path:")) or line == "study_exists: true":
            continue
        found = LINE.fullmatch(line.rstrip())
        try:
            json.loads(found[2] if found else "no answer")
        except ValueError:
            return f"line {number}, was edited by hand"
    missing = [key for key in ("_src_path", "study_exists") if not answers.get(key)]
    return f"the line {missing[0]} is missing" if missing else ""


def _unreachable(answers: dict, folder: Path | None) -> list[str]:
    source = str(answers.get("_src_path") or "")
    shown = _shown(places.without_secrets(source))
    if not source:
        return []  # told already
    if source.lower().endswith(".zip"):
        return [f"{CANNOT}: it was made from an archive, {shown}, which has no history."]
    if not answers.get("_commit"):
        return [f"{CANNOT}: the template was not in Git when this study was made."]
    windows = PureWindowsPath(source).is_absolute()
    if places.is_address(source) or source.startswith(("gh:", "gl:")) or folder is None:
        return []
    if not windows and not Path(source).is_absolute():
        return [f"{CANNOT}: {shown} depends on where somebody stood. In {ANSWERS}, write the whole path after _src_path."]  # fmt: skip
    if not (Path(source) / "copier.yml").is_file():
        return [f"{CANNOT} here: it was made from {shown}, and no template is there now. Put it there, or write its new place into {ANSWERS} after _src_path."]  # fmt: skip
    return []


def _contradictions(tree: Tree, answers: dict) -> Iterator[str]:
    """A note for each answer that files of a person contradict: no update writes into these."""
    wrong: dict[str, list[tuple[str, str]]] = {}
    for question, path, said in _said(tree):
        answer = str(answers.get(question) or "")
        if answer and said and _plain(question, answer) not in [_plain(question, x) for x in said]:
            wrong.setdefault(question, []).append((_place(tree, path, said[0]), said[0]))
    for question, found in wrong.items():
        where = " and ".join(place for place, _ in found)
        says = " and ".join(dict.fromkeys(_shown(said) for _, said in found))
        yield (
            f"Your answers say {question}: {_shown(str(answers[question]))}, but {where} "
            f"{'says' if len(found) == 1 else 'say'} {says}. No update writes into your files: "
            "edit what is wrong there, or answer anew with `copier update`."
        )


def _plain(question: str, text: str) -> str:
    """A text without what makes no difference."""
    if question == "author_orcid" and (found := ORCID.search(text)):
        return found[0]
    return " ".join(text.lower().replace(",", ", ").split()).replace(" ,", ",")


def _shown(text: str) -> str:
    return printable(text if len(text) <= 80 else f"{text[:79]}…")


def _place(tree: Tree, path: str, said: str) -> str:
    """The file, with the line where it says so, if that can be found."""
    lines = (n for n, line in enumerate(tree.lines(path), start=1) if said.lower() in line.lower())
    number = next(lines, None)
    return f"{path} (line {number})" if number else path


def _said(tree: Tree) -> Iterator[tuple[str, str, list[str]]]:
    """Question, file, and all that the file says about it, for each answer that files repeat."""
    cff, archive, project = _parsed(tree)
    yield "project_name", "CITATION.cff", _texts(cff.get("title"))
    yield "project_name", ".zenodo.json", _texts(archive.get("title"))
    authors = cff.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else {}
    if isinstance(author, dict):
        given, family, name = (str(author.get(k) or "") for k in ("given-names", "family-names", "name"))  # fmt: skip
        both = [f"{given} {family}", f"{family}, {given}"] if given and family else [family or name]
        yield "author_name", "CITATION.cff", [text for text in both if text]
        yield "author_orcid", "CITATION.cff", _texts(author.get("orcid"))
    own = project.get("project") if isinstance(project.get("project"), dict) else {}
    licences = {
        "CITATION.cff": _texts(cff.get("license")),
        "pyproject.toml": _texts(own.get("license")),
        ".zenodo.json": _texts(archive.get("license")),
        "LICENSE": [
            n for n, title in LICENCES.items() if re.search(title, tree.text("LICENSE")[:400])
        ],  # fmt: skip
    }
    for path, said in licences.items():  # of another licence no answer could speak
        yield "license", path, said if {x.lower() for x in said} & {x.lower() for x in LICENCES} else []  # fmt: skip
    tool = project.get("tool") if isinstance(project.get("tool"), dict) else {}
    settings = tool.get("gold-standard") if isinstance(tool.get("gold-standard"), dict) else {}
    yield "data_access", "pyproject.toml", _texts(settings.get("data_access"))
    torch = any(str(x).startswith("torch") for x in own.get("dependencies") or [])
    kept = "requirements-cpu.lock" in tree.sizes
    yield "framework", "pyproject.toml", (["pytorch"] if kept else []) if torch else ["scikit-learn"]  # fmt: skip


def _texts(value: object) -> list[str]:
    """The texts of a value: itself, those of a list, or the one that a table holds."""
    if isinstance(value, dict):
        value = value.get("id") or value.get("text")
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]


def _parsed(tree: Tree) -> tuple[dict, dict, dict]:
    """CITATION.cff, .zenodo.json and pyproject.toml; one that is missing or broken says nothing."""
    readers = (("CITATION.cff", load_yaml), (".zenodo.json", json.loads), ("pyproject.toml", tomllib.loads))  # fmt: skip
    found = []
    for path, read in readers:
        try:
            content = read(tree.text(path).removeprefix("\ufeff"))
        except BROKEN:
            content = {}
        found.append(content if isinstance(content, dict) else {})
    return tuple(found)
