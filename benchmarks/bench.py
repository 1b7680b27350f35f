"""What every part uses: a place to work in, commands that are timed, cases that take turns."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import psutil

from gold_standard import environment
from gold_standard.machine import usable_cores

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / ".venv" / environment.BIN
BASE = environment.base_python()
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in which the system counts memory


class Failed(Exception):
    """A command that was to be timed did not do its work; the text is the end of what it said."""


class Bench:
    """One run: its folder, the environment of its commands, and what is worth a note."""

    def __init__(self, folder: Path, quick: bool = False) -> None:
        self.folder, self.quick = folder, quick
        self.notes: list[str] = []
        self.largest = 0
        self._count = 0
        self.environment = _environment(folder)

    @cached_property
    def template(self) -> Path:
        """This template as it is now, with nothing around it."""
        folder = self.fresh("template")
        for part in ROOT.iterdir():
            if part.is_dir() and not part.name.startswith("."):
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(part, folder / part.name, ignore=ignore)
        shutil.copy(ROOT / "copier.yml", folder)
        return folder

    def repeats(self, number: int) -> int:
        return min(number, 2) if self.quick else number

    def fresh(self, name: str) -> Path:
        """A new empty folder."""
        self._count += 1
        folder = self.folder / f"{name}-{self._count}"
        folder.mkdir()
        return folder

    def call(self, command: list, cwd: Path, good: tuple = (0,), more: dict | None = None) -> float:
        """The seconds that a command takes from its start to its end; raise Failed if it fails.

        `largest` then has the memory (MB) of the largest process among it and its children.
        """
        words = [str(word) for word in command]
        with (self.folder / "said.txt").open("w+b") as said:
            started = time.perf_counter()
            process = subprocess.Popen(
                words,
                cwd=cwd,
                env=self.environment | (more or {}),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            _, ended, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
        process.returncode = status = os.waitstatus_to_exitcode(ended)
        self.largest = round(usage.ru_maxrss * UNIT / 1e6)
        if status not in good:
            end = " ".join(" ".join(lines[-3:]).split())
            raise Failed(f"{Path(words[0]).name} ended with {status}: {end}")
        return seconds

    def render(self, template: Path | None = None, *answers: str) -> tuple[Path, float]:
        """Render a template into a new folder, as a person does: the folder, and the seconds."""
        folder = self.fresh("study")
        command = [OURS / "copier", "copy", "--defaults", "--quiet"]
        command += [word for answer in answers for word in ("--data", answer)]
        command.append(template or self.template)
        return folder, self.call([*command, folder], self.folder)

    def turns(self, cases: dict[str, Callable[[], float]], repeats: int) -> dict[str, dict]:
        """Seconds of every case in turns, and the memory (MB) of the largest process in each.

        Only commands that `call` started are counted, and what these waited for.
        """
        memory: dict[str, int] = {}

        def watched(name: str) -> float:
            self.largest = 0
            seconds = cases[name]()
            memory[name] = max(memory.get(name, 0), self.largest)
            return seconds

        seconds = take_turns({name: partial(watched, name) for name in cases}, repeats)
        return {"seconds": seconds, "memory": {name: mb for name, mb in memory.items() if mb}}

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            print(f"  note: {text}", flush=True)


def take_turns(cases: dict[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """The seconds of every case, one after the other and round again: noise meets all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            seconds[name].append(round(case(), 4))
    return seconds


class Noise:
    """How much of the processors others took since this was made, from 0 to 1."""

    def __init__(self) -> None:
        self._before = self._now()

    def share(self) -> float:
        (clock, busy, own), before = self._now(), self._before
        passed = (clock - before[0]) * usable_cores()
        return round(max(0.0, busy - before[1] - (own - before[2])) / passed, 3)

    @staticmethod
    def _now() -> tuple[float, float, float]:
        of_all = psutil.cpu_times()._asdict()
        names = ("user", "nice", "system", "irq", "softirq", "steal")
        return (
            time.monotonic(),
            sum(of_all.get(name, 0.0) for name in names),
            sum(os.times()[:4]),
        )


def _environment(folder: Path) -> dict[str, str]:
    """This machine's environment, without what would falsify the figures or leave traces."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "uv").symlink_to(OURS / "uv")  # the pinned one, and nothing else of ours
    (folder / "home").mkdir()
    people = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
    return {
        **environment.clean_environment(),
        **{f"GIT_{what}": "benchmark" for what in people},
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "DO_NOT_TRACK": "1",  # nobody is to wait for a peer's telemetry
    }
