"""The report as one HTML page without scripts or outside resources, for a phone and for paper."""

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
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 50rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
h1, h2, h3 { line-height: 1.25; margin: 2.25rem 0 .5rem; font-weight: 600; }
h1 { font-size: 1.35rem; margin-top: 0; }
h2 { font-size: 1.15rem; }
h3 { font-size: 1rem; }
p { margin: .5rem 0; }
a { color: var(--link); }
small, .quiet { color: var(--quiet); font-size: .85em; }
code { font: .87em/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
ul { margin: .3rem 0; padding-left: 1.1rem; }
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
  .lab { font-size: 13px; }
  .lab th, .lab td { padding-right: .4rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  tr, li { break-inside: avoid; }
  h1, h2, h3, caption { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
  .back { display: none; }
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
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def text(reports: dict | list[dict]) -> str:
    """One page: a single report, or a table of several that leads to each."""
    if isinstance(reports, dict):
        title, body = f"Standards: {words.visible(reports['path'])}", _report(reports, 1)
    else:
        title, body = "Standards of several repositories", _several(reports)
    return PAGE.format(title=escape(title), style=STYLE, body="\n".join(body))


def _several(reports: list[dict]) -> list[str]:
    lines = ["<h1 id='all'>Standards of several repositories</h1>"]
    if not reports:
        return [*lines, "<p>No repository was judged.</p>"]
    heads = ("Repository", "Heil et al.", "MIDL", "Worst gap")
    lines += ["<table class='lab'>", f"<caption>Repositories: {len(reports)}</caption>"]
    lines += [_head(heads), "<tbody>"]
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
        f"<td>{report['heil']['level']}<small>{_said(words.run(report))}</small></td>"
        f"<td>{words.score(report)}<small>{_said(words.repeatable(report))}</small></td>"
        f"<td>{_breakable(gap)}</td></tr>"
    )


def _report(report: dict, level: int) -> list[str]:
    """One report, its first heading of this level (1 or 2)."""
    return [
        f"<h{level}>{_path(report['path'])}</h{level}>",
        f"<p class='quiet'>{_said(words.state(report))}</p>",
        *([f"<p class='example'>{words.STILL_EXAMPLE}</p>"] if report["example"] else []),
        *_verdicts(report),
        f"<p class='next'><strong>Next:</strong> {_said(words.next_step(report))}</p>",
        *_items([_said(note) for note in report["notes"]]),
        *_results(report, "heil", level + 1),
        *_results(report, "midl", level + 1),
        *_paper(report, level + 1),
        *_software(report, level + 1),
        *_waivers(report, level + 1),
    ]


def _verdicts(report: dict) -> list[str]:
    return [
        "<ul class='verdicts'>",
        f"<li><span>{words.TITLES['heil']}</span><strong>{report['heil']['level']}</strong>"
        f"<small>{_breakable(words.missing(report))}</small></li>",
        f"<li><span>{_said(words.TITLES['midl'])}</span><strong>{words.score(report)}</strong>"
        f"<small>{_said(words.repeatable(report))}</small></li>",
        "</ul>",
        f"<p>{_said(words.RUNS_TOLD[report['evidence']])}</p>",
    ]


def _results(report: dict, standard: str, level: int) -> list[str]:
    return [
        f"<h{level}>{_said(words.TITLES[standard])}</h{level}>",
        "<table class='results'>",
        _head(("Criterion", "What was found")),
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
            f"<td><p>{_said(result['why'])}{rests}</p>",
            *_evidence(result["evidence"]),
            *([f"<p><strong>To do:</strong> {_said(fix)}</p>"] if fix.strip() else []),
            "</td></tr>",
        ]
    )


def _evidence(evidence: list[dict]) -> list[str]:
    told = [_told(one) for one in evidence[:MOST_EVIDENCE]]
    hidden = len(evidence) - len(told)
    return _items([*told, words.more(hidden)] if hidden else told)


def _told(evidence: dict) -> str:
    where = words.place(evidence)
    parts = (f"<code>{escape(where)}</code>" if where else "", _said(evidence["note"]))
    return ": ".join(part for part in parts if part)


def _paper(report: dict, level: int) -> list[str]:
    if not report["paper"]:
        return []
    said = [
        f"<dt>{_said(paper['question'])}</dt><dd>{_said(paper['answer'])}</dd>"
        for paper in report["paper"]
    ]
    return [f"<h{level}>The paper itself, as MIDL asks</h{level}>", "<dl>", *said, "</dl>"]


def _software(report: dict, level: int) -> list[str]:
    said = [
        f"<strong>{words.SOFTWARE[line['name']]}: {'yes' if line['met'] else 'no'}.</strong> "
        f"{_said(line['found'])}"
        for line in report["software"]
    ]
    return [f"<h{level}>{words.REUSE}</h{level}>", *_items(said)] if said else []


def _waivers(report: dict, level: int) -> list[str]:
    said = [f"{_said(w['id'])}: {_said(w['reason'])}" for w in report["waivers"]]
    if not said:
        return []
    return [f"<h{level}>Waivers</h{level}>", f"<p>A waiver {words.POWERLESS}.</p>", *_items(said)]


def _head(heads: tuple[str, ...]) -> str:
    cells = "".join(f"<th scope='col'>{head}</th>" for head in heads)
    return f"<thead><tr>{cells}</tr></thead>"


def _items(said: list[str]) -> list[str]:
    return ["<ul>", *(f"<li>{one}</li>" for one in said), "</ul>"] if said else []


def _said(text: str) -> str:
    return escape(words.sentence(text))


def _path(path: str) -> str:
    """A path, which may break after a slash."""
    return escape(words.visible(path)).replace("/", "/<wbr>")


def _breakable(said: str) -> str:
    """Ids that may break after their dot and hyphens."""
    return re.sub(r"(?<=\w)([.-])(?=\w)", r"\1<wbr>", _said(said))
