"""docs/existing-project.md, done on a small project that somebody has worked on before."""

import re
import shutil
from pathlib import Path

import pytest
from helpers import ROOT, commit, files, git, render, run, template

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


def copy_into(project: Path, *words: str):
    command = ["python", "-m", "copier", "copy", "--defaults", *words, template(), "."]
    return run(*command, cwd=project)


def test_what_would_be_replaced_is_asked_for_first(project):
    done = copy_into(project)  # nobody is there to answer
    assert done.returncode != 0 and "Dockerfile" in done.stderr
    assert files(project).items() >= {name: text.encode() for name, text in MINE.items()}.items()
    git(project, "clean", "--quiet", "--force", "-d")


def test_the_page_leads_from_there_to_a_run_that_agrees(project):
    page = (ROOT / "docs" / "existing-project.md").read_text("utf-8")
    (project / "Dockerfile").rename(project / "Dockerfile.old")  # "rename yours, and copy again"
    commit(project)
    mine = files(project)
    done = copy_into(project)
    assert done.returncode == 0, done.stderr
    assert files(project).items() >= mine.items()

    example = render()
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
    commit(project)
    assert not git(project, "status", "--porcelain")
    assert "python reproduce.py check" in page
    shutil.rmtree(example.parent)
