"""What the tests of `verify` share: a finished study, and how to look at what was said."""

import re
import shutil
import time
import zipfile
from pathlib import Path

from ministudy import Verifiable

from gold_standard.check import judge, runs


def finish(root: Path) -> Verifiable:
    """A study that ran and was committed; tests work on copies of it."""
    study = Verifiable(root)
    result = study.reproduce()
    assert result.status == 0, result.err
    study.commit()
    return study


def copied(finished: Verifiable, root: Path) -> Verifiable:
    shutil.copytree(finished.root, root, symlinks=True)
    copy = object.__new__(Verifiable)
    copy.root, copy.said = root, root.parent
    return copy.found()


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def problems(result) -> list[str]:
    """What the end of a verification names, one per line."""
    found = re.search(r"^Not verified: .*\n((?:  .*\n)+)", result.out, re.MULTILINE)
    assert found, result.out + result.err
    return [line.strip() for line in found[1].splitlines()]


def known_of(study: Verifiable):
    tree = judge.open_tree(study.root)
    return runs.read(tree, runs.digest_of(study.root), {"data_access": "public"})


def never_verified(study: Verifiable, *arguments: str, **keywords):
    """Call verify, which must fail without a record, and leave everything as it was."""
    before = study.contents()
    result = study.verify(*arguments, **keywords)
    assert result.status != 0, result.out
    assert "Verified" not in result.out
    assert study.contents() == before
    assert study.rooms == []
    return result


def zipped(study: Verifiable, target: Path, beside: bool = False) -> Path:
    """A zip archive as the web page of a repository makes it, or a Mac does."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(study.root.rglob("*")):
            inside = path.relative_to(study.root)
            if path.is_file() and not {".git", ".run", ".snakemake", ".venv"} & set(inside.parts):
                archive.write(path, Path("study-main") / inside)
        if beside:
            archive.writestr("__MACOSX/._study-main", b"\0")
    return target
