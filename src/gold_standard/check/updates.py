"""What stands in the way of a study's next update, and answers that its files contradict.

A verdict hangs on none of this: it is told as notes.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from gold_standard import places
from gold_standard.check.metadata import BROKEN, load_yaml
from gold_standard.check.tree import Tree

ANSWERS = ".copier-answers.yml"
CANNOT = "This study cannot be updated from its template"
# The template's own files, where an update may leave what somebody has to decide.
OWN = ("reproduce.py", "Dockerfile", ".dockerignore", ".github/workflows/reproduce.yml", "tools/tools.lock", "scripts/notebook.ipynb", ANSWERS)  # fmt: skip
TITLES = {"MIT License": "MIT", "BSD 3-Clause": "BSD-3-Clause", "Apache License": "Apache-2.0", "GNU GENERAL PUBLIC LICENSE": "GPL-3.0-or-later"}  # fmt: skip
LINE = re.compile(r"([a-z_]+): (.*)")


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
    for path in OWN:
        for number, line in enumerate(tree.lines(path) if path in tree.sizes else [], start=1):
            if line.startswith("<<<<<<< "):
                yield f"An update left a conflict in {path}, line {number}: take one of the two sides, and delete the marks."  # fmt: skip
                break
    for path in tree.matching(r".*\.rej"):
        yield f"An update could not be applied: {path} holds what is missing. Put it in by hand, and delete that file."  # fmt: skip


def _edited(text: str, answers: dict) -> str:
    """What shows that a person wrote in the answers file; empty for nothing."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") or line == "study_exists: true":
            continue
        found = LINE.fullmatch(line)
        try:
            json.loads(found[2] if found else "no answer")
        except ValueError:
            return f"line {number}, was edited by hand"
    missing = [key for key in ("_src_path", "study_exists") if key not in answers]
    return f"the line {missing[0]} is missing" if missing else ""


def _unreachable(answers: dict, folder: Path | None) -> list[str]:
    source = str(answers.get("_src_path", ""))
    shown = places.without_secrets(source)
    if source.lower().endswith(".zip"):
        return [f"{CANNOT}: it was made from an archive, {shown}, which has no history."]
    if not answers.get("_commit"):
        return [f"{CANNOT}: the template was not in Git when this study was made."]
    if places.is_address(source) or source.startswith(("gh:", "gl:")) or folder is None:
        return []
    place = Path(source)
    if not place.is_absolute():
        return [f"{CANNOT}: {shown} depends on where somebody stood. In {ANSWERS}, write the whole path after _src_path."]  # fmt: skip
    if not (place / "copier.yml").is_file():
        return [f"{CANNOT}: it was made from {shown}, and no template is there now. Put it there, or write its new place into {ANSWERS} after _src_path."]  # fmt: skip
    return []


def _contradictions(tree: Tree, answers: dict) -> Iterator[str]:
    """Answers that a person's file contradicts: no update writes into it."""
    for question, path, line, said in _said(tree):
        answer = str(answers.get(question, ""))
        if answer and answer.lower() not in map(str.lower, said):
            where = f"{path}, line {line}," if line else path
            yield (
                f"Your answers say {question}: {answer}, but {where} says {said[0]}. No update writes into your files: "
                f'edit that line, or answer anew: copier update --data {question}="{said[0]}".'
            )


def _said(tree: Tree) -> Iterator[tuple[str, str, int | None, list[str]]]:
    """Question, file, line, and what stands there in all its spellings, for each answer repeated."""
    cff, project, archive = "CITATION.cff", "pyproject.toml", ".zenodo.json"
    for question, path, key in (
        ("project_name", cff, "title"),
        ("project_name", archive, "title"),
        ("license", cff, "license"),
        ("license", project, "license"),
        ("license", archive, "license"),
        ("data_access", project, "data_access"),
    ):
        line, value = _value(tree, path, key)
        if value:
            yield question, path, line, [value]
    yield from _author(tree, cff)
    first = tree.text("LICENSE").lstrip()[:400]
    title = next((title for title in TITLES if title in first), None)
    if title:
        yield "license", "LICENSE", 1, [TITLES[title]]


def _value(tree: Tree, path: str, key: str) -> tuple[int | None, str]:
    """The first line of a key in YAML, TOML or JSON, and its value; an empty value for none."""
    for number, line in enumerate(tree.lines(path), start=1):
        found = re.fullmatch(rf'\s*"?{key}"?\s*[:=]\s*(.+?),?', line)
        if found:
            try:
                return number, str(yaml.safe_load(found[1]))
            except yaml.YAMLError:
                return number, ""
    return None, ""


def _author(tree: Tree, path: str) -> Iterator[tuple[str, str, int | None, list[str]]]:
    try:
        author = load_yaml(tree.text(path))["authors"][0]
        given, family = (str(author.get(key) or "") for key in ("given-names", "family-names"))
        orcid = str(author.get("orcid") or "")
    except (*BROKEN, LookupError):
        return
    names = [f"{given} {family}", f"{family}, {given}"] if given and family else [family or str(author.get("name", ""))]  # fmt: skip
    lines = [n for n, line in enumerate(tree.lines(path), 1) if (family or names[0]) in line]
    yield "author_name", path, lines[0] if lines else None, names
    if orcid:
        lines = [n for n, line in enumerate(tree.lines(path), 1) if orcid in line]
        yield "author_orcid", path, lines[0] if lines else None, [orcid, orcid[-19:]]
