"""The study digest: one sha256 that says which state of a study some evidence belongs to.

Design law 10: over the sorted paths and contents of all tracked files, leaving out certificates,
the record, the blocks that the machinery writes, and the identifier fields of the metadata.
"""

import hashlib
import json
import os
import re
from pathlib import Path

import pathspec
import yaml

from gold_standard.git import Git

LEFT_OUT = ("certificates/", "record/")
# What `publish` adds to an archive: a description, and wheels that the locks know by their sha256.
ADDED = re.compile(r"ro-crate-metadata\.json|wheels/([^/]+\.whl|README\.md)")
OUTPUT_FOLDERS = ("results", "models", "results-standin", "models-standin")
NEVER = {".git", ".venv", ".tools", ".run", ".snakemake", "__pycache__"}
OTHERS = (".venv-", ".tools-")  # environments beside the usual two
BLOCK = re.compile(rb"^(<!-- (\w+):begin -->\n).*?^(<!-- \2:end -->)$", re.DOTALL | re.MULTILINE)
IDENTIFIERS = {"doi", "identifiers"}
EVIDENCE_INSIDE = ("README.md", "MODEL_CARD.md", "CITATION.cff", ".zenodo.json")
AT_ONCE = 1 << 20


def study_files(root: Path, git: Git) -> list[str]:
    """Paths of the study's files: what Git tracks and the outputs that it will, else what it would.

    So a clone, the folder that it was cloned from and an unpacked archive have the same files.
    """
    if git.exists:
        names = {*git.tracked(), *git.untracked([f for f in OUTPUT_FOLDERS if (root / f).exists()])}
    else:
        names = set(_not_ignored(root))
    return sorted(name for name in names if (root / name).is_file())


def study_digest(root: Path, git: Git) -> str:
    """The study digest, as 64 hexadecimal digits."""
    return digest_of(root, study_files(root, git))


def digest_of(root: Path, names: list[str]) -> str:
    """The study digest where these are the study's files, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for name in sorted(name for name in names if (root / name).is_file()):
        if not name.startswith(LEFT_OUT) and not ADDED.fullmatch(name):
            line = f"{name}\0{_sha256(root / name, name)}\n"
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _sha256(path: Path, name: str) -> str:
    """sha256 of what evidence depends on; a model of gigabytes is never in memory."""
    if name in EVIDENCE_INSIDE:
        return hashlib.sha256(without_evidence(name, path.read_bytes())).hexdigest()
    as_it_is, unix, is_text, held = hashlib.sha256(), hashlib.sha256(), True, b""
    with path.open("rb") as file:
        while block := file.read(AT_ONCE):
            as_it_is.update(block)
            is_text = is_text and b"\0" not in block
            if is_text:
                block = held + block
                held = b"\r" if block.endswith(b"\r") else b""  # its \n may come next
                unix.update(block.removesuffix(held).replace(b"\r\n", b"\n"))
    unix.update(held)
    return (unix if is_text else as_it_is).hexdigest()


def _not_ignored(root: Path) -> list[str]:
    ignore = root / ".gitignore"
    lines = ignore.read_bytes().decode(errors="replace").splitlines() if ignore.is_file() else []
    spec = pathspec.GitIgnoreSpec.from_lines(lines)
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [n for n in folders if n not in NEVER and not n.startswith(OTHERS)]
        below = Path(folder).relative_to(root)
        names += [(below / name).as_posix() for name in files]
    return [name for name in names if not spec.match_file(name)]


def without_evidence(name: str, content: bytes) -> bytes:
    """A file's content without what evidence must not depend on."""
    if b"\0" not in content:
        content = content.replace(b"\r\n", b"\n")
    if name in ("README.md", "MODEL_CARD.md"):
        return BLOCK.sub(rb"\1\3", content)
    if name in ("CITATION.cff", ".zenodo.json"):
        return _without_identifiers(content)
    return content


def _without_identifiers(content: bytes) -> bytes:
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content)):
            return content  # a few references can stand for more than fits into memory
        fields = yaml.safe_load(content)  # JSON is YAML, too.
        if not isinstance(fields, dict):
            return content
        kept = {key: value for key, value in fields.items() if key not in IDENTIFIERS}
        return json.dumps(kept, sort_keys=True, default=str).encode()
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return content
