"""The report as one HTML page without scripts or outside resources, for a phone and for paper.

The page of a study's results (results_page.py) has its frame, its style and its verdicts from here.
"""

import re
from html import escape

from gold_standard.check.faces import words

MOST_EVIDENCE = 10

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c1f22; --quiet: #565c63; --line: #d9dcdf; --soft: #f5f6f7;
  --pass: #1d6b33; --fail: #a3242b; --unknown: #7a4f00; --link: #1f5a96;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e6e7e8; --quiet: #a6acb3; --line: #3a3f45; --soft: #1f2226;
    --pass: #7fd194; --fail: #ff9d97; --unknown: #e6bd6b; --link: #8fbdf0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 54rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
h1, h2, h3 { line-height: 1.25; margin: 2.25rem 0 .5rem; font-weight: 600; }
h1 { font-size: 1.6rem; margin-top: 0; }
h2 { font-size: 1.25rem; }
h3 { font-size: 1rem; }
p { margin: .5rem 0; }
a { color: var(--link); }
small, .quiet { color: var(--quiet); font-size: .85em; }
code { font: .87em/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
ul { margin: .3rem 0; padding-left: 1.1rem; }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; background: var(--paper); padding: .5rem .8rem; }
.skip:focus { left: .5rem; top: .5rem; }
.lede { font-size: 1.1em; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; padding: 0; }
nav a { display: inline-block; padding: .2rem 0; }
nav, footer { border: solid var(--line); border-width: 1px 0; margin: 1.25rem 0; }
footer { border-bottom: 0; margin-top: 3rem; padding-top: .5rem; }
.scroll { overflow-x: auto; margin: 1rem 0 1.75rem; }
.scroll table { overflow-wrap: normal; font-size: .93em; margin: 0; }
.scroll th, .scroll td { white-space: nowrap; padding: .3rem .9rem .3rem 0; }
.scroll .n { text-align: right; font-variant-numeric: tabular-nums; }
.pair th[scope=row] { width: 11rem; color: var(--quiet); }
.pair td, .pair th { padding-top: .35rem; padding-bottom: .35rem; }
.figures { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
figure { margin: 0; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; background: #ffffff; }
figcaption code, .quiet code { font-size: 1em; }
figcaption { color: var(--quiet); font-size: .85em; padding-top: .35rem; }
.flow { padding: 0; list-style: none; counter-reset: step; }
.flow > li { counter-increment: step; border-left: 2px solid var(--line); padding: 0 0 1.1rem 1rem;
  margin-left: .35rem; }
.flow h3 { margin: 0; }
.flow h3::before { content: counter(step) ". "; color: var(--quiet); font-weight: 400; }
.flow dl { display: grid; grid-template-columns: 4.5rem 1fr; gap: .1rem .6rem; margin: .25rem 0 0; }
.flow dt { margin: 0; }
section.report { border-top: 2px solid var(--ink); margin-top: 3rem; padding-top: 1.25rem; }
section.report > :first-child { margin-top: 0; }
.verdicts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem;
  margin: 1rem 0; padding: 0; list-style: none; }
.verdicts li { background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
  padding: .7rem .9rem; }
.verdicts strong { display: block; font-size: 1.3rem; line-height: 1.3; }
.verdicts span, .verdicts small { display: block; }
.next, .example { border-left: 3px solid var(--link); padding: .1rem 0 .1rem .75rem;
  margin: 1rem 0; }
.example { border-color: var(--unknown); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
caption { text-align: left; color: var(--quiet); font-size: .85em; padding-bottom: .35rem; }
th, td { text-align: left; vertical-align: top; padding: .55rem .6rem .55rem 0;
  border-top: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--quiet); font-size: .85em; padding: .2rem .6rem .3rem 0; }
.results th[scope=row] { width: 32%; }
.results td > :first-child { margin-top: 0; }
.results th small, .lab td small { display: block; }
.lab { line-height: 1.35; }
.lab td, .lab thead th { overflow-wrap: normal; }
.lab td:nth-child(3) { min-width: 5.5rem; }
.verdict { display: block; font-weight: 700; }
.pass { color: var(--pass); } .fail { color: var(--fail); } .unknown { color: var(--unknown); }
.not-applicable { color: var(--quiet); }
dt { margin-top: .5rem; color: var(--quiet); } dd { margin: 0; }
@media (min-width: 40rem) {
  .lab td:nth-child(2) { min-width: 7rem; }
}
@media (max-width: 30rem) {
  body { font-size: 14px; padding: 1rem .8rem 2rem; }
  .results th[scope=row] { width: 37%; }
  .pair th[scope=row] { width: 7.5rem; }
  .lab { font-size: 13px; }
  .lab th, .lab td { padding-right: .4rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  tr, li { break-inside: avoid; }
  h1, h2, h3, caption { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
  .back, nav, .skip { display: none; }
  .scroll { overflow: visible; }
  .scroll table { font-size: max(4.5pt, min(.93em, calc(90pt / var(--columns)))); }
  .scroll thead th, .many td { overflow-wrap: anywhere; }
  .scroll th, .scroll td { white-space: normal; padding-right: .6em; }
}
@page { margin: 16mm; }
""".strip()

# The browser itself is told to load nothing and to run nothing.
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def text(reports: dict | list[dict]) -> str:
    """One page: a single report, or a table of several that leads to each."""
    if isinstance(reports, dict):
        title, body = f"Standards: {words.visible(reports['path'])}", _report(reports, 1)
    else:
        title, body = "Standards of several repositories", _several(reports)
    return document(title, ["<main>", *body, "</main>"])


def document(title: str, body: list[str], pictures: bool = False) -> str:
    """A whole page, which may hold pictures of its own, and nothing from elsewhere."""
    policy = POLICY + ("; img-src data:" if pictures else "")
    return PAGE.format(title=escape(title), policy=policy, style=STYLE, body="\n".join(body))


def judgement(report: dict, level: int) -> list[str]:
    """Every criterion of both standards with its evidence, and what else the judge found."""
    return [
        *items([shown(note) for note in report["notes"]]),
        *_results(report, "heil", level),
        *_results(report, "midl", level),
        *_paper(report, level),
        *_software(report, level),
        *_waivers(report, level),
    ]


def summary(report: dict) -> list[str]:
    """The two verdicts in short, and the one next step."""
    return [
        *([f"<p class='example'>{words.STILL_EXAMPLE}</p>"] if report["example"] else []),
        *_verdicts(report),
        f"<p class='next'><strong>Next:</strong> {shown(words.next_step(report))}</p>",
    ]


def _several(reports: list[dict]) -> list[str]:
    lines = ["<h1 id='all'>Standards of several repositories</h1>"]
    if not reports:
        return [*lines, "<p>No repository was judged.</p>"]
    heads = ("Repository", "Heil et al.", "MIDL", "Worst gap")
    lines += ["<table class='lab'>", f"<caption>Repositories: {len(reports)}</caption>"]
    lines += [head(heads), "<tbody>"]
    lines += [_line(report, number) for number, report in enumerate(reports, 1)]
    lines += ["</tbody>", "</table>"]
    for number, report in enumerate(reports, 1):
        lines.append(f"<section class='report' id='r{number}'>")
        lines += _report(report, 2)
        lines += ["<p class='back'><a href='#all'>All repositories</a></p>", "</section>"]
    return lines


def _line(report: dict, number: int) -> str:
    gap = words.worst_gap(report) or "none"
    return (
        f"<tr><th scope='row'><a href='#r{number}'>{_path(report['path'])}</a></th>"
        f"<td>{report['heil']['level']}<small>{shown(words.run(report))}</small></td>"
        f"<td>{words.score(report)}<small>{shown(words.repeatable(report))}</small></td>"
        f"<td>{_breakable(gap)}</td></tr>"
    )


def _report(report: dict, level: int) -> list[str]:
    """One report, its first heading of this level (1 or 2)."""
    return [
        f"<h{level}>{_path(report['path'])}</h{level}>",
        f"<p class='quiet'>{shown(words.state(report))}</p>",
        *summary(report),
        *judgement(report, level + 1),
    ]


def _verdicts(report: dict) -> list[str]:
    return [
        "<ul class='verdicts'>",
        f"<li><span>{words.TITLES['heil']}</span><strong>{report['heil']['level']}</strong>"
        f"<small>{_breakable(words.missing(report))}</small></li>",
        f"<li><span>{shown(words.TITLES['midl'])}</span><strong>{words.score(report)}</strong>"
        f"<small>{shown(words.repeatable(report))}</small></li>",
        "</ul>",
        f"<p>{shown(words.RUNS_TOLD[report['evidence']])}</p>",
    ]


def _results(report: dict, standard: str, level: int) -> list[str]:
    return [
        f"<h{level}>{shown(words.TITLES[standard])}</h{level}>",
        "<table class='results'>",
        head(("Criterion", "What was found")),
        "<tbody>",
        *map(_result, words.of(report, standard)),
        "</tbody>",
        "</table>",
    ]


def _result(result: dict) -> str:
    kind, id = result["verdict"], result["id"]
    needed = f", {words.HEIL[id][0]}" if id in words.HEIL else ""
    fix = result["fix"] if kind in ("fail", "unknown") else ""
    rests = f" <small>({words.rests(result)})</small>" if words.rests(result) else ""
    return "\n".join(
        [
            f"<tr><th scope='row'><span class='verdict {kind}'>{words.MARKS[kind]}</span> "
            f"{words.NAMES[id]}<small>{_breakable(id)}{needed}</small></th>",
            f"<td><p>{shown(result['why'])}{rests}</p>",
            *_evidence(result["evidence"]),
            *([f"<p><strong>To do:</strong> {shown(fix)}</p>"] if fix.strip() else []),
            "</td></tr>",
        ]
    )


def _evidence(evidence: list[dict]) -> list[str]:
    told = [_told(one) for one in evidence[:MOST_EVIDENCE]]
    hidden = len(evidence) - len(told)
    return items([*told, words.more(hidden)] if hidden else told)


def _told(evidence: dict) -> str:
    where = words.place(evidence)
    parts = (f"<code>{escape(where)}</code>" if where else "", shown(evidence["note"]))
    return ": ".join(part for part in parts if part)


def _paper(report: dict, level: int) -> list[str]:
    if not report["paper"]:
        return []
    said = [
        f"<dt>{shown(paper['question'])}</dt><dd>{shown(paper['answer'])}</dd>"
        for paper in report["paper"]
    ]
    return [f"<h{level}>The paper itself, as MIDL asks</h{level}>", "<dl>", *said, "</dl>"]


def _software(report: dict, level: int) -> list[str]:
    said = [
        f"<strong>{words.SOFTWARE[line['name']]}: {'yes' if line['met'] else 'no'}.</strong> "
        f"{shown(line['found'])}"
        for line in report["software"]
    ]
    return [f"<h{level}>{words.REUSE}</h{level}>", *items(said)] if said else []


def _waivers(report: dict, level: int) -> list[str]:
    said = [f"{shown(w['id'])}: {shown(w['reason'])}" for w in report["waivers"]]
    if not said:
        return []
    return [f"<h{level}>Waivers</h{level}>", f"<p>A waiver {words.POWERLESS}.</p>", *items(said)]


def head(heads: tuple[str, ...]) -> str:
    """The head of a table."""
    cells = "".join(f"<th scope='col'>{head}</th>" for head in heads)
    return f"<thead><tr>{cells}</tr></thead>"


def items(said: list[str]) -> list[str]:
    """A list of what is HTML already; nothing where there is nothing."""
    return ["<ul>", *(f"<li>{one}</li>" for one in said), "</ul>"] if said else []


def shown(text: str, most: int = words.LONGEST) -> str:
    """A text of whomever as HTML on one line, in which nothing acts."""
    return escape(words.sentence(text, most))


def _path(path: str) -> str:
    """A path, which may break after a slash."""
    return escape(words.visible(path)).replace("/", "/<wbr>")


def _breakable(said: str) -> str:
    """Ids that may break after their dot and hyphens."""
    return re.sub(r"(?<=\w)([.-])(?=\w)", r"\1<wbr>", shown(said))
