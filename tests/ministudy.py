"""A study of four tiny steps, for tests of the machinery that need no packages."""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
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
options = dict(cores=2, config=None, smoke=False, standin=False, env=None)
options |= dict(profile=None, copy_to=None)
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

    python = sys.executable  # what the machinery runs in

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
            [self.python, "-c", DRIVER, repr(options)],
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
        status = process.wait(timeout=300)
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


REPRODUCE = '''"""Runs the tiny study with the machinery that is there: nothing to install."""
import sys
from pathlib import Path
from types import SimpleNamespace
ROOT = Path(__file__).resolve().parent
python = ROOT / ".venv/bin/python"
if not python.exists():
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
from gold_standard import run
from gold_standard.errors import Refusal, refusal_for
cores = int(sys.argv[1].split("=")[1]) if len(sys.argv) > 1 else None
options = dict(config=None, smoke=False, standin=False, env=None, profile=None, copy_to=None)
options = SimpleNamespace(cores=cores, **options)
try:
    sys.exit(run.main(ROOT, options))
except (Refusal, OSError) as error:
    told = error if isinstance(error, Refusal) else refusal_for(error, ROOT)
    print("reproduce.py:", told, file=sys.stderr)
    sys.exit(2)
'''

CITATION = """cff-version: 1.2.0
title: A tiny study
authors:
  - given-names: John W.
    family-names: Tukey
    orcid: https://orcid.org/0000-0002-1825-0097
"""

# `verify` as it is called inside .tools, which the tiny study does not have.
VERIFY = """
import os, sys
from pathlib import Path
from gold_standard import certificate, cli, environment, rooms, verify
environment.base_python = lambda: sys.executable
cli._inside = lambda root: True
exec(sys.argv[1])
sys.exit(cli.main(["verify", *sys.argv[2:]], Path.cwd()))
"""


class Verifiable(MiniStudy):
    """A tiny study with a reproduce.py of its own, and a folder for its clean rooms."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.write("reproduce.py", REPRODUCE)
        self.write("CITATION.cff", CITATION)
        self.write(".gitattributes", "* -text\n")
        self.found()

    def found(self) -> "Verifiable":
        """Make a home beside the study, and a folder for its rooms with a short name."""
        self.home = self.root.parent / "home"
        self.home.mkdir(exist_ok=True)
        self.temporary = Path(tempfile.mkdtemp(prefix="r"))
        atexit.register(shutil.rmtree, self.temporary, ignore_errors=True)
        self.variables = {"TMPDIR": str(self.temporary), "HOME": str(self.home)}
        return self

    @property
    def rooms(self) -> list[Path]:
        """What lies in the folder for rooms."""
        return sorted(self.temporary.iterdir())

    @property
    def certificates(self) -> list[dict]:
        """The records of verifications, in the order in which they were made."""
        paths = (self.root / "certificates").glob("*.json")
        return [json.loads(path.read_text("utf-8")) for path in sorted(paths, key=in_order)]

    def reproduce(self) -> Result:
        """The one command, as the author calls it."""
        return self.finish(self._begin([sys.executable, "reproduce.py"], self.root, {}))

    def begin(self, *arguments: str, patch="", cwd: Path | None = None, **variables: str):
        """Begin `verify` in a process group of its own, and do not wait for it."""
        command = [sys.executable, "-c", VERIFY, patch, *arguments]
        return self._begin(command, cwd or self.root, variables)

    def verify(self, *arguments: str, **keywords) -> Result:
        """Call `verify` and wait for it."""
        return self.finish(self.begin(*arguments, **keywords))

    def _begin(self, command: list[str], cwd: Path, variables: dict[str, str]) -> subprocess.Popen:
        said = [self._said(name).open("w") for name in ("out", "err")]
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | self.variables | variables,
            stdin=subprocess.DEVNULL,
            stdout=said[0],
            stderr=said[1],
            start_new_session=True,
        )
        for file in said:
            file.close()
        return process

    def contents(self) -> dict[str, tuple]:
        """Every file and link of the folder, Git's own as well, with bytes, mode and time."""
        return {
            str(path.relative_to(self.root)): _content(path)
            for path in self.root.rglob("*")
            if path.is_symlink() or path.is_file()
        }


def in_order(path: Path) -> tuple:
    """To sort files that are called a, a-2, a-3."""
    return len(path.name), path.name


def _content(path: Path) -> tuple:
    if path.is_symlink():
        return (os.readlink(path),)
    about = path.stat()
    return path.read_bytes(), about.st_mode, about.st_mtime_ns


# One value per table, each hanging on something that a reader of the study does not have.
PLANTED_SNAKEFILE = """
configfile: "config.yaml"

pathvars:
    data="data",
    models="models",
    results="results",
    logs=".run/logs",

rule all:
    input:
        expand("{path}", path=config["made"]),

rule make:
    "Make one file."
    input:
        script="scripts/{name}.py",
    output:
        "<results>/{name}",
    log:
        "<logs>/{name}.log",
    params:
        factor=config["factor"],
    shell:
        "python {input.script:q} {output:q} {params.factor} > {log:q} 2>&1"

rule train:
    "Make one model."
    input:
        script="scripts/{name}.py",
    output:
        "<models>/{name}",
    log:
        "<logs>/{name}.log",
    shell:
        "python {input.script:q} {output:q} 1 > {log:q} 2>&1"
"""

SCRIPT = """import hashlib, locale, os, random, subprocess, sys, tempfile, time, uuid
from pathlib import Path
factor = sys.argv[2]
{code}
Path(sys.argv[1]).write_text(f"item,value\\nfirst,{{value}}\\nlast,1.5\\n")
"""


def planted(root: Path, codes: dict[str, str]) -> Verifiable:
    """A study with one file per piece of code, which says what its `value` is."""
    study = Verifiable(root)
    study.write("Snakefile", PLANTED_SNAKEFILE)
    made = [f"{'models' if name.endswith('.bin') else 'results'}/{name}" for name in codes]
    study.write("config.yaml", f"seed: 7\nthreads: 1\nfactor: 2\nmade: {json.dumps(made)}\n")
    for name, code in codes.items():
        study.write(f"scripts/{name}.py", SCRIPT.format(code=code))
    return study
