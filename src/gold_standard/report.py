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
from gold_standard.errors import Refusal, no_space, printable
from gold_standard.layout import STANDIN
from gold_standard.outcome import MISSING, NEW, SECRET_NOISE, UNMADE, Outcome
from gold_standard.record import write_text

NO_ROOM = 2**20  # bytes left on a disk that is as good as full: a step cannot even say so
SHOWN = 40  # files named one by one; beyond that only those that are not identical


class Progress:
    """One line per finished step, and on a terminal one that says what is running."""

    def __init__(self, total: int, labels: dict[str, str]) -> None:
        self._total, self._labels = total, labels
        self._running: dict[str, float] = {}
        self._finished = 0
        self.failed: dict[str, str] = {}

    def hear(self, event: str, step: str, why: str = "") -> None:
        """Take note of a step's "start", "finish" or "fail"."""
        if event == "start":
            self._running[step] = time.monotonic()
        else:
            seconds = time.monotonic() - self._running.pop(step, time.monotonic())
            if event == "finish":
                self._finished += 1
                self.failed.pop(step, None)  # a second attempt
                count = f"{self._finished:>{len(str(self._total))}}/{self._total}"
                self._line(f"  {count}  {self._labels[step]:<30} {manuscript.duration(seconds):>9}")
            else:
                self.failed[step] = why
        if sys.stdout.isatty() and self._running:
            running = ", ".join(self._labels[step] for step in self._running)
            print(f"\r\033[K  running: {running[:100]}", end="", flush=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._line("", end="")

    def _line(self, text: str, end: str = "\n") -> None:
        clear = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{clear}{text}", end=end, flush=True)


def tell_failure(run, jobs: list[dict], failed: dict[str, str]) -> None:
    """Say which steps failed, with the end of their logs and where to find the rest."""
    for job in (job for job in jobs if job["id"] in failed):
        print(f"\nStep failed: {job['label']}", file=sys.stderr)
        log = run.root / job["log"] if job["log"] else None
        for line in run.cluster.explain(job["id"], failed[job["id"]]) if run.cluster else ():
            print(line, file=sys.stderr)
        if log and log.is_file() and log.stat().st_size:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            print("\n".join(f"    {line}" for line in lines), file=sys.stderr)
            if not run.in_room:
                print(f"The whole log: {job['log']}", file=sys.stderr)
    if shutil.disk_usage(run.root).free < NO_ROOM:
        print(no_space(run.root), file=sys.stderr)
    shelved = [run.state / name for name in ("reference", "previous")]
    kept = [f"{path.relative_to(run.root).as_posix()}/" for path in shelved if path.exists()]
    if kept and not run.in_room:
        print(f"Earlier results are kept in {' and '.join(kept)}.", file=sys.stderr)
    if not run.in_room:
        print("Mend it and call again: finished steps are not repeated.", file=sys.stderr)


def tell(run, judge, outcomes: list[Outcome]) -> int:
    """Print the comparison and the next step; return the exit status."""
    reference = judge.called
    counts = Counter(outcome.kind for outcome in outcomes)
    if reference:
        print(f"\nCompared with {reference}:")
        shown = [o for o in outcomes if o.kind != IDENTICAL or len(outcomes) <= SHOWN]
        for outcome in shown:
            print(f"  {outcome.kind:<18} {printable(outcome.path)}{_details(outcome)}")
        order = (IDENTICAL, WITHIN, NEW, DIFFERENT, MISSING, UNMADE)
        told = ", ".join(f"{counts[kind]} {kind}" for kind in order if counts[kind])
        print(f"{_files(len(outcomes))}: {told}")
        if judge.is_stale and any(o.is_unexplained for o in outcomes):
            print("The commit's results are older than its code: its record names other files.")
    unexplained = [o for o in outcomes if o.is_unexplained and (reference or o.kind == UNMADE)]
    if not run.in_room:  # there the verdict and what comes next are `verify`'s to say
        print(_conclusion(run, reference, counts, outcomes, unexplained))
    return 1 if unexplained else 0


def _details(outcome: Outcome) -> str:
    details = []
    if outcome.kind == WITHIN:
        details.append(f"{outcome.by}; largest difference {outcome.largest:.1e}, {outcome.where}")
    elif outcome.where:
        details.append(outcome.where)
    edited = [cause for cause in outcome.because if cause != SECRET_NOISE]
    if edited:
        details.append(f"because you changed {', '.join(edited)}")
    elif outcome.because:
        details.append("its noise is secret, so no two runs have the same")
    elif outcome.kind == UNMADE:
        details.append("move it elsewhere, or add the rule that makes it")
    return f"\n{'':21}{'; '.join(details)}" if details else ""


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _conclusion(run, reference: str, counts: Counter, outcomes, unexplained) -> str:
    layout = run.layout
    agree = counts[IDENTICAL] + counts[WITHIN]
    if unexplained:
        lines = [
            f"\nNot reproduced: {_files(len(unexplained))} above without an explanation."
            if reference
            else "\nNot complete: no rule makes " + ", ".join(o.path for o in unexplained) + "."
        ]
        if reference and not run.git.exists:
            lines.append(OWN.format(layout=layout))
    elif layout.is_trial:
        lines = [f"\nDone. Results: {layout.results}/; nothing of the real run was touched."]
    elif not reference:
        lines = ["\nDone. There was nothing to compare with yet."]
    elif any(o.because for o in outcomes):
        told = "your changes, or from secret noise" if _noisy(outcomes) else "your changes"
        lines = [f"\nDone. {_files(agree)} as before; what differs follows from {told}."]
    else:
        lines = [f"\nReproduced: {_files(agree)} of results and models as in {reference}."]
        if counts[NEW]:
            lines.append(f"{_files(counts[NEW])} had nothing to be compared with yet.")
    if layout == STANDIN:
        lines.append("This was the synthetic stand-in, not the real data: results-standin/.")
    if not layout.is_trial:
        lines.append(f"Record: {layout.record}. {_next(run, counts)}".strip())
    if run.is_first and not unexplained:
        lines.append(FIRST.format(layout=layout, inventory=_inventory(layout, outcomes)))
    return "\n".join(lines)


# Outside Git nobody can tell an own change from a failure.
OWN = """\
Did you put your own data or code in? Then {layout.results}/ held what others had come to before:
look at the new results, then call git init, git add . and git commit, so that your changes are
told from now on."""

FIRST = """
What you have now: {inventory}; README.md says what it needed, MODEL_CARD.md how good it is.
Three things to try:
  1. Another number: write it into try.yaml as it stands in config.yaml, then
     python reproduce.py --config try.yaml. It writes to runs/try/ and touches nothing else.
  2. How far is this from gold? python reproduce.py check
  3. Your own data and model: README.md, "Put your own work in"."""


def _inventory(layout, outcomes: list[Outcome]) -> str:
    """How many tables, figures and models there are, and where."""
    suffixes = Counter(Path(o.path).suffix for o in outcomes if o.path.startswith(layout.results))
    models = sum(o.path.startswith(f"{layout.models}/") for o in outcomes)
    figures = suffixes[".png"] or suffixes[".pdf"]
    tables = sum(suffixes[suffix] for suffix in (".csv", ".tsv", ".json"))
    counted = [(tables, "table"), (figures, "figure")]
    told = [f"{n} {word}{'s' * (n != 1)}" for n, word in counted if n]
    here = f"{' and '.join(told) or 'results'} in {layout.results}/"
    return f"{here}, {_files(models)} in {layout.models}/" if models else here


def _noisy(outcomes: list[Outcome]) -> bool:
    return any(SECRET_NOISE in outcome.because for outcome in outcomes)


def _next(run, counts: Counter) -> str:
    made = (run.layout.results, run.layout.models, "record")
    if run.git.exists:
        uncommitted = [p for p in run.git.changed() if p.startswith(tuple(f"{m}/" for m in made))]
        if not run.git.commit or uncommitted:
            return f"Next: look at {made[0]}/, then commit {made[0]}/, {made[1]}/ and record/."
        return ""
    lost = (
        "" if run.reference_record() else ": your own changes cannot be told from other differences"
    )
    return (
        f"This folder is not a Git repository{lost}.\n"
        "Next: `git init`, `git add .` and `git commit`, then go on."
    )


def write(run, jobs: list[dict], record: dict) -> None:
    """Write what follows from a record: README's table, the model card's blocks, the manuscript.

    Raises Refusal when one of the files that it reads is not what it should be.
    """
    try:
        _write(run, jobs, record)
    except (UnicodeDecodeError, ValueError, IndexError, RecursionError) as error:
        raise Refusal(
            f"The run is complete, but the papers were not written from it: {error}. "
            "Make README.md and MODEL_CARD.md UTF-8 text, and *.json among the results JSON."
        ) from error


def _write(run, jobs: list[dict], record: dict) -> None:
    if run.layout == STANDIN and (run.root / "record" / "run.json").exists():
        return  # The papers speak of the real run.
    needed = manuscript.needed_table(record)
    _fill(run.root / "README.md", {"needed": needed})
    metrics = run.root / run.layout.results / run.settings.get("metrics", "metrics.csv")
    made = [run.root / path for job in jobs for path in job["outputs"]]
    facts = manuscript.facts(run.root / run.layout.results, made)
    blocks = {
        "metrics": _metrics_table(metrics),
        "environment": manuscript.environment_text(record),
    }
    if "training" in facts:
        blocks["training"] = manuscript.facts_table(facts["training"])
    _fill(run.root / "MODEL_CARD.md", blocks)
    folder = (run.root / run.layout.record).parent
    suffix = "-standin" if run.layout == STANDIN else ""
    _renew(folder / f"manuscript{suffix}.md", manuscript.markdown(record, facts))
    _renew(folder / f"manuscript{suffix}.tex", manuscript.latex(record, facts))


def _renew(path: Path, text: str) -> None:
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)


def _fill(path: Path, blocks: dict[str, str]) -> None:
    """Replace what stands between a file's markers; a file or marker that is gone stays gone.

    Markers stand alone on their lines. Where one is missing or doubled, nothing is replaced.
    """
    if not path.is_file():
        return
    old = path.read_bytes().decode("utf-8")
    new = old
    for name, text in blocks.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        lines = new.splitlines()
        counts = lines.count(begin), lines.count(end)
        if counts == (0, 0):
            continue
        if counts != (1, 1) or lines.index(begin) > lines.index(end):
            print(
                f"{path.name} keeps its old text: it needs the lines {begin} and {end}, once each."
            )
            continue
        pattern = re.compile(f"^{begin}$.*?^{end}$", re.DOTALL | re.MULTILINE)
        new = pattern.sub(lambda _, b=begin, t=text, e=end: f"{b}\n{t}\n{e}", new)
    _renew(path, new)


def _metrics_table(path: Path) -> str:
    if not path.is_file():
        return f"There is no {path.name} among the results."
    with path.open(encoding="utf-8", newline="") as file:
        return manuscript.markdown_table(list(csv.reader(file)))
