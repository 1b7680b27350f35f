"""Speaks HTTP with an InvenioRDM repository; repeats what may be, and keeps the token hidden."""

import http.client
import ipaddress
import json
import re
import shutil
import ssl
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlencode, urljoin, urlsplit

from gold_standard.errors import Refusal, printable

BLOCK = 2**16
LARGEST_ANSWER = 2**25
CLEARED = "\r\033[K"  # to the beginning of a terminal's line, and nothing in it
# Zenodo answers plain JSON in the words of its earlier interface, so its own are asked for first.
ACCEPT = "application/vnd.inveniordm.v1+json, application/json;q=0.9"
QUOTA = re.compile(r"quota|storage limit|not enough (?:space|storage)", re.IGNORECASE)
TOO_LARGE = re.compile(r"file ?size|too large|maximum (?:file )?size", re.IGNORECASE)


class Answered(Refusal):
    """The service said no; the status says how."""

    def __init__(self, text: str, status: int):
        super().__init__(text)
        self.status = status


class Passing(Refusal):
    """Trouble that may be over soon; `untouched` where the call surely was not carried out."""

    def __init__(self, text: str, untouched: bool = False, after: float | None = None):
        super().__init__(text)
        self.untouched = untouched
        self.after = after


class Secret:
    """A token that nothing shows by accident: no message, no traceback, no debugger's list."""

    __slots__ = ("reveal",)

    def __init__(self, token: str):
        # http.client would quote a value that it cannot send, and with it the token.
        if not re.fullmatch(r"[!-~]+", token):
            raise Refusal(
                "The token is empty or holds blanks or other characters that no token has: "
                "copy it again."
            )
        self.reveal = lambda: token

    def __repr__(self) -> str:
        return "(hidden)"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    document: dict | None


class Service:
    """One repository, as somebody with a token sees it."""

    def __init__(
        self,
        url: str,
        token: str,
        say: Callable[[str], None] = print,
        *,
        tries: int = 5,
        timeout: float = 60,
        patience: float = 600,
        longest_wait: float = 900,
        terminal: bool | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.url = checked(url)
        self.host = urlsplit(self.url).netloc
        self._token = Secret(token)
        self._say = say
        self.tries = tries
        self._timeout = timeout
        self._patience = patience
        self._longest_wait = longest_wait
        if terminal is None:
            terminal = say is print and sys.stdout.isatty()
        self._terminal = terminal
        self.sleep = sleep

    def say(self, text: str) -> None:
        self._say(self._clean(text))

    def call(
        self,
        method: str,
        path: str,
        document: dict | list | None = None,
        *,
        query: dict | None = None,
        again: bool = True,
    ) -> dict:
        """What the service answers; `again` is off for a call that must not be made twice."""
        content = None if document is None else json.dumps(document).encode()
        address = f"{self.url}/api/{path}" + (f"?{urlencode(query)}" if query else "")
        for attempt in range(self.tries):
            try:
                return self._answered(method, address, content)
            except Passing as trouble:
                if attempt + 1 == self.tries or not (again or trouble.untouched):
                    raise
                self.wait(trouble, attempt)
        raise AssertionError("at least one try is made")

    def send(self, path: str, file: Path) -> None:
        """Send a file's content, once, and never hold much of it."""
        every = 0.5 if self._terminal else 10
        try:
            with _opened(file) as opened:
                body = _Body(opened, file.name, self._show, every)
                self._answered("PUT", f"{self.url}/api/{path}", body)
        finally:
            if self._terminal:
                print(CLEARED, end="", flush=True)

    def _show(self, text: str) -> None:
        """How far a file is: on a terminal one line that is written over, elsewhere lines."""
        if not self._terminal:
            return self.say(text)
        width = shutil.get_terminal_size().columns - 1  # a line that is broken stays there
        print(f"{CLEARED}{self._clean(text)[:width]}", end="", flush=True)

    def wait(self, trouble: Passing, attempt: int) -> None:
        """Wait as long as the service asks, or longer each time; refuse to wait for ever."""
        seconds = 2.0 ** (attempt + 1) if trouble.after is None else trouble.after
        if seconds > self._longest_wait:
            when = time.strftime("%H:%M", time.localtime(time.time() + seconds))
            raise Refusal(
                f"{self.host} asks to wait for {seconds / 60:,.0f} minutes. "
                f"Nothing is lost: call this again after {when}."
            )
        self.say(f"{str(trouble).split('. ')[0].rstrip('.')}; trying again in {seconds:.0f} s.")
        self.sleep(seconds)

    def _answered(self, method: str, address: str, body=None) -> dict:
        """The document of a good answer; everything else is raised."""
        answer = self._followed(method, address, body)
        if answer.status < 300:
            if answer.document is None:
                raise Refusal(
                    f"{self.host} answered with something else than an InvenioRDM repository does. "
                    "Is the address right, and no sign-in page of the network in between?"
                )
            return answer.document
        raise self._trouble(answer, f"{method} {urlsplit(address).path}")

    def _followed(self, method: str, address: str, body) -> Answer:
        for _ in range(5):
            answer = self._exchange(method, address, body)
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            target = urljoin(address, target)
            if method != "GET":
                raise Refusal(
                    f"{self.host} sends this on to {self._clean(urlsplit(target).netloc)}. "
                    "Name that address with --service, if you trust it."
                )
            address = checked(target, whole=True)
        raise Refusal(
            f"{self.host} sends one from address to address without end. "
            "Call this again later, or name another with --service."
        )

    def _exchange(self, method: str, address: str, body) -> Answer:
        target = urlsplit(address)
        connection = _connection(target, self._timeout)
        try:
            self._connect(connection, target)
            return self._spoken(connection, method, target, body)
        finally:
            connection.close()

    def _connect(self, connection: http.client.HTTPConnection, target: SplitResult) -> None:
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise Refusal(
                f"{target.hostname} does not prove who it is ({error.verify_message}), so the "
                "token was not sent. Where your network has a certificate of its own, "
                "name it in SSL_CERT_FILE."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise Passing(
                f"{target.hostname} cannot be reached ({self._reason(error)}). "
                "Is there a network, and does it want a proxy (https_proxy)? "
                "Nothing is lost: call this again.",
                untouched=True,
            ) from None

    def _spoken(self, connection, method: str, target: SplitResult, body) -> Answer:
        path = target.path + (f"?{target.query}" if target.query else "")
        try:
            try:
                connection.request(method, path, body, self._headers(target, body))
            except (BrokenPipeError, ConnectionResetError):
                # It may have refused before all was sent, and then said why.
                pass
            if isinstance(body, _Body):  # it may still be writing and hashing what it got
                connection.sock.settimeout(self._patience)
            response = connection.getresponse()
            content = response.read(LARGEST_ANSWER + 1)
            _whole(response, content)
        except (OSError, http.client.HTTPException) as error:
            raise Passing(
                f"The connection to {target.hostname} broke off ({self._reason(error)}). "
                "Nothing is lost: call this again, and it goes on from here."
            ) from None
        return Answer(response.status, response.headers, _document(content))

    def _headers(self, target: SplitResult, body) -> dict[str, str]:
        headers = {"Accept": ACCEPT, "User-Agent": "gold-standard", "Connection": "close"}
        if _origin(target) == _origin(urlsplit(self.url)):
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        if isinstance(body, _Body):
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(body.size)
        elif body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return "no answer in time"
        if isinstance(error, http.client.RemoteDisconnected):
            return "closed without an answer"
        return self._clean(getattr(error, "strerror", None) or str(error) or type(error).__name__)

    def _clean(self, text: object) -> str:
        """A text from elsewhere: one line, not endless, and never with the token."""
        text = str(text).replace(self._token.reveal(), "(token)")
        return printable(text) if len(text) <= 1000 else printable(text[:1000]) + "…"

    def _trouble(self, answer: Answer, what: str) -> Refusal:
        """The sentence for an answer that is not a good one."""
        status, told = answer.status, self._told(answer.document)
        if status == 429 or (status == 503 and "Retry-After" in answer.headers):
            return Passing(
                f"{self.host} is busy and asks to wait (HTTP {status}). "
                "Nothing is lost: call this again in a while.",
                untouched=status == 429,
                after=_asked(answer.headers, 60),
            )
        if status == 507 or (QUOTA.search(told) and status in (400, 403, 413)):
            text = (
                f"Your space at {self.host} is full{_because(told)}. Delete drafts that you no "
                "longer need there, or ask its support for more, and call this again: it goes on "
                "from here."
            )
        elif status == 413 or (status == 400 and TOO_LARGE.search(told)):
            text = (
                f"A file is larger than {self.host} takes{_because(told)}. Ask its support for "
                "more, or publish the large file elsewhere and name its identifier."
            )
        elif status >= 500:
            return Passing(
                f"{self.host} has trouble of its own (HTTP {status}{_because(told, '; ')}). "
                "Nothing is lost: call this again later."
            )
        else:
            text = self._denial(status, told, self._clean(unquote(what)))
        return Answered(text, status)

    def _denial(self, status: int, told: str, what: str) -> str:
        if status == 401:
            return (
                f"{self.host} does not know the token: it has expired, was copied in part, or "
                f"belongs to another service. Make a new one ({token_page(self.url)}) and put it "
                "into ZENODO_TOKEN."
            )
        if status == 403:
            return (
                f"The token may not do this at {self.host} ({what}{_because(told)}). It "
                "needs the scopes deposit:write and deposit:actions, and the record has to be "
                "yours."
            )
        if status in (404, 410):
            return (
                f"{self.host} has no such record, file or service ({what}{_because(told)}). "
                "Is the address of the service right?"
            )
        if status == 400:
            return f"{self.host} does not take this: {told or what}."
        return f"{self.host} answered with HTTP {status} to {what}{_because(told)}."

    def _told(self, document: dict | None) -> str:
        """What the service says itself: its message, or field by field."""
        told = fields(document) or (document or {}).get("message") or ""
        return self._clean(told).rstrip(".")


class _Body:
    """A file on its way: never wholly in memory, with a line now and then."""

    def __init__(self, file, name: str, say: Callable[[str], None], every: float):
        self.size = file.seek(0, 2)
        self._file, self._name, self._say, self._every = file, name, say, every
        self._sent = file.seek(0)
        self._began = self._last = time.monotonic()

    def read(self, size: int = BLOCK) -> bytes:
        try:
            block = self._file.read(min(size, self.size - self._sent))
        except OSError as error:
            raise Refusal(
                f"{self._name} cannot be read: {error.strerror}. "
                "Give yourself the right to read it, and call this again."
            ) from None
        if not block and self._sent < self.size:
            raise Refusal(
                f"{self._name} became shorter while it was sent. Call this again when it is done."
            )
        self._sent += len(block)
        if time.monotonic() - self._last >= self._every:
            self._tell()
        return block

    def _tell(self) -> None:
        self._last = time.monotonic()
        left = (self._last - self._began) * (self.size - self._sent) / max(1, self._sent)
        self._say(
            f"{self._name}: {self._sent / 1e6:,.0f} of {self.size / 1e6:,.0f} MB sent, "
            + (f"about {left / 60:,.0f} min left" if left >= 90 else f"about {left:.0f} s left")
        )


def checked(url: str, whole: bool = False) -> str:
    """The address of a service, tidied up unless `whole` is set; a Refusal where it is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Refusal(
            "The service has no address that can be used: it looks like https://zenodo.org."
        )
    if parts.username is not None or parts.password is not None:
        raise Refusal(f"The address of {host} holds a name or password: leave it out.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise Refusal(
            f"{host} has to be spoken to by https, or everybody on the way could read the token: "
            "name its https:// address."
        )
    if whole:
        return url
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/").removesuffix("/api")


def token_page(url: str) -> str:
    """Where somebody makes a token."""
    return f"{url}/account/settings/applications/tokens/new/"


def fields(document: dict | None) -> str:
    """The fields that a service objects to, and what it says about each."""
    errors = (document or {}).get("errors")
    found = []
    for error in errors if isinstance(errors, list) else []:
        if not isinstance(error, dict):
            continue
        messages = error.get("messages") or [error.get("message", "")]
        found.append(f"{error.get('field', '?')}: {' '.join(str(m) for m in messages)}".rstrip("."))
    return "; ".join(found)


def _because(told: str, before: str = ": ") -> str:
    return f"{before}{told}" if told else ""


def _asked(headers, otherwise: float) -> float:
    """How many seconds the service asks to wait: a number or a date; never less than one."""
    asked = (headers.get("Retry-After") or "").strip()
    reset = (headers.get("X-RateLimit-Reset") or "").strip()
    try:
        if re.fullmatch(r"\d{1,9}", asked):
            return max(1.0, float(asked))
        if asked:
            return max(1.0, parsedate_to_datetime(asked).timestamp() - time.time())
        if re.fullmatch(r"\d{1,12}", reset):
            return max(1.0, float(reset) - time.time())
    except (ValueError, OverflowError):
        pass
    return otherwise


def _whole(response: http.client.HTTPResponse, content: bytes) -> None:
    """Refuse half an answer: http.client lets one pass that is cut in its head or its body."""
    empty = response.status == 204 or response.headers.get("Content-Length") == "0"
    headless = response.status < 300 and not content and not empty
    if headless or (response.length and len(content) <= LARGEST_ANSWER):
        raise http.client.HTTPException("the answer ended early")


def _document(content: bytes) -> dict | None:
    if not content:
        return {}
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(parts: SplitResult) -> tuple:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _connection(target: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection that is not open yet, through the proxy that the environment names."""
    proxy = _proxy(target)
    host, port = (proxy.hostname, proxy.port or 80) if proxy else (target.hostname, target.port)
    if target.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout, blocksize=BLOCK)
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection(
        host, port, timeout=timeout, context=context, blocksize=BLOCK
    )
    if proxy:
        connection.set_tunnel(target.hostname, target.port or 443, _introduction(proxy))
    return connection


def _proxy(target: SplitResult) -> SplitResult | None:
    """The proxy for this address; none for this machine, which a proxy would only listen in on."""
    proxies = urllib.request.getproxies()
    named = proxies.get(target.scheme) or proxies.get("all")
    if not named or _loopback(target.hostname) or urllib.request.proxy_bypass(target.netloc):
        return None
    try:
        proxy = urlsplit(named if "://" in named else f"http://{named}")
        usable = proxy.scheme in ("http", "https") and proxy.hostname and (proxy.port or 80)
    except ValueError:
        usable = None
    if not usable:
        raise Refusal("https_proxy names no HTTP proxy: it looks like http://proxy.example:3128.")
    return proxy


def _introduction(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    words = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(words.encode()).decode()}"}


def _opened(file: Path):
    try:
        return file.open("rb")
    except OSError as error:
        raise Refusal(
            f"{file} cannot be read: {error.strerror}. "
            "Give yourself the right to read it, and call this again."
        ) from None
