"""What will go wrong later on this machine, told before anything is made.

Nothing of it stops a run: packages may be in a cache, and who never commits needs no name.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 3.0  # seconds that a proxy has for its answer
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


def warnings(root: Path, network: bool) -> Iterator[str]:
    """One sentence for each thing that is missing, with what to do; `network` will be needed."""
    if network:
        yield from _proxy()
    yield from _git(root)


def _proxy() -> Iterator[str]:
    name = next((name for name in PROXIES if os.environ.get(name)), None)
    if name is None:
        return
    address = os.environ[name]
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), PATIENCE).close()
    except (OSError, ValueError):
        where = address.rpartition("@")[2]  # no password on the screen
        yield (
            f"The proxy {where}, named by the variable {name}, does not answer. Without it nothing "
            "can be downloaded: correct the variable, or unset it where no proxy is needed."
        )


def _git(root: Path) -> Iterator[str]:
    if not shutil.which("git"):
        yield (
            "Git is not installed. The study runs without it, but no version of it is kept, and a "
            "later update of the template needs it."
        )
        return
    # Without that setting Git would ask the network for this machine's name, and make one up.
    asked = ["git", "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"]
    done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        yield (
            "Git does not know who you are, so it will refuse your first commit, or put a made-up "
            "address under it. Tell it once:\n"
            '  git config --global user.name "Your Name"\n'
            '  git config --global user.email "you@example.org"'
        )
