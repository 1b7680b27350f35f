"""Locks: what a good one looks like, and `python reproduce.py lock`, which makes it anew.

Runs before anything is installed, so that a damaged lock can be mended: standard library only.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from gold_standard.errors import Refusal

PACKAGE = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([^\s;\\]+)\s*(;[^\\]*)?(\\?)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\s*(\\?)")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {  # as uv calls them
    "x86_64-manylinux_2_28": "Linux x86_64",
    "aarch64-manylinux_2_28": "Linux aarch64",
    "aarch64-apple-darwin": "macOS arm64",
    "x86_64-pc-windows-msvc": "Windows x86_64",
}
HEADER_COUNT = re.compile(r"\A# (\d+) packages")
MADE_BY = "# {count} packages, made by `{command}` from {source}; edit that, not this.\n"
FOR_ALL = """\
# One version of each for Python {first} to {last}; Linux x86_64 and aarch64 (glibc 2.28 or newer),
# macOS arm64, Windows x86_64. Wheels only, known by their sha256 wherever they come from.
"""


def packages(lock: Path) -> dict[str, str]:
    """Names and versions in a lock; raise Refusal unless each is pinned and has its hashes."""
    return {name: version for name, version, _ in entries(lock)}


def entries(lock: Path) -> list[tuple[str, str, str]]:
    """Name, version and marker of each entry of a lock; raises Refusal as `packages` does."""
    text = read(lock).decode("utf-8", errors="replace")
    found: list[tuple[str, str, str]] = []
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
            found.append((match[1].lower(), match[2], (match[3] or "").strip("; ")))
        inside = goes_on
    if inside or not found:
        raise Refusal(f"{lock.name} ends in the middle of a package. {restore(lock)}")
    promised = HEADER_COUNT.match(text)
    count = len({name for name, *_ in found})
    if promised and int(promised[1]) != count:
        raise Refusal(
            f"{lock.name} says that it holds {promised[1]} packages, and holds {count}. "
            f"{restore(lock)}"
        )
    return found


def header(body: str, about: str, *, command: str, source: str, first: str) -> str:
    """The first lines of a lock: how many packages, made how, for what."""
    count = len(set(re.findall(r"^([\w.-]+)(?:\[.*\])?==", body, re.MULTILINE)))
    made_by = MADE_BY.format(count=count, command=command, source=source)
    return made_by + about.format(first=first, last=PYTHONS[-1])


def _body(lock: Path) -> str:
    """A lock without the lines at its head; empty where it is damaged or not there."""
    if not _readable(lock):
        return ""
    return re.sub(r"\A(?:#.*\n)*", "", read(lock).decode("utf-8"))


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
    if lock.name.startswith("requirements"):
        return (
            f"Restore it (in Git: git checkout -- {lock.name}) or make it anew from "
            "pyproject.toml: python reproduce.py lock"
        )
    return "Restore it from where you have this folder from (in Git: git checkout)."


COMPILED_FOR_TORCH = ("torchvision", "torchaudio")


def _unloadable(names: list[str], pinned: dict[str, str]) -> list[str]:
    """Packages whose wheels on an index are compiled for another build of torch than .venv has."""
    if "cpu" not in names:
        return []
    return [
        f"{name}: on Linux an index has it for graphics cards only, and beside torch's build for "
        "processors it cannot be imported. Use it with --env gpu alone, or do without it."
        for name in COMPILED_FOR_TORCH
        if name in pinned
    ]


def main(root: Path, options, say: Callable[[str], None] = print) -> int:
    """Pin requirements.lock anew from pyproject.toml, and tell what changed.

    Where the study declares environments, the lock of each as well.
    """
    from gold_standard.environment import declared, told_in_words

    lock = root / "requirements.lock"
    if not (root / "pyproject.toml").exists():
        raise Refusal(
            f"There is no pyproject.toml in {root}: get it back, its dependencies are pinned."
        )
    names, page = declared(root)
    first = _first_python(root)
    with told_in_words(root):
        (root / ".run").mkdir(exist_ok=True)
        uv = find_uv(root, options, say)
        texts = uv.compile_all(
            ["pyproject.toml"],
            lock,
            names,
            lambda version: _processor_builds(page, version, options.wheelhouse),
            command="python reproduce.py lock",
            upgrade=options.upgrade,
            first=first,
        )
        before = {path: _readable(path) for path in texts}
        new = [path for path in texts if not (path.exists() and _same(texts[path], path))]
        if not new:
            kept = "requirements.lock is" if len(texts) == 1 else "The locks are"
            them = "it" if len(texts) == 1 else "them"
            say(f"{kept} as pyproject.toml wants {them}: nothing changed.")
            return 0
        for path in new:
            replace(path, texts[path])
    for path in new:
        for line in changes(before[path], packages(path)):
            say(f"  {line}")
    for path in new:
        for line in uv.missing(path, first, os.environ.get("GOLD_FIND_LINKS", page)):
            say(f"  It cannot be installed on {line}")
    for line in _unloadable(names, packages(lock)):
        say(f"  {line}")
    told = " and ".join(path.name for path in new)
    say(f"{told} {'is' if len(new) == 1 else 'are'} new. Next: python reproduce.py")
    return 0


def _processor_builds(page: str, version: str, wheelhouse: Path | None) -> list[str]:
    """The sha256 of torch's builds for Linux without GPU; Refusal where they cannot be had."""
    from gold_standard.builds import listed, wheels

    place = os.environ.get("GOLD_FIND_LINKS", page)
    kept = f"The locks are as they were. They would need torch {version}"
    if wheelhouse:
        raise Refusal(f"{kept}: call this with network and without --wheelhouse.")
    try:
        found = wheels(listed(place), version, PYTHONS) if place else []
    except OSError as error:
        raise Refusal(
            f"{kept}, whose builds without GPU are on {place}, and that cannot be reached: "
            f"{error}. Connect, or name a copy with the variable GOLD_FIND_LINKS, or ask for the "
            "torch of before in pyproject.toml."
        ) from error
    if not found:
        raise Refusal(
            f"{kept}, and {place or 'an empty find_links'} has no builds of it "
            "without GPU. Name a page or folder that has them with the variable GOLD_FIND_LINKS, "
            "or ask for the torch of before in pyproject.toml."
        )
    return found


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
        raise Refusal(
            f"pyproject.toml cannot be read: {error}. "
            "Mend that line, or get the file back from Git."
        ) from error
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
    from gold_standard.installers import settings_of_pip

    words = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "HTTPS_PROXY"}
    found = settings_of_pip(python)
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
        kept = "" if upgrade else _body(lock)
        body = self.resolve(sources, kept, first=first, more=more)
        return header(body, FOR_ALL, command=command, source=sources[0], first=first) + body

    def compile_all(
        self,
        sources: list[str],
        lock: Path,
        names: list[str],
        find: Callable[[str], list[str]],
        *,
        command: str,
        upgrade: bool = False,
        first: str = PYTHONS[0],
        anew: bool = False,
    ) -> dict[Path, str]:
        """The texts of a lock, and of those of the environments of these names beside it.

        `find` tells the sha256 of torch's builds for processors; `anew` asks it in any case.
        """
        if not names:
            text = self.compile(sources, lock, command=command, upgrade=upgrade, first=first)
            return {lock: text}
        from gold_standard import builds

        paths = {name: lock.with_name(f"requirements-{name}.lock") for name in names}
        old = {name: _body(path) for name, path in paths.items()}
        # Not the build for processors: uv keeps hashes with the versions, and these are others.
        present = [_body(lock), *(text for name, text in old.items() if name != "cpu")]
        body = self.resolve(sources, "" if upgrade else "".join(present), first=first)
        old = {} if anew else old
        made = builds.bodies(body, names, old, find)
        told = {"command": command, "source": sources[0], "first": first}
        return {
            paths.get(name, lock): header(text, builds.ABOUT.get(name, FOR_ALL), **told) + text
            for name, text in made.items()
        }

    def resolve(
        self,
        sources: list[str],
        kept: str,
        *,
        first: str = PYTHONS[0],
        more: Iterable[str] = (),
    ) -> str:
        """What a lock for the sources holds; the versions in `kept`, a lock, stay if they can."""
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="new-", dir=self.tool.root / ".run"))
        try:
            new = folder / "requirements.lock"
            if kept:
                new.write_text(kept, encoding="utf-8")
            call = [self.tool.uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
            call += ["--only-binary", ":all:", "--fork-strategy", "fewest", "--no-header"]
            call += ["--annotation-style", "line", "--color", "never", "--python-version", first]
            call += ["--python", self.tool.base, "--output-file", str(new), *more, *self.places]
            code, output = self.tool.call([*call, *sources])
            if code:
                raise Refusal(f"The lock is as it was. {_why(self.tool, output)}")
            body = new.read_text("utf-8")
            packages(new)  # whether it is one at all
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if "://" in body:
            raise Refusal("A lock names no address: take a release of that dependency instead.")
        return body

    def missing(self, lock: Path, first=PYTHONS[0], page: str = "") -> list[str]:
        """Systems and Pythons for which a lock has no wheel of some package, in words.

        `page` is where the builds are that no index has, such as 2.13.0+cpu.
        """
        import tempfile

        lines = []
        with tempfile.TemporaryDirectory() as nowhere:
            for system, name in SYSTEMS.items():
                for python in PYTHONS[PYTHONS.index(first) :]:
                    call = [self.tool.uv, "pip", "install", "--dry-run", "--quiet", "--no-deps"]
                    call += ["--target", nowhere, "--color", "never", "--python", self.tool.base]
                    call += ["--python-platform", system, "--python-version", python]
                    call += ["--require-hashes", "--only-binary", ":all:", *self.places]
                    if page and "manylinux" in system and _has_builds(lock):
                        call += ["--find-links", page]
                    code, output = self.tool.call([*call, "-r", str(lock)])
                    if code:
                        lines.append(f"{name} with Python {python}: {_why(self.tool, output)}")
        return lines


def _has_builds(lock: Path) -> bool:
    return any("+" in version for _, version, _ in entries(lock))


def _why(tool, output: str) -> str:
    """uv's own words where it could not solve what was asked, else our sentence."""
    from gold_standard.installers import NETWORK

    if "No solution found" in output and not re.search(NETWORK + "|network was disabled", output):
        reason = re.split(r"cause:|╰─▶", output.split("No solution found")[1])[-1]
        return " ".join(reason.partition("hint:")[0].split())
    return tool.explain(output)
