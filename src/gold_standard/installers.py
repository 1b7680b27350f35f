"""uv and pip: how each is called here, and what its output means in words."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from gold_standard.environment import (
    BIN,
    PYTHON,
    WINDOWS,
    Environment,
    clean_environment,
    mirror,
    page_of,
    site,
)
from gold_standard.errors import Refusal, no_space, not_writable

# Where an installer puts things and what it takes is said here, not by a setting of the machine.
# Every other setting of uv and pip (index, mirror, proxy, certificates, cache) is honoured.
NOT_HONOURED = re.compile(
    r"(PIP|UV)_(TARGET|PREFIX|ROOT|USER|PYTHON|SYSTEM_PYTHON|REQUIRE_VIRTUALENV|CONSTRAINT|OVERRIDE"
    r"|EXCLUDE|REQUIREMENT|EDITABLE|NO_BINARY|ONLY_BINARY|NO_BUILD\w*|PLATFORM|PYTHON_PLATFORM|ABI"
    r"|IMPLEMENTATION|PYTHON_VERSION|DRY_RUN|NO_DEPS|REQUIRE_HASHES|NO_VERIFY_HASHES|NO_COMPILE"
    r"|COMPILE_BYTECODE|BREAK_SYSTEM_PACKAGES|VERBOSE|QUIET|LOG|BUILD_CONSTRAINT|RESOLUTION"
    r"|PRERELEASE|MANAGED_PYTHON|NO_MANAGED_PYTHON|PROJECT_ENVIRONMENT|TORCH_BACKEND)"
)
OLDER = {"UV_DEFAULT_INDEX": "UV_INDEX_URL"}  # the same setting by its former name
SELDOM = r"[/\\](tests|testing|_testing|lexers)[/\\]"  # what no step imports
OLDEST_PIP = (22, 3)  # the first with `pip --python`


def choose(wish: str | None, base: str, root: Path, wheelhouse: Path | None, new: Path) -> "_Tool":
    """uv if it is there, else pip, unless the person wishes one of them."""
    if wheelhouse and not wheelhouse.is_dir():
        raise Refusal(f"There is no folder {wheelhouse}: name the one that has the wheels.")
    uv = shutil.which("uv")
    if wish == "uv" and not uv:
        raise Refusal("uv is not on the PATH: install it, or leave out --installer uv (pip does).")
    if uv and wish != "pip":
        return Uv(uv, base, root, wheelhouse)
    return Pip(base, root, wheelhouse, new)


def without_passwords(text: str) -> str:
    """The text without user names and passwords in addresses."""
    return re.sub(r"(//)[^/\s'\"]+@", r"\1***@", text)


class _Tool:
    """Fills environments by calling a program, and keeps what that says in .run/setup.log."""

    name = ""

    def __init__(self, base: str, root: Path, wheelhouse: Path | None) -> None:
        self.base, self.root, self.wheelhouse = base, root, wheelhouse
        self.environment = {
            name: value
            for name, value in clean_environment().items()
            if not NOT_HONOURED.fullmatch(name)
        }
        if not wheelhouse and (address := mirror(root)):
            # Both tools read their own variable; one that is set on this machine counts more.
            for variable in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
                if not self.environment.get(OLDER.get(variable, variable)):
                    self.environment.setdefault(variable, address)
        self.running: set[subprocess.Popen] = set()
        self.stopped, self.last, self.page = False, "", ""
        self.lock = threading.Lock()
        self.log = _Log(root / ".run" / "setup.log")

    def fill(self, built: Path, environment: Environment) -> None:
        """Make an empty environment and install the packages of the lock into it."""
        code, output = self.call([self.base, "-I", "-m", "venv", "--without-pip", str(built)])
        if code:
            raise Refusal(self._explain_venv(output))
        python = str(built / BIN / PYTHON)
        locks = [str(lock) for lock in environment.locks]
        places = [environment.links] if environment.links else []
        page = "" if self.wheelhouse else page_of(environment)
        self.page = page or self.page
        code, output = self.install(python, locks, [*places, page] if page else places)
        if code and "://" in page and re.search(NETWORK, output):
            # The machine's own settings may name a place that has everything.
            again, _ = self.install(python, locks, [*places, *self.places_of_the_machine()])
            code = code and again
        if code:
            raise Refusal(self.explain(output))
        if environment.compiled:
            # Now, on all cores, or every step would do it for itself and be measured with it.
            compiling = [python, "-I", "-m", "compileall", "-qq", "-j", str(_cores()), "-x", SELDOM]
            self.call([*compiling, str(site(built))])

    def places_of_the_machine(self) -> list[str]:
        """Where else its settings look for wheels, and this tool would not."""
        return []

    def call(self, command: list[str], give_up=None) -> tuple[int, str]:
        """Exit status and output of a command, ended early where give_up(line) says so."""
        lines: list[str] = []
        with self.lock:
            if self.stopped:
                return 1, ""
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=not WINDOWS,  # `pip --python` has a child, which must end as well
            )
            self.running.add(process)
        self.log.write(f"$ {' '.join(command)}")
        for line in process.stdout:
            lines.append(without_passwords(line))
            if re.match(r"Collecting|  Downloading|Installing|Resolved|Prepared", line):
                self.last = lines[-1].strip()
            self.log.write(lines[-1].rstrip())
            if give_up and give_up(line):
                _end(process)
        code = process.wait()
        with self.lock:
            self.running.discard(process)
        return code, "".join(lines)

    def state(self) -> str:
        """What goes on at the moment, in a few words."""
        return re.sub(r"\s+\(from .*|\s+[/\\-]\S*$", "", self.last)[:60]

    def stop(self) -> None:
        """End what is running, because something else has failed."""
        with self.lock:
            self.stopped = True
            for process in self.running:
                _end(process)

    def _explain_venv(self, output: str) -> str:
        if "No module named" in output:
            return (
                f"{self.base} has no module venv. Install it (Debian and Ubuntu: "
                "sudo apt install python3-venv), or use a Python from python.org."
            )
        return self.explain(output)

    def explain(self, output: str) -> str:
        """The sentence that says what a failed output means and what to do."""
        output = re.sub(r"\{[^{}\n]*sys_platform[^{}\n]*\}", "", output)  # uv's torch{…}==2.13.0
        for pattern, sentence in MEANINGS:
            match = re.search(pattern, output)
            if match:
                return sentence(self, match) + " (All that was said: .run/setup.log)"
        tail = " ".join(line.strip() for line in output.strip().splitlines()[-4:])
        return f"{self.name} failed: {tail} (All that was said: .run/setup.log)"


class Uv(_Tool):
    name = "uv"

    def __init__(self, uv: str, base: str, root: Path, wheelhouse: Path | None) -> None:
        super().__init__(base, root, wheelhouse)
        self.uv = uv
        # A link on the command line would replace these, so they go there too.
        self.links = self.environment.pop("UV_FIND_LINKS", "")

    def install(self, python: str, locks: list[str], places: list[str]) -> tuple[int, str]:
        command = [self.uv, "pip", "sync", "--python", python, "--require-hashes"]
        command += ["--only-binary", ":all:", "--no-progress", "--color", "never"]
        places = list(places)
        if self.wheelhouse:
            command += ["--no-index", "--offline", "--no-config"]
            places.append(str(self.wheelhouse))
        else:
            places += [place for place in self.links.split(",") if place]
        for place in places:
            command += ["--find-links", place]
        code, output = self.call([*command, *locks])
        if code and not self.wheelhouse and re.search(NETWORK, output):
            # Its cache may hold everything.
            again, _ = self.call([*command, "--offline", *locks])
            code = code and again
        return code, output

    def places_of_the_machine(self) -> list[str]:
        return settings_of_pip(self.base).get("find-links", "").replace("\\n", " ").split()


class Pip(_Tool):
    name = "pip"

    def __init__(self, base: str, root: Path, wheelhouse: Path | None, new: Path) -> None:
        super().__init__(base, root, wheelhouse)
        if wheelhouse:
            self.environment["PIP_CONFIG_FILE"] = os.devnull
            for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
                self.environment.pop(name, None)
        self.runner = self._runner(new)

    def _runner(self, new: Path) -> str:
        """A Python whose pip installs into any environment: the running one, else a new one's."""
        code, output = self.call([self.base, "-I", "-c", "import pip; print(pip.__version__)"])
        version = re.match(r"(\d+)\.(\d+)", output)
        if not code and version and (int(version[1]), int(version[2])) >= OLDEST_PIP:
            return self.base
        folder = new / "pip"
        code, output = self.call([self.base, "-I", "-m", "venv", str(folder)])
        if code and re.search("ensurepip|No module named", output):
            raise Refusal(
                f"{self.base} has no pip that can be used, and cannot make one. Install it "
                "(Debian and Ubuntu: sudo apt install python3-venv), or install uv."
            )
        if code:
            raise Refusal(self.explain(output))
        return str(folder / BIN / PYTHON)

    def install(self, python: str, locks: list[str], places: list[str]) -> tuple[int, str]:
        command = [self.runner, "-I", "-m", "pip", "--python", python, "install"]
        command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-user"]
        command += ["--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
        command += ["--progress-bar", "off", "--no-color", "--no-compile"]
        if self.wheelhouse:
            command += ["--no-index", "--find-links", str(self.wheelhouse)]
        for place in places:
            command += ["--find-links", place]
        for lock in locks:
            command += ["-r", lock]
        return self.call(command, give_up=_hopeless)


def settings_of_pip(python: str) -> dict[str, str]:
    """What is set for pip, in files and variables; empty where there is no pip."""
    command = [python, "-I", "-m", "pip", "config", "list"]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    return dict(reversed(re.findall(r"^\S*\.([\w-]+)='(.*)'$", said, re.MULTILINE)))


def _hopeless(line: str) -> bool:
    """Whether pip has failed three times to reach anybody; it would go on for 20 seconds."""
    return "Retrying (Retry(total=2" in line and re.search(NETWORK, line) is not None


def _end(process: subprocess.Popen) -> None:
    if WINDOWS:
        process.terminate()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Log:
    """What the installers said, for whoever has to find out more."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, threading.Lock()
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")

    def write(self, line: str) -> None:
        with self.lock, open(self.path, "a", encoding="utf-8") as file:
            file.write(without_passwords(line) + "\n")


def _place(tool: _Tool) -> str:
    return str(tool.wheelhouse) if tool.wheelhouse else "the package index"


def _said(tool: _Tool, match: re.Match) -> str:
    return f"{tool.name} says: {match[0].strip()[:200]}"


def _path(line: str) -> str | None:
    """The path that an error message puts in quotes."""
    quoted = re.search(r"[`'\"]([^`'\"]*[/\\][^`'\"]*)[`'\"]", line)
    return quoted[1] if quoted else None


def _hash(tool: _Tool, match: re.Match) -> str:
    return (
        f"The file of {match[1]} that came from {_place(tool)} is not the one that the lock names: "
        "its sha256 differs. Nothing was installed. The file was changed or damaged on its way, or "
        "the lock was edited: restore the lock, or ask whoever runs that index."
    )


def _no_wheel(tool: _Tool, match: re.Match) -> str:
    if tool.wheelhouse:
        return (
            f"{tool.wheelhouse} holds no wheel of {match[1]} for this Python and system. Add it, "
            "on a machine with network: pip download --no-deps --dest FOLDER -r requirements.lock "
            "(and the same with every other lock)."
        )
    if "+" in match[1]:
        return (
            f"There is no wheel of {match[1]} for this Python and system on "
            f"{tool.page or 'any page'}, and no package index has one. Name a page or folder that "
            "has it with the variable GOLD_FIND_LINKS."
        )
    return (
        f"The package index has no wheel of {match[1]} for this Python and system. Try another "
        "Python from 3.11 to 3.14; a mirror may not have this version yet, or want a password."
    )


def _network(tool: _Tool, match: re.Match) -> str:
    path = tool.page.partition("://")[2].partition("/")[2]
    if path and f"/{path}" in match.string:  # both tools name it, pip without the server
        return (
            f"{tool.name} cannot reach {tool.page}, which has builds that no package index has. "
            "Connect and call this again; or name a copy of that page, or a folder with its "
            "wheels, with the variable GOLD_FIND_LINKS; or bring all packages in a folder: "
            "--wheelhouse FOLDER."
        )
    return (
        f"{tool.name} cannot reach the package index: no network, or none to there. Connect and "
        "call this again; or set the index or proxy that your institution uses; or bring the "
        "packages in a folder: --wheelhouse FOLDER."
    )


def _proxy(tool: _Tool, match: re.Match) -> str:
    return (
        f"The proxy does not let {tool.name} through to the package index. Check the settings "
        "HTTPS_PROXY and HTTP_PROXY, or bring the packages in a folder: --wheelhouse FOLDER."
    )


def _tls(tool: _Tool, match: re.Match) -> str:
    return (
        "The package index shows a certificate that this machine does not trust; often an "
        "institution's proxy does that. Name your institution's certificates: SSL_CERT_FILE for "
        "uv, PIP_CERT for pip."
    )


def _forbidden(tool: _Tool, match: re.Match) -> str:
    return (
        f"The package index refuses access ({match[1]}). Check the user name and password of the "
        f"index in the settings of {tool.name}."
    )


NETWORK = (
    r"NewConnectionError|NameResolution|[Nn]ame resolution|Name or service not known|dns error"
    r"|Network is unreachable|Connection refused|ConnectTimeout|ConnectionRefused|nodename nor"
    r"|getaddrinfo failed|ProxyError|SSLError|tcp connect error|client error \(Connect\)"
)
MEANINGS = [
    (r"(?s)DO NOT MATCH THE HASHES.*?\n\s+(\S+) from", _hash),
    (r"(?:Hash|hash) mismatch for `([^`]+)`", _hash),
    (
        r".*(?:No space left on device|Disk quota exceeded|Errno (?:28|122)\b"
        r"|os error (?:28|112|122)\b|WinError 112).*",
        lambda tool, match: f"{no_space(tool.root)} {_said(tool, match)}",
    ),
    (
        r".*(?:Permission denied|Read-only file system|os error (?:1|13|30)\b).*",
        lambda tool, match: f"{not_writable(_path(match[0]) or tool.root)} {_said(tool, match)}",
    ),
    (r"\b(407 Proxy[\w ]*)|ProxyError|[Tt]unnel (?:connection|error)|unsuccessful tunnel", _proxy),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate|UnknownIssuer", _tls),
    (r"\b(40[13] (?:Client Error|Unauthorized|Forbidden)[^\n]{0,20})", _forbidden),
    (r"(?s)status code.{0,40}\b(40[13]\b[ \w]*)", _forbidden),
    (NETWORK + r"|timed out|error sending request", _network),
    (r"No matching distribution found for (\S+)", _no_wheel),
    (r"you require (\S+?==\S+?),?\s", _no_wheel),
]
