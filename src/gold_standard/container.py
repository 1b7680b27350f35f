"""The study in a container: how its image is built, and how its results get out."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from gold_standard import certificate, layout
from gold_standard.errors import Refusal
from gold_standard.git import Git

BUILDERS = ("docker", "podman", "buildah")
LABEL = "org.opencontainers.image."


def main(root: Path, options) -> int:
    """Build the image and tell how it is run.

    Raises Refusal where nothing can build it, or the build failed.
    """
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
        raise Refusal(
            f"{found[0]} could not build the image: what it says stands above. "
            "Mend that, and call this again."
        )
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


# The results


def refuse_closed(folder: Path, root: Path) -> None:
    """Raise Refusal for a folder that nothing can be copied to: now, not after hours of work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = f"--copy-to {folder}: nothing can be written there ({error.strerror})."
        owner = folder.stat() if folder.is_dir() else None
        if owner is None or os.name == "nt" or owner.st_uid == os.getuid():
            raise Refusal(f"{why} Name a folder that can be written.") from error
        raise Refusal(
            f"{why} It belongs to user {owner.st_uid}, and this is user {os.getuid()}; for a "
            f"container, add --user {owner.st_uid}:{owner.st_gid} to the command of its run."
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
