"""Several repositories, one line each: for a terminal, a spreadsheet or Markdown."""

import csv
import io

from gold_standard.check.faces import markdown, words

HEADER = ("repository", "Heil et al.", "MIDL", "repeatable", "worst gap", "evidence")
CSV_HEADER = (
    "path", "heil_level", "midl_score", "midl_applicable", "repeatable", "worst_gap", "evidence",
)  # fmt: skip
REPEATABLE = {True: "yes", False: "no", None: "unknown"}
# A spreadsheet takes a cell that begins so for a formula; the wide ones too, in some languages.
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def text(reports: list[dict], format: str = "text") -> str:
    """The table as "text", "csv" or "markdown"; ValueError for any other format."""
    if format == "text":
        return _aligned(reports)
    if format == "csv":
        return _csv(reports)
    if format == "markdown":
        return _markdown(reports)
    raise ValueError(f"There is no table as {format!r}: choose text, csv or markdown.")


def _row(report: dict) -> tuple[str, ...]:
    return (
        words.visible(report["path"]),
        report["heil"]["level"],
        words.score(report),
        REPEATABLE[report["midl"]["repeatable"]],
        words.worst_gap(report) or "-",
        words.run(report),
    )


def _aligned(reports: list[dict]) -> str:
    rows = [HEADER, *map(_row, reports)]
    widths = [max(words.columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = (
        cell + " " * (width - words.columns(cell)) for cell, width in zip(row, widths, strict=True)
    )
    return "  ".join(cells).rstrip() + "\n"


def _csv(reports: list[dict]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for report in reports:
        path, level, _, repeatable, _, run = _row(report)
        midl, gap = report["midl"], words.worst_gap(report)
        row = (path, level, midl["score"], midl["applicable"], repeatable, gap, run)
        writer.writerow([_harmless(cell) for cell in row])
    return stream.getvalue()


def _harmless(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.lstrip().startswith(FORMULA):
        return f"'{cell}"
    return cell


def _markdown(reports: list[dict]) -> str:
    lines = [markdown.row(HEADER), markdown.row(["---"] * len(HEADER))]
    for report in reports:
        lines.append(markdown.row(map(markdown.escape, _row(report))))
    return "\n".join(lines) + "\n"
