"""A service like Zenodo on this machine: InvenioRDM's records API, with its states and errors.

Written from the published references of InvenioRDM (drafts and records, metadata, upload limits,
concurrency control) and Zenodo (status codes, errors, rate limits), not from any client.
Where they leave a choice, the stricter reading is taken: what works here should work there.

    with Invenio(folder) as service:
        service.fail("PUT", "/content$", cut=1000)        # the connection breaks within a file
        service.fail("POST", "/publish$", lost=0)         # carried out, but the client never hears
        deposit(service.url, service.token)
        assert [call.status for call in service.calls] == [201, 0, 200]
"""

import copy
import hashlib
import itertools
import mimetypes
import re
import secrets
import threading
import time
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlencode

import invenio_metadata
from invenio_http import NATIVE, Call, Fault, Handler, Refused, invalid, route


@dataclass
class File:
    """A file of a record: pending until its content is there and committed, completed after."""

    key: str
    created: str
    updated: str
    status: str = "pending"
    content: Path | None = None
    size: int = 0
    checksum: str = ""
    ids: dict = field(default_factory=dict)


@dataclass
class Record:
    """One version; a draft, a published record, or a published record that is being edited."""

    id: str
    parent: str
    index: int
    owner: int
    created: str
    updated: str
    draft: dict | None = None
    published: dict | None = None
    tombstone: dict | None = None
    files: dict[str, File] = field(default_factory=dict)
    revision: int = 1
    since: float = field(default_factory=time.monotonic)

    @property
    def doi(self) -> str | None:
        data = self.draft or self.published or {}
        return data.get("pids", {}).get("doi", {}).get("identifier")


def now() -> str:
    return datetime.now(UTC).isoformat()


class Invenio:
    """The service; `with Invenio(folder) as service:` runs it, and the folder holds the uploads."""

    def __init__(
        self,
        folder: Path,
        *,
        zenodo: bool = True,  # ids, DOIs, and what is answered to plain application/json
        prefix: str = "10.5072",
        max_file: int = 50 * 10**9,
        quota: int = 50 * 10**9,
        max_files: int = 100,
        rate: int = 1000,
        window: float = 60,  # so many calls in so many seconds
        lag: float = 0,  # seconds until the search knows a new record
    ) -> None:
        self.folder, self.zenodo, self.prefix, self.lag = folder, zenodo, prefix, lag
        self.max_file, self.quota, self.max_files = max_file, quota, max_files
        self.rate, self.window, self.arrivals = rate, window, []
        self.token, self.other_token = secrets.token_urlsafe(30), secrets.token_urlsafe(30)
        self.users = {self.token: 1, self.other_token: 2}
        self.may_not_publish: set[str] = set()  # tokens without the scope deposit:actions
        self.records: dict[str, Record] = {}
        self.communities: dict[str, str] = {}  # identifiers, by the last part of the address
        self.asked: list[tuple[str, str]] = []  # record and community that is to take it in
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.numbers = itertools.count(1000)
        self.lock = threading.RLock()
        self.closing = threading.Event()

    def __enter__(self) -> "Invenio":
        handler = type("Bound", (Handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        serve = {"target": self.server.serve_forever, "kwargs": {"poll_interval": 0.01}}
        threading.Thread(**serve, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    # What a test asks for.

    def fail(self, method: str, path: str, **how) -> Fault:
        """Make trouble for a call to come; the ways are the fields of Fault."""
        self.faults.append(Fault(method, path, **how))
        return self.faults[-1]

    def expire(self) -> None:
        """The token is no longer good; a new one in `token` is."""
        user = self.users.pop(self.token)
        self.token = secrets.token_urlsafe(30)
        self.users[self.token] = user

    def remove(self, id: str, reason: str = "Removed at the owner's request.") -> None:
        """A published record is taken away, and a tombstone stays."""
        by = {"removed_by": {"user": 0}, "category": "other", "timestamp": now()}
        self.records[id].tombstone = {"reason": reason, **by}

    def count(self, method: str, path: str) -> int:
        """How many calls of this kind came."""
        return sum(c.method == method and bool(re.search(path, c.path)) for c in self.calls)

    # Who asks, and for what.

    def admit(self, token: str | None) -> int | None:
        """The user behind a token, None where none was sent."""
        if token is not None and token not in self.users:
            raise Refused(401, "The access token is not valid.")
        return self.users.get(token)

    def pace(self) -> tuple[dict, bool]:
        """The headers on the rate limit, and whether this call is one too many."""
        with self.lock:
            present = time.monotonic()
            self.arrivals = [at for at in self.arrivals if at > present - self.window]
            excess = len(self.arrivals) >= self.rate
            if not excess:
                self.arrivals.append(present)
            left = self.window - (present - self.arrivals[0]) if self.arrivals else 0
        return {
            "X-RateLimit-Limit": self.rate,
            "X-RateLimit-Remaining": max(0, self.rate - len(self.arrivals)),
            "X-RateLimit-Reset": int(time.time() + left) + 1,
            "Retry-After": int(left) + 1,  # Zenodo sends it with every answer
        }, excess

    def find(self, ask, *, draft: bool = False, own: bool = False) -> Record:
        """The record in the path, where the one who asks may have it."""
        record = self.records.get(ask.id)
        if (draft or own) and ask.user is None:
            raise Refused(401, "This needs an access token.")
        if record is None:
            raise Refused(404, "The persistent identifier does not exist.")
        if record.tombstone:
            raise Refused(410, "Record deleted", tombstone=record.tombstone)
        if (draft or own) and record.owner != ask.user:
            raise Refused(403, "Permission denied.")
        if draft and record.draft is None:
            raise Refused(404, "The persistent identifier does not exist.")
        if not draft and record.published is None:
            raise Refused(404, "The persistent identifier is not registered.")
        return record

    def file(self, record: Record, key: str) -> File:
        if key not in record.files:
            raise Refused(404, f"Record {record.id!r} has no file {key!r}.")
        return record.files[key]

    def family(self, parent: str) -> list[Record]:
        versions = [r for r in self.records.values() if r.parent == parent and not r.tombstone]
        return sorted(versions, key=lambda record: record.index)

    def number(self) -> str:
        if self.zenodo:
            return str(next(self.numbers))
        word = "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(10))
        return f"{word[:5]}-{word[5:]}"

    def own_doi(self, id: str) -> dict:
        doi = f"{self.prefix}/{'zenodo.' if self.zenodo else ''}{id}"
        return {"identifier": doi, "provider": "datacite", "client": "datacite"}

    # Documents.

    def document(self, record: Record, draft: bool) -> dict:
        """A record as its JSON document."""
        data = copy.deepcopy(record.draft if draft else record.published)
        published = [r for r in self.family(record.parent) if r.published]
        latest = bool(published) and published[-1] is record
        restricted = "restricted" in (data["access"]["record"], data["access"]["files"])
        embargo = data["access"].setdefault("embargo", {"active": False, "reason": None})
        state = "embargoed" if embargo["active"] else "restricted" if restricted else "open"
        data["access"]["status"] = state if data["files"]["enabled"] else "metadata-only"
        stage = "draft" if record.index == 1 or record.published else "new_version_draft"
        pids = {"doi": self.own_doi(record.parent)} if published else {}
        document = {
            "id": record.id,
            "created": record.created,
            "updated": record.updated,
            "revision_id": record.revision,
            "is_draft": draft,
            "is_published": record.published is not None,
            "status": stage if draft else "published",
            "links": self.links(record, draft),
            "parent": {
                "id": record.parent,
                "access": {"owned_by": {"user": record.owner}, "links": []},
                "communities": {},
                "pids": pids,
            },
            "versions": {
                "index": record.index,
                "is_latest": latest,
                "is_latest_draft": self.family(record.parent)[-1] is record,
            },
        }
        if draft:
            document["expires_at"] = (datetime.now(UTC) + timedelta(days=365)).isoformat()
        return document | data

    def links(self, record: Record, draft: bool) -> dict:
        api, html = f"{self.url}/api/records/{record.id}", f"{self.url}/records/{record.id}"
        links = {
            "self": f"{api}/draft" if draft else api,
            "self_html": f"{self.url}/uploads/{record.id}" if draft else html,
            "files": f"{api}/draft/files" if draft else f"{api}/files",
            "record": api,
            "record_html": html,
            "draft": f"{api}/draft",
            "versions": f"{api}/versions",
            "latest": f"{api}/versions/latest",
            "latest_html": f"{html}/latest",
            "reserve_doi": f"{api}/draft/pids/doi",
        }
        if draft:
            links["publish"] = f"{api}/draft/actions/publish"
        if record.doi:
            links["doi"] = f"https://doi.org/{record.doi}"
            links["self_doi"] = f"{self.url}/doi/{record.doi}"
        return links

    def answer(self, ask, record: Record, status: int = 200, draft: bool = True, **more):
        """A record's document in the form that was asked for, with its ETag."""
        document = self.document(record, draft) | more
        return status, self.shape(ask, document), {"ETag": f'"{record.revision}"'}

    def shape(self, ask, document: dict) -> dict:
        """Zenodo answers its old form of a record unless InvenioRDM's own is asked for."""
        if not self.zenodo or NATIVE in ask.headers.get("Accept", ""):
            return document
        old = {k: document[k] for k in ("created", "links", "metadata", "errors") if k in document}
        people = old["metadata"].get("creators", [])
        old["metadata"]["creators"] = [{"name": c["person_or_org"]["name"]} for c in people]
        doi = document["pids"].get("doi", {}).get("identifier")
        return old | {
            "id": int(document["id"]),
            "conceptrecid": document["parent"]["id"],
            "modified": document["updated"],
            "title": old["metadata"].get("title", ""),
            "state": "unsubmitted" if document["is_draft"] else "done",
            "submitted": document["is_published"],
            **({"doi": doi} if doi else {}),
        }

    def entry(self, record: Record, file: File, draft: bool) -> dict:
        """A file as its JSON document."""
        at = f"{self.url}/api/records/{record.id}{'/draft' if draft else ''}/files/"
        at += quote(file.key, safe="")
        links = {"self": at, "content": f"{at}/content"}
        links |= {"commit": f"{at}/commit"} if draft else {}
        short = ("key", "status", "created", "updated")
        document = {k: v for k, v in asdict(file).items() if k in short}
        document |= {"metadata": None, "links": links}
        if file.status == "completed":
            kind = mimetypes.guess_type(file.key)[0] or "application/octet-stream"
            document |= {"checksum": file.checksum, "size": file.size, "mimetype": kind}
            document |= {"storage_class": "L", **file.ids}
        return document

    def listing(self, record: Record, draft: bool, files: list[File] | None = None) -> dict:
        data = record.draft if draft else record.published
        files = list(record.files.values()) if files is None else files
        return {
            "enabled": data["files"]["enabled"],
            "default_preview": data["files"].get("default_preview"),
            "order": data["files"].get("order", []),
            "entries": [self.entry(record, file, draft) for file in files],
            "links": {"self": self.links(record, draft)["files"]},
        }

    # Drafts.

    def take(self, record: Record, body: dict) -> list[dict]:
        """Make a draft of what was sent; what is wrong is left out and told, not refused.

        What is not sent is gone, also a reserved DOI: a client has to send the pids along.
        """
        data, errors = invenio_metadata.load(body)
        doi = data["pids"].get("doi", {})
        ours = doi.get("identifier", "").startswith(f"{self.prefix}/")
        if doi and (doi.get("provider") == "external") == ours:
            errors.append({"field": "pids.doi", "messages": ["Invalid value for scheme doi"]})
            del data["pids"]["doi"]
        elif ours and doi["identifier"] != self.own_doi(record.id)["identifier"]:
            raise invalid("pids.doi", "The DOI was not reserved for this record.")
        if not data["files"]["enabled"] and record.files:
            raise invalid("files.enabled", "Please remove all files first.")
        record.draft, record.updated = data, now()
        record.revision += 1
        return errors

    @route("POST", "/api/records")
    def create(self, ask):
        if ask.user is None:
            raise Refused(401, "This needs an access token.")
        body = ask.json(dict)
        parent = self.number()
        record = Record(self.number(), parent, 1, ask.user, now(), now())
        errors = self.take(record, body)
        self.records[record.id] = record
        return self.answer(ask, record, 201, **({"errors": errors} if errors else {}))

    @route("GET", "/api/records/{id}/draft")
    def read_draft(self, ask):
        return self.answer(ask, self.find(ask, draft=True))

    @route("PUT", "/api/records/{id}/draft")
    def update(self, ask):
        record, body = self.find(ask, draft=True), ask.json(dict)
        if ask.headers.get("If-Match", "*").strip('"') not in ("*", str(record.revision)):
            raise Refused(412, f"The revision is {record.revision} by now.")
        errors = self.take(record, body)
        return self.answer(ask, record, **({"errors": errors} if errors else {}))

    @route("DELETE", "/api/records/{id}/draft")
    def discard(self, ask):
        record = self.find(ask, draft=True)
        record.draft = None
        if not record.published:
            del self.records[record.id]
            self.sweep(*record.files.values())
        return 204, None, {}

    @route("POST", "/api/records/{id}/draft")
    def edit(self, ask):
        record = self.find(ask, own=True)
        record.draft = record.draft or copy.deepcopy(record.published)
        return self.answer(ask, record, 201)

    @route("POST", "/api/records/{id}/draft/pids/doi")
    def reserve(self, ask):
        record = self.find(ask, draft=True)
        if "doi" in record.draft["pids"]:
            raise invalid("pids.doi", "A PID already exists for type doi")
        record.draft["pids"]["doi"] = self.own_doi(record.id)
        record.revision += 1
        return self.answer(ask, record, 201)

    @route("DELETE", "/api/records/{id}/draft/pids/doi")
    def release(self, ask):
        record = self.find(ask, draft=True)
        if record.published:
            raise Refused(403, "Permission denied.")
        if record.draft["pids"].get("doi", {}).get("provider") != "datacite":
            raise Refused(404, "The persistent identifier does not exist.")
        del record.draft["pids"]["doi"]
        record.revision += 1
        return 204, None, {}

    @route("POST", "/api/records/{id}/draft/actions/publish")
    def publish(self, ask):
        if ask.token in self.may_not_publish:
            raise Refused(403, "Permission denied.")
        record = self.find(ask, draft=True)
        errors = self.lacking(record)
        if errors:
            raise Refused(400, "A validation error occurred.", errors)
        record.draft["pids"].setdefault("doi", self.own_doi(record.id))
        record.draft["pids"]["oai"] = {"identifier": f"oai:{record.id}", "provider": "oai"}
        record.published, record.draft, record.updated = record.draft, None, now()
        record.revision += 1
        return self.answer(ask, record, 202, draft=False)

    def lacking(self, record: Record) -> list[dict]:
        """What a draft still lacks before it can be published, as an answer's errors."""
        data, errors = record.draft, invenio_metadata.missing(record.draft["metadata"])
        before = (record.published or {}).get("pids", {}).get("doi")
        if before and data["pids"].get("doi") != before:
            errors.append({"field": "pids.doi", "messages": ["The DOI of a record stays."]})
        if data["pids"].get("doi", {}).get("provider") != "external":
            errors += invenio_metadata.missing(data["metadata"], {"publisher"})
        if data["files"]["enabled"] and not record.files:
            message = "Missing uploaded files; without files mark the record as metadata-only."
            errors.append({"field": "files.enabled", "messages": [message]})
        for file in record.files.values():
            if file.status != "completed":
                message = f"The upload of {file.key} is not completed."
                errors.append({"field": "files.entries", "messages": [message]})
        return errors

    # Files of a draft.

    def open_for_files(self, ask) -> Record:
        """The draft whose files may change: not those of a record that is published."""
        record = self.find(ask, draft=True)
        if record.published:
            raise Refused(403, "Permission denied.")
        if not record.draft["files"]["enabled"]:
            raise Refused(400, "Files are not enabled for this record.")
        return record

    def sweep(self, *files: File) -> None:
        """Delete contents that no record holds any more."""
        held = {f.content for record in self.records.values() for f in record.files.values()}
        for file in files:
            if file.content and file.content not in held:
                file.content.unlink(missing_ok=True)

    @route("GET", "/api/records/{id}/draft/files")
    def list_draft(self, ask):
        return 200, self.listing(self.find(ask, draft=True), True), {}

    @route("POST", "/api/records/{id}/draft/files")
    def start(self, ask):
        record, asked = self.open_for_files(ask), ask.json(list)
        keys = [one.get("key") if isinstance(one, dict) else None for one in asked]
        if not all(isinstance(key, str) and key for key in keys):
            raise invalid("key", "Missing data for required field.")
        if any(one.get("transfer", {"type": "L"}).get("type") != "L" for one in asked):
            raise Refused(403, "Permission denied.")
        for key in keys:
            if key in record.files or keys.count(key) > 1:
                raise Refused(400, f"File with key {key} already exists.")
        if len(record.files) + len(keys) > self.max_files:
            raise Refused(400, f"A record holds at most {self.max_files} files.")
        record.files |= {key: File(key, now(), now()) for key in keys}
        return 201, self.listing(record, True, [record.files[key] for key in keys]), {}

    @route("PUT", "/api/records/{id}/draft/files/{key}/content")
    def upload(self, ask):
        with self.lock:
            record = self.open_for_files(ask)
            file = self.file(record, ask.key)
            if file.status == "completed":
                raise Refused(400, f"File with key {file.key} is completed already.")
        if ask.kind != "application/octet-stream":
            raise Refused(415, "The content has to be application/octet-stream.")
        others = sum(one.size for one in record.files.values() if one is not file)
        content, size, checksum = self.receive(ask, others)
        with self.lock:
            before, file.content = copy.copy(file), content
            file.size, file.checksum, file.updated = size, checksum, now()
            self.sweep(before)
        return 200, self.entry(record, file, True), {}

    def receive(self, ask, others: int) -> tuple[Path, int, str]:
        """Write what comes to disk, in blocks; nothing stays of what breaks off or is too much."""
        path, digest, size = self.folder / uuid.uuid4().hex, hashlib.md5(usedforsecurity=False), 0
        try:
            self.room(int(ask.headers.get("Content-Length", 0)), others)
            with path.open("wb") as out:
                for block in ask.body:
                    if ask.fault.garble and not size:
                        block = bytes([block[0] ^ 1]) + block[1:]
                    size += len(block)
                    self.room(size, others)
                    digest.update(block)
                    out.write(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path, size, f"md5:{digest.hexdigest()}"

    def room(self, size: int, others: int) -> None:
        if size > self.max_file:
            raise Refused(413, "The data value transmitted exceeds the capacity limit.")
        if size + others > self.quota:
            raise Refused(400, "Bucket quota exceeded.")

    @route("POST", "/api/records/{id}/draft/files/{key}/commit")
    def commit(self, ask):
        record = self.open_for_files(ask)
        file = self.file(record, ask.key)
        if file.status == "completed" or not file.content:
            why = "is completed already" if file.content else "has no content yet"
            raise Refused(400, f"File with key {file.key} {why}.")
        file.status, file.updated = "completed", now()
        file.ids = {name: str(uuid.uuid4()) for name in ("file_id", "version_id", "bucket_id")}
        return 200, self.entry(record, file, True), {}

    @route("GET", "/api/records/{id}/draft/files/{key}/content")
    def download_draft(self, ask):
        return self.content(self.file(self.find(ask, draft=True), ask.key))

    @route("GET", "/api/records/{id}/draft/files/{key}")
    def read_draft_file(self, ask):
        record = self.find(ask, draft=True)
        return 200, self.entry(record, self.file(record, ask.key), True), {}

    @route("DELETE", "/api/records/{id}/draft/files/{key}")
    def delete_file(self, ask):
        record = self.open_for_files(ask)
        file = self.file(record, ask.key)
        del record.files[file.key]
        self.sweep(file)
        return 204, None, {}

    @route("POST", "/api/records/{id}/draft/actions/files-import")
    def import_files(self, ask):
        record = self.open_for_files(ask)
        before = [r for r in self.family(record.parent) if r.published and r.index < record.index]
        if record.files or not before:
            raise invalid("files.enabled", "Please remove all files first.")
        record.files = copy.deepcopy(before[-1].files)
        return 201, self.listing(record, True), {}

    # Published records.

    def readable(self, ask, what: str = "record") -> Record:
        record = self.find(ask)
        if record.published["access"][what] == "restricted" and record.owner != ask.user:
            raise Refused(403, "Permission denied.")
        return record

    @route("GET", "/api/records/{id}")
    def read(self, ask):
        return self.answer(ask, self.readable(ask), draft=False)

    @route("GET", "/api/records/{id}/files")
    def list_files(self, ask):
        return 200, self.listing(self.readable(ask, "files"), False), {}

    @route("GET", "/api/records/{id}/files/{key}/content")
    def download(self, ask):
        return self.content(self.file(self.readable(ask, "files"), ask.key))

    @route("GET", "/api/records/{id}/files/{key}")
    def read_file(self, ask):
        record = self.readable(ask, "files")
        return 200, self.entry(record, self.file(record, ask.key), False), {}

    def content(self, file: File):
        if file.status != "completed":
            raise Refused(404, f"The content of {file.key!r} is not there yet.")
        md5 = file.checksum.removeprefix("md5:")
        return 200, file.content, {"ETag": f'"{file.checksum}"', "Content-MD5": md5}

    @route("POST", "/api/records/{id}/versions")
    def new_version(self, ask):
        record = self.find(ask, own=True)
        newest = self.family(record.parent)[-1]
        if newest.published:  # a new version that is a draft already is given again
            index, data = newest.index + 1, copy.deepcopy(record.published)
            newest = Record(self.number(), record.parent, index, record.owner, now(), now())
            newest.draft = data | {"pids": {}}
            for name in ("publication_date", "version"):
                data["metadata"].pop(name, None)
            self.records[newest.id] = newest
        return self.answer(ask, newest, 201)

    @route("GET", "/api/records/{id}/versions/latest")
    def latest(self, ask):
        ask.id = [r.id for r in self.family(self.find(ask).parent) if r.published][-1]
        return self.answer(ask, self.readable(ask), draft=False)

    @route("GET", "/api/records/{id}/versions")
    def versions(self, ask):
        found = [r for r in self.family(self.find(ask).parent) if r.published]
        return self.hits(ask, [self.document(r, False) for r in reversed(found)])

    @route("GET", "/api/records")
    def search(self, ask):
        there = [r for r in self.records.values() if r.published and not r.tombstone]
        public = [r for r in there if r.published["access"]["record"] == "public"]
        return self.hits(ask, [self.document(r, False) for r in public], "is_latest")

    @route("GET", "/api/communities/{id}")
    def read_community(self, ask):
        if ask.id not in self.communities:
            raise Refused(404, "The persistent identifier does not exist.")
        return 200, {"id": self.communities[ask.id], "slug": ask.id}, {}

    @route("POST", "/api/records/{id}/communities")
    def ask_communities(self, ask):
        record, processed, errors = self.find(ask, own=True), [], []
        for one in ask.json(dict).get("communities") or [{}]:
            pair = record.id, one.get("id")
            if pair[1] not in self.communities.values():
                errors.append({"community": pair[1], "message": "Community does not exist."})
            elif pair in self.asked:
                errors.append({"community": pair[1], "message": "It was asked already."})
            else:
                self.asked.append(pair)
                processed.append({"community_id": pair[1], "request_id": str(uuid.uuid4())})
        if not processed:
            raise Refused(400, "No community could be asked.", errors=errors)
        return 200, {"processed": processed, "errors": errors}, {}

    @route("GET", "/api/user/records")
    def mine(self, ask):
        if ask.user is None:
            raise Refused(401, "This needs an access token.")
        own = [r for r in self.records.values() if r.owner == ask.user and not r.tombstone]
        seen = [r for r in own if time.monotonic() - r.since >= self.lag]
        found = [self.document(r, r.draft is not None) for r in seen]
        return self.hits(ask, found, "is_latest_draft")

    def hits(self, ask, documents: list[dict], newest: str | None = None):
        """One page of what fits the query."""
        if newest and ask.query.get("allversions", "").lower() not in ("true", "1"):
            documents = [d for d in documents if d["versions"][newest]]
        try:
            size, page = int(ask.query.get("size", 10)), int(ask.query.get("page", 1))
            found = invenio_metadata.searched(documents, ask.query)
        except ValueError as error:
            raise invalid("q", str(error)) from None
        if not 0 < size <= 100 or page < 1 or size * page > 10_000:
            raise invalid("size", "A page holds 1 to 100 results, of the first 10000.")
        at = f"{self.url}{ask.path}?"
        pages = {"self": page, "prev": page - 1, "next": page + 1}
        there = {k: p for k, p in pages.items() if k == "self" or 0 < p <= -(-len(found) // size)}
        return (
            200,
            {
                "hits": {
                    "hits": [self.shape(ask, d) for d in found[size * (page - 1) : size * page]],
                    "total": len(found),
                },
                "aggregations": {},
                "links": {k: at + urlencode(ask.query | {"page": p}) for k, p in there.items()},
                "sortBy": ask.query.get("sort", "newest"),
            },
            {},
        )

    # What a browser or a resolver sees.

    @route("GET", "/doi/{doi}")
    def resolve(self, ask):
        public = [r for r in self.records.values() if r.published]
        for record in sorted(public, key=lambda r: -r.index):  # of the concept: the newest
            own, concept = record.published["pids"]["doi"], self.own_doi(record.parent)
            if ask.doi.lower() in (own["identifier"].lower(), concept["identifier"]):
                return 302, None, {"Location": f"{self.url}/records/{record.id}"}
        raise Refused(404, "DOI Not Found")

    @route("GET", "/records/{id}")
    def landing(self, ask):
        return 200, {"title": self.find(ask).published["metadata"]["title"]}, {}
