"""The archive of a study: what goes into it, and the same bytes whenever and wherever it is built.

One zip file, stored: what a compressor makes of the same bytes differs between machines.
"""

import hashlib
import os
import re
import shutil
import stat
import zipfile
from pathlib import Path

from gold_standard import crate, publication, rooms
from gold_standard.certificate import sound
from gold_standard.digest import LEFT_OUT, digest_of, study_digest
from gold_standard.errors import Refusal, printable
from gold_standard.git import Git
from gold_standard.layout import REAL, STANDIN
from gold_standard.record import read_json

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # of a zip file
BLOCK = 1 << 20  # bytes read at once: a model may be larger than the memory


def name(root: Path, told: publication.Publication) -> str:
    """The archive's name without its ending, which is also the folder in it.

    Raises Refusal where pyproject.toml gives one that no file can have.
    """
    import tomllib

    try:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
    except (OSError, ValueError):
        project = {}
    called = str(project.get("name") or "study")
    if not re.fullmatch(r"[\w.-]+", called):
        raise Refusal(
            f"pyproject.toml, [project]: the name {printable(called)} cannot be that of a file. "
            "Write letters, digits and dashes."
        )
    return f"{called}-{told.version}"


def refuse_unclean(root: Path, git: Git) -> None:
    """Raise Refusal where the folder holds anything that no commit does, evidence left aside.

    An identifier written into its place is no such thing: the study stays what it was.
    """
    if not git.exists or not git.commit:
        raise Refusal(
            "Only what is committed is published, and there is no commit here: git init, "
            "git add . and git commit."
        )
    changed = [path for path in git.changed() if not path.startswith(LEFT_OUT)]
    changed = [path for path in changed if not _same_but_for_identifiers(root, git, path)]
    if changed:
        told = "\n".join(f"  {printable(path)}" for path in changed[:10])
        more = f"\n  and {len(changed) - 10} more" if len(changed) > 10 else ""
        raise Refusal(
            f"Only what is committed is published, and this is not:\n{told}{more}\n"
            "Commit it, or let Git ignore it."
        )


def _same_but_for_identifiers(root: Path, git: Git, path: str) -> bool:
    from gold_standard.digest import without_evidence

    before, file = git.read(path), root / path
    if before is None or not file.is_file():
        return False
    return without_evidence(path, file.read_bytes()) == without_evidence(path, before)


def stage(root: Path, folder: Path, git: Git) -> list[str]:
    """Write what is committed into a folder, with the identifiers and certificates of now.

    Returns the paths. Raises Refusal for what an archive cannot hold.
    """
    folder.mkdir(parents=True)
    names = set(rooms.committed_copy(root, folder, git.commit, False))
    for path in rooms.without_products(folder):
        names = {one for one in names if one.split("/")[0] != path}
    for path in git.changed():
        if not path.startswith(LEFT_OUT) and (root / path).is_file():
            shutil.copyfile(root / path, folder / path)
    for path in _new_certificates(root, names):
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copyfile(root / path, folder / path)
        names.add(path)
    _settle_links(folder, names)
    return sorted(names)


def _new_certificates(root: Path, names: set[str]) -> list[str]:
    """Sound records of this very state that are not committed yet, with their pages."""
    paths = sorted((root / "certificates").glob("*.json"))
    texts = {f"certificates/{path.name}": path.read_text("utf-8", "replace") for path in paths}
    found, _ = sound(texts, study_digest(root, Git(root)))
    pages = [(one["path"], one["path"].removesuffix(".json") + ".md") for one in found]
    every = [path for pair in pages for path in pair]
    return [path for path in every if path not in names and (root / path).is_file()]


def _settle_links(folder: Path, names: set[str]) -> None:
    """Put the file in the place of a link to it, since not every system unpacks a link."""
    for path in sorted(names):
        link = folder / path
        if not link.is_symlink():
            continue
        target = link.resolve()
        if not target.is_file() or not target.is_relative_to(folder.resolve()):
            raise Refusal(
                f"{path} is a link to no file of this study, and an archive holds files alone. "
                "Put the file in its place."
            )
        link.unlink()
        shutil.copyfile(target, link)


def data_of(root: Path, told: publication.Publication, controlled: bool) -> list[str]:
    """The paths that [tool.gold-standard.publish] names as data.

    Raises Refusal for controlled data, and for what is no file of the study.
    """
    wanted = told.settings.get("data", [])
    if wanted and controlled:
        raise Refusal(
            "pyproject.toml, [tool.gold-standard.publish], names data, and this study's data are "
            "controlled: they do not leave this machine. Take the line out."
        )
    for path in wanted:
        inside = not os.path.isabs(path) and ".." not in Path(path).parts
        inside = inside and (root / path).resolve().is_relative_to(root.resolve())
        if not inside or not (root / path).is_file():
            raise Refusal(
                f"pyproject.toml, [tool.gold-standard.publish], data: there is no file {path} in "
                "this study. Run it first: python reproduce.py"
            )
    return list(wanted)


def add_data(
    root: Path, folder: Path, told: publication.Publication, controlled: bool
) -> list[str]:
    """Copy the files that are named as data; their paths."""
    wanted = data_of(root, told, controlled)
    for path in wanted:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, folder / path)
    return wanted


def describe(folder: Path, names: list[str], told: publication.Publication, date: str) -> str:
    """Write the RO-Crate of the files; its path."""
    files = {one: (os.path.getsize(folder / one), _sha256(folder / one)) for one in sorted(names)}
    files.pop(crate.NAME, None)
    text = crate.text(told, date, files, record_of(folder))
    (folder / crate.NAME).write_text(text, encoding="utf-8", newline="\n")
    return crate.NAME


def record_of(folder: Path) -> dict:
    """The record of the run that belongs to these files, {} where there is none."""
    for layout in (REAL, STANDIN):
        if record := read_json(folder / layout.record):
            return record
    return {}


def pack(folder: Path, names: list[str], target: Path) -> None:
    """Write the files into a zip file whose bytes hang on theirs and their names alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _write(folder, names, part, target.stem)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)  # of a call that was stopped, or of a full disk


def _write(folder: Path, names: list[str], part: Path, top: str) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in sorted(set(names)):
            file = folder / path
            about = zipfile.ZipInfo(f"{top}/{path}", FIRST_MOMENT)
            about.create_system = 3  # also on Windows
            about.file_size = file.stat().st_size
            about.external_attr = (stat.S_IFREG | 0o644) << 16  # nothing in a study is a program
            with file.open("rb") as source, archive.open(about, "w") as entry:
                shutil.copyfileobj(source, entry, BLOCK)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_in(folder: Path) -> list[str]:
    """The paths of all files below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def digest(folder: Path, names: list[str]) -> str:
    """The study digest of staged files."""
    return digest_of(folder, names)


def verified(names: list[str], folder: Path) -> dict | None:
    """The newest record of a verification of these files, if it agrees."""
    texts = {
        one: (folder / one).read_text("utf-8", "replace")
        for one in names
        if one.startswith("certificates/") and one.endswith(".json")
    }
    found, _ = sound(texts, digest(folder, names))
    return found[0] if found and found[0]["agrees"] else None


def listing(folder: Path, names: list[str]) -> str:
    """The files by top folder with their sizes, for people."""
    tops: dict[str, list[int]] = {}
    for path in names:
        top = path.split("/")[0] + ("/" if "/" in path else "")
        tops.setdefault(top, []).append((folder / path).stat().st_size)
    count = {
        top: f" ({len(sizes)} file{'s' * (len(sizes) > 1)})" if top.endswith("/") else ""
        for top, sizes in tops.items()
    }
    return "\n".join(f"  {size_of(sum(tops[top])):>9}  {top}{count[top]}" for top in sorted(tops))


def size_of(count: int) -> str:
    """A number of bytes in words."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"
