"""Client and service together: the whole path, and every place at which it can stop.

Both were written from InvenioRDM's documentation without a look at each other.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator

import pytest
from invenio import Invenio
from invenio_http import Fault

from gold_standard.deposit import Deposit
from gold_standard.errors import Refusal
from gold_standard.service import Service

pytestmark = pytest.mark.slow

RESOURCE = {"code": "software", "model": "model"}
MODEL = b"weights " * 4000

# What a run of the first version asks for of each kind, in its order.
RESERVE = """
    GET /api/user/records
    POST /api/records
    GET /api/records/ID/draft
    POST /api/records/ID/draft/pids/doi
"""
NEXT = """
    GET /api/records/ID/draft
    GET /api/records/ID
    GET /api/user/records
    GET /api/records/ID
    GET /api/records/ID/versions/latest
    GET /api/user/records
    POST /api/records/ID/versions
    GET /api/records/ID/draft/files
    GET /api/records/ID/draft
    PUT /api/records/ID/draft
    GET /api/records/ID/draft
    POST /api/records/ID/draft/pids/doi
"""
DESCRIBE = """
    GET /api/records/ID/draft
    PUT /api/records/ID/draft
    GET /api/records/ID/draft/files
"""
IMPORT = """
    GET /api/records/ID/files
    POST /api/records/ID/draft/actions/files-import
    GET /api/records/ID/draft/files
"""
DELETE = "DELETE /api/records/ID/draft/files/NAME"
SEND = """
    POST /api/records/ID/draft/files
    PUT /api/records/ID/draft/files/NAME/content
    POST /api/records/ID/draft/files/NAME/commit
"""
COMPARE = "GET /api/records/ID/draft/files"
PUBLISH = """
    GET /api/records/ID/draft
    GET /api/records/ID/draft
    PUT /api/records/ID/draft
    POST /api/records/ID/draft/actions/publish
"""


def calls(*parts: str) -> list[str]:
    return [line.strip() for part in parts for line in part.strip().splitlines()]


FIRST = calls(
    *(RESERVE, RESERVE),
    *(DESCRIBE, SEND, COMPARE),
    *(DESCRIBE, SEND, SEND, COMPARE),
    *(PUBLISH, PUBLISH),
)
SECOND = calls(
    *(NEXT, NEXT),
    *(DESCRIBE, "GET /api/records/ID/files", COMPARE, SEND, COMPARE),
    *(DESCRIBE, IMPORT, DELETE, SEND, COMPARE),
    *(PUBLISH, PUBLISH),
)


class Killed(BaseException):
    """The power went."""


class Mortal(Service):
    """A client that dies at its n-th call: before it is made, or after the service did it."""

    def __init__(self, *args, dies: int, before: bool, **settings):
        super().__init__(*args, **settings)
        self.left, self.before = dies, before

    def _exchange(self, method, address, body):
        self.left -= 1
        if self.left >= 0:
            return super()._exchange(method, address, body)
        if not self.before:
            super()._exchange(method, address, body)
        raise Killed


class World:
    """A service, a study with files of its own, and the memory between two calls."""

    def __init__(self, service: Invenio, folder):
        self.service, self.memory = service, folder / "publish.json"
        self.folder, self.told, self.slept = folder, [], []

    def talk(self, kind=Service, **settings) -> Service:
        settings = {"sleep": self.slept.append, "timeout": 10, "patience": 10} | settings
        return kind(self.service.url, self.service.token, self.told.append, **settings)

    def metadata(self, kind: str, version: str, dois: dict | None = None) -> dict:
        others = [doi for name, doi in (dois or {}).items() if name != kind]
        relation = {"relation_type": {"id": "references"}, "scheme": "doi"}
        person = {"type": "personal", "family_name": "Tukey", "given_name": "John W."}
        described = {
            "title": "Sheep, counted",
            "version": version,
            "resource_type": {"id": RESOURCE[kind]},
            "creators": [{"person_or_org": person}],
            "publication_date": "2026-01-31",
            "publisher": "Zenodo",
            "related_identifiers": [relation | {"identifier": doi} for doi in others],
        }
        return {"metadata": described, "access": {"record": "public", "files": "public"}}

    def contents(self, version: str) -> dict[str, dict[str, bytes]]:
        return {
            "code": {"sheep.zip": f"code of {version} ".encode() * 1000},
            "model": {"model.skops": MODEL, "MODEL CARD.md": f"card of {version} ".encode() * 100},
        }

    def files(self, kind: str, version: str) -> list:
        folder = self.folder / version
        folder.mkdir(exist_ok=True)
        for name, content in self.contents(version)[kind].items():
            if not (folder / name).exists():
                (folder / name).write_bytes(content)
        return [folder / name for name in self.contents(version)[kind]]

    def go(self, version="1.0", previous=None, kind=Service, **settings) -> dict[str, str]:
        """All that a person's one call of `publish` asks of the service."""
        made = Deposit(self.talk(kind, **settings), self.memory)
        before = previous or {}
        dois = {
            name: made.reserve(name, self.metadata(name, version), before.get(name))
            for name in RESOURCE
        }
        for name in RESOURCE:
            made.describe(name, self.metadata(name, version, dois))
            made.upload(name, self.files(name, version))
        for name in RESOURCE:
            made.publish(name)
        return dois

    def made(self) -> list[str]:
        """What the service was asked, with ids and names left out."""
        return [normal(f"{call.method} {call.path}") for call in self.service.calls]

    def refused(self, sentence: str, **settings) -> str:
        with pytest.raises(Refusal, match=sentence) as refusal:
            self.go(**settings)
        assert self.service.token not in str(refusal.value)
        return str(refusal.value)

    def assert_published(self, *versions: str) -> None:
        """Exactly one record of each kind and version, with its files, and no draft."""
        records = list(self.service.records.values())
        assert not [record.id for record in records if not record.published]
        held = {}
        for record in records:
            described = record.published["metadata"]
            name = (described["resource_type"]["id"], described["version"])
            assert name not in held, f"{name} is there twice"
            assert "identifiers" not in described, "the mark stayed"
            assert record.doi == self.service.own_doi(record.id)["identifier"]
            held[name] = {f.key: (f.status, f.checksum) for f in record.files.values()}
        assert held == {
            (RESOURCE[kind], version): {
                key: ("completed", f"md5:{hashlib.md5(content).hexdigest()}")
                for key, content in contents.items()
            }
            for version in versions
            for kind, contents in self.contents(version).items()
        }
        assert len({record.parent for record in records}) == len(RESOURCE), "versions of the same"
        assert self.service.token not in "".join(self.told)
        assert self.service.token not in self.memory.read_text()


def normal(call: str) -> str:
    call = re.sub(r"/records/[^/]+", "/records/ID", call)
    return re.sub(r"/draft/files/[^/]+", "/draft/files/NAME", call)


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    (tmp_path / "uploads").mkdir()
    with Invenio(tmp_path / "uploads") as service:
        yield World(service, tmp_path)


# The whole way


@pytest.mark.parametrize("zenodo", [True, False])
def test_two_versions_of_code_and_model_in_the_calls_that_are_listed(tmp_path, zenodo):
    (tmp_path / "uploads").mkdir()
    with Invenio(tmp_path / "uploads", zenodo=zenodo) as service:
        world = World(service, tmp_path)
        first = world.go("1.0")
        assert world.made() == FIRST
        world.assert_published("1.0")
        service.calls.clear()
        second = world.go("2.0")
        assert world.made() == SECOND
        world.assert_published("1.0", "2.0")
    assert all(call.authorized for call in service.calls)
    assert len({*first.values(), *second.values()}) == 4, "each has a DOI of its own"
    assert world.told == []


def test_code_and_model_name_each_other_by_the_reserved_dois(world):
    dois = world.go()
    by_doi = {record.doi: record.published["metadata"] for record in world.service.records.values()}
    related = {doi: data["related_identifiers"][0]["identifier"] for doi, data in by_doi.items()}
    assert related == {dois["code"]: dois["model"], dois["model"]: dois["code"]}


def test_a_described_draft_keeps_its_reserved_doi(world):
    killed(world, FIRST.index("POST /api/records/ID/draft/files"), True)
    code, model = world.service.records.values()
    reserved = [world.service.own_doi(record.id)["identifier"] for record in (code, model)]
    assert [code.doi, model.doi] == reserved


def test_a_new_version_follows_a_doi_where_the_memory_is_of_another_machine(world):
    dois = world.go("1.0")
    world.memory.unlink()
    world.go("2.0", previous=dois)
    world.assert_published("1.0", "2.0")


def test_what_is_published_is_not_touched_again(world):
    dois = world.go()
    world.service.calls.clear()
    assert world.go() == dois
    assert {call.method for call in world.service.calls} == {"GET"}


def test_published_and_the_memory_lost_it_is_found_as_published(world):
    dois = world.go()
    world.memory.unlink()
    world.service.calls.clear()
    assert world.go() == dois
    assert {call.method for call in world.service.calls} == {"GET"}
    world.assert_published("1.0")


# Stopped at every call


def places(run: list[str]) -> list:
    """Every call of a run, with what it is as the name of the test."""
    return [pytest.param(n, id=f"{n} {call}") for n, call in enumerate(run)]


def trouble(world: World, run: list[str], n: int, **how) -> Fault:
    """Let the n-th call of a run go wrong on the way."""
    method, path = run[n].split()
    pattern = re.escape(path).replace("ID", "[^/]+").replace("NAME", "[^/]+")
    return world.service.fail(method, f"{pattern}$", nth=run[: n + 1].count(run[n]), **how)


def killed(world: World, n: int, before: bool, **settings) -> None:
    """A run that ends at its n-th call, in the middle of what it does."""
    with pytest.raises(Killed):
        world.go(kind=Mortal, dies=n, before=before, **settings)


def stop_and_go_on(world: World, n: int, before: bool, version: str = "1.0") -> None:
    killed(world, n, before, version=version)
    world.go(version)
    made = world.service.count("POST", "/publish$")
    assert made == 2 * len({"1.0", version}), "nothing is published twice"


CARRIED_OUT = pytest.mark.parametrize("before", [True, False], ids=["not made", "answer lost"])
TURNS = sorted(FIRST.index(call) for call in {*FIRST} if not call.startswith("GET"))


@CARRIED_OUT
@pytest.mark.parametrize("n", [pytest.param(n, id=f"{n} {FIRST[n]}") for n in TURNS])
def test_killed_at_a_call_that_changes_something_the_next_run_goes_on(world, n, before):
    stop_and_go_on(world, n, before)
    world.assert_published("1.0")


@pytest.mark.slow
@CARRIED_OUT
@pytest.mark.parametrize("n", places(FIRST))
def test_killed_at_any_call_of_the_first_version_the_next_run_goes_on(world, n, before):
    stop_and_go_on(world, n, before)
    world.assert_published("1.0")


@pytest.mark.slow
@CARRIED_OUT
@pytest.mark.parametrize("n", places(SECOND))
def test_killed_at_any_call_of_a_new_version_the_next_run_goes_on(world, n, before):
    world.go("1.0")
    stop_and_go_on(world, n, before, "2.0")
    world.assert_published("1.0", "2.0")


def unmarked(n: int, before: bool) -> bool:
    """Whether a draft has lost its mark by then, and is not published yet."""
    due = FIRST[n:] if before else FIRST[n + 1 :]
    return bool(due) and due[0].endswith("/publish")


def goes_on_without_memory(world: World, n: int, before: bool) -> None:
    killed(world, n, before)
    world.memory.unlink(missing_ok=True)
    if unmarked(n, before):
        said = world.refused("There is a draft of the same title and version already")
        (id,) = re.findall(r"/uploads/(\w+),", said)
        del world.service.records[id]  # as its owner would in the browser
    world.go()
    world.assert_published("1.0")


@CARRIED_OUT
@pytest.mark.parametrize("n", [1, 5, 12, -6, -5, -2, -1])
def test_killed_and_the_memory_lost_the_next_run_goes_on(world, n, before):
    goes_on_without_memory(world, n % len(FIRST), before)


@pytest.mark.slow
@CARRIED_OUT
@pytest.mark.parametrize("n", places(FIRST))
def test_killed_at_any_call_and_the_memory_lost_the_next_run_goes_on(world, n, before):
    goes_on_without_memory(world, n, before)


WAYS = {"refused": {"cut": 0}, "answer lost": {"lost": 0}, "half of its head": {"lost": 60}}
WAYS["half an answer"] = {"lost": 350}
BROKEN = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@BROKEN
def test_a_new_draft_whose_answer_breaks_off_is_found_in_the_same_run(world, way):
    fault = trouble(world, FIRST, FIRST.index("POST /api/records"), **way)
    world.go()
    world.assert_published("1.0")
    assert fault.seen >= fault.nth, "the trouble came"


@pytest.mark.slow
@BROKEN
@pytest.mark.parametrize("n", places(FIRST))
def test_a_connection_that_breaks_at_any_call_is_made_good_in_the_same_run(world, n, way):
    fault = trouble(world, FIRST, n, **way)
    world.go()
    world.assert_published("1.0")
    assert fault.seen >= fault.nth, "the trouble came"


@pytest.mark.slow
@BROKEN
@pytest.mark.parametrize("n", places(SECOND))
def test_a_connection_that_breaks_in_a_new_version_is_made_good_in_the_same_run(world, n, way):
    world.go("1.0")
    world.service.faults.clear()
    fault = trouble(world, SECOND, n, **way)
    world.go("2.0")
    world.assert_published("1.0", "2.0")
    assert fault.seen >= fault.nth, "the trouble came"


CONTENTS = [n for n, call in enumerate(FIRST) if call.endswith("/content")]


@pytest.mark.parametrize("tries", [1, 5], ids=["in the next run", "in the same run"])
@pytest.mark.parametrize("n", CONTENTS)
def test_a_file_that_is_cut_in_the_middle_is_sent_again_whole(world, n, tries):
    trouble(world, FIRST, n, cut=100)
    if tries == 1:
        world.refused("broke off.*Nothing is lost", tries=1)
    world.go()
    world.assert_published("1.0")
    assert world.service.count("PUT", "/content$") == 4, "the other files were sent once"


def test_killed_in_the_middle_of_a_file_the_next_run_sends_it_whole(world):
    trouble(world, FIRST, CONTENTS[1], cut=100)
    with pytest.raises(Refusal):
        world.go(tries=1)
    kept = json.loads(world.memory.read_text())
    assert kept[world.service.url]["model"]["id"]
    world.memory.unlink()
    world.go()
    world.assert_published("1.0")


def test_interrupted_again_and_again_it_still_ends_with_one_of_each(world):
    for n in range(2, 60, 3):
        try:
            world.go(kind=Mortal, dies=n, before=bool(n % 2))
            break
        except Killed:
            pass
    world.assert_published("1.0")


def test_a_list_of_drafts_that_lags_behind_makes_no_second_draft(tmp_path):
    (tmp_path / "uploads").mkdir()
    with Invenio(tmp_path / "uploads", lag=0.3) as service:
        world = World(service, tmp_path)
        killed(world, FIRST.index("POST /api/records"), False)
        world.go(sleep=lambda seconds: time.sleep(seconds / 10))
        world.assert_published("1.0")


# Everything a service can say no with


def then_all_is_well(world: World) -> None:
    """Nothing of what was there is lost or made twice, once the cause is gone."""
    world.service.faults.clear()
    world.go()
    world.assert_published("1.0")
    assert world.service.count("POST", "/publish$") >= 2


AT = pytest.mark.parametrize("n", TURNS, ids=lambda n: FIRST[n])


@AT
def test_an_expired_token_is_told_and_a_new_one_goes_on(world, n):
    trouble(world, FIRST, n, status=401)
    assert "ZENODO_TOKEN" in world.refused("does not know the token: it has expired")
    assert world.slept == [], "waiting does not help"
    world.service.expire()
    then_all_is_well(world)


def test_a_token_without_the_scope_to_publish_keeps_the_drafts(world):
    world.service.may_not_publish.add(world.service.token)
    world.refused("may not do this.*scopes deposit:write and deposit:actions")
    assert [record.published for record in world.service.records.values()] == [None, None]
    world.service.may_not_publish.clear()
    then_all_is_well(world)
    assert world.service.count("PUT", "/content$") == 3, "no file was sent again"


def test_a_draft_of_somebody_else_is_forbidden(world):
    killed(world, FIRST.index("GET /api/user/records", 1), True)
    (record,) = world.service.records.values()
    record.owner = 2
    world.refused("may not do this.*the record has to be yours")
    record.owner = 1
    then_all_is_well(world)


def test_a_file_that_is_too_large_is_told_and_the_others_stay(world):
    world.service.max_file = len(MODEL) - 1
    told = world.refused("A file is larger than .* takes.*publish the large file elsewhere")
    assert "capacity limit" in told, "in the words of the service"
    world.service.max_file = len(MODEL)
    then_all_is_well(world)


def test_a_full_quota_is_told_and_goes_on_when_there_is_room(world):
    world.service.quota = len(MODEL) + 10
    world.refused("Your space at .* is full.*Delete drafts")
    world.service.quota = 10**9
    then_all_is_well(world)
    assert world.service.count("PUT", "/content$") <= 3 + 2, "what was there stayed"


def test_a_busy_service_is_waited_for_as_long_as_it_asks(world):
    for n in TURNS:
        trouble(world, FIRST, n, status=429, headers={"Retry-After": "7"})
    world.go()
    assert world.slept == [7] * len(TURNS)
    then_all_is_well(world)


def test_a_service_that_is_busy_for_an_hour_is_not_waited_for(world):
    trouble(world, FIRST, 11, status=429, headers={"Retry-After": "3600"})
    world.refused("asks to wait for 60 minutes. Nothing is lost: call this again after ")
    assert world.slept == []
    then_all_is_well(world)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_of_the_service_itself_passes(world, status):
    faults = [trouble(world, FIRST, n, status=status) for n in TURNS]
    world.go()
    assert all(fault.seen >= fault.nth for fault in faults)
    then_all_is_well(world)


@pytest.mark.parametrize("done", [True, False], ids=["carried out", "not carried out"])
@AT
def test_trouble_that_lasts_is_told_and_the_next_run_goes_on(world, n, done):
    trouble(world, FIRST, n, status=500, done=done, times=99)
    if done and FIRST[n].startswith("POST"):
        world.go()  # it looks, and finds that it was done
    else:
        world.refused("has trouble of its own \\(HTTP 500.*Nothing is lost")
    then_all_is_well(world)


@AT
def test_an_answer_that_comes_too_late_is_not_asked_for_twice(world, n):
    trouble(world, FIRST, n, wait=0.6)
    world.go(timeout=0.3, patience=0.3)
    assert any("no answer in time" in line or "No answer came" in line for line in world.told)
    then_all_is_well(world)


def test_a_file_that_arrives_wrong_is_sent_again(world):
    trouble(world, FIRST, CONTENTS[1], garble=True)
    world.go()
    assert "model.skops did not arrive as it was sent; sending it again." in world.told
    then_all_is_well(world)


def test_a_file_that_always_arrives_wrong_is_never_published(world):
    trouble(world, FIRST, CONTENTS[1], garble=True, times=99)
    world.refused("model.skops arrives damaged .* every time")
    assert not [record for record in world.service.records.values() if record.published]
    then_all_is_well(world)


def by_hand(world: World, **changes) -> str:
    """A draft of the same name, made in the browser, with a file."""
    document = world.metadata("code", "1.0")
    document["metadata"] |= changes
    service = world.talk()
    id = service.call("POST", "records", document)["id"]
    service.call("POST", f"records/{id}/draft/files", [{"key": "by hand.txt"}])
    return id


def test_a_draft_that_was_made_by_hand_is_left_alone(world):
    id = by_hand(world)
    told = world.refused("a draft of the same title and version already .* not made from here")
    assert f"/uploads/{id}" in told
    assert [*world.service.records] == [id]
    assert [*world.service.records[id].files] == ["by hand.txt"]
    world.talk().call("DELETE", f"records/{id}/draft")
    then_all_is_well(world)


def test_a_new_version_that_was_begun_by_hand_is_left_alone(world):
    world.go("1.0")
    code = next(iter(world.service.records))
    draft = world.talk().call("POST", f"records/{code}/versions")
    with pytest.raises(Refusal, match="an unfinished new version already") as refusal:
        world.go("2.0")
    assert f"/uploads/{draft['id']}" in str(refusal.value)
    world.talk().call("DELETE", f"records/{draft['id']}/draft")
    world.go("2.0")
    world.assert_published("1.0", "2.0")


def test_a_draft_that_was_deleted_is_made_anew(world):
    killed(world, CONTENTS[0], False)
    for id in [*world.service.records]:
        world.talk().call("DELETE", f"records/{id}/draft")
    then_all_is_well(world)
    assert "The earlier draft of the code is no longer there." in world.told


def test_a_record_that_was_removed_is_told_and_the_next_version_begins_anew(world):
    world.go("1.0")
    for id in [*world.service.records]:
        world.service.remove(id)
    world.go("2.0")
    assert "The earlier record of the code is no longer there." in world.told
    for record in [r for r in world.service.records.values() if r.tombstone]:
        del world.service.records[record.id]
    world.assert_published("2.0")


def test_an_earlier_record_that_was_removed_is_no_earlier_record(world):
    dois = world.go("1.0")
    world.service.remove(next(iter(world.service.records)))
    world.memory.unlink()
    world.refused("has no record 10.5072/zenodo", version="2.0", previous=dois)


def test_metadata_that_the_service_does_not_take_are_named_and_corrected(world, monkeypatch):
    good = World.metadata

    def wrong(self, *args):
        document = good(self, *args)
        document["metadata"]["publication_date"] = "yesterday"
        return document

    monkeypatch.setattr(World, "metadata", wrong)
    world.refused("metadata.publication_date: .*valid date.*CITATION.cff.*the draft is kept")
    monkeypatch.setattr(World, "metadata", good)
    then_all_is_well(world)
    assert world.service.count("POST", "^/api/records$") == 2, "the draft was kept"


def test_without_a_publisher_no_doi_is_made_and_it_says_so(world, monkeypatch):
    good = World.metadata

    def wrong(self, *args):
        document = good(self, *args)
        del document["metadata"]["publisher"]
        return document

    monkeypatch.setattr(World, "metadata", wrong)
    world.refused("metadata.publisher: Missing data")
    monkeypatch.setattr(World, "metadata", good)
    then_all_is_well(world)
