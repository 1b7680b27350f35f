"""What people read: progress, the comparison, and the texts written from the run's record."""

import csv
import re
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

from gold_standard import manuscript
from gold_standard.compare import DIFFERENT, IDENTICAL, WITHIN
from gold_standard.errors import no_space
from gold_standard.outcome import MISSING, NEW, UNMADE, Outcome
from gold_standard.record import write_text

NO_ROOM = 2**20  # bytes left on a disk that is as good as full: a step cannot even say so
SHOWN = 40  # files named one by one; beyond that only those that are not identical


class Progress:
    """One line per finished step, and on a terminal one that says what is running."""

    def __init__(self, total: int, labels: dict[str, str]) -> None:
        self._total, self._labels = total, labels
        self._running: dict[str, float] = {}
        self._finished = 0
        self.failed: list[str] = []

    def hear(self, event: str, step: str) -> None:
        """Take note of a step's "start", "finish" or "fail"."""
        if event == "start":
            self._running[step] = time.monotonic()
        else:
            seconds = time.monotonic() - self._running.pop(step, time.monotonic())
            if event == "finish":
                self._finished += 1
                count = f"{self._finished:>{len(str(self._total))}}/{self._total}"
                self._line(f"  {count}  {self._labels[step]:<30} {duration(seconds):>9}")
            else:
                self.failed.append(step)
        if sys.stdout.isatty() and self._running:
            running = ", ".join(self._labels[step] for step in self._running)
            print(f"\r\033[K  running: {running[:100]}", end="", flush=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._line("", end="")

    def _line(self, text: str, end: str = "\n") -> None:
        clear = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{clear}{text}", end=end, flush=True)


def tell_failure(run, jobs: list[dict], failed: list[str]) -> None:
    """Say which steps failed, with the end of their logs and where to find the rest."""
    for job in (job for job in jobs if job["id"] in failed):
        print(f"\nStep failed: {job['label']}", file=sys.stderr)
        log = run.root / job["log"] if job["log"] else None
        if log and log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            print("\n".join(f"    {line}" for line in lines), file=sys.stderr)
            print(f"The whole log: {job['log']}", file=sys.stderr)
    if shutil.disk_usage(run.root).free < NO_ROOM:
        print(no_space(run.root), file=sys.stderr)
    shelved = [run.state / name for name in ("reference", "previous")]
    kept = [f"{path.relative_to(run.root).as_posix()}/" for path in shelved if path.exists()]
    if kept:
        print(f"Earlier results are kept in {' and '.join(kept)}.", file=sys.stderr)
    print("Mend it and call again: finished steps are not repeated.", file=sys.stderr)


def tell(run, reference: str, outcomes: list[Outcome]) -> int:
    """Print the comparison and the next step; return the exit status."""
    if reference:
        print(f"\nCompared with {reference}:")
        shown = [o for o in outcomes if o.kind != IDENTICAL or len(outcomes) <= SHOWN]
        for outcome in shown:
            print(f"  {outcome.kind:<18} {outcome.path}{_details(outcome)}")
        counts = Counter(outcome.kind for outcome in outcomes)
        order = (IDENTICAL, WITHIN, NEW, DIFFERENT, MISSING, UNMADE)
        print(
            f"{_files(len(outcomes))}: " + ", ".join(f"{counts[k]} {k}" for k in order if counts[k])
        )
    unexplained = [o for o in outcomes if o.is_unexplained and (reference or o.kind == UNMADE)]
    print(_conclusion(run, reference, outcomes, unexplained))
    return 1 if unexplained else 0


def _details(outcome: Outcome) -> str:
    details = []
    if outcome.kind == WITHIN:
        details.append(f"{outcome.by}; largest difference {outcome.largest:.1e}, {outcome.where}")
    elif outcome.where:
        details.append(outcome.where)
    if outcome.because:
        details.append(f"because you changed {', '.join(outcome.because)}")
    elif outcome.kind == UNMADE:
        details.append("move it elsewhere, or add the rule that makes it")
    return f"\n{'':21}{'; '.join(details)}" if details else ""


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _conclusion(run, reference: str, outcomes: list[Outcome], unexplained: list[Outcome]) -> str:
    layout = run.layout
    lines = []
    if unexplained:
        lines.append(
            f"\nNot reproduced: {_files(len(unexplained))} above without an explanation."
            if reference
            else "\nNot complete: no rule makes " + ", ".join(o.path for o in unexplained) + "."
        )
    elif layout.is_trial:
        lines.append(f"\nDone. Results: {layout.results}/; nothing of the real run was touched.")
    elif not reference:
        lines.append("\nDone. There was nothing to compare with yet.")
    elif any(o.because for o in outcomes):
        lines.append("\nDone. What differs follows from your changes.")
    else:
        lines.append(f"\nReproduced: every result agrees with {reference}.")
    if layout.name == "stand-in":
        lines.append("This was the synthetic stand-in, not the real data: results-standin/.")
    if not layout.is_trial:
        lines.append(f"Record: {layout.record}. {_next(run)}")
    return "\n".join(lines)


def _next(run) -> str:
    if run.git.exists:
        made = f"{run.layout.results}/, {run.layout.models}/ and record/"
        return f"Next: look at {run.layout.results}/, then commit {made}."
    return (
        "This folder is not a Git repository: your own changes cannot be told from other "
        "differences.\nNext: `git init`, `git add .` and `git commit`, then go on."
    )


def write(run, record: dict) -> None:
    """Write what follows from a record: README's table, the model card's blocks, the manuscript."""
    if run.layout.name == "stand-in" and (run.root / "record" / "run.json").exists():
        return  # The papers speak of the real run.
    needed = manuscript.needed_table(record)
    _fill(run.root / "README.md", {"needed": needed})
    metrics = run.root / run.layout.results / run.settings.get("metrics", "metrics.csv")
    _fill(
        run.root / "MODEL_CARD.md",
        {"metrics": _metrics_table(metrics), "environment": manuscript.environment_text(record)},
    )
    facts = manuscript.facts(run.root / run.layout.results)
    folder = (run.root / run.layout.record).parent
    suffix = "-standin" if run.layout.name == "stand-in" else ""
    write_text(folder / f"manuscript{suffix}.md", manuscript.markdown(record, facts))
    write_text(folder / f"manuscript{suffix}.tex", manuscript.latex(record, facts))


def _fill(path: Path, blocks: dict[str, str]) -> None:
    """Replace what stands between a file's markers; a file or marker that is gone stays gone."""
    if not path.is_file():
        return
    old = path.read_bytes().decode("utf-8")
    new = old
    for name, text in blocks.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        new = pattern.sub(lambda _, b=begin, t=text, e=end: f"{b}\n{t}\n{e}", new)
    if new != old:
        write_text(path, new)


def _metrics_table(path: Path) -> str:
    if not path.is_file():
        return f"There is no {path.name} among the results."
    with path.open(encoding="utf-8", newline="") as file:
        return markdown_table(list(csv.reader(file)))


def markdown_table(rows: list[list[str]]) -> str:
    """A Markdown table; the first row is its head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
