"""Lines of a list at which an installer stops: no index has what they ask for."""

import re
from collections.abc import Iterator

from gold_standard.check.dependencies.asked import LONGEST_LINE, MOST_LINES, DependencyFile, Sign
from gold_standard.check.dependencies.gathering import Dependencies
from gold_standard.check.tree import Tree

# Names of imports that are no names of packages: pip stops at them.
NO_PACKAGES = frozenset("pil cv2 pytorch os sys re json math random time pickle cpickle multiprocessing itertools functools shutil subprocess csv threading ctypes sqlite3 tkinter gc inspect traceback operator zipfile tarfile urllib".split())  # fmt: skip
# A path of one machine.
ONLY_HERE = re.compile(
    r"@ file:/{2,3}\w|(?:^|\s)(?:-e\s+|--editable[= ])?/(?:home|Users|tmp|opt|root|mnt|data\d?|scratch|gpfs)/"  # noqa: E501
)
OF_PIP = re.compile(r"\s*(?:-\s*)?[\w.-]{1,80}={1,2}[\w.]{1,40}=pypi_\d+\s*$")
# Some systems' `pip freeze` lists this, and no index has it.
FROZEN_BY_MISTAKE = re.compile(r"\s*(?:-\s+)?pkg[-_]resources\s*==\s*0\.0\.0")
# Built on one machine, or for one kind of device: not in the index that pip asks by itself.
LOCAL_VERSION = re.compile(
    r"\s*(?:-\s+)?['\"]?[\w.-]{1,80}(?:\[[\w,]{0,40}\])?\s*={2,3}\s*[\w.]{1,40}\+\w"
)
# Installed from sources at some commit; an index has it only where a project publishes each night.
DEVELOPMENT = re.compile(
    r"\s*(?:-\s+)?(?![\w.-]{0,60}nightly)[\w.-]{1,80}\s*={2,3}\s*[\d.]{1,30}(?:(?:a|b|rc)\d{1,4})?[.-]?dev\d{0,9}(?![\w+])"
)
OTHER_INDEX = re.compile(r"--(?:extra-)?index-url|--find-links|(?:^|\s)-[fi]\s+http|download\.pytorch\.org|tool\.uv\.(?:index|sources)|tool\.poetry\.source", re.MULTILINE)  # fmt: skip
BUILD = re.compile(r"\s*[\w.-]+=[\w.]+=")  # conda's own way to list: name, version, build
OF_CONDA = re.compile(r"\s*(?:python\s*[=<>~]|[\w.-]{1,80}=[\w.]+\s*$)", re.IGNORECASE)
LISTS = ("requirements", "conda", "setup", "pyproject", "pylock")
COMMANDS = ("docker", "script", "make")  # which may name another index


def stops(tree: Tree, dependencies: Dependencies, readme: str) -> dict[str, tuple[Sign, ...]]:
    """Path of a list -> the lines in it at which an installer stops."""
    told = [readme, *(tree.text(one.path) for one in dependencies.files if one.kind in COMMANDS)]
    indexed = any(map(OTHER_INDEX.search, told))
    found = {
        file.path: tuple(_stops(tree, file, indexed))
        for file in dependencies.files
        if file.kind in LISTS
    }
    return {path: signs for path, signs in found.items() if signs}


def _stops(tree: Tree, file: DependencyFile, indexed: bool) -> Iterator[Sign]:
    indexed = indexed or bool(OTHER_INDEX.search(tree.text(file.path)))
    of_pip = file.kind == "requirements"
    asked = {one.line for one in file.requirements}
    others = file.kind in ("setup", "pyproject")  # these hold settings of tools as well
    odd = {one.line for one in file.requirements if of_pip and one.name in NO_PACKAGES}
    for number, line in enumerate(tree.lines(file.path)[:MOST_LINES], start=1):
        line = line[:LONGEST_LINE].split(" #")[0].rstrip()
        if line.lstrip().startswith(("#", "prefix:")) or of_pip and _is_of_conda(line):
            continue
        kind, note = "stops-pip", ""
        if ONLY_HERE.search(line) and (not others or number in asked):
            kind, note = "stops", "is only on its author's machine"
        elif OF_PIP.match(line):
            kind, note = "stops", "came from pip, so conda does not find it"
        elif FROZEN_BY_MISTAKE.match(line) or number in odd:
            note = "is no package"
        elif of_pip and OF_CONDA.match(line):
            note = "is nothing that pip reads"
        elif LOCAL_VERSION.match(line) and not indexed:
            note = "is in no index that is named"
        elif DEVELOPMENT.match(line) and not indexed:
            note = "is a development version, which no index keeps"
        if note:
            yield Sign(kind, f"{line.strip()[:60]} {note}", file.path, number)


def _is_of_conda(line: str) -> bool:
    """Whether conda wrote this line: name, version, build; or the address of a file of its own."""
    return (
        bool(BUILD.match(line)) and not OF_PIP.match(line) or "://" in line and "file:" not in line
    )
