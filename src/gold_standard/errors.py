"""What people are told when something cannot be done."""

import errno
from pathlib import Path

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Refusal(Exception):
    """The work cannot go on; the text says what happened and what to do, for people."""


def printable(text: str) -> str:
    """A text from a study, on one line and without what would steer a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def refuse_unreadable(names) -> None:
    """Refuse a file name that is not UTF-8: no record could hold it."""
    for name in names:
        if not name.isprintable() and any("\ud800" <= c <= "\udfff" for c in name):
            raise Refusal(f"The name of the file {ascii(name)} is not UTF-8. Give it another name.")


def refusal_for(error: OSError, root: Path) -> Refusal | None:
    """The sentence for a full disk or a folder that cannot be written, None for anything else."""
    if error.errno in FULL:
        return Refusal(no_space(root))
    if error.errno in FORBIDDEN:
        return Refusal(not_writable(error.filename or root, error.strerror))
    return None


def no_space(root: Path) -> str:
    """The sentence for a full disk, with what is left where files are written."""
    import shutil
    import tempfile

    left = []
    for name, folder in (("here", lambda: root), ("in the temporary folder", tempfile.gettempdir)):
        try:
            left.append(f"{shutil.disk_usage(folder()).free // 2**20:,} MB {name}")
        except OSError:
            continue
    return (
        f"The disk is full, or your quota is used up (left: {', '.join(left)}). "
        "Make room and call this again: it goes on from here."
    )


def not_writable(path, reason: str | None = None) -> str:
    """The sentence for a file or folder that may not be written."""
    return (
        f"{path} cannot be written ({reason or 'permission denied'}). "
        "Copy the study to a folder of your own, or ask for the right to write here."
    )
