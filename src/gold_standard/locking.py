"""One at a time: a lock of the operating system, which dies with the process that holds it."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gold_standard.errors import Refusal

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

# File systems without locks (some cluster folders) answer with these.
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, getattr(errno, "EOPNOTSUPP", errno.ENOSYS)}


@contextmanager
def only_one(path: Path, busy: str, wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock file `path`; where another process holds it, raise Refusal.

    With `wait`, call wait(busy) once instead and go on when the other is done.
    Kill -9 cannot leave a lock behind, and no child process inherits it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b") as file:
        if not _take(file):
            if wait is None:
                raise Refusal(f"{busy} Call this again when it has ended.")
            wait(busy)
            while not _take(file):
                time.sleep(0.1)
        yield


def _take(file) -> bool:
    try:
        if os.name == "nt":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return True
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True
