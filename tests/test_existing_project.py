"""docs/existing-project.md, done on a small project that somebody has worked on before."""

import re
import shutil
from pathlib import Path

import pages
import pytest
from helpers import ROOT, commit, files, git, run, template

pytestmark = pytest.mark.slow

MINE = {
    "README.md": "# Tumours\n\nRun `python train.py`.\n",
    "LICENSE": "All rights reserved.\n",
    ".gitignore": "*.log\n",
    "Dockerfile": "FROM python:3.12\n",
    "pyproject.toml": '[project]\nname = "tumours"\nversion = "1.0"\ndependencies = ["numpy"]\n',
    "train.py": "import numpy as np\n\nprint(np.arange(3).sum())\n",
    "src/tumours/__init__.py": '"""My package."""\n',
    "src/tumours/model.py": "def predict(x):\n    return x > 0\n",
    "tests/test_model.py": "def test_it():\n    assert True\n",
    "results/old.csv": "auc\n0.9\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mine") / "my project"
    for name, text in MINE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    commit(folder)
    return folder


PAGE = "existing-project.md"
[INTO] = [block for block in pages.blocks(PAGE) if block.heading.startswith("1.")]


def do(project: Path, *starts: str) -> None:
    """Type these lines of the page."""
    for start in starts:
        done = pages.call(project, pages.line(PAGE, start))
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_would_be_replaced_is_asked_for_first(project):
    mine = {name: text.encode() for name, text in MINE.items()}
    done = run("python", "-m", "copier", "copy", "--defaults", template(), ".", cwd=project)
    assert done.returncode != 0 and "Dockerfile" in done.stderr  # nobody is there to answer
    assert files(project).items() >= mine.items()
    do(project, "git clean")
    assert files(project) == mine


def test_what_the_page_begins_with_can_be_taken_back(project):
    (project / "Dockerfile").rename(project / "Dockerfile.old")  # "rename yours, and copy again"
    commit(project)
    mine = files(project)
    assert pages.follow(project.parent, INTO, {"my-project": project.name}) == project
    assert files(project).items() > mine.items()
    do(project, "git clean", "git switch -", "git branch")
    assert files(project) == mine and git(project, "branch").split() == ["*", "main"]


def test_the_page_leads_from_there_to_a_run_that_agrees(project):
    page = (ROOT / "docs" / PAGE).read_text("utf-8")
    mine = files(project)
    pages.follow(project.parent, INTO, {"my-project": project.name})
    assert files(project).items() >= mine.items()

    do(project, "copier copy --defaults")
    example = project.parent / "example"
    settings = example.joinpath("pyproject.toml").read_text("utf-8")
    needs = re.search(r"^dependencies = \[\n.*?^\]", settings, re.M | re.S)[0]
    text = (
        (project / "pyproject.toml").read_text("utf-8").replace('dependencies = ["numpy"]', needs)
    )
    text = text.replace("[project]", '[project]\nrequires-python = ">=3.11,<3.15"')
    (project / "pyproject.toml").write_text(
        f'{text}\n[tool.gold-standard]\ndata_access = "public"\n'
    )
    ignored = re.findall(r"`(/\.?\w+/)`", page)
    assert len(ignored) == 5
    with (project / ".gitignore").open("a") as file:
        file.write("\n".join(ignored) + "\n")

    for words in (["lock"], []):
        done = run("python", "reproduce.py", *words, cwd=project)
        assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "results/old.csv" in done.stdout, "a result that no rule makes is named"
    changed = {"pyproject.toml", ".gitignore"}
    now = files(project)
    assert {name: now[name] for name in mine.keys() - changed} == {
        name: mine[name] for name in mine.keys() - changed
    }
    (project / "results/old.csv").unlink()  # no rule makes it
    done = run("python", "reproduce.py", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    do(project, "git add")
    git(project, "commit", "--message", "The study")
    assert not git(project, "status", "--porcelain")
    do(project, "python reproduce.py check")
    shutil.rmtree(example)
