"""What all faces share: the names of the criteria, the marks, and text made safe to show.

The ids, levels and verdicts are the contract of `schema.json`; the wording stands only here.
"""

import unicodedata

LEVELS = ("none", "bronze", "silver", "gold")
STANDARDS = {"heil": "Heil et al.", "midl": "MIDL"}
TITLES = {"heil": "Heil et al. 2021", "midl": "MIDL checklist (Simkó et al. 2024)"}

# id -> the level that needs it, and its name in the paper
HEIL = {
    "heil.data": ("bronze", "Data published and downloadable"),
    "heil.models": ("bronze", "Models published and downloadable"),
    "heil.code": ("bronze", "Source code published and downloadable"),
    "heil.dependencies": ("silver", "Dependencies set up in a single command"),
    "heil.details": ("silver", "Key analysis details recorded"),
    "heil.deterministic": ("silver", "Analysis components set to deterministic"),
    "heil.single-command": ("gold", "Entire analysis reproducible with a single command"),
}
MIDL = {
    "midl.dependencies": "Package dependencies, with exact versions",
    "midl.training": "Code for model training",
    "midl.evaluation": "Code for model evaluation",
    "midl.model": "Trained model",
    "midl.documentation": "Documentation",
    "midl.license": "Licence",
    "midl.public-data": "Public data set",
    "midl.repeatable": "Repeatable",
}
# The six of them that the submission form asks about, as it asks.
FORM = {
    "midl.dependencies": "Are the required package dependencies listed?",
    "midl.training": "Is the code for model training available?",
    "midl.evaluation": "Is the code for model evaluation available?",
    "midl.model": "Is the presented trained model available?",
    "midl.documentation": "Is there documentation for the available material?",
    "midl.license": "Is there licensing for the available material?",
}
NAMES = {id: name for id, (_, name) in HEIL.items()} | MIDL

MARKS = {"pass": "pass", "fail": "fail", "unknown": "unknown", "not-applicable": "n/a"}
# What a verdict rests on.
RESTS = {
    "declared": "only declared",
    "static": "found in the files",
    "resolved": "looked up",
    "re-run": "from a run",
}
# What the run behind the verdicts is: for a badge or a table, and as a sentence.
RUNS = {
    "none": "files only",
    "self-reported": "self-reported",
    "re-run here": "re-run here",
    "certified": "certified",
}
RUNS_TOLD = {
    "none": "Files only: no run of the present study stands behind these verdicts.",
    "self-reported": "Self-reported: the run behind these verdicts was recorded by the authors.",
    "re-run here": "Re-run here: the study was run again for this report.",
    "certified": "Certified: somebody who is not one of the authors ran the study again.",
}
SOFTWARE = {
    "tests": "unit tests",
    "style": "code style",
    "documentation": "documentation",
    "systems": "all major operating systems",
}
REUSE = "Software meant for reuse (printed, never scored)"
STILL_EXAMPLE = "This is still the example: what it meets is not yet yours, so no badge is written."
POWERLESS = "leaves the level where it is"

LONGEST = 400  # characters of one text that are shown; nothing honest is longer


def visible(text: str, most: int = LONGEST) -> str:
    r"""Show every character that would act instead of being seen as its escape (`\x1b`).

    That is all of control, format (writing direction), surrogate and odd blank characters.
    """
    if len(text) > most:
        half = most // 2
        text = f"{text[:half]} ... {text[-half:]}"
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def sentence(text: str, most: int = LONGEST) -> str:
    """A text of several lines as one, safe to show."""
    return visible(" ".join(text.split()), most)


def place(evidence: dict) -> str:
    """`file:line`, or `file`, or '' for what lies in no file."""
    if evidence["path"] is None:
        return ""
    line = evidence["line"]
    return visible(evidence["path"]) + (f":{line}" if line else "")


def rests(result: dict) -> str:
    """What the verdict rests on; '' where there is none."""
    return RESTS[result["level"]] if result["verdict"] in ("pass", "fail") else ""


def more(count: int) -> str:
    """What is said for evidence that is not shown."""
    return f"and {count} more"


def of(report: dict, standard: str) -> list[dict]:
    """The results of "heil" or "midl", in their order."""
    return [result for result in report["results"] if result["id"].startswith(f"{standard}.")]


def score(report: dict) -> str:
    """MIDL's score: "5 of 6", or "4 of 5 applicable"."""
    midl = report["midl"]
    applicable = " applicable" if midl["applicable"] < len(FORM) else ""
    return f"{midl['score']} of {midl['applicable']}{applicable}"


def repeatable(report: dict) -> str:
    """Whether the model can be trained again from what is public, in MIDL's sense."""
    words = {True: "repeatable", False: "not repeatable", None: "repeatable: cannot be told"}
    return words[report["midl"]["repeatable"]]


def verdict(report: dict, standard: str) -> str:
    """What the report says about "heil" or "midl", in a few words."""
    if standard == "heil":
        return report["heil"]["level"]
    return f"{score(report)}, {repeatable(report)}"


def run(report: dict) -> str:
    """What the run behind the report is, in a few words."""
    example = ", still the example" if report["example"] else ""
    return RUNS[report["evidence"]] + example


def next_level(report: dict) -> str | None:
    """The level above the one that is met; None above gold."""
    above = LEVELS.index(report["heil"]["level"]) + 1
    return LEVELS[above] if above < len(LEVELS) else None


def missing(report: dict) -> str:
    """One sentence: what the next level of Heil et al. needs."""
    level = next_level(report)
    if level is None:
        return "Nothing is missing."
    needed = LEVELS[: LEVELS.index(level) + 1]
    gaps = [r for r in of(report, "heil") if r["verdict"] != "pass" and HEIL[r["id"]][0] in needed]
    return f"Missing for {level}: {', '.join(map(_gap, gaps)) or 'nothing'}."


def _gap(result: dict) -> str:
    return result["id"] + (" (cannot be told)" if result["verdict"] == "unknown" else "")


def worst_gap(report: dict) -> str:
    """The first criterion that fails, else the first that cannot be told; '' without either."""
    for kind in ("fail", "unknown"):
        for result in report["results"]:
            if result["verdict"] == kind:
                return _gap(result)
    return ""


def next_step(report: dict) -> str:
    """The one thing to do next, and for which criterion."""
    step = report["next"] or next(iter(to_do(report)), None)
    if step:
        return f"{sentence(step['fix'])} ({step['id']})"
    return "nothing is missing." if not worst_gap(report) else "see the reasons above."


def to_do(report: dict) -> list[dict]:
    """The results that are not met and say how to get there, in their order."""
    gaps = (r for r in report["results"] if r["verdict"] in ("fail", "unknown"))
    return [result for result in gaps if result["fix"].strip()]


def state(report: dict) -> str:
    """What was judged, with what and when, without the path."""
    commit = f"commit {visible(report['commit'])[:12]}" if report["commit"] else "no commit"
    dirty = " with uncommitted changes" if report["dirty"] else ""
    return f"{commit}{dirty}, {visible(report['date'])}, judged by {visible(report['tool'])}"


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)
