"""A finished study is broken in one way at a time: the right rule sees it, and no harmless edit."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import finished
import pytest
from finished import CODE, PACKAGE, WEIGHTS, append, drop_lines, replace

# A hundred studies are judged; what every change must pass in a minute has others.
pytestmark = pytest.mark.slow

SRC = f"src/{PACKAGE}"
TRAIN, PREPARE, EVALUATE = (f"{SRC}/{name}.py" for name in ("train", "prepare", "evaluate"))
LOCK = "requirements.lock"


@dataclass(frozen=True)
class Mutation:
    """One way to break a finished study, and the rule that must say so."""

    name: str
    rule: str
    break_it: Callable[[Path], None]
    kind: str = "finished"  # of the study that is broken
    verdict: str = "fail"  # or "not pass", where only a run can show it


MUTATIONS: list[Mutation] = []


def mutation(name: str, rule: str, kind: str = "finished", verdict: str = "fail"):
    """Enter a way to break a study into the list."""

    def enter(break_it):
        MUTATIONS.append(Mutation(name, rule, break_it, kind, verdict))
        return break_it

    return enter


def edit(name: str, rule: str, path: str, old: str, new: str, **more) -> None:
    """A mutation that is one text in place of another."""
    mutation(name, rule, **more)(lambda study: replace(study / path, old, new))


def add(name: str, rule: str, path: str, text: str, **more) -> None:
    """A mutation that adds to the end of a file."""
    mutation(name, rule, **more)(lambda study: append(study / path, text))


def remove(name: str, rule: str, *paths: str, **more) -> None:
    """A mutation that deletes files or folders."""
    mutation(name, rule, **more)(lambda study: _delete(study, paths))


def write(name: str, rule: str, path: str, text: str, **more) -> None:
    """A mutation that gives a file another content."""
    mutation(name, rule, **more)(lambda study: (study / path).write_text(text, "utf-8"))


def _delete(study: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        whole = study / path
        assert whole.exists(), path
        shutil.rmtree(whole) if whole.is_dir() else whole.unlink()


# Packages


def _entry(study: Path, name: str) -> str:
    """One package's entry of the lock, with its hashes."""
    text = (study / LOCK).read_text("utf-8")
    return re.search(rf"^{name}==.*\n(?: .*\n)*", text, re.MULTILINE)[0]


def _unpin(name: str) -> Callable[[Path], None]:
    def unpin(study: Path) -> None:
        version = re.match(rf"{name}==(\S+)", _entry(study, name))[1]
        replace(study / LOCK, f"\n{name}=={version}", f"\n{name}>={version}")

    return unpin


for _name in ("scikit-learn", "numpy", "tqdm", "certifi"):
    mutation(f"{_name} is unpinned in the lock", "midl.dependencies")(_unpin(_name))


@mutation("the lock lacks the framework", "midl.dependencies")
def _(study):
    replace(study / LOCK, _entry(study, "scikit-learn"), "")


@mutation("one command installs no framework", "heil.dependencies")
def _(study):
    replace(study / LOCK, _entry(study, "scikit-learn"), "")


@mutation("the framework is listed nowhere", "midl.dependencies")
def _(study):
    replace(study / LOCK, _entry(study, "scikit-learn"), "")
    drop_lines(study / "pyproject.toml", '"scikit-learn"')


remove("the lock is deleted", "midl.dependencies", LOCK)
remove("nothing is left to install from", "heil.dependencies", LOCK)
edit(
    "README asks for a second installer", "heil.dependencies", "README.md", "## What it needed",
    "Then `pip install torch --index-url https://download.example.org/cu126`.\n\n## What it needed",
)  # fmt: skip
edit(
    "README asks for a tool installed by hand", "heil.dependencies", "README.md",
    "## What it needed",
    "Before that:\n\n```\nsudo apt-get install graphviz\n```\n\n## What it needed",
)  # fmt: skip

# Seeds

edit(
    "the forest lost its random_state", "heil.deterministic", TRAIN,
    "random_state=forest_seed, ", "",
)  # fmt: skip
edit(
    "random_state is None", "heil.deterministic", TRAIN,
    "random_state=forest_seed", "random_state=None",
)  # fmt: skip
edit(
    "the folds lost their random_state", "heil.deterministic", PREPARE,
    "shuffle=True, random_state=seed", "shuffle=True",
)  # fmt: skip
edit(
    "the stream of random numbers has no seed", "heil.deterministic", f"{SRC}/seeding.py",
    "default_rng(_sequence(root, names))", "default_rng()",
)  # fmt: skip
edit(
    "the seed sequence has no entropy", "heil.deterministic", f"{SRC}/seeding.py",
    "SeedSequence(root, spawn_key=tuple(words))", "SeedSequence()",
)  # fmt: skip


def _in_held_out(*lines: str, top: str = "") -> Callable[[Path], None]:
    """Lines of code before the split is made."""

    def insert(study: Path) -> None:
        split = "    folds = StratifiedGroupKFold("
        replace(study / PREPARE, split, "".join(f"    {line}\n" for line in lines) + split)
        replace(study / PREPARE, "import math\n", f"import math\n{top}")

    return insert


DRAWS = {
    "NumPy shuffles without a seed": ("np.random.shuffle(group)",),
    "NumPy's seed does not fix default_rng": (
        "np.random.seed(0)", "group = np.random.default_rng().permutation(group)",
    ),
    "an old generator has no seed": ("group = np.random.RandomState().permutation(group)",),
    "a generator is seeded by the clock": (
        "group = np.random.default_rng(int(time.time())).permutation(group)",
    ),
    "a seed is taken from the clock": (
        "seed = int(time.time())", "np.random.seed(seed)", "np.random.shuffle(group)",
    ),
    "Python shuffles without a seed": ("random.shuffle(group)",),
    "Python's own generator has no seed": ("random.Random().shuffle(group)",),
}  # fmt: skip
for _name, _lines in DRAWS.items():
    mutation(_name, "heil.deterministic")(_in_held_out(*_lines, top="import random\nimport time\n"))

NETWORK = '''"""A small network, trained on the same rows."""

import torch
from torch import nn


def prepare_seeds(seed: int) -> None:
    """Seed the network's library."""
    torch.manual_seed(seed)


def network(features, truth, epochs: int):
    """Return a fitted network; shapes (n, 30) and (n,)."""
    net = nn.Linear(30, 1)
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(epochs):
        loss = nn.functional.binary_cross_entropy_with_logits(net(features)[:, 0], truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net
'''


def _with_network(seeds: bool) -> Callable[[Path], None]:
    def add_network(study: Path) -> None:
        text = NETWORK if seeds else re.sub(r"def prepare_seeds.*?\n\n\n", "", NETWORK, flags=re.S)
        (study / SRC / "network.py").write_text(text, "utf-8")
        step = study / "scripts/03_train.py"
        replace(step, "import schema, seeding,", "import network, schema, seeding,")
        replace(
            step,
            "    for path in (",
            "    network.network(*data[:2], args.trees)\n    for path in (",
        )
        before = _entry(study, "scikit-learn")
        replace(study / LOCK, before, f"torch==2.9.0\n{before}")

    return add_network


mutation("a network is trained without a seed", "heil.deterministic")(_with_network(False))
mutation("a seed function is never called", "heil.deterministic")(_with_network(True))


@mutation("the seed is None unless it is given", "heil.deterministic")
def _(study):
    flag = '"--root-seed", type=int, '
    replace(study / "scripts/03_train.py", f"{flag}required=True", f"{flag}default=None")
    replace(study / "Snakefile", " --root-seed {params.root:q} --seed", " --seed")


edit(
    "the seed is left open in the settings", "heil.deterministic", "config.yaml",
    "seed: 20250317", "seed: null",
)  # fmt: skip

# One command


@mutation("the machinery is gone", "heil.single-command")
def _(study):
    next((study / "tools").glob("*.whl")).unlink()


def _without_rule(name: str) -> Callable[[Path], None]:
    def cut(study: Path) -> None:
        text = (study / "Snakefile").read_text("utf-8")
        rule = re.search(rf"^rule {name}:\n(?:(?:    .*)?\n)*", text, re.MULTILINE)[0]
        replace(study / "Snakefile", rule, "")

    return cut


for _name in ("make_figures", "prepare_data", "train"):
    mutation(f"the Snakefile lost {_name}", "heil.single-command")(_without_rule(_name))
remove("the Snakefile is deleted", "heil.single-command", "Snakefile")


def _rename(study: Path) -> None:
    (study / "scripts/03_train.py").rename(study / "scripts/03_fit.py")


mutation("a script of the Snakefile is renamed", "heil.single-command")(_rename)
mutation("a script of the README is renamed", "midl.documentation")(_rename)
remove("the script of the figures is deleted", "heil.single-command", "scripts/05_make_figures.py")

# README

edit(
    "README names a command whose script is missing", "midl.documentation", "README.md",
    "scripts/03_train.py", "scripts/03_fit_the_model.py",
)  # fmt: skip
edit(
    "README links to a file that is missing", "midl.documentation", "README.md",
    "(scripts/04_evaluate.py)", "(scripts/judge.py)",
)  # fmt: skip
edit(
    "README names a module that is missing", "midl.documentation", "README.md",
    f"`{SRC}/schema.py`", f"`{SRC}/columns.py`",
)  # fmt: skip
write("README is empty", "midl.documentation", "README.md", "")
write("README is a title", "midl.documentation", "README.md", "# Breast cancer from cell nuclei\n")
remove("README is deleted", "midl.documentation", "README.md")
PLAIN = {
    "data": "The measurements come from https://archive.ics.uci.edu/dataset/17; "
    "`python scripts/01_download_data.py` downloads them, and the next script splits them.",
    "dependencies": "`pip install -r requirements.lock` installs the packages.",
    "training": "`python scripts/03_train.py` trains one forest.",
    "evaluation": "`python scripts/04_evaluate.py` evaluates the forests on the held-out rows.",
    "models": "The training writes the models to `models/`.",
}


def plain_readme(*parts: str) -> str:
    """A README in few words of one's own, with some of its parts."""
    said = "\n\n".join(PLAIN[part] for part in parts)
    return f"# Nuclei\n\nThis belongs to our work on nuclei in cells of the breast.\n\n{said}\n"


def _readme_without(part: str) -> Callable[[Path], None]:
    def rewrite(study: Path) -> None:
        parts = [name for name in PLAIN if name != part]
        (study / "README.md").write_text(plain_readme(*parts), "utf-8")
        if part == "data":
            (study / "data/README.md").unlink()

    return rewrite


for _name in ("data", "training", "evaluation", "models"):
    mutation(f"README says nothing of {_name}", "midl.documentation")(_readme_without(_name))

# Licence

CITE_US = "If you use this code, please cite us.\n"
write("all rights are reserved", "midl.license", "LICENSE", "All rights reserved, 2026.\n")
write("the licence is a request to cite", "midl.license", "LICENSE", CITE_US)
write("the licence is empty", "midl.license", "LICENSE", "")
remove("the licence is deleted", "midl.license", "LICENSE")


@mutation("the licence is cut", "midl.license")
def _(study):
    text = (study / "LICENSE").read_text("utf-8")
    (study / "LICENSE").write_text(text[: len(text) // 2], "utf-8")


# Identifiers

IDENTIFIERS = {
    "the paper": "10.1038/s41592-021-01256-7",
    "the data": "10.24432/C5DW2B",
    "nobody (a placeholder)": "10.5281/zenodo.XXXXXXX",
    "a test": "10.5072/zenodo.8427193",
    "nothing (no number)": "10.5281/zenodo.",
}
for _name, _doi in IDENTIFIERS.items():
    edit(f"the code's DOI is one of {_name}", "heil.code", "CITATION.cff", CODE, _doi)
mutation("the code has no DOI", "heil.code")(lambda study: drop_lines(study / "CITATION.cff", CODE))
add("CITATION.cff is no YAML", "heil.code", "CITATION.cff", "  : [\n")
edit(
    "CITATION.cff is not valid", "heil.code", "CITATION.cff",
    "cff-version: 1.2.0", "cff-version: 1.2.0\nsort-of: software",
)  # fmt: skip
edit(
    "CITATION.cff lost its authors", "heil.code", "CITATION.cff",
    'authors:\n  - name: "Anonymous"\n', "",
)  # fmt: skip
edit(
    "two files give different DOIs", "heil.code", ".zenodo.json",
    "{\n", '{\n  "doi": "10.5281/zenodo.8300417",\n', kind="committed",
)  # fmt: skip
mutation("the weights' DOI is removed", "heil.models", "deposited")(
    lambda study: drop_lines(study / "MODEL_CARD.md", WEIGHTS)
)
edit(
    "the weights' DOI is a placeholder", "heil.models", "MODEL_CARD.md",
    WEIGHTS, "10.5281/zenodo.XXXXXXX", kind="deposited",
)  # fmt: skip
edit(
    "the weights will be released", "heil.models", "MODEL_CARD.md", finished.DEPOSITED,
    "The trained weights will be released at Zenodo upon publication.\n", kind="deposited",
)  # fmt: skip
edit(
    "the weights lie on a drive", "heil.models", "MODEL_CARD.md", finished.DEPOSITED,
    "[The trained weights](https://drive.google.com/file/d/1a2B3c4D5e6F7g8H9i/view).\n",
    kind="deposited",
)  # fmt: skip

# Models


def _one_model(name: str, content: bytes) -> Callable[[Path], None]:
    def replace_models(study: Path) -> None:
        for model in (study / "models").iterdir():
            model.unlink()
        (study / "models" / name).write_bytes(content)

    return replace_models


mutation("the weights are those of ImageNet", "midl.model", "committed")(
    _one_model("resnet50_imagenet.pth", bytes(range(256)) * 40)
)
mutation("the weights are an empty file", "midl.model", "committed")(
    _one_model("seed_1.skops", b"")
)
remove("the weights are deleted", "midl.model", "models", kind="committed")
remove("the weights of the run are gone", "heil.deterministic", "models", verdict="not pass")

# Data

ADDRESS = "https://raw.githubusercontent.com/scikit-learn"


def _closed(*instead: str) -> Callable[[Path], None]:
    def close(study: Path) -> None:
        config = study / "config.yaml"
        drop_lines(config, ADDRESS, "mirror:")
        replace(config, "download_data:\n", "download_data:\n  url: data/mine.csv\n  mirror: []\n")
        statement = study / "data/README.md"
        text = statement.read_text("utf-8")
        head = text[: text.index("## Where they come from")]
        end = text[text.index("## Where new data belong") :]
        said = "\n".join(instead)
        statement.write_text(f"{head}## Access\n\n{said}\n\n{end}", "utf-8")

    return close


def _said(text: str) -> Callable[[Path], None]:
    """The data statement says something else about access; the address still stands there."""
    return lambda study: replace(
        study / "data/README.md",
        "Open to everybody, without an account; no approval was needed.",
        text,
    )


for _rule in ("heil.data", "midl.public-data", "midl.repeatable"):
    mutation(f"nothing says where the data are ({_rule})", _rule)(_closed())
WORDS = {
    "the data are had on request": "The data are available on request from the first author.",
    "the data will be released": "The data will be released when the paper is published.",
    "only sample images are shared": "The full data are private; a few sample images are here.",
}
for _name, _text in WORDS.items():
    mutation(f"{_name}, says the statement", "heil.data")(_said(_text))
    mutation(f"{_name}, and no address is left", "midl.public-data")(_closed(_text))

# Code that is missing

remove("the training is deleted", "midl.training", "scripts/03_train.py", TRAIN)
remove("the script of the training is deleted", "heil.single-command", "scripts/03_train.py")
remove("the module of the training is deleted", "midl.training", TRAIN)
remove("a module that the training imports is deleted", "midl.training", f"{SRC}/weights.py")


@mutation("the training will be released", "midl.training")
def _(study):
    (study / TRAIN).write_text('"""To be released."""\n', "utf-8")
    (study / "scripts/03_train.py").write_text('print("to be released")\n', "utf-8")


remove("the evaluation is deleted", "midl.evaluation", "scripts/04_evaluate.py", EVALUATE)
write("the script of the evaluation is empty", "midl.evaluation", "scripts/04_evaluate.py", "")
remove("the module of the evaluation is deleted", "midl.evaluation", EVALUATE)

# The record


def _recorded(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def rewrite(study: Path) -> None:
        path = study / "record/run.json"
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content, indent=1), "utf-8")

    return rewrite


def _different(content: dict) -> None:
    content["comparison"]["files"]["results/metrics.csv"] = {"kind": "different"}


RECORDED = {
    "both times": lambda x: [x["totals"].pop(key) for key in ("wall_seconds", "cpu_seconds")],
    "the CPU time": lambda x: x["totals"].update(cpu_seconds=None),
    "the processor": lambda x: x["machine"]["cpu"].update(model=""),
    "the memory": lambda x: x["machine"].pop("memory_bytes"),
    "the graphics cards": lambda x: x["machine"].pop("gpus"),
    "the system's version": lambda x: x["machine"].update(system="Ubuntu"),
    "the steps": lambda x: x.update(steps=[]),
}
for _name, _change in RECORDED.items():
    mutation(f"the record lacks {_name}", "heil.details")(_recorded(_change))
mutation("a file came out otherwise", "heil.deterministic")(_recorded(_different))
NOT_MINE = {
    "is of another state": lambda x: x.update(study_digest="0" * 64),
    "has another schema": lambda x: x.update(schema=99),
    "is of a trial": lambda x: x.update(layout="smoke"),
    "compared nothing": lambda x: x["comparison"].update(files={}),
    "names other outputs": lambda x: x["steps"][-1]["outputs"].update(
        {"results/figures/roc.png": "0" * 64}
    ),
}
for _name, _change in NOT_MINE.items():
    mutation(f"the record {_name}", "heil.deterministic", verdict="not pass")(_recorded(_change))
write("the record is no JSON", "heil.deterministic", "record/run.json", "{", verdict="not pass")
remove("the record is deleted", "heil.single-command", "record", verdict="not pass")


@mutation("README shows nothing of what it needed", "heil.details")
def _(study):
    text = (study / "README.md").read_text("utf-8")
    empty = re.sub(r"(<!-- needed:begin -->\n).*?(<!-- needed:end -->)", r"\1\2", text, flags=re.S)
    (study / "README.md").write_text(empty, "utf-8")


@mutation("README lost the part on what it needed", "heil.details")
def _(study):
    text = (study / "README.md").read_text("utf-8")
    whole = re.sub(r"<!-- needed:begin -->.*?<!-- needed:end -->\n", "", text, flags=re.S)
    (study / "README.md").write_text(whole, "utf-8")


CAUGHT: dict[str, bool] = {}


class TestMutations:
    @pytest.mark.parametrize("one", MUTATIONS, ids=[one.name for one in MUTATIONS])
    def test_the_right_rule_sees_what_is_broken(self, one, tmp_path):
        study = finished.copy(tmp_path / "study", one.kind)
        one.break_it(study)
        [found] = finished.findings(study, one.rule)
        seen = found.verdict == "fail" if one.verdict == "fail" else found.verdict != "pass"
        CAUGHT[one.name] = seen
        assert seen, found

    def test_at_least_95_of_100_are_caught(self):
        assert len(MUTATIONS) == len({one.name for one in MUTATIONS}) >= 45
        if len(CAUGHT) < len(MUTATIONS):
            pytest.skip("only some of the mutations ran")
        missed = sorted(name for name, good in CAUGHT.items() if not good)
        print(f"{len(CAUGHT) - len(missed)} of {len(CAUGHT)} mutations caught; missed: {missed}")
        assert len(missed) <= 0.05 * len(CAUGHT), missed


# Edits that break nothing

EDITS: dict[str, Callable[[Path], None]] = {}


def harmless(name: str):
    """Enter an edit that breaks nothing."""

    def enter(change):
        EDITS[name] = change
        return change

    return enter


@harmless("comments in the code")
def _(study):
    for path in (study / "src").rglob("*.py"):
        append(path, "\n# np.random.shuffle(rows) would need a seed; random_state=None has none.\n")


@harmless("other names for variables")
def _(study):
    replace(study / TRAIN, "forest_seed", "state")
    replace(study / TRAIN, "fold_seed", "number")
    replace(study / PREPARE, "folds = Strat", "parts = Strat")
    replace(study / PREPARE, "next(folds.", "next(parts.")


@harmless("README in another order")
def _(study):
    text = (study / "README.md").read_text("utf-8")
    head, *sections = re.split(r"(?=^## )", text, flags=re.MULTILINE)
    (study / "README.md").write_text(head + "".join(reversed(sections)), "utf-8")


@harmless("README in other words")
def _(study):
    text = (study / "README.md").read_text("utf-8")
    block = re.search(r"<!-- needed:begin -->.*?<!-- needed:end -->\n", text, re.DOTALL)[0]
    said = plain_readme(*(name for name in PLAIN if name != "dependencies"))
    said += "\n`python reproduce.py` installs all packages and runs every step.\n"
    (study / "README.md").write_text(f"{said}\n## What it needed\n\n{block}", "utf-8")


def _licence(key: str) -> Callable[[Path], None]:
    def change(study: Path) -> None:
        other = finished.helpers.look(license=key)
        shutil.copyfile(other / "LICENSE", study / "LICENSE")
        replace(study / "README.md", "The code is under MIT", f"The code is under {key}")
        for name in ("CITATION.cff", "pyproject.toml"):
            replace(study / name, '"MIT"', f'"{key}"')

    return change


for _key in ("BSD-3-Clause", "Apache-2.0", "GPL-3.0-or-later"):
    harmless(f"the licence {_key}")(_licence(_key))


@harmless("line ends of Windows everywhere")
def _(study):
    for path in study.rglob("*"):
        if path.is_file() and b"\0" not in path.read_bytes():
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


MORE_TESTS = """\
import random

import numpy as np


def test_any():
    assert np.random.default_rng().random() + random.random() >= 0
"""


@harmless("more tests")
def _(study):
    (study / "tests/test_more.py").write_text(MORE_TESTS, "utf-8")


@harmless("more figures")
def _(study):
    shutil.copyfile(study / "results/figures/roc.png", study / "results/figures/roc_again.png")


PLOT = """\
import matplotlib.pyplot as plt
import pandas as pd
%matplotlib inline
table = pd.read_csv("../results/metrics.csv")
plt.bar(table.metric, table["mean"])
"""


@harmless("a notebook that plots")
def _(study):
    cell = {"cell_type": "code", "source": PLOT, "outputs": [], "metadata": {}}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (study / "scripts/look.ipynb").write_text(json.dumps(content), "utf-8")


@harmless("blank lines")
def _(study):
    for name in ("README.md", "Snakefile", "config.yaml", "data/README.md", TRAIN, LOCK):
        append(study / name, "\n\n")


@harmless("type hints")
def _(study):
    replace(study / TRAIN, "    forest = Extra", "    forest: ExtraTreesClassifier = Extra")
    replace(
        study / "scripts/03_train.py", "    args = parser", "    args: argparse.Namespace = parser"
    )


@harmless("docstrings")
def _(study):
    for path in (study / "scripts").glob("*.py"):
        replace(
            path, "def main() -> None:\n", 'def main() -> None:\n    """Read, compute, write."""\n'
        )


@harmless("one more package, locked")
def _(study):
    entry = "seaborn==0.13.2 \\\n    --hash=sha256:" + "0f" * 32 + "\n    # via study\n"
    replace(study / LOCK, _entry(study, "scikit-learn"), _entry(study, "scikit-learn") + entry)
    replace(study / "pyproject.toml", '  "scikit-learn",\n', '  "scikit-learn",\n  "seaborn",\n')
    replace(study / SRC / "figures.py", "\nimport ", "\nimport seaborn\nimport ", count=1)


COUNT = '''

rule count:
    """Count."""
    output:
        "<results>/ages.csv",
    shell:
        "python scripts/06_count.py --output {output:q}"
'''


@harmless("one more table, with its rule")
def _(study):
    (study / "results/ages.csv").write_text("age,count\n50,3\n", "utf-8")
    shutil.copyfile(study / "scripts/05_make_figures.py", study / "scripts/06_count.py")
    append(study / "Snakefile", COUNT)


@harmless("one more generator, seeded")
def _(study):
    _in_held_out("rng = np.random.default_rng(seed)", "group = rng.permutation(group)")(study)


@harmless("a badge in the README")
def _(study):
    badge = "![Heil et al.: gold](docs/badge.svg)"
    replace(study / "README.md", "## Reproduce it", f"{badge}\n\n## Reproduce it")
    (study / "docs").mkdir()
    (study / "docs/badge.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n", "utf-8")


@harmless("an author beyond ASCII")
def _(study):
    for name in ("CITATION.cff", ".zenodo.json"):
        replace(study / name, '"Anonymous"', '"Zoë Müller-Łukasiewicz (周)"')


AUTHOR = """\
  - family-names: Carberry
    given-names: Josiah
    orcid: https://orcid.org/0000-0002-1825-0097
"""


@harmless("an ORCID")
def _(study):
    replace(study / "CITATION.cff", '  - name: "Anonymous"\n', AUTHOR)


@harmless("the same DOI in both files")
def _(study):
    replace(study / ".zenodo.json", "{\n", f'{{\n  "doi": "{CODE}",\n', count=1)


@harmless("another number in the settings")
def _(study):
    replace(study / "config.yaml", "resamples: 2000", "resamples: 1000")


BY_RUN = ("heil.details", "heil.deterministic", "heil.single-command")


class TestHarmlessEdits:
    @pytest.mark.parametrize("name", EDITS)
    def test_nothing_is_held_against_it(self, name, tmp_path):
        """Until it is run again only the rules that rest on a run may say that they do not know."""
        study = finished.copy(tmp_path / "study")
        EDITS[name](study)
        found = finished.findings(study, *BY_RUN)
        assert not [one for one in found if one.verdict == "fail"], found
        finished.write_run(study)
        told = finished.check(study)
        assert {*finished.verdicts(told).values()} == {"pass"}, told["results"]
        assert told["heil"]["level"] == "gold"

    def test_there_are_enough_of_them(self):
        assert len(EDITS) >= 16

    def test_line_ends_leave_the_record_as_good_as_it_was(self, tmp_path):
        study = finished.copy(tmp_path / "study")
        EDITS["line ends of Windows everywhere"](study)
        assert finished.check(study)["heil"]["level"] == "gold"
