"""Making a study's environments, by uv and by pip."""

import shutil
from pathlib import Path

from benchmarks.bench import BASE, Bench, take_turns
from gold_standard import environment

INSTALLERS = ("uv", "pip")
TORCH = "of PyTorch"


def measure(bench: Bench) -> dict:
    """Seconds and size (MB) of each environment; the first making by each installer warms up."""
    study, _ = bench.render()
    torch, _ = bench.render(None, "framework=pytorch")
    places = {
        ".venv": environment.science(study),
        f".venv {TORCH}": environment.science(torch),
        ".tools": environment.tools(study),
    }
    cases, sizes = {}, {}
    for name, one in places.items():
        for installer in INSTALLERS:
            case = f"making {name} by {installer}"
            cases[case] = lambda one=one, installer=installer: _make(bench, one, installer)
            cases[case]()
            sizes[case] = _megabytes(one.folder)
    seconds = take_turns(cases, bench.repeats(3))
    if bench.quick:
        return {"megabytes": sizes, "seconds": seconds}
    return _with_gpu(bench, environment.science(torch, "gpu"), sizes, seconds)


def _with_gpu(bench: Bench, gpu: environment.Environment, sizes: dict, seconds: dict) -> dict:
    """The same and the environment with all of CUDA: once by uv, as gigabytes have to be copied."""
    case = f"making .venv-gpu {TORCH} by uv"
    _make(bench, gpu, "uv")
    seconds |= take_turns({case: lambda: _make(bench, gpu, "uv")}, 1)
    sizes[case] = _megabytes(gpu.folder)
    shutil.rmtree(gpu.folder)
    return {"megabytes": sizes, "seconds": seconds}


def _make(bench: Bench, one: environment.Environment, installer: str) -> float:
    """Make it anew with the code that a study uses, in a process as a study has it."""
    shutil.rmtree(one.folder, ignore_errors=True)
    study = one.folder.parent
    return bench.call([BASE, "-c", MAKE, study, one.folder.name, one.name, installer], study)


MAKE = """
import sys
from pathlib import Path
root, folder, name, installer = Path(sys.argv[1]), *sys.argv[2:]
sys.path.insert(0, str(next(root.glob("tools/*.whl"))))
from gold_standard import environment
asked = environment.environments_of(root, name or None)
environment.make(root, [one for one in asked if one.folder.name == folder], installer)
"""


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(path.stat().st_size for path in files) / 1e6, 1)
