"""Finished studies, made in a second: rendered, and the run behind them written down, not done.

What the run writes (record, README, model card, manuscript) comes from the code of the run itself.
"""

import atexit
import contextlib
import functools
import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import helpers

from gold_standard import environment, layout, publication, record, report
from gold_standard.check import command, judge, runs
from gold_standard.check.facts import Facts
from gold_standard.check.rules import RULES
from gold_standard.check.verdicts import Finding
from gold_standard.compare import IDENTICAL, Tolerance
from gold_standard.git import Git
from gold_standard.outcome import NEW, Outcome
from gold_standard.run import sha256_or_none

PACKAGE = "breast_cancer_from_cell_nuclei"
CODE = "10.5281/zenodo.8427193"
WEIGHTS = "10.5281/zenodo.8427201"
SEEDS = range(1, 6)
MACHINE = {
    "system": "Ubuntu 24.04.3 LTS",
    "kernel": "Linux 6.8.0-64-generic",
    "architecture": "x86_64",
    "cpu": {"model": "AMD EPYC 7313 16-Core Processor", "cores": 16, "threads": 32, "usable": 32},
    "memory_bytes": 2**37,
    "gpus": [],
}
FIGURES = [
    f"figures/{name}.{kind}"
    for name in ("roc", "calibration", "confusion")
    for kind in ("png", "pdf")
]
# rule -> script, modules, what it reads of other steps, what it makes
STEPS = {
    "download_data": ("01_download_data", "__init__ download", "", "<data>/raw/table.csv"),
    "make_standin": (
        "01_make_standin", "__init__ schema seeding standin", "", "<data>/raw/table.csv",
    ),
    "prepare_data": (
        "02_prepare_data", "__init__ prepare schema seeding", "<data>/raw/table.csv",
        "<data>/processed/train.csv <data>/processed/test.csv "
        "<results>/split.json <results>/demo.csv",
    ),
    "train": (
        "03_train", "__init__ schema seeding train weights", "<data>/processed/train.csv",
        "<models>/seed_{seed}.skops <models>/seed_{seed}.json",
    ),
    "evaluate": (
        "04_evaluate", "__init__ evaluate schema seeding weights",
        "<data>/processed/train.csv <data>/processed/test.csv "
        + " ".join(f"<models>/seed_{seed}.{kind}" for kind in ("skops", "json") for seed in SEEDS),
        "<results>/tuning.json <predictions> <results>/metrics_by_seed.csv <results>/metrics.csv",
    ),
    "make_figures": (
        "05_make_figures", "__init__ figures schema", "<predictions>",
        " ".join(f"<results>/{name}" for name in FIGURES),
    ),
}  # fmt: skip


def check(place: Path, *options: str) -> dict:
    """The report of `check` on a folder or archive, as its JSON says it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        command.main(["check", str(place), "--format", "json", *options])
    return json.loads(said.getvalue())


def findings(study: Path, *ids: str) -> list[Finding]:
    """What some rules find, without the time that the others take."""
    tree = judge.open_tree(study)
    known = runs.read(tree, runs.digest_of(study), layout.read_settings(study))
    facts = Facts(tree, known)
    return [rule.judge(facts) for rule in RULES if rule.id in ids]


def verdicts(told: dict) -> dict[str, str]:
    """The verdict of each of the fifteen ids."""
    return {result["id"]: result["verdict"] for result in told["results"]}


@functools.cache
def _rendered(data_access: str) -> Path:
    return helpers.render(data_access=data_access)


def fresh(into: Path, data_access: str = "public") -> Path:
    """A study before its first run."""
    return Path(shutil.copytree(_rendered(data_access), into))


def write_run(study: Path) -> None:
    """Write what a complete run would: models, record, and all papers that follow from it."""
    settings = layout.read_settings(study)
    kind = layout.STANDIN if layout.uses_standin(study, settings, False) else layout.REAL
    _, config = layout.overlay(study, config=None, smoke=False, standin=kind is layout.STANDIN)
    models = {f"{kind.models}/seed_{n}.{end}" for n in SEEDS for end in ("skops", "json")}
    new = {path for path in models if not (study / path).exists()}
    for path in new:
        _write_model(study / path)
    jobs = _jobs(kind, settings.get("data_access") == "controlled")
    run = SimpleNamespace(
        root=study, state=study / ".run", layout=kind, git=Git(study), git_state=None,
        config=config, settings=settings,
        computer={"machine": MACHINE, "cores": 2}, cores=2, sources=["Snakefile", "config.yaml"],
        hash=lambda path: sha256_or_none(study / path), done=lambda job: _done(study, job),
        environment={
            "lock": sha256_or_none(study / "requirements.lock"), "python": "3.12.11",
            "platform": "linux x86_64", "threads": 1,
        },
        science=environment.science(study), locks=["requirements.lock"],
        given={}, tolerance=Tolerance.of(settings.get("compare", {})),
    )  # fmt: skip
    made = sorted(p for folder in (kind.results, kind.models) for p in (study / folder).rglob("*"))
    paths = [path.relative_to(study).as_posix() for path in made if path.is_file()]
    outcomes = [Outcome(path, NEW if path in new else IDENTICAL) for path in paths]
    before = SimpleNamespace(called="the results that came with this folder")
    publication.renew(study)
    report.write(run, jobs, record.write(run, jobs, before, outcomes, ran=True))


def _write_model(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)  # nobody opens it: bytes of a plausible size
    if path.suffix == ".json":
        path.write_text(json.dumps({"seed": path.stem}), encoding="utf-8")
    else:
        path.write_bytes(b"PK\x03\x04" + hashlib.shake_256(path.name.encode()).digest(4000))


def _jobs(kind: layout.Layout, controlled: bool) -> list[dict]:
    """The jobs of the default study, inputs before users."""
    left_out = "download_data" if controlled else "make_standin"
    jobs = []
    for rule in STEPS:
        if rule != left_out:
            seeds = [{"seed": str(seed)} for seed in SEEDS] if rule == "train" else [{}]
            jobs += [_job(rule, wildcards, kind, controlled) for wildcards in seeds]
    return jobs


def _job(rule: str, wildcards: dict, kind: layout.Layout, controlled: bool) -> dict:
    script, modules, inputs, outputs = STEPS[rule]

    def filled(words: str) -> list[str]:
        """Paths with the folders of this kind of run in place of their names."""
        table = "<data>/processed" if controlled else "<results>"
        words = words.replace("<predictions>", f"{table}/predictions.csv")
        for name in ("data", "models", "results"):
            words = words.replace(f"<{name}>", getattr(kind, name))
        return words.format(**wildcards).split()

    code = [f"scripts/{script}.py", *(f"src/{PACKAGE}/{name}.py" for name in modules.split())]
    return {
        "rule": rule,
        "wildcards": wildcards,
        "inputs": [*code, *filled(inputs)],
        "outputs": filled(outputs),
    }


def _done(study: Path, job: dict) -> dict:
    """What a step writes down about itself."""

    def hashes(paths: list[str]) -> dict[str, str]:
        # The data are not here: their names stand for them.
        made_up = {path: hashlib.sha256(path.encode()).hexdigest() for path in paths}
        return {path: sha256_or_none(study / path) or made_up[path] for path in paths}

    number = list(STEPS).index(job["rule"])
    return {
        "command": f"python {job['inputs'][0]} --output {job['outputs'][0]}",
        "started": 1_790_000_000.0 + 20 * number,
        "wall_seconds": 6.5,
        "cpu_seconds": 5.25,
        "peak_memory_bytes": 190 * 2**20,
        "threads": 1,
        "inputs": hashes(job["inputs"]),
        "outputs": hashes(job["outputs"]),
    }


def make_own(study: Path) -> None:
    """Turn the example into somebody's own study: one line of code, one number, and the words."""
    replace(study / f"src/{PACKAGE}/train.py", 'criterion="log_loss"', 'criterion="gini"')
    replace(study / "config.yaml", "trees: 40 ", "trees: 60 ")
    drop_lines(study / "README.md", "This is the example")
    replace(study / "README.md", "## What it needed", STEP_BY_STEP + "## What it needed")
    drop_lines(study / "data/README.md", "What stands here describes", "in truth open")
    statement = study / "data/README.md"
    if "data/controlled" in statement.read_text("utf-8"):
        replace(statement, "To be written by you: the repository that holds", HELD)
    drop_lines(statement, "To be written by you", "the data and their identifier there;")


STEP_BY_STEP = """\
## Step by step

The steps run alone as well, such as `python scripts/03_train.py --help` for the training.
How the models are judged stands in [the script of step 4](scripts/04_evaluate.py).

"""
HELD = """\
The real data are kept by the European Genome-phenome Archive, EGAD00001008392.
Access is controlled: its data access committee decides about a request within four weeks.
"""


def identify(study: Path, weights: bool = True) -> None:
    """Write down a DOI of the code and, where asked, one of the trained weights."""
    append(study / "CITATION.cff", f"doi: {CODE}\n")
    if weights:
        replace(study / "MODEL_CARD.md", "## Limits", f"## Weights\n\n{DEPOSITED}\n## Limits")


DEPOSITED = (
    f"The trained weights are deposited at Zenodo: [{WEIGHTS}](https://doi.org/{WEIGHTS}).\n"
)


@functools.cache
def template(kind: str) -> Path:
    """A finished study of one's own, only to be copied.

    "finished": the weights are committed and in an archive; "committed": they are committed alone;
    "deposited": they are in the archive alone; "controlled": run on the synthetic stand-in only.
    """
    study = Path(tempfile.mkdtemp(prefix="finished-")) / "study"
    atexit.register(shutil.rmtree, study.parent, ignore_errors=True)
    fresh(study, "controlled" if kind == "controlled" else "public")
    make_own(study)
    identify(study, weights=kind != "committed")
    if kind == "deposited":
        append(study / ".gitignore", "/models/\n")
    write_run(study)
    if kind == "deposited":
        shutil.rmtree(study / "models")
    return study


def copy(into: Path, kind: str = "finished") -> Path:
    """A copy of a finished study that may be broken."""
    return Path(shutil.copytree(template(kind), into))


# Small edits of files, that fail where there is nothing to edit


def replace(path: Path, old: str, new: str, count: int = -1) -> None:
    """Replace a text in a file, everywhere or so many times."""
    text = path.read_bytes().decode()
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_bytes(text.replace(old, new, count).encode())


def append(path: Path, text: str) -> None:
    """Add to the end of a file."""
    path.write_bytes(path.read_bytes() + text.encode())


def drop_lines(path: Path, *words: str) -> None:
    """Take the lines out that hold any of these words."""
    lines = path.read_bytes().decode().splitlines(keepends=True)
    kept = [line for line in lines if not any(word in line for word in words)]
    path.write_bytes("".join(kept).encode())
