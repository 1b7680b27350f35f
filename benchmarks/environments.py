"""Making a study's two environments, by uv and by pip."""

import shutil
from pathlib import Path

from benchmarks.bench import BASE, Bench, take_turns
from gold_standard import environment

INSTALLERS = ("uv", "pip")


def measure(bench: Bench) -> dict:
    """Seconds and size (MB) of .venv and .tools; the first making by each installer warms up."""
    study, _ = bench.render()
    cases, sizes = {}, {}
    for one in environment.environments_of(study):
        for installer in INSTALLERS:
            name = f"making {one.folder.name} by {installer}"
            cases[name] = lambda one=one, installer=installer: _make(bench, study, one, installer)
            cases[name]()
            sizes[name] = _megabytes(one.folder)
    return {"megabytes": sizes, "seconds": take_turns(cases, bench.repeats(3))}


def _make(bench: Bench, study: Path, one: environment.Environment, installer: str) -> float:
    """Make it anew with the code that a study uses, in a process as a study has it."""
    shutil.rmtree(one.folder, ignore_errors=True)
    return bench.call([BASE, "-c", MAKE, study, one.folder.name, installer], study)


MAKE = """
import sys
from pathlib import Path
root, name, installer = Path(sys.argv[1]), *sys.argv[2:]
sys.path.insert(0, str(next(root.glob("tools/*.whl"))))
from gold_standard import environment
one = [one for one in environment.environments_of(root) if one.folder.name == name]
environment.make(root, one, installer)
"""


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(path.stat().st_size for path in files) / 1e6, 1)
