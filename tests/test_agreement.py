"""Each fact has one home: what another file says otherwise fails its criterion, with its line."""

import shutil

import finished
import pytest
from finished import CODE, WEIGHTS, check, replace
from helpers import commit
from publishing import unzipped

from gold_standard import archive, publication
from gold_standard.check import agreement, command, judge, runs
from gold_standard.check.facts import Facts
from gold_standard.git import Git
from gold_standard.layout import read_settings

AUTHOR = 'name: "Anonymous"'
TABLE = "[tool.gold-standard.publish]\n"
# What is edited, where the other file then says otherwise, the criterion, and what is said.
MUTATIONS = {
    "title": ("CITATION.cff", "title: ", "title: Not ", ".zenodo.json (line 2)", "heil.code"),
    "version": ("CITATION.cff", '"0.1.0"', '"0.2.0"', "pyproject.toml (line 5)", "heil.code"),
    "version in .zenodo.json": (
        ".zenodo.json",
        '"0.1.0"',
        '"0.2.0"',
        ".zenodo.json (line 4)",
        "heil.code",
    ),
    "an author's name": (
        "CITATION.cff",
        "Anonymous",
        "A. Nonymous",
        ".zenodo.json (line 6)",
        "heil.code",
    ),
    "an ORCID": (
        "CITATION.cff",
        AUTHOR,
        AUTHOR + '\n    orcid: "0000-0002-1825-0097"',
        "creators",
        "heil.code",
    ),
    "an affiliation": (
        "CITATION.cff",
        AUTHOR,
        AUTHOR + "\n    affiliation: KTH",
        "creators",
        "heil.code",
    ),
    "one author more": (
        ".zenodo.json",
        '"name": "Anonymous"',
        '"name": "B"}, {"name": "C"',
        "creators",
        "heil.code",
    ),
    "keywords": ("CITATION.cff", "- reproducibility", "- repeatability", "keywords", "heil.code"),
    "the data": (
        "CITATION.cff",
        "10.24432/C5DW2B",
        "10.24432/C5DW2C",
        "related_identifiers",
        "heil.code",
    ),
    "the type": (".zenodo.json", '"software"', '"dataset"', "upload_type", "heil.code"),
    "description": ("pyproject.toml", "A study that", "The study that", "description", "heil.code"),
    "access": (
        "pyproject.toml",
        'access = "open"',
        'access = "restricted"',
        "access_right",
        "heil.code",
    ),
    "an embargo": (
        "pyproject.toml",
        'access = "open"',
        'access = "embargoed"\nembargo = "2027-05-01"',
        "embargo_date is missing",
        "heil.code",
    ),
    "a grant": (
        "pyproject.toml",
        TABLE,
        TABLE + 'grants = ["10.13039/501100000780::1"]\n',
        "grants is missing",
        "heil.code",
    ),
    "a community": (
        "pyproject.toml",
        TABLE,
        TABLE + 'communities = ["our-lab"]\n',
        "communities is missing",
        "heil.code",
    ),
    "a field that is gone": (
        ".zenodo.json",
        '"creators"',
        '"authors"',
        "creators is missing",
        "heil.code",
    ),
    "the licence": ("CITATION.cff", '"MIT"', '"Apache-2.0"', "LICENSE (line 1)", "midl.license"),
    "the licence in .zenodo.json": (
        ".zenodo.json",
        '"mit"',
        '"apache-2.0"',
        ".zenodo.json (line",
        "midl.license",
    ),
    "the licence in pyproject.toml": (
        "pyproject.toml",
        '"MIT"',
        '"BSD-3-Clause"',
        "pyproject.toml (line 8)",
        "midl.license",
    ),
    "the licence of the model card": (
        "MODEL_CARD.md",
        'license: "mit"',
        "license: apache-2.0",
        "MODEL_CARD.md (line 2)",
        "midl.license",
    ),
    "the identifier of the models": (
        "MODEL_CARD.md",
        WEIGHTS,
        WEIGHTS[:-1] + "7",
        "MODEL_CARD.md (line",
        "heil.models",
    ),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A finished study whose CITATION.cff says what each identifier is of."""
    study = finished.fresh(tmp_path_factory.mktemp("agreeing") / "study")
    finished.identify(study)
    publication.write_identifiers(study, {"code": CODE, "model": WEIGHTS})
    return study


@pytest.fixture
def study(original, tmp_path):
    return shutil.copytree(original, tmp_path / "study")


def facts(study) -> Facts:
    tree = judge.open_tree(study)
    return Facts(tree, runs.Study("", read_settings(study)))


def verdict(known: Facts, id: str):
    return next(rule for rule in judge.RULES if rule.id == id).judge(known)


def test_a_finished_study_agrees_with_itself(original):
    known = facts(original)
    assert known.disagreements == []
    for id in (agreement.CODE, agreement.MODELS, agreement.LICENCE):
        assert verdict(known, id).verdict == "pass"


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_says_otherwise_is_named_and_fails_its_criterion(name, study):
    path, old, new, where, id = MUTATIONS[name]
    replace(study / path, old, new, count=1)
    known = facts(study)
    notes = [one.note() for one in known.disagreements if one.id == id]
    assert any(where in note for note in notes), notes
    found = verdict(known, id)
    assert found.verdict == "fail"
    assert any(word in found.why for word in ("disagree", "different licences", "Different"))


@pytest.mark.parametrize("name", [n for n, m in MUTATIONS.items() if m[3].startswith(".zenodo")])
def test_what_is_made_from_others_can_be_made_anew(name, study):
    path, old, new, *_ = MUTATIONS[name]
    replace(study / path, old, new, count=1)
    told = publication.of((study / "CITATION.cff").read_text("utf-8"), {})
    for name, text in publication.stale(study, told).items():
        (study / name).write_text(text, "utf-8")
    known = facts(study)
    assert not [one for one in known.disagreements if one.evidence.path == ".zenodo.json"]


CRATE = "ro-crate-metadata.json"
OF_A_CRATE = {
    "title": ('"name": "Breast cancer from cell nuclei"', '"name": "B"', agreement.CODE),
    "version": ('"version": "0.1.0"', '"version": "0.2.0"', agreement.CODE),
    "description": ('"description": "A study', '"description": "The study', agreement.CODE),
    "licence": ('"license": {\n    "@id": "https://spdx.org/licenses/MIT"',
                '"license": {\n    "@id": "https://spdx.org/licenses/ISC"', agreement.LICENCE),
    "keywords": ('"reproducibility"', '"repeatability"', agreement.CODE),
    "identifier": (f"https://doi.org/{CODE}", f"https://doi.org/{CODE}1", agreement.CODE),
    "an author": ('"name": "Anonymous"', '"name": "A. Nonymous"', agreement.CODE),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_CRATE)
def test_what_an_archives_own_description_says_otherwise_is_named(name, study):
    archive.describe(study, archive.names_in(study), publication.read(study), "2026-11-22")
    assert facts(study).disagreements == []
    old, new, id = OF_A_CRATE[name]
    replace(study / CRATE, old, new, count=1)
    [one] = facts(study).disagreements
    assert one.id == id and one.evidence.path == CRATE and one.evidence.line
    (study / CRATE).write_text('{"@graph": [{"@id": "./"}, {}]}', "utf-8")  # of somebody else
    assert facts(study).disagreements == []


def test_a_field_that_zenodo_would_refuse_is_named(study):
    replace(study / ".zenodo.json", '"title"', '"contributors": "me",\n  "title"', count=1)
    [one] = facts(study).disagreements
    assert one.id == agreement.CODE and "Zenodo would refuse it: contributors" in one.note()


def test_a_repository_of_somebody_else_is_not_held_to_it(study):
    replace(study / ".zenodo.json", '"mit"', '"eupl-1.2"')
    assert Facts(judge.open_tree(study), None).disagreements == []


def test_an_embargo_of_zenodo_alone_stays_where_there_is_no_table(study):
    text = (study / "pyproject.toml").read_text("utf-8")
    head, _, rest = text.partition("# What an archive asks")
    (study / "pyproject.toml").write_text(head + rest[rest.index("[tool.ruff]") :], "utf-8")
    replace(study / ".zenodo.json", '"open"', '"embargoed",\n  "embargo_date": "2027-05-01"')
    assert facts(study).disagreements == []


@pytest.mark.slow
class TestAnArchiveForTests:
    """A rehearsal with a sandbox: its identifiers count where its resolver is named."""

    FOUND = {"code": "10.5072/zenodo.1234", "model": "10.5072/zenodo.1235"}
    NAMED = ("--resolver", "http://127.0.0.1:9/")

    @pytest.fixture
    def rehearsed(self, tmp_path):
        study = finished.copy(tmp_path / "study", "committed")
        publication.write_identifiers(study, self.FOUND)
        return study

    def test_named_it_counts_and_gets_no_badge(self, rehearsed, capsys):
        told = check(rehearsed, *self.NAMED)
        assert told["heil"]["level"] == "gold"
        assert any("rehearsal" in note for note in told["notes"])
        status = command.main(["check", str(rehearsed), "--format", "svg", *self.NAMED])
        said = capsys.readouterr()
        assert status == 2 and "<svg" not in said.out and "for tests" in said.err

    def test_the_archive_is_gold_alone_packed_and_unpacked(self, rehearsed, tmp_path):
        commit(rehearsed)
        told = publication.read(rehearsed)
        names = archive.stage(rehearsed, tmp_path / "staged", Git(rehearsed))
        names.append(archive.describe(tmp_path / "staged", names, told, "2026-11-22"))
        packed = tmp_path / "dist" / "study-0.1.0.zip"
        archive.pack(tmp_path / "staged", names, packed)
        for place in (packed, unzipped(packed, tmp_path / "elsewhere")):
            told = check(place, *self.NAMED)
            assert told["heil"]["level"] == "gold" and told["midl"]["score"] == 6
            assert told["study_digest"] == runs.digest_of(rehearsed)

    def test_not_named_it_does_not_count(self, rehearsed):
        told = check(rehearsed)
        assert told["heil"]["level"] == "none"
        assert finished.verdicts(told)["heil.code"] == "fail"

    def test_a_placeholder_counts_for_nothing_in_any_case(self, tmp_path):
        study = finished.copy(tmp_path / "study", "committed")
        replace(study / "CITATION.cff", CODE, "10.5281/zenodo.xxxxxxx")
        assert check(study, *self.NAMED)["heil"]["level"] == "none"
