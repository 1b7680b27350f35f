"""What a judgement costs: of a study, and of repositories of up to a hundred thousand files."""

from functools import partial
from pathlib import Path

from benchmarks.bench import BASE, Bench
from benchmarks.reproducing import reproduced
from gold_standard import environment

STUDY = "check of a complete study"
NUMBERS = (100, 1000, 3000, 10000, 100_000)
CODE = """import numpy as np

from package{near} import shared


def step_{number}(values, rng):
    noise = rng.normal(size=len(values))
    return np.asarray(values) + noise * {number}


class Model{number}:
    def fit(self, rows, labels):
        self.mean = np.mean(rows, axis=0)
        return self

    def predict(self, rows):
        return shared.compare(rows, self.mean)
"""


def measure(bench: Bench) -> dict:
    """Seconds of whole processes, and the memory that each repository took."""
    study = reproduced(bench)
    numbers = NUMBERS[: -2 if bench.quick else None]
    folders = {number: repository(bench.fresh("repository"), number) for number in numbers}
    ours = study / ".tools" / environment.BIN / "gold-standard"
    cases = {STUDY: lambda: bench.call([BASE, "reproduce.py", "check"], study)}
    for number, folder in folders.items():
        cases[case(number)] = partial(_judge, bench, ours, folder)
    bench.call([BASE, "reproduce.py", "check"], study)  # bytecode
    return bench.turns(cases, bench.repeats(5))


def case(files: int) -> str:
    return f"check of {files:,} files"


def _judge(bench: Bench, ours: Path, folder: Path) -> float:
    report = ["--format", "json", "--output", bench.folder / "report.json"]
    return bench.call([ours, "check", folder, *report], bench.folder)


def repository(folder: Path, files: int) -> Path:
    """A repository of so many files: code, data and documents as 6 : 3 : 1."""
    (folder / "README.md").write_text("# Large\n\nRun `python train.py` on CIFAR-10.\n")
    for number in range(files - 1):
        place = folder / f"package{number % 50}"
        place.mkdir(exist_ok=True)
        kind = number % 10
        if kind < 6:
            text = CODE.format(number=number, near=(number + 1) % 50)
            (place / f"module{number}.py").write_text(text)
        elif kind < 9:
            (place / f"table{number}.csv").write_text("row,value\n" + "1,0.5\n" * 300)
        else:
            (place / f"notes{number}.md").write_text("# Notes\n\n" + "What was tried.\n" * 40)
    return folder
