"""The record of a verification: a certificate where an outsider made it, else a re-run record."""

import hashlib
import json
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import yaml

import gold_standard
from gold_standard.compare import IDENTICAL, WITHIN
from gold_standard.errors import Refusal, printable
from gold_standard.machine import describe
from gold_standard.outcome import NEW
from gold_standard.record import write_text
from gold_standard.step import sha256

SCHEMA = 1
CERTIFICATE, RERUN = "certificate", "re-run record"
IN_PART = (
    "The published models were given, and the training was not repeated: gold does not rest on it."
)
ON_STANDIN = "The pipeline is reproduced on the stand-in; the results are not."


def person(name: str | None, orcid: str | None) -> dict | None:
    """Who verifies. Raises Refusal for a name that is none and for an ORCID that cannot be one."""
    if not name:
        if orcid:
            raise Refusal("--orcid belongs to a person: add --by with the name.")
        return None
    # No sign that would mean something else on a page of Markdown.
    if not re.fullmatch(r"[\w .,'’‐()&-]{1,200}", name) or not re.search(r"[^\W\d_]", name):
        raise Refusal("--by: write a name in plain letters.")
    if len(_alphabets(name)) > 1:
        raise Refusal("--by: the name mixes letters of two alphabets. Write it in one.")
    if orcid and not _is_orcid(orcid):
        raise Refusal(
            f"--orcid {orcid!r} is not an ORCID: give four groups of four digits, of which the "
            "last is a check digit."
        )
    return {"name": " ".join(name.split()), "orcid": _digits(orcid) if orcid else None}


ALPHABETS = {"LATIN", "CYRILLIC", "GREEK"}  # with letters that look alike


def _alphabets(name: str) -> set[str]:
    return ALPHABETS.intersection(unicodedata.name(c, "none").split()[0] for c in name)


def _is_orcid(text: str) -> bool:
    import idutils

    found = _digits(text)
    return bool(found and idutils.is_orcid(found)) and found != "0000-0000-0000-0000"


def _digits(orcid: str) -> str | None:
    """The ORCID in four groups, however it was written; None where it has another form."""
    last = orcid.strip().rstrip("/").rsplit("/", 1)[-1].upper().replace("-", "")
    if not re.fullmatch(r"[0-9]{15}[0-9X]", last):
        return None
    return "-".join(last[at : at + 4] for at in range(0, 16, 4))


def write(folder: Path, visit, by: dict | None, place: str | None) -> Path:
    """Write certificates/<date>-<digest>.json and .md; return the path of the first."""
    content = _content(visit, by, place)
    content["checksum"] = checksum(content)
    target = folder / "certificates"
    if target.exists() and not target.is_dir():
        raise Refusal(f"{target} is no folder, so the record was not written. Move it away.")
    target.mkdir(exist_ok=True)
    path = _reserved(target, f"{content['date'][:10]}-{content['study']['digest'][:8]}", content)
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def _reserved(folder: Path, stem: str, content: dict) -> Path:
    """A path that is free, taken by its page: two calls that end together get two names."""
    for name in (stem, *(f"{stem}-{number}" for number in range(2, 1000))):
        path = folder / f"{name}.json"
        if not path.exists():
            with suppress(FileExistsError):
                with open(path.with_suffix(".md"), "x", encoding="utf-8", newline="\n") as page:
                    page.write(in_words(content))
                return path
    raise Refusal(f"There are a thousand records of today in {folder}: take some away.")


def checksum(content: dict) -> str:
    """sha256 over everything else: an edited record no longer agrees with itself."""
    rest = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content(visit, by: dict | None, place: str | None) -> dict:
    first = visit.rooms[0]
    authors = authors_of(first.study)
    return {
        "schema": SCHEMA,
        "kind": kind_of(by, authors),
        "tool": f"gold-standard {gold_standard.__version__}",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": {
            "digest": visit.digest,
            "commit": visit.commit,
            "had_uncommitted_changes": visit.dirty,
            "from": place,
        },
        "tolerance": visit.tolerance.declared,
        "compared": "results-standin" if first.record.get("layout") == "stand-in" else "results",
        "given": visit.given,
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
            }
            for one in visit.rooms
        ],
        "files": _files(visit),
    }


def _files(visit) -> dict[str, dict]:
    """Each output with its sha256 in the first run and how it compared."""
    first = visit.rooms[0]
    names = {path for one in visit.rooms for path in one.files}
    return {
        path: {
            "sha256": sha256(first.study / path) if (first.study / path).is_file() else None,
            "with_committed": first.files.get(path),
            "from_run_to_run": visit.rooms[1].files.get(path) if len(visit.rooms) > 1 else None,
        }
        for path in sorted(names)
    }


def kind_of(by: dict | None, authors: list[dict]) -> str:
    """A certificate only where somebody is named who is none of the study's known authors."""
    if not by or not authors or len(_alphabets(by["name"])) > 1:
        return RERUN
    orcids = {_digits(author["orcid"]) for author in authors if author["orcid"]}
    if by.get("orcid") and _digits(by["orcid"]) in orcids:
        return RERUN
    if any(
        _may_be_one(by["name"], author["name"]) or _shares_family(by, author) for author in authors
    ):
        return RERUN
    return CERTIFICATE


def _shares_family(by: dict, author: dict) -> bool:
    """Whether a family name is shared, unless two different ORCIDs tell the two people apart."""
    both_known = by.get("orcid") and author["orcid"]
    family = set(_parts(author.get("family") or "")) - PARTICLES
    return not both_known and not family.isdisjoint(_parts(by["name"]))


def _may_be_one(a: str, b: str) -> bool:
    """Whether two names can be one person's: in any order, with initials or a name left out."""
    short, long = sorted((_parts(a), _parts(b)), key=len)
    for part in sorted(short, key=len, reverse=True):  # whole names first, initials take the rest
        same = [other for other in long if other == part]
        initial = [o for o in long if min(len(o), len(part)) == 1 and o[0] == part[0]]
        if not same and not initial:
            return False
        long.remove((same or initial)[0])
    return bool(short)


# Not told apart: what is written as one or as two letters; the second half is folded into one.
LETTERS = str.maketrans(dict(zip("øłđðþæœı", "o l d d th ae oe i".split(), strict=True)))
TITLES = set("dr prof professor phd md msc bsc mr mrs ms jr sr ii iii ing dipl habil sir".split())
PARTICLES = set("van von de la del della der den di da do dos das du le el al bin ibn y e".split())


def _parts(name: str) -> list[str]:
    """The words of a name without titles, each in one spelling of several; initials singly."""
    name = re.sub(r"\(.*?\)|['’]", "", name)
    words = []
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name)):
        initials = word.isupper() and len(word) in (2, 3) and not name.isupper()
        words += list(word) if initials and word.casefold() not in TITLES else [word]
    plain = [_folded(word) for word in words]
    return [word for word in plain if word not in TITLES] or plain


def _folded(word: str) -> str:
    """Small letters without accents; ä, ae and a are one, and so are their likes."""
    text = unicodedata.normalize("NFKD", word.casefold().translate(LETTERS))
    bare = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"([aou])e|aa", lambda pair: pair[0][0], bare)


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
                ),
                "family": str(p.get("family-names") or ""),
                "orcid": str(p.get("orcid") or "").rsplit("/", 1)[-1] or None,
            }
            for p in people
        ]
    except (ValueError, TypeError, AttributeError, RecursionError, yaml.YAMLError):
        return []


def in_words(content: dict) -> str:
    """The record as a page that people read."""
    whole = content["kind"] == CERTIFICATE
    outcome = "Everything agreed." if content["agrees"] else "Not everything agreed:"
    lines = [
        "# Certificate of reproduction" if whole else "# Record of a re-run",
        "",
        outcome,
        *(f"- {_shown(problem)}" for problem in content["problems"]),
        *([ON_STANDIN] if content["agrees"] and content["compared"] == "results-standin" else []),
        *([IN_PART] if content["given"] else []),
        "",
        "This file is a report by whoever made it.",
        "Its checksum guards against accidents, not against forgery.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {told} |" for name, told in _facts(content)),
        "",
        "| File | with what is committed | from run to run |",
        "|---|---|---|",
    ]
    for path, file in content["files"].items():
        kinds = [_told(file[key] or {}) for key in ("with_committed", "from_run_to_run")]
        lines.append(f"| {_shown(path)} | {' | '.join(kinds)} |")
    return "\n".join(lines) + "\n"


def _told(found: dict) -> str:
    """How one file compared, and by how much at most."""
    largest = found.get("largest")
    more = f" (largest difference {largest:.1e})" if isinstance(largest, float) else ""
    return _shown(f"{found.get('kind', '')}{more}")


def _facts(content: dict) -> list[tuple[str, str]]:
    """What was verified, by whom, where and when."""
    by, study, where = content["by"], content["study"], content["where"]
    who = by["name"] if by else "nobody named"
    if by and by["orcid"]:
        who += f" (ORCID {by['orcid']})"
    left = ", with uncommitted changes left out" if study["had_uncommitted_changes"] else ""
    cpu, memory = where["cpu"], f"{where['memory_bytes'] / 2**30:.0f} GiB"
    times = ", ".join(f"{run['wall_seconds']} s" for run in content["runs"])
    origin = [("From", _shown(study["from"]))] if study["from"] else []
    return [
        ("Study digest", f"`{study['digest']}`"),
        ("Commit", f"{study['commit'] or 'none'}{left}"),
        *origin,
        ("Made by", who),
        ("When", f"{content['date']}, with {content['tool']}"),
        ("Where", f"{where['system']}, {cpu['model']}, {cpu['usable']} cores, {memory}"),
        ("Runs", f"{len(content['runs'])}, {times}"),
        ("Tolerance", _shown(_tolerance(content.get("tolerance") or {}))),
        ("Network", "off" if content["offline"] else "not switched off"),
        ("Compared", f"`{content['compared']}/`{_models(content['files'])}"),
        *[
            ("Given", f"`{_shown(path)}`, sha256 `{value}`")
            for path, value in content["given"].items()
        ],
    ]


def _models(files: dict[str, dict]) -> str:
    """What the models were compared with, where there are any."""
    models = [file for path, file in files.items() if path.startswith("models")]
    if any((file["with_committed"] or {}).get("kind") not in (NEW, None) for file in models):
        return " and the models"
    again = any(file["from_run_to_run"] for file in models)
    return f"; the models {'from run to run only' if again else 'with nothing'}" if models else ""


def _tolerance(declared: dict) -> str:
    told = [f"{key} {declared[key]:g}" for key in ("rtol", "atol", "pixels") if key in declared]
    return ", ".join(told) + (f" ({declared['reason']})" if declared.get("reason") else "")


def _shown(text: str) -> str:
    """A text from somebody else's study, so that Markdown shows it and nothing more."""
    return re.sub(r"([\\`*<>|\[\]])", r"\\\1", printable(text))


def sound(texts: dict[str, str], digest: str) -> tuple[list[dict], list[str]]:
    """The sound records of this digest among files by path, newest first; sentences on the rest."""
    found, notes = [], []
    for path, text in sorted(texts.items(), key=lambda one: (len(one[0]), one[0])):
        try:
            content = json.loads(text)
            if not _is_own(content):
                notes.append(
                    f"{path} was edited, or is no record of this version; it counts for nothing."
                )
            elif content["study"]["digest"] != digest:
                notes.append(
                    f"{path} belongs to another state of the study; it counts for nothing."
                )
            elif content["given"]:
                notes.append(f"{path} is of a reproduction in part: gold does not rest on it.")
            else:
                found.append(content | {"path": path})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            notes.append(f"{path} cannot be read; it counts for nothing.")
    return sorted(found, key=lambda content: content["date"])[::-1], notes


def _is_own(content: dict) -> bool:
    """Whether a record is unedited, says all that is read in it, and does not contradict itself.

    Raises TypeError, KeyError or AttributeError for one of another shape.
    """
    if content["schema"] != SCHEMA or content["checksum"] != checksum(content):
        return False
    by, agreeing = content["by"], {IDENTICAL, WITHIN, NEW, None}
    kinds = {
        (file[key] or {}).get("kind")
        for file in content["files"].values()
        for key in ("with_committed", "from_run_to_run")
    }
    return (
        isinstance(content["date"], str)
        and isinstance(content["given"], dict)
        and isinstance(content["problems"], list)
        and content["agrees"] is (not content["problems"])
        and (not content["agrees"] or bool(kinds) and kinds <= agreeing)
        and (by is None or isinstance(by["name"], str) and isinstance(by["orcid"], str | None))
    )
