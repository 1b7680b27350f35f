"""Clean rooms: temporary folders that hold one copy of a study, and vanish even after a crash."""

import hashlib
import os
import platform
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from gold_standard.digest import OTHERS, study_files
from gold_standard.errors import Refusal
from gold_standard.git import Git
from gold_standard.locking import only_one

NAME = re.compile(r"gold-verify-(\d+)\.(\d+)\.(\w+)-")
PRODUCTS = {".run", ".venv", ".tools", ".snakemake"}
MARK = "GOLD_ROOM"  # a variable of the process that runs a study in a room: its folder
REFERENCE = "GOLD_REFERENCE"  # … and where that lies with which its results are compared


@contextmanager
def room(keep: bool) -> Iterator[Path]:
    """A new temporary folder, gone at the end unless it is kept; those of dead calls are cleared.

    Raises Refusal where there is no place for it outside the present folder.
    """
    if Path(tempfile.gettempdir()).resolve() == Path.cwd().resolve():
        raise Refusal(
            "There is no temporary folder that can be written: make room in it, or name another "
            "with the variable TMPDIR."
        )
    sweep()
    # A kept one has another name, so that no later call takes it for a dead one.
    started = int(psutil.Process().create_time())
    prefix = "kept" if keep else f"verify-{os.getpid()}.{started}.{_machine()}"
    folder = Path(tempfile.mkdtemp(prefix=f"gold-{prefix}-")).resolve()
    before = signal.signal(signal.SIGTERM, _stop) if _in_main_thread() else None
    try:
        with only_one(folder / "lock", "This folder is in use."):
            yield folder
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
        end_orphans(folder)
        if not keep or _is_empty(folder):
            clear(folder)


def _stop(*_) -> None:
    """Told to end: everything is cleared on the way out."""
    raise SystemExit(128 + signal.SIGTERM)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _is_empty(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] in ([], ["lock"])


def temporary(folder: Path) -> dict[str, str]:
    """The variables that keep all temporary files of a room in it, so that they go with it.

    Empty where a socket in there would have too long a name: it has some 30 letters of its own.
    """
    inside = folder / "tmp"
    if len(os.fsencode(inside)) > 72:
        return {}
    inside.mkdir(exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(inside))


def sweep() -> None:
    """Remove the rooms of processes that are gone; those of another user are left alone."""
    for path in Path(tempfile.gettempdir()).glob("gold-verify-*"):
        if path.is_dir() and not path.is_symlink() and _is_dead(path):
            end_orphans(path)
            clear(path)


def _is_dead(path: Path) -> bool:
    """Whether the process that a room's name tells is gone, and nobody holds the room's lock.

    Its own machine can tell; the lock tells where one temporary folder serves several containers.
    """
    found = NAME.match(path.name)
    if not found or found[3] != _machine() or _lives(int(found[1]), int(found[2])):
        return False
    try:
        with only_one(path / "lock", ""):
            return True
    except (Refusal, OSError):
        return False


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:4]


def _lives(pid: int, started: int) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 2
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def end_orphans(folder: Path) -> None:
    """End what was left running in a room: it would go on writing there."""
    orphans = [process for process in psutil.process_iter() if _works_in(process, str(folder))]
    for process in orphans:
        process.kill()
    psutil.wait_procs(orphans, timeout=10)


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        about = process.environ()
        inside = about.get("GOLD_STATE", "").startswith(folder + os.sep)  # a step
        return process.pid != os.getpid() and (inside or about.get(MARK) == folder)
    except (psutil.Error, OSError):
        return False


def clear(room: Path) -> None:
    """Remove a room, read-only files as well; what cannot be removed stays."""

    def writable(function, path, _):
        try:
            os.chmod(os.path.dirname(path), stat.S_IRWXU)
            os.chmod(path, stat.S_IRWXU)
            function(path)
        except OSError:
            pass

    shutil.rmtree(room, onerror=writable)


def without_products(study: Path) -> list[str]:
    """Take away what a run makes for itself, though it was committed; return the names."""
    names = [p.name for p in study.iterdir() if p.name in PRODUCTS or p.name.startswith(OTHERS)]
    for path in (study / name for name in names):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted(names)


def committed_copy(root: Path, target: Path, commit: str | None, turned: bool) -> list[str]:
    """Write what a commit holds, byte for byte; without one the files that Git would publish.

    `turned` writes the last file first. Returns the paths. Raises Refusal for what no commit of
    this repository holds: a submodule's files; and for a repository where there is no Git.
    """
    if commit:
        return _copy_of_commit(root, target, commit, turned)
    if (root / ".git").exists() and not shutil.which("git"):
        raise Refusal(
            "This study is a Git repository, and git is not installed: what is committed cannot be "
            "told. Install git."
        )
    names = study_files(root, Git(root))
    for name in reversed(names) if turned else names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target / name, follow_symlinks=False)
        if not (target / name).is_symlink():
            shutil.copymode(root / name, target / name)
    return names


def _copy_of_commit(root: Path, target: Path, commit: str, turned: bool) -> list[str]:
    listed = _git(root, "ls-tree", "-r", "-z", commit, "--", ".").split(b"\0")
    entries = [line.split(b"\t", 1) for line in listed if line]
    if turned:
        entries.reverse()
    for about, name in entries:
        if about.startswith(b"160000"):
            raise Refusal(
                f"{os.fsdecode(name)} is a submodule, and a commit does not hold a submodule's "
                "files. Take the files in, or name them as data that step 1 downloads."
            )
    contents = _contents(root, [about.split()[2] for about, _ in entries])
    for (about, name), content in zip(entries, contents, strict=True):
        _write(target / os.fsdecode(name), about, content)
    return [os.fsdecode(name) for _, name in entries]


def _write(path: Path, about: bytes, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if content.startswith(b"version https://git-lfs.github.com/spec/") and len(content) < 1024:
        raise Refusal(
            f"{path.name} is kept by Git LFS, and a commit holds only a note in its place. Commit "
            "the file itself, or let step 1 download it."
        )
    if about.startswith(b"120000"):
        path.symlink_to(os.fsdecode(content))
    else:
        path.write_bytes(content)
        if about.startswith(b"100755"):
            path.chmod(0o755)


def _contents(root: Path, blobs: list[bytes]):
    """The contents of Git's blobs, in their order, through one process."""
    command = ["git", "-c", "core.quotePath=false", "cat-file", "--batch"]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
        for blob in blobs:
            git.stdin.write(blob + b"\n")
            git.stdin.flush()
            header = git.stdout.readline().split()
            if len(header) != 3:
                git.kill()
                raise Refusal(
                    "Git lacks the content of a file of this commit (a partial clone?): "
                    "fetch it whole."
                )
            yield git.stdout.read(int(header[2]))
            git.stdout.read(1)
        git.stdin.close()


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise Refusal(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
