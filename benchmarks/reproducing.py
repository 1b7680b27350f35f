"""From a rendered study to reproduced results; the same steps by hand; and nothing to do."""

import json
import os
import shutil
from functools import cache, partial
from pathlib import Path

from benchmarks.bench import BASE, Bench
from gold_standard.environment import environments_of
from gold_standard.run import steps_environment
from gold_standard.step import shell_command

COLD = "from rendered to reproduced, environments to be made"
TWO, ONE = "from rendered to reproduced, two cores", "from rendered to reproduced, one core"
BY_HAND = "the same commands by hand"
VERIFY = "verify --once, in a clean room"
NOTHING, NOTHING_GIT = "nothing to do", "nothing to do, in Git"


def measure(bench: Bench) -> dict:
    """Seconds from a fresh render to compared results, and of its steps one after the other."""
    cases = {
        COLD: lambda: _reproduce(bench, bench.render()[0], "--cores=2"),
        TWO: lambda: _reproduce(bench, _with_environments(bench), "--cores=2"),
        ONE: lambda: _reproduce(bench, _with_environments(bench), "--cores=1"),
        BY_HAND: lambda: _by_hand(bench, _with_environments(bench)),
    }
    reproduced(bench)  # from here on the package cache is warm
    return bench.turns(cases, bench.repeats(3))


def measure_nothing(bench: Bench) -> dict:
    """Seconds of a call in a study that is complete: a mere folder, and a Git repository."""
    study = reproduced(bench)
    in_git = bench.fresh("git")
    shutil.copytree(study, in_git, symlinks=True, copy_function=os.link, dirs_exist_ok=True)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        bench.call(["git", *words], in_git)
    cases = {
        NOTHING: partial(_reproduce, bench, study),
        NOTHING_GIT: partial(_reproduce, bench, in_git),
    }
    bench.turns(cases, 1)  # the first call in Git writes the commit into the record
    return bench.turns(cases, bench.repeats(7))


def measure_verifying(bench: Bench) -> dict:
    """Seconds of a verification beside a fresh run, both with environments to be made."""
    study, _ = bench.render()
    _reproduce(bench, study)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        bench.call(["git", *words], study)
    verify = [BASE, "reproduce.py", "verify", "--once"]
    cases = {
        VERIFY: lambda: bench.call(verify, study),
        COLD: lambda: _reproduce(bench, bench.render()[0]),
    }
    return bench.turns(cases, bench.repeats(3))


@cache
def reproduced(bench: Bench) -> Path:
    """A study that is complete; it also lends its environments and tells its commands."""
    study, _ = bench.render()
    _reproduce(bench, study)
    return study


def _reproduce(bench: Bench, study: Path, *options: str) -> float:
    seconds = bench.call([BASE, "reproduce.py", *options], study, good=(0, 1))
    record = json.loads((study / "record" / "run.json").read_text(encoding="utf-8"))
    if any(file["kind"] == "different" for file in record["comparison"]["files"].values()):
        bench.note("what the study makes here differs from what came with the template")
    return seconds


def _with_environments(bench: Bench) -> Path:
    """A fresh study that has both environments, and has never run."""
    study, _ = bench.render()
    for one in environments_of(reproduced(bench)):
        copy = study / one.folder.name
        shutil.copytree(one.folder, copy, symlinks=True, copy_function=os.link)
    return study


def _by_hand(bench: Bench, study: Path) -> float:
    """Seconds of the study's commands alone, one after the other, as a run would call them."""
    record = json.loads((reproduced(bench) / "record" / "run.json").read_text(encoding="utf-8"))
    variables = steps_environment(
        study, study / ".run", record["environment"]["threads"], study / ".venv"
    )
    for step in record["steps"]:
        for output in step["outputs"]:
            (study / output).parent.mkdir(parents=True, exist_ok=True)
    (study / ".run" / "logs").mkdir(parents=True)
    commands = [shell_command(step["command"]) for step in record["steps"]]
    return sum(bench.call(command, study, more=variables) for command in commands)
