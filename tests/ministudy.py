"""A study of four tiny steps, for tests of the machinery that need no packages."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"

SNAKEFILE = """
configfile: "config.yaml"

pathvars:
    data="data",
    models="models",
    results="results",
    logs=".run/logs",

rule all:
    input:
        expand("<models>/seed_{seed}.bin", seed=config["seeds"]),
        "<results>/metrics.csv",
        "<results>/figure.txt",

rule raw:
    "Make the raw data."
    input:
        script="scripts/step.py",
    output:
        "<data>/raw.txt",
    log:
        "<logs>/raw.log",
    params:
        **config["raw"],
    shell:
        "python {input.script:q} {output:q} {params.rows} > {log:q} 2>&1"

rule train:
    "Train one seed."
    input:
        script="scripts/step.py",
        module="src/train.py",
        raw="<data>/raw.txt",
    output:
        "<models>/seed_{seed}.bin",
    log:
        "<logs>/train_{seed}.log",
    params:
        **config["train"],
    shell:
        "python {input.script:q} {output:q} {input.raw:q} {input.module:q} {params.trees}"
        " {wildcards.seed} > {log:q} 2>&1"

rule evaluate:
    "Write the table."
    input:
        script="scripts/table.py",
        models=expand("<models>/seed_{seed}.bin", seed=config["seeds"]),
    output:
        "<results>/metrics.csv",
    log:
        "<logs>/evaluate.log",
    shell:
        "python {input.script:q} {output:q} {input.models:q} > {log:q} 2>&1"

rule figure:
    "Draw."
    input:
        script="scripts/step.py",
        table="<results>/metrics.csv",
    output:
        "<results>/figure.txt",
    log:
        "<logs>/figure.log",
    params:
        **config["figure"],
    shell:
        "python {input.script:q} {output:q} {input.table:q} {params.bins} > {log:q} 2>&1"
"""

STEP = '''"""Write the arguments, and the contents of those that are files, to the first."""
import pathlib, sys, time
target, *words = sys.argv[1:]
print("working on", target, flush=True)
wait = pathlib.Path("wait", pathlib.Path(target).name)
while wait.exists():
    time.sleep(0.05)
texts = [pathlib.Path(w).read_text() if pathlib.Path(w).is_file() else w for w in words]
assert "fail" not in texts, "asked to fail"
pathlib.Path(target).write_text("\\n".join(texts) + "\\n")
'''

TABLE = '''"""One number per model."""
import pathlib, sys, time, zlib
target, *models = sys.argv[1:]
wait = pathlib.Path("wait", pathlib.Path(target).name)
while wait.exists():
    time.sleep(0.05)
rows = [f"{n},{zlib.crc32(pathlib.Path(m).read_bytes()) / 2**33:.6g}" for n, m in enumerate(models)]
pathlib.Path(target).write_text("model,score\\n" + "\\n".join(rows) + "\\n")
'''

CONFIG = """seed: 7
seeds: [1, 2]
threads: 1
raw: {rows: 10}
train: {trees: 3}
figure: {bins: 4}
smoke:
  seeds: [1]
  raw: {rows: 2}
"""

DRIVER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from gold_standard.errors import Refusal, refusal_for
from gold_standard.run import main
options = dict(cores=2, config=None, smoke=False, standin=False)
options |= eval(sys.argv[1], {})
try:
    sys.exit(main(Path.cwd(), SimpleNamespace(**options)))
except (Refusal, OSError) as error:
    told = error if isinstance(error, Refusal) else refusal_for(error, Path.cwd())
    print("reproduce.py:", told, file=sys.stderr)
    sys.exit(2)
"""


@dataclass
class Result:
    """What one call said and did."""

    status: int
    out: str
    err: str

    @property
    def steps(self) -> set[str]:
        """Labels of the steps that finished."""
        return set(re.findall(r"^ +\d+/\d+  (.*?) {2,}", self.out, re.MULTILINE))

    @property
    def kinds(self) -> dict[str, str]:
        """What the comparison said of each file."""
        found = re.findall(r"^  (\S[\w ]+?) {2,}(\S+)", self.out, re.MULTILINE)
        return {path: kind for kind, path in found}


ALL = {"raw", "train seed=1", "train seed=2", "evaluate", "figure"}


class MiniStudy:
    """A folder with the tiny study in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said = root.parent  # what calls say goes there
        for name, text in {
            "Snakefile": SNAKEFILE,
            "config.yaml": CONFIG,
            "scripts/step.py": STEP,
            "scripts/table.py": TABLE,
            "src/train.py": "trees\n",
            "pyproject.toml": '[tool.gold-standard]\ndata_access = "public"\n',
            "requirements.lock": "",
            "reproduce.py": "",
            ".gitignore": "/.run/\n/.snakemake/\n/runs/\n/data/*\n/.venv/\n/wait/\n",
            "README.md": "<!-- needed:begin -->\nnot yet\n<!-- needed:end -->\n",
        }.items():
            self.write(name, text)
        (root / ".venv/bin").mkdir(parents=True)
        (root / ".venv/bin/python").symlink_to(sys.executable)

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, **options) -> subprocess.Popen:
        """Begin a call and do not wait for it; what it says goes to files beside the study."""
        # Files, no pipes: a step that outlives a killed call would keep a pipe open.
        said = [self._said(name).open("w") for name in ("out", "err")]
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, repr(options)],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
            stdin=subprocess.DEVNULL,
            stdout=said[0],
            stderr=said[1],
        )
        for file in said:
            file.close()
        return process

    def finish(self, process: subprocess.Popen) -> Result:
        """Wait for a call; only one may go on at a time if what it says matters."""
        status = process.wait(timeout=60)
        return Result(status, *(self._said(name).read_text() for name in ("out", "err")))

    def _said(self, name: str) -> Path:
        return self.said / f"{self.root.name}.{name}"

    def run(self, **options) -> Result:
        return self.finish(self.start(**options))

    def outputs(self) -> dict[str, bytes]:
        """Everything that steps made, by path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for folder in ("data", "models", "results")
            for path in (self.root / folder).rglob("*")
            if path.is_file()
        }

    def git(self, *arguments: str) -> None:
        """Run a Git command in the study."""
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True
        )

    def commit(self) -> None:
        if not (self.root / ".git").exists():
            self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "state")
