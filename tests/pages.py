"""What stands in the fenced blocks of a page of docs/, and doing it: commands and edits.

The page is the source of the test. An edit is a block `diff` in a short form: a file after `---`,
hunks parted by `@@`, and `-…` for all lines down to the next one shown, or to the file's end.
"""

import contextlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import helpers
from helpers import ROOT

DOCS = ROOT / "docs"
PYTHON = getattr(sys, "_base_executable", sys.executable)  # no environment's
TOOLS = Path(sys.executable).parent  # Copier, Cookiecutter and uv are here
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
REST = "-…"


class Block(NamedTuple):
    """A fenced block: the heading that it stands under, its language, its text, what precedes."""

    heading: str
    language: str
    text: str
    before: str

    @property
    def saved_as(self) -> str:
        """The file that the sentence before the block says it is, or ""."""
        found = re.search(r"[Ss]ave (?:it|this) as `([^`]+)`[^\n]*\s*$", self.before)
        return found[1] if found else ""


def blocks(page: Path | str, heading: str = "") -> list[Block]:
    """All fenced blocks of a page, or those under a heading."""
    text = (DOCS / page).read_text("utf-8")
    plain = FENCE.sub(lambda found: " " * len(found[0]), text)  # `# ` in code is no heading
    heads = [(found.start(), found[1]) for found in HEADING.finditer(plain)]
    found = []
    for each in FENCE.finditer(text):
        above = [name for start, name in heads if start < each.start()]
        inner = re.sub(rf"^{each[1]}", "", each[3], flags=re.MULTILINE)
        found.append(
            Block(above[-1] if above else "", each[2].strip(), inner, text[: each.start()])
        )
    return [block for block in found if not heading or block.heading == heading]


def commands(block: Block) -> list[list[str]]:
    """The commands of a block, as words."""
    return [shlex.split(line) for line in block.text.splitlines() if line.strip()]


PROGRAM = r"python[\d.]*|py|gold-standard|copier|cookiecutter|git|pipx?|uv|sbatch"
PROGRAM += r"|docker|podman|apptainer|keyring"
INLINE = re.compile(rf"`((?:{PROGRAM}) [^`\n]+)`")


def lines(page: Path | str) -> list[str]:
    """Every line of a page that is there to be typed: in its blocks, and in its sentences."""
    blocked = [block for block in blocks(page) if block.language in ("", "sh")]
    found = [line for block in blocked for line in block.text.splitlines() if line.strip()]
    return found + INLINE.findall(FENCE.sub("", (DOCS / page).read_text("utf-8")))


def line(page: str, start: str) -> str:
    """The one line of a page that is this, or begins like this, to be typed."""
    every = set(lines(page))
    [found] = every & {start} or {line for line in every if line.startswith(start)}
    return found


def call(
    folder: Path,
    typed: str | list[str],
    filled: dict[str, object] | None = None,
    then: str = "",
    **variables: str,
) -> subprocess.CompletedProcess:
    """Type a line of a page where nothing is activated; all that it asks gets Enter alone.

    What a page leaves open, such as `<template>`, is in `filled`; what it reads to its end, `then`.
    """
    words = shlex.split(typed) if isinstance(typed, str) else typed
    for what, value in {"<template>": helpers.template(), **(filled or {})}.items():
        words = [word.replace(what, str(value)) for word in words]
    if words[0] in ("python", "python3"):
        words[0] = PYTHON
    elif words[0] == "pip":
        words[:1] = [PYTHON, "-m", "pip"]
    elif words[0] in ("copier", "cookiecutter", "uv"):
        words[0] = str(TOOLS / words[0])
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    with keyboard() as (stdin, press):
        if then:
            press(then + END)
        process = subprocess.Popen(
            words, cwd=folder, env=helpers.surroundings(PATH=path, **variables), stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        while True:
            try:
                out, err = process.communicate(timeout=0.5)
                return subprocess.CompletedProcess(words, process.returncode, out, err)
            except subprocess.TimeoutExpired:
                press(ENTER)


ENTER, END = "\r", "\x04"


@contextlib.contextmanager
def keyboard():
    """A terminal to read from, and what presses keys there."""
    import pty

    ours, theirs = pty.openpty()
    try:
        yield theirs, lambda keys: os.write(ours, keys.encode())
    finally:
        os.close(ours)
        os.close(theirs)


def follow(folder: Path, block: Block, filled: dict[str, object] | None = None) -> Path:
    """Type all lines of a block, which must succeed; return the folder where that ends."""
    for words in commands(block):
        if words[0] == "cd":
            folder /= (filled or {}).get(words[1], words[1])
            continue
        done = call(folder, words, filled)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return folder


def hunks(block: Block) -> list[tuple[str, list[str]]]:
    """The edits of a block `diff`: the file of each, and its lines."""
    found: list[tuple[str, list[str]]] = []
    name = ""
    for line in block.text.splitlines():
        if line.startswith("--- "):
            name = line[4:]
        if line.startswith("--- ") or line == "@@":
            found.append((name, []))
        else:
            assert line[:1] in "+- ", f"no line of an edit: {line}"
            found[-1][1].append(line)
    return found


def typed(block: Block) -> int:
    """How many lines a person types for it."""
    return sum(line.startswith("+") for _, lines in hunks(block) for line in lines)


def edit(study: Path, block: Block, filled: dict[str, str] | None = None, back=False) -> None:
    """Do the edits of a block, or undo them; what they take away has to be there, once."""
    for name, lines in hunks(block):
        gone, come = ("+", "-") if back else ("-", "+")
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in (gone, " ") and line != REST)
        if REST in lines:
            old = _whole(study / name, lines)
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in (come, " "))
        for what, value in (filled or {}).items():
            old, new = old.replace(what, value), new.replace(what, value)
        file = study / name
        text = file.read_bytes().decode() if file.exists() else ""
        assert text.count(old) == 1, f"{name} does not hold once:\n{old}"  # "" holds "" once
        text = text.replace(old, new)
        file.write_bytes(text.encode()) if text else file.unlink()


def _whole(file: Path, lines: list[str]) -> str:
    """What `-…` stands for, with the lines around it."""
    text = file.read_bytes().decode()
    place = lines.index(REST)
    first = "".join(f"{line[1:]}\n" for line in lines[:place] if line[0] in "- ")
    last = "".join(f"{line[1:]}\n" for line in lines[place + 1 :] if line[0] in "- ")
    assert text.count(first) == 1, f"{file.name} does not hold once:\n{first}"
    start = text.index(first)
    end = text.index(last, start + len(first)) + len(last) if last else len(text)
    return text[start:end]
