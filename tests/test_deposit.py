"""Depositing: what is sent, what is never sent twice, and what people are told when it fails.

The services here are canned: each gives the answers that a test wrote down, and keeps the calls.
"""

import hashlib
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from itertools import count

import helpers
import pytest

from gold_standard import deposit
from gold_standard.deposit import Deposit
from gold_standard.errors import Refusal
from gold_standard.service import Service

TOKEN = "tOkEn-0123456789-sEcReT"
METADATA = {
    "metadata": {"title": "Sheep", "version": "1.0", "resource_type": {"id": "software"}},
    "access": {"record": "public", "files": "public"},
}
DOI = "10.5072/zenodo.7"
DRAFT = {
    "id": "7",
    "is_published": False,
    "metadata": METADATA["metadata"],
    "pids": {},
    "links": {"self_html": "https://canned.example/uploads/7"},
}
RESERVED = DRAFT | {"pids": {"doi": {"identifier": DOI, "provider": "datacite"}}}
RECORD = RESERVED | {
    "is_published": True,
    "links": {"self_html": "https://canned.example/records/7"},
}
NONE = {"hits": {"hits": [], "total": 0}}
MINE = "GET user/records"
CONTENT = b"what is deposited\n" * 1000
MD5 = hashlib.md5(CONTENT).hexdigest()


def listing(*hits) -> dict:
    return {"hits": {"hits": list(hits), "total": len(hits)}}


def complete(name="archive.zip", content=CONTENT) -> dict:
    digest = hashlib.md5(content).hexdigest()
    return {"key": name, "status": "completed", "size": len(content), "checksum": f"md5:{digest}"}


def files(*entries) -> dict:
    return {"enabled": True, "entries": list(entries)}


class Canned(http.server.ThreadingHTTPServer):
    """Answers of a service by method and path: one after the other, the last one for ever."""

    daemon_threads = True

    def __init__(self, answers: dict):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {key: list(one) for key, one in answers.items()}
        self.calls: list[str] = []
        self.bodies: list[tuple[str, bytes]] = []
        self.headers: list = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass  # a test that cuts the connection is not to fill the screen

    def next(self, call: str):
        due = self.answers.get(call, [(404, {"message": "not canned"})])
        return due.pop(0) if len(due) > 1 else due[0]

    def body_of(self, call: str):
        return json.loads(next(body for made, body in reversed(self.bodies) if made == call))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        call = f"{self.command} {self.path.split('?')[0].removeprefix('/api/')}"
        self.server.calls.append(call)
        self.server.headers.append(self.headers)
        due = self.server.next(call)
        if callable(due):
            return due(self)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.bodies.append((call, content))
        status, document, *headers = due
        self.reply(status, document, headers[0] if headers else {})

    def reply(self, status, document, headers):
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def cut(handler) -> None:
    """Take half of what comes, and hang up without an answer."""
    handler.rfile.read(int(handler.headers.get("Content-Length") or 0) // 2)
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@pytest.fixture
def canned():
    started = []

    def start(**answers) -> Canned:
        server = Canned(answers.pop("answers", {}) | answers)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def told():
    return []


@pytest.fixture
def slept():
    return []


@pytest.fixture
def talk(told, slept, monkeypatch):
    """A service as the client sees it, which never really waits."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)

    def talk(server, **settings) -> Service:
        settings = {"sleep": slept.append, "timeout": 5, "patience": 5} | settings
        return Service(getattr(server, "url", server), TOKEN, told.append, **settings)

    return talk


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive.zip"
    path.write_bytes(CONTENT)
    return path


def whole(**more) -> dict:
    """The answers to a deposit of one file in which nothing goes wrong."""
    name = "records/7/draft/files/archive.zip"
    return {
        MINE: [(200, NONE)],
        "POST records": [(201, DRAFT)],
        "GET records/7/draft": [(200, DRAFT), (200, RESERVED)],
        "POST records/7/draft/pids/doi": [(201, RESERVED)],
        "PUT records/7/draft": [(200, RESERVED)],
        "GET records/7/draft/files": [(200, files()), (200, files(complete()))],
        "POST records/7/draft/files": [(201, files({"key": "archive.zip", "status": "pending"}))],
        f"PUT {name}/content": [(200, {"key": "archive.zip", "status": "pending"})],
        f"POST {name}/commit": [(200, complete())],
        f"DELETE {name}": [(204, b"")],
        "POST records/7/draft/actions/publish": [(202, RECORD)],
    } | more


def run_all(service, memory, archive) -> str:
    made = Deposit(service, memory)
    assert made.reserve("code", METADATA) == DOI
    made.describe("code", METADATA)
    made.upload("code", [archive])
    return made.publish("code")


# The whole way


def test_a_deposit_goes_through_in_the_documented_calls(canned, talk, archive, tmp_path, told):
    server = canned(answers=whole())
    address = run_all(talk(server), tmp_path / ".run" / "publish.json", archive)
    assert address == "https://canned.example/records/7"
    name = "records/7/draft/files/archive.zip"
    assert server.calls == [
        MINE,
        "POST records",
        "GET records/7/draft",
        "POST records/7/draft/pids/doi",
        "GET records/7/draft",
        "PUT records/7/draft",
        "GET records/7/draft/files",
        "POST records/7/draft/files",
        f"PUT {name}/content",
        f"POST {name}/commit",
        "GET records/7/draft/files",
        "GET records/7/draft",
        "GET records/7/draft",
        "PUT records/7/draft",
        "POST records/7/draft/actions/publish",
    ]
    assert server.body_of("POST records/7/draft/files") == [{"key": "archive.zip"}]
    assert dict(server.bodies)[f"PUT {name}/content"] == CONTENT
    assert told == [], "a short upload needs no lines"


def test_the_reserved_doi_is_sent_along_or_the_service_would_drop_it(
    canned, talk, archive, tmp_path
):
    server = canned(answers=whole())
    run_all(talk(server), tmp_path / "m.json", archive)
    body = server.body_of("PUT records/7/draft")
    assert body["pids"] == RESERVED["pids"]
    assert body["files"] == {"enabled": True}
    assert body["access"] == METADATA["access"]


def test_the_mark_is_in_the_draft_and_not_in_what_is_published(canned, talk, archive, tmp_path):
    server = canned(answers=whole())
    run_all(talk(server), tmp_path / "m.json", archive)
    ours = {"scheme": "urn", "identifier": deposit.mark("code", METADATA)}
    sent = [json.loads(body) for call, body in server.bodies if call == "PUT records/7/draft"]
    assert server.body_of("POST records")["metadata"]["identifiers"] == [ours]
    assert sent[0]["metadata"]["identifiers"] == [ours]
    assert sent[1]["metadata"] == METADATA["metadata"]
    assert "identifiers" not in METADATA["metadata"], "what the caller gave is left alone"


def test_names_with_blanks_and_letters_arrive_in_the_address(canned, talk, tmp_path):
    path = tmp_path / "größe 100%?.zip"
    path.write_bytes(CONTENT)
    name = "records/7/draft/files/gr%C3%B6%C3%9Fe%20100%25%3F.zip"
    answers = whole() | {
        "GET records/7/draft/files": [(200, files()), (200, files(complete(path.name)))],
        f"PUT {name}/content": [(200, {})],
        f"POST {name}/commit": [(200, complete(path.name))],
    }
    server = canned(answers=answers)
    made = Deposit(talk(server), tmp_path / "m.json")
    made.reserve("code", METADATA)
    made.upload("code", [path])
    assert f"POST {name}/commit" in server.calls


# Going on where it stopped


def pause_after(server, call, nth=1):
    """Let the call be carried out and its answer be lost."""
    due = server.answers[call]

    def lost(handler):
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    due.insert(nth - 1, lost)


def test_a_draft_whose_answer_was_lost_is_found_and_not_made_twice(canned, talk, tmp_path, slept):
    marked = DRAFT | {
        "metadata": {"identifiers": [{"identifier": deposit.mark("code", METADATA)}]},
    }
    server = canned(answers=whole())
    server.answers[MINE] = [(200, NONE), (200, NONE), (200, listing(marked))]
    pause_after(server, "POST records")
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI
    assert server.calls.count("POST records") == 1
    assert slept == [0, 2], "the list of a service is a little behind"


def test_a_draft_that_was_really_not_made_is_made_at_the_second_try(canned, talk, tmp_path):
    server = canned(answers=whole())
    pause_after(server, "POST records")
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI
    assert server.calls.count("POST records") == 2


def test_killed_between_call_and_answer_the_next_call_looks_first(canned, talk, tmp_path):
    memory = tmp_path / "m.json"
    server = canned(answers=whole())

    def killed(handler):
        stored.update(json.loads(memory.read_text())[server.url]["code"])
        cut(handler)

    stored = {}
    server.answers["POST records"].insert(0, killed)
    with pytest.raises(Refusal):
        Deposit(talk(server, tries=1), memory).reserve("code", METADATA)
    assert stored["asked"] == "draft", "the memory knew before the call"
    server.answers[MINE] = [(200, listing(DRAFT))]
    assert Deposit(talk(server), memory).reserve("code", METADATA) == DOI
    assert server.calls.count("POST records") == 1


def test_what_the_service_refused_is_not_taken_for_made(canned, talk, tmp_path):
    server = canned(answers=whole() | {"POST records": [(400, {"message": "no"})]})
    made = Deposit(talk(server), tmp_path / "m.json")
    with pytest.raises(Refusal, match="does not take this: no"):
        made.reserve("code", METADATA)
    server.answers[MINE] = [(200, listing(DRAFT))]
    with pytest.raises(Refusal, match="not made from here"):
        made.reserve("code", METADATA)


def test_with_the_memory_lost_the_mark_finds_the_draft(canned, talk, tmp_path, told):
    identifiers = [{"identifier": deposit.mark("code", METADATA), "scheme": "urn"}]
    marked = DRAFT | {"metadata": METADATA["metadata"] | {"identifiers": identifiers}}
    server = canned(answers=whole() | {MINE: [(200, listing(DRAFT | {"id": "6"}, marked))]})
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI
    assert "POST records" not in server.calls
    assert "Going on with the draft" in told[0]


def test_a_draft_of_the_same_that_was_not_made_from_here_is_left_alone(canned, talk, tmp_path):
    server = canned(answers=whole() | {MINE: [(200, listing(RECORD, DRAFT))]})
    with pytest.raises(Refusal, match="There is a draft of the same title and version already"):
        Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA)
    assert set(server.calls) == {MINE}


def test_a_record_of_the_same_with_other_files_is_not_made_again(
    canned, talk, archive, tmp_path, told
):
    server = canned(answers=whole() | {MINE: [(200, listing(RECORD))]})
    server.answers["GET records/7/files"] = [(200, files(complete(content=b"other")))]
    made = Deposit(talk(server), tmp_path / "m.json")
    assert made.reserve("code", METADATA) == DOI
    made.describe("code", METADATA)
    with pytest.raises(Refusal, match="raise the version"):
        made.upload("code", [archive])
    assert told == ["The code is published already at https://canned.example/records/7."]
    assert {call.split()[0] for call in server.calls} == {"GET"}


@pytest.mark.parametrize("lost", [True, False])
def test_code_and_model_of_one_title_are_not_taken_for_each_other(canned, talk, tmp_path, lost):
    server = canned(answers=whole())
    made = Deposit(talk(server), tmp_path / "m.json")
    made.reserve("code", METADATA)
    model = DRAFT | {"id": "8"}
    doi = {"pids": {"doi": {"identifier": "10.5072/zenodo.8"}}}
    server.answers[MINE] = [(200, listing(DRAFT)), (200, listing(DRAFT, model))]
    server.answers["POST records"] = [cut, (500, {})] if lost else [(201, model)]
    server.answers["GET records/8/draft"] = [(200, model)]
    server.answers["POST records/8/draft/pids/doi"] = [(201, doi)]
    assert made.reserve("model", METADATA) == "10.5072/zenodo.8"


def test_the_draft_is_looked_for_on_every_page(canned, talk, tmp_path):
    identifiers = [{"identifier": deposit.mark("code", METADATA)}]
    full = {"hits": {"hits": [{"id": str(n)} for n in range(25)], "total": 26}}
    last = {"hits": {"hits": [DRAFT | {"metadata": {"identifiers": identifiers}}], "total": 26}}
    server = canned(answers=whole() | {MINE: [(200, full), (200, last)]})
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI
    assert "POST records" not in server.calls


def test_a_draft_deleted_on_the_service_is_made_anew(canned, talk, tmp_path, told):
    server = canned(answers=whole())
    memory = tmp_path / "m.json"
    Deposit(talk(server), memory).reserve("code", METADATA)
    server.answers["GET records/7/draft"] = [(404, {})]
    server.answers["POST records"] = [(201, DRAFT | {"id": "8"})]
    other = {"pids": {"doi": {"identifier": "10.5072/zenodo.8"}}}
    server.answers["GET records/8/draft"] = [(200, DRAFT | {"id": "8"})]
    server.answers["POST records/8/draft/pids/doi"] = [(201, other)]
    assert Deposit(talk(server), memory).reserve("code", METADATA) == "10.5072/zenodo.8"
    assert "no longer there" in told[0]


def test_a_lost_answer_to_reserving_is_looked_up(canned, talk, tmp_path):
    server = canned(answers=whole())
    pause_after(server, "POST records/7/draft/pids/doi")
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI
    assert server.calls.count("POST records/7/draft/pids/doi") == 1


def test_a_lost_answer_to_publishing_is_looked_up(canned, talk, archive, tmp_path):
    server = canned(answers=whole() | {"GET records/7": [(200, RECORD)]})
    pause_after(server, "POST records/7/draft/actions/publish")
    address = run_all(talk(server), tmp_path / "m.json", archive)
    assert address == "https://canned.example/records/7"
    assert server.calls.count("POST records/7/draft/actions/publish") == 1


def test_what_is_published_is_published_once(canned, talk, archive, tmp_path):
    memory = tmp_path / "m.json"
    server = canned(answers=whole())
    run_all(talk(server), memory, archive)
    server.answers["GET records/7/draft"] = [(404, {})]
    server.answers["GET records/7"] = [(200, RECORD)]
    server.answers["GET records/7/files"] = [(200, files(complete()))]
    before = len(server.calls)
    assert run_all(talk(server), memory, archive) == "https://canned.example/records/7"
    assert {call.split()[0] for call in server.calls[before:]} == {"GET"}


def test_a_published_record_with_other_files_is_refused(canned, talk, archive, tmp_path):
    memory = tmp_path / "m.json"
    server = canned(answers=whole())
    run_all(talk(server), memory, archive)
    server.answers["GET records/7/files"] = [(200, files(complete()))]
    archive.write_bytes(CONTENT.swapcase())
    with pytest.raises(Refusal, match=r"holds other files \(archive.zip\).*raise the version"):
        Deposit(talk(server), memory).upload("code", [archive])


def test_a_record_published_in_the_browser_is_known_as_published(canned, talk, tmp_path):
    memory = tmp_path / "m.json"
    server = canned(answers=whole())
    Deposit(talk(server), memory).reserve("code", METADATA)
    server.answers["GET records/7/draft"] = [(404, {})]
    server.answers["GET records/7"] = [(200, RECORD)]
    made = Deposit(talk(server), memory)
    assert made.reserve("code", METADATA) == DOI
    assert made.publish("code") == made.address("code") == "https://canned.example/records/7"
    assert "POST records/7/draft/actions/publish" not in server.calls


def test_each_service_and_each_kind_has_its_own_memory(canned, talk, tmp_path):
    memory = tmp_path / "m.json"
    first, second = canned(answers=whole()), canned(answers=whole())
    for server in (first, second):
        for kind in ("code", "model"):
            Deposit(talk(server), memory).reserve(kind, METADATA)
        assert server.calls.count("POST records") == 2
    kept = json.loads(memory.read_text())
    assert {url: sorted(kinds) for url, kinds in kept.items()} == {
        first.url: ["code", "model"],
        second.url: ["code", "model"],
    }


@pytest.mark.parametrize("content", ["", "{half", "[]", '{"http://127.0.0.1": 3}'])
def test_a_broken_memory_is_no_memory(canned, talk, tmp_path, content):
    (tmp_path / "m.json").write_text(content)
    server = canned(answers=whole())
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI


# Versions


OLD = RECORD | {"id": "5", "pids": {"doi": {"identifier": "10.5072/zenodo.5"}}, "parent": {"id": 4}}
NEW = DRAFT | {"parent": {"id": 4}, "metadata": {"title": "Sheep"}}


def versions(**more) -> dict:
    return whole() | {
        "GET records/5": [(200, OLD)],
        "GET records/5/versions/latest": [(200, OLD)],
        "POST records/5/versions": [(201, NEW)],
        "GET records/7/draft": [(200, NEW), (200, NEW), (200, RESERVED)],
    }


@pytest.mark.parametrize(
    "previous", ["10.5072/zenodo.5", "https://doi.org/10.5072/zenodo.5", "5", "https://x/records/5"]
)
def test_a_new_version_is_made_of_the_earlier_record(canned, talk, archive, tmp_path, previous):
    server = canned(answers=versions())
    made = Deposit(talk(server), tmp_path / "m.json")
    assert made.reserve("code", METADATA, previous) == DOI
    assert "POST records" not in server.calls
    assert server.body_of("PUT records/7/draft")["metadata"]["version"] == "1.0"


def test_the_next_version_follows_what_was_published_from_here(canned, talk, archive, tmp_path):
    server = canned(answers=whole())
    run_all(talk(server), tmp_path / "m.json", archive)
    later = json.loads(json.dumps(METADATA).replace("1.0", "2.0"))
    server.answers |= {
        "GET records/7": [(200, RECORD)],
        "GET records/7/versions/latest": [(200, RECORD)],
        "POST records/7/versions": [(201, NEW | {"id": "9"})],
        "GET records/9/draft/files": [(200, files())],
        "GET records/9/draft": [(200, RESERVED)],
        "PUT records/9/draft": [(200, RESERVED)],
    }
    Deposit(talk(server), tmp_path / "m.json").reserve("code", later)
    assert server.calls.count("POST records") == 1
    assert server.calls.count("POST records/7/versions") == 1


def test_a_lost_answer_to_a_new_version_makes_no_second_one(canned, talk, tmp_path):
    server = canned(answers=versions())
    pause_after(server, "POST records/5/versions")
    server.answers[MINE] = [(200, NONE), (200, NONE), (200, listing(OLD, NEW))]
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA, "5") == DOI
    assert server.calls.count("POST records/5/versions") == 1


@pytest.mark.parametrize("shown", [True, False], ids=["in the list", "only by its files"])
def test_a_version_begun_by_somebody_else_is_left_alone(canned, talk, tmp_path, shown):
    server = canned(answers=versions())
    if shown:
        server.answers[MINE] = [(200, listing(NEW))]
    else:
        server.answers["GET records/7/draft/files"] = [(200, files(complete("theirs.zip")))]
    for _ in range(2):
        with pytest.raises(Refusal, match="unfinished new version already"):
            Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA, "5")
    assert not [call for call in server.calls if call.startswith(("PUT", "DELETE"))]


def test_a_doi_of_another_service_is_no_earlier_record(canned, talk, tmp_path):
    server = canned(answers=versions())
    with pytest.raises(Refusal, match="is no record of"):
        Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA, "10.5281/zenodo.5")
    assert not [call for call in server.calls if call.startswith("POST")]


def test_a_draft_begun_in_practice_takes_the_place_of_no_doi_of_another_service(
    canned, talk, tmp_path
):
    server = canned(answers=whole())
    made = Deposit(talk(server), tmp_path / "m.json")
    assert made.reserve("code", METADATA) == DOI
    with pytest.raises(Refusal, match="has no record 10.5281/zenodo.8427193"):
        made.reserve("code", METADATA, "10.5281/zenodo.8427193")


def test_another_title_of_a_published_version_is_no_new_version(canned, talk, archive, tmp_path):
    server = canned(answers=whole())
    run_all(talk(server), tmp_path / "m.json", archive)
    server.answers["GET records/7"] = [(200, RECORD)]
    corrected = json.loads(json.dumps(METADATA).replace("Sheep", "Sheep and goats"))
    made = len([call for call in server.calls if call.startswith("POST")])
    with pytest.raises(Refusal, match="Version 1.0 of the code is published at .*raise the versi"):
        Deposit(talk(server), tmp_path / "m.json").reserve("code", corrected)
    assert len([call for call in server.calls if call.startswith("POST")]) == made


def test_equal_files_of_the_earlier_version_are_linked_and_others_go(
    canned, talk, archive, tmp_path
):
    old = complete("old.zip", b"old")
    server = canned(answers=versions())
    server.answers |= {
        "GET records/5/files": [(200, files(complete(), old))],
        "POST records/7/draft/actions/files-import": [(201, files(complete(), old))],
        "DELETE records/7/draft/files/old.zip": [(204, b"")],
        "GET records/7/draft/files": [
            (200, files()),
            (200, files()),
            (200, files(complete(), old)),
            (200, files(complete())),
        ],
    }
    made = Deposit(talk(server), tmp_path / "m.json")
    made.reserve("code", METADATA, "5")
    made.upload("code", [archive])
    assert "POST records/7/draft/actions/files-import" in server.calls
    assert not [call for call in server.calls if call.endswith("/content")]
    assert "DELETE records/7/draft/files/old.zip" in server.calls


# Communities


def test_a_community_is_asked_once_and_one_that_is_unknown_is_named(canned, talk, tmp_path):
    server = canned(
        answers=whole()
        | {
            "GET communities/sheep": [(200, {"id": "c-1"})],
            "POST records/7/communities": [(200, {"processed": []})],
        }
    )
    made = reserved(talk(server), tmp_path / "m.json")
    made.suggest("code", ["sheep"])
    made.suggest("code", ["sheep"])
    assert server.calls.count("POST records/7/communities") == 1
    assert server.body_of("POST records/7/communities") == {"communities": [{"id": "c-1"}]}
    with pytest.raises(Refusal, match="has no community goats"):
        made.suggest("code", ["goats"])


def test_a_community_that_was_asked_before_stops_nothing(canned, talk, tmp_path, told):
    server = canned(
        answers=whole()
        | {
            "GET communities/sheep": [(200, {"id": "c-1"})],
            "POST records/7/communities": [(400, {"message": "already included"})],
        }
    )
    reserved(talk(server), tmp_path / "m.json").suggest("code", ["sheep"])
    assert "sheep was not asked" in told[0] and "already included" in told[0]


# Files


def reserved(service, memory) -> Deposit:
    made = Deposit(service, memory)
    made.reserve("code", METADATA)
    return made


CONTENT_CALL = "PUT records/7/draft/files/archive.zip/content"


def test_a_file_cut_in_the_middle_is_begun_anew_and_nothing_else(canned, talk, archive, tmp_path):
    archive.write_bytes(CONTENT * 300)
    there = complete(content=CONTENT * 300)
    commit = "POST records/7/draft/files/archive.zip/commit"
    server = canned(
        answers=whole()
        | {
            CONTENT_CALL: [cut, (200, {})],
            commit: [(200, there)],
            "GET records/7/draft/files": [(200, files()), (200, files(there))],
        }
    )
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    assert server.calls.count(CONTENT_CALL) == 2
    assert "DELETE records/7/draft/files/archive.zip" in server.calls
    assert dict(server.bodies)[CONTENT_CALL] == CONTENT * 300
    assert server.calls.count("POST records") == 1


def test_what_is_there_and_equal_is_not_sent_and_what_is_not_wanted_goes(
    canned, talk, archive, tmp_path
):
    stray = complete("stray.zip")
    server = canned(
        answers=whole()
        | {
            "GET records/7/draft/files": [
                (200, files(complete(), stray)),
                (200, files(complete())),
            ],
            "DELETE records/7/draft/files/stray.zip": [(204, b"")],
        }
    )
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    assert CONTENT_CALL not in server.calls
    assert "DELETE records/7/draft/files/stray.zip" in server.calls


@pytest.mark.parametrize(
    "there",
    [
        complete() | {"status": "pending"},
        complete() | {"checksum": "md5:" + "0" * 32},
        complete() | {"size": 3},
        complete() | {"checksum": None},
    ],
    ids=["pending", "other bytes", "other size", "no checksum"],
)
def test_what_is_there_and_differs_is_sent_again(canned, talk, archive, tmp_path, there):
    server = canned(answers=whole())
    server.answers["GET records/7/draft/files"] = [(200, files(there)), (200, files(complete()))]
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    deleted = server.calls.index("DELETE records/7/draft/files/archive.zip")
    assert deleted < server.calls.index(CONTENT_CALL)


def test_a_file_that_arrived_damaged_is_sent_again(canned, talk, archive, tmp_path, told):
    commit = "POST records/7/draft/files/archive.zip/commit"
    damaged = complete() | {"checksum": "md5:" + "0" * 32}
    server = canned(answers=whole() | {commit: [(200, damaged), (200, complete())]})
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    assert server.calls.count(CONTENT_CALL) == 2
    assert "did not arrive as it was sent" in told[0]


def test_a_file_that_always_arrives_damaged_is_refused(canned, talk, archive, tmp_path):
    commit = "POST records/7/draft/files/archive.zip/commit"
    damaged = complete() | {"checksum": "md5:" + "0" * 32}
    server = canned(answers=whole() | {commit: [(200, damaged)]})
    with pytest.raises(Refusal, match="arrives damaged"):
        reserved(talk(server, tries=3), tmp_path / "m.json").upload("code", [archive])
    assert server.calls.count(CONTENT_CALL) == 3


def test_a_lost_answer_to_the_end_of_a_file_does_not_send_it_again(canned, talk, archive, tmp_path):
    server = canned(answers=whole())
    server.answers["GET records/7/draft/files/archive.zip"] = [(200, complete())]
    pause_after(server, "POST records/7/draft/files/archive.zip/commit")
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    assert server.calls.count(CONTENT_CALL) == 1


def test_a_refusal_before_all_was_sent_is_still_read(canned, talk, tmp_path):
    path = tmp_path / "archive.zip"
    with path.open("wb") as file:
        file.truncate(50_000_000)

    def too_large(handler):
        handler.reply(413, {"message": "Request Entity Too Large"}, {})
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_WR)
        time.sleep(0.5)
        handler.close_connection = True

    server = canned(answers=whole() | {CONTENT_CALL: [too_large]})
    with pytest.raises(Refusal, match="larger than .* takes.*name its identifier"):
        reserved(talk(server), tmp_path / "m.json").upload("code", [path])
    assert server.calls.count(CONTENT_CALL) == 1


def test_two_files_of_one_name_and_a_missing_one_are_refused(canned, talk, archive, tmp_path):
    made = reserved(talk(canned(answers=whole())), tmp_path / "m.json")
    other = tmp_path / "there" / "archive.zip"
    with pytest.raises(Refusal, match="same name"):
        made.upload("code", [archive, other])
    with pytest.raises(Refusal, match="is not there"):
        made.upload("code", [other])


def test_a_file_that_shrinks_on_the_way_is_refused(canned, talk, tmp_path):
    path = tmp_path / "archive.zip"
    path.write_bytes(bytes(20_000_000))
    server = canned(answers=whole())

    def shorten(handler):
        path.write_bytes(b"short")
        server.answers["POST records/7/draft/files"] = [(201, files())]
        handler.rfile.read(65536)
        os.truncate(path, 5)
        cut(handler)

    server.answers[CONTENT_CALL] = [shorten]
    with pytest.raises(Refusal, match="became shorter"):
        reserved(talk(server), tmp_path / "m.json").upload("code", [path])


def test_a_long_upload_tells_how_far_it_is(canned, talk, archive, tmp_path, told, monkeypatch):
    from gold_standard import service

    clock = count(step=4)
    monkeypatch.setattr(service.time, "monotonic", lambda: next(clock))
    archive.write_bytes(bytes(500_000))
    there = complete(content=bytes(500_000))
    server = canned(
        answers=whole()
        | {
            "POST records/7/draft/files/archive.zip/commit": [(200, there)],
            "GET records/7/draft/files": [(200, files()), (200, files(there))],
        }
    )
    reserved(talk(server), tmp_path / "m.json").upload("code", [archive])
    assert told and all(re.fullmatch(r"archive.zip: \d of [01] MB sent, .* left", t) for t in told)
    assert 1 < len(told) < 6


def test_on_a_terminal_one_line_is_written_over(
    canned, talk, archive, tmp_path, monkeypatch, capsys
):
    from gold_standard import service

    clock = count(step=4)
    monkeypatch.setattr(service.time, "monotonic", lambda: next(clock))
    monkeypatch.setenv("COLUMNS", "40")
    talking = talk(canned(answers=whole()), terminal=True)
    reserved(talking, tmp_path / "m.json").upload("code", [archive])
    *lines, last = capsys.readouterr().out.split("\r\033[K")[1:]
    assert lines and all(line.startswith("archive.zip: 0 of 0 MB sent") for line in lines)
    assert last == "" and max(map(len, lines)) < 40 and "\n" not in "".join(lines)


# Trouble, each in its own words


@pytest.mark.parametrize(
    ("status", "document", "sentence"),
    [
        (401, {}, r"does not know the token.*account/settings/applications.*ZENODO_TOKEN"),
        (403, {"message": "Permission denied."}, r"may not do this.*Permission denied.*deposit:w"),
        (404, {}, "no such record.*address of the service"),
        (410, {}, "no such record"),
        (413, {}, "larger than .* takes"),
        (400, {"message": "Maximum file size exceeded."}, "larger than .* takes"),
        (400, {"message": "Bucket quota exceeded."}, r"space at .* is full.*Delete drafts"),
        (413, {"message": "Quota exceeded"}, "space at .* is full"),
        (507, {}, "space at .* is full"),
        (400, {"message": "Unable to decode JSON"}, "does not take this: Unable to decode JSON"),
        (409, {"message": "in between"}, "HTTP 409.*in between"),
        (418, b"<html>tea</html>", "HTTP 418"),
        (200, b"<html>sign in</html>", "something else than an InvenioRDM"),
        (200, b"[]", "something else than an InvenioRDM"),
    ],
)
def test_each_refusal_has_its_sentence(canned, talk, status, document, sentence):
    server = canned(answers={"POST records": [(status, document)]})
    with pytest.raises(Refusal, match=sentence) as refusal:
        talk(server).call("POST", "records", {}, again=False)
    assert len(server.calls) == 1
    assert "\n" not in str(refusal.value)


def test_the_fields_that_a_service_objects_to_are_quoted(canned, talk):
    errors = [
        {"field": "metadata.title", "messages": ["Missing data.", "Shorter than 3."]},
        {"field": "metadata.creators.0", "messages": ["Not valid."]},
        "odd",
    ]
    told = {"message": "A validation error occurred.", "errors": errors}
    server = canned(answers={"POST records": [(400, told)]})
    with pytest.raises(Refusal) as refusal:
        talk(server).call("POST", "records", {})
    assert "metadata.title: Missing data. Shorter than 3; metadata.creators.0: Not valid." in str(
        refusal.value
    )


def test_a_draft_kept_without_some_fields_is_refused_in_words_and_not_lost(canned, talk, tmp_path):
    odd = DRAFT | {"errors": [{"field": "metadata.rights.0", "messages": ["No such licence."]}]}
    server = canned(answers=whole() | {"POST records": [(201, odd)]})
    made = Deposit(talk(server), tmp_path / "m.json")
    with pytest.raises(Refusal, match="metadata.rights.0: No such licence.*the draft is kept"):
        made.reserve("code", METADATA)
    assert made.reserve("code", METADATA) == DOI
    assert server.calls.count("POST records") == 1
    server.answers["PUT records/7/draft"] = [(200, odd)]
    with pytest.raises(Refusal, match="No such licence"):
        made.describe("code", METADATA)


def test_what_is_only_asked_at_publishing_does_not_stop_a_draft(canned, talk, tmp_path):
    fields = ("files.enabled", "pids.doi", "metadata.identifiers.0.scheme")
    odd = DRAFT | {"errors": [{"field": f, "messages": ["x"]} for f in fields]}
    server = canned(answers=whole() | {"POST records": [(201, odd)]})
    assert Deposit(talk(server), tmp_path / "m.json").reserve("code", METADATA) == DOI


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_of_the_service_is_tried_again_where_that_does_no_harm(
    canned, talk, status, slept, told
):
    server = canned(answers={MINE: [(status, {}), (status, {}), (200, NONE)]})
    assert talk(server).call("GET", "user/records") == NONE
    assert slept == [2, 4]
    assert told[0].endswith(f"has trouble of its own (HTTP {status}); trying again in 2 s.")


def test_trouble_without_end_ends(canned, talk, slept):
    server = canned(answers={MINE: [(502, {"message": "upstream"})]})
    with pytest.raises(Refusal, match=r"HTTP 502; upstream\). Nothing is lost"):
        talk(server).call("GET", "user/records")
    assert len(server.calls) == 5 and slept == [2, 4, 8, 16]


def test_what_may_have_worked_is_not_sent_again_blindly(canned, talk):
    server = canned(answers={"POST records": [(502, {}), (201, DRAFT)]})
    with pytest.raises(Refusal, match="HTTP 502"):
        talk(server).call("POST", "records", {}, again=False)
    assert len(server.calls) == 1


def dated(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": lambda: dated(30)}, pytest.approx(29, abs=2)),
        ({"Retry-After": lambda: dated(-30)}, 1),
        ({"Retry-After": "soon"}, 60),
        ({"X-RateLimit-Reset": lambda: str(int(time.time()) + 20)}, pytest.approx(19, abs=2)),
        ({}, 60),
    ],
)
def test_a_busy_service_is_waited_for_as_it_asks(canned, talk, slept, told, headers, expected):
    headers = {name: value() if callable(value) else value for name, value in headers.items()}
    server = canned(answers={"POST records": [(429, {}, headers), (201, DRAFT)]})
    assert talk(server).call("POST", "records", {}, again=False) == DRAFT
    assert slept == [expected]
    assert "is busy and asks to wait" in told[0]


def test_nobody_waits_for_an_hour(canned, talk, slept):
    server = canned(answers={MINE: [(429, {}, {"Retry-After": "3600"})]})
    with pytest.raises(Refusal, match=r"asks to wait for 60 minutes.*call this again after \d\d:"):
        talk(server).call("GET", "user/records")
    assert slept == []


def test_a_service_that_says_nothing_is_given_up(canned, talk):
    server = canned(answers={MINE: [lambda handler: time.sleep(1)]})
    with pytest.raises(Refusal, match=r"broke off \(no answer in time\).*goes on from here"):
        talk(server, timeout=0.2, tries=2).call("GET", "user/records")
    assert len(server.calls) == 2


def test_a_service_that_is_not_there_is_named(talk, slept):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Refusal, match="127.0.0.1 cannot be reached.*https_proxy"):
            talk(url).call("POST", "records", {}, again=False)
    assert slept == [2, 4, 8, 16], "it was never sent, so it may be tried again"


# The token


def test_the_token_is_in_the_header_and_nowhere_else(canned, talk, archive, tmp_path, told):
    """Not in an address, a body, the memory, a message, an exception or what a debugger lists."""
    echo = {"message": f"unknown token {TOKEN}", "errors": [{"field": TOKEN, "messages": [TOKEN]}]}
    server = canned(answers=whole() | {MINE: [(502, echo), (200, NONE)]})
    service = talk(server)
    run_all(service, tmp_path / "m.json", archive)
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for headers in server.headers)
    assert TOKEN not in "".join(server.calls) + repr(vars(service)) + repr(told)
    assert TOKEN not in (tmp_path / "m.json").read_text()
    assert TOKEN.encode() not in b"".join(body for _, body in server.bodies)
    assert told and "(token)" in told[0]
    for status in (400, 401, 403, 404, 409, 413, 429, 500, 507):
        server.answers[MINE] = [(status, echo)]
        with pytest.raises(Refusal) as refusal:
            talk(server, tries=1).call("GET", "user/records")
        seen, error = "", refusal.value
        while error is not None:
            seen, error = (
                seen + repr(error) + repr(vars(error)),
                error.__cause__ or error.__context__,
            )
        assert TOKEN not in seen


@pytest.mark.parametrize("bad", ["two words", "line\nbreak", "ümlaut", "", "nul\0"])
def test_a_token_that_no_header_can_hold_is_refused_without_showing_it(bad):
    with pytest.raises(Refusal) as refusal:
        Service("https://sandbox.zenodo.org", bad)
    assert not bad or bad not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_a_redirect_to_another_host_does_not_take_the_token_along(canned, talk):
    other = canned(answers={MINE: [(200, NONE)]})
    away = {"Location": f"{other.url}/api/user/records"}
    server = canned(answers={MINE: [(302, {}, away)]})
    assert talk(server).call("GET", "user/records") == NONE
    assert "Authorization" in server.headers[0]
    assert "Authorization" not in other.headers[0]


def test_a_redirect_at_home_keeps_the_token(canned, talk):
    server = canned(
        answers={"GET records/4": [(301, {}, {"Location": "/api/records/7"})]}
        | {"GET records/7": [(200, RECORD)]}
    )
    assert talk(server).call("GET", "records/4") == RECORD
    assert "Authorization" in server.headers[1]


def test_nothing_is_sent_on_to_another_address(canned, talk, archive):
    other = canned(answers={})
    away = {"Location": f"{other.url}/api/records"}
    server = canned(answers={"POST records": [(307, {}, away)]})
    with pytest.raises(Refusal, match=r"sends this on to 127\.0\.0\.1:\d+\. Name that address"):
        talk(server).call("POST", "records", {})
    assert other.calls == []


@pytest.mark.parametrize(
    "location", ["http://example.org/", "ftp://x/", "https://a:b@x/", "https:///x"]
)
def test_a_redirect_out_of_https_is_refused(canned, talk, location):
    server = canned(answers={MINE: [(302, {}, {"Location": location})]})
    with pytest.raises(Refusal, match="by https|holds a name|no address"):
        talk(server).call("GET", "user/records")


def test_a_circle_of_redirects_ends(canned, talk):
    server = canned(answers={MINE: [(302, {}, {"Location": "/api/user/records"})]})
    with pytest.raises(Refusal, match="without end"):
        talk(server).call("GET", "user/records")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://zenodo.org", "by https"),
        ("http://localhost.example.org", "by https"),
        ("https://me:word@zenodo.org", "holds a name or password"),
        ("zenodo.org", "no address"),
        ("https://", "no address"),
        ("https://zenodo.org:port", "no address"),
        ("https://zenodo.org/\r\nx", "no address"),
        ("", "no address"),
    ],
)
def test_an_address_that_would_show_the_token_is_refused(url, sentence):
    with pytest.raises(Refusal, match=sentence) as refusal:
        Service(url, TOKEN)
    assert "word@" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["https://zenodo.org/", "https://zenodo.org/api", "https://zenodo.org/api/?x#y"]
)
def test_an_address_is_tidied_up(url):
    assert Service(url, TOKEN).url == "https://zenodo.org"


def test_this_machine_may_be_spoken_to_without_https():
    for host in ("localhost", "127.0.0.1:5000", "[::1]:5000"):
        assert Service(f"http://{host}", TOKEN).host == host


def test_the_token_comes_from_the_environment_or_the_keyring(monkeypatch):
    url = deposit.SANDBOX
    assert deposit.token({"ZENODO_TOKEN": f" {TOKEN}\n"}, url) == TOKEN
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Refusal, match=r"sandbox\.zenodo\.org/account.*ZENODO_TOKEN"):
        deposit.token({"ZENODO_TOKEN": " "}, url)

    class Keyring:
        @staticmethod
        def get_password(service, name):
            return {(url, "token"): TOKEN}.get((service, name))

    monkeypatch.setitem(sys.modules, "keyring", Keyring)
    assert deposit.token({}, url + "/") == TOKEN
    with pytest.raises(Refusal):
        deposit.token({}, "https://zenodo.org")
    monkeypatch.setattr(Keyring, "get_password", lambda *_: 1 / 0)
    with pytest.raises(Refusal, match="No token") as refusal:
        deposit.token({}, url)
    assert refusal.value.__context__ is None


# The network's own


class Proxy(threading.Thread):
    """Takes what a client says to its proxy, and turns it away."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.heard = b""

    def run(self):
        connection, _ = self.listener.accept()
        with connection:
            self.heard = connection.recv(65536)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")


def test_a_proxy_is_used_and_never_hears_the_token(talk):
    proxy = Proxy()
    proxy.start()
    service = talk("https://repository.example", tries=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("https_proxy", f"http://me:pass%40word@{proxy.address}")
        with pytest.raises(Refusal, match="repository.example cannot be reached.*403") as refusal:
            service.call("GET", "records/7")
    proxy.join(5)
    proxy.listener.close()
    assert proxy.heard.startswith(b"CONNECT repository.example:443 ")
    assert b"Proxy-Authorization: Basic bWU6cGFzc0B3b3Jk" in proxy.heard
    assert TOKEN.encode() not in proxy.heard
    assert "word" not in str(refusal.value)


def test_this_machine_is_spoken_to_without_the_proxy(canned, talk, monkeypatch):
    server = canned(answers={MINE: [(200, NONE)]})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert talk(server, tries=1).call("GET", "user/records") == NONE


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://", "http://x:port"])
def test_a_proxy_that_is_none_is_named(talk, monkeypatch, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(Refusal, match="https_proxy names no HTTP proxy"):
        talk("https://repository.example", tries=1).call("GET", "records/7")


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine that nobody vouches for."""
    if not shutil.which("openssl"):
        helpers.skip("not installed: openssl, which makes the certificate")
    pem = tmp_path / "local.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    out = ["-keyout", str(tmp_path / "key.pem"), "-out", str(pem)]
    subprocess.run([*command.split(), *names, *out], check=True, capture_output=True)
    return pem


def over_tls(server: Canned, certificate) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return f"https://localhost:{server.server_port}"


def test_who_does_not_prove_who_it_is_gets_no_token(canned, talk, certificate, slept):
    server = canned(answers={MINE: [(200, NONE)]})
    with pytest.raises(Refusal, match="does not prove who it is.*SSL_CERT_FILE"):
        talk(over_tls(server, certificate)).call("GET", "user/records")
    assert server.calls == [] and slept == []


def test_a_deposit_goes_through_encrypted(
    canned, talk, certificate, archive, tmp_path, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = canned(answers=whole())
    service = talk(over_tls(server, certificate))
    assert run_all(service, tmp_path / "m.json", archive) == RECORD["links"]["self_html"]


# Two gigabytes


SENDER = """
import re, sys
from pathlib import Path
from gold_standard.deposit import Deposit, Service
made = Deposit(Service(sys.argv[1], "token"), Path(sys.argv[2]))
made.reserve("model", {"metadata": {"title": "Sheep"}})
made.upload("model", [Path(sys.argv[3])])
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
def test_two_gigabytes_are_sent_in_little_memory(canned, tmp_path):
    """A sparse file of 2 GB, sent and compared by a process that says what it held at most."""
    model = tmp_path / "archive.zip"
    with model.open("wb") as file:
        file.truncate(2 * 10**9)
    there = complete() | {"size": 2 * 10**9}

    def swallow(handler):
        left, seen = int(handler.headers["Content-Length"]), hashlib.md5()
        while left:
            block = handler.rfile.read(min(left, 2**20))
            left -= len(block)
            seen.update(block)
        there["checksum"] = f"md5:{seen.hexdigest()}"
        handler.reply(200, {}, {})

    commit = "POST records/7/draft/files/archive.zip/commit"
    listed = [(200, files()), (200, files(there))]
    server = canned(
        answers=whole()
        | {CONTENT_CALL: [swallow], commit: [(200, there)], "GET records/7/draft/files": listed}
    )
    command = [sys.executable, "-c", SENDER, server.url, str(tmp_path / "m.json"), str(model)]
    *told, held = subprocess.check_output(command, text=True).splitlines()
    assert server.calls.count(CONTENT_CALL) == 1
    assert int(held) < 200_000, f"{int(held) // 1000} MB were held"
    print(f"{int(held) / 1000:.0f} MB were held")
