"""What stands in the fenced blocks of a page of docs/, and doing it: commands and edits.

The page is the source of the test. An edit is a block `diff` in a short form: a file after `---`,
hunks parted by `@@`, and `-…` for all lines down to the next one shown, or to the file's end.
"""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from helpers import ROOT

DOCS = ROOT / "docs"
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
