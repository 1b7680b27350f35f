"""What `check` does grows with a repository, and not with its square."""

import random
import sys

import pytest
from test_check_dependencies import Files

from gold_standard.check import judge
from gold_standard.check.code import Code, Module, read

SCRIPT = """import numpy as np
from module{next} import step_{next}
def step_{number}(values, seed=None):
    np.random.seed(seed)
    return np.random.rand(len(values))
if __name__ == "__main__":
    model.fit(step_{next}([1]))
"""


def circle(count: int) -> dict[str, str]:
    """Modules of which each imports the next, and the last one the first."""
    numbers = ((number, (number + 1) % count) for number in range(count))
    return {f"module{n}.py": SCRIPT.format(number=n, next=m) for n, m in numbers}


def chain(count: int) -> dict[str, str]:
    """The same, but the last one imports what is not there."""
    files = circle(count)
    last = f"module{count - 1}.py"
    return files | {last: files[last].replace("from module0", "from utils.gone")}


def vendored(count: int) -> dict[str, str]:
    """Folders with a licence, a set-up, a README and code of their own."""
    found = {"README.md": "# Study\n", "train.py": "import torch\n"}
    for n in range(count // 4):
        found[f"part{n}/LICENSE"] = f"MIT License {n}"
        found[f"part{n}/setup.py"] = "setup(name='part', install_requires=['torch==1.0'])"
        found[f"part{n}/README.md"] = f"# Part {n}\n\nRun `python part{n}/gone{n}.py`.\n"
        found[f"part{n}/code.py"] = "import torch\nimport pandas\n"
    return found


def named(count: int) -> dict[str, str]:
    """A README that names many files, half of them gone, and a workflow that runs others."""
    lines = [f"- `python scripts/step{n}.py`, see `data/table{2 * n}.csv`" for n in range(count)]
    rules = [f'rule r{n}:\n    shell: "python scripts/step{n}.py"\n' for n in range(count)]
    scripts = {f"scripts/step{n}.py": "import numpy\n" for n in range(0, count, 2)}
    return {"README.md": "\n".join(lines), "Snakefile": "\n".join(rules), **scripts}


def work(files: dict[str, str]) -> int:
    """How often a function or generator of ours begins or goes on while these are judged."""
    count = 0

    def counted(frame, event, _):
        nonlocal count
        count += event == "call" and "gold_standard" in frame.f_code.co_filename

    tree = Files(files)
    sys.setprofile(counted)
    try:
        judge.report(tree, "x")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", [circle, chain, vendored, named])
def test_four_times_the_files_are_about_four_times_the_work(shape):
    work(shape(8))  # what is made once
    assert work(shape(240)) < 4.6 * work(shape(60))


def test_what_all_modules_reach_is_what_each_of_them_reaches():
    chance = random.Random(1)
    for _ in range(200):
        count = chance.randint(1, 9)
        names = [f"m{number}" for number in range(count)]
        files = {
            f"{chance.choice(['', 'tests/'])}{name}.py": "\n".join(
                f"import {other}" for other in names if chance.random() < 0.25
            )
            for name in names
        }
        agrees(read(Files(files)))


def agrees(code: Code) -> None:
    """Fail where what is found for all modules together is not what one by one gives."""
    reach = {module.path: {other.path for other in code.reach(module)} for module in code.modules}
    assert code.over_reach(_itself, frozenset()) == reach
    handed = code.handed_down({path: frozenset({path}) for path in reach}, frozenset())
    assert handed == {path: {up for up in reach if path in reach[up]} for path in reach}
    mains = [module.path for module in code.main]
    assert code.reached(code.main) == set().union(*(reach[path] for path in mains))
    assert code.used == {path for up in mains for path in reach[up] - {up}}


def _itself(module: Module) -> frozenset[str]:
    return frozenset({module.path})


def test_the_files_below_a_folder_and_the_ends_of_paths():
    tree = Files(dict.fromkeys(["a/b/c.py", "a/b.py", "a/bc/d.py", "a/b-x/e.py", "A/B/f.py"], ""))
    assert tree.below("a/b") == ["a/b/c.py"] and tree.below("gone") == []
    assert {"b/c.py", "c.py", "a/b/f.py"} <= tree.ends and "/c.py" not in tree.ends
