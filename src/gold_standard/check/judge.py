"""From a repository to its report: gathers facts, asks every rule, draws the two verdicts."""

import datetime
from collections.abc import Iterable
from pathlib import Path

import gold_standard
from gold_standard.check import runs
from gold_standard.check.facts import Facts
from gold_standard.check.rules import RULES
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding

SCHEMA = 1
LEVELS = {
    "bronze": ("heil.data", "heil.models", "heil.code"),
    "silver": ("heil.dependencies", "heil.details", "heil.deterministic"),
    "gold": ("heil.single-command",),
}
SCORED = ("midl.dependencies", "midl.training", "midl.evaluation", "midl.model", "midl.documentation", "midl.license")  # fmt: skip


def report(tree: Tree, path: str, study: runs.Study | None = None, commit: str | None = None, dirty: bool | None = None, testing: bool = False) -> dict:  # fmt: skip
    """The report on one repository, as docs/check-json.md describes it.

    `testing`: identifiers of an archive for tests count like others.
    """
    facts = Facts(tree, study, testing)
    findings = {rule.id: rule.judge(facts) for rule in RULES}
    waivers = _waivers(study, findings)
    results = [_result(rule, findings[rule.id]) for rule in RULES]
    return {
        "schema": SCHEMA,
        "tool": f"gold-standard {gold_standard.__version__}",
        "date": datetime.date.today().isoformat(),
        "path": path,
        "commit": commit,
        "dirty": dirty,
        "study_digest": study.digest if study else None,
        "heil": {"level": _level(findings, study)},
        "midl": _midl(findings),
        "evidence": study.reported if study else "none",
        "example": bool(study and study.example),
        "notes": _notes(facts),
        "next": next_step(results),
        "results": results,
        "waivers": waivers,
        "software": _software(facts),
        "paper": _paper(facts, findings),
    }


def _result(rule, finding: Finding) -> dict:
    fix = "" if finding.verdict == PASS else finding.fix or rule.fix
    return {
        "id": rule.id,
        "verdict": finding.verdict,
        "level": finding.level,
        "evidence": [{"path": e.path, "line": e.line, "note": e.note} for e in finding.evidence],
        "why": finding.why,
        "fix": fix,
    }


def _level(findings: dict[str, Finding], study: runs.Study | None) -> str:
    """The highest level of Heil et al. whose criteria, and those below, are all met."""
    reached = "none"
    for level, ids in LEVELS.items():
        if any(findings[id].verdict != PASS for id in ids):
            break
        if level == "gold" and study and study.standin:
            break
        reached = level
    return reached


def _midl(findings: dict[str, Finding]) -> dict:
    applicable = [id for id in SCORED if findings[id].verdict != NOT_APPLICABLE]
    repeatable = {PASS: True, FAIL: False}.get(findings["midl.repeatable"].verdict)
    return {
        "score": sum(findings[id].verdict == PASS for id in applicable),
        "applicable": len(applicable),
        "repeatable": repeatable,
    }


def _waivers(study: runs.Study | None, findings: dict[str, Finding]) -> list[dict]:
    """The study's waivers; a MIDL item that is waived with a reason counts as not applicable."""
    waived = study.settings.get("waivers") if study else None
    told = []
    for id, reason in waived.items() if isinstance(waived, dict) else ():
        if id not in findings or not isinstance(reason, str) or not reason.strip():
            continue
        told.append({"id": id, "reason": reason})
        if id in SCORED and findings[id].verdict == FAIL:
            findings[id] = Finding(NOT_APPLICABLE, f"Not applicable, says the author: {reason}")
    return told


def next_step(results: list[dict]) -> dict | None:
    """The one next step: the first criterion that is not met, bronze before silver before gold."""
    for verdict in (FAIL, UNKNOWN):
        for result in results:
            if result["verdict"] == verdict and result["id"] != "midl.repeatable":
                return {"id": result["id"], "fix": result["fix"]}
    return None


def _notes(facts: Facts) -> list[str]:
    notes = list(facts.study.notes) if facts.study else []
    if facts.study and facts.study.example:
        notes.append(
            "This is still the example that the template ships: its level is nobody's yet."
        )
    if facts.study and facts.study.standin:
        notes.append("Only the stand-in was run here: the pipeline is reproduced, the results are not.")  # fmt: skip
    notes += [one.note() for one in facts.disagreements[:5]]
    if facts.testing:
        notes.append("Identifiers of an archive for tests were counted: the level is a rehearsal.")
    if not facts.tree.sizes:
        notes.append("The repository is empty.")
    if facts.code.skipped:
        notes.append(f"{facts.code.skipped} files of code were not read: there is too much of it.")
    if facts.tree.truncated:
        notes.append("Not all files were looked at: there are too many.")
    broken = [module.path for module in facts.code.modules if module.broken]
    if broken:
        notes.append(f"{len(broken)} files of code could not be parsed, {broken[0]} first; they were read line by line.")  # fmt: skip
    return notes


def _software(facts: Facts) -> list[dict]:
    """Heil's last caveat, for software that is meant for reuse: printed, never scored."""
    tree = facts.tree
    tests = tree.matching(r"(.*/)?tests?/.*\.(py|r)|(.*/)?test_[^/]*\.py|(.*/)?testthat/.*")
    style = [p for p in (".pre-commit-config.yaml", "ruff.toml", ".flake8", ".pylintrc", ".lintr", "tox.ini") if p in tree.sizes]  # fmt: skip
    style += [p for p in ("pyproject.toml", "setup.cfg") if any(w in tree.text(p) for w in ("[tool.ruff", "[tool.black", "[flake8"))]  # fmt: skip
    docs = tree.matching(r"docs?/.*\.(md|rst|qmd|ipynb)|mkdocs\.ya?ml|vignettes/.*|man/.*\.rd")
    jobs = tree.matching(
        r"\.github/workflows/.*\.ya?ml|\.travis\.yml|\.gitlab-ci\.yml|appveyor\.yml"
    )
    text = "\n".join(tree.text(path) for path in jobs)
    systems = [name for name in ("ubuntu", "macos", "windows") if name in text.lower()]
    lines = [
        ("tests", f"{len(tests)} files of tests" if tests else "no tests", bool(tests)),
        (
            "style",
            f"checked by {style[0]}" if style else "no settings of a style checker",
            bool(style),
        ),  # fmt: skip
        (
            "documentation",
            f"{len(docs)} pages beside the README" if docs else "none beside the README",
            bool(docs),
        ),  # fmt: skip
        (
            "systems",
            f"tested on {', '.join(systems)}" if systems else "no tests on several systems",
            len(systems) == 3,
        ),  # fmt: skip
    ]
    return [{"name": name, "found": found, "met": met} for name, found, met in lines]


def _paper(facts: Facts, findings: dict[str, Finding]) -> list[dict]:
    """MIDL's three questions about the paper itself, answered as far as files can."""
    met = [id for id in SCORED if findings[id].verdict == PASS]
    data = findings["midl.public-data"]
    where = f" ({data.evidence[0].note})" if data.evidence and data.verdict == PASS else ""
    code = next((i.value for i in facts.identifiers if i.of == "code" and not i.doubt), None)
    return [
        {
            "question": "Is the reproducibility of the work addressed?",
            "answer": f"To be confirmed by you in the text. The repository meets {len(met)} of MIDL's 6 items.",
        },  # fmt: skip
        {
            "question": "Is the code publicly available?",
            "answer": f"To be confirmed by you: link it in the main text{f', with {code}' if code else ''}.",
        },  # fmt: skip
        {
            "question": "Are public datasets used?",
            "answer": f"{'Yes' if data.verdict == PASS else 'Not that the repository says'}{where}.",
        },  # fmt: skip
    ]


def open_tree(path: Path, tracked: Iterable[str] = ()) -> Tree:
    """The files of a folder or zip archive; of a folder also those that are ignored and tracked.

    Raises ValueError with a sentence for anything else.
    """
    from zipfile import BadZipFile

    from gold_standard.check.tree import Folder, Zip

    if path.is_dir():
        return Folder(path, tracked=tracked)
    if path.is_file():
        try:
            return Zip(path)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ValueError(f"{path} is neither a folder nor a zip archive: {error}.") from error
    raise ValueError(f"There is no folder or archive {path}.")
