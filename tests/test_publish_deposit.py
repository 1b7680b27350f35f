"""The command's whole way to a deposit, against the test service."""

import json
import types

import pytest
from invenio import Invenio
from ministudy import Verifiable
from publishing import CITATION, PYPROJECT, make, publish

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
