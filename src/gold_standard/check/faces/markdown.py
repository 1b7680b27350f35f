"""The report as Markdown, with the answers that a submission form asks for."""

import re

from gold_standard.check.faces import words

MOST_EVIDENCE = 10
FORM_VERDICTS = {"pass": "Yes", "fail": "No", "not-applicable": "NA", "unknown": "No"}
UNTOLD = "It could not be told from the files, which counts as No: look, and answer yourself."
CONFIRM = (
    "The body of the manuscript states the operating system and its version, wall-clock and CPU "
    "time, model and number of CPUs and GPUs, RAM and GPU RAM, as the README does.",
    "Data, models and code are public from the day the manuscript is.",
    "The identifiers above open, and lead to what they are said to be.",
)
# What Markdown would take for markup anywhere in a line (`_` only at the edge of a word), and what
# only at its beginning: headings, lists, underlines.
SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def text(report: dict) -> str:
    """The whole report, for `standards-report.md`."""
    parts = [
        _opening(report),
        _next(report),
        _heil(report),
        _midl(report),
        _software(report),
        _waivers(report),
        _form(report),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def escape(text: str) -> str:
    """One line in which nothing is markup."""
    safe = SPECIAL.sub(r"\\\g<0>", words.sentence(text))
    return "".join(ENTITIES.get(character, character) for character in safe)


def code(text: str) -> str:
    """Literal text; not for a table, where a bar would end the cell."""
    shown = words.visible(text)
    runs = [len(run) for run in re.findall("`+", shown)]
    fence = "`" * (max(runs, default=0) + 1)
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}" if shown else ""


def row(cells) -> str:
    """One line of a table; a cell is Markdown already."""
    return f"| {' | '.join(cells)} |"


def _opening(report: dict) -> list[str]:
    lines = ["# Standards report", ""]
    if report["example"]:
        lines += [f"**{words.STILL_EXAMPLE}**", ""]
    lines += [f"{code(report['path'])}: {escape(words.state(report))}.", ""]
    lines += [row(["standard", "verdict"]), row(["---", "---"])]
    for standard, title in words.TITLES.items():
        lines.append(row([title, f"**{escape(words.verdict(report, standard))}**"]))
    lines += ["", words.RUNS_TOLD[report["evidence"]]]
    lines += [""] if report["notes"] else []
    return lines + [f"- {escape(note)}" for note in report["notes"]]


def _next(report: dict) -> list[str]:
    lines = ["## What to do next", "", f"Next: {escape(words.next_step(report))}"]
    named = report["next"] and report["next"]["id"]
    later = [result for result in words.to_do(report) if result["id"] != named]
    # Without a step named, the first of the list is the next one already.
    later = later if named else later[1:]
    if later:
        lines += ["", "After that:", ""]
    return lines + [f"- {result['id']}: {escape(result['fix'])}" for result in later]


def _heil(report: dict) -> list[str]:
    lines = [f"## {words.TITLES['heil']}: {words.verdict(report, 'heil')}", ""]
    lines += [words.missing(report), ""]
    lines += [row(["id", "level", "criterion", "verdict", "rests on", "why"]), row(["---"] * 6)]
    results = words.of(report, "heil")
    for result in results:
        level, name = words.HEIL[result["id"]]
        lines.append(row([result["id"], level, name, *_judged(result)]))
    return lines + _evidence(results)


def _midl(report: dict) -> list[str]:
    lines = [f"## {words.TITLES['midl']}: {words.verdict(report, 'midl')}", ""]
    lines += [row(["id", "criterion", "verdict", "rests on", "why"]), row(["---"] * 5)]
    results = words.of(report, "midl")
    for result in results:
        lines.append(row([result["id"], words.MIDL[result["id"]], *_judged(result)]))
    return lines + _evidence(results)


def _judged(result: dict) -> list[str]:
    mark = words.MARKS[result["verdict"]]
    return [f"**{mark}**", words.rests(result) or "-", escape(result["why"])]


def _evidence(results: list[dict]) -> list[str]:
    shown = [result for result in results if result["evidence"]]
    lines = ["", "### Evidence", ""] if shown else []
    for result in shown:
        lines.append(f"- {result['id']}")
        lines += [f"  - {_told(evidence)}" for evidence in result["evidence"][:MOST_EVIDENCE]]
        hidden = len(result["evidence"]) - MOST_EVIDENCE
        lines += [f"  - {words.more(hidden)}"] if hidden > 0 else []
    return lines


def _told(evidence: dict) -> str:
    parts = (code(words.place(evidence)), escape(evidence["note"]))
    return ": ".join(part for part in parts if part)


def _software(report: dict) -> list[str]:
    if not report["software"]:
        return []
    lines = [f"## {words.REUSE}", "", row(["what", "met", "found"]), row(["---"] * 3)]
    for line in report["software"]:
        met = "yes" if line["met"] else "no"
        lines.append(row([words.SOFTWARE[line["name"]], met, escape(line["found"])]))
    return lines


def _waivers(report: dict) -> list[str]:
    if not report["waivers"]:
        return []
    lines = ["## Waivers", "", f"A waiver {words.POWERLESS}.", ""]
    return lines + [f"- {escape(w['id'])}: {escape(w['reason'])}" for w in report["waivers"]]


def _form(report: dict) -> list[str]:
    """The answers, each of one line, to be pasted."""
    lines = ["## For a submission form", "", "### The MIDL reproducibility checklist", ""]
    lines += [f"- {escape(p['question'])} {escape(p['answer'])}" for p in report["paper"]]
    for result in words.of(report, "midl"):
        if result["id"] in words.FORM:
            lines.append(f"- Repository: {words.FORM[result['id']]} {_answer(result)}")
    return [*lines, "", *_heil_form(report)]


def _answer(result: dict) -> str:
    said = f"{FORM_VERDICTS[result['verdict']]}. {_closed(escape(result['why']))}{_where(result)}"
    return f"{said} {UNTOLD}" if result["verdict"] == "unknown" else said


def _heil_form(report: dict) -> list[str]:
    reached = report["heil"]["level"]
    met = f"the {reached} standard is met" if reached != "none" else "no standard is met yet"
    lines = ["### The standards of Heil et al.", "", f"In short: {met} ({words.run(report)}).", ""]
    for result in words.of(report, "heil"):
        level, name = words.HEIL[result["id"]]
        verdict = {"pass": "met", "fail": "not met"}.get(result["verdict"], "cannot be told")
        why = _closed(escape(result["why"]))
        lines.append(f"- {name} ({level}): {verdict}. {why}{_where(result)}")
    lines += ["", "To be confirmed by you:", ""]
    return lines + [f"- [ ] {item}" for item in CONFIRM]


def _closed(said: str) -> str:
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _where(result: dict) -> str:
    places = [words.place(evidence) for evidence in result["evidence"]]
    shown = list(dict.fromkeys(place for place in places if place))[:3]
    return f" See {', '.join(map(code, shown))}." if shown else ""
