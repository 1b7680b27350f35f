"""The report for a terminal: plain words, one entry for each criterion, one next step."""

import textwrap

from gold_standard.check.faces import words

MOST_LINES = 60  # beyond that less evidence is shown, first of what is met
# Pieces of evidence shown for what is met, and for what is not: the first that fits is taken.
MOST_EVIDENCE = ((3, 3), (2, 3), (1, 3), (1, 2), (1, 1))
NARROWEST = 40
HANG = " " * 10
COLORS = {"pass": "32", "fail": "31", "unknown": "33", "not-applicable": "2", "title": "1"}


def text(report: dict, color: bool, width: int) -> str:
    """A report in lines of at most `width` columns (a long path is not broken)."""
    lines: list[str] = []
    for met, unmet in MOST_EVIDENCE:
        lines = _Page(color, max(width, NARROWEST), met, unmet).lines(report)
        if len(lines) <= MOST_LINES:
            break
    return "\n".join(lines) + "\n"


class _Page:
    def __init__(self, color: bool, width: int, met: int, unmet: int) -> None:
        self.color, self.width = color, width
        self.met, self.unmet = met, unmet

    def lines(self, report: dict) -> list[str]:
        return [
            *self._wrap(f"{words.visible(report['path'])}: {words.state(report)}"),
            *(self._wrap(words.STILL_EXAMPLE) if report["example"] else []),
            *self._wrap(words.RUNS_TOLD[report["evidence"]]),
            "",
            self._paint("title", f"Heil et al.: {words.verdict(report, 'heil')}"),
            *self._wrap(words.missing(report), "  "),
            *self._results(words.of(report, "heil")),
            "",
            self._paint("title", f"MIDL: {words.verdict(report, 'midl')}"),
            *self._results(words.of(report, "midl")),
            "",
            *self._rest(report),
            *self._next(report),
        ]

    def _results(self, results: list[dict]) -> list[str]:
        return [line for result in results for line in self._result(result)]

    def _result(self, result: dict) -> list[str]:
        kind, mark = result["verdict"], words.MARKS[result["verdict"]]
        said = f"{mark:<7} {result['id']}{_about(result)}: {words.sentence(result['why'])}"
        first, *others = self._wrap(said, "  ", HANG)
        # Painted after wrapping, since the codes have no width.
        head = "  " + self._paint(kind, mark) + first[2 + len(mark) :]
        return [head, *others, *self._evidence(result)]

    def _evidence(self, result: dict) -> list[str]:
        most = self.met if result["verdict"] == "pass" else self.unmet
        told = [_told(evidence) for evidence in result["evidence"][:most]]
        hidden = len(result["evidence"]) - len(told)
        if hidden:
            told[-1] += f" ({words.more(hidden)})"
        return [line for one in told for line in self._wrap(f"- {one}", HANG, HANG + "  ")]

    def _rest(self, report: dict) -> list[str]:
        software = [
            f"{words.SOFTWARE[line['name']]} {'yes' if line['met'] else 'no'}"
            for line in report["software"]
        ]
        told = [words.sentence(note) for note in report["notes"]]
        told += [
            f"Waived: {_waiver(waiver)}; it {words.POWERLESS}." for waiver in report["waivers"]
        ]
        told += [f"{words.REUSE}: {', '.join(software)}."] if software else []
        return [line for one in told for line in self._wrap(one, hang="  ")]

    def _next(self, report: dict) -> list[str]:
        first, *others = self._wrap(f"Next: {words.next_step(report)}", hang="  ")
        return [self._paint("title", "Next:") + first[len("Next:") :], *others]

    def _wrap(self, said: str, indent: str = "", hang: str | None = None) -> list[str]:
        return textwrap.wrap(
            said,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent if hang is None else hang,
            break_long_words=False,  # a path stays whole, to be copied
            break_on_hyphens=False,
        )

    def _paint(self, kind: str, said: str) -> str:
        return f"\x1b[{COLORS[kind]}m{said}\x1b[0m" if self.color else said


def _about(result: dict) -> str:
    """The level that needs it, and what the verdict rests on where that is not the files."""
    about = [words.HEIL[result["id"]][0]] if result["id"] in words.HEIL else []
    if result["level"] != "static" and words.rests(result):
        about.append(words.rests(result))
    return f" ({', '.join(about)})" if about else ""


def _told(evidence: dict) -> str:
    parts = (words.place(evidence), words.sentence(evidence["note"]))
    return ": ".join(part for part in parts if part)


def _waiver(waiver: dict) -> str:
    return f"{words.visible(waiver['id'])} ({words.sentence(waiver['reason'])})"
