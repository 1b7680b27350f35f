"""Asks a registry of container images which image a tag names by now: standard library only."""

import hashlib
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from gold_standard.errors import Refusal, printable
from gold_standard.lock import replace

BASE = re.compile(r"^ARG BASE=([\w./:-]+:[\w.-]+?)(@sha256:[0-9a-f]{64})?$", re.MULTILINE)
HUB = "registry-1.docker.io"
OURSELVES = ("localhost", "127.0.0.1")  # as for Docker, the only ones that need no https
KINDS = ", ".join(
    f"application/vnd.{kind}+json"  # one entry for all processors first
    for kind in (
        "oci.image.index.v1", "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1", "docker.distribution.manifest.v2",
    )
)  # fmt: skip


def renew(file: Path) -> int:
    """Write into the Dockerfile which image its base's tag names by now.

    Raises Refusal where the Dockerfile names no tag, or the registry none.
    """
    text = file.read_text("utf-8") if file.is_file() else ""
    line = BASE.search(text)
    if line is None:
        raise Refusal(f"{file} has no line such as ARG BASE=python:3.13-slim: write one.")
    image, new = line[1], f"@{digest(line[1])}"
    if new == line[2]:
        print(f"{image} is still the image that the Dockerfile names.")
        return 0
    replace(file, f"{text[: line.start()]}ARG BASE={image}{new}{text[line.end() :]}")
    print(f"The Dockerfile now names {image}{new}. Build it, run it, and commit.")
    return 0


def digest(image: str) -> str:
    """The sha256 of what a registry has under name:tag. Raises Refusal where it says none."""
    name, _, tag = image.rpartition(":")
    host, _, path = name.partition("/")
    if not path or not (host in OURSELVES or re.search("[.:]", host)):
        host, path = "docker.io", name
    if host == "docker.io":
        host, path = HUB, path if "/" in path else f"library/{path}"
    scheme = "http" if host.partition(":")[0] in OURSELVES else "https"
    try:
        content, told = _manifest(f"{scheme}://{host}/v2/{path}/manifests/{tag}", path)
    except urllib.error.HTTPError as error:
        said = printable(f"{error.code} {error.reason}")
        raise Refusal(f"{host} answers {said} to {path}:{tag}. {WRITE}") from error
    except (OSError, ValueError, TypeError, http.client.HTTPException) as error:
        said = printable(str(error))
        raise Refusal(f"{host} cannot be asked for {path}:{tag} ({said}). {WRITE}") from error
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if told not in (None, found):
        raise Refusal(f"What {host} sent for {path}:{tag} is {found}, not {told}: ask again.")
    return found


WRITE = "Correct the line ARG BASE of the Dockerfile, or write the digest there by hand."


def _manifest(address: str, path: str) -> tuple[bytes, str | None]:
    """What the registry has there, and the digest that it tells; with a token if it wants one."""
    try:
        return _get(address)
    except urllib.error.HTTPError as error:
        asked = dict(re.findall(r'(\w+)="([^"]*)"', error.headers.get("WWW-Authenticate", "")))
        realm = asked.pop("realm", "")
        # A registry must not make us read a file of this machine.
        if error.code != 401 or not realm.startswith(address.partition("//")[0] + "//"):
            raise
    about = urllib.parse.urlencode({"scope": f"repository:{path}:pull"} | asked)
    answer = dict(json.loads(_get(f"{realm}?{about}")[0]))
    return _get(address, answer.get("token") or answer.get("access_token"))


def _get(address: str, token: str | None = None) -> tuple[bytes, str | None]:
    words = {"Accept": KINDS} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, headers=words)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers.get("Docker-Content-Digest")
