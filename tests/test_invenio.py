"""The test service keeps the rules of InvenioRDM; what passes against it would say little else."""

import hashlib
import http.client
import json
import time
import tracemalloc
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from invenio import Invenio
from invenio_http import NATIVE

from gold_standard.check.online import _answer

METADATA = {
    "title": "A study of tests",
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Tukey",
                "given_name": "John W.",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "Princeton University"}],
        }
    ],
    "publication_date": "2026-01-31",
    "resource_type": {"id": "software"},
    "publisher": "Zenodo",
    "version": "1.0.0",
    "rights": [{"id": "mit"}],
    "related_identifiers": [
        {"scheme": "doi", "identifier": "10.1234/foo", "relation_type": {"id": "issupplementto"}}
    ],
}


@dataclass
class Answer:
    status: int
    json: dict
    head: dict
    bytes: bytes


class Client:
    """The plainest client there is: it asks once and takes what comes."""

    def __init__(self, service: Invenio, token: str | None = None, accept: str = NATIVE) -> None:
        self.service, self.token, self.accept = service, token, accept

    def __call__(self, method: str, path: str, body=None, kind=None, **head) -> Answer:
        url = path if path.startswith("http") else self.service.url + path
        head = {"Accept": self.accept} | {k.replace("_", "-"): v for k, v in head.items()}
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, dict | list):
            body, kind = json.dumps(body).encode(), kind or "application/json"
        if body is not None:
            head["Content-Type"] = kind or "application/octet-stream"
        request = urllib.request.Request(url, body, head, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return self.understood(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return self.understood(error.code, error)

    def understood(self, status: int, answer) -> Answer:
        sent = answer.read()
        is_json = answer.headers.get("Content-Type") == "application/json"
        return Answer(status, json.loads(sent) if is_json and sent else {}, answer.headers, sent)

    def draft(self, **metadata) -> str:
        answer = self("POST", "/api/records", {"metadata": METADATA | metadata})
        assert answer.status == 201, answer.json
        return f"/api/records/{answer.json['id']}"

    def file(self, record: str, key: str = "a.zip", content: bytes = b"content") -> dict:
        assert self("POST", f"{record}/draft/files", [{"key": key}]).status == 201
        assert self("PUT", f"{record}/draft/files/{key}/content", content).status == 200
        answer = self("POST", f"{record}/draft/files/{key}/commit")
        assert answer.status == 200
        return answer.json

    def published(self, **metadata) -> str:
        record = self.draft(**metadata)
        self.file(record)
        assert self("POST", f"{record}/draft/actions/publish").status == 202
        return record


@pytest.fixture
def service(tmp_path):
    with Invenio(tmp_path) as service:
        yield service


@pytest.fixture
def ask(service):
    return Client(service, service.token)


def wrong(answer: Answer) -> set[str]:
    """The fields that an answer complains of; a draft is saved all the same."""
    assert answer.status < 400 or answer.json["message"] == "A validation error occurred."
    return {error["field"] for error in answer.json["errors"]}


def test_a_draft_becomes_a_record_with_a_doi_and_its_files(service, ask):
    made = ask("POST", "/api/records", {"metadata": METADATA})
    assert (made.status, made.json["status"], made.json["pids"]) == (201, "draft", {})
    assert not made.json["is_published"] and made.json["versions"]["index"] == 1
    links = made.json["links"]
    doi = ask("POST", links["reserve_doi"]).json["pids"]["doi"]["identifier"]
    assert doi == f"10.5072/zenodo.{made.json['id']}"
    started = ask("POST", links["files"], [{"key": "a b.csv"}]).json["entries"][0]
    assert started["status"] == "pending" and "checksum" not in started
    sent = ask("PUT", started["links"]["content"], b"1,2\n").json
    assert sent["status"] == "pending"
    done = ask("POST", started["links"]["commit"]).json
    assert done["status"] == "completed" and done["size"] == 4 and done["mimetype"] == "text/csv"
    assert done["checksum"] == "md5:" + hashlib.md5(b"1,2\n").hexdigest()
    assert Client(service)("GET", links["record"]).status == 404
    published = ask("POST", links["publish"])
    assert published.status == 202 and published.json["is_published"]
    assert published.json["pids"]["doi"]["identifier"] == doi
    anyone = Client(service)
    assert anyone("GET", links["record"]).json["metadata"]["title"] == METADATA["title"]
    assert anyone("GET", f"{links['record']}/files/a%20b.csv/content").bytes == b"1,2\n"
    assert ask("GET", links["self"]).status == ask("POST", links["publish"]).status == 404


def test_what_is_wrong_in_a_draft_is_told_and_refused_only_on_publishing(ask):
    bad = METADATA | {"resource_type": {"id": "sofware"}, "colour": "red", "title": ""}
    bad["creators"] = [{"person_or_org": {"type": "personal", "given_name": "John W."}}]
    made = ask("POST", "/api/records", {"metadata": bad})
    assert made.status == 201 and "title" not in made.json["metadata"]
    assert wrong(made) == {
        "metadata.resource_type",
        "metadata.colour",
        "metadata.title",
        "metadata.creators.0.person_or_org.family_name",
    }
    record = f"/api/records/{made.json['id']}"
    ask.file(record)
    answer = ask("POST", f"{record}/draft/actions/publish")
    assert answer.status == 400
    assert wrong(answer) == {"metadata.resource_type", "metadata.title", "metadata.creators"}
    assert ask("GET", f"{record}/draft").json["is_published"] is False


@pytest.mark.parametrize(
    "field, value",
    [
        ("publication_date", "31.1.2026"),
        ("rights", [{"id": "MIT"}]),
        ("related_identifiers", [{"identifier": "10.1/x", "relation_type": {"id": "isabout"}}]),
        ("related_identifiers", [{"scheme": "doi", "identifier": "10.1/x"}]),
        ("identifiers", [{"scheme": "doi", "identifier": "x"}]),
        ("creators", []),
        ("creators", [{"name": "Tukey, John W."}]),
        ("contributors", METADATA["creators"]),
        ("subjects", [{"keyword": "tests"}]),
        ("funding", [{"funder": {"name": "F"}, "award": {"number": "1"}}]),
        ("languages", [{"id": "en"}]),
        ("keywords", ["tests"]),
    ],
)
def test_a_field_is_taken_only_as_the_reference_says(ask, field, value):
    errors = ask("POST", "/api/records", {"metadata": METADATA | {field: value}}).json["errors"]
    assert {error["field"].split(".")[1] for error in errors} == {field}


def test_good_metadata_has_no_errors(ask):
    more = {
        "subjects": [{"subject": "tests"}],
        "languages": [{"id": "eng"}],
        "funding": [{"funder": {"name": "F"}, "award": {"title": {"en": "A"}, "number": "1"}}],
        "dates": [{"date": "2025/2026-01", "type": {"id": "collected"}}],
        "description": "<p>Words</p>",
    }
    assert "errors" not in ask("POST", "/api/records", {"metadata": METADATA | more}).json


def test_a_publisher_and_completed_files_are_asked_for(ask):
    record = ask.draft(publisher="")
    assert wrong(ask("POST", f"{record}/draft/actions/publish")) == {
        "metadata.publisher",
        "files.enabled",
    }
    ask("POST", f"{record}/draft/files", [{"key": "a"}])
    ask("PUT", f"{record}/draft", {"metadata": METADATA})
    assert wrong(ask("POST", f"{record}/draft/actions/publish")) == {"files.entries"}


def test_a_record_of_metadata_only_takes_no_files(ask):
    body = {"metadata": METADATA, "files": {"enabled": False}}
    record = f"/api/records/{ask('POST', '/api/records', body).json['id']}"
    assert ask("POST", f"{record}/draft/files", [{"key": "a"}]).status == 400
    published = ask("POST", f"{record}/draft/actions/publish").json
    assert published["access"]["status"] == "metadata-only"
    record = ask.draft()
    ask.file(record)
    assert wrong(ask("PUT", f"{record}/draft", body)) == {"files.enabled"}


def test_an_embargo_needs_a_day_to_come_and_something_restricted(ask):
    def made(**access):
        return ask("POST", "/api/records", {"metadata": METADATA, "access": access})

    embargo = {"active": True, "until": "2999-01-01"}
    assert made(files="restricted", embargo=embargo).json["access"]["status"] == "embargoed"
    assert wrong(made(embargo=embargo)) == {"access.embargo.active"}
    past = made(files="restricted", embargo={"active": True, "until": "2020-01-01"})
    assert wrong(past) == {"access.embargo.until"}
    assert wrong(made(record="open")) == {"access.record"}


def test_a_file_goes_from_pending_to_completed_and_nowhere_else(ask):
    record = ask.draft()
    at = f"{record}/draft/files/a"
    assert ask("PUT", f"{at}/content", b"x").status == 404
    assert ask("POST", f"{record}/draft/files", {"key": "a"}).status == 400
    assert ask("POST", f"{record}/draft/files", [{"key": "a"}]).status == 201
    assert ask("POST", f"{record}/draft/files", [{"key": "a"}]).status == 400
    assert ask("POST", f"{at}/commit").status == 400  # nothing was uploaded
    assert ask("PUT", f"{at}/content", b"first").status == 200
    assert ask("PUT", f"{at}/content", b"second").status == 200  # while it is pending
    assert ask("POST", f"{at}/commit").json["size"] == 6
    assert ask("POST", f"{at}/commit").status == 400
    assert ask("PUT", f"{at}/content", b"third").status == 400
    assert ask("GET", f"{at}/content").bytes == b"second"
    assert [f["key"] for f in ask("GET", f"{record}/draft/files").json["entries"]] == ["a"]
    assert ask("DELETE", at).status == 204
    assert ask("GET", at).status == ask("DELETE", at).status == 404


def test_the_files_of_a_published_record_stay(service, ask):
    record = ask.published()
    edited = ask("POST", f"{record}/draft")
    assert edited.status == 201 and edited.json["is_published"] and edited.json["is_draft"]
    assert ask("POST", f"{record}/draft/files", [{"key": "b"}]).status == 403
    assert ask("DELETE", f"{record}/draft/files/a.zip").status == 403
    new = {"metadata": METADATA | {"title": "Another title"}}
    assert ask("PUT", f"{record}/draft", new).status == 200
    assert wrong(ask("POST", f"{record}/draft/actions/publish")) == {"pids.doi"}  # it was not sent
    ask("PUT", f"{record}/draft", new | {"pids": edited.json["pids"]})
    assert ask("POST", f"{record}/draft/actions/publish").status == 202
    assert ask("GET", record).json["metadata"]["title"] == "Another title"
    ask("POST", f"{record}/draft")
    assert ask("DELETE", f"{record}/draft").status == 204
    assert ask("GET", record).status == 200


def test_a_doi_is_reserved_once_and_can_be_given_back(ask):
    record = ask.draft()
    reserve = f"{record}/draft/pids/doi"
    assert ask("DELETE", reserve).status == 404
    pids = ask("POST", reserve).json["pids"]
    assert wrong(ask("POST", reserve)) == {"pids.doi"}
    assert ask("PUT", f"{record}/draft", {"metadata": METADATA, "pids": pids}).json["pids"] == pids
    assert ask("PUT", f"{record}/draft", {"metadata": METADATA}).json["pids"] == {}
    assert ask("POST", reserve).json["pids"] == pids
    assert ask("DELETE", reserve).status == 204
    own = {"doi": {"identifier": "10.1234/mine", "provider": "external"}}
    assert ask("PUT", f"{record}/draft", {"metadata": METADATA, "pids": own}).json["pids"] == own
    assert ask("DELETE", reserve).status == 404


def test_a_new_version_begins_without_files_date_version_and_doi(ask):
    record = ask.published()
    parent = ask("GET", record).json["parent"]
    new = ask("POST", f"{record}/versions")
    assert new.status == 201 and new.json["versions"] == {
        "index": 2,
        "is_latest": False,
        "is_latest_draft": True,
    }
    assert new.json["parent"]["id"] == parent["id"] and new.json["pids"] == {}
    assert not {"publication_date", "version"} & new.json["metadata"].keys()
    assert ask("POST", f"{record}/versions").json["id"] == new.json["id"]  # the same draft again
    draft = new.json["links"]["self"]
    assert ask("GET", f"{draft}/files").json["entries"] == []
    assert ask("POST", f"{draft}/actions/files-import").json["entries"][0]["status"] == "completed"
    assert ask("POST", f"{draft}/actions/files-import").status == 400
    assert wrong(ask("POST", new.json["links"]["publish"])) == {"metadata.publication_date"}
    assert ask("DELETE", f"{draft}/files/a.zip").status == 204
    assert ask("GET", f"{record}/files/a.zip/content").bytes == b"content"
    ask.file(new.json["links"]["record"], "b.zip")
    ask("PUT", draft, {"metadata": METADATA | {"version": "2"}})
    assert ask("POST", new.json["links"]["publish"]).status == 202
    assert ask("GET", f"{record}/versions/latest").json["id"] == new.json["id"]
    assert not ask("GET", record).json["versions"]["is_latest"]
    assert ask("GET", f"{record}/versions").json["hits"]["total"] == 2
    assert ask("POST", f"{ask.draft()}/versions").status == 404


def test_my_records_are_listed_by_pages_and_found_by_query(service, ask):
    drafts = [ask.draft(title=f"Study number {i}") for i in range(12)]
    record = ask.published(title="Another")
    doi = service.records[record.split("/")[-1]].doi

    def found(**query):
        answer = ask("GET", f"/api/user/records?{urlencode(query)}")
        assert answer.status == 200, answer.json
        return answer.json

    first = found()
    assert first["hits"]["total"] == 13 and len(first["hits"]["hits"]) == 10
    second = ask("GET", first["links"]["next"]).json
    assert len(second["hits"]["hits"]) == 3 and "next" not in second["links"]
    assert first["hits"]["hits"][0]["id"] in record  # the newest
    assert found(sort="oldest")["hits"]["hits"][0]["id"] in drafts[0]
    assert found(status="draft", size=100)["hits"]["total"] == 12
    assert found(q="is_published:true")["hits"]["total"] == 1
    assert found(q=f'pids.doi.identifier:"{doi}"')["hits"]["hits"][0]["id"] in record
    assert found(q='metadata.title:"number 7"')["hits"]["hits"][0]["id"] in drafts[7]
    assert found(q="tukey AND NOT number")["hits"]["total"] == 1
    assert found(q="tukey -another", size=1)["hits"]["total"] == 12
    for query in ({"size": 101}, {"page": 0}, {"q": 'title:"half'}, {"sort": "colour"}):
        assert ask("GET", f"/api/user/records?{urlencode(query)}").status == 400
    other = Client(service, service.other_token)
    assert other("GET", "/api/user/records").json["hits"]["total"] == 0
    assert other("GET", "/api/records").json["hits"]["total"] == 1


def test_a_new_draft_comes_late_into_the_list(tmp_path):
    with Invenio(tmp_path, lag=0.2) as service:
        ask = Client(service, service.token)
        ask.draft()
        assert ask("GET", "/api/user/records").json["hits"]["total"] == 0
        time.sleep(0.2)
        assert ask("GET", "/api/user/records").json["hits"]["total"] == 1


def test_who_may_what(service, ask):
    record = ask.draft()
    anyone, other = Client(service), Client(service, service.other_token)
    nobody = Client(service, "no such token")
    for method, path in (("POST", "/api/records"), ("GET", "/api/user/records")):
        body = {} if method == "POST" else None
        assert anyone(method, path, body).status == nobody(method, path, body).status == 401
    assert anyone("GET", f"{record}/draft").status == 401
    assert nobody("GET", "/api/records").status == 401
    assert other("GET", f"{record}/draft").status == 403
    assert other("DELETE", f"{record}/draft").status == 403
    ask.file(record)
    service.may_not_publish.add(service.token)
    assert ask("POST", f"{record}/draft/actions/publish").status == 403
    service.may_not_publish.clear()
    assert ask("POST", f"{record}/draft/actions/publish").status == 202
    assert other("POST", f"{record}/versions").status == 403
    assert anyone("GET", f"{record}?access_token={service.token}").status == 200
    assert not service.calls[-1].authorized and service.token in service.calls[-1].query
    service.expire()
    assert ask("GET", record).status == 401
    assert Client(service, service.token)("GET", record).status == 200


def test_restricted_files_are_the_owners(service, ask):
    body = {"metadata": METADATA, "access": {"record": "public", "files": "restricted"}}
    record = f"/api/records/{ask('POST', '/api/records', body).json['id']}"
    ask.file(record)
    ask("POST", f"{record}/draft/actions/publish")
    anyone = Client(service)
    assert anyone("GET", record).status == ask("GET", f"{record}/files").status == 200
    assert anyone("GET", f"{record}/files/a.zip/content").status == 403


def test_errors_have_the_status_that_is_documented(service, ask):
    record = ask.draft()
    assert ask("GET", "/api/records/nothing").status == 404
    assert ask("GET", "/api/nothing").status == 404
    assert ask("POST", f"{record}/versions").json["status"] == 404
    answer = ask("PATCH", record)
    assert (answer.status, answer.head["Allow"]) == (405, "GET")
    assert ask("POST", "/api/records", b"{}", "text/plain").status == 415
    assert ask("POST", "/api/records", b"{", "application/json").status == 400
    assert ask("POST", "/api/records", [], "application/json").status == 400
    assert ask("POST", "/api/records", {"metadata": "x"}).status == 500  # as a service would
    ask("POST", f"{record}/draft/files", [{"key": "a"}])
    assert ask("PUT", f"{record}/draft/files/a/content", b"x", "text/plain").status == 415
    assert Client(service, accept="image/png")("GET", "/api/records").status == 406
    revision = ask("GET", f"{record}/draft").head["ETag"]
    body = {"metadata": METADATA}
    assert ask("PUT", f"{record}/draft", body, If_Match=revision).status == 200
    assert ask("PUT", f"{record}/draft", body, If_Match=revision).status == 412
    assert ask("DELETE", f"{record}/draft").status == 204
    assert ask("GET", f"{record}/draft").status == 404


def test_a_removed_record_leaves_a_tombstone(service, ask):
    record = ask.published()
    id = record.split("/")[-1]
    doi = service.records[id].doi
    service.remove(id, "Spam")
    answer = ask("GET", record)
    assert (answer.status, answer.json["tombstone"]["reason"]) == (410, "Spam")
    assert _answer(f"{service.url}/doi/{doi}", 5) == "unknown there"


def test_limits(tmp_path):
    with Invenio(tmp_path, max_file=10, quota=15, max_files=3) as service:
        ask = Client(service, service.token)
        record = ask.draft()
        ask("POST", f"{record}/draft/files", [{"key": key} for key in "abc"])
        assert ask("POST", f"{record}/draft/files", [{"key": "d"}]).status == 400
        at = f"{record}/draft/files"
        assert ask("PUT", f"{at}/a/content", b"x" * 11).status == 413
        assert ask("PUT", f"{at}/a/content", iter([b"x" * 6, b"x" * 5])).status == 413  # in chunks
        assert ask("PUT", f"{at}/a/content", iter([b"x" * 6, b"x" * 4])).status == 200
        answer = ask("PUT", f"{at}/b/content", b"x" * 6)
        assert (answer.status, answer.json["message"]) == (400, "Bucket quota exceeded.")
        assert ask("PUT", f"{at}/b/content", b"x" * 5).status == 200
        assert ask("PUT", f"{at}/a/content", b"x" * 9).status == 200  # in place of what was there
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 14


def test_too_many_calls_are_told_to_wait(tmp_path):
    with Invenio(tmp_path, rate=3, window=0.4) as service:
        ask = Client(service, service.token)
        answers = [ask("GET", "/api/user/records") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert [a.head["X-RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
        assert answers[-1].head["Retry-After"] == "1"
        time.sleep(0.2)
        assert {ask("GET", "/api/user/records").status for _ in range(3)} == {429}
        time.sleep(0.2)  # what was refused does not make it longer
        assert ask("GET", "/api/user/records").status == 200


def test_zenodo_answers_in_its_old_form_unless_asked(service, tmp_path):
    old = Client(service, service.token, accept="application/json")
    made = old("POST", "/api/records", {"metadata": METADATA}).json
    assert isinstance(made["id"], int) and "pids" not in made
    assert made["metadata"]["creators"] == [{"name": "Tukey, John W."}]
    with Invenio(tmp_path, zenodo=False) as elsewhere:
        other = Client(elsewhere, elsewhere.token, accept="application/json")
        made = other("POST", "/api/records", {"metadata": METADATA}).json
        assert made["id"][5] == "-" and made["pids"] == {}


def test_a_doi_resolves_once_it_is_published(service, ask):
    record = ask.draft()
    doi = ask("POST", f"{record}/draft/pids/doi").json["pids"]["doi"]["identifier"]
    assert _answer(f"{service.url}/doi/{doi}", 5) == "unknown there"
    ask.file(record)
    concept = ask("POST", f"{record}/draft/actions/publish").json["parent"]["pids"]["doi"]
    assert _answer(f"{service.url}/doi/{doi}", 5) == "there"
    assert _answer(f"{service.url}/doi/{concept['identifier']}", 5) == "there"
    assert _answer(f"{service.url}/doi/10.5072/zenodo.9", 5) == "unknown there"


def test_faults_strike_the_call_they_are_for(service, ask):
    service.fail("GET", "/api/user/records", nth=2, times=2, status=503, headers={"Retry-After": 7})
    answers = [ask("GET", "/api/user/records") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 503, 503, 200]
    assert answers[1].head["Retry-After"] == "7" and answers[1].json["status"] == 503
    assert [call.status for call in service.calls] == [200, 503, 503, 200]
    service.fail("POST", "/api/records$", status=504, done=True)
    assert ask("POST", "/api/records", {}).status == 504 and len(service.records) == 1
    service.fail("POST", "/api/records$", status=400, body={"message": "No."})
    assert ask("POST", "/api/records", {}).json == {"message": "No."} and len(service.records) == 1


def test_an_answer_can_be_lost_or_late(service, ask):
    for lost in (0, 600):  # nothing of it, or only a part of the document
        service.fail("POST", "/api/records$", lost=lost)
        with pytest.raises((http.client.HTTPException, OSError)):
            ask("POST", "/api/records", {"metadata": METADATA})
        assert service.calls[-1].status == 0
        service.faults.clear()
    service.fail("POST", "/api/records$", lost=60)  # within the head: it looks like an empty answer
    assert ask("POST", "/api/records", {"metadata": METADATA}).bytes == b""
    assert len(service.records) == 3
    service.fail("GET", "/api/user/records", wait=0.2)
    start = time.monotonic()
    assert ask("GET", "/api/user/records").status == 200 and time.monotonic() - start >= 0.2


def test_a_connection_can_break_within_a_file(service, ask, tmp_path):
    record = ask.draft()
    ask("POST", f"{record}/draft/files", [{"key": "a"}])
    content = f"{record}/draft/files/a/content"
    for cut in (0, 1000, 3_000_000):
        service.fail("PUT", "/content$", cut=cut)
        with pytest.raises(OSError):
            ask("PUT", content, b"x" * 4_000_000)
        service.faults.clear()
        assert (service.calls[-1].status, service.calls[-1].received) == (0, cut)
    assert ask("POST", f"{record}/draft/files/a/commit").status == 400
    assert not list(tmp_path.iterdir())
    assert ask("PUT", content, b"x" * 4_000_000).status == 200
    assert service.count("PUT", "/content$") == 4


def test_a_file_can_arrive_wrong_or_be_told_wrong(service, ask):
    record = ask.draft()
    service.fail("POST", "/commit$", answer={"checksum": "md5:" + "0" * 32})
    assert ask.file(record, "told")["checksum"] == "md5:" + "0" * 32
    right = "md5:" + hashlib.md5(b"content").hexdigest()
    assert ask("GET", f"{record}/draft/files/told").json["checksum"] == right
    service.fail("PUT", "/content$", garble=True)
    assert ask.file(record, "garbled")["checksum"] != right
    assert ask("GET", f"{record}/draft/files/garbled/content").bytes == b"bontent"


def test_an_authorization_header_that_went_elsewhere_is_seen(service, ask, tmp_path):
    with Invenio(tmp_path) as elsewhere:
        service.fail("GET", "/", status=302, headers={"Location": f"{elsewhere.url}/api/records"})
        ask("GET", "/api/records")  # urllib sends it along
        assert [call.authorized for call in elsewhere.calls] == [True]


def test_a_large_file_is_not_held_in_memory(service, ask, tmp_path):
    record, large, size = ask.draft(), tmp_path / "large", 64 << 20
    ask("POST", f"{record}/draft/files", [{"key": "large"}])
    with large.open("wb") as out:
        out.truncate(size)
    tracemalloc.start()
    with large.open("rb") as content:
        answer = ask("PUT", f"{record}/draft/files/large/content", content, Content_Length=size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status == 200 and service.calls[-1].received == size
    assert peak < 16 << 20
    stored = service.records[record.split("/")[-1]].files["large"].content
    assert isinstance(stored, Path) and stored.stat().st_size == size
