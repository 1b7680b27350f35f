"""Records of an archive such as Zenodo: drafts, their files, their DOIs; interrupted, it goes on.

What was begun stands in a memory file without secrets, written before and after each call that
cannot be taken back. Where an answer is lost, the service is asked before anything is done twice.
"""

import copy
import functools
import hashlib
import importlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from gold_standard.errors import Refusal
from gold_standard.record import read_json, write_text
from gold_standard.service import Answered, Passing, Service, checked, fields, token_page

__all__ = ["Deposit", "Service", "token", "SANDBOX"]

SANDBOX = "https://sandbox.zenodo.org"
OURS = uuid.UUID("5d3a3b0e-2c1f-5b8e-9a77-0d6c9f4e8b21")  # drawn once, for the marks of our drafts
LAGS = (0, 2, 5)  # seconds; a service's list of drafts is a little behind its drafts
PAGES, PER_PAGE = 40, 25


def token(environ, service_url: str) -> str:
    """The token for a service, from ZENODO_TOKEN or the keyring; it is never stored or shown."""
    url = checked(service_url)
    found = environ.get("ZENODO_TOKEN", "").strip() or _from_keyring(url)
    if not found:
        raise Refusal(
            f"No token for {url}. Make one ({token_page(url)}) with the scopes deposit:write and "
            "deposit:actions, and put it into the environment variable ZENODO_TOKEN, not into a "
            "file of the study."
        )
    return found


def _from_keyring(url: str) -> str:
    """What the keyring holds for this service, where that package happens to be there."""
    try:
        keyring = importlib.import_module("keyring")
        return (keyring.get_password(url, "token") or "").strip()
    except Exception:  # noqa: BLE001  a locked or broken keyring is no keyring; its words may tell
        return ""


class Deposit:
    """The records of one study at one service, each named by its kind: code, model, data."""

    def __init__(self, service: Service, memory: Path):
        self._service = service
        self._path = memory
        self._memory = {k: v for k, v in read_json(memory).items() if isinstance(v, dict)}

    def reserve(
        self, kind: str, metadata: dict, previous: str | None = None, named: str = ""
    ) -> str:
        """Make the draft, or find it again, and reserve its DOI.

        `named` is the DOI that the study gives to it already: a draft that has it is ours.
        """
        entry = self._entry(kind)
        if previous and entry.get("id") and previous != entry.get("doi"):
            self._latest(previous)  # which refuses the record of another service
        if previous and previous == entry.get("doi") and not entry.get("published"):
            previous = None  # it was reserved for this draft, which may be gone by now
        if entry.get("id"):
            entry = self._as_it_stands(kind, entry)
        if entry.get("published") and entry.get("mark") != mark(kind, metadata):
            _refuse_retitled(kind, entry, metadata)
            entry = {"follows": entry["id"]}
        if not entry.get("id"):
            previous = previous or entry.get("follows")
            entry = self._keep(kind, entry, follows=previous)
            self._begin(kind, entry, metadata, previous, named)
        return entry["doi"] if entry.get("published") else self._reserved(kind, entry)

    def community(self, name: str) -> str:
        """The id by which the service knows a community. Raises Refusal where it knows none."""
        found = self._get(f"communities/{_quoted(name)}")
        if found is None:
            raise Refusal(
                f"{self._service.host} has no community {name}. Correct its name in "
                "pyproject.toml, [tool.gold-standard.publish], and call this again."
            )
        return found["id"]

    def describe(self, kind: str, metadata: dict) -> None:
        """Give the draft its metadata; what is published stays as it is."""
        entry = self._begun(kind)
        if entry.get("published"):
            return
        self._keep(kind, entry, mark=mark(kind, metadata), metadata=metadata)
        self._put(entry, metadata, entry["mark"])

    def upload(self, kind: str, files: list[Path]) -> None:
        """Let the draft have these files and no others; what is there and equal is not sent."""
        entry = self._begun(kind)
        wanted = _by_name(files)
        if entry.get("published"):
            return self._compare(entry, wanted)
        there = self._listed(_files(entry))
        if entry.get("previous") and not there:
            there = self._taken_over(entry, wanted)
        for name in sorted(there.keys() - wanted.keys()):
            self._delete(entry, name)
        for name, path in wanted.items():
            if not _equal(there.get(name), path):
                self._send(entry, path, name in there)
        self._compare(entry, wanted)

    def publish(self, kind: str) -> str:
        """Publish the draft, for ever, and return the record's address."""
        entry = self._as_it_stands(kind, self._begun(kind))
        if not entry.get("id"):
            raise Refusal(f"The draft of the {kind} is gone. Call this again to make a new one.")
        if not entry.get("published"):
            if entry.get("metadata"):  # our mark was for finding the draft, and nobody else's use
                self._put(entry, entry["metadata"], None)
            self._keep(kind, entry, asked="publish")
            record = self._once(
                lambda: self._post(f"{_draft(entry)}/actions/publish"),
                lambda: self._published(entry),
            )
            self._note_published(kind, entry, record)
        return entry["address"]

    def suggest(self, kind: str, communities: list[str]) -> None:
        """Ask communities to take in a published record; whether they do is theirs to say."""
        entry = self._begun(kind)
        for name in communities:
            if name in entry.get("suggested", []):
                continue
            asked = {"communities": [{"id": self.community(name)}]}
            try:
                self._service.call("POST", f"{_record(entry)}/communities", asked)
            except Answered as answer:  # asked before, or already in: no reason to stop here
                if answer.status == 401:
                    raise
                self._service.say(f"The community {name} was not asked: {answer}")
            self._keep(kind, entry, suggested=[*entry.get("suggested", []), name])

    def is_published(self, kind: str) -> bool:
        """Whether the record is published, as far as is known here."""
        return bool(self._begun(kind).get("published"))

    def address(self, kind: str) -> str:
        """The page of the draft or record, for people."""
        return self._begun(kind)["address"]

    # The memory

    def _entry(self, kind: str) -> dict:
        entry = self._memory.get(self._service.url, {}).get(kind)
        return entry if isinstance(entry, dict) else {}

    def _begun(self, kind: str) -> dict:
        entry = self._entry(kind)
        if not entry.get("id"):
            raise Refusal(
                f"There is no draft of the {kind} yet at {self._service.host}. "
                "Call this with --deposit first."
            )
        return entry

    def _keep(self, kind: str, entry: dict, **changes) -> dict:
        """Write down what is known of a record; the same object goes on being used."""
        entry.update(changes)
        self._memory.setdefault(self._service.url, {})[kind] = entry
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self._path, json.dumps(self._memory, indent=1, ensure_ascii=False) + "\n")
        return entry

    # Drafts

    def _as_it_stands(self, kind: str, entry: dict) -> dict:
        """What is known of a record, after a look at the service; nothing where it is gone."""
        for path in (_draft(entry), _record(entry)):
            found = self._get(path)
            if found is None:
                continue
            if _is_published(found) and not entry.get("published"):
                self._note_published(kind, entry, found)
            return entry
        what = "record" if entry.get("published") else "draft"
        self._service.say(f"The earlier {what} of the {kind} is no longer there.")
        return {"follows": entry.get("follows")}

    def _begin(
        self, kind: str, entry: dict, metadata: dict, previous: str | None, named: str
    ) -> None:
        """A draft on the service, known to the memory: found again, or made."""
        found = self._found_again(kind, entry, metadata, named)
        if found and _is_published(found):
            self._service.say(f"The {kind} is published already at {_address(found)}.")
            self._keep(kind, entry, id=str(found["id"]), mark=mark(kind, metadata))
            self._note_published(kind, entry, found)
        elif found:
            self._service.say(f"Going on with the draft of the {kind} at {_address(found)}.")
            self._note(kind, entry, found)
        elif previous:
            self._next_version(kind, entry, metadata, previous)
        else:
            self._first_version(kind, entry, metadata)

    def _found_again(self, kind: str, entry: dict, metadata: dict, named: str) -> dict | None:
        if not entry.get("asked"):
            return self._lost(kind, metadata, named)
        return self._look(lambda: self._asked_for(kind, entry, metadata))

    def _first_version(self, kind: str, entry: dict, metadata: dict) -> None:
        self._keep(kind, entry, mark=mark(kind, metadata))
        body = _body(metadata, entry["mark"])
        made = self._made(
            kind,
            entry,
            lambda: self._post("records", body),
            lambda: self._asked_for(kind, entry, metadata),
        )
        self._note(kind, entry, made)
        self._refuse_fields(made, entry["mark"])

    def _next_version(self, kind: str, entry: dict, metadata: dict, previous: str) -> None:
        old = self._latest(previous)
        parent = (old.get("parent") or {}).get("id")
        asked, unfinished = entry.get("asked"), self._unfinished(parent)
        if unfinished and not asked:
            self._refuse_unfinished(unfinished)
        self._keep(kind, entry, mark=mark(kind, metadata), previous=old["id"])
        made = unfinished or self._made(
            kind,
            entry,
            lambda: self._post(f"{_record(old)}/versions"),
            lambda: self._unfinished(parent),
        )
        # Where a version is unfinished a service gives that one; a new one has no files.
        if not asked and self._listed(_files(made)):
            self._keep(kind, entry, asked=None)
            self._refuse_unfinished(made)
        self._note(kind, entry, made)
        self._put(entry, metadata, entry["mark"])

    def _made(self, kind: str, entry: dict, act, look) -> dict:
        """What a call makes; the memory knows that it was asked for until it is clear what came."""
        self._keep(kind, entry, asked="draft")
        try:
            return self._once(act, look)
        except Refusal as trouble:
            if not isinstance(trouble, Passing) or trouble.untouched:
                self._keep(kind, entry, asked=None)
            raise

    def _refuse_unfinished(self, draft: dict) -> None:
        raise Refusal(
            f"There is an unfinished new version already at {_address(draft)}, which was not made "
            "from here. Publish or discard it there, and call this again."
        )

    def _latest(self, previous: str) -> dict:
        """The newest version of a record that a DOI, an address or an id names."""
        name = previous.strip().rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[-1]
        found = self._get(f"records/{_quoted(name)}")
        if found is None:
            raise Refusal(
                f"{self._service.host} has no record {previous}, so there can be no new version of "
                "it. Is it of another service, of a draft, or the identifier of all versions "
                "together? To make a first record there, take it out of CITATION.cff."
            )
        parent = (found.get("parent") or {}).get("pids") or {}
        known = {_doi(found), _doi({"pids": parent})} - {""}
        is_doi = previous.strip().lower().rstrip("/").split("doi.org/")[-1]
        if is_doi.startswith("10.") and known and is_doi not in {doi.lower() for doi in known}:
            raise Refusal(
                f"{previous} is no record of {self._service.host}, so there can be no new version "
                "of it there. Correct it in CITATION.cff, or name its service with --service."
            )
        return self._get(f"{_record(found)}/versions/latest") or found

    def _put(self, entry: dict, metadata: dict, marked: str | None) -> None:
        """Replace the draft's metadata; what is left out of the call would be taken away."""
        present = self._service.call("GET", _draft(entry))
        body = _body(metadata, marked)
        body["pids"] = present.get("pids") or {}
        answer = self._service.call("PUT", _draft(entry), body)
        self._refuse_fields(answer, marked)

    def _refuse_fields(self, answer: dict, marked: str | None) -> None:
        """A service keeps a draft without the fields that it does not take, and names them."""
        # What is said of these belongs to publishing, and the mark is no concern of the person's.
        passed = ("pids", "files", "metadata.identifiers" if marked else "pids")
        errors = [
            error
            for error in answer.get("errors") or []
            if isinstance(error, dict) and not str(error.get("field")).startswith(passed)
        ]
        if errors:
            raise Refusal(
                f"{self._service.host} does not take this: {fields({'errors': errors})}. Correct "
                "it in CITATION.cff or pyproject.toml and call this again; the draft is kept."
            )

    def _reserved(self, kind: str, entry: dict) -> str:
        def look() -> dict | None:
            draft = self._service.call("GET", _draft(entry))
            return draft if _doi(draft) else None

        draft = look() or self._once(lambda: self._post(f"{_draft(entry)}/pids/doi"), look)
        doi = _doi(draft)
        if not doi:
            raise Refusal(f"{self._service.host} reserved no DOI for the {kind}. Ask its support.")
        self._keep(kind, entry, doi=doi)
        return doi

    def _published(self, entry: dict) -> dict | None:
        record = self._get(_record(entry))
        return record if record and _is_published(record) else None

    def _note(self, kind: str, entry: dict, draft: dict) -> None:
        address = _address(draft) or f"{self._service.url}/uploads/{draft['id']}"
        self._keep(kind, entry, id=str(draft["id"]), address=address, asked=None)

    def _note_published(self, kind: str, entry: dict, record: dict) -> None:
        address = _address(record) or f"{self._service.url}/records/{entry['id']}"
        doi = _doi(record) or entry.get("doi", "")
        self._keep(
            kind, entry, published=True, address=address, doi=doi, asked=None, metadata=None,
            version=_version(record),
        )  # fmt: skip

    # Finding drafts again

    def _mine(self) -> Iterator[dict]:
        """The drafts and records of whom the token is of, newest first."""
        seen = 0
        for page in range(1, PAGES + 1):
            query = {"size": PER_PAGE, "page": page, "allversions": "true"}
            answer = self._service.call("GET", "user/records", query=query).get("hits") or {}
            hits = answer.get("hits") or []
            yield from (hit for hit in hits if isinstance(hit, dict))
            seen += len(hits)
            total = answer.get("total")
            if not hits or (isinstance(total, int) and seen >= total):
                return

    def _others(self, kind: str) -> Iterator[dict]:
        """Drafts and records without those of the other kinds, whose titles may be the same."""
        kinds = self._memory.get(self._service.url, {}).items()
        known = {entry.get("id") for name, entry in kinds if name != kind}
        return (hit for hit in self._mine() if str(hit.get("id")) not in known)

    def _asked_for(self, kind: str, entry: dict, metadata: dict) -> dict | None:
        """The draft that a call without an answer may have made."""
        marks = {entry.get("mark"), mark(kind, metadata)}
        for hit in self._others(kind):
            if not _is_published(hit) and (_marks(hit) & marks or _same(hit, metadata)):
                return hit
        return None

    def _lost(self, kind: str, metadata: dict, named: str) -> dict | None:
        """A draft or record of ours that the memory has lost; a draft of others is refused.

        A published record of this title and version is taken: its files are compared later.
        """
        others = []
        for hit in self._others(kind):
            ours = mark(kind, metadata) in _marks(hit) or (named and _doi(hit) == named)
            if ours and not _is_published(hit):
                return hit
            if _same(hit, metadata):
                others.append(hit)
        for other in others:
            if not _is_published(other):
                raise Refusal(
                    "There is a draft of the same title and version already at "
                    f"{_address(other)}, which was not made from here. Delete it there, or give "
                    "this one another version or title."
                )
        return others[0] if others else None

    def _unfinished(self, parent: str | None) -> dict | None:
        for hit in self._mine() if parent else ():
            if (hit.get("parent") or {}).get("id") == parent and not _is_published(hit):
                return hit
        return None

    def _once(self, act: Callable[[], dict], look: Callable[[], dict | None]) -> dict:
        """Do what must not be done twice: where no answer came, look whether it was done."""
        for attempt in range(self._service.tries):
            try:
                return act()
            except (Passing, Answered) as trouble:
                unsure = isinstance(trouble, Passing) and not trouble.untouched
                if unsure:
                    self._service.say("No answer came; looking whether it was done.")
                if (unsure or attempt) and (found := self._look(look)) is not None:
                    return found
                if not unsure or attempt + 1 == self._service.tries:
                    raise
                self._service.wait(trouble, attempt)
        raise AssertionError("at least one try is made")

    def _look(self, look: Callable[[], dict | None]) -> dict | None:
        """Look a few times, as what was just made may not be shown at once."""
        for lag in LAGS:
            self._service.sleep(lag)
            if (found := look()) is not None:
                return found
        return None

    # Files

    def _listed(self, path: str) -> dict[str, dict]:
        entries = self._service.call("GET", path).get("entries") or []
        if isinstance(entries, dict):
            entries = [{"key": key, **entry} for key, entry in entries.items()]
        return {entry["key"]: entry for entry in entries}

    def _taken_over(self, entry: dict, wanted: dict[str, Path]) -> dict[str, dict]:
        """Link the earlier version's files where one of them is wanted again as it was."""
        try:
            old = self._listed(f"records/{_quoted(entry['previous'])}/files")
            if any(_equal(old.get(name), path) for name, path in wanted.items()):
                self._service.call("POST", f"{_draft(entry)}/actions/files-import")
        except Answered:  # then they are sent
            pass
        return self._listed(_files(entry))

    def _send(self, entry: dict, path: Path, begun: bool) -> None:
        """Send one file; what was cut is begun anew, as the service takes no second half."""
        place = f"{_files(entry)}/{_quoted(path.name)}"
        for attempt in range(self._service.tries):
            if begun:
                self._delete(entry, path.name)
            self._once(
                lambda: self._post(_files(entry), [{"key": path.name}]),
                lambda: self._listed(_files(entry)).get(path.name),
            )
            begun = True
            try:
                self._service.send(f"{place}/content", path)
            except Passing as trouble:
                if attempt + 1 == self._service.tries:
                    raise
                self._service.wait(trouble, attempt)
                continue
            done = self._once(lambda: self._post(f"{place}/commit"), lambda: self._complete(place))
            if _equal(done, path):
                return
            self._service.say(f"{path.name} did not arrive as it was sent; sending it again.")
        raise Refusal(
            f"{path.name} arrives damaged at {self._service.host} every time (its checksum "
            "differs). Is it being written to, or does something on the way change it? Call this "
            "again later."
        )

    def _complete(self, place: str) -> dict | None:
        found = self._get(place)
        return found if found and found.get("status") == "completed" else None

    def _delete(self, entry: dict, name: str) -> None:
        try:
            self._service.call("DELETE", f"{_files(entry)}/{_quoted(name)}")
        except Answered as answer:
            if answer.status != 404:
                raise

    def _compare(self, entry: dict, wanted: dict[str, Path]) -> None:
        """Refuse unless the service holds exactly these files."""
        record = entry.get("published")
        there = self._listed(f"{_record(entry)}/files" if record else _files(entry))
        odd = sorted(there.keys() ^ wanted.keys())
        odd += sorted(n for n in there.keys() & wanted if not _equal(there[n], wanted[n]))
        if odd and record:
            raise Refusal(
                f"{entry['address']} is published and holds other files ({', '.join(odd)}), and a "
                "record stays as it is: raise the version in CITATION.cff to publish another."
            )
        if odd:
            raise Refusal(
                f"The draft at {entry['address']} holds other files than it should "
                f"({', '.join(odd)}). Does somebody else work on it? Call this again."
            )

    # Calls

    def _post(self, path: str, document=None) -> dict:
        return self._service.call("POST", path, document, again=False)

    def _get(self, path: str) -> dict | None:
        try:
            return self._service.call("GET", path)
        except Answered as answer:
            if answer.status in (404, 410):
                return None
            raise


def mark(kind: str, metadata: dict) -> str:
    """What a draft of ours carries until it is published, so that it can be found again."""
    words = [kind, *_names(metadata)]
    return uuid.uuid5(OURS, json.dumps(words)).urn


def _names(metadata: dict) -> list:
    described = metadata.get("metadata") or {}
    kind = described.get("resource_type") or {}
    return [described.get("title"), described.get("version"), kind.get("id")]


def _version(document: dict) -> str | None:
    return (document.get("metadata") or {}).get("version")


def _refuse_retitled(kind: str, entry: dict, metadata: dict) -> None:
    """A correction is no new version: without another number it would become one by accident."""
    version = _version(metadata)
    if version and version == entry.get("version"):
        raise Refusal(
            f"Version {version} of the {kind} is published at {entry['address']}, under another "
            "title. Correct the title there, in the browser, or raise the version in CITATION.cff "
            "to publish another."
        )


def _same(hit: dict, metadata: dict) -> bool:
    return bool(_names(metadata)[0]) and _names(hit) == _names(metadata)


def _marks(hit: dict) -> set:
    found = (hit.get("metadata") or {}).get("identifiers") or []
    return {one.get("identifier") for one in found if isinstance(one, dict)} - {None}


def _body(metadata: dict, marked: str | None) -> dict:
    body = copy.deepcopy(metadata)
    body.setdefault("access", {"record": "public", "files": "public"})
    body.setdefault("files", {"enabled": True})
    if marked:
        described = body.setdefault("metadata", {})
        identifiers = [*described.get("identifiers", []), {"scheme": "urn", "identifier": marked}]
        described["identifiers"] = identifiers
    return body


def _is_published(document: dict) -> bool:
    return bool(document.get("is_published"))


def _doi(document: dict) -> str:
    pids = document.get("pids") or {}
    doi = (pids.get("doi") or {}).get("identifier") or document.get("doi")
    return doi if isinstance(doi, str) else ""


def _address(document: dict) -> str:
    links = document.get("links") or {}
    address = links.get("self_html") or ""
    return address if isinstance(address, str) and address.isprintable() else ""


def _quoted(name: str) -> str:
    return quote(str(name), safe="")


def _record(entry: dict) -> str:
    return f"records/{_quoted(entry['id'])}"


def _draft(entry: dict) -> str:
    return f"{_record(entry)}/draft"


def _files(entry: dict) -> str:
    return f"{_draft(entry)}/files"


def _by_name(files: list[Path]) -> dict[str, Path]:
    wanted = {path.name: path for path in files}
    if len(wanted) < len(files):
        raise Refusal("Two files of one record have the same name: give them different ones.")
    for path in files:
        if not path.is_file():
            raise Refusal(f"{path} is not there: build it again before it is sent.")
    return wanted


def _equal(there: dict | None, path: Path) -> bool:
    """Whether the service holds these bytes, complete."""
    if not there or there.get("status") not in ("completed", None):
        return False
    if int(there.get("size") or 0) != path.stat().st_size:
        return False
    method, _, digest = str(there.get("checksum") or "").partition(":")
    if method not in ("md5", "sha1", "sha256", "sha512"):
        return False
    return _digest(path, method, path.stat().st_size, path.stat().st_mtime_ns) == digest


@functools.lru_cache
def _digest(path: Path, method: str, size: int, changed: int) -> str:
    """A file's checksum, computed once as long as its size and time stay."""
    with path.open("rb") as file:
        new = hashlib.file_digest(file, lambda: hashlib.new(method, usedforsecurity=False))
    return new.hexdigest()
