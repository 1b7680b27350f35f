"""The archive of a study: what goes in, the same bytes twice, and what refuses."""

import errno
import hashlib
import json
import re
import shlex
import zipfile

import finished
import pages
import publishing
import pytest
from helpers import commit, render, run
from publishing import publish, unzipped
from test_pythons import call
from verifying import copied

from gold_standard import archive, environment, publication
from gold_standard import publish as command
from gold_standard.check import runs
from gold_standard.lock import PYTHONS

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
    assert {"models/seed_1.bin", "results/metrics.csv", "src/train.py", "LICENSE"} <= names
    assert any(name.startswith("certificates/") for name in names)
    assert not any(name.startswith((".git/", ".run/", "dist/")) for name in names)


def test_built_twice_it_has_the_same_bytes(study, published):
    built = study.root / "dist/tiny-study-1.0.0.zip"
    before = hashlib.sha256(built.read_bytes()).hexdigest()
    assert f"Ready: dist/tiny-study-1.0.0.zip, sha256 {before}." in published.said.out
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


def refused(study, *arguments: str, **keywords) -> str:
    """What `publish` says when it builds nothing."""
    for path in (study.root / "dist").glob("*"):
        path.unlink()
    result = publish(study, *arguments, **keywords)
    assert result.status == 2, result.out + result.err
    assert not list((study.root / "dist").glob("*.zip"))
    assert study.rooms == []
    return result.err


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda s: s.write("config.yaml", s.read("config.yaml") + "\n# x\n"), "config.yaml"),
        (lambda s: s.write("src/new.py", "x = 1\n"), "src/new.py"),
        (lambda s: s.write("README.md", s.read("README.md") + "More.\n"), "README.md"),
        (lambda s: s.edit("CITATION.cff", "machine learning", "counting"), ".zenodo.json"),
        (lambda s: s.edit("CITATION.cff", "0097", "0098"), "check digit"),
        (lambda s: s.edit("CITATION.cff", "license: MIT", "license: mit"), "is written MIT"),
        (lambda s: s.edit("pyproject.toml", '"open"', '"free"'), "access is one of"),
        (
            lambda s: s.edit(".zenodo.json", '"title"', '"notes": 1, "title"'),
            "notes: 1 is not of type",
        ),
    ],
    ids=[
        "an edit",
        "a new file",
        "the README",
        "stale metadata",
        "ORCID",
        "SPDX",
        "settings",
        "Zenodo",
    ],
)
def test_it_refuses_what_is_not_committed_or_not_valid(change, said, study):
    change(study)
    assert said in refused(study)


def test_an_identifier_that_was_written_is_no_change_and_goes_into_the_archive(study, tmp_path):
    before = runs.digest_of(study.root)
    publication.write_identifiers(study.root, {"code": "10.5281/zenodo.8427193"})
    assert study.read("CITATION.cff").endswith('"10.5281/zenodo.8427193"\n')
    result = publish(study)
    assert result.status == 0, result.out + result.err
    inside = unzipped(study.root / "dist/tiny-study-1.0.0.zip", tmp_path / "elsewhere")
    assert "zenodo.8427193" in (inside / "CITATION.cff").read_text("utf-8")
    assert "zenodo.8427193" in (inside / "README.md").read_text("utf-8")
    assert runs.digest_of(inside) == before


def test_what_does_not_reproduce_is_not_published(study):
    study.write("results/metrics.csv", "model,score\n0,1\n1,2\n")
    study.commit()
    result = publish(study)
    assert result.status == 2
    assert "results/metrics.csv: different" in result.out and "not verified" in result.err
    assert not (study.root / "dist/tiny-study-1.0.0.zip.part").exists()


def test_an_archive_that_reproduces_something_else_is_refused(study):
    lost = "from gold_standard import archive; real = archive.pack; archive.pack = lambda f, n, t: "
    lost += "real(f, [x for x in n if x != 'scripts/table.py'], t)"
    result = publish(study, patch=lost)
    assert result.status == 2
    assert "is not to be published, and was removed" in result.err
    assert not list((study.root / "dist").glob("*.zip*"))


def test_stopped_while_it_is_reproduced_no_archive_stays(study):
    stopped = "def go(visit): raise KeyboardInterrupt\nverify.Visit.go = go"
    result = publish(study, patch=stopped)
    assert result.status == 2 and "goes on from here" in result.err
    assert not list((study.root / "dist").glob("*.zip*")) and study.rooms == []


def test_a_full_disk_leaves_no_half_of_an_archive(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a").write_text("a")
    target = tmp_path / "dist" / "a.zip"
    archive.pack(tmp_path, ["a"], target)
    before = target.read_bytes()
    monkeypatch.setattr(archive.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        archive.pack(tmp_path, ["a"], target)
    assert [path.name for path in target.parent.iterdir()] == ["a.zip"]
    assert target.read_bytes() == before


def test_a_dist_of_ones_own_stays_as_it_was_and_a_file_of_that_name_is_told(tmp_path):
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/.gitignore").write_text("*.whl\n")
    command._make_dist(tmp_path / "dist")
    assert (tmp_path / "dist/.gitignore").read_text() == "*.whl\n"
    command._make_dist(tmp_path / "new")
    assert (tmp_path / "new/.gitignore").read_text() == "*\n"
    (tmp_path / "file").write_text("")
    with pytest.raises(archive.Refusal, match="is a file"):
        command._make_dist(tmp_path / "file")


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "../../elsewhere"\n')
    with pytest.raises(archive.Refusal, match="cannot be that of a file"):
        archive.name(tmp_path, publication.Publication("A", "1.0"))


def test_a_dry_run_tells_and_leaves_everything_as_it_was(study):
    before = study.contents()
    result = publish(study, "--dry-run", "--with-wheels", "linux-x86_64-3.12")
    assert result.status == 0, result.err
    assert "Would build tiny-study-1.0.0.zip" in result.out and "linux-x86_64-3.12" in result.out
    assert "Verified: on " in result.out
    told = result.out[result.out.index("The record of the code") :]
    assert '"title": "A tiny study"' in told and "seed_1.bin" in told
    after = {k: v for k, v in study.contents().items() if k in before}
    assert after == before


def test_wheels_for_the_systems_that_the_page_names_come_along(study):
    words = shlex.split(pages.line("publish.md", "python reproduce.py publish --with-wheels linux"))
    result = publish(study, *words[3:])
    assert result.status == 0, result.out + result.err
    with zipfile.ZipFile(study.root / "dist/tiny-study-1.0.0.zip") as file:
        told = file.read("tiny-study-1.0.0/wheels/README.md").decode()
    assert re.findall(r"^- ((?:linux|darwin)\S+)", told, re.M) == [
        "linux-x86_64-3.12", *(f"darwin-arm64-{python}" for python in PYTHONS)
    ]  # fmt: skip


def test_an_anonymous_archive_reproduces_and_names_nobody(study, tmp_path):
    study.write("src/note.py", "# Ask John Tukey.\n")
    study.commit()
    assert "src/note.py, line 1: John W. Tukey" in refused(study, "--anonymous")
    study.write("src/note.py", "# Ask the authors.\n")
    study.commit()
    result = publish(study, "--anonymous")
    assert result.status == 0, result.out + result.err
    assert "Verified: run once" in result.out
    [built] = (study.root / "dist").glob("*.zip")
    assert built.name == "tiny-study-1.0.0-anonymous.zip"
    inside = unzipped(built, tmp_path / "elsewhere")
    names = [path.relative_to(inside).as_posix() for path in inside.rglob("*")]
    assert not [x for x in names if x.startswith(("certificates", "record", ".zenodo", ".copier"))]
    for path in inside.rglob("*"):
        if path.is_file():
            assert b"tukey" not in path.read_bytes().lower(), path


def test_a_link_is_put_in_as_the_file_that_it_leads_to(study, tmp_path):
    (study.root / "src/alias.py").symlink_to("train.py")
    study.commit()
    staged = tmp_path / "staged"
    names = archive.stage(study.root, staged, archive.Git(study.root))
    assert not (staged / "src/alias.py").is_symlink()
    assert archive.digest(staged, names) == runs.digest_of(study.root)
    (study.root / "src/lost.py").symlink_to("/etc/hostname")
    study.commit()
    with pytest.raises(archive.Refusal, match="src/lost.py is a link"):
        archive.stage(study.root, tmp_path / "again", archive.Git(study.root))


def test_data_go_in_where_they_are_named_and_not_where_they_are_controlled(study, tmp_path):
    settings = "[tool.gold-standard.publish]\n"
    study.edit("pyproject.toml", settings, settings + 'data = ["data/raw.txt"]\n')
    told = publication.read(study.root)
    assert archive.add_data(study.root, tmp_path, told, False) == ["data/raw.txt"]
    assert (tmp_path / "data/raw.txt").read_bytes() == (study.root / "data/raw.txt").read_bytes()
    with pytest.raises(archive.Refusal, match="do not leave this machine"):
        archive.add_data(study.root, tmp_path, told, True)
    for lost in ("data/lost.txt", "../study/data/raw.txt", "/etc/hostname"):
        told.settings["data"] = [lost]
        with pytest.raises(archive.Refusal, match="there is no file"):
            archive.add_data(study.root, tmp_path, told, False)


def test_without_a_commit_there_is_nothing_to_publish(study):
    (study.root / ".git").rename(study.root / ".git-away")
    assert "no commit" in refused(study)


@pytest.mark.exhaustive
@pytest.mark.parametrize("framework", ["scikit-learn", "pytorch"])
def test_with_its_wheels_a_study_is_reproduced_without_any_network(framework, tmp_path):
    study = render(tmp_path / "study", framework=framework, author_name="Marie Curie")
    python = environment.base_python()
    assert (
        call(
            python,
            study,
        ).status
        == 0
    )
    commit(study)
    result = call(python, study, "publish", "--with-wheels")
    assert result.status == 0, result.out + result.err
    assert "with the network switched off" in result.out
    assert result.out.count("agree, bit for bit") == 2
    [built] = (study / "dist").glob("*.zip")
    inside = unzipped(built, tmp_path / "elsewhere")
    assert runs.digest_of(inside) == runs.digest_of(study)
    verdicts = finished.verdicts(finished.check(inside))
    assert verdicts["heil.deterministic"] == verdicts["heil.single-command"] == "pass"
    # The other installer, with nothing but what lies in the folder.
    words = ["unshare", "--map-root-user", "--net", python, "reproduce.py", "--smoke"]
    done = run(*words, "--installer", "pip", cwd=inside)
    assert done.returncode == 0, done.stdout + done.stderr
