"""How step 1 gets a file: from the first source that has it, and only with the right checksum."""

import re
import shutil
import time
from importlib import resources
from pathlib import Path

import pooch
import requests
from requests.exceptions import ChunkedEncodingError

USER_AGENT = f"{__package__} (a reproducible study) pooch/{pooch.__version__}"
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is left in peace
TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # HTTP status codes that may pass


class DownloadError(Exception):
    """No source gave the file; the text says why, source by source."""


def _status(error: Exception) -> int:
    """Return the HTTP status code behind an error, 0 if the server never answered."""
    return getattr(getattr(error, "response", None), "status_code", 0)


def _retry_after(error: Exception) -> str:
    """Return what the server said about when to come back (seconds or a date), or nothing."""
    response = getattr(error, "response", None)
    return "" if response is None else response.headers.get("Retry-After", "")


def _wish(error: Exception) -> float:
    """Return the seconds that the server wants us to wait, 0 if it does not say."""
    text = _retry_after(error)
    return float(text) if text.isdigit() else 0.0


def explain(error: Exception) -> str:
    """Return a phrase that says why a source failed, with the status code if there is one."""
    if _status(error) == 429:
        when = _retry_after(error) or "later; it does not say when"
        return f"429 Too Many Requests: the server asks us to come back (Retry-After: {when})"
    if _status(error):
        return f"the server answered {_status(error)} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, (FileNotFoundError, ModuleNotFoundError)):
        return "no such file in an installed package"
    if found := re.search(r"but got ([0-9a-f]{64})", str(error)):
        return f"wrong checksum, sha256 {found[1]}; the file was not kept"
    return str(error).replace("\n", " ")


def is_temporary(error: Exception) -> bool:
    """Say whether it makes sense to ask the same source again."""
    if _status(error):
        return _status(error) in TEMPORARY and _wish(error) <= LONGEST_WAIT
    return isinstance(error, (requests.ConnectionError, requests.Timeout, ChunkedEncodingError))


def pause(attempt: int, errors: list[Exception]) -> float:
    """Return the seconds to wait before attempt 1, 2, …: 1, 2, 4 and so on, or what servers ask."""
    return min(max(2.0 ** (attempt - 1), *map(_wish, errors)), LONGEST_WAIT)


def _from_package(url: str, output_file: str, _: object) -> None:
    """Copy a file out of an installed package; `url` is `package:name/path/inside`."""
    package, _, inside = url.removeprefix("package:").partition("/")
    with resources.as_file(resources.files(package).joinpath(inside)) as source:
        shutil.copyfile(source, output_file)


def _from_path(url: str, output_file: str, _: object) -> None:
    """Copy a file of this machine; `url` is `file:` and its path."""
    shutil.copyfile(url.removeprefix("file:"), output_file)


def _retrieve(source: str, sha256: str, target: Path, timeout: float) -> None:
    """Put one source's file at `target`; pooch deletes a file of another checksum and raises."""
    headers = {"User-Agent": USER_AGENT}
    http = pooch.HTTPDownloader(progressbar=True, headers=headers, timeout=timeout)
    how = _from_package if source.startswith("package:") else http
    if Path(source).is_file():  # a file of your own, named by its path
        source, how = f"file:{source}", _from_path
    pooch.retrieve(source, f"sha256:{sha256}", target.name, target.parent, downloader=how)


def fetch(sources: list[str], sha256: str, target: Path, attempts: int, timeout: float) -> None:
    """Put the file with that sha256 at `target`, from the first source that gives it.

    All sources are tried in order before a failed one is asked again; `timeout` is in seconds.
    """
    errors: dict[str, Exception] = {}
    for attempt in range(attempts):
        left = [s for s in sources if s not in errors or is_temporary(errors[s])]
        if attempt and left:
            time.sleep(pause(attempt, [errors[s] for s in left]))
        for source in left:
            try:
                return _retrieve(source, sha256, target, timeout)
            except (requests.RequestException, ValueError, ImportError, FileNotFoundError) as error:
                errors[source] = error
                pooch.get_logger().warning("%s: %s", source, explain(error))
    reasons = "".join(f"\n  {source}: {explain(error)}" for source, error in errors.items())
    raise DownloadError(f"No source gave {target.name} with sha256 {sha256}:{reasons}")
