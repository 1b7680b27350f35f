"""The archive of a study: what goes in, the same bytes twice, and what refuses."""

import hashlib
import json
import zipfile

import publishing
import pytest
from publishing import publish, unzipped
from verifying import copied

from gold_standard.check import runs

pytestmark = pytest.mark.slow  # each runs the tiny study in clean rooms


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A tiny study that was published once, so that it is verified."""
    study = publishing.make(tmp_path_factory.mktemp("published") / "study")
    result = publish(study)
    assert result.status == 0, result.out + result.err
    study.said = result
    return study


@pytest.fixture
def study(finished, tmp_path):
    return copied(finished, tmp_path / "study")


def test_it_is_verified_built_unpacked_and_reproduced(finished):
    said = finished.said.out
    order = ["Verifying commit", "Verified: run twice", "Built: dist/tiny-study-1.0.0.zip",
             "Unpacking", "Verified: run once"]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert finished.rooms == []


def test_the_unpacked_archive_has_the_digest_the_record_and_the_certificate(finished, tmp_path):
    inside = unzipped(finished.root / "dist/tiny-study-1.0.0.zip", tmp_path / "elsewhere")
    assert inside.name == "tiny-study-1.0.0"
    assert runs.digest_of(inside) == runs.digest_of(finished.root)
    names = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
    assert {"record/run.json", "ro-crate-metadata.json", "requirements.lock"} <= names
    assert any(name.startswith("certificates/") for name in names)
    assert not any(name.startswith((".git/", ".run/", "dist/")) for name in names)


def test_built_twice_it_has_the_same_bytes(study):
    archive = study.root / "dist/tiny-study-1.0.0.zip"
    before = hashlib.sha256(archive.read_bytes()).hexdigest()
    for path in study.root.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.touch()
    archive.unlink()
    result = publish(study, TZ="Pacific/Auckland")
    assert result.status == 0, result.out + result.err
    assert "Verified on " in result.out
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == before
    with zipfile.ZipFile(archive) as file:
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}


def test_the_crate_has_an_action_for_each_step(finished, tmp_path):
    inside = unzipped(finished.root / "dist/tiny-study-1.0.0.zip", tmp_path / "elsewhere")
    graph = json.loads((inside / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    actions = [one for one in graph if one["@type"] == "CreateAction"]
    assert [one["name"] for one in actions][-1] == "figure"
    assert len(actions) == 5
    ids = {one["@id"] for one in graph}
    used = {one["@id"] for action in actions for one in (*action["object"], *action["result"])}
    assert used <= ids
