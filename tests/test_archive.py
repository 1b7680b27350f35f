"""The archive of a study: what goes in, the same bytes twice, and what refuses."""

import hashlib
import json
import zipfile

import finished
import publishing
import pytest
from helpers import run
from publishing import publish, unzipped
from verifying import copied

from gold_standard import archive, publication
from gold_standard.check import runs

pytestmark = pytest.mark.slow  # each runs the tiny study in clean rooms


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A tiny study that was published once, so that it is verified."""
    study = publishing.make(tmp_path_factory.mktemp("published") / "study")
    result = publish(study)
    assert result.status == 0, result.out + result.err
    study.said = result
    return study


@pytest.fixture
def study(published, tmp_path):
    return copied(published, tmp_path / "study")


def test_it_is_verified_built_unpacked_and_reproduced(published):
    said = published.said.out
    order = ["Verifying commit", "Verified: run twice", "Built: dist/tiny-study-1.0.0.zip",
             "Unpacking", "Verified: run once"]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert published.rooms == []


def test_the_unpacked_archive_has_the_digest_the_record_and_the_certificate(published, tmp_path):
    inside = unzipped(published.root / "dist/tiny-study-1.0.0.zip", tmp_path / "elsewhere")
    assert inside.name == "tiny-study-1.0.0"
    assert runs.digest_of(inside) == runs.digest_of(published.root)
    names = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
    assert {"record/run.json", "ro-crate-metadata.json", "requirements.lock"} <= names
    assert any(name.startswith("certificates/") for name in names)
    assert not any(name.startswith((".git/", ".run/", "dist/")) for name in names)


def test_built_twice_it_has_the_same_bytes(study):
    built = study.root / "dist/tiny-study-1.0.0.zip"
    before = hashlib.sha256(built.read_bytes()).hexdigest()
    for path in study.root.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.touch()
    built.unlink()
    result = publish(study, TZ="Pacific/Auckland")
    assert result.status == 0, result.out + result.err
    assert "Verified on " in result.out
    assert hashlib.sha256(built.read_bytes()).hexdigest() == before
    with zipfile.ZipFile(built) as file:
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}


def test_the_crate_has_an_action_for_each_step(published, tmp_path):
    inside = unzipped(published.root / "dist/tiny-study-1.0.0.zip", tmp_path / "elsewhere")
    graph = json.loads((inside / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    actions = [one for one in graph if one["@type"] == "CreateAction"]
    assert [one["name"] for one in actions][-1] == "figure"
    assert len(actions) == 5
    ids = {one["@id"] for one in graph}
    used = {one["@id"] for action in actions for one in (*action["object"], *action["result"])}
    assert used <= ids


# The validator reads the context of RO-Crate from its cache; the package rocrate brings a copy.
SEED = """
import importlib.resources, io, sys
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3.response import HTTPResponse
class Bundled(HTTPAdapter):
    def send(self, request, **_):
        context = importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
        said = {"Content-Type": "application/ld+json"}
        answer = HTTPResponse(io.BytesIO(context), said, 200, preload_content=False)
        return self.build_response(request, answer)
session = CachedSession(sys.argv[1], backend="sqlite", expire_after=-1)
session.mount("https://w3id.org/", Bundled())
session.get("https://w3id.org/ro/crate/1.1/context").raise_for_status()
"""


@pytest.mark.exhaustive
def test_the_crate_passes_the_validator_of_its_profile(tmp_path):
    env = tmp_path / "env"
    assert run("python", "-m", "venv", env, cwd=tmp_path).returncode == 0
    words = [env / "bin/python", "-m", "pip", "install", "-q", "roc-validator==0.13.0"]
    done = run(*words, "rocrate==0.16.0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run(env / "bin/python", "-c", SEED, tmp_path / "cache", cwd=tmp_path).returncode == 0
    study = finished.copy(tmp_path / "study")
    people = """  - family-names: Berg
    given-names: Ada
    affiliation: "Karolinska Institutet, https://ror.org/056d84691"
license:"""
    finished.replace(study / "CITATION.cff", "license:", people, count=1)
    archive.describe(study, archive.names_in(study), publication.read(study), "2026-11-22")

    def passes(profile: str) -> bool:
        words = ["-y", "validate", "--offline", "--cache-path", tmp_path / "cache", "-p", profile]
        words += ["--no-paging", "-f", "json", "-o", tmp_path / "said.json", study]
        run(env / "bin/rocrate-validator", *words, cwd=tmp_path)
        said = json.loads((tmp_path / "said.json").read_text("utf-8"))
        (tmp_path / "said.json").unlink()
        return said["passed"]

    assert passes("ro-crate-1.1") and passes("process-run-crate-0.5")
    finished.replace(study / "ro-crate-metadata.json", '"instrument"', '"tool"')
    assert not passes("process-run-crate-0.5")
