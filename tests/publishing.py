"""What the tests of `publish` share: a tiny study that can be published, and how to call it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import ministudy
from ministudy import Result, Verifiable

PUBLISH = ministudy.VERIFY.replace('"verify", ', '"publish", ')
assert PUBLISH != ministudy.VERIFY
CITATION = """\
# A comment that stays.
cff-version: 1.2.0
message: Cite it.
type: software
title: A tiny study
version: "1.0.0"
authors:
  - family-names: Tukey
    given-names: John W.
    orcid: https://orcid.org/0000-0002-1825-0097
license: MIT
keywords:
  - machine learning
references:
  - type: data
    title: Numbers
    authors:
      - name: Somebody
    doi: 10.24432/C50P49
"""
PYPROJECT = """\
[project]
name = "tiny-study"
version = "1.0.0"

[tool.gold-standard]
data_access = "public"

[tool.gold-standard.publish]
description = "Numbers, counted."
access = "open"
"""
README = """\
# A tiny study

<!-- identifiers:begin -->
Not archived yet.
<!-- identifiers:end -->

<!-- needed:begin -->
not yet
<!-- needed:end -->
"""


def make(root: Path) -> Verifiable:
    """A tiny study with all that is published, run and committed."""
    from gold_standard import publication

    study = Verifiable(root)
    study.write("CITATION.cff", CITATION)
    study.write("pyproject.toml", PYPROJECT)
    study.write("README.md", README)
    study.write("tools/tools.lock", "")
    study.write("LICENSE", "MIT License\n\nCopyright (c) John W. Tukey\n")
    study.write(".zenodo.json", publication.zenodo_text(publication.read(root)))
    result = study.reproduce()
    assert result.status == 0, result.err
    study.commit()
    return study


def publish(study: Verifiable, *arguments: str, patch: str = "", stdin: str = "", **variables):
    """Call `publish` and wait for it."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, patch, *arguments],
        cwd=study.root, env=os.environ | study.variables | variables, input=stdin,
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


def unzipped(archive: Path, folder: Path) -> Path:
    """The one folder in an archive, unpacked."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    [inside] = folder.iterdir()
    return inside
