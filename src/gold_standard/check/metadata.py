"""The metadata files: CITATION.cff, .zenodo.json and codemeta.json, and what they identify."""

import importlib.util
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

MOST = 200_000  # characters: aliases in YAML can make little text large
BROKEN = (ValueError, TypeError, AttributeError, RecursionError, yaml.YAMLError, OverflowError)


@dataclass
class Metadata:
    """What the metadata say of the repository, and what is wrong with them."""

    identifiers: list[tuple[str, str, Evidence]] = field(default_factory=list)  # value, of, where
    problems: list[Evidence] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    orcids: list[str] = field(default_factory=list)


def read(tree: Tree) -> Metadata:
    """Read all metadata files; what cannot be read is a problem, not a crash."""
    metadata = Metadata()
    if tree.has("CITATION.cff"):
        _citation(tree, metadata)
    for name in (".zenodo.json", "codemeta.json"):
        if name in tree.sizes:
            _json(tree, name, metadata)
    return metadata


def _citation(tree: Tree, metadata: Metadata) -> None:
    path = next((p for p in tree.paths if p.lower() == "citation.cff"), "CITATION.cff")
    text = tree.text(path)[:MOST]
    try:
        fields = load_yaml(text)
    except BROKEN as error:
        problem = shortened_error(error)
        metadata.problems.append(Evidence(f"cannot be read, so it counts for nothing: {problem}", path))  # fmt: skip
        return
    problem = invalid(fields)
    if problem:
        metadata.problems.append(Evidence(f"not valid, so archives ignore it: {problem}", path))
        return
    of = "data" if fields.get("type") == "dataset" else "code"
    if fields.get("doi"):
        metadata.identifiers.append(
            (str(fields["doi"]), of, _where(text, path, str(fields["doi"])))
        )
    for entry in fields.get("identifiers") or []:
        value, said = str(entry.get("value", "")), str(entry.get("description", ""))
        kind = kind_of(said) or of
        metadata.identifiers.append((value, kind, _where(text, path, value)))
    preferred = fields.get("preferred-citation") or {}
    if preferred.get("doi"):
        kind = "code" if preferred.get("type") == "software" else "paper"
        value = str(preferred["doi"])
        metadata.identifiers.append((value, kind, _where(text, path, value)))
    for author in fields.get("authors") or []:
        names = [str(author.get(key, "")) for key in ("given-names", "family-names")]
        metadata.authors.append(" ".join(n for n in names if n) or str(author.get("name", "")))
        if author.get("orcid"):
            metadata.orcids.append(str(author["orcid"]).rsplit("/", 1)[-1])


class _NoAliases(yaml.SafeLoader):
    """Reads YAML without references, by which little text becomes much."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise ValueError("it holds references")
        return super().compose_node(parent, index)


def load_yaml(text: str) -> dict:
    """The fields of a YAML file. Raises ValueError, YAMLError or RecursionError."""
    fields = yaml.load(text, _NoAliases)  # noqa: S506  a SafeLoader
    if not isinstance(fields, dict):
        raise ValueError("it holds no fields")
    return fields


def invalid(fields: dict) -> str | None:
    """What the schema of the Citation File Format 1.2.0 refuses, None for nothing."""
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or not found.origin:
        return None
    schema = Path(found.origin).parent / "builtin_schemas" / "vendor" / "citation-file-format.json"
    try:
        content = json.loads(schema.read_text(encoding="utf-8"))
    except OSError:
        return None
    import jsonschema

    plain = json.loads(json.dumps(fields, default=str))  # dates are text in the schema
    try:
        jsonschema.Draft7Validator(content).validate(plain)
    except jsonschema.ValidationError as error:
        place = "/".join(map(str, error.absolute_path))
        return f"{place}: {error.message}"[:150] if place else error.message[:150]
    return None


def _json(tree: Tree, path: str, metadata: Metadata) -> None:
    text = tree.text(path)[:MOST]
    try:
        fields = json.loads(text)
        doi = fields.get("doi") or fields.get("identifier")
        values = doi if isinstance(doi, list) else [doi]
    except BROKEN as error:
        metadata.problems.append(Evidence(f"cannot be read: {shortened_error(error)}", path))
        return
    of = "data" if fields.get("upload_type") == "dataset" else "code"
    for value in values:
        if isinstance(value, str) and re.search(r"10\.\d{4,}/|swh:1:|zenodo", value):
            metadata.identifiers.append((value, of, _where(text, path, value)))


def kind_of(said: str) -> str | None:
    """What an identifier is of, by the words that describe it; None where they do not tell."""
    for kind, words in (("model", r"model|weights"), ("data", r"\bdata"), ("paper", r"paper|article|preprint|manuscript"), ("code", r"code|software|version|release|archiv|all")):  # fmt: skip
        if re.search(words, said, re.IGNORECASE):
            return kind
    return None


def _where(text: str, path: str, value: str) -> Evidence:
    number = next((n for n, line in enumerate(text.splitlines(), 1) if value in line), None)
    return Evidence(value[:100], path, number)


def shortened_error(error: Exception) -> str:
    """The first line of what a parser says."""
    return (str(error) or type(error).__name__).splitlines()[0][:120]
