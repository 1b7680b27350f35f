"""The command's whole way to a deposit, against the test service."""

import hashlib
import json
import re
import types

import pytest
from invenio import Invenio
from ministudy import Verifiable
from publishing import CITATION, PYPROJECT, make, publish
from verifying import copied

from gold_standard import publication
from gold_standard import publish as command
from gold_standard.errors import Refusal


@pytest.fixture
def service(tmp_path):
    with Invenio(tmp_path / "uploads") as service:
        service.folder.mkdir()
        service.communities["our-lab"] = "c-1"
        yield service


@pytest.mark.slow
def test_the_command_makes_drafts_goes_on_with_them_and_publishes_new_versions(tmp_path, service):
    study = make(tmp_path / "study")
    study.write("pyproject.toml", f'{PYPROJECT}communities = ["our-lab"]\n')
    assert study.reproduce().status == 0  # which writes the community into .zenodo.json, too
    study.commit()
    where = ["--service", service.url]

    def call(*words: str, stdin: str = "", status: int = 0):
        done = publish(study, *words, *where, stdin=stdin, ZENODO_TOKEN=service.token)
        assert done.status == status, done.out + done.err
        assert service.token not in done.out + done.err
        return done

    call("--deposit")
    drafts = list(service.records.values())
    code, models = sorted(drafts, key=lambda record: len(record.files))
    [archive] = code.files.values()
    assert archive.content.read_bytes() == (study.root / "dist" / archive.key).read_bytes()
    # The deposited files know their own DOI, before anybody commits it.
    for record in drafts:
        assert record.doi in study.read("CITATION.cff")
        assert record.doi.encode() in archive.content.read_bytes()
    assert {"seed_1.bin", "seed_2.bin"} <= set(models.files)
    study.commit()

    no = call("--publish", stdin="no\n", status=2)
    assert "Not published; the drafts stay" in no.err
    assert not any(record.published for record in service.records.values())
    call("--publish", stdin="yes\n")
    first = dict(service.records)
    assert all(record.published for record in first.values()) and len(first) == 2
    assert sorted(service.asked) == sorted((record.id, "c-1") for record in first.values())
    again = call("--publish", stdin="yes\n")
    assert len(service.records) == 2 and "records/" in again.out

    text = study.read("CITATION.cff").replace('version: "1.0.0"', 'version: "1.1.0"')
    study.write("CITATION.cff", text)
    study.write("pyproject.toml", study.read("pyproject.toml").replace('"1.0.0"', '"1.1.0"'))
    assert study.reproduce().status == 0
    study.commit()
    call("--publish", stdin="yes\n")
    new = [record for id, record in service.records.items() if id not in first]
    assert sorted(record.parent for record in new) == sorted(r.parent for r in first.values())
    assert all(record.index == 2 and record.published for record in new)


@pytest.mark.slow
def test_a_run_makes_the_metadata_anew_and_publish_asks_for_one(tmp_path):
    study = make(tmp_path / "study")
    study.write("CITATION.cff", study.read("CITATION.cff").replace("A tiny", "A small"))
    study.commit()
    refused = publish(study)
    assert refused.status == 2 and ".zenodo.json" in refused.err
    assert "Run python reproduce.py" in refused.err
    said = study.reproduce()
    assert ".zenodo.json was made anew from CITATION.cff" in said.out
    assert json.loads(study.read(".zenodo.json"))["title"] == "A small study"
    assert "made anew" not in study.reproduce().out
    study.write("CITATION.cff", "title: [")
    before = study.read(".zenodo.json")
    assert study.reproduce().status == 0 and study.read(".zenodo.json") == before


def planned(tmp_path, doi: str, service: str | None) -> command.Plan:
    study = Verifiable(tmp_path / "study")
    study.write("CITATION.cff", f"{CITATION}doi: {doi}\n")
    study.write("pyproject.toml", PYPROJECT)
    options = types.SimpleNamespace(service=service)
    return command.Plan(study.root, options, None, publication.read(study.root))


def test_a_new_version_is_one_of_a_real_record_and_never_of_practice(tmp_path):
    real, practised = "10.5281/zenodo.8427193", "10.5072/zenodo.17"
    zenodo = "https://zenodo.org"
    assert command._previous(planned(tmp_path / "a", real, zenodo), "code") == real
    assert command._previous(planned(tmp_path / "b", practised, zenodo), "code") is None
    assert command._previous(planned(tmp_path / "c", practised, None), "code") is None
    with pytest.raises(Refusal, match="would take the place of 10.5281.*--service https"):
        command._previous(planned(tmp_path / "d", real, None), "code")


# What a reservation writes belongs to Git, and a second call finds what the first one made.

# The archive is reproduced in other tests.
QUICK = "from gold_standard import publish; publish._verify_archive = lambda plan: None"


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    study = make(tmp_path_factory.mktemp("verified") / "study")
    result = publish(study)
    assert result.status == 0, result.out + result.err
    return study


@pytest.fixture
def study(verified, tmp_path):
    return copied(verified, tmp_path / "study")


@pytest.fixture
def real(tmp_path):
    """A service whose DOIs are no practice."""
    (tmp_path / "real").mkdir()
    with Invenio(tmp_path / "real", prefix="10.5281") as service:
        yield service


def at(study, service, *words: str, status: int = 0, **more):
    where = ["--service", service.url]
    done = publish(study, *words, *where, patch=QUICK, ZENODO_TOKEN=service.token, **more)
    assert done.status == status, done.out + done.err
    assert service.token not in done.out + done.err
    return done


def dois(service) -> list[str]:
    return sorted(record.doi for record in service.records.values())


@pytest.mark.slow
class TestASecondCall:
    def test_goes_on_with_the_draft_and_says_where_it_is_and_how_to_publish_it(self, study, real):
        said = at(study, real, "--deposit", "--records", "code").out
        assert f"python reproduce.py publish --publish --service {real.url} --records code" in said
        [record] = real.records.values()
        assert f"{real.url}/uploads/{record.id}" in said and "Nothing is published yet" in said
        before = dois(real)
        at(study, real, "--deposit", "--records", "code")
        assert dois(real) == before

    def test_makes_a_new_draft_where_the_first_was_deleted(self, study, real):
        at(study, real, "--deposit")
        first = dois(real)
        assert all(doi in study.read("CITATION.cff") for doi in first)
        real.records.clear()
        assert "is no longer there" in at(study, real, "--deposit").out
        assert len(real.records) == 2 and not set(first) & set(dois(real))
        text = study.read("CITATION.cff") + study.read("README.md")
        assert all(doi in text for doi in dois(real)) and not any(doi in text for doi in first)

    def test_follows_the_published_record_where_the_draft_of_a_new_version_was_deleted(
        self, study, real
    ):
        at(study, real, "--publish", "--records", "code", stdin="yes\n")
        [first] = real.records.values()
        for path in ("CITATION.cff", "pyproject.toml"):
            study.write(path, study.read(path).replace('"1.0.0"', '"1.1.0"'))
        assert study.reproduce().status == 0
        study.commit()
        at(study, real, "--deposit", "--records", "code")
        for id in [id for id in real.records if id != first.id]:
            del real.records[id]
        at(study, real, "--deposit", "--records", "code")
        [new] = [record for record in real.records.values() if record is not first]
        assert new.parent == first.parent and new.index == 2

    @pytest.mark.parametrize("named", [True, False], ids=["by its DOI", "by its mark"])
    def test_finds_the_drafts_where_the_memory_is_lost(self, named, study, real):
        at(study, real, "--deposit")
        before = dois(real)
        (study.root / ".run/publish.json").unlink()
        if named:  # a service may not keep the mark
            for record in real.records.values():
                record.draft["metadata"].pop("identifiers")
        at(study, real, "--deposit")
        assert dois(real) == before

    def test_from_practice_to_the_real_service_makes_first_versions_there(
        self, study, service, real
    ):
        at(study, service, "--publish", stdin="yes\n")
        assert all(doi.startswith("10.5072/") for doi in dois(service))
        at(study, real, "--deposit")
        assert all(record.index == 1 for record in real.records.values())
        text = study.read("CITATION.cff") + study.read("README.md")
        assert all(doi in text for doi in dois(real)) and "10.5072" not in text

    def test_leaves_what_is_published_as_it_is_though_the_tree_changed(self, study, real):
        at(study, real, "--publish", stdin="yes\n")
        study.commit()
        said = at(study, real, "--deposit").out
        assert said.count("Published, the") == 2 and "Draft of" not in said
        files = {
            file.key: file.checksum for r in real.records.values() for file in r.files.values()
        }
        study.write("README.md", study.read("README.md") + "More.\n")
        study.commit()
        told = at(study, real, "--publish", status=2, stdin="yes\n").err
        assert "is published and holds other files" in told and "raise the version" in told
        assert len(real.records) == 2
        assert files == {f.key: f.checksum for r in real.records.values() for f in r.files.values()}

    def test_builds_the_same_bytes_when_the_doi_is_committed_on_another_day(
        self, study, real, monkeypatch
    ):
        at(study, real, "--deposit")
        built = study.root / "dist/tiny-study-1.0.0.zip"
        before = hashlib.sha256(built.read_bytes()).hexdigest()
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            monkeypatch.setenv(name, "2031-05-06T07:08:09+00:00")
        study.commit()
        sent = real.count("PUT", "/content$")
        at(study, real, "--publish", stdin="yes\n")
        assert hashlib.sha256(built.read_bytes()).hexdigest() == before
        assert real.count("PUT", "/content$") == sent, "nothing is sent twice"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, change, said",
    [
        (["--deposit"], "", "No token"),
        (
            ["--deposit", "--records", "data"],
            'data = ["data/lost.csv"]',
            "there is no file data/lost",
        ),
        (["--deposit", "--records", "data"], "", "names no data"),
        (["--deposit", "--records", "codes"], "", "there is no such record"),
        (["--deposit", "--anonymous"], "", "Take one of the two"),
        (["--deposit", "--service", "http://zenodo.org"], "", "by https"),
        (["--deposit", "--service", "zenodo"], "", "no address that can be used"),
    ],
    ids=["no token", "lost data", "no data", "records", "anonymous", "http", "address"],
)
def test_what_cannot_be_sent_is_said_before_anything_takes_long(words, change, said, tmp_path):
    study = make(tmp_path / "study")
    study.write("pyproject.toml", PYPROJECT + change + "\n")
    study.commit()
    token = {} if "No token" in said else {"ZENODO_TOKEN": "x"}
    done = publish(study, *words, **token)
    assert done.status == 2 and re.search(said, done.err), done.err
    assert "verified now" not in done.out and not (study.root / ".run/publish.json").exists()


@pytest.mark.slow
def test_a_community_that_is_unknown_is_said_before_anything_is_made(tmp_path, service):
    study = make(tmp_path / "study")
    study.write("pyproject.toml", f'{PYPROJECT}communities = ["our-lab", "nobodys"]\n')
    assert study.reproduce().status == 0
    study.commit()
    where = ["--deposit", "--service", service.url]
    done = publish(study, *where, ZENODO_TOKEN=service.token)
    assert done.status == 2 and "has no community nobodys" in done.err
    assert "verified now" not in done.out and not service.records


def test_models_are_those_of_the_record_and_no_others(tmp_path):
    study = Verifiable(tmp_path / "study")
    assert study.reproduce().status == 0
    study.write("models/of_an_earlier_run.bin", "x")
    found = [path.name for path in command._models(study.root)]
    assert found == ["seed_1.bin", "seed_2.bin"]
    study.write("models/seed_2.bin", "edited")
    with pytest.raises(Refusal, match="models/seed_2.bin is not the one that the run made"):
        command._models(study.root)


def test_an_identifier_of_software_heritage_is_no_earlier_record(tmp_path):
    swh = "swh:1:rev:94a9ed024d3859793618152ea559a168bbcbb5e2"
    study = Verifiable(tmp_path / "study")
    entry = f"identifiers:\n  - type: swh\n    value: {swh}\n    description: The code\n"
    study.write("CITATION.cff", CITATION + entry)
    study.write("pyproject.toml", PYPROJECT)
    for service in (None, "https://zenodo.org"):
        options = types.SimpleNamespace(service=service)
        plan = command.Plan(study.root, options, None, publication.read(study.root))
        assert command._previous(plan, "code") is None


def test_without_a_service_it_goes_to_the_sandbox_and_takes_the_place_of_no_real_doi(tmp_path):
    plan = planned(tmp_path, "10.5281/zenodo.8427193", None)
    assert plan.service == "https://sandbox.zenodo.org"
    for spelt in (None, "https://sandbox.zenodo.org/api/", "https://Sandbox.Zenodo.org"):
        plan.options.service = spelt
        with pytest.raises(Refusal, match="would take the place"):
            command._previous(plan, "code")


def test_no_step_and_no_room_sees_the_token(tmp_path, monkeypatch):
    from gold_standard import run, verify

    monkeypatch.setenv("ZENODO_TOKEN", "secret")
    seen = run.steps_environment(tmp_path, tmp_path / ".run", 1, tmp_path / ".venv")
    assert "secret" not in seen.values()
    assert not verify.KEPT.fullmatch("ZENODO_TOKEN")


@pytest.mark.slow
def test_nothing_is_sent_of_an_archive_that_does_not_reproduce(study, real):
    lost = "from gold_standard import archive; real = archive.pack; archive.pack = lambda f, n, t: "
    lost += "real(f, [x for x in n if x != 'scripts/table.py'], t)"
    where = ["--publish", "--service", real.url]
    done = publish(study, *where, patch=lost, stdin="yes\n", ZENODO_TOKEN=real.token)
    assert done.status == 2 and "is not to be published" in done.err
    assert real.count("PUT", "/content$") == 0 == real.count("POST", "/publish$")
    assert not any(record.published for record in real.records.values())


@pytest.mark.slow
def test_code_models_and_data_get_a_record_each_and_name_each_other(tmp_path, real):
    study = make(tmp_path / "study")
    study.write("pyproject.toml", PYPROJECT + 'data = ["data/raw.txt"]\n')
    study.commit()
    at(study, real, "--deposit", "--records", "code,model,data")
    by = {r.draft["metadata"]["resource_type"]["id"]: r for r in real.records.values()}
    assert set(by) == {"software", "model", "dataset"}
    assert "raw.txt" in by["dataset"].files
    for kind, record in by.items():
        told = record.draft["metadata"]["related_identifiers"]
        others = {one.doi for name, one in by.items() if name != kind}
        assert others <= {one["identifier"] for one in told}, kind
