"""The record of a verification: a certificate where an outsider made it, else a re-run record."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import yaml

import gold_standard
from gold_standard.errors import Refusal
from gold_standard.machine import describe
from gold_standard.record import write_text

SCHEMA = 1
CERTIFICATE, RERUN = "certificate", "re-run record"


def person(name: str | None, orcid: str | None) -> dict | None:
    """Who verifies. Raises Refusal for a name that is none and for an ORCID that cannot be one."""
    if not name:
        if orcid:
            raise Refusal("--orcid belongs to a person: add --by with the name.")
        return None
    name = " ".join(name.split())
    if not re.search(r"\w", name) or len(name) > 200 or not name.isprintable():
        raise Refusal("--by: write a name in plain letters.")
    if orcid:
        orcid = orcid.rsplit("/", 1)[-1].upper()
        if not _is_orcid(orcid):
            raise Refusal(f"--orcid {orcid} is not an ORCID: its check digit does not fit.")
    return {"name": name, "orcid": orcid or None}


def _is_orcid(text: str) -> bool:
    import idutils

    return bool(idutils.is_orcid(text)) and text != "0000-0000-0000-0000"


def write(folder: Path, visit, by: dict | None, place: str | None) -> Path:
    """Write certificates/<date>-<digest>.json and .md; return the path of the first."""
    content = _content(visit, by, place)
    content["checksum"] = checksum(content)
    date, digest = content["date"][:10], (content["study"]["digest"] or "unknown")[:8]
    target = folder / "certificates"
    target.mkdir(exist_ok=True)
    path = _free(target, f"{date}-{digest}")
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    write_text(path.with_suffix(".md"), in_words(content))
    return path


def _free(folder: Path, stem: str) -> Path:
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(folder / f"{n}.json" for n in names if not (folder / f"{n}.json").exists())


def checksum(content: dict) -> str:
    """sha256 over everything else: an edited record no longer agrees with itself."""
    rest = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content(visit, by: dict | None, place: str | None) -> dict:
    first = visit.rooms[0]
    authors = authors_of(visit.source)
    return {
        "schema": SCHEMA,
        "kind": kind_of(by, authors),
        "tool": f"gold-standard {gold_standard.__version__}",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": {
            "digest": first.record.get("study_digest"),
            "commit": visit.commit,
            "had_uncommitted_changes": visit.dirty,
            "from": place,
        },
        "compared": "results-standin" if first.record.get("layout") == "stand-in" else "results",
        "agrees": visit.agrees,
        "problems": visit.problems,
        "by": by,
        "where": describe(),
        "environment": first.record.get("environment"),
        "offline": bool(visit.options.offline),
        "runs": [
            {
                "cores": one.cores,
                "shaken": one.shaken,
                "wall_seconds": round(one.seconds, 1),
                "totals": one.record.get("totals"),
            }  # fmt: skip
            for one in visit.rooms
        ],
        "files": _files(visit),
    }


def _files(visit) -> dict[str, dict]:
    """Each output with its sha256 in the first run and how it compared."""
    made = {p: h for step in visit.rooms[0].record.get("steps", []) for p, h in step["outputs"].items()}  # fmt: skip
    names = {path for one in visit.rooms for path in one.files}
    return {
        path: {
            "sha256": made.get(path),
            "with_committed": visit.rooms[0].files.get(path),
            "from_run_to_run": visit.rooms[1].files.get(path) if len(visit.rooms) > 1 else None,
        }
        for path in sorted(names)
    }


def kind_of(by: dict | None, authors: list[dict]) -> str:
    """A certificate only where somebody is named who is none of the study's authors."""
    if not by:
        return RERUN
    names = {_plain(author["name"]) for author in authors}
    orcids = {author["orcid"] for author in authors if author["orcid"]}
    mine = _plain(by["name"])
    turned = " ".join(reversed(mine.replace(",", " ").split()))
    if mine in names or turned in names or (by.get("orcid") and by["orcid"] in orcids):
        return RERUN
    return CERTIFICATE


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[.,]", " ", name).casefold().split())


def authors_of(root: Path) -> list[dict]:
    """CITATION.cff's authors; [] where it cannot be read."""
    try:
        return authors_in((root / "CITATION.cff").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []


def authors_in(text: str) -> list[dict]:
    """The authors in the text of a CITATION.cff, with name and ORCID; [] where it has none."""
    try:
        fields = yaml.safe_load(text[:200_000])
        people = fields.get("authors") or []
        return [
            {
                "name": " ".join(
                    str(p[k])
                    for k in ("given-names", "name-particle", "family-names", "name")
                    if p.get(k)
                ),  # fmt: skip
                "orcid": str(p.get("orcid") or "").rsplit("/", 1)[-1] or None,
            }
            for p in people
        ]
    except (ValueError, TypeError, AttributeError, RecursionError, yaml.YAMLError):
        return []


def in_words(content: dict) -> str:
    """The record as a page that people read."""
    by, study, where = content["by"], content["study"], content["where"]
    title = (
        "Certificate of reproduction" if content["kind"] == CERTIFICATE else "Record of a re-run"
    )
    who = "nobody named" if not by else by["name"] + (f" (ORCID {by['orcid']})" if by["orcid"] else "")  # fmt: skip
    outcome = "Everything agreed." if content["agrees"] else "Not everything agreed:"
    lines = [
        f"# {title}", "", outcome, *(f"- {problem}" for problem in content["problems"]), "",
        "This file is a report by whoever made it; its checksum guards against accidents, not against forgery.", "",
        "| | |", "|---|---|",
        f"| Study digest | `{study['digest']}` |",
        f"| Commit | {study['commit'] or 'none'}{', with uncommitted changes left out' if study['had_uncommitted_changes'] else ''} |",
        f"| Made by | {who} |",
        f"| When | {content['date']} |",
        f"| Where | {where['system']}, {where['cpu']['model']}, {where['cpu']['usable']} cores, {where['memory_bytes'] / 2**30:.0f} GiB |",
        f"| Runs | {len(content['runs'])}, {', '.join(str(run['wall_seconds']) + ' s' for run in content['runs'])} |",
        f"| Network | {'off' if content['offline'] else 'not switched off'} |",
        f"| Compared | `{content['compared']}/` and the models |", "",
        "| File | with what is committed | from run to run |", "|---|---|---|",
    ]  # fmt: skip
    for path, file in content["files"].items():
        kinds = [(file[key] or {}).get("kind", "") for key in ("with_committed", "from_run_to_run")]
        lines.append(f"| `{path}` | {' | '.join(kinds)} |")
    return "\n".join(lines) + "\n"


def newest(texts: dict[str, str], digest: str) -> tuple[dict | None, list[str]]:
    """The newest sound record of this digest among files by path, and sentences on the others."""
    best, notes = None, []
    for path, text in sorted(texts.items()):
        try:
            content = json.loads(text)
            if content["schema"] != SCHEMA or content["checksum"] != checksum(content):
                notes.append(f"{path} was edited, or is no record of this version; it counts for nothing.")  # fmt: skip
            elif content["study"]["digest"] != digest:
                notes.append(
                    f"{path} belongs to another state of the study; it counts for nothing."
                )
            elif best is None or content["date"] >= best["date"]:
                best = content | {"path": path}
        except (ValueError, KeyError, TypeError, RecursionError):
            notes.append(f"{path} cannot be read; it counts for nothing.")
    return best, notes
