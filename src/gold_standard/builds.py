"""PyTorch's two builds: what was resolved at once becomes one lock for both and one for each.

The build for processors and the one for graphics cards have other files and other dependencies;
everything else is pinned once, so it is the same in both environments. Standard library only.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from gold_standard.errors import Refusal

TORCH = "torch"
LINUX = "sys_platform == 'linux'"
ENTRY = re.compile(r"([\w.-]+)==([^\s;\\]+) *(?:; *([^\\\n]*?))? *\\?\n")
USERS = re.compile(r"# via (.*)")
ABOUT = {
    "cpu": """\
# torch without GPU libraries, beside requirements.lock. Python {first} to {last};
# Linux x86_64 and aarch64 (glibc 2.28 or newer), macOS arm64, Windows x86_64; known by sha256.
""",
    "gpu": """\
# torch and its CUDA libraries, beside requirements.lock. Python {first} to {last};
# Linux x86_64 and aarch64 (glibc 2.28 or newer); known by sha256.
""",
}


def split(body: str) -> tuple[str, str]:
    """What all environments share, and what a graphics card needs: torch and all that is Linux's
    and that torch alone brings. Raises Refusal where no torch was resolved."""
    entries = _entries(body)
    if TORCH not in entries:
        raise Refusal(
            "The locks are as they were. pyproject.toml, [tool.gold-standard], names environments, "
            "which are builds of torch, and torch is not among the dependencies: add it there, or "
            "take `environments` out."
        )
    apart = {TORCH}
    while more := {n for n, text in entries.items() if n not in apart and _hangs_on(text, apart)}:
        apart |= more
    shared = "".join(text for name, text in entries.items() if name not in apart)
    return shared, "".join(_on_linux(text) for name, text in entries.items() if name in apart)


def _entries(body: str) -> dict[str, str]:
    """The text of each package of a lock, by its name."""
    texts = re.findall(r"^[\w].*\n(?:[ \t].*\n)*", body, re.MULTILINE)
    return {re.split(r"[=\[ ]", text, maxsplit=1)[0]: text for text in texts}


def _hangs_on(text: str, apart: set[str]) -> bool:
    """Whether a package is for Linux only, and only these bring it."""
    users = USERS.search(text)
    return LINUX in text.partition("\n")[0] and bool(users) and apart.issuperset(
        users[1].split(", ")
    )  # fmt: skip


def _on_linux(text: str) -> str:
    first, _, rest = text.partition("\n")
    name, version, marker = ENTRY.fullmatch(first + "\n").groups()
    if LINUX not in (marker or ""):
        marker = f"({marker}) and {LINUX}" if marker else LINUX
    return f"{name}=={version} ; {marker} \\\n{rest}"


def version_of(body: str) -> str:
    """The version of torch in a lock, without the name of a build."""
    found = re.search(r"^torch==([^\s;+\\]+)", body, re.MULTILINE)
    return found[1] if found else ""


def for_processors(gpu: str, hashes: Iterable[str]) -> str:
    """The entries of torch without GPU libraries: for Linux a build of its own with these sha256.

    For macOS and Windows the index holds no other build than this.
    """
    text = _entries(gpu)[TORCH].replace(LINUX, "sys_platform != 'linux'")
    named = "".join(f" \\\n    --hash=sha256:{one}" for one in sorted(hashes))
    users = USERS.search(text)
    via = f"    {users[0]}\n" if users else ""
    return f"{text}torch=={version_of(gpu)}+cpu ; {LINUX}{named}\n{via}"


def wheels(lines: Iterable[tuple[str, str]], version: str, pythons: Iterable[str]) -> list[str]:
    """The sha256 of those files, given as (name, sha256), that are builds for Linux processors."""
    tags = "|".join(f"cp{python.replace('.', '')}" for python in pythons)
    name = re.compile(
        rf"torch-{re.escape(version)}\+cpu-({tags})-\1-manylinux_\w+_(x86_64|aarch64)\.whl"
    )
    return [digest for file, digest in lines if name.fullmatch(file)]


def listed(place: str) -> list[tuple[str, str]]:
    """Name and sha256 of the wheels in a folder, or on a page that says them in its links.

    Raises OSError.
    """
    if "://" not in place:
        files = sorted(Path(place).glob("torch-*.whl"))
        return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    import urllib.parse
    import urllib.request

    with urllib.request.urlopen(place, timeout=30) as answer:
        page = answer.read().decode("utf-8", errors="replace")
    links = re.findall(r"href=[\"'][^\"']*?([^/\"']+\.whl)#sha256=([0-9a-f]{64})", page)
    return [(urllib.parse.unquote(name), digest) for name, digest in links]


def bodies(
    body: str, names: Iterable[str], present: dict[str, str], find: Callable[[str], list[str]]
) -> dict[str, str]:
    """Of what was resolved, the shared part under "" and each environment's own under its name.

    `present` holds the environments' bodies of before, which stay where torch stays the same;
    `find` tells the sha256 of the processor builds of a version, or raises Refusal.
    """
    shared, gpu = split(body)
    version = version_of(gpu)
    made = {"": shared}
    for name in names:
        same = version_of(present.get(name, "")) == version
        if name == "cpu":
            made[name] = present[name] if same else for_processors(gpu, find(version))
        elif name == "gpu" and "+" not in gpu.partition("\n")[0]:
            made[name] = gpu
        elif not same:
            raise Refusal(
                f"The locks are as they were. requirements-{name}.lock would need torch {version} "
                "for this environment, and only the package index has it: call this with network "
                "and without --wheelhouse."
            )
    return made
