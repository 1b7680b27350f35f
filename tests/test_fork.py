"""A lab's own template, as docs/labs.md makes it, and the commands of this repository."""

import shutil
from pathlib import Path

import pages
import pytest
from helpers import ROOT, commit, files, git

pytestmark = pytest.mark.slow

PAGE = "labs.md"
[FORK] = [block for block in pages.blocks(PAGE) if block.text.startswith("git clone")]
ONE_FILE = "tests/test_machine.py"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory) -> Path:
    """This repository as it is now, committed or not, with one release."""
    folder = tmp_path_factory.mktemp("upstream") / "gold-standard-ml"
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    commit(folder)
    git(folder, "tag", "v0.1.0")
    return folder


@pytest.fixture
def fork(upstream, tmp_path) -> Path:
    """What the page's first commands give; it works with our environment."""
    fork = pages.follow(tmp_path, FORK, {"<template>": upstream})
    (fork / ".venv").symlink_to(ROOT / ".venv")
    (fork / ".git/info/exclude").write_text("/.venv\n")
    return fork


def do(fork: Path, line: str, **variables: str) -> str:
    done = pages.call(fork, line, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def test_a_fork_has_its_own_defaults_and_rules_and_takes_our_later_releases(fork, upstream):
    edit(fork / "copier.yml", "default: MIT\n", "default: Apache-2.0\n")
    edit(fork / "src/gold_standard/check/wordings.py", "Training again takes time", "We wait long")
    before = files(fork / "docs/standards"), files(fork / "template/tools")
    for start in ("python3 develop.py pages", "python3 develop.py wheel"):
        do(fork, pages.line(PAGE, start))
    after = files(fork / "docs/standards"), files(fork / "template/tools")
    assert before[0] != after[0] and before[1] != after[1]
    assert "passed" in do(fork, f"{pages.line(PAGE, 'python3 develop.py test')} {ONE_FILE}")
    commit(fork)
    git(fork, "tag", "v0.1.0.post1")

    do(fork.parent, "copier copy --defaults our-template study")
    study = fork.parent / "study"
    assert "Apache License" in (study / "LICENSE").read_text("utf-8")
    assert files(study / "tools") == after[1]

    (upstream / "CHANGELOG.md").write_text("A later release.\n")
    commit(upstream)
    do(fork, pages.line(PAGE, "git pull"), GIT_EDITOR="true")
    assert (fork / "CHANGELOG.md").read_text("utf-8") == "A later release.\n"
    assert not git(fork, "status", "--porcelain")


def test_every_command_for_tests_finds_some():
    """They are only collected, and of one file: to run them all is for whoever types it."""
    for line in set(pages.lines("tested.md")):
        few = "tests/test_any_answer.py" if " -k " in line else "tests/test_cluster.py"
        file = "" if "tests/" in line else few
        do(ROOT, f"{line} {file}", PYTEST_ADDOPTS="--collect-only")


@pytest.mark.exhaustive
def test_the_locks_are_made_anew_as_they_are(fork):
    do(fork, pages.line(PAGE, "python3 develop.py lock"))
    assert not git(fork, "status", "--porcelain")
