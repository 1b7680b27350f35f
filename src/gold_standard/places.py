"""Where a study lies that somebody names: a Git address is cloned, with nothing of it run."""

import os
import re
import subprocess
from pathlib import Path

from gold_standard.errors import Refusal

SETTINGS = ("core.hooksPath=/dev/null", "protocol.ext.allow=never", "core.symlinks=false")


def is_address(place: str) -> bool:
    """Whether this is an address for Git, such as https://… or git@host:path."""
    return "://" in place or bool(re.match(r"[\w.-]+@[\w.-]+:", place))


def without_secrets(text: str) -> str:
    """The text without names and passwords in addresses, and without a folder of this machine."""
    # Up to the last @ of the host's part; a password may hold a slash, a port is no password.
    text = re.sub(r"(\w://)(?:[^/\s'\"@]+:(?!\d+/)[^\s'\"]*@|[^/\s'\"]*@)", r"\1", text)
    text = re.sub(r"(\w://[^\s'\"?#]*)[?#][^\s'\"]*", r"\1", text)
    return re.sub(r"file://\S*/(?=[^/\s])", "file://…/", text)


def cloned(address: str, target: Path) -> Path:
    """The newest commit of a repository, in a new folder; Refusal where it cannot be had."""
    if address.startswith("-") or address.split("://")[0] in ("ext", "fd"):
        raise Refusal(
            f"{without_secrets(address)} is no address that Git may be given. "
            "Name one that begins with https:// or ssh://."
        )
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    words = ["git", *settings, "clone", "--quiet", "--depth", "1", "--", address, str(target)]
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
    variables = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"} | os.environ | quiet
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=variables)
    except FileNotFoundError as error:
        raise Refusal(
            "A Git address needs git, and git is not installed: get the study as a zip archive, "
            "and name that."
        ) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason was given"]
        told = [line for line in lines if line.startswith(("fatal:", "ssh:"))] or lines[-1:]
        raise Refusal(
            without_secrets(f"{address} cannot be cloned: {told[0].rstrip('.')}")
            + ". Correct the address, or clone it yourself and name the folder."
        )
    return target
