"""Many trivial jobs: what the machinery itself costs, and whether that grows with their number."""

from pathlib import Path

from benchmarks.bench import BASE, Bench
from benchmarks.reproducing import reproduced
from gold_standard.environment import BIN, PYTHON

NUMBERS = (1, 10, 100, 1000)
WHAT = ("run", "nothing to do")
FILES = {
    "Snakefile": """
configfile: "config.yaml"

pathvars:
    data="data", models="models", results="results", logs=".run/logs",

rule all:
    input:
        expand("<models>/seed_{seed}.txt", seed=range(config["seeds"])),

rule train:
    input:
        script="train.py",
    output:
        "<models>/seed_{seed}.txt",
    log:
        "<logs>/{seed}.log",
    shell:
        "python -I -S {input.script:q} {wildcards.seed} {output:q} > {log:q} 2>&1"
""",
    "train.py": "import sys\nopen(sys.argv[2], 'w').write(sys.argv[1])\n",
    "pyproject.toml": '[tool.gold-standard]\ndata_access = "public"\n',
    "requirements.lock": "",
    "reproduce.py": "",
    ".gitignore": "/.run/\n/.snakemake/\n/.venv/\n",
}
RUN = """
import sys
from pathlib import Path
from gold_standard import cli, run
sys.exit(run.main(Path.cwd(), cli.parse(["--cores=2"])))
"""


def measure(bench: Bench) -> dict:
    """Seconds of the run of so many jobs, of the call after it, and of each one more job."""
    reproduced(bench)  # its .tools do the work
    numbers = NUMBERS[: -1 if bench.quick else None]
    cases = {}
    for number in numbers:
        study = Study(bench, number)
        cases[case(number, WHAT[0])] = study.run
        cases[case(number, WHAT[1])] = study.call
    found = bench.turns(cases, bench.repeats(3))
    return {**found, "seconds": found["seconds"] | per_job(found["seconds"], numbers)}


def per_job(seconds: dict[str, list[float]], numbers: tuple[int, ...]) -> dict[str, list[float]]:
    """What each job after the first adds: the cost of the first call is no part of it."""
    return {
        added(number, what): [
            round((many - one) / (number - 1), 5)
            for many, one in zip(seconds[case(number, what)], seconds[case(1, what)], strict=True)
        ]
        for what in WHAT
        for number in numbers[1:]
    }


def case(number: int, what: str) -> str:
    return f"{number} job{'s' * (number > 1)}, {what}"


def added(number: int, what: str) -> str:
    return f"each of {case(number, what)}"


class Study:
    """A folder with one trivial job per seed."""

    def __init__(self, bench: Bench, jobs: int) -> None:
        self.bench, self.jobs, self.folder = bench, jobs, Path()

    def run(self) -> float:
        """Seconds of the first call in a new folder."""
        self.folder = self.bench.fresh("jobs")
        for name, text in {**FILES, "config.yaml": f"seeds: {self.jobs}\n"}.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / ".venv" / "bin").mkdir(parents=True)
        (self.folder / ".venv" / "bin" / "python").symlink_to(BASE)
        return self.call()

    def call(self) -> float:
        python = reproduced(self.bench) / ".tools" / BIN / PYTHON
        return self.bench.call([python, "-P", "-X", "utf8", "-c", RUN], self.folder)
