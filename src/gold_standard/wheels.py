"""The wheels that an archive brings along, so that it needs no package index and no network."""

import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gold_standard import environment, installers
from gold_standard.errors import Refusal
from gold_standard.lock import PYTHONS, read

FOLDER = environment.BROUGHT
MANYLINUX = [f"manylinux_2_{minor}" for minor in range(28, 4, -1)]
MANYLINUX += ["manylinux2014", "manylinux2010", "manylinux1"]
ENTRY = re.compile(r"^[\w].*\n(?:[ \t].*\n)*", re.MULTILINE)
PIN = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\\n]*?))?\s*\\?$")
README = """\
# Wheels

Every package of `.venv` and `.tools`, known to the locks by its sha256, for

{targets}

There `python reproduce.py` takes them by itself and needs no package index; elsewhere it asks one.
Each package is under its own licence, which lies inside it.
"""


class Target(NamedTuple):
    """A system and a version of Python."""

    system: str
    python: str

    def __str__(self) -> str:
        return f"{self.system}-{self.python}"

    @property
    def tags(self) -> list[str]:
        """The names of platforms whose wheels run there, as pip takes them."""
        name, _, machine = self.system.partition("-")
        if name == "linux":
            return [f"{tag}_{machine}" for tag in MANYLINUX]
        return ["macosx_14_0_arm64"] if name == "darwin" else ["win_amd64"]

    @property
    def markers(self) -> dict[str, str]:
        """What a lock's markers are asked about."""
        name, _, machine = self.system.partition("-")
        platform, system = {
            "linux": ("linux", "Linux"),
            "darwin": ("darwin", "Darwin"),
            "windows": ("win32", "Windows"),
        }[name]
        return {
            "sys_platform": platform,
            "platform_system": system,
            "platform_machine": "AMD64" if platform == "win32" else machine,
            "os_name": "nt" if platform == "win32" else "posix",
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
            "extra": "",
        }


def targets(asked: str) -> list[Target]:
    """The systems that were asked for, each with one Python or all; "" is this machine as it is.

    Raises Refusal for one that the locks do not cover.
    """
    if not asked:
        return [Target(environment.system(), "{}.{}".format(*sys.version_info))]
    found = []
    for word in asked.split(","):
        system, python = re.fullmatch(r"(.*?)(?:-(3\.\d+))?", word.strip()).groups()
        if system not in environment.SYSTEMS or python not in (None, *PYTHONS):
            raise Refusal(
                f"--with-wheels {word}: there is no such system. Say "
                f"{', '.join(environment.SYSTEMS)}, each also with a Python, such as "
                f"linux-x86_64-{PYTHONS[-1]}."
            )
        found += [Target(system, one) for one in ([python] if python else PYTHONS)]
    return list(dict.fromkeys(found))


def locks_of(root: Path) -> list[Path]:
    """The locks of .venv and of .tools."""
    both = environment.environments_of(root)
    return [lock for one in both for lock in one.locks]


def wanted(lock: Path, target: Target) -> str:
    """The entries of a lock that apply to a system, without their markers: pip would ask its own.

    Our own wheel is in tools/ already.
    """
    from packaging.markers import Marker

    kept = []
    for text in ENTRY.findall(read(lock).decode("utf-8")):
        first, _, rest = text.partition("\n")
        name, version, marker = PIN.match(first).groups()
        applies = not marker or Marker(marker).evaluate(target.markers)
        if applies and name != "gold-standard":
            kept.append(f"{name}=={version} \\\n{rest}")
    return "".join(kept)


def gather(
    root: Path, folder: Path, asked: list[Target], options, say: Callable[[str], None] = print
) -> list[str]:
    """Get every wheel of both environments for these systems into folder/wheels; the paths.

    Raises Refusal where one cannot be had.
    """
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    place = os.environ.get("GOLD_FIND_LINKS", environment.science(root).page)
    (root / ".run").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="new-", dir=root / ".run") as new:
        base = environment.base_python()
        pip = installers.Pip(base, root, options.wheelhouse, Path(new))
        for one in asked:
            say(f"Getting the wheels for {one}.")
            for number, lock in enumerate(locks_of(root)):
                text = wanted(lock, one)
                if text:
                    part = Path(new) / f"{one}-{number}.lock"
                    part.write_text(text, encoding="utf-8", newline="\n")
                    _download(pip, part, one, target, place if "+" in text else "")
    lines = "\n".join(f"- {one}" for one in asked)
    page = target / "README.md"
    page.write_text(README.format(targets=lines), encoding="utf-8", newline="\n")
    return sorted(f"{FOLDER}/{path.name}" for path in target.iterdir())


def _download(pip: installers.Pip, lock: Path, target: Target, folder: Path, place: str) -> None:
    command = [pip.runner, "-I", "-m", "pip", "download", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--no-color", "--implementation", "cp"]
    command += ["--python-version", target.python, "--dest", str(folder), "-r", str(lock)]
    for tag in target.tags:
        command += ["--platform", tag]
    if pip.wheelhouse:
        command += ["--no-index", "--find-links", str(pip.wheelhouse)]
    pip.page = "" if pip.wheelhouse else place
    code, output = pip.call([*command, *(["--find-links", pip.page] if pip.page else [])])
    if code and pip.page:
        # The machine's own settings may name a place that has everything.
        again, _ = pip.call(command)
        code = code and again
    if code:
        raise Refusal(f"For {target}: {pip.explain(output)}")
