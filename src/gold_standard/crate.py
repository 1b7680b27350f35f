"""The archive's own description: an RO-Crate that says what each file is and which step made it.

It follows Process Run Crate 0.5: one action for each step of the run's record.
"""

import json
from datetime import datetime, timedelta
from urllib.parse import quote

from gold_standard.publication import Person, Publication

NAME = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
# Of our own, since what a system knows of endings differs between machines.
FORMATS = {
    "application/yaml": "yaml yml cff",
    "application/toml": "toml",
    "application/json": "json ipynb",
    "application/pdf": "pdf",
    "application/zip": "whl zip npz skops",
    "image/png": "png",
    "image/svg+xml": "svg",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt lock gitignore gitattributes dockerignore license snakefile dockerfile",
    "text/x-python": "py",
    "text/x-tex": "tex",
}
FORMAT_OF = {ending: name for name, endings in FORMATS.items() for ending in endings.split()}


def text(told: Publication, date: str, files: dict[str, tuple[int, str]], record: dict) -> str:
    """The text of ro-crate-metadata.json.

    `files` are the archive's by path, with size and sha256; `record` is that of the run, or {}.
    """
    steps = [step for step in record.get("steps", []) if isinstance(step, dict)]
    scripts = {_script(step, files) for step in steps}
    actions = [_action(number, step, files) for number, step in enumerate(steps, 1)]
    people = _people(told)
    graph = [
        {"@id": NAME, "@type": "CreativeWork", "about": _to("./"), "conformsTo": _to(CRATE)},
        _root(told, date, files, people, actions),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": _licence(told), "@type": "CreativeWork", "name": told.licence},
        *(_file(path, size, digest, path in scripts) for path, (size, digest) in files.items()),
        *_absent(steps, files),
        *people,
        *_institutions(told),
        *actions,
    ]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def about(told: Publication, date: str | None) -> list[dict]:
    """What the crate says of the study and of people, without what it says of files."""
    people = _people(told)
    root = _root(told, date or "", (), people, [])
    return [root, *people, *_institutions(told)]


def _to(id: str) -> dict:
    return {"@id": id}


def _licence(told: Publication) -> str:
    return f"https://spdx.org/licenses/{told.licence}"


def _root(told: Publication, date: str, files, people: list[dict], actions: list[dict]) -> dict:
    doi = told.identifiers.get("code", "")
    about = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": _to(PROFILE),
        "name": told.title,
        "description": told.description,
        "version": told.version,
        "datePublished": told.released or date,
        "license": _to(_licence(told)),
        "author": [_to(person["@id"]) for person in people],
        "keywords": list(told.keywords),
        "identifier": doi if doi.startswith("swh:") or not doi else f"https://doi.org/{doi}",
        "hasPart": [_to(quote(path)) for path in files],
        "mentions": [_to(action["@id"]) for action in actions],
    }
    return {key: value for key, value in about.items() if value}


def _file(path: str, size: int, digest: str, is_script: bool) -> dict:
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    return {
        "@id": quote(path),
        "@type": ["File", "SoftwareSourceCode"] if is_script else "File",
        "name": path,
        "contentSize": str(size),
        "sha256": digest,
        "encodingFormat": FORMAT_OF.get(ending, "application/octet-stream"),
    }


def _reference(path: str, files) -> dict:
    """Where a file stands in the crate; what the archive does not hold has a name of its own."""
    return _to(quote(path) if path in files else f"#{quote(path)}")


def _absent(steps: list[dict], files) -> list[dict]:
    """Files of a step that the archive does not hold, such as data that it downloads."""
    found = {}
    for step in steps:
        found |= {path: value for path, value in (step["inputs"] | step["outputs"]).items()}
    return [
        {"@id": f"#{quote(path)}", "@type": "CreativeWork", "name": path, "sha256": value or ""}
        for path, value in sorted(found.items())
        if path not in files
    ]


def _script(step: dict, files) -> str:
    """The program of a step: the first script that it names, else the workflow."""
    named = [path for path in step["inputs"] if path.startswith("scripts/") and path in files]
    return named[0] if named else "Snakefile"


def _action(number: int, step: dict, files) -> dict:
    start = datetime.fromisoformat(step["started"])
    end = start + timedelta(seconds=round(step["wall_seconds"]))
    wildcards = " ".join(f"{key}={value}" for key, value in step["wildcards"].items())
    script = _script(step, files)
    return {
        "@id": f"#step-{number}",
        "@type": "CreateAction",
        "name": f"{step['rule']} {wildcards}".strip(),
        "description": step["command"],
        "instrument": _to(quote(script)),
        "object": [_reference(path, files) for path in step["inputs"] if path != script],
        "result": [_reference(path, files) for path in step["outputs"]],
        "startTime": start.isoformat(),
        "endTime": end.isoformat(),
        "actionStatus": _to("http://schema.org/CompletedActionStatus"),
    }


def _people(told: Publication) -> list[dict]:
    return [_person(number, person) for number, person in enumerate(told.people, 1)]


def _person(number: int, person: Person) -> dict:
    about = {
        "@id": f"https://orcid.org/{person.orcid}" if person.orcid else f"#author-{number}",
        "@type": "Person",
        "name": person.name,
        "givenName": person.given,
        "familyName": person.family,
        "affiliation": [_to(_institution(name, ror)) for name, ror in person.affiliations],
    }
    return {key: value for key, value in about.items() if value}


def _institution(name: str, ror: str) -> str:
    return f"https://ror.org/{ror}" if ror else f"#{quote(name)}"


def _institutions(told: Publication) -> list[dict]:
    pairs = dict.fromkeys(pair for person in told.people for pair in person.affiliations)
    found = {_institution(*pair): pair[0] for pair in pairs}
    return [{"@id": id, "@type": "Organization", "name": name} for id, name in found.items()]
