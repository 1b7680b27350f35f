"""The study on one page: `python reproduce.py report`, and the end of every real run."""

from pathlib import Path

from gold_standard.errors import Refusal
from gold_standard.layout import REAL, STANDIN, Layout
from gold_standard.record import write_text

# Ignored by Git in every study since the first, and no part of its digest (decision 80).
PLACES = {REAL: "runs/report.html", STANDIN: "runs/report-standin.html"}


def main(root: Path, options) -> int:
    """Write the page of each kind of run that there is a record of; return 0.

    Raises Refusal where there is none, or none that can be read.
    """
    kinds = [layout for layout in PLACES if (root / layout.record).is_file()]
    if not kinds:
        raise Refusal("There is nothing to show yet: run the study first, python reproduce.py")
    if options.output:
        from gold_standard.check import command

        command.put(_text(root, kinds[0]), options.output)
        return 0
    for layout in kinds:
        write(root, layout)
        print(f"Written to {PLACES[layout]}.")
    return 0


def after_run(root: Path, layout: Layout) -> None:
    """Write the page anew if the record is newer, and say where it is."""
    if layout not in PLACES:
        return
    try:
        if _written(root / PLACES[layout]) < _written(root / layout.record):
            write(root, layout)
        print(f"The results on one page: {PLACES[layout]}")
    except Exception as error:  # it reads any file of the study; the run is complete without it
        print(f"The page with the results was not written: {type(error).__name__}: {error}")


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else -1


def write(root: Path, layout: Layout) -> None:
    """Write the page to its place. Raises Refusal."""
    path = root / PLACES[layout]
    path.parent.mkdir(exist_ok=True)
    write_text(path, _text(root, layout))


def _text(root: Path, layout: Layout) -> str:
    from gold_standard.check import command  # half a second: not for every call
    from gold_standard.check.faces import results

    return results.text(root, layout, command.judged(root))
