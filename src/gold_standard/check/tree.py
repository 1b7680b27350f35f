"""The files of a repository, read within bounds: nothing is run, no link is followed."""

import bisect
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import pathspec

# Folders that hold no file of the study's author, or none that tells anything.
NEVER = {
    ".git", ".hg", ".svn", ".venv", "venv", ".tools", ".run", ".snakemake", "__pycache__",
    "node_modules", ".ipynb_checkpoints", ".tox", ".nox", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", "site-packages", "__MACOSX",
}  # fmt: skip
CODE = (".py", ".ipynb", ".R", ".r", ".m")
MOST_FILES = 200_000
MOST_DEEP = 50  # folders in folders that a README may name
MOST_BYTES = 2_000_000  # of one text; what comes later is not looked at
MOST_NOTEBOOK_BYTES = 60_000_000  # most of a notebook is pictures
MOST_TEXT = 150_000_000  # of all texts together
# What reading a member of an archive raises: damaged, encrypted, or packed in an unknown way.
UNREADABLE = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
RELEASE = re.compile(
    r"[-_]v?\d+\.\d+(?:\.\d+)*(?:[-_.]?(?:alpha|beta|rc|dev|post)[-_.]?\d*)?$", re.I
)
LFS = b"version https://git-lfs.github.com/spec/"


class Tree:
    """The files of a folder or of a zip archive, by their paths with forward slashes."""

    def __init__(self, sizes: dict[str, int], links: dict[str, str]) -> None:
        bundled = _bundled(sizes)
        if bundled:
            inside = set(bundled)
            sizes = {path: size for path, size in sizes.items() if not _within(path, inside)}
        self.bundled = bundled  # folders that hold somebody else's project
        self.sizes = sizes  # path -> bytes
        self.links = links  # path -> what it points to
        self.truncated = len(sizes) >= MOST_FILES
        self._texts: dict[str, str] = {}
        self._left = MOST_TEXT
        self._folders = {f for path in sizes for f in _parents(path)}
        self._lower = {path.lower(): path for path in [*self._folders, *sizes]}

    @cached_property
    def foreign(self) -> tuple[str, ...]:
        """Folders that were copied in with their own README and licence: no words of this study."""
        inside: dict[str, set[str]] = {}
        terms = ("licen", "copying")
        top = {size for path, size in self.sizes.items() if path.lower().startswith(terms)}
        for path, size in self.sizes.items():
            folder, _, name = path.lower().rpartition("/")
            if name.startswith(terms) and size in top:
                continue  # the same licence as at the top
            if 0 <= folder.count("/") <= 3 and name.startswith(("readme", *terms)):
                inside.setdefault(path[: len(folder)], set()).add(name[:5])
        if "readme" not in {name.lower().split(".")[0] for name in self.sizes if "/" not in name}:
            return ()
        own = {"licen", "copyi"}
        found = [f"{f}/" for f, has in inside.items() if f and "readm" in has and has & own][:50]
        code = sum(path.endswith(CODE) for path in self.sizes)
        found = [f for f in found if 3 * sum(p.endswith(CODE) for p in self.below(f[:-1])) <= 2 * code]  # fmt: skip
        return tuple(found)

    @cached_property
    def paths(self) -> list[str]:
        """All files, sorted; a link is none."""
        return sorted(self.sizes)

    def has(self, path: str) -> bool:
        """Whether there is such a file or folder, in any writing of upper and lower case."""
        return normal(path).lower() in self._lower

    @cached_property
    def _small(self) -> list[tuple[str, str]]:
        """All files, sorted, each also in lower case."""
        return [(path, path.lower()) for path in self.paths]

    @cached_property
    def ends(self) -> set[str]:
        """Every path in lower case, and each without its first folders."""
        return {end for _, lower in self._small for end in path_ends(lower)}

    def below(self, folder: str) -> list[str]:
        """The files below a folder, sorted; quick, since they stand together among all."""
        start, end = (bisect.bisect_left(self.paths, folder + sign) for sign in "/0")  # 0 follows /
        return self.paths[start:end]

    def ending(self, *ends: str) -> list[str]:
        """Files whose lower-case names end so."""
        return [path for path, lower in self._small if lower.endswith(ends)]

    def matching(self, pattern: str) -> list[str]:
        """Files whose whole lower-case path fits a regular expression."""
        fits = re.compile(pattern).fullmatch
        return [path for path, lower in self._small if fits(lower)]

    def text(self, path: str) -> str:
        """The beginning of a text file; '' where it holds none. Never raises."""
        if path not in self._texts:
            self._texts[path] = self._read_text(path)
        return self._texts[path]

    def lines(self, path: str) -> list[str]:
        """The lines of a text file."""
        return self.text(path).splitlines()

    def head(self, path: str, most: int) -> bytes:
        """The first bytes of a file; b'' where it cannot be read."""
        raise NotImplementedError

    def is_pointer(self, path: str) -> bool:
        """Whether the file only stands for one that is kept in git-lfs."""
        return self.sizes.get(path, 0) < 1024 and self.head(path, 64).startswith(LFS)

    def _read_text(self, path: str) -> str:
        if path not in self.sizes or self._left <= 0:
            return ""
        bound = MOST_NOTEBOOK_BYTES if path.lower().endswith(".ipynb") else MOST_BYTES
        content = self.head(path, min(bound, self._left))
        self._left -= len(content)
        for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):  # fmt: skip
            if content.startswith(mark):
                return content.decode(encoding, errors="replace")
        if b"\0" in content[:8192]:
            return ""
        return content.decode("utf-8", errors="replace")


class Folder(Tree):
    """The files of a folder: those that Git would publish, or all, where it is not in Git.

    `tracked`: files that Git keeps although a .gitignore names them.
    """

    def __init__(
        self, root: Path, names: list[str] | None = None, tracked: Iterable[str] = ()
    ) -> None:
        self.root = root
        sizes, links = _walk(root, set(tracked)) if names is None else _named(root, names)
        super().__init__(sizes, links)

    def head(self, path: str, most: int) -> bytes:
        return _beginning(self.root / path, most)


class Zip(Tree):
    """The files of a zip archive, without unpacking it: what is read is bounded, bomb or not."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        members = {}
        for info in self.archive.infolist()[:MOST_FILES]:
            name = normal(info.filename)
            if (
                name
                and not info.is_dir()
                and not _outside(name)
                and not NEVER & set(name.split("/")[:-1])
            ):
                members[name] = info
        top = {name.split("/")[0] for name in members}
        if len(top) == 1 and all("/" in name for name in members):  # archives of hosting sites
            members = {name.split("/", 1)[1]: info for name, info in members.items()}
        links = {n: "" for n, i in members.items() if stat.S_ISLNK(i.external_attr >> 16)}
        self.members = {name: info for name, info in members.items() if name not in links}
        super().__init__({name: info.file_size for name, info in self.members.items()}, links)

    def head(self, path: str, most: int) -> bytes:
        try:
            with self.archive.open(self.members[path]) as file:
                return file.read(most)
        except (KeyError, *UNREADABLE):
            return b""


def path_ends(path: str) -> Iterator[str]:
    """A path, and what is left of it without its first folders, one after the other."""
    while path:
        yield path
        path = path.partition("/")[2]


def normal(path: str) -> str:
    """A path with forward slashes, without `./` in front."""
    path = path.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path.rstrip("/")


def _bundled(sizes: dict[str, int]) -> tuple[str, ...]:
    """Folders with a licence and a set-up of their own, beside the code of the repository.

    A release that was unpacked here (`lib-1.0-beta`) is one by its name.
    """
    names: dict[str, set[str]] = {}
    for path in sizes:
        folder, _, name = path.rpartition("/")
        if folder.count("/") <= 1 and folder:
            names.setdefault(folder, set()).add(name.lower().split(".")[0])
            names[folder].add(name.lower())
    code = [path for path in sizes if path.endswith(CODE)]
    described = any(path.lower().startswith("readme") for path in sizes if "/" not in path)
    found = tuple(
        f"{folder}/" for folder, inside in names.items()
        if inside & {"license", "licence", "copying"}
        and (inside & {"setup.py", "pyproject.toml"} or "readme" in inside and _is_release(folder, code, described))
    )  # fmt: skip
    inside = set(found)
    own = [path for path in code if not _within(path, inside)] if found else code
    return found if 2 * len(own) >= 3 or not code else ()


def _is_release(folder: str, code: list[str], described: bool) -> bool:
    """Whether it was unpacked beside a study, by its name: a study has a README or most of the code."""
    if not RELEASE.search(folder):
        return False
    return described or 2 * sum(path.startswith(f"{folder}/") for path in code) < len(code)


def _within(path: str, folders: set[str]) -> bool:
    """Whether a path lies in one of these folders, which are at the top or one below it."""
    first = path.find("/") + 1
    second = path.find("/", first) + 1 if first else 0
    return bool(first) and (path[:first] in folders or bool(second) and path[:second] in folders)


def _outside(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1][:MOST_DEEP]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _walk(root: Path, tracked: set[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Sizes of the regular files below a folder, and its links, in no more than bounded work."""
    sizes: dict[str, int] = {}
    links: dict[str, str] = {}
    matches = _ignored(root)
    kept = tracked | {f"{folder}/" for path in tracked for folder in _parents(path)}

    def ignored(path: str) -> bool:
        return path not in kept and matches(path)

    waiting = [""]
    while waiting and len(sizes) < MOST_FILES:
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                if entry.is_symlink():
                    links[path] = os.readlink(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in NEVER and not ignored(path + "/"):
                        waiting.append(path)
                elif entry.is_file(follow_symlinks=False) and not ignored(path):
                    sizes[path] = entry.stat(follow_symlinks=False).st_size
            except (OSError, ValueError):
                continue
    return sizes, links


def _named(root: Path, names: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    sizes, links = {}, {}
    for name in names[:MOST_FILES]:
        try:
            about = os.lstat(root / name)
            if stat.S_ISLNK(about.st_mode):
                links[name] = os.readlink(root / name)
            elif stat.S_ISREG(about.st_mode):
                sizes[name] = about.st_size
        except (OSError, ValueError):
            continue
    return sizes, links


def _ignored(root: Path):
    # What was unpacked from an archive was published, whatever its .gitignore names; beside the
    # files of a study there may be those of a run, which no archive of it holds.
    in_git = any(os.path.lexists(above / ".git") for above in (root, *root.absolute().parents))
    if not in_git and not os.path.lexists(root / "tools/tools.lock"):
        return lambda path: False
    lines = _beginning(root / ".gitignore", 100_000).decode(errors="replace").splitlines()
    try:
        return pathspec.GitIgnoreSpec.from_lines([x for x in lines if _quick(x)][:500]).match_file
    except ValueError:
        return lambda path: False


def _quick(pattern: str) -> bool:
    """Whether a line of .gitignore is matched in no time: each star multiplies what is tried."""
    parts = pattern.split("/")
    return len(pattern) < 300 and all(p.count("*") < 3 for p in parts) and parts.count("**") < 3


def _beginning(path: Path, most: int) -> bytes:
    """The first bytes of a regular file; b'' where there is none."""
    try:
        # O_NOFOLLOW: a link that took the file's place meanwhile is not followed either.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))  # fmt: skip
    except (OSError, ValueError):
        return b""
    try:
        with os.fdopen(handle, "rb") as file:
            return file.read(most) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""
