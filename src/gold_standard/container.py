"""The study in a container: building the image, renewing its base, and handing out results."""

import hashlib
import http.client
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from gold_standard import certificate, layout
from gold_standard.errors import Refusal, printable
from gold_standard.git import Git
from gold_standard.lock import replace

BUILDERS = ("docker", "podman", "buildah")
LABEL = "org.opencontainers.image."
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


def main(root: Path, options) -> int:
    """Build the image, or renew its base; return 0, or 2 when the build failed."""
    if not (root / "Dockerfile").is_file():
        raise Refusal("There is no Dockerfile here: `copier update` brings the template's.")
    if options.renew:
        return renew(root / "Dockerfile")
    found = [name for name in BUILDERS if shutil.which(name)]
    if not found:
        raise Refusal(f"None of {', '.join(BUILDERS)} is on the PATH: install one of them.")
    image, about = _name(root), labels(root)
    if f"{LABEL}revision" not in about:
        print("No label says which commit this is: commit first, if others shall get the image.")
    print(f"Building the image {image} with {found[0]}.", flush=True)
    words = [word for key, value in about.items() for word in ("--label", f"{key}={value}")]
    command = [shutil.which(found[0]), "build", "--tag", image, *words, *options.rest, "."]
    if subprocess.run(command, cwd=root, check=False).returncode:
        raise Refusal(f"{found[0]} could not build the image: what it says stands above.")
    print(f"This runs the study in it:\n  {_run(root, found[0], image)}")
    return 0


def _run(root: Path, builder: str, image: str) -> str:
    """The command that runs the image for the caller, who gets the results as his or her own."""
    runner = "docker" if builder == "docker" else "podman"
    out = root / "runs" / "container"
    out.mkdir(parents=True, exist_ok=True)  # by the caller: a container engine would be its owner
    user = []
    if sys.platform == "linux":  # elsewhere a machine in between sees to it
        # Podman's root is who called it.
        user = ["--user", f"{os.getuid()}:{os.getgid()}" if runner == "docker" else "0:0"]
    words = [runner, "run", "--rm", *user, "--volume", f"{out}:/out", image]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _name(root: Path) -> str:
    """The image is called like the project in pyproject.toml, in letters that an image may have."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        project = ""
    return re.sub(r"[^a-z0-9]+", "-", str(project).lower()).strip("-") or "study"


def labels(root: Path) -> dict[str, str]:
    """What CITATION.cff and Git say about the image, each on one line.

    Raises Refusal for a CITATION.cff that cannot be read.
    """
    cited = layout.read_yaml(root / "CITATION.cff")
    authors = certificate.authors_in((root / "CITATION.cff").read_text("utf-8"))
    licences = cited.get("license") or []
    git = Git(root)
    found = {
        "title": cited.get("title"),
        "authors": ", ".join(author["name"] for author in authors),
        "version": cited.get("version"),
        "licenses": " OR ".join(map(str, licences)) if isinstance(licences, list) else licences,
        "source": cited.get("repository-code") or cited.get("url"),
        "revision": git.commit if not git.changed() else None,
    }
    said = {key: " ".join(str(value).split()) for key, value in found.items() if value}
    return {f"{LABEL}{key}": value for key, value in said.items()}


# The base


def renew(file: Path) -> int:
    """Write into the Dockerfile which image its base's tag names by now.

    Raises Refusal where the Dockerfile names no tag, or the registry none.
    """
    text = file.read_text("utf-8")
    line = BASE.search(text)
    if line is None:
        raise Refusal("The Dockerfile has no line such as ARG BASE=python:3.13-slim: write one.")
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


# The results


def refuse_closed(folder: Path, root: Path) -> None:
    """Raise Refusal for a folder that nothing can be copied to: now, not after hours of work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except PermissionError as error:
        if not folder.is_dir() or os.name == "nt":
            raise
        owner = folder.stat()
        raise Refusal(
            f"{folder} belongs to user {owner.st_uid}, and user {os.getuid()} may not write there. "
            f"For a container: add --user {owner.st_uid}:{owner.st_gid} to the command of its run."
        ) from error
    if folder.samefile(root):
        raise Refusal("--copy-to names the study itself: name another folder.")


def hand_out(root: Path, folders: list[str], target: Path) -> None:
    """Copy these folders of the study to another place, as files of whoever runs this."""
    for folder in folders:
        for path in [path for path in (root / folder).rglob("*") if path.is_file()]:
            new = target / path.relative_to(root)
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, new)
    print(f"Copied to {target}: {', '.join(f'{folder}/' for folder in folders)}.")
