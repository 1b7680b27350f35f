"""A study's results on one page: question, tables, figures, workflow, what it needed, verdicts.

Two runs with the same results give the same bytes but for what stands between `this run: begin`
and `this run: end`.
"""

import json
import re
from collections import Counter
from pathlib import Path

from gold_standard import manuscript
from gold_standard.check.faces import exhibits, page, words
from gold_standard.errors import Refusal
from gold_standard.layout import STANDIN, Layout, read_settings

BEGIN, END = "<!-- this run: begin -->", "<!-- this run: end -->"
MOST_README = 20_000  # bytes: what is asked stands at its beginning
MOST_LEDE = 2_000  # letters of each line
SAME = ("identical", "new")
MOST_DIFFERENCES = 40
SECTIONS = {
    "results": "Results", "figures": "Figures", "workflow": "Workflow", "run": "This run",
    "standards": "Standards",
}  # fmt: skip
NOT_TOLD = "<p>The record does not tell this.</p>"
# HTML that Markdown lets through; what else stands in angle brackets may be a formula.
TAG = re.compile(
    r"</?(?:a|b|br|center|div|em|h[1-6]|hr|i|img|kbd|p|picture|small|source|span|strong|sub|sup|u)"
    r"(?:\s+[\w-]+=[^<>]*|\s*/)?>",
    re.IGNORECASE,
)
STOOD_IN = "This run worked on the synthetic stand-in, not on the real data."
ODD = (KeyError, TypeError, AttributeError, ValueError, IndexError, ArithmeticError)


def text(root: Path, layout: Layout, report: dict) -> str:
    """The page; `report` is the judge's. Raises Refusal where the record cannot be read."""
    record = _record(root / layout.record)
    title, said = _question(root)
    files = exhibits.files(root, layout.results)
    metrics = read_settings(root).get("metrics", "metrics.csv")
    tables = exhibits.tables(root, files, metrics) + exhibits.others(files)
    figures = exhibits.figures(root, files, _told(_makers, record) or {})
    parts = {
        "results": tables or [f"<p>There is no file in {layout.results}/.</p>"],
        "figures": figures,
        "workflow": _told(_workflow, record) or [NOT_TOLD],
        "run": _told(_run, record) or [NOT_TOLD],
        "standards": [
            *page.summary(report),
            f"<p class='quiet'>{page.shown(words.state(report))}</p>",
            *page.judgement(report, 3),
        ],
    }
    parts = {id: _section(id, lines) for id, lines in parts.items() if lines}
    # The verdicts, too: their evidence names the run's date, and lines that the run has written.
    parts["run"].insert(0, BEGIN)
    parts["standards"].append(END)
    body = [
        "<a class='skip' href='#main'>Skip to the content</a>",
        "<header>",
        f"<h1>{page.shown(title)}</h1>",
        *(f"<p class='lede'>{' '.join(_lines(paragraph))}</p>" for paragraph in said),
        *([f"<p class='example'>{STOOD_IN}</p>"] if layout == STANDIN else []),
        "</header>",
        "<nav aria-label='On this page'>",
        *page.items([f"<a href='#{id}'>{SECTIONS[id]}</a>" for id in parts]),
        "</nav>",
        "<main id='main' tabindex='-1'>",
        *(line for lines in parts.values() for line in lines),
        "</main>",
        f"<footer><p class='quiet'>Made by {page.shown(report['tool'])} from {layout.results}/ "
        f"and {layout.record}. <code>python reproduce.py report</code> makes it anew.</p></footer>",
    ]
    return page.document(words.sentence(title), body, pictures=True)


def _record(path: Path) -> dict:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(
            f"{path.parent.name}/{path.name} cannot be read ({type(error).__name__}): get it back "
            "from Git, or run the study, python reproduce.py"
        ) from error
    return record if isinstance(record, dict) else {}


def _told(tell, record: dict):
    """What the record tells; None where somebody has changed it so that it cannot be read."""
    try:
        return tell(record)
    except ODD:
        return None


def _section(id: str, lines: list[str]) -> list[str]:
    title = f"<h2 id='{id}-title'>{SECTIONS[id]}</h2>"
    return [f"<section id='{id}' aria-labelledby='{id}-title'>", title, *lines, "</section>"]


# The question


def _question(root: Path) -> tuple[str, list[str]]:
    """README's title, and its paragraphs before the first section: they say what is asked."""
    try:
        with (root / "README.md").open("rb") as file:
            readme = file.read(MOST_README).decode(errors="replace")
    except OSError:
        readme = ""
    text, *comments = readme.replace("\r\n", "\n").split("<!--")
    text += "".join(comment.partition("-->")[2] for comment in comments)
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text)]
    blocks = [block for block in blocks if block]
    title = "Results"
    if blocks and blocks[0].startswith("# "):
        first, _, rest = blocks[0].partition("\n")
        title, blocks = _plain(first[2:]), [rest.strip(), *blocks[1:]]
    said = []
    for block in blocks:
        if re.match(r"#|```|~~~", block):
            break
        if not re.match(r"[|>*+-] |\||\d+[.)] ", block) and _plain(block):
            said.append(_plain(block))
    return title, said[:3]


def _plain(markdown: str) -> str:
    """Text without its marks: no pictures, no addresses, no stars, backticks and tags."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", markdown)
    text = TAG.sub(lambda tag: "\n" if tag[0].lower().startswith("<br") else "", text)
    text = re.sub(r"\[([^\[\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)(\*\*|`)", "", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).strip()


def _lines(paragraph: str) -> list[str]:
    return [page.shown(line, MOST_LEDE) for line in paragraph.splitlines()]


# The workflow


def _makers(record: dict) -> dict[str, str]:
    """Which step made a file."""
    return {path: step["rule"] for step in record["steps"] for path in step["outputs"]}


def _workflow(record: dict) -> list[str]:
    """The graph of the work as a list in its order: what each step takes, from where, and makes."""
    makers = _makers(record)
    lines = ["<ol class='flow'>"]
    for rule, runs in manuscript.by_rule(record).items():
        inputs = list(dict.fromkeys(path for run in runs for path in run["inputs"]))
        outputs = list(dict.fromkeys(path for run in runs for path in run["outputs"]))
        taken = [path for path in inputs if path in makers]
        before = ", ".join(dict.fromkeys(makers[path] for path in taken))
        rows = {
            "after": page.shown(before),
            "takes": exhibits.listed(taken),
            "with": exhibits.listed([path for path in inputs if path not in makers]),
            "makes": exhibits.listed(outputs),
        }
        told = (f"<dt>{key}</dt><dd>{said}</dd>" for key, said in rows.items() if said)
        times = f" <span class='quiet'>× {len(runs)}</span>" if len(runs) > 1 else ""
        lines += [f"<li><h3>{page.shown(rule)}{times}</h3>", "<dl>", *told, "</dl></li>"]
    return [*lines, "</ol>"]


# This run


def _run(record: dict) -> list[str]:
    """When it was, how it compared, and what it needed."""
    whole, steps = manuscript.needed(record)
    begun = str(record["totals"]["started"])[:16].replace("T", " ")
    return [
        f"<p>Begun {page.shown(begun)} UTC.</p>",
        *_comparison(record["comparison"]),
        "<table class='pair'>",
        "<caption>What it needed</caption>",
        "<tbody>",
        *(
            f"<tr><th scope='row'>{page.shown(a)}</th><td>{page.shown(b)}</td></tr>"
            for a, b in whole[1:]
        ),
        "</tbody></table>",
        "<div class='scroll' role='region' tabindex='0' aria-label='Time and memory of each step'>",
        *exhibits.grid(steps),
        "</div>",
    ]


def _comparison(comparison: dict) -> list[str]:
    if not comparison["with"]:
        return ["<p>There was nothing to compare with yet.</p>"]
    kinds = Counter(about["kind"] for about in comparison["files"].values())
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    other = {p: about for p, about in comparison["files"].items() if about["kind"] not in SAME}
    lines = [_difference(path, about) for path, about in list(other.items())[:MOST_DIFFERENCES]]
    return [
        f"<p>Compared with {page.shown(comparison['with'])}, file by file: {page.shown(told)}.</p>",
        *page.items(lines),
    ]


def _difference(path: str, about: dict) -> str:
    where = f": {page.shown(str(about['where']))}" if "where" in about else ""
    return f"{exhibits.code(path)} {page.shown(about['kind'])}{where}"
