"""Clean rooms: temporary folders that hold one copy of a study, and vanish even after a crash."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import psutil

from gold_standard.digest import study_files
from gold_standard.errors import Refusal
from gold_standard.git import Git

NAME = re.compile(r"gold-standard-verify-(\d+)\.(\d+)-")


def new_room() -> Path:
    """A new temporary folder whose name tells which process it belongs to; dead ones are cleared."""
    sweep()
    started = int(psutil.Process().create_time())
    return Path(tempfile.mkdtemp(prefix=f"gold-standard-verify-{os.getpid()}.{started}-")).resolve()


def sweep() -> None:
    """Remove the rooms of processes that are gone; those of another user are left alone."""
    for path in Path(tempfile.gettempdir()).glob("gold-standard-verify-*"):
        found = NAME.match(path.name)
        if found and path.is_dir() and not path.is_symlink() and not _lives(*map(int, found.groups())):  # fmt: skip
            clear(path)


def _lives(pid: int, started: int) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 2
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


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


def committed_copy(root: Path, target: Path) -> None:
    """Write what HEAD holds, byte for byte; without Git the files that it would publish.

    Raises Refusal for a submodule, whose files no commit of this repository holds.
    """
    git = Git(root)
    if not git.commit:
        for name in study_files(root, git):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target / name, follow_symlinks=False)
        return
    listed = _git(root, "ls-tree", "-r", "-z", "HEAD").split(b"\0")
    entries = [line.split(b"\t", 1) for line in listed if line]
    for about, _ in entries:
        if about.startswith(b"160000"):
            raise Refusal(
                "This study has a submodule, and a commit does not hold a submodule's files. "
                "Take the files in, or name them as data that step 1 downloads."
            )
    contents = _contents(root, [about.split()[2] for about, _ in entries])
    for (about, name), content in zip(entries, contents, strict=True):
        path = target / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
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
                raise Refusal("Git lacks the content of a file of this commit (a partial clone?): fetch it whole.")  # fmt: skip
            yield git.stdout.read(int(header[2]))
            git.stdout.read(1)
        git.stdin.close()


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise Refusal(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
