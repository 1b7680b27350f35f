"""What is known of runs: the record of a study, re-run records and certificates, bound to its digest."""

import hashlib
import importlib.resources
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import pathspec
import yaml

from gold_standard.check.metadata import load_yaml
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence
from gold_standard.compare import IDENTICAL, WITHIN
from gold_standard.outcome import SECRET_NOISE

AGREES = (IDENTICAL, WITHIN, "new")
SELF, HERE, CERTIFIED = "self-reported", "re-run here", "certified"
BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass
class Study:
    """What the machinery knows of a study made from this template."""

    digest: str
    settings: dict
    record: dict | None = None  # of the present digest
    stale: bool = False  # a record is there, of another state
    where: str = "record/run.json"
    here: bool = False  # the run behind the record was made by this call
    verified: dict | None = None  # the newest sound record of a verification of this state
    certified: bool = False  # one that agrees is by an outsider, and none since then disagrees
    notes: list[str] = field(default_factory=list)
    example: bool = False
    shown_on_standin: bool = False  # beside a real run: one on the stand-in, all as it came
    standin: bool = False  # the record is of a run on the synthetic stand-in

    @property
    def reported(self) -> str:
        """What stands behind the verdicts that only a run can give."""
        if self.certified and self.verified and self.verified["agrees"]:
            return CERTIFIED
        if not self.ran:
            return "none"
        return HERE if self.here else SELF

    @property
    def ran(self) -> bool:
        """Whether a run of the present state is on record."""
        return self.record is not None or bool(self.verified and self.verified["agrees"])

    @property
    def evidence(self) -> Evidence:
        """The record, as evidence."""
        if self.verified:
            kind = CERTIFIED if self.certified else SELF
            said = f"{kind}: verified in clean rooms, {self.verified['date'][:10]}"
            return Evidence(said, self.verified["path"])
        record = self.record or {}
        started = str(record.get("totals", {}).get("started", ""))[:10]
        return Evidence(f"{self.reported}: a run of this very state, {started}", self.where)

    def agreement(self) -> tuple[bool | None, str]:
        """Whether two runs agreed: True, False, or None where only one is known; and why."""
        if self.verified:
            if self.verified["agrees"]:
                return True, f"{len(self.verified['files'])} files, verified in clean rooms"
            return False, str((self.verified["problems"] or ["the verification failed"])[0])
        try:
            outcomes = (self.record or {})["comparison"]["files"]
            kinds = {path: str(outcome["kind"]) for path, outcome in outcomes.items()}
            noisy = {
                p
                for p, outcome in outcomes.items()
                if SECRET_NOISE in (outcome.get("because") or ())
            }
        except BROKEN:
            return None, "the record says nothing of a comparison"
        bad = [path for path, kind in kinds.items() if kind not in AGREES]
        if bad and noisy.issuperset(bad):
            return self._up_to_noise(len(bad), len(kinds))
        compared = [path for path, kind in kinds.items() if kind != "new"]
        if bad:
            return False, f"{bad[0]} came out otherwise than in the run before"
        if not compared:
            return None, "there was no earlier run to compare with"
        return True, f"{len(compared)} files came out as in the run before"

    def _up_to_noise(self, differing: int, files: int) -> tuple[bool | None, str]:
        """What a run says whose noise is secret: the stand-in, whose noise has a seed, decides."""
        if self.shown_on_standin:
            return True, f"{files - differing} of {files} files came out as before, up to secret noise, shown on the stand-in"  # fmt: skip
        return None, f"{differing} files differ by secret noise; `python reproduce.py --standin` shows whether all else repeats"  # fmt: skip

    def details(self) -> list[str]:
        """What of Heil's list the record lacks; [] when all of it is there."""
        record = self.record or {}
        totals, machine = record.get("totals") or {}, record.get("machine") or {}
        lacks = [name for name in ("wall_seconds", "cpu_seconds", "peak_memory_bytes") if not _number(totals.get(name))]  # fmt: skip
        cpu = machine.get("cpu") or {}
        if not isinstance(cpu, dict) or not cpu.get("model") or not _number(cpu.get("cores")):
            lacks.append("CPU model and number")
        if not re.search(r"\d", str(machine.get("system", ""))):
            lacks.append("operating system with version")
        if not _number(machine.get("memory_bytes")):
            lacks.append("RAM")
        if not isinstance(machine.get("gpus"), list):
            lacks.append("GPU model and number, or none")
        if not record.get("steps"):
            lacks.append("order of the steps")
        return lacks


def _number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def is_study(tree: Tree) -> bool:
    """Whether a repository was made from this template."""
    return "reproduce.py" in tree.sizes and "tools/tools.lock" in tree.sizes and "[tool.gold-standard]" in tree.text("pyproject.toml")  # fmt: skip


def read(tree: Tree, digest: str, settings: dict) -> Study:
    """The study with the record of its present state, if there is one."""
    study = Study(digest, settings)
    study.example = is_example(tree)
    study.standin = settings.get("data_access") == "controlled" and "record/run.json" not in tree.sizes  # fmt: skip
    study.where = "record/standin.json" if study.standin else "record/run.json"
    _verified(study, tree)
    if study.where in tree.sizes:
        record = _json(tree.text(study.where))
        if record is None or record.get("schema") != 1:
            study.notes.append(f"{study.where} is no record that this version can read; it counts for nothing.")  # fmt: skip
        elif record.get("layout") != ("stand-in" if study.standin else "real"):
            study.notes.append(f"{study.where} is of another kind of run; it counts for nothing.")
        elif record.get("study_digest") != digest:
            study.stale = True
            study.notes.append(f"{study.where} belongs to another state of the study; it counts for nothing.")  # fmt: skip
        elif problem := _disagrees(tree, record):
            study.notes.append(f"{study.where} does not agree with the files: {problem}.")
        else:
            study.record = record
            study.shown_on_standin = _standin_agrees(tree, digest)
    return study


def _standin_agrees(tree: Tree, digest: str) -> bool:
    """Whether a run on the stand-in, of this very state, gave what came with the study."""
    record = _json(tree.text("record/standin.json")) or {}
    try:
        files = record["comparison"]["files"].values()
        agrees = bool(files) and all(file["kind"] in AGREES[:2] for file in files)
    except BROKEN:
        return False
    return agrees and record.get("study_digest") == digest and not _disagrees(tree, record)


def _verified(study: Study, tree: Tree) -> None:
    """Take the newest record of a verification that belongs to the present state."""
    texts = {p: tree.text(p) for p in tree.matching(r"certificates/[^/]+\.json")[:1000]}
    if not texts:
        return
    from gold_standard import certificate

    found, notes = certificate.sound(texts, study.digest)
    study.notes += notes[-3:]
    if found and (problem := _changed(tree, found[0])):
        study.notes.append(f"{found[0]['path']} does not agree with the files: {problem}.")
    elif found:
        study.verified = found[0]  # the newest decides whether it agrees
        authors = certificate.authors_in(tree.text("CITATION.cff"))
        alike = [one for one in found if one["compared"] == found[0]["compared"]]
        for one in takewhile(lambda one: one["agrees"] and not _changed(tree, one), alike):
            study.certified |= certificate.kind_of(one["by"], authors) == certificate.CERTIFICATE
        study.standin = study.standin or study.verified.get("compared") == "results-standin"


def _changed(tree: Tree, verified: dict) -> str | None:
    """A committed output that is no longer what was verified, None when all are."""
    try:
        for path, file in verified["files"].items():
            same = (file["with_committed"] or {}).get("kind") == IDENTICAL
            if same and path in tree.sizes and not _is_content(tree, path, file["sha256"]):
                return f"{path} has another sha256"
    except BROKEN:
        return "its files cannot be read"
    return None


def _json(text: str) -> dict | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _disagrees(tree: Tree, record: dict) -> str | None:
    """What of the files is not as the record says, inputs and outputs; None when all are."""
    for key, kind in {"totals": dict, "machine": dict, "steps": list, "comparison": dict}.items():
        if not isinstance(record.get(key), kind):
            return f"its {key} cannot be read"
    try:
        outputs = {p: h for step in record["steps"] for p, h in step["outputs"].items()}
        inputs = {p: h for p, h in (record.get("files") or {}).items() if h}
        for path, wanted in sorted({**inputs, **outputs}.items()):
            if path in tree.sizes and not _is_content(tree, path, wanted):
                return f"{path} has another sha256"
        ignored = _ignored(tree)  # such as large weights, which are in an archive
        for path in sorted(outputs):
            kept = path.startswith(("results", "models")) and not ignored(path)
            if kept and path not in tree.sizes:
                return f"{path} is missing"
    except BROKEN:
        return "its steps cannot be read"
    return None


def _is_content(tree: Tree, path: str, wanted: str) -> bool:
    """Whether a file has this sha256, with the line ends of any system; a huge one is believed."""
    if tree.sizes[path] >= 50_000_000:
        return True
    content = tree.head(path, tree.sizes[path])
    versions = [content] if b"\0" in content else [content, content.replace(b"\r\n", b"\n")]
    return wanted in [hashlib.sha256(version).hexdigest() for version in versions]


def _ignored(tree: Tree) -> Callable[[str], bool]:
    """Whether Git leaves a file out."""
    try:
        return pathspec.GitIgnoreSpec.from_lines(tree.lines(".gitignore")).match_file
    except ValueError:
        return lambda path: False


def is_example(tree: Tree) -> bool:
    """Whether src/ and config.yaml are still what the template ships."""
    shipped = json.loads(importlib.resources.files("gold_standard.check").joinpath("example.json").read_text())  # fmt: skip
    marks = set(example_marks(tree))
    return bool(marks) and marks <= set(shipped)


def example_marks(tree: Tree) -> list[str]:
    """What tells an example from a study of one's own: sha256 of src/ and of config.yaml's values."""
    marks = []
    for path in tree.paths:
        if path.startswith("src/"):
            content = tree.text(path).replace("\r\n", "\n")
        elif path == "config.yaml":
            try:
                content = json.dumps(load_yaml(tree.text(path)), sort_keys=True, default=str)
            except (yaml.YAMLError, *BROKEN):
                content = tree.text(path)
        else:
            continue
        marks.append(hashlib.sha256(content.encode(errors="replace")).hexdigest())
    return marks


def digest_of(root: Path) -> str:
    """The study digest of a folder."""
    from gold_standard.digest import study_digest
    from gold_standard.git import Git

    return study_digest(root, Git(root))
