"""The two environments of a study, made from their locks: hashes required, wheels only.

Runs before anything is installed: standard library only, and quick when there is nothing to do.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from gold_standard.errors import Refusal, refusal_for
from gold_standard.lock import entries, packages, read, without_comments

WINDOWS = os.name == "nt"
BIN = "Scripts" if WINDOWS else "bin"
PYTHON = "python.exe" if WINDOWS else "python"
UP = "../../.." if WINDOWS else "../../../.."  # from site-packages to the study's folder
STAMP = "gold-standard.json"
BROUGHT = "wheels"  # a folder of wheels that an archive of the study brings along
SYSTEMS = {
    "linux-x86_64": "Linux on x86_64 (glibc 2.28 or newer)",
    "linux-aarch64": "Linux on aarch64 (glibc 2.28 or newer)",
    "darwin-arm64": "macOS on arm64",
    "windows-amd64": "Windows on x86_64",
}


class Environment(NamedTuple):
    """One environment: its folder, its lock, and what it finds besides its packages."""

    folder: Path
    lock: Path
    links: str = ""  # a folder with wheels of our own, relative to the root
    name: str = ""  # among those that a study declares
    more: Path | None = None  # a second lock, with what differs between these
    page: str = ""  # where the builds of that one are that no index has
    path_file: tuple[str, str] | None = None  # name and content, relative and ASCII
    compiled: bool = True  # to bytecode, before anything is measured

    @property
    def python(self) -> Path:
        return self.folder / BIN / PYTHON

    @property
    def locks(self) -> list[Path]:
        return [self.lock, self.more] if self.more else [self.lock]


def environments_of(
    root: Path, name: str | None = None, profile: str | None = None
) -> list[Environment]:
    """The study's two: .venv (or the one of that name) for the science, .tools for the machinery.

    Raises Refusal where the study declares no environment of that name, or no such profile.
    """
    return [science(root, name), tools(root, profile)]


def tools(root: Path, profile: str | None = None) -> Environment:
    """What the machinery runs in, with a profile one that also has the profile's executor.

    Raises Refusal for a profile that is not there.
    """
    environment = Environment(
        folder=root / ".tools",
        lock=root / "tools" / "tools.lock",
        links="tools",
        path_file=("stand-ins.pth", "gold_standard/standins"),
    )
    if not profile:
        return environment
    folder = root / "profiles" / profile
    if not re.fullmatch(r"[a-z0-9_]+", profile) or not (folder / "config.yaml").is_file():
        there = sorted(path.parent.name for path in root.glob("profiles/*/config.yaml"))
        raise Refusal(
            f"--profile {profile}: there is no profiles/{profile}/config.yaml. "
            + (f"This study has {', '.join(there)}." if there else NO_PROFILES)
        )
    if not (folder / "tools.lock").is_file():
        return environment
    return environment._replace(
        folder=root / f".tools-{profile}",
        more=folder / "tools.lock",
        path_file=("stand-ins.pth", FOR_EXECUTORS),
    )


# On a node Snakemake starts Snakemake, by a command line in which the path of Python has no quotes:
# there it is the short one from the study's folder, without what blanks may stand before it.
FOR_EXECUTORS = "\n".join([
    "gold_standard/standins",
    "gold_standard/standins/executors",
    "import os, sys; here = sys.executable; "
    "sys.executable = os.path.relpath(here) if 'GOLD_PROFILE' in os.environ else here",
])  # fmt: skip
NO_PROFILES = (
    "The add-on `cluster` brings profiles/slurm/: copier update --data 'add_ons=[\"cluster\"]'."
)


def science(root: Path, name: str | None = None) -> Environment:
    """What the steps run in: the first that pyproject.toml declares, or the one of that name.

    Raises Refusal for a name that is not declared.
    """
    names, page = declared(root)
    if name and name not in names:
        known = f"{', '.join(names)}" if names else "only one, that of requirements.lock"
        raise Refusal(f"--env {name}: there is no such environment. This study has {known}.")
    name = name or (names[0] if names else None)
    return Environment(
        folder=root / (f".venv-{name}" if name not in (None, *names[:1]) else ".venv"),
        lock=root / "requirements.lock",
        name=name or "",
        more=root / f"requirements-{name}.lock" if name else None,
        page=page,
        path_file=("study.pth", f"{UP}/src"),
    )


def declared(root: Path) -> tuple[list[str], str]:
    """The environments that a study declares, the default first, and the page for their builds.

    None for most: then requirements.lock is all. Raises Refusal for a declaration that is damaged.
    """
    table = _declarations(root)
    names, page = table.get("environments", []), table.get("find_links", "")
    good = isinstance(names, list) and all(re.fullmatch(r"[a-z0-9]+", str(x)) for x in names)
    if not good or not isinstance(page, str):
        raise Refusal(
            "pyproject.toml, [tool.gold-standard]: environments is a list of names in small "
            'letters, such as ["cpu", "gpu"], and find_links is one address or folder.'
        )
    return names, page


def mirror(root: Path) -> str:
    """The package index that a study's pyproject.toml names; empty for the usual one.

    Raises Refusal for what is no address, or one with a password.
    """
    address = _declarations(root).get("mirror", "")
    if address and not re.fullmatch(r"https?://[^\s@?#]+", str(address)):
        raise Refusal(
            "pyproject.toml, [tool.gold-standard]: mirror is the address of a package index, "
            "https://…, without a name or password: give "
            "these to pip and uv in their own places."
        )
    return address


def _declarations(root: Path) -> dict:
    """The table [tool.gold-standard]; empty where there is no pyproject.toml. May raise Refusal."""
    import tomllib

    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        return dict(settings.get("tool", {}).get("gold-standard", {}))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            f"pyproject.toml cannot be read: {error}. "
            "Mend that line, or get the file back from Git."
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise Refusal(
            "pyproject.toml: [tool.gold-standard] is no table. "
            "Write it as lines of `key = value` below [tool.gold-standard]."
        ) from error


def page_of(environment: Environment) -> str:
    """The page or folder for builds that no index has, such as 2.13.0+cpu.

    Empty where nothing that is needed on this system is such a build: a page that also has other
    builds of the same version would only confuse uv.
    """
    pins = entries(environment.more) if environment.more else []
    if not any("+" in version and applies(marker) for _, version, marker in pins):
        return ""
    return os.environ.get("GOLD_FIND_LINKS", environment.page)


def brought(root: Path) -> Path | None:
    """The folder of wheels that came with an archive, where it has those for this machine."""
    try:
        said = (root / BROUGHT / "README.md").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    here = "- {}-{}.{}".format(system(), *sys.version_info)
    return root / BROUGHT if here in said else None


def applies(marker: str) -> bool:
    """Whether a lock's marker lets this operating system in; other conditions are not looked at."""
    asked = re.findall(r"sys_platform (==|!=) '(\w+)'", marker)
    return all((sys.platform == value) == (sign == "==") for sign, value in asked)


def prepare(
    root: Path,
    installer: str | None = None,
    wheelhouse: Path | None = None,
    say: Callable[[str], None] = print,
    only: str | None = None,
    name: str | None = None,
    profile: str | None = None,
) -> None:
    """See to it that .venv and .tools, or only .tools, hold what their locks say.

    `name` takes another of the environments that the study declares in place of .venv, `profile`
    one with that profile's executor in place of .tools.
    """
    asked = [tools(root)] if only == ".tools" else environments_of(root, name, profile)
    for one in asked:
        refuse_elsewhere(one)
    # A room of `verify`, which has this variable, is no place where somebody begins.
    if not any(one.folder.exists() for one in asked) and "GOLD_ROOM" not in os.environ:
        from gold_standard import preflight

        for warning in preflight.warnings(root, network=wheelhouse is None):
            say(f"Before you go on: {warning}")
    make(root, asked, installer, wheelhouse, say)


def refuse_elsewhere(environment: Environment) -> None:
    """Raise Refusal for an environment whose own lock holds nothing for this system."""
    if environment.more and not any(applies(marker) for *_, marker in entries(environment.more)):
        raise Refusal(
            f"{environment.more.name} holds nothing for {SYSTEMS.get(system(), system())}: that "
            "environment does not exist here. Call this without --env."
        )


def make(
    root: Path,
    environments: list[Environment],
    installer: str | None = None,
    wheelhouse: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Make those environments that are missing, outdated or broken; leave the others alone."""
    if not any(trouble(environment) for environment in environments):
        return
    from gold_standard.locking import only_one

    refuse_unsupported()
    with told_in_words(root):
        (root / ".run").mkdir(exist_ok=True)
        busy = "Another call is setting up this folder: waiting for it."
        with only_one(root / ".run" / "setup.lock", busy, wait=say):
            _tidy(root, environments)
            reasons = {environment: trouble(environment) for environment in environments}
            todo = [environment for environment in environments if reasons[environment]]
            for environment in todo:
                if environment.folder.exists():
                    say(f"{environment.folder.name}: {reasons[environment]}; making it again.")
            if todo:
                _Setup(root, installer, wheelhouse, say).make(todo)


# What is there already


def trouble(environment: Environment) -> str | None:
    """Why an environment has to be made; None when it is what its lock says."""
    if not environment.folder.exists():
        return "missing"
    if not environment.python.exists() or not _home(environment).exists():
        return "the Python that it was made with is gone"
    try:
        stamp = json.loads((environment.folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return "not made by this command, or not to the end"
    wanted = _wanted(environment)
    if stamp.get("lock") != wanted["lock"]:
        names = dict.fromkeys(lock.name for lock in environment.locks)
        return f"{' or '.join(names)} has changed"
    if {**wanted, "packages": None} != {**stamp, "packages": None}:
        return f"made for {stamp.get('python')} on {stamp.get('system')}"
    if stamp.get("packages") != _installed(environment.folder):
        return "its packages were changed by hand"
    return None


def _wanted(environment: Environment) -> dict:
    return {
        "lock": _digest(environment.locks),
        "path_file": list(environment.path_file or ()),
        "python": _python(),
        "system": system(),
    }


def _digest(locks: list[Path]) -> str:
    return hashlib.sha256(b"".join(without_comments(read(lock)) for lock in locks)).hexdigest()


def _python() -> str:
    return f"Python {sys.version_info[0]}.{sys.version_info[1]}"


def _home(environment: Environment) -> Path:
    """The folder of the Python that the environment was made with."""
    try:
        settings = (environment.folder / "pyvenv.cfg").read_text("utf-8")
    except OSError:
        return environment.folder / "missing"
    home = re.search(r"^home *= *(.*)$", settings, re.MULTILINE)
    return Path(home[1].strip() if home else "missing")


def site(folder: Path) -> Path:
    if WINDOWS:
        return folder / "Lib" / "site-packages"
    return next((folder / "lib").glob("python3*/site-packages"))


def _installed(folder: Path) -> list[str]:
    return sorted(
        name.removesuffix(".dist-info")
        for name in os.listdir(site(folder))
        if name.endswith(".dist-info")
    )


def system() -> str:
    """Operating system and processor in two words, as the running Python is built for."""
    if WINDOWS:
        return "windows-amd64" if "AMD64" in sys.version else "windows-other"
    name = os.uname()
    return f"{name.sysname.lower()}-{name.machine}"


def refuse_unsupported() -> None:
    """Raise Refusal where the locks hold no wheels for this Python or system."""
    if sys.implementation.name != "cpython" or "t" in getattr(sys, "abiflags", ""):
        raise Refusal(
            f"{sys.executable} is not the standard Python (CPython with its lock). "
            "Call this with the one from python.org or your system."
        )
    here = system()
    if here not in SYSTEMS:
        raise Refusal(f"This is {here}; {_supported()}")
    if sys.platform == "linux" and _glibc() < (2, 28):
        raise Refusal(f"This Linux has no glibc, or one older than 2.28; {_supported()}")


def _supported() -> str:
    return (
        f"the locks of this study cover {', '.join(SYSTEMS.values())}. "
        "Use such a machine, or the Dockerfile."
    )


def _glibc() -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in os.confstr("CS_GNU_LIBC_VERSION").split()[1].split("."))
    except (ValueError, AttributeError, IndexError, OSError):
        return (0,)


# What comes from outside


def clean_environment() -> dict[str, str]:
    """This process's environment variables without those that would change what Python does."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ("__PYVENV_LAUNCHER__", "VIRTUAL_ENV")
    }


@contextmanager
def told_in_words(root: Path):
    """Turn a full disk or a folder that cannot be written into a Refusal."""
    try:
        yield
    except OSError as error:
        told = refusal_for(error, root)
        if told is None:
            raise
        raise told from error


# Making them


def _tidy(root: Path, environments: Iterable[Environment]) -> None:
    """Clear away what a call left that was cut off; put back what it had moved aside."""
    for environment in environments:
        old = _aside(root, environment)
        if old.exists() and not environment.folder.exists():
            os.rename(old, environment.folder)
        _remove(old)
    for left in (root / ".run").glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)


def _aside(root: Path, environment: Environment) -> Path:
    return root / ".run" / f"old{environment.folder.name}"


class _Setup:
    """One making of environments: built beside the old ones, put in place when complete."""

    def __init__(self, root, wish, wheelhouse, say) -> None:
        self.root, self.wish, self.wheelhouse, self.say = root, wish, wheelhouse, say

    def make(self, todo: list[Environment]) -> None:
        import tempfile

        from gold_standard import installers

        started = time.monotonic()
        counts = [len(packages(lock)) for environment in todo for lock in environment.locks]
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.root / ".run"))
        try:
            installer = installers.choose(self.wish, base_python(), self.root, self.wheelhouse, new)
            names = " and ".join(environment.folder.name for environment in todo)
            self.say(f"Making {names} with {installer.name} ({sum(counts)} packages).")
            failures = self._side_by_side(installer, todo, new)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        if failures:
            kept = [e.folder.name for e in todo if e.folder.exists() and e in failures]
            still = f" {' and '.join(kept)} of before is still there." if kept else ""
            raise Refusal(f"{next(iter(failures.values()))}{still}")
        self.say(f"Made {names} in {time.monotonic() - started:.1f} s.")

    def _side_by_side(self, installer, todo, new) -> dict[Environment, Refusal]:
        failures: dict = {}

        def one(environment: Environment) -> None:
            try:
                with told_in_words(self.root):
                    built = new / environment.folder.name
                    installer.fill(built, environment)
                    _finish(built, environment)
                    _put_in_place(self.root, built, environment)
            except BaseException as error:  # a thread of its own: hand over whatever it was
                failures[environment] = error
                installer.stop()

        threads = [threading.Thread(target=one, args=(each,), daemon=True) for each in todo]
        for thread in threads:
            thread.start()
        started, told = time.monotonic(), 0
        try:
            while any(thread.is_alive() for thread in threads):
                time.sleep(0.05)
                passed = int(time.monotonic() - started)
                if passed >= told + 10:
                    told = passed
                    self.say(f"  … {passed} s. {installer.state()}")
        except KeyboardInterrupt:
            installer.stop()
            raise
        for error in failures.values():
            if not isinstance(error, Refusal):
                raise error
        return failures


def base_python() -> str:
    """The Python that runs this, and not the environment that it may be in."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _finish(built: Path, environment: Environment) -> None:
    """Add the path file and, last of all, the stamp."""
    _make_movable(built, environment.folder)
    if environment.path_file:
        name, lines = environment.path_file
        (site(built) / name).write_text(lines + "\n", encoding="ascii")
    (built / ".gitignore").write_text("*\n", encoding="ascii")  # whatever the study's own says
    stamp = {**_wanted(environment), "packages": _installed(built)}
    (built / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


# How a script finds the Python beside it, wherever its folder is moved or copied to.
BESIDE = b"""#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
"""
HEADER = re.compile(rb"\A#!(?:/bin/sh\n'''exec' .*\n' '''|[^\n]*python[^\n]*)\n")


def _make_movable(built: Path, final: Path) -> None:
    """Make the scripts of an environment work in another place than where it was built."""
    for script in (built / BIN).iterdir():
        if script.is_symlink() or script.name.lower().startswith("python"):
            continue
        old = script.read_bytes()
        if script.suffix == ".exe":
            if os.fsencode(built) in old:  # a launcher that names where it was built: no mending it
                script.unlink()
            continue
        text = HEADER.sub(lambda _: BESIDE, old).replace(os.fsencode(built), os.fsencode(final))
        if text != old:
            script.write_bytes(text)


def _put_in_place(root: Path, built: Path, environment: Environment) -> None:
    """Swap the new environment in; a kill in between is mended by _tidy."""
    old = _aside(root, environment)
    try:
        if os.path.lexists(environment.folder):
            os.rename(environment.folder, old)
        os.rename(built, environment.folder)
    except OSError as error:
        if old.exists() and not environment.folder.exists():
            os.rename(old, environment.folder)
        if WINDOWS:
            raise Refusal(
                f"{environment.folder} is in use: close the programs that run from it, "
                "and call this again."
            ) from error
        raise
    _remove(old)


def _remove(folder: Path) -> None:
    if folder.is_symlink():  # some keep their environments on another disk
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)
