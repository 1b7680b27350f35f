"""Rendering the default study, beside other templates and beside peers."""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.bench import BASE, ROOT, Bench, Failed
from gold_standard.environment import BIN

STUDY, PLAIN, EMPTY = "rendering the default study", "as many plain files", "an empty template"
# The shortest call that asks nothing and needs no network once the program is installed.
PEERS = {
    "kedro": ["new", "--name=study", "--tools=none", "--example=n", "--telemetry=no"],
    "calkit": ["new", "project", "study", "--name=study", "--title=Study", "--description=A study"],
    "showyourwork": ["setup", "--quiet", "--yes", "somebody/study"],
}


def measure(bench: Bench) -> dict:
    """Seconds and number of files of every template and peer; each is a whole process."""
    rendered, _ = bench.render()
    templates = {STUDY: bench.template, PLAIN: _plain(bench, rendered), EMPTY: _plain(bench)}
    cases = {name: partial(_render, bench, template) for name, template in templates.items()}
    for name in PEERS:
        try:
            program = _install(bench, name)
            cases[name] = partial(_peer, bench, [program, *PEERS[name]])
            cases[name]()
        except Failed as failed:
            bench.note(f"{name} is left out: {failed}")
            cases.pop(name, None)
    files = {name: _files(case()[0]) for name, case in cases.items()}  # this also warms up
    timed = {name: (lambda case=case: case()[1]) for name, case in cases.items()}
    return {"files": files, **bench.turns(timed, bench.repeats(15))}


def _plain(bench: Bench, content: Path | None = None) -> Path:
    """A Copier template whose files are copied as they are: those of `content`, or none."""
    template = bench.fresh("template")
    (template / "copier.yml").write_text("_subdirectory: template\n", encoding="utf-8")
    if content:
        shutil.copytree(content, template / "template")
    else:
        (template / "template").mkdir()
    return template


def _render(bench: Bench, template: Path) -> tuple[Path, float]:
    return bench.render(template)


def _peer(bench: Bench, command: list) -> tuple[Path, float]:
    folder = bench.fresh("peer")
    home = {"HOME": str(bench.folder / "home")}  # some peers leave files there
    return folder, bench.call(command, folder, more=home)


def _install(bench: Bench, name: str) -> Path:
    """The peer's program, in an environment of its own that is kept from run to run."""
    lock = ROOT / "benchmarks" / "peers" / f"{name}.lock"
    place = ROOT / ".run" / "peers" / name
    stamp = place / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        shutil.rmtree(place, ignore_errors=True)
        bench.call(["uv", "venv", "--python", BASE, place], bench.folder)
        sync = ["uv", "pip", "sync", "--python", place, "--require-hashes", "--compile-bytecode"]
        bench.call([*sync, lock], bench.folder)
        shutil.copy(lock, stamp)
    return place / BIN / name


def _files(folder: Path) -> int:
    return sum(
        path.is_file() and ".git" not in path.relative_to(folder).parts
        for path in folder.rglob("*")
    )
