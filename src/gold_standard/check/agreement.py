"""Whether the files that describe a study say the same: each fact has one home, CITATION.cff."""

import json
import re
import tomllib
from typing import NamedTuple

from gold_standard import crate, publication
from gold_standard.check.metadata import BROKEN, MOST
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence
from gold_standard.errors import Refusal, printable

CODE, MODELS, LICENCE = "heil.code", "heil.models", "midl.license"
ANEW = "`python reproduce.py publish` makes the archive anew"
MAKES = "`python reproduce.py` makes it anew from CITATION.cff and pyproject.toml"


class Disagreement(NamedTuple):
    """A file that says otherwise, the criterion that it concerns, and what to do."""

    id: str
    evidence: Evidence
    fix: str

    def note(self) -> str:
        """The sentence for people."""
        line = f" (line {self.evidence.line})" if self.evidence.line else ""
        return f"{self.evidence.path}{line}: {self.evidence.note}. {self.fix}."


def read(tree: Tree, settings: dict, licence, named: list) -> list[Disagreement]:
    """Everything that disagrees with CITATION.cff; [] where that cannot be read.

    `licence` is what was found of the licence, `named` are the identifiers in all files.
    """
    try:
        told = publication.of(tree.text("CITATION.cff")[:MOST], settings.get("publish"))
    except Refusal:
        return []
    return [
        *_of_zenodo(tree, told),
        *_of_crate(tree, told),
        *_of_project(tree, told),
        *_of_card(tree, told),
        *_of_licence(told, licence),
        *_of_models(told, named),
    ]


def _of_zenodo(tree: Tree, told: publication.Publication) -> list[Disagreement]:
    path = ".zenodo.json"
    try:
        present = json.loads(tree.text(path)[:MOST])
    except BROKEN:
        return []  # told already
    if not isinstance(present, dict):
        return []
    found = []
    for key, (there, wanted) in publication.disagreements(told, present).items():
        says = f"{key} is {_shown(there)}, and CITATION.cff says {_shown(wanted)}"
        if key in publication.OF_TABLE:
            says = f"{key} is {_shown(there)}, and pyproject.toml says {_shown(wanted)}"
        where = Evidence(says, path, _line(tree, path, rf'\s*"{key}"'))
        found.append(Disagreement(LICENCE if key == "license" else CODE, where, MAKES))
    if problem := publication.zenodo_problem(present):
        where = Evidence(f"Zenodo would refuse it: {problem}", path)
        found.append(Disagreement(CODE, where, "Correct this field"))
    return found


def _of_crate(tree: Tree, told: publication.Publication) -> list[Disagreement]:
    """The description that an archive brings along, if it is one that `publish` made."""
    path, found = crate.NAME, []
    try:
        there = {one.get("@id"): one for one in json.loads(tree.text(path)).get("@graph")}
        root = there.get("./", {})
        ours = root.get("conformsTo") == {"@id": crate.PROFILE}
    except BROKEN:
        return []
    for wanted in crate.about(told, root.get("datePublished")) if ours else ():
        present = there.get(wanted["@id"], {})
        for key, value in wanted.items():
            if present.get(key) != value:
                says = f"{key} is {_shown(present.get(key))}, and CITATION.cff says {_shown(value)}"
                where = Evidence(says, path, _line(tree, path, rf'\s*"@id": "{wanted["@id"]}"'))
                found.append(Disagreement(LICENCE if key == "license" else CODE, where, ANEW))
    return found


def _of_project(tree: Tree, told: publication.Publication) -> list[Disagreement]:
    path, found = "pyproject.toml", []
    try:
        project = tomllib.loads(tree.text(path)).get("project", {})
    except BROKEN:
        return []
    for key, wanted, id in (("version", told.version, CODE), ("license", told.licence, LICENCE)):
        there = project.get(key) if isinstance(project, dict) else None
        if isinstance(there, str) and wanted and there != wanted:
            says = f"{key} is {_shown(there)}, and CITATION.cff says {_shown(wanted)}"
            where = Evidence(says, path, _line(tree, path, rf"{key}\s*="))
            found.append(Disagreement(id, where, "Write the same in both"))
    return found


def _of_card(tree: Tree, told: publication.Publication) -> list[Disagreement]:
    path = "MODEL_CARD.md"
    there = publication.front_matter(tree.text(path)).get("license")
    wanted = publication.card_licence(told.licence)
    if there is None or not told.licence or there == wanted:
        return []
    says = f"license is {_shown(there)}, and CITATION.cff says {_shown(told.licence)}"
    return [Disagreement(LICENCE, Evidence(says, path, _line(tree, path, "license:")), MAKES)]


def _of_licence(told: publication.Publication, licence) -> list[Disagreement]:
    """LICENSE, where its text is one that is known."""
    for one in licence.evidence:
        found = re.fullmatch(r"the text of (\S+)", one.note)
        if found and told.licence and _plain(found[1]) != _plain(told.licence):
            says = f"it is the text of {found[1]}, and CITATION.cff says {_shown(told.licence)}"
            return [Disagreement(LICENCE, Evidence(says, one.path, 1), "One of the two is wrong")]
    return []


def _plain(licence: str) -> str:
    return re.sub(r"-(only|or-later)$", "", licence.lower())


def _of_models(told: publication.Publication, named: list) -> list[Disagreement]:
    """An identifier of the models in a document that is another one than CITATION.cff's."""
    wanted = told.identifiers.get("model", "")
    found = []
    for one in named:
        if one.value.startswith("swh:") != wanted.startswith("swh:"):
            continue  # the models may have one of each
        if wanted and one.of == "model" and one.archive and not _same(one.value, wanted):
            says = f"it gives {one.value} for the models, and CITATION.cff says {wanted}"
            where = Evidence(says, one.evidence.path, one.evidence.line)
            found.append(Disagreement(MODELS, where, "One of the two is wrong"))
    return found


def _same(value: str, wanted: str) -> bool:
    return wanted.lower().rpartition(".")[2] in re.split(r"[./]", value.lower())


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "missing" if value is None else text
    return printable(text if len(text) <= 60 else f"{text[:59]}…")


def _line(tree: Tree, path: str, pattern: str) -> int | None:
    lines = enumerate(tree.lines(path), start=1)
    return next((number for number, line in lines if re.match(pattern, line)), None)
