"""The archive with all packages: how large it is, and how long it takes to make and reproduce."""

from pathlib import Path

from benchmarks.bench import BASE, Bench, Failed
from benchmarks.environments import TORCH

VERIFY = "verify --once of that study"
WORDS = "publish --with-wheels, reproduced without network"
PUBLISH, PUBLISH_TORCH = WORDS, f"{WORDS} {TORCH}"


def measure(bench: Bench) -> dict:
    """Seconds of a whole `publish --with-wheels` beside a verification, and the archive's size."""
    study = _committed(bench)
    cases = {
        PUBLISH: lambda: _publish(bench, study),
        VERIFY: lambda: bench.call([BASE, "reproduce.py", "verify", "--once"], study),
    }
    bench.turns(cases, 1)  # the certificate and a warm package cache
    found = bench.turns(cases, bench.repeats(3))
    found["megabytes"] = {PUBLISH: _size(study)}
    if bench.quick:
        return found
    try:
        deep = _committed(bench, "framework=pytorch")
        _publish(bench, deep)
        found["seconds"][PUBLISH_TORCH] = [round(_publish(bench, deep), 4)]
        found["megabytes"][PUBLISH_TORCH] = _size(deep)
    except Failed as error:
        bench.note(f"{PUBLISH_TORCH} was left out: {error}")
    return found


def _committed(bench: Bench, *answers: str) -> Path:
    study, _ = bench.render(None, *answers)
    bench.call([BASE, "reproduce.py"], study, good=(0, 1))
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        bench.call(["git", *words], study)
    return study


def _publish(bench: Bench, study: Path) -> float:
    # Without network only data that come along can be had: the example's do.
    return bench.call([BASE, "reproduce.py", "publish", "--with-wheels"], study)


def _size(study: Path) -> float:
    [archive] = (study / "dist").glob("*.zip")
    return archive.stat().st_size / 1e6
