"""How the test service speaks HTTP: reads a call, finds its answer, makes the trouble ordered."""

import json
import re
import socket
import struct
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BLOCK = 1 << 20  # an upload is never held in memory as a whole
NATIVE = "application/vnd.inveniordm.v1+json"
ANSWERED = {"*/*", "application/*", "application/json", NATIVE, "application/octet-stream"}
ROUTES: list[tuple[str, re.Pattern, str]] = []  # method, path, name of the function


@dataclass
class Call:
    """What was asked, and what came of it; status 0: the connection was cut without an answer."""

    method: str
    path: str
    query: str
    authorized: bool  # whether an Authorization header came along; the token itself is not kept
    status: int = 0
    received: int = 0  # bytes of the request's body


@dataclass
class Fault:
    """Trouble for the n-th call (and as many after it as `times` says) that fits."""

    method: str
    path: str  # a regular expression that is looked for in the path
    nth: int = 1
    times: int = 1
    status: int | None = None  # answer this instead of carrying out the call …
    done: bool = False  # … or after having carried it out
    headers: dict = field(default_factory=dict)
    body: dict | None = None
    cut: int | None = None  # cut after so many bytes of the body; with a status: answer, then cut
    lost: int | None = None  # carried out, but only so many bytes of the answer are sent
    wait: float = 0  # seconds before the answer is sent
    answer: dict = field(default_factory=dict)  # what is different in the answer's document
    garble: bool = False  # the file does not arrive as it was sent
    seen: int = 0

    def strikes(self, call: Call) -> bool:
        if self.method != call.method or not re.search(self.path, call.path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Refused(Exception):
    """An answer of the 400 series, as a document with status, message and perhaps errors."""

    def __init__(self, status: int, message: str, errors: list | None = None, **more) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"status": status, "message": message}
        self.document |= ({"errors": errors} if errors else {}) | more


class Cut(Exception):
    """The connection ends here."""


def invalid(where: str, *messages: str) -> Refused:
    errors = [{"field": where, "messages": list(messages)}]
    return Refused(400, "A validation error occurred.", errors)


def route(method: str, path: str):
    """Say which function answers a path; {key} may hold slashes."""
    pattern = path.replace("{key}", r"(?P<key>.+)").replace("{doi}", r"(?P<doi>.+)")
    pattern = re.compile(pattern.replace("{id}", r"(?P<id>[^/]+)") + "/?")

    def note(function):
        ROUTES.append((method, pattern, function.__name__))
        return function

    return note


class Handler(BaseHTTPRequestHandler):
    """One call: reads it, lets the service answer, makes the trouble that was ordered."""

    protocol_version = "HTTP/1.1"

    def handle_one_call(self) -> None:
        split = urlsplit(self.path)
        self.path = split.path
        self.query = {k: v[-1] for k, v in parse_qs(split.query).items()}
        sent = self.headers.get("Authorization")
        self.token = self.query.pop("access_token", None)
        self.token = sent.removeprefix("Bearer ") if sent else self.token
        self.kind = self.headers.get("Content-Type", "").split(";")[0].strip()
        self.call = Call(self.command, self.path, split.query, sent is not None)
        self.body, head = self.incoming(), {}
        with self.service.lock:
            self.service.calls.append(self.call)
            struck = [fault for fault in self.service.faults if fault.strikes(self.call)]
        self.fault = fault = struck[0] if struck else Fault("", "")
        try:
            if fault.cut == 0:
                raise Cut
            if fault.status and not fault.done:
                self.drain()
                status, document = fault.status, self.mishap(fault)
            else:
                status, document, head = self.carried_out()
                self.drain()
            if fault.status:
                status, document = fault.status, self.mishap(fault)
            elif isinstance(document, dict):
                document |= fault.answer
            self.service.closing.wait(fault.wait)
            self.reply(status, document, head | fault.headers, fault.lost)
        except Cut:
            self.close_connection = True
            if fault.status:
                self.reply(fault.status, self.mishap(fault), fault.headers, None)
            else:  # so that what was on the way is refused, not just no longer read
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        except OSError:  # the client has left
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = handle_one_call

    def mishap(self, fault: Fault) -> dict:
        return fault.body or {"status": fault.status, "message": HTTPStatus(fault.status).phrase}

    def carried_out(self):
        """The service's answer: status, document or file, headers."""
        pace, excess = self.service.pace()
        try:
            if excess:
                raise Refused(429, f"{self.service.rate} per {self.service.window:g} seconds")
            self.user = self.service.admit(self.token)
            answer = self.chosen()
            if answer.__name__ == "upload":  # may take long: takes the lock where it must
                status, document, head = answer(self)
            else:
                self.sent = b"".join(self.body)
                with self.service.lock:
                    status, document, head = answer(self)
        except Refused as refused:
            status, document, head = refused.status, refused.document, {}
            head |= {"Allow": ", ".join(document.pop("allowed"))} if "allowed" in document else {}
        except (AttributeError, KeyError, TypeError):
            traceback.print_exc()  # a test shows it where it fails
            status, document, head = 500, {"status": 500, "message": "Internal error"}, {}
        return status, document, pace | head

    def chosen(self):
        """The function for this path and method, with the parts of the path as attributes."""
        method = "GET" if self.command == "HEAD" else self.command
        accepted = self.headers.get("Accept", "*/*").split(",")
        tried = [(m, name, pattern.fullmatch(self.path)) for m, pattern, name in ROUTES]
        fits = [one for one in tried if one[2]]
        if not fits:
            raise Refused(404, "The requested URL was not found on the server.")
        allowed = sorted({m for m, _, _ in fits})
        if method not in allowed:
            message = "The method is not allowed for the requested URL."
            raise Refused(405, message, allowed=allowed)
        if not ANSWERED.intersection(one.split(";")[0].strip() for one in accepted):
            raise Refused(406, f"Answers come as application/json or {NATIVE}.")
        _, name, found = next(fit for fit in fits if fit[0] == method)
        for part, value in found.groupdict().items():
            setattr(self, part, unquote(value))
        return getattr(self.service, name)

    def incoming(self) -> Iterator[bytes]:
        """The request's body in blocks, with its length told before or in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while length := int(self.rfile.readline().split(b";")[0] or b"0", 16):
                yield from self.some(length)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield from self.some(int(self.headers.get("Content-Length", 0)))

    def some(self, length: int) -> Iterator[bytes]:
        cut = float("inf") if self.fault.cut is None else self.fault.cut
        while length:
            block = self.rfile.read(min(length, BLOCK, cut - self.call.received))
            self.call.received += len(block)
            length -= len(block)
            if not block:
                raise Cut
            yield block

    def drain(self) -> None:
        """Read what nobody wanted, as web servers do before they refuse for good."""
        for _ in self.body:
            pass

    def json(self, kind: type):
        """The request's document."""
        if self.sent and self.kind != "application/json":
            raise Refused(415, "The document has to be application/json.")
        try:
            document = json.loads(self.sent or b"{}")
        except ValueError:
            raise Refused(400, "Unable to decode JSON data in request body.") from None
        if not isinstance(document, kind):
            raise invalid("_schema", "Invalid input type.")
        return document

    def reply(self, status: int, document: dict | Path | None, head: dict, lost: int | None):
        """Send the answer, or only the beginning of it."""
        self.call.status = status if lost is None else 0
        path = document if isinstance(document, Path) else None
        text = b"" if path or document is None else json.dumps(document).encode()
        length = path.stat().st_size if path else len(text)
        kind = "application/octet-stream" if path else "application/json"
        lines = {"Content-Type": kind} if path or text else {}
        lines |= {} if status == 204 else {"Content-Length": length}
        lines |= {"Connection": "close"} if self.close_connection else {}
        phrase = HTTPStatus(status).phrase.upper()
        start = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in (lines | head).items())]
        sent = "\r\n".join([*start, "", ""]).encode() + (b"" if self.command == "HEAD" else text)
        self.wfile.write(sent[:lost])
        if path and lost is None and self.command != "HEAD":
            with path.open("rb") as stored:
                while block := stored.read(BLOCK):
                    self.wfile.write(block)
        self.close_connection = self.close_connection or lost is not None

    def log_message(self, *_) -> None:
        pass
