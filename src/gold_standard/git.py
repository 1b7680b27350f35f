"""The few questions that are asked of Git; each has an answer where there is no Git."""

import os
import shutil
import subprocess
from pathlib import Path

from gold_standard.errors import Refusal


class Git:
    """The Git repository that a study is in, if any."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exists = shutil.which("git") is not None and (
            self._ask("rev-parse", "--is-inside-work-tree") == b"true\n"
            # A study unpacked somewhere inside another repository is not part of that one.
            and self._ask("ls-files", "--error-unmatch", "reproduce.py") is not None
        )
        self.commit = self._line("rev-parse", "--verify", "--quiet", "HEAD")

    def tracked(self) -> list[str]:
        """Paths of tracked files, relative to the study."""
        return self._paths("ls-files", "-z")

    def untracked(self, folders: list[str]) -> list[str]:
        """Paths below `folders` that are neither tracked nor ignored."""
        return self._paths("ls-files", "-z", "--others", "--exclude-standard", "--", *folders)

    def changed(self) -> list[str]:
        """Paths whose content differs from HEAD, new files included."""
        if not self.commit:
            return []
        # `git diff` would write what it learns of the files' times into .git, whoever asks.
        words = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", ".")
        above = self._line("rev-parse", "--show-prefix") or ""
        return sorted(line[3:].removeprefix(above) for line in self._paths(*words))

    def committed(self, folders: list[str]) -> dict[str, str]:
        """Paths of HEAD below `folders`, with the name that Git gives each content."""
        if not self.commit:
            return {}
        lines = self._paths("ls-tree", "-r", "-z", "HEAD", "--", *folders)
        entries = [line.split("\t", 1) for line in lines]
        return {path: about.split()[2] for about, path in entries if about.startswith("100")}

    def read(self, path: str) -> bytes | None:
        """Content of a file in HEAD."""
        return self._ask("show", f"HEAD:./{path}") if self.commit else None

    def _paths(self, *arguments: str) -> list[str]:
        return sorted(
            p
            for p in (self._ask(*arguments) or b"").decode(errors="surrogateescape").split("\0")
            if p
        )

    def _line(self, *arguments: str) -> str | None:
        if not self.exists:
            return None
        return (self._ask(*arguments) or b"").decode().strip() or None

    def _ask(self, *arguments: str) -> bytes | None:
        environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        done = subprocess.run(
            # A repository's own settings could name a program as its monitor.
            ["git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", *arguments],
            cwd=self.root, env=environment, capture_output=True, check=False,
        )  # fmt: skip
        if b"dubious ownership" in done.stderr:
            raise Refusal(
                "Git does not trust this folder, because it belongs to somebody else. "
                "Copy it to one of your own, or do what Git says:\n"
                + done.stderr.decode(errors="replace").strip()
            )
        return done.stdout if done.returncode == 0 else None
