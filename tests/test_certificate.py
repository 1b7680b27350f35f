"""The record of a verification: whose name makes it a certificate, and which file counts."""

import json
import re

import pytest

from gold_standard import certificate
from gold_standard.errors import Refusal

STAMP = "2026-11-22T10:00:00+00:00"


# Names on the record


@pytest.mark.parametrize(
    "name",
    ["John W. Tukey", "john w tukey", "TUKEY, John W.", "Tukey John", "J. W. Tukey",
     "J.W. Tukey", "J Tukey", "John Tukey", "Jóhn Tukéy", "Tukey", "JW Tukey", "Tukey JW",
     "Dr. John Tukey", "Prof. J. Tukey", "John Wilder Tukey Jr.", "John Tukey (author)",
     "Jack Tukey", "Ludwig Beethoven"],
)  # fmt: skip
def test_an_author_under_any_spelling_gives_no_certificate(name):
    authors = certificate.authors_in(authors_text())
    assert certificate.kind_of({"name": name, "orcid": None}, authors) == certificate.RERUN


def authors_text() -> str:
    return (
        "authors:\n- given-names: John W.\n  family-names: Tukey\n"
        "  orcid: https://orcid.org/0000-0002-1825-0097\n"
        "- given-names: Ludwig\n  name-particle: van\n  family-names: Beethoven\n"
        "  orcid: https://orcid.org/0000-0002-1694-233x\n- name: The Cell Group\n"
    )


@pytest.mark.parametrize(
    "one, other",
    [("Søren Müller", "Soeren Mueller"), ("Søren Müller", "Soren Muller"), ("Łukasz", "Lukasz"),
     ("Jean-Paul Sartre", "JP Sartre"), ("Jean-Paul Sartre", "J.-P. Sartre"),
     ("Flannery O'Connor", "F. OConnor"), ("Anders Ångström", "A. Aangstroem"),
     ("Karl Weierstraß", "K Weierstrass"), ("María José Pérez", "Maria Perez")],
)  # fmt: skip
def test_one_name_in_two_spellings_is_one_persons(one, other):
    for a, b in ((one, other), (other, one)):
        authors = [{"name": a, "family": "", "orcid": None}]
        assert certificate.kind_of({"name": b, "orcid": None}, authors) == certificate.RERUN


@pytest.mark.parametrize(
    "orcid, kind",
    [(None, "re-run record"), ("0000-0002-1825-0097", "re-run record"),
     ("0000-0001-5109-3700", "certificate")],
)  # fmt: skip
def test_a_shared_family_name_needs_two_orcids_that_differ(orcid, kind):
    authors = certificate.authors_in(authors_text())
    by = {"name": "Elizabeth Tukey", "orcid": orcid}
    assert certificate.kind_of(by, authors) == kind


@pytest.mark.parametrize("name", ["John Tuk\u0435y", "\u0408. Tukey"])
def test_letters_that_only_look_alike_are_refused(name):
    with pytest.raises(Refusal, match="two alphabets"):
        certificate.person(name, None)
    authors = certificate.authors_in(authors_text())
    assert certificate.kind_of({"name": name, "orcid": None}, authors) == certificate.RERUN


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0002-1694-233X"])
def test_an_authors_orcid_under_another_name_gives_no_certificate(orcid):
    authors = certificate.authors_in(authors_text())
    by = certificate.person("Somebody Else", orcid)
    assert certificate.kind_of(by, authors) == certificate.RERUN


@pytest.mark.parametrize("name", ["Ada Lovelace", "John Nash", "Emmy Noether", "Zhang Heng"])
def test_an_outsider_gives_a_certificate(name):
    authors = certificate.authors_in(authors_text())
    assert certificate.kind_of({"name": name, "orcid": None}, authors) == certificate.CERTIFICATE


@pytest.mark.parametrize("text", ["", "authors: 3\n", "authors:\n- John\n", "{", "authors: []\n"])
def test_where_no_author_is_known_nobody_is_an_outsider(text):
    authors = certificate.authors_in(text)
    by = {"name": "Ada Lovelace", "orcid": None}
    assert certificate.kind_of(by, authors) == certificate.RERUN


@pytest.mark.parametrize(
    "orcid",
    ["0000-0002-1825-0098", "0000-0000-0000-0000", "1234", "", "john", "0000-0002-1825-00977",
     "0000\n0002-1825-0097", "٠000-0002-1825-0097"],
)  # fmt: skip
def test_an_orcid_that_can_be_none_is_refused(orcid):
    if orcid:
        with pytest.raises(Refusal, match="is not an ORCID"):
            certificate.person("Ada Lovelace", orcid)


@pytest.mark.parametrize(
    "orcid",
    ["0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233x", "000000021694233X",
     "https://orcid.org/0000-0002-1694-233X/"],
)  # fmt: skip
def test_an_orcid_is_read_in_every_form_that_people_write(orcid):
    assert certificate.person("A", orcid)["orcid"] == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "name",
    ["Ada\x1b[31m", "Ada\nLovelace", "Ada\x00", "Ada\u202eecalevoL", "  ", "...", "123", "x" * 201,
     "Ada | Lovelace", "<b>Ada</b>", "[Ada](x)", "`Ada`"],
)  # fmt: skip
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Refusal, match="plain letters"):
        certificate.person(name, None)


@pytest.mark.parametrize(
    "name", ["Séamus Ó Duilearga", "陈省身", "J.-P. Serre", "Flannery O'Connor", "Ngô, Bảo Châu"]
)
def test_names_of_all_the_world_are_names(name):
    assert certificate.person(f" {name} ", None)["name"] == name


def test_an_orcid_needs_a_name():
    with pytest.raises(Refusal, match="--by"):
        certificate.person(None, "0000-0002-1825-0097")


# The record as a file


def record(**changes) -> dict:
    """A record as `verify` writes it, with changes, and a checksum that fits."""
    content = {
        "schema": 1, "kind": "certificate", "tool": "gold-standard 0.1.0", "date": STAMP,
        "study": {
            "digest": "d" * 64, "commit": None, "had_uncommitted_changes": False, "from": None,
        },
        "compared": "results", "agrees": True, "problems": [], "by": None, "given": {},
        "where": {"system": "Debian", "cpu": {"model": "c", "usable": 2}, "memory_bytes": 2**34},
        "environment": {}, "offline": False, "runs": [{"wall_seconds": 1.0}],
        "files": {"results/a.csv": {
            "sha256": "a" * 64, "with_committed": {"kind": "identical"}, "from_run_to_run": None,
        }},
    } | changes  # fmt: skip
    return content | {"checksum": certificate.checksum(content)}


def newest(*contents) -> tuple:
    return newest_of({f"certificates/{n}.json": json.dumps(c) for n, c in enumerate(contents)})


def newest_of(texts: dict[str, str]) -> tuple:
    found, notes = certificate.sound(texts, "d" * 64)
    return (found or [None])[0], notes


def test_the_newest_record_of_this_state_counts():
    best, notes = newest(record(date="2026-11-23"), record(date="2026-11-22"))
    assert best["date"] == "2026-11-23" and notes == []


def test_an_edited_record_counts_for_nothing_and_that_is_said():
    for key, value in {"agrees": False, "by": {"name": "X", "orcid": None}, "date": "2027"}.items():
        best, notes = newest(record() | {key: value})
        assert best is None and "was edited" in notes[0]


def test_a_record_of_another_state_counts_for_nothing_and_that_is_said():
    best, notes = newest(record(study={"digest": "e" * 64}))
    assert best is None and "another state" in notes[0]


@pytest.mark.parametrize(
    "changes",
    [{"problems": ["results/a.csv: different"]}, {"agrees": False},
     {"files": {"results/a.csv": {"sha256": None, "with_committed": {"kind": "different"}, "from_run_to_run": None}}},  # noqa: E501
     {"files": {}}, {"files": None}, {"files": []}, {"files": {"a": 3}}, {"by": "Ada"}, {"by": {}},
     {"by": {"name": 3, "orcid": None}}, {"date": None}, {"problems": None}, {"study": None},
     {"agrees": "yes"}, {"schema": 2}],
)  # fmt: skip
def test_a_record_that_contradicts_itself_or_lacks_something_counts_for_nothing(changes):
    best, notes = newest(record(**changes))
    assert best is None and "counts for nothing" in notes[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "null", '"\\ud800"', "[" * 9000, '{"schema": 1, "checksum": "\\ud800"}'],
)
def test_a_file_that_is_no_record_counts_for_nothing(text):
    best, notes = newest_of({"certificates/a.json": text})
    assert best is None and "counts for nothing" in notes[0]


def test_the_page_shows_names_of_files_and_nothing_more():
    evil = "results/a`|<b>\n# b.csv"
    file = {"sha256": None, "with_committed": {"kind": "different"}, "from_run_to_run": None}
    page = certificate.in_words(
        record(agrees=False, problems=[f"{evil}: different"], files={evil: file})
    )
    assert "\n# b" not in page and "<b>" not in page.replace("\\<b", "")
    assert re.search(
        r"^\| results/a\\`\\\|\\<b\\>\?# b\.csv \| different \|  \|$", page, re.MULTILINE
    )


def test_two_that_end_together_take_two_names(tmp_path):
    paths = [certificate._reserved(tmp_path, "2026-11-22-d", record()) for _ in range(3)]
    assert [path.name[-7:] for path in paths] == ["-d.json", "-2.json", "-3.json"]
