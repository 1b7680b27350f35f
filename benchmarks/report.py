"""From measured seconds to lines with ratios and goals: for the screen, README.md and a file."""

import json
import re
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import checking, elsewhere, jobs, publishing, training
from benchmarks.environments import TORCH
from benchmarks.rendering import EMPTY, PEERS, PLAIN, STUDY
from benchmarks.reproducing import BY_HAND, COLD, NOTHING, NOTHING_GIT, ONE, TWO, VERIFY

RATIO, MORE, ALONE, MEMORY = "ratio", "difference", "seconds", "memory"
BLOCK = re.compile(r"(?<=<!-- figures:begin -->\n).*?(?=<!-- figures:end -->)", re.DOTALL)


class Line(NamedTuple):
    """One figure: a case of a part, what it is set against, how, and the goal."""

    part: str
    case: str
    against: str = ""
    how: str = ALONE
    goal: float | None = None
    first: bool = False  # in README.md, too


LINES = [
    Line("rendering", STUDY, PLAIN, RATIO, 1.2, first=True),
    Line("rendering", STUDY, EMPTY, RATIO),
    *(Line("rendering", STUDY, peer, RATIO, 1.0) for peer in PEERS),
    *(
        Line("environments", f"making {name} by uv", f"making {name} by pip", RATIO)
        for name in (".venv", f".venv {TORCH}", ".tools")
    ),
    Line("environments", f"making .venv-gpu {TORCH} by uv"),
    Line("reproducing", COLD, first=True),
    Line("reproducing", TWO, BY_HAND, RATIO, 1.0, first=True),
    Line("reproducing", ONE, BY_HAND, MORE, 3.0),
    Line("training", training.STUDY, training.BARE, RATIO, 1.2, first=True),
    Line("training", training.STUDY, training.BARE, MEMORY, 1.2),
    Line("cluster", elsewhere.SLURM, elsewhere.BARE, RATIO, first=True),
    Line("container", elsewhere.CONTAINER, elsewhere.BARE, RATIO, first=True),
    Line("verifying", VERIFY, COLD, RATIO, 1.3, first=True),
    Line("publishing", publishing.PUBLISH, publishing.VERIFY, RATIO, first=True),
    Line("publishing", publishing.PUBLISH_TORCH, first=True),
    Line("nothing", NOTHING, goal=1.2, first=True),
    Line("nothing", NOTHING_GIT, goal=1.2),
    Line("jobs", jobs.added(1000, "run"), jobs.added(100, "run"), RATIO, 1.5),
    Line("jobs", jobs.case(1000, "nothing to do")),
    Line("checking", checking.STUDY, goal=1.0, first=True),
    *(Line("checking", checking.case(number)) for number in (100, 1000)),
    Line("checking", checking.case(10000), goal=10.0, first=True),
    Line("checking", checking.case(100_000)),
    Line("checking", checking.case(10000), checking.case(3000), RATIO, 3.7),
]


def rows(results: dict, first: bool = False) -> list[list[str]]:
    """A row per line that was measured: what, against what, result, goal."""
    lines = (line for line in LINES if line.first or not first)
    return [row for line in lines if (row := _row(line, results["parts"]))]


def _row(line: Line, parts: dict) -> list[str] | None:
    part = parts.get(line.part, {})
    if line.how == MEMORY:
        return _memory_row(line, part.get("memory", {}))
    seconds = part.get("seconds", {})
    mine, other = seconds.get(line.case), seconds.get(line.against)
    if mine is None or (line.against and other is None):
        return None
    found = compare(line.how, mine, other)
    told = {RATIO: "{:.2f} ×", MORE: "{:+.1f} s", ALONE: "{:.2f} s"}[line.how]
    spread = f" ({told.format(min(found))} to {told.format(max(found))})" if len(found) > 1 else ""
    goal = "" if line.goal is None else _goal(told.format(line.goal), median(found) <= line.goal)
    return [
        _called(part, line.case) if other else _sized(part, line.case),
        _called(part, line.against) if other else "",
        told.format(median(found)) + spread,
        goal,
    ]


def _memory_row(line: Line, memory: dict[str, int]) -> list[str] | None:
    """The largest process of one case beside that of another."""
    if line.case not in memory or line.against not in memory:
        return None
    ratio = memory[line.case] / memory[line.against]
    names = [f"{one}, largest process: {memory[one]} MB" for one in (line.case, line.against)]
    return [*names, f"{ratio:.2f} ×", _goal(f"{line.goal:.2f} ×", ratio <= line.goal)]


def _called(part: dict, case: str) -> str:
    return f"{_sized(part, case)}: {spell(median(part['seconds'][case]))}"


def _sized(part: dict, case: str) -> str:
    """A case with its number of files, its size on disk, and its largest process."""
    counted = ("files", "{} files"), ("megabytes", "{:.0f} MB"), ("memory", "{} MB of memory")
    told = [words.format(part[key][case]) for key, words in counted if case in part.get(key, {})]
    return f"{case} ({', '.join(told)})" if told else case


def _goal(limit: str, met: bool) -> str:
    return f"at most {limit.lstrip('+')}: {'met' if met else 'missed'}"


def compare(how: str, mine: list[float], other: list[float] | None) -> list[float]:
    """One figure per turn: each is set against the one that was measured right beside it."""
    if how == ALONE:
        return mine
    pairs = list(zip(mine, other, strict=True))
    return [a / b if how == RATIO else a - b for a, b in pairs]


def spell(seconds: float) -> str:
    """`12.3 s`, `1.23 s`, or `12.3 ms` for what is short."""
    if abs(seconds) < 0.1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def part_lines(name: str, part: dict) -> list[str]:
    """Every case of one part, for the screen: median, least and most, and what else is known."""
    lines = [f"{name} (others took {part['others']:.0%} of the processors meanwhile)"]
    for case, seconds in part["seconds"].items():
        span = f"({spell(min(seconds))} to {spell(max(seconds))}, {len(seconds)} times)"
        keys = [key for key in ("files", "megabytes", "memory") if case in part.get(key, {})]
        more = [f"{part[key][case]} {key}" for key in keys]
        lines.append(f"  {case:52} {spell(median(seconds)):>8} {' '.join([span, *more])}")
    return lines


def table(results: dict, first: bool = False) -> str:
    """The rows as Markdown, with when and where they were measured; or README's few."""
    lines = ["| What | Against | Result | Goal |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(results, first)]
    when = f"Measured on {_days(results)} by `python3 develop.py bench`"
    if first:
        lines += ["", f"{when}; [all figures, and how they come about](docs/benchmarks.md)."]
        return "\n".join(lines) + "\n"
    machine = results["machine"]
    others = [part["others"] for part in results["parts"].values()]
    lines += [
        "",
        f"{when}; medians, and the least and the most of all turns in brackets.",
        f"The machine: {machine['cpu']['model']}, {machine['cpu']['usable']} cores, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['system']}, "
        f"Python {results['versions']['python']}; others took {min(others):.0%} to "
        f"{max(others):.0%} of its processors, depending on the part.",
        *(f"{note[0].upper()}{note[1:]}." for note in results["notes"]),
    ]
    return "\n".join(lines) + "\n"


def _days(results: dict) -> str:
    """The days on which the parts were measured."""
    days = {part.get("date", results["date"]) for part in results["parts"].values()}
    return " and ".join(sorted(days))


def write(results: dict, root: Path) -> None:
    """Keep the results, and let README.md and docs/benchmarks.md say what they say."""
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    (root / "benchmarks" / "results.json").write_text(text, encoding="utf-8")
    for name, first in (("README.md", True), ("docs/benchmarks.md", False)):
        page = root / name
        new = BLOCK.sub(lambda _, first=first: table(results, first), page.read_text("utf-8"))
        page.write_text(new, "utf-8")
