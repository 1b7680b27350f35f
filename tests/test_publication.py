"""What an archive is told: made from one place, checked, and the same in every file."""

import json

import jsonschema
import publishing
import pytest
from helpers import render

from gold_standard import digest, publication
from gold_standard.errors import Refusal
from gold_standard.git import Git

CITATION = publishing.CITATION
FULL = """\
  - family-names: van der Berg
    given-names: Ada
    affiliation: "Karolinska Institutet, https://ror.org/056d84691; KTH (https://ror.org/026vcq606)"
  - name: A Lab
"""


def told(text: str = CITATION, **settings) -> publication.Publication:
    return publication.of(text, settings)


def edited(old: str, new: str) -> publication.Publication:
    assert old in CITATION
    return told(CITATION.replace(old, new))


def test_a_labs_answers_and_an_orcid_are_rendered_as_they_are_made():
    study = render(
        funder="10.13039/501100000780::101000000", community="our-lab",
        author_name="Marie Curie", author_orcid="0000-0002-1825-0097", license="GPL-3.0-or-later",
    )  # fmt: skip
    found = publication.read(study)
    assert publication.zenodo_text(found) == (study / ".zenodo.json").read_text("utf-8")
    assert found.settings["grants"] == ["10.13039/501100000780::101000000"]
    assert publication.stale(study, found) == {}
    assert publication.zenodo_problem(publication.zenodo(found)) == ""


def test_people_have_institutions_with_their_identifiers():
    found = told(CITATION.replace("license:", FULL + "license:"))
    assert [person.inverted for person in found.people] == [
        "Tukey, John W.", "van der Berg, Ada", "A Lab"
    ]  # fmt: skip
    assert found.people[1].affiliations == (
        ("Karolinska Institutet", "056d84691"),
        ("KTH", "026vcq606"),
    )
    assert publication.problems(CITATION.replace("license:", FULL + "license:"), found) == []
    made = publication.zenodo(found)
    assert made["creators"][1] == {
        "name": "van der Berg, Ada",
        "affiliation": "Karolinska Institutet; KTH",
    }
    made = publication.invenio(found, "code", "2026-11-22", "Zenodo")
    [_, ada, lab] = made["metadata"]["creators"]
    assert ada["affiliations"][0] == {"id": "056d84691", "name": "Karolinska Institutet"}
    assert lab["person_or_org"] == {"type": "personal", "family_name": "A Lab"}


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("0097", "0098", "is not the ORCID of John W. Tukey"),
        ("0000-0002-1825-0097", "0000-0000-0000-0000", "is not the ORCID"),
        ("license: MIT", "license: mit", "mit is written MIT"),
        ("license: MIT", "license: My own", "no identifier of SPDX"),
        ("license: MIT", "", "none is given"),
        ('version: "1.0.0"', "", "no usable version"),
        ('version: "1.0.0"', "version: 1.10", "put it in quotes"),
        ('version: "1.0.0"', 'version: "a/b"', "no usable version"),
        ("license:", "doi: 10.5281/zenodo.xxxx\nlicense:", "a placeholder"),
        ("license:", "doi: 10.5281/zenodo\nlicense:", "identifier of the code"),
        ("message: Cite it.\n", "", "not valid"),
        ("https://orcid.org/", "", "write the whole address of the ORCID 0000-0002-1825-0097"),
        ("license:", FULL.replace("84691", "84692") + "license:", "is not the ROR"),
    ],
)
def test_what_an_archive_would_refuse_is_said_before(old, new, said):
    assert old in CITATION
    text = CITATION.replace(old, new)
    found = "\n".join(publication.problems(text, publication.of(text, {})))
    assert said in found


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"grants": ["nonsense"]}, "no grant"),
        ({"grants": ["https://ror.org/00k4n6c33::1"]}, "no grant"),
        ({"grants": "10.13039/1::2"}, "list of texts"),
        ({"communities": ["Our Lab"]}, "no community"),
        ({"access": "closed"}, "access is one of"),
        ({"access": "embargoed"}, "give both or none"),
        ({"embargo": "2027-05-01"}, "give both or none"),
        ({"access": "embargoed", "embargo": "May"}, "is a date"),
        ({"description": 1}, "description is a text"),
    ],
)
def test_settings_that_mean_nothing_are_said(settings, said):
    assert said in "\n".join(publication.settings_problems(settings))


def test_a_grant_is_known_by_doi_and_by_ror():
    for grant in ("10.13039/501100000780::101000000", "https://ror.org/00k4n6c32::101000000"):
        found = told(grants=[grant])
        assert publication.settings_problems(found.settings) == []
        assert publication.zenodo(found)["grants"] == [{"id": "10.13039/501100000780::101000000"}]
        made = publication.invenio(found, "code", "2026-11-22", "Zenodo")
        [funding] = made["metadata"]["funding"]
        assert funding["funder"] == {"id": "00k4n6c32"}
        assert funding["award"]["number"] == "101000000"


@pytest.mark.parametrize(
    "access, wanted",
    [
        ({"access": "open"}, {"record": "public", "files": "public"}),
        ({"access": "restricted"}, {"record": "public", "files": "restricted"}),
        (
            {"access": "embargoed", "embargo": "2027-05-01"},
            {"record": "public", "files": "restricted",
             "embargo": {"active": True, "until": "2027-05-01", "reason": "Until publication."}},
        ),
    ],
)  # fmt: skip
def test_access_reaches_both_kinds_of_archive(access, wanted):
    found = told(**access)
    assert publication.invenio(found, "code", "2026-11-22", "Zenodo")["access"] == wanted
    assert publication.zenodo_problem(publication.zenodo(found)) == ""


def test_each_record_says_what_the_others_are_to_it():
    text = publication.with_identifiers(
        CITATION, {"code": "10.5281/zenodo.8427193", "model": "10.5281/zenodo.8427201"}
    )
    code, model = (
        publication.invenio(told(text), kind, "2026-11-22", "Zenodo")["metadata"]
        for kind in ("code", "model")
    )
    relations = [
        [(x["identifier"][-7:], x["relation_type"]["id"]) for x in one["related_identifiers"]]
        for one in (code, model)
    ]
    assert ("8427201", "compiles") in relations[0]
    assert ("8427193", "iscompiledby") in relations[1]
    assert ("/C50P49", "isderivedfrom") in relations[0]
    assert model["resource_type"] == {"id": "model"} and code["rights"] == [{"id": "mit"}]
    assert not any(identifier == "8427201" for identifier, _ in relations[1])


@pytest.mark.parametrize(
    "broken",
    [
        {"creators": []},
        {"creators": [{"name": "A", "orcid": "https://orcid.org/0000-0002-1825-0097"}]},
        {"access_right": "embargoed"},
        {"related_identifiers": [{"identifier": "10.1/1", "relation": "is_cited_by"}]},
        {"grants": [{"number": "1"}]},
        {"upload_type": "code"},
        {"keywords": "one, two"},
    ],
)
def test_the_schema_refuses_what_zenodo_would(broken):
    assert publication.zenodo_problem(publication.zenodo(told()) | broken)
    assert not publication.zenodo_problem(publication.zenodo(told()))


def test_the_schema_is_one():
    schema = (publication.Path(publication.__file__).parent / "zenodo.schema.json").read_text()
    jsonschema.Draft7Validator.check_schema(json.loads(schema))


def test_a_field_of_ones_own_stays_and_what_follows_is_made_anew():
    present = {"title": "Old", "notes": "mine", "grants": [{"id": "10.13039/1::2"}]}
    made = json.loads(publication.zenodo_text(told(), present))
    assert made["title"] == "A tiny study" and made["notes"] == "mine" and "grants" not in made


def test_an_older_study_keeps_what_only_its_zenodo_file_says():
    present = publication.zenodo(told()) | {"description": "<p>x</p>"}
    present["communities"] = [{"identifier": "our-lab"}]
    del present["version"]
    found = publication.of(CITATION, None)
    assert publication.disagreements(found, present) == {}
    assert json.loads(publication.zenodo_text(found, present))["communities"]


@pytest.fixture
def study(tmp_path):
    study = tmp_path / "study"
    for name, text in {
        "CITATION.cff": CITATION, "README.md": publishing.README,
        "MODEL_CARD.md": "---\nlicense: \"mit\"\n---\n" + publishing.README,
        "pyproject.toml": publishing.PYPROJECT,
    }.items():  # fmt: skip
        (study / name).parent.mkdir(exist_ok=True)
        (study / name).write_text(text, "utf-8")
    return study


FOUND = {"code": "10.5281/zenodo.8427193", "model": "10.5072/zenodo.12"}


def test_reserved_identifiers_are_written_and_the_study_stays_what_it_was(study):
    before = digest.study_digest(study, Git(study))
    assert publication.write_identifiers(study, FOUND) == []
    assert digest.study_digest(study, Git(study)) == before
    found = publication.read(study)
    assert found.identifiers == FOUND
    citation = (study / "CITATION.cff").read_text("utf-8")
    assert citation.startswith("# A comment that stays.")
    assert "The trained models of this study" in citation
    readme, card = ((study / name).read_text("utf-8") for name in ("README.md", "MODEL_CARD.md"))
    assert all(value in readme for value in FOUND.values()) and "Not archived" not in readme
    assert FOUND["model"] in card and FOUND["code"] not in card


def test_written_twice_they_stand_there_once_and_others_stay(study):
    path = study / "CITATION.cff"
    paper = "identifiers:\n- type: doi\n  value: 10.1000/paper\n  description: The paper\n"
    path.write_text(paper + path.read_text("utf-8") + "doi: 10.5281/zenodo.1\n", "utf-8")
    publication.write_identifiers(study, FOUND)
    texts = {name: (study / name).read_bytes() for name in ("CITATION.cff", "README.md")}
    publication.write_identifiers(study, FOUND)
    assert texts == {name: (study / name).read_bytes() for name in texts}
    found = publication.read(study)
    assert found.identifiers == FOUND | {"paper": "10.1000/paper"}
    assert path.read_text("utf-8").count("\ndoi:") == 1 and found.keywords == ("machine learning",)


def test_a_file_without_a_place_for_them_is_named(study):
    (study / "README.md").write_text("# A study\n", "utf-8")
    [hint] = publication.write_identifiers(study, FOUND)
    assert "README.md" in hint and FOUND["code"] in hint
    assert (study / "README.md").read_text("utf-8") == "# A study\n"


def test_nothing_is_written_where_something_else_would_change(study, monkeypatch):
    files = {path.name: path.read_bytes() for path in study.iterdir()}
    monkeypatch.setattr(publication, "with_identifiers", lambda text, _: text + "abstract: x\n")
    with pytest.raises(Refusal, match="by hand"):
        publication.write_identifiers(study, FOUND)
    assert {path.name: path.read_bytes() for path in study.iterdir()} == files


@pytest.mark.parametrize(
    "text, said",
    [
        ("title: T\nauthors: [\n", "CITATION.cff, line 3, cannot be read"),
        ("title: T\nauthors:\n  - John Tukey\n", "CITATION.cff is not valid: "),
        ("- a\n", "it holds no fields"),
    ],
)
def test_a_citation_that_is_broken_is_refused_with_its_place(text, said):
    with pytest.raises(Refusal, match=said):
        publication.of(text, None)


def test_without_a_citation_it_says_what_to_do(study):
    (study / "CITATION.cff").unlink()
    with pytest.raises(Refusal, match="Get it back from Git"):
        publication.read(study)


def test_an_identifier_of_software_heritage_stays_beside_the_doi(study):
    swh = "swh:1:rev:94a9ed024d3859793618152ea559a168bbcbb5e2"
    entry = "identifiers:\n  - type: swh\n    value: {}\n    description: The code\n"
    path = study / "CITATION.cff"
    path.write_text(path.read_text("utf-8") + entry.format(swh), "utf-8")
    assert publication.read(study).identifiers == {"code": swh}
    publication.write_identifiers(study, FOUND)
    assert swh in path.read_text("utf-8")
    assert publication.read(study).identifiers == FOUND


def test_blank_lines_comments_and_other_line_ends_do_not_hinder_the_identifiers(study):
    block = (
        "identifiers:\n  # Of the code.\n  - type: doi\n    value: 10.5281/zenodo.1\n\n"
        "    description: code\n# Of the paper.\n\n  - type: doi\n    value: 10.1000/paper\n"
        "    description: paper\n# A comment at the end.\nabstract: short\n"
    )
    path = study / "CITATION.cff"
    path.write_bytes((path.read_text("utf-8") + block).replace("\n", "\r\n").encode())
    before = digest.study_digest(study, Git(study))
    publication.write_identifiers(study, FOUND)
    assert digest.study_digest(study, Git(study)) == before
    found = publication.read(study)
    assert found.identifiers == FOUND | {"paper": "10.1000/paper"} and found.abstract == "short"
    assert "# A comment at the end." in path.read_text("utf-8")


def test_a_title_with_letters_of_all_kinds_and_a_hundred_authors_are_told_whole():
    people = "".join(f"  - family-names: Ångström-{n}\n    given-names: Žofie\n" for n in range(99))
    text = CITATION.replace("A tiny study", "Cells 🔬, “counted” & 数").replace(
        "license:", people + "license:"
    )
    found = told(text)
    assert publication.problems(text, found) == []
    made = publication.zenodo(found)
    assert publication.zenodo_problem(made) == "" and len(made["creators"]) == 100
    assert json.loads(publication.zenodo_text(found))["title"] == "Cells 🔬, “counted” & 数"
