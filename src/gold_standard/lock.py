"""Locks: what a good one looks like, and `python reproduce.py lock`, which makes it anew.

Runs before anything is installed, so that a damaged lock can be mended: standard library only.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from gold_standard.errors import Refusal

PACKAGE = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([^\s;\\]+)\s*(?:;[^\\]*)?(\\?)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\s*(\\?)")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {  # as uv calls them
    "x86_64-manylinux_2_28": "Linux x86_64",
    "aarch64-manylinux_2_28": "Linux aarch64",
    "aarch64-apple-darwin": "macOS arm64",
    "x86_64-pc-windows-msvc": "Windows x86_64",
}
HEADER_COUNT = re.compile(r"\A# (\d+) packages")
HEADER = """\
# {count} packages, made by `{command}` from {source}; edit that, not this.
# One version of each for Python {first} to {last}; Linux x86_64 and aarch64 (glibc 2.28 or newer),
# macOS arm64, Windows x86_64. Wheels only, known by their sha256 wherever they come from.
"""


def packages(lock: Path) -> dict[str, str]:
    """Names and versions in a lock; raise Refusal unless each is pinned and has its hashes."""
    text = read(lock).decode("utf-8", errors="replace")
    found: dict[str, str] = {}
    inside = False  # of a package whose hashes follow
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line and not inside:
            continue
        match = (HASH if inside else PACKAGE).fullmatch(line)
        goes_on = bool(match and match[match.re.groups])
        if not match or not (inside or goes_on):
            raise Refusal(
                f"{lock.name}, line {number}, is not a pinned package with its hashes: "
                f"{line[:60]!r}. {restore(lock)}"
            )
        if not inside:
            found[match[1].lower()] = match[2]
        inside = goes_on
    if inside or not found:
        raise Refusal(f"{lock.name} ends in the middle of a package. {restore(lock)}")
    promised = HEADER_COUNT.match(text)
    if promised and int(promised[1]) != len(found):
        raise Refusal(
            f"{lock.name} says that it holds {promised[1]} packages, and holds {len(found)}. "
            f"{restore(lock)}"
        )
    return found


def read(lock: Path) -> bytes:
    """The content of a lock, with the same line ends on every system."""
    try:
        return lock.read_bytes().replace(b"\r\n", b"\n")
    except FileNotFoundError:
        raise Refusal(f"{lock.name} is missing. {restore(lock)}") from None


def without_comments(content: bytes) -> bytes:
    """What a lock pins."""
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.strip().startswith(b"#"))


def restore(lock: Path) -> str:
    """What to do about a lock that is missing or damaged."""
    if lock.name == "requirements.lock":
        return (
            "Restore it (in Git: git checkout -- requirements.lock) or make it anew from "
            "pyproject.toml: python reproduce.py lock"
        )
    return "Restore it from where you have this folder from (in Git: git checkout)."


def main(root: Path, options, say: Callable[[str], None] = print) -> int:
    """Pin requirements.lock anew from pyproject.toml, and tell what changed."""
    from gold_standard.environment import told_in_words

    lock = root / "requirements.lock"
    if not (root / "pyproject.toml").exists():
        raise Refusal(f"There is no pyproject.toml in {root}: its dependencies are what is pinned.")
    with told_in_words(root):
        (root / ".run").mkdir(exist_ok=True)
        uv = find_uv(root, options, say)
        before = _readable(lock)
        text = uv.compile(
            ["pyproject.toml"],
            lock,
            command="python reproduce.py lock",
            upgrade=options.upgrade,
            first=_first_python(root),
        )
        if lock.exists() and _same(text, lock):
            say("requirements.lock is as pyproject.toml wants it: nothing changed.")
            return 0
        replace(lock, text)
    for line in changes(before, packages(lock)):
        say(f"  {line}")
    for line in uv.missing(lock, _first_python(root)):
        say(f"  It cannot be installed on {line}")
    say("requirements.lock is new. Next: python reproduce.py")
    return 0


def _same(text: str, lock: Path) -> bool:
    return without_comments(text.encode()) == without_comments(read(lock))


def _readable(lock: Path) -> dict[str, str]:
    try:
        return packages(lock)
    except (Refusal, OSError):
        return {}


def _first_python(root: Path) -> str:
    """The oldest Python that pyproject.toml wants to run on."""
    import tomllib

    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"pyproject.toml cannot be read: {error}.") from error
    wish = re.search(r">=\s*(3\.\d+)", settings.get("project", {}).get("requires-python", ""))
    return wish[1] if wish and wish[1] in PYTHONS else PYTHONS[0]


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What differs between two locks, a line for each package."""
    lines = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None:
            lines.append(f"+ {name} {new}")
        elif new is None:
            lines.append(f"- {name} {old}")
        elif old != new:
            lines.append(f"  {name} {old} -> {new}")
    return lines


def replace(path: Path, text: str) -> None:
    """Write a file so that it is there wholly or as it was."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8", newline="\n")
    os.replace(new, path)


def find_uv(root: Path, options, say) -> "Compiler":
    """uv from the PATH, else a pinned one that is installed into .run/uv."""
    from gold_standard import environment, installers

    program, settings = shutil.which("uv"), {}
    if not program:
        from importlib import resources

        pins = root / ".run" / "uv-pins.lock"
        replace(pins, resources.files("gold_standard").joinpath("uv-pins.lock").read_text("utf-8"))
        own = environment.Environment(root / ".run" / "uv", pins, compiled=False)
        environment.make(root, [own], options.installer, options.wheelhouse, say)
        program = str(own.python.with_name("uv.exe" if environment.WINDOWS else "uv"))
        settings = _settings_of_pip(environment.base_python())
    tool = installers.Uv(program, environment.base_python(), root, options.wheelhouse)
    tool.environment = {**settings, **tool.environment}
    return Compiler(tool)


def _settings_of_pip(python: str) -> dict[str, str]:
    """What whoever has only pip has set for it, in the words of uv, which does not read that."""
    import subprocess

    command = [python, "-I", "-m", "pip", "config", "list"]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    words = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "HTTPS_PROXY"}
    found = dict(reversed(re.findall(r"^\S*\.([\w-]+)='(.*)'$", said, re.MULTILINE)))
    return {words[name]: value for name, value in found.items() if name in words}


class Compiler:
    """uv as the maker of locks."""

    def __init__(self, tool) -> None:
        self.tool = tool
        self.places = []
        if tool.wheelhouse:
            self.places = ["--offline", "--no-index", "--no-config"]
            self.places += ["--find-links", str(tool.wheelhouse)]

    def compile(
        self,
        sources: list[str],
        lock: Path,
        *,
        command: str,
        upgrade: bool = False,
        first: str = PYTHONS[0],
        more: Iterable[str] = (),
    ) -> str:
        """The text of a new lock for the sources; versions of the present one stay if they can."""
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="new-", dir=self.tool.root / ".run"))
        try:
            new = folder / lock.name
            if lock.exists() and not upgrade and _readable(lock):
                shutil.copyfile(lock, new)
            call = [self.tool.uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
            call += ["--only-binary", ":all:", "--fork-strategy", "fewest", "--no-header"]
            call += ["--annotation-style", "line", "--color", "never", "--python-version", first]
            call += ["--python", self.tool.base, "--output-file", str(new), *more, *self.places]
            code, output = self.tool.call([*call, *sources])
            if code:
                raise Refusal(f"The lock is as it was. {_why(self.tool, output)}")
            body = new.read_text("utf-8")
            count = len(packages(new))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if "://" in body:
            raise Refusal("A lock names no address: take a release of that dependency instead.")
        header = HEADER.format(
            count=count, command=command, source=sources[0], first=first, last=PYTHONS[-1]
        )
        return header + body

    def missing(self, lock: Path, first=PYTHONS[0]) -> list[str]:
        """Systems and Pythons for which a lock has no wheel of some package, in words."""
        import tempfile

        lines = []
        with tempfile.TemporaryDirectory() as nowhere:
            for system, name in SYSTEMS.items():
                for python in PYTHONS[PYTHONS.index(first) :]:
                    call = [self.tool.uv, "pip", "install", "--dry-run", "--quiet", "--no-deps"]
                    call += ["--target", nowhere, "--color", "never", "--python", self.tool.base]
                    call += ["--python-platform", system, "--python-version", python]
                    call += ["--require-hashes", "--only-binary", ":all:", *self.places]
                    code, output = self.tool.call([*call, "-r", str(lock)])
                    if code:
                        lines.append(f"{name} with Python {python}: {_why(self.tool, output)}")
        return lines


def _why(tool, output: str) -> str:
    """uv's own words where it could not solve what was asked, else our sentence."""
    from gold_standard.installers import NETWORK

    if "No solution found" in output and not re.search(NETWORK + "|network was disabled", output):
        reason = re.split(r"cause:|╰─▶", output.split("No solution found")[1])[-1]
        return " ".join(reason.partition("hint:")[0].split())
    return tool.explain(output)
