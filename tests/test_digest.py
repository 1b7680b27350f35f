"""The study digest: what it must see, and what it must not."""

import hashlib
import shutil
import subprocess
import tracemalloc

import pytest

from gold_standard import digest as digests
from gold_standard.digest import study_digest
from gold_standard.git import Git

FILES = {
    "reproduce.py": "",
    "config.yaml": "seed: 1\n",
    "src/a.py": "x = 1\n",
    "results/metrics.csv": "a\n1\n",
    "README.md": "# T\n<!-- needed:begin -->\nold\n<!-- needed:end -->\nend\n",
    "CITATION.cff": "title: T\ndoi: 10.5281/zenodo.1\n",
    ".zenodo.json": '{"title": "T", "doi": "10.5281/zenodo.1"}\n',
    ".gitignore": "/data/*\n!/data/README.md\n/.run/\n__pycache__/\n",
    "data/README.md": "data\n",
    "record/run.json": "{}\n",
}


def digest(root):
    return study_digest(root, Git(root))


def write(root, name, text):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(text.encode())


def git(root, *arguments):
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


@pytest.fixture
def study(tmp_path):
    for name, text in FILES.items():
        write(tmp_path / "study", name, text)
    return tmp_path / "study"


@pytest.mark.parametrize(
    "name, text",
    [
        ("config.yaml", "seed: 2\n"),
        ("src/a.py", "x = 2\n"),
        ("results/metrics.csv", "a\n2\n"),
        ("results/new.csv", "a\n"),
        ("README.md", FILES["README.md"].replace("end\n", "END\n")),
        ("CITATION.cff", "title: U\ndoi: 10.5281/zenodo.1\n"),
        (".zenodo.json", '{"title": "U"}\n'),
        ("data/README.md", "other data\n"),
    ],
)
def test_a_changed_file_changes_it(study, name, text):
    before = digest(study)
    write(study, name, text)
    assert digest(study) != before


@pytest.mark.parametrize(
    "name, text",
    [
        ("record/run.json", '{"new": 1}\n'),
        ("certificates/2026.json", "{}\n"),
        ("README.md", FILES["README.md"].replace("old", "new\nlines")),
        ("CITATION.cff", "title: T\ndoi: 10.5281/zenodo.2\nidentifiers: [{type: doi}]\n"),
        (".zenodo.json", '{"title": "T"}\n'),
        ("config.yaml", "seed: 1\r\n"),
        ("data/raw.csv", "ignored\n"),
        (".run/state.json", "{}"),
        ("src/__pycache__/a.pyc", "x"),
    ],
)
def test_what_evidence_must_not_depend_on_leaves_it(study, name, text):
    before = digest(study)
    write(study, name, text)
    assert digest(study) == before


def test_a_deleted_file_changes_it(study):
    before = digest(study)
    (study / "src/a.py").unlink()
    assert digest(study) != before


def test_repository_clone_and_unpacked_archive_agree(study, tmp_path):
    before = digest(study)
    git(study, "init", "-q")
    git(study, "add", "-A")
    git(study, "commit", "-qm", "all")
    assert digest(study) == before
    git(study, "clone", "-q", ".", str(tmp_path / "clone"))
    assert digest(tmp_path / "clone") == before
    git(study, "archive", "-o", str(tmp_path / "a.zip"), "HEAD")
    shutil.unpack_archive(tmp_path / "a.zip", tmp_path / "archive")
    assert digest(tmp_path / "archive") == before


def test_committing_the_outputs_and_the_record_leaves_it(study):
    git(study, "init", "-q")
    git(study, "add", "-A")
    git(study, "commit", "-qm", "before the run")
    write(study, "models/seed_1.skops", "weights")
    write(study, "notes.txt", "not part of the study yet")
    before = digest(study)
    git(study, "add", "models", "record")
    git(study, "commit", "-qm", "after the run")
    assert digest(study) == before


def test_an_archive_inside_another_repository_is_not_part_of_that_one(study):
    before = digest(study)
    git(study.parent, "init", "-q")
    assert not Git(study).exists
    assert digest(study) == before


@pytest.mark.parametrize(
    "name, counts",
    [
        ("ro-crate-metadata.json", False),
        ("wheels/README.md", False),
        ("wheels/alpha-1.0-py3-none-any.whl", False),
        ("wheels/alpha.py", True),
        ("wheels/more/alpha.whl", True),
        ("src/ro-crate-metadata.json", True),
    ],
)
def test_what_an_archive_brings_along_counts_for_nothing_and_nothing_else_does(name, counts, study):
    before = digest(study)
    write(study, name, "x\n")
    assert (digest(study) != before) is counts


@pytest.mark.parametrize("at_once", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize(
    "content", [b"", b"a\r\nb\r\n", b"\r", b"\r\r\n\n\r", b"a\r\n\0b\r\n", b"\r\n" * 7, b"a\rb"]
)
def test_a_file_read_in_pieces_counts_as_one_read_at_once(tmp_path, monkeypatch, at_once, content):
    monkeypatch.setattr(digests, "AT_ONCE", at_once)
    (tmp_path / "one").write_bytes(content)
    whole = hashlib.sha256(digests.without_evidence("one", content)).hexdigest()
    assert digests._sha256(tmp_path / "one", "one") == whole


def test_a_large_model_is_never_in_memory(tmp_path):
    with (tmp_path / "model.bin").open("wb") as file:
        file.write(b"\0")
        file.truncate(300 << 20)
    tracemalloc.start()
    digests.digest_of(tmp_path, ["model.bin"])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20 << 20
