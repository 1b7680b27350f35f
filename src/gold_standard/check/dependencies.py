"""The packages that a repository asks for: which, in which versions, and how they are installed.

Reads requirements, conda, Pipfile, poetry, PDM, uv, pixi, Nix, Docker, setup, R and Julia files,
notebooks' install cells and lists in a README. Nothing is run; nothing here raises on any bytes.
"""

import ast
import configparser
import json
import posixpath
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from gold_standard.check.distributions import (
    CLASSIC,
    DEEP,
    KNOWN,
    UNLISTED,
    WORDS,
    canonical,
    distributions,
    implied,
    is_standard,
    tier,
)
from gold_standard.check.tree import Tree

Imported = Mapping[str, tuple[str | None, int | None]]  # top-level import name -> where it stands

MOST_REQUIREMENTS = 10_000  # of one file
MOST_LINES = 20_000  # of one list; a lock may have more
MOST_FILES = 400  # of one repository
LONGEST_LINE = 2_000
MOST_README = 300_000
BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, MemoryError)


class Package(NamedTuple):
    """One package as somebody asks for it."""

    name: str  # canonical
    specifier: str
    exact: bool


@dataclass(frozen=True)
class Requirement:
    """One package that a file asks for; `exact`: one version, and no other, satisfies it."""

    name: str
    exact: bool
    specifier: str
    path: str
    line: int
    kind: str


@dataclass(frozen=True)
class DependencyFile:
    """What one file asks for.

    `includes` and `constraints` are paths as the file writes them; `project` is the name of the
    package that the file builds; `aside`: for documentation, tests or somebody else's code.
    """

    path: str
    kind: str
    requirements: tuple[Requirement, ...] = ()
    lock: bool = False
    python: str | None = None
    includes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    project: str | None = None
    aside: bool = False

    @property
    def says_something(self) -> bool:
        """Whether any package can come of it."""
        return bool(self.requirements or self.includes)


@dataclass(frozen=True)
class Sign:
    """Something that speaks against a criterion; weak signs are for a person to weigh."""

    kind: str
    note: str
    path: str | None = None
    line: int | None = None
    strong: bool = True


@dataclass(frozen=True)
class Standing:
    """How one imported package stands: "exact", "loose", "implied" or "missing".

    Implied: something else that is listed brings it along, at a version nobody wrote down.
    """

    name: str
    tier: str  # "framework", "core", "helper", "other"
    status: str
    path: str | None  # where it is imported
    line: int | None
    requirement: Requirement | None = None


# ---------------------------------------------------------------------------------------------
# One package, as written


LENIENT = re.compile(
    r"([A-Za-z][\w.-]*?)(?:\[[\w,\s-]*\])?\s*(={1,3}|~=|[<>]=?|!=|[:@(\s]\s*(?:==|v(?=\d))?)\s*"
    r"(\d[\w.*+!-]*)(.*)"
)
WHEEL = re.compile(r"([A-Za-z0-9][\w.]*)-(\d[\w.+!]*)(?:-\w+)?-[\w.]+-\w+-[\w.]+\.whl$")
SOURCE = re.compile(r"([A-Za-z][\w.-]*?)-v?(\d[\w.+]*?)\.(?:tar\.\w+|zip|tgz)$")
CONDA_FILE = re.compile(r"(?:^|/)([A-Za-z0-9_][\w.-]*)-(\d[^-\s/]*)-[^-\s/]+\.(?:tar\.bz2|conda)")
MOVING = {"main", "master", "head", "dev", "develop", "latest", "trunk", "stable", ""}


def package(text: str) -> Package | None:
    """A requirement as pip, `pip freeze`, `pip list` or a hurried author writes it, else None."""
    text = re.split(r"\s#|\s--hash|\s--\w", re.sub(r"  +", "  ", text[:LONGEST_LINE]), maxsplit=1)[
        0
    ]
    text = text.strip().rstrip("\\,").strip().strip("'\"").strip()
    if not text or text[0] in "#-<>=":
        return None
    if "://" in text or text.startswith(("git+", "file:")):
        return _address(text)
    return _proper(text) or _hurried(text)


def _proper(text: str) -> Package | None:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except (InvalidRequirement, *BROKEN):
        return None
    if parsed.url:
        return _address(f"{parsed.name} @ {parsed.url}")
    exact = any(
        one.operator == "===" or (one.operator == "==" and "*" not in one.version)
        for one in parsed.specifier
    )
    return Package(canonical(parsed.name), str(parsed.specifier), exact)


def _hurried(text: str) -> Package | None:
    """`torch=1.7`, `torch 1.7.1 py38_0`, `torch: 1.7`, `torch (1.7)`: not pip's, but plain."""
    text = text.split(";")[0].strip()
    match = LENIENT.fullmatch(text)
    if not match:
        name = re.fullmatch(r"([A-Za-z0-9][\w.-]*)(\[[\w,\s-]*\])?", text)
        return Package(canonical(name[1]), "", False) if name else None
    name, sign, version, rest = match.groups()
    several = rest.strip().startswith((",", "|", "or", "-")) and sign.strip() not in ("=", "")
    exact = sign.strip(" :@(v") in ("", "=", "==", "===") and is_version(version, "==" in sign)
    loose = several or re.match(r"\s*(?:\+|or |and |,\s*[<>])", rest)
    return Package(canonical(name), f"{sign.strip()}{version}", exact and not loose)


def is_version(text: str, whole: bool = False) -> bool:
    """Whether the text is one version; a lone number is one only where `whole` says so."""
    text = text.strip().rstrip(".,")
    return bool(re.fullmatch(r"v?\d[\w.+!-]*", text)) and (whole or "." in text) and not (
        re.search(r"\.x\b|\+$", text, re.IGNORECASE)
    )  # fmt: skip


def _address(text: str) -> Package | None:
    """`name @ url`, a wheel, an archive, or a place under version control."""
    name, at, url = text.partition(" @ ") if " @ " in text else ("", "", text)
    url = url.split(" ;")[0].strip()
    file = re.split(r"[?#]", url)[0].replace("%2B", "+").rsplit("/", 1)[-1]
    for pattern in (WHEEL, SOURCE, CONDA_FILE):
        if match := pattern.match(file):
            if not re.fullmatch(r"[0-9.]*", match[1]):
                return Package(canonical(name or match[1]), f"@ {match[2]}", True)
    egg = re.search(r"#(?:.*&)?egg=([\w.-]+)", url)
    name = name or (egg[1] if egg else _project_of(url))
    return Package(canonical(name.split("[")[0]), f"@ {url}"[:200], _fixed(url)) if name else None


def _project_of(url: str) -> str:
    path = re.split(r"[?#]", url)[0].split("://")[-1]
    parts = [part for part in path.split("/") if part]
    name = parts[2] if len(parts) > 2 else parts[-1] if parts else ""
    name = name.split("@")[0].removesuffix(".git")
    return name if re.fullmatch(r"[\w.-]+", name) else ""


def _fixed(url: str) -> bool:
    """Whether an address names a tag or a commit, and not a branch that moves on."""
    path = re.split(r"[?#]", url)[0].split("://")[-1].partition("/")[2]
    reference = path.rpartition("@")[2] if "@" in path else ""
    if archive := re.search(
        r"/(?:archive|zipball|tarball)/(?:refs/\w+/)?(.+?)(?:\.zip|\.tar.*)?$", path
    ):
        reference = archive[1]
    return reference.lower() not in MOVING and bool(re.search(r"\d", reference))


def conda_package(text: str) -> Package | None:
    """A conda spec: `name`, `name=1.2`, `name=1.2=build`, `channel::name>=1`, `name 1.2`."""
    text = text[:LONGEST_LINE].strip().strip("'\"").split(" #")[0].strip()
    if match := CONDA_FILE.search(text):
        return Package(canonical(match[1]), f"={match[2]}", True)
    text = text.rpartition("::")[2].strip()
    match = re.fullmatch(
        r"([A-Za-z0-9_][\w.-]*)(?:\[(?:version=)?['\"]?([^\]'\"]*).*\])?\s*(.*)", text
    )
    if not match:
        return None
    name, specifier = match[1], (match[3] or match[2] or "").strip()
    sign = re.match(r"[=<>!~]*", specifier)[0]
    version, *build = re.split(r"[=\s]+", specifier[len(sign) :].strip())
    exact = sign in ("", "=", "==", "===") and is_version(version, sign == "==" or bool(build))
    exact = exact and not re.search(r"[*,|<>]", version)
    return Package(canonical(name), specifier, exact)


# ---------------------------------------------------------------------------------------------
# Commands that install


class Install(NamedTuple):
    """One command that installs something.

    `what`: packages, file, project (the repository itself), empty (an environment with nothing
    in it), system, image, clone, build, script, workflow.
    """

    command: str
    installer: str
    what: str
    packages: tuple[Package, ...] = ()
    files: tuple[str, ...] = ()


PIP = re.compile(
    r"(?<![\w-])(?:(?:python[\d.]*|py|uv)\s+(?:-m\s+)?)?(pip[\d.]*|mim|pipx)\s+install\s+(.*)"
)
CONDA = re.compile(r"(?<![\w-])(?:micromamba|mamba|conda)\s+(env\s+)?(install|create|update)\b(.*)")
SYSTEM = re.compile(
    r"(?<![\w/-])(apt-get|apt|yum|dnf|brew|zypper|apk|pacman|snap)\s+(?:-\S+\s+)*(?:install|add|-S)\s+(.*)"  # noqa: E501
)
R_CALL = re.compile(
    r"(?:install\.packages|BiocManager::install|biocLite|install_(?:github|version|cran|bioc)|"
    r"pak::pkg_install|pak::pak|pacman::p_load)\s*\((.*)"
)
PIP_VALUES = set(
    "-r --requirement -c --constraint -f --find-links -i --index-url --extra-index-url -t --target "
    "--trusted-host --no-binary --only-binary --platform --python-version --upgrade-strategy "
    "--prefix --root --src --cache-dir --timeout --retries --global-option --install-option "
    "--config-settings -e --editable --implementation --abi --proxy --progress-bar -C".split()
)
CONDA_VALUES = set(
    "-n --name -c --channel -p --prefix -f --file --solver --platform --subdir".split()
)
NOTHING = set(
    "python pip setuptools wheel virtualenv pipenv poetry uv pdm pixi conda mamba micromamba "
    "conda-lock nb-conda-kernels venv pip-tools ninja cython build hatch ipykernel conda-forge".split()  # noqa: E501
)
SYSTEM_NOTHING = re.compile(
    r"python[\d.]*(?:-(?:pip|venv|dev|distutils|setuptools|virtualenv))?|pip|virtualenv|git|git-lfs|"  # noqa: E501
    r"wget|curl|unzip|zip|ca-certificates|build-essential|sudo|software-properties-common|nvidia-docker2?|docker\S*|-\S+|\\"  # noqa: E501
)
WHOLE = (  # commands that make an environment from the repository's own files
    (r"poetry\s+(?:install|sync)\b", "poetry", ("poetry.lock", "pyproject.toml")),
    (r"pdm\s+(?:install|sync)\b", "pdm", ("pdm.lock", "pyproject.toml")),
    (r"uv\s+(?:sync|run)\b", "uv", ("uv.lock", "pyproject.toml")),
    (r"pipenv\s+(?:install|sync|update)\b(?!\s+[A-Za-z\"'])", "pipenv", ("Pipfile.lock", "Pipfile")),  # noqa: E501
    (r"pixi\s+(?:install|run|shell)\b", "pixi", ("pixi.lock", "pixi.toml", "pyproject.toml")),
    (r"nix(?:-shell\b|-build\b|\s+(?:develop|build|run|shell)\b)", "nix", ("flake.nix", "shell.nix", "default.nix")),  # noqa: E501
    (r"conda-lock\s+install\b", "conda", ("conda-lock.yml",)),
    (r"renv::restore", "R", ("renv.lock",)),
    (r"packrat::restore", "R", ("packrat/packrat.lock", "packrat.lock")),
    (r"devtools::install\(\s*\)|devtools::install_deps|remotes::install_deps", "R", ("DESCRIPTION",)),  # noqa: E501
    (r"Pkg\.instantiate|(?:^|\]\s*)instantiate\b", "julia", ("Manifest.toml", "Project.toml")),
    (r"docker[- ]compose\s+(?:up|build|run)", "docker", ("Dockerfile",)),
    (r"(?:docker|podman|buildah)\s+(?:buildx\s+)?(?:build|bud)\b", "docker", ("Dockerfile",)),
    (r"repo2docker\b", "docker", ("environment.yml", "requirements.txt")),
)  # fmt: skip
SCRIPT = re.compile(
    r"(?:^|\s)(?:(?:ba|z)?sh|source|\.|Rscript|python[\d.]*)?\s*"
    r"((?:[\w./-]*/)?[\w.-]*(?:install|setup|env|requirements|dependenc|prepare)[\w.-]*\.(?:sh|bash|R|r|py|bat))\b"  # noqa: E501
)


def installs(line: str) -> list[Install]:
    """The commands of a shell line that install something, in their order."""
    line = line[:LONGEST_LINE]
    if found := _in_r(line) or _whole(line):
        return [found]
    parts = re.split(r"&&|\|\||;(?!\s*(?:python_|sys_|platform_))", line)
    return [found for part in parts if (found := _install(part.strip()))]


def _install(text: str) -> Install | None:
    """One simple command; what installs nothing gives None."""
    text = re.sub(r"\s#.*$", "", text).strip()
    if not text or text.startswith("#"):
        return None
    for read in (_pip, _conda, _system, _setup, _image, _clone, _script, _build):
        if found := read(text):
            return found
    return None


def _tokens(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.replace('"', " ").replace("'", " ").split()


def _arguments(text: str, values: set[str]) -> Iterator[tuple[str, str]]:
    """(flag, value) of a command line; the flag is empty where a word stands alone."""
    waiting = ""
    for token in _tokens(text):
        if waiting:
            yield waiting, token
            waiting = ""
        elif token.startswith("--") and "=" in token:
            yield tuple(token.split("=", 1))
        elif token in values:
            waiting = token
        elif re.match(r"-[re](?=[\w./])", token):
            yield token[:2], token[2:]
        elif token.startswith(("-", "\\", ">", "2>", "|")):
            continue
        else:
            yield "", token


def _pip(text: str) -> Install | None:
    match = PIP.search(text)
    if not match:
        return None
    packages, files, project = [], [], False
    for flag, value in _arguments(match[2], PIP_VALUES):
        if flag in ("-r", "--requirement", "-c", "--constraint"):
            files.append(value)
        elif flag in ("", "-e", "--editable"):
            if re.fullmatch(
                r"\.{1,2}(?:/[\w./-]*)?(?:\[[\w,-]*\])?|[\w-]+/[\w./-]*(?<!\.whl)", value
            ):
                project = True
            elif found := package(value):
                packages.append(found)
    real = [one for one in packages if one.name not in NOTHING]
    if files:
        return Install(text, "pip", "file", tuple(real), tuple(files))
    if real or not project:
        return Install(text, "pip", "packages" if real else "empty", tuple(real))
    return Install(text, "pip", "project", (), ("pyproject.toml", "setup.py", "setup.cfg"))


def _conda(text: str) -> Install | None:
    match = CONDA.search(text)
    if not match:
        return None
    packages, files = [], []
    for flag, value in _arguments(match[3], CONDA_VALUES):
        if flag in ("-f", "--file"):
            files.append(value)
        elif not flag and match[1] and re.search(r"\.ya?ml$", value):
            files.append(value)
        elif not flag and not match[1] and (found := conda_package(value)):
            packages.append(found)
    if match[1] and not files:
        files = ["environment.yml", "environment.yaml"]
    real = [one for one in packages if one.name not in NOTHING]
    if match[2] == "update" and not match[1]:
        return Install(text, "conda", "empty")
    if files:
        return Install(text, "conda", "file", tuple(real), tuple(files))
    return Install(text, "conda", "packages" if real else "empty", tuple(real))


def _system(text: str) -> Install | None:
    match = SYSTEM.search(text)
    if not match:
        return None
    words = [word for word in _tokens(match[2]) if not SYSTEM_NOTHING.fullmatch(word)]
    packages = tuple(Package(canonical(word), "", False) for word in words[:200])
    return Install(text, match[1], "system", packages) if words else None


def _in_r(text: str) -> Install | None:
    match = R_CALL.search(text)
    if not match or text.lstrip().startswith("#"):
        return None
    names = re.findall(r"[\"']([A-Za-z][\w.]*(?:/[\w.-]+(?:@[\w.-]+)?)?)[\"']", match[1])
    versions = re.search(
        r"install_version\s*\(\s*[\"'][\w.]+[\"']\s*,\s*(?:version\s*=\s*)?[\"']([\d.-]+)", text
    )
    loose = [name for name in names if not name.startswith(("http", "CRAN"))]
    found = tuple(_r_package(name, versions[1] if versions else "") for name in loose)
    return Install(text, "R", "packages", found) if found else None


def _r_package(name: str, version: str) -> Package:
    project, _, reference = name.rpartition("/")[2].partition("@")
    exact = bool(version) or bool(re.search(r"\d", reference))
    return Package(canonical(project), version or reference, exact)


def _whole(text: str) -> Install | None:
    if text.lstrip().startswith("#"):
        return None
    for pattern, installer, files in WHOLE:
        if re.search(rf"(?<![\w/.-]){pattern}" if pattern[0] not in "(" else pattern, text):
            named = re.search(r"(?:-f|--file)[= ](\S*[Dd]ocker\S*)", text)
            what = "image" if installer == "docker" else "file"
            return Install(text, installer, what, (), (named[1],) if named else files)
    if re.search(
        r"snakemake\b.*(?:--use-conda|--sdm|--software-deployment-method|--use-singularity)", text
    ):
        return Install(text, "snakemake", "workflow")
    return None


def _setup(text: str) -> Install | None:
    if re.search(r"setup\.py\s+(?:install|develop)\b", text):
        return Install(text, "pip", "project", (), ("setup.py", "pyproject.toml", "setup.cfg"))
    if re.search(r"setup\.py\s+build", text):
        return Install(text, "build", "build")
    return None


def _image(text: str) -> Install | None:
    pull = re.search(
        r"(?<![\w/-])(?:docker|podman|singularity|apptainer)\s+(pull|run|build|exec)\b(.*)", text
    )
    if not pull:
        return None
    definition = re.search(r"\S+\.def\b|Singularity\S*", pull[2])
    return Install(text, "docker", "image", (), (definition[0],) if definition else ())


def _clone(text: str) -> Install | None:
    match = re.search(
        r"\bgit\s+clone\s+(?:-\S+\s+)*(?:\S+\s+)??((?:https?://|git@|ssh://|git://)\S+)", text
    )
    return Install(text, "git", "clone", (), (match[1],)) if match else None


def _script(text: str) -> Install | None:
    starts = text.startswith(("bash", "sh", "zsh", "source", ".", "Rscript", "python"))
    if starts and (match := SCRIPT.search(text)):
        return Install(text, "script", "script", (), (match[1],))
    if re.search(
        r"^make\s+(?:\w*env\w*|\w*install\w*|setup|requirements|\w*dep\w*|venv|build)\b", text
    ):
        return Install(text, "make", "script", (), ("Makefile",))
    return None


def _build(text: str) -> Install | None:
    if re.match(
        r"(?:sudo\s+)?(?:make\s*(?:-j\S*\s*)?$|make\s+-C|cmake\b|\./configure\b|nvcc\b|(?:ba)?sh\s+\S*(?:make|compile|build)\S*\.sh)",  # noqa: E501
        text,
    ):
        return Install(text, "build", "build")
    return None


# ---------------------------------------------------------------------------------------------
# One file


class _Page:
    """A file that is being read, and what was found in it so far."""

    def __init__(self, tree: Tree, path: str, kind: str) -> None:
        self.tree, self.path, self.kind = tree, path, kind
        self.text = _text(tree, path)
        self.all_lines = self.text.splitlines()
        self.lines = [line[:LONGEST_LINE] for line in self.all_lines[:MOST_LINES]]
        self.requirements: list[Requirement] = []
        self.more: dict[str, Any] = {}
        self.includes: list[str] = []
        self.constraints: list[str] = []
        self.values: dict[str, str] = {}  # of a Dockerfile's variables

    def add(self, found: Package | None, line: int, exact: bool | None = None) -> None:
        """Take one package down; Python itself is not one, but its version is kept."""
        if not found or not found.name or len(self.requirements) >= MOST_REQUIREMENTS:
            return
        if found.name in ("python", "python3", "r-base", "julia"):
            self.more.setdefault("python", found.specifier.lstrip("=v ") or None)
            return
        sure = found.exact if exact is None else exact
        self.requirements.append(
            Requirement(found.name, sure, found.specifier, self.path, line, self.kind)
        )

    @cached_property
    def where(self) -> dict[str, int]:
        """Canonical word -> the first line that holds it, from 1."""
        found: dict[str, int] = {}
        for number, line in enumerate(self.lines, 1):
            for word in re.findall(r"[\w.-]+", line[:LONGEST_LINE]):
                found.setdefault(canonical(word), number)
        return found

    def named(self, found: Package | None, exact: bool | None = None) -> None:
        """Take down a package whose line is where its name first stands."""
        if found:
            self.add(found, self.where.get(found.name, 1), exact)

    def toml(self) -> dict:
        if len(self.text) > 500_000 or len(max(self.all_lines, key=len, default="")) > 20_000:
            return {}  # nobody wrote that by hand, and it would take long
        try:
            return tomllib.loads(self.text)
        except BROKEN:
            return {}

    def json(self) -> dict:
        try:
            found = json.loads(self.text)
        except BROKEN:
            return {}
        return found if isinstance(found, dict) else {}

    def shell(self, lines: Iterable[tuple[int, str]]) -> None:
        """Take down what commands of a shell install."""
        for number, line in lines:
            for found in installs(line):
                if found.what in ("packages", "file"):
                    for one in found.packages:
                        self.add(one, number)
                if found.what in ("file", "project", "script"):
                    self.includes += found.files

    def file(self, **more: Any) -> DependencyFile:
        facts = {**self.more, **more}
        return DependencyFile(
            self.path,
            self.kind,
            tuple(self.requirements),
            includes=tuple(dict.fromkeys(self.includes)),
            constraints=tuple(dict.fromkeys(self.constraints)),
            **facts,
        )


def _text(tree: Tree, path: str) -> str:
    """The text of a file; `pip freeze >` in some shells writes UTF-16, with or without a mark."""
    text = tree.text(path)
    if text or not tree.sizes.get(path) or path.endswith(".ipynb"):
        return text
    content = tree.head(path, 1_000_000)
    if len(content) > 3 and content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        return content.decode("utf-16-le", errors="replace")
    return ""


def _joined(lines: list[str], mark: str = "\\") -> Iterator[tuple[int, str]]:
    """(number of the first line, text) of lines that a backslash joins."""
    number, kept = 1, ""
    for count, line in enumerate(lines, 1):
        if kept and line.lstrip().startswith("#"):
            continue
        kept = kept or ""
        bare = line.rstrip()
        if bare.endswith(mark) and len(kept) < 20_000:
            number = number if kept else count
            kept += bare[:-1] + " "
            continue
        yield (number if kept else count), kept + bare
        kept = ""
    if kept:
        yield number, kept


def _requirements(page: _Page) -> None:
    for number, line in _joined(page.lines):
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        flag = re.match(
            r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s+|=|(?=\S))(.+)", line
        )
        if not flag:
            page.add(conda_package(line) if CONDA_FILE.search(line) else package(line), number)
        elif flag[1] in ("-r", "--requirement"):
            page.includes.append(flag[2].strip())
        elif flag[1] in ("-c", "--constraint"):
            page.constraints.append(flag[2].strip())
        else:
            _editable(page, flag[2].strip(), number)
    page.more["lock"] = "@EXPLICIT" in page.text or "--hash=sha" in page.text


def _editable(page: _Page, place: str, number: int) -> None:
    if "://" in place or place.startswith("git+"):
        page.add(package(place), number)
    elif re.fullmatch(r"\.{1,2}/?(?:\[[\w,-]*\])?", place):
        page.includes += [
            f"{place[:2].rstrip('[/')}/{name}"
            for name in ("pyproject.toml", "setup.py", "setup.cfg")
        ]
    else:  # a folder of the repository: its version is the commit's
        page.add(Package(canonical(posixpath.basename(place.rstrip("/"))), place, True), number)


def _conda_file(page: _Page) -> None:
    """Line by line: half of these files are no proper YAML, and the lines are wanted anyway."""
    inside, in_pip, depth = False, False, 0
    for number, line in enumerate(page.lines, 1):
        bare = line.split(" #")[0].rstrip()
        indent = len(bare) - len(bare.lstrip())
        item = re.fullmatch(r"\s*-\s*(.+)", bare)
        if key := re.fullmatch(r"(\w[\w-]*)\s*:\s*(.*)", bare):
            inside = key[1] == "dependencies"
            if inside and key[2].startswith("["):
                for one in key[2].strip("[]").split(","):
                    page.add(conda_package(one), number)
        elif inside and item:
            _conda_item(page, item[1].strip().strip("'\""), in_pip and indent > depth, number)
            if re.fullmatch(r"['\"]?pip['\"]?\s*:", item[1].strip()):
                in_pip, depth = True, indent
            elif indent <= depth:
                in_pip = False
    if not page.requirements:
        _conda_flow(page)


def _conda_item(page: _Page, item: str, of_pip: bool, number: int) -> None:
    if re.fullmatch(r"pip['\"]?\s*:", item):
        return
    if not of_pip:
        page.add(conda_package(item), number)
    elif flag := re.match(r"(?:-r|--requirement)\s*=?\s*(\S+)", item):
        page.includes.append(flag[1])
    elif flag := re.match(r"(?:-e|--editable)\s*=?\s*(\S+)", item):
        _editable(page, flag[1], number)
    elif not item.startswith("-"):
        page.add(package(item), number)


def _conda_flow(page: _Page) -> None:
    """The same as real YAML, for those who write lists in brackets over several lines."""
    if "dependencies" not in page.text or len(page.text) > 50_000:
        return
    import yaml

    try:
        listed = yaml.load(page.text, Loader=yaml.BaseLoader)["dependencies"]
    except (yaml.YAMLError, *BROKEN):
        return
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, str):
            page.named(conda_package(one))
        elif isinstance(one, dict) and isinstance(one.get("pip"), list):
            for inner in filter(_is_text, one["pip"]):
                page.named(package(inner))


def _is_text(thing: object) -> bool:
    return isinstance(thing, str)


def _names_and_versions(page: _Page) -> None:
    """Locks in TOML or YAML: `name` and `version` beside each other, in any order of packages."""
    name, name_line = "", 0
    for number, line in enumerate(page.all_lines, 1):
        match = re.match(
            r"\s*(?:-\s+)?(name|version|conda|pypi)\s*[:=]\s*[\"']?([^\"'\s,]+)",
            line[:LONGEST_LINE],
        )
        if not match:
            name = "" if re.match(r"\s*\[\[", line) else name
        elif match[1] == "name":
            name, name_line = match[2], number
        elif match[1] == "version" and name:
            page.add(Package(canonical(name), f"=={match[2]}", True), name_line)
            name = ""
        elif match[1] in ("conda", "pypi"):
            page.add(conda_package(match[2]) if match[1] == "conda" else _wheel(match[2]), number)
    page.more["lock"] = True


def _wheel(url: str) -> Package | None:
    found = _address(url)
    return found if found and found.exact else None


def _version_of(value: object) -> str:
    """What a table of TOML says of a package: a text, or a table with version, git, tag, rev."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, dict):
        return ""
    if reference := value.get("rev") or value.get("tag"):
        return f"==={reference}"
    if any(isinstance(value.get(key), str) for key in ("path", "url")):
        place = value.get("url") or value["path"]
        return f"==={place}" if isinstance(place, str) and re.search(r"\d", place) else ""
    version = value.get("version")
    return version.strip() if isinstance(version, str) else ""


def _from_table(page: _Page, table: object) -> None:
    """`name = "1.2"` tables of poetry, Pipfile and pixi: a plain version is exact, `^` is not."""
    for name, value in _pairs(table):
        text = _version_of(value)
        bare = re.fullmatch(r"(={0,3})\s*(.+)", text)
        exact = bool(bare) and not re.search(r"[*^~<>,|]", text) and (
            bare[1] == "===" or is_version(bare[2], bool(bare[1]))
        )  # fmt: skip
        page.named(Package(canonical(str(name)), text[:200], exact))


def _inside(data: object, *keys: str) -> Any:
    """What lies at these keys, or an empty table."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if data is not None else {}


def _list(page: _Page, values: object) -> None:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str):
            page.named(package(value))


def _pyproject(page: _Page) -> None:
    data = page.toml()
    project = _inside(data, "project")
    tool = _inside(data, "tool")
    _list(page, _inside(project, "dependencies"))
    for extra in _values(_inside(project, "optional-dependencies")):
        _list(page, extra)
    _list(page, _inside(tool, "flit", "metadata", "requires"))
    _from_table(page, _inside(tool, "poetry", "dependencies"))
    for group in _values(_inside(tool, "poetry", "group")):
        _from_table(page, _inside(group, "dependencies"))
    _pixi_tables(page, _inside(tool, "pixi"))
    for name in ("dependencies", "optional-dependencies"):
        page.includes += _files(_inside(tool, "setuptools", "dynamic", name))
    page.includes += _files(_inside(tool, "hatch", "metadata", "hooks", "requirements_txt"))
    for name in (_inside(project, "name"), _inside(tool, "poetry", "name")):
        if isinstance(name, str):
            page.more["project"] = canonical(name)
    version = _inside(project, "requires-python")
    if isinstance(version, str):
        page.more["python"] = version


def _pairs(table: object) -> list[tuple]:
    return list(table.items()) if isinstance(table, dict) else []


def _values(table: object) -> list:
    return [value for _, value in _pairs(table)]


def _files(table: object) -> list[str]:
    named = _inside(table, "file") or _inside(table, "files")
    named = [named] if isinstance(named, str) else named
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _pixi_tables(page: _Page, data: object) -> None:
    for part in (data, *_values(_inside(data, "feature")), *_values(_inside(data, "target"))):
        _from_table(page, _inside(part, "dependencies"))
        _from_table(page, _inside(part, "pypi-dependencies"))


def _pixi(page: _Page) -> None:
    _pixi_tables(page, page.toml())


def _pipfile(page: _Page) -> None:
    data = page.toml()
    _from_table(page, _inside(data, "packages"))
    version = _inside(data, "requires", "python_version")
    if isinstance(version, str):
        page.more["python"] = version


def _pipfile_lock(page: _Page) -> None:
    for name, value in _pairs(_inside(page.json(), "default")):
        version = _inside(value, "version")
        exact = isinstance(version, str) and version.startswith("==") or bool(_inside(value, "ref"))
        page.named(Package(canonical(str(name)), version if _is_text(version) else "", exact))
    page.more["lock"] = True


def _renv(page: _Page) -> None:
    data = page.json()
    for name, value in _pairs(_inside(data, "Packages")):
        version = _inside(value, "Version")
        if isinstance(version, str):
            page.named(Package(canonical(str(name)), f"=={version}", True))
    version = _inside(data, "R", "Version")
    page.more["python"] = f"R {version}" if isinstance(version, str) else None
    page.more["lock"] = True


def _records(page: _Page) -> None:
    """packrat.lock: `Package:` and `Version:` beside each other."""
    name = ""
    for number, line in enumerate(page.lines, 1):
        key, _, value = line.partition(":")
        if key == "Package":
            name = value.strip()
        elif key == "Version" and name:
            page.add(Package(canonical(name), f"=={value.strip()}", True), number)
            name = ""
    page.more["lock"] = True


def _description(page: _Page) -> None:
    """R's DESCRIPTION: names, with `>=` at best."""
    wanted = False
    for number, line in enumerate(page.lines, 1):
        if match := re.match(r"([A-Za-z@/]+):(.*)", line):
            wanted, line = match[1] in ("Imports", "Depends", "LinkingTo"), match[2]
            if match[1] == "Package":
                page.more["project"] = canonical(match[2].strip())
        elif not line.startswith((" ", "\t")):
            wanted = False
        for name, version in re.findall(r"([A-Za-z][\w.]*)\s*(\([^)]*\))?", line) if wanted else ():
            if name != "R":
                exact = bool(re.match(r"\(\s*==", version))
                page.add(Package(canonical(name), version.strip("()"), exact), number)


def _session_info(page: _Page) -> None:
    """What R's sessionInfo() printed: `name_1.2.3`, of all packages that were loaded."""
    for number, line in enumerate(page.lines, 1):
        for name, version in re.findall(
            r"\b([A-Za-z][A-Za-z0-9.]*)_(\d[\w.-]*)", line[:LONGEST_LINE]
        ):
            page.add(Package(canonical(name), f"=={version}", True), number)
        for name, version in re.findall(
            r"^ *[*!]? ?([A-Za-z][\w.]+) +\*? *(\d+\.[\w.-]+) +\d{4}-", line
        ):
            page.add(Package(canonical(name), f"=={version}", True), number)


def _r_script(page: _Page) -> None:
    for number, line in _whole_calls(page.lines):
        if found := _in_r(line):
            for one in found.packages:
                page.add(one, number)


def _whole_calls(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines of R, those of one call put together."""
    number, kept = 1, ""
    for count, line in enumerate(lines, 1):
        number = number if kept else count
        kept += line.split("#")[0].strip() + " "
        if kept.count("(") > kept.count(")") and len(kept) < LONGEST_LINE:
            continue
        yield number, kept
        kept = ""
    if kept:
        yield number, kept


def _julia(page: _Page) -> None:
    data = page.toml()
    compat = _inside(data, "compat")
    for name, _ in _pairs(_inside(data, "deps")):
        version = compat.get(name) if isinstance(compat, dict) else None
        text = version if isinstance(version, str) else ""
        page.named(Package(canonical(str(name)), text, text.startswith("=")))


def _julia_lock(page: _Page) -> None:
    name, number = "", 0
    for count, line in enumerate(page.lines, 1):
        if match := re.fullmatch(r"\s*\[\[(?:deps\.)?([\w.-]+)\]\]\s*", line):
            name, number = match[1], count
        elif name and (match := re.match(r"\s*version\s*=\s*[\"']([^\"']+)", line)):
            page.add(Package(canonical(name), f"=={match[1]}", True), number)
            name = ""
    page.more["lock"] = True


def _setup_cfg(page: _Page) -> None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(page.text)
    except (configparser.Error, *BROKEN):
        return
    if not parser.has_section("options"):
        return
    wanted = parser.get("options", "install_requires", fallback="")
    if file := re.match(r"\s*file:\s*(.+)", wanted):
        page.includes += [name.strip() for name in file[1].split(",")]
    else:
        _list(page, re.split(r"[\n;](?!\s*python_)", wanted))
    page.more["python"] = parser.get("options", "python_requires", fallback=None)
    name = parser.get("metadata", "name", fallback="")
    page.more["project"] = canonical(name) or None


def _setup_py(page: _Page) -> None:
    """install_requires by the syntax tree: literals, lists with a name, lists read from a file."""
    try:
        module = ast.parse(page.text)
        nodes = list(ast.walk(module))
    except (SyntaxError, *BROKEN):
        return
    named = {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "setup"
        ):
            for keyword in node.keywords:
                _setup_keyword(page, keyword, named)
    texts = {
        node.value for node in nodes if isinstance(node, ast.Constant) and _is_text(node.value)
    }
    page.includes += sorted(
        text for text in texts if re.fullmatch(r"[\w./-]*require\w*\.(?:txt|in)", text)
    )


def _setup_keyword(page: _Page, keyword: ast.keyword, named: dict[str, ast.expr]) -> None:
    if keyword.arg in ("install_requires", "extras_require", "requires"):
        for text, line in _strings(keyword.value, named, 20):
            page.add(package(text), line)
    if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
        if keyword.arg == "name":
            page.more["project"] = canonical(keyword.value.value)
        if keyword.arg == "python_requires":
            page.more["python"] = keyword.value.value


def _strings(node: ast.AST | None, named: dict[str, ast.expr], depth: int) -> list[tuple[str, int]]:
    """(text, line) of the strings in a list, tuple, sum of lists, dict of lists, or a name's."""
    if depth == 0 or node is None:
        return []
    if isinstance(node, ast.Constant):
        return [(node.value, node.lineno)] if isinstance(node.value, str) else []
    if isinstance(node, ast.Name):
        return _strings(named.get(node.id), named, depth - 1)
    parts: list = []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        parts = node.elts
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Starred):
        parts = [node.value]
    return [found for part in parts for found in _strings(part, named, depth - 1)]


IMAGES = (  # a word in an image's name -> the packages that its tag is a version of
    ("tensorflow", ("tensorflow", "keras", "numpy")),
    ("pytorch", ("torch", "torchvision", "numpy")),
    ("monai", ("monai", "torch", "numpy")),
    ("mxnet", ("mxnet", "numpy")),
    ("paddle", ("paddlepaddle",)),
    ("caffe2", ("caffe2",)),
    ("caffe", ("caffe",)),
    ("theano", ("theano",)),
    ("keras", ("keras", "tensorflow")),
    ("jax", ("jax",)),
    ("deepo", ("torch", "tensorflow", "keras")),
    ("anaconda", ("anaconda",)),
    ("scipy-notebook", ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib")),
    ("datascience-notebook", ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib")),
    ("kaggle", ("anaconda", "torch", "tensorflow")),
    ("tidyverse", ("tidyverse",)),
    ("ml-verse", ("tidyverse", "keras", "tensorflow")),
)


def image_packages(reference: str) -> list[Package]:
    """The packages that a container image is known for; exact where its tag is a full version."""
    reference = reference.strip().strip("'\"").partition("@sha256")[0]
    name, _, tag = (
        reference.rpartition(":") if ":" in reference.rpartition("/")[2] else (reference, "", "")
    )
    exact = bool(re.match(r"v?\d+\.\d+", tag)) or "@sha256" in reference
    for word, packages in IMAGES:
        if word in name.lower():
            return [Package(canonical(one), tag, exact) for one in packages]
    if re.search(r"(?:^|/)python$", name):
        return [Package("python", tag, exact)]
    return []


def _docker(page: _Page) -> None:
    lines = [(number, _filled(page, line)) for number, line in _joined(page.lines)]
    for number, line in lines:
        if match := re.match(r"\s*from:?\s+(?:--\S+\s+)*(\S+)", line, re.IGNORECASE):
            for one in image_packages(match[1]):
                page.add(one, number)
    page.shell((number, _run(line)) for number, line in lines)


def _filled(page: _Page, line: str) -> str:
    """The line with the defaults of ARG and ENV put in."""
    if match := re.match(r"\s*(?:ARG|ENV)\s+(\w+)[= ]\s*(\S+)\s*$", line):
        page.values[match[1]] = match[2].strip("'\"")[:200]
    return re.sub(
        r"\$(?:\{(\w+)[^}]{0,100}\}|(\w+))",
        lambda match: page.values.get(match[1] or match[2], match[0]),
        line[:20_000],
    )


def _run(line: str) -> str:
    """A line of a Dockerfile as a shell sees it."""
    line = re.sub(
        r"^\s*(?:RUN|CMD|ENTRYPOINT)\s+(?:--\S+\s+)*", "", line[:20_000], flags=re.IGNORECASE
    )
    if line.startswith("["):
        line = re.sub(r"[\[\]\",]+", " ", line)
    # In an image the working folder stands for the repository's.
    return re.sub(r"(?<=\s)/(?:[\w.-]+/)*(?=[\w.-]+\.(?:txt|ya?ml|toml)\b)", "", line)


def _shell_script(page: _Page) -> None:
    page.shell(
        (n, line.strip()) for n, line in _joined(page.lines) if not line.lstrip().startswith("#")
    )


def _nix(page: _Page) -> None:
    folder = posixpath.dirname(page.path)
    pinned = page.tree.has(posixpath.join(folder, "flake.lock")) or bool(
        re.search(r"fetchTarball|fetchFromGitHub|sources\.nix|npins", page.text)
        and re.search(r"\b(?:[0-9a-f]{40}|sources|npins|\d\d\.\d\d)\b", page.text)
    )
    lists = re.finditer(r"with\s+[\w.]+;\s*\[([^\]]{0,5000})\]", page.text[:200_000])
    spans = [
        (m.start(1), name) for m in lists for name in re.finditer(r"[\w-]+(?:\.[\w-]+)*", m[1])
    ]
    found = [(start + name.start(), name[0]) for start, name in spans]
    dotted = re.finditer(
        r"\b(?:python\d*Packages|pythonPackages|rPackages|ps|pp|pypkgs|p)\.([\w-]+)", page.text
    )
    found += [(match.start(), match[1]) for match in dotted]
    for place, name in sorted(found)[:2000]:
        plain = re.sub(
            r"^(?:python\d*Packages|ps|pp|p|pkgs)\.|-bin$|-source-bin$|WithCuda$", "", name
        )
        page.add(Package(canonical(plain), "nix", pinned), page.text.count("\n", 0, place) + 1)
    page.more["lock"] = pinned


def _notebook(page: _Page) -> None:
    """Cells with `!pip install`, found in the text: parsing megabytes of pictures takes long."""
    text = page.text if "install" in page.text else ""
    for match in re.finditer(
        r"\"\s*[!%]\s*(?:\S+ -m )?(?:pip|conda|mamba)[^\"\\]*(?:\\.[^\"\\]*)*\"", text
    ):
        try:
            line = json.loads(match[0][:LONGEST_LINE])
        except BROKEN:
            continue
        page.shell([(text.count("\n", 0, match.start()) + 1, line.strip().lstrip("!% "))])


def _simple_list(page: _Page) -> None:
    """A text file of some name: a list of packages only if most of its lines give a version."""
    _requirements(page)
    lines = sum(1 for line in page.lines if line.strip() and not line.lstrip().startswith("#"))
    versions = sum(1 for one in page.requirements if one.specifier)
    if versions < max(2, 0.6 * lines):
        page.requirements.clear()
        page.includes.clear()


# ---------------------------------------------------------------------------------------------
# README


@dataclass(frozen=True)
class ReadmeLine:
    """One line of a README: the text without marks, whether it is code, and its heading."""

    number: int
    raw: str
    text: str
    code: bool
    heading: str
    section: int


REQUIRING = re.compile(
    r"requirement|dependenc|prerequisite|install|environment|set[ -]?up|getting started|"
    r"packages|librar|preparation|software|quick ?start|\benv\b",
    re.IGNORECASE,
)
COMMAND_START = re.compile(
    r"(?:[$>!%]\s*)?(?:sudo\s+)?(?:pip[\d.]*\s+install|python[\d.]*\s+-m\s+pip|python[\d.]*\s+setup\.py|"  # noqa: E501
    r"(?:conda|mamba|micromamba)\s+(?:env|create|install)|apt(?:-get)?\s+install|brew\s+install|"
    r"git\s+clone|poetry\s+install|uv\s+(?:sync|pip)|pixi\s+install|pipenv\s+install|docker\s+\w+\s|"  # noqa: E501
    r"install\.packages|Rscript\s|BiocManager::|devtools::|renv::restore)"
)


def readme_lines(text: str) -> list[ReadmeLine]:
    """The lines of a README (Markdown, reStructuredText or plain) with what they are."""
    text = _without_comments(text[:MOST_README])
    found: list[ReadmeLine] = []
    fence, heading, section = "", "", 0
    lines = text.splitlines()
    for number, raw in enumerate(lines, 1):
        raw = raw[:LONGEST_LINE]
        mark = re.match(r"\s*(?:[-*+>]\s+)?(`{3,}|~{3,})", raw)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            continue
        following = lines[number] if number < len(lines) else ""
        if not fence and (title := _heading(raw, following)):
            heading, section = title, section + 1
        code = bool(fence) or bool(COMMAND_START.match(_plain(raw)))
        found.append(ReadmeLine(number, raw, _plain(raw), code, heading, section))
    return found


def _without_comments(text: str) -> str:
    """The text without HTML comments; the numbers of the lines stay."""
    parts, start = [], 0
    while (begin := text.find("<!--", start)) >= 0 and (end := text.find("-->", begin)) >= 0:
        parts += [text[start:begin], "\n" * text.count("\n", begin, end)]
        start = end + 3
    return "".join(parts) + text[start:]


def _heading(raw: str, following: str) -> str:
    raw = raw[:300].rstrip()
    if match := re.match(r"\s{0,3}#{1,6}(?!#)(.+)", raw):
        return _plain(match[1].strip(" #"))
    if match := re.fullmatch(r"\s*<h\d[^>]*>(.*?)</h\d>\s*", raw):
        return _plain(match[1])
    bold = re.fullmatch(r"\s*(?:\*\*|__)(.{3,60}?)(?:\*\*|__):?\s*", raw)
    if bold or (re.fullmatch(r"\s*[A-Z][\w /&-]{2,40}:\s*", raw) and REQUIRING.search(raw)):
        return _plain(bold[1] if bold else raw.strip().rstrip(":"))
    if raw.strip() and re.fullmatch(r"\s*([=\-~^*#])\1{2,}\s*", following) and len(raw) < 100:
        return _plain(raw)
    return ""


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]{0,300})\]\([^)]{0,500}\)", r"\1", text)
    text = re.sub(r"`([^`<]{0,200})<[^>]{0,300}>`_+", r"\1", text)
    text = re.sub(r"</?\w{1,20}[^>]{0,300}>", " ", text)
    text = " ".join(re.sub(r"\*\*|__|``|`|&nbsp;", "", text.replace("|", " ")).split())
    return re.sub(r"^\s*(?:[-*+•>]\s+|\d+[.)]\s+)+", "", text).strip()


SPELLINGS = (
    (r"\bsci-?kit[ -_]?learn\b", "scikit-learn"),
    (r"\bsci-?kit[ -_]?image\b", "scikit-image"),
    (r"\bpy ?torch[ -_]lightning\b", "pytorch-lightning"),
    (r"\b(?:py)?torch[ -_]geometric\b", "torch-geometric"),
    (r"\bsimple ?itk\b", "simpleitk"),
    (r"\btensor ?flow[ -_](?:gpu|cpu)\b", "tensorflow"),
    (r"\btensor flow\b", "tensorflow"),
    (r"\bopen ?cv2?(?:[ -]python)?\b", "opencv-python"),
    (r"\bsegmentation[ _]models[ _]pytorch\b", "segmentation-models-pytorch"),
)
MENTION = re.compile(
    r"(?<![\w/.@-])([A-Za-z][\w.-]{0,60}?)[\s,:(=]{0,6}?(?:version|ver\.?)?\s?"
    r"(={0,3}|[<>]=?|~=|≥|≤|\^|~)[\s(:]{0,4}v?(\d+(?:\.(?:\d+|x|\*))*(?:(?:a|b|rc)\d+|\.post\d+)?(?:\+cu\w+|\+cpu)?)(?![\w/])(?=(.{0,24}))",  # noqa: E501
    re.IGNORECASE,
)
FROM_ON = re.compile(
    r"\s*\)?\s*(?:\+|or (?:later|higher|above|newer|greater|up|more)|and (?:later|above|higher|up)|"
    r"(?:above|later|higher|newer)\b|[-–~]\s*\d|to \d|or \d|/\s*\d|,\s*<)",
    re.IGNORECASE,
)  # fmt: skip


def _readme(page: _Page) -> None:
    for line in readme_lines(page.text):
        wanted = bool(REQUIRING.search(line.heading))
        commands = _commands(line)
        for command in commands:
            page.shell([(line.number, command)])
        if not any(installs(command) for command in commands):
            _mentions(page, line, wanted)


def _mentions(page: _Page, line: ReadmeLine, wanted: bool) -> None:
    """Packages named in a line of prose or a list, with a version or, under a heading, without."""
    text = line.text
    for pattern, name in SPELLINGS:
        text = re.sub(pattern, name, text, flags=re.IGNORECASE)
    seen = set()
    for name, sign, version, after in MENTION.findall(text):
        plain = canonical(name)
        known = plain in KNOWN or plain in ("python", "r-base")
        first = text.lower().startswith(name.lower())
        if known or "==" in sign or (wanted and first and len(text) < 60 and "." in version):
            loose = sign in ("<", ">", "<=", ">=", "~=", "≥", "≤", "^", "~") or FROM_ON.match(after)
            loose = loose or re.search(
                r"(?:at least|minimum|greater than|or higher)", text, re.IGNORECASE
            )
            exact = not loose and is_version(version, "==" in sign)
            page.add(Package(plain, f"{sign}{version}", exact), line.number)
            seen.add(plain)
    if wanted and (line.code or len(text) < 90) and not line.raw.lstrip().startswith("#"):
        for name in _names(text) - seen:
            page.add(Package(name, "", False), line.number)


def _names(text: str) -> set[str]:
    """Known packages that make up a short line; a sentence that happens to name one gives none."""
    words = [canonical(word) for word in re.findall(r"[A-Za-z][\w.-]*", text)]
    found = [word for word in words if word in KNOWN and word not in WORDS]
    return set(found) if found and 2 * len(found) >= len(words) - 2 else set()


def _commands(line: ReadmeLine) -> list[str]:
    """The commands in one line: a line of code, code within a sentence, or a bare `pip install`."""
    if line.code:
        return [re.sub(r"^(?:\([\w.-]+\)\s*)?[$>!%]\s*|^\([\w.-]+\)\s+", "", line.text.strip())]
    inline = re.findall(r"`+([^`]+)`+|<code>(.*?)</code>", line.raw)
    if inline:
        return [(one or two).strip().lstrip("$!%> ") for one, two in inline]
    bare = re.search(
        r"\b(?:pip[\d.]*\s+install|conda\s+(?:env\s+create|install|create))\s+[^.!?;]*(?:\.[a-z]\w*|==[\d.]+)?[^.!?;,]*",  # noqa: E501
        line.text,
    )
    if not bare:
        return []
    first = re.sub(r"^\S+\s+(?:env\s+)?\S+\s+", "", bare[0]).split()
    if first and (first[0].startswith("-") or canonical(re.split(r"[=<>]", first[0])[0]) in KNOWN):
        return [bare[0]]
    return []


# ---------------------------------------------------------------------------------------------
# All files


class _Kind(NamedTuple):
    kind: str
    pattern: str  # of the whole lower-case path's last part
    read: Callable[[_Page], None]


_REQUIRED = r"requirements?|requires?|reqs?|dependenc(?:y|ies)|constraints?"
KINDS = (
    _Kind("conda-lock", r"(?:.*[-_.])?conda[-_]lock\.ya?ml", _names_and_versions),
    _Kind("conda", r".*(?:environment|conda|requirements?|_env|-env|^env).*\.ya?ml|env\.ya?ml", _conda_file),  # noqa: E501
    _Kind("conda", r".*(?:spec[-_]?(?:file|list)|conda[-_](?:list|env|spec|packages)|explicit).*\.(?:txt|lock)", _requirements),  # noqa: E501
    _Kind("requirements", rf"(?:.*[-_. ])?(?:{_REQUIRED}|pip[-_ ]?(?:freeze|list|packages|requirements?|requires?))(?:[-_. \d].*)?\.(?:txt|in|lock|pip|list)", _requirements),  # noqa: E501
    _Kind("requirements", r"requirements?", _requirements),
    _Kind("requirements", r"(?:.*[-_])?(?:packages?|env(?:ironment)?|versions?|package[-_]list|modules|libs?)(?:[-_]\w*)?\.txt", _simple_list),  # noqa: E501
    _Kind("pipfile", r"pipfile", _pipfile),
    _Kind("pipfile", r"pipfile\.lock", _pipfile_lock),
    _Kind("pyproject", r"pyproject\.toml", _pyproject),
    _Kind("poetry", r"poetry\.lock", _names_and_versions),
    _Kind("pdm", r"pdm\.lock", _names_and_versions),
    _Kind("uv", r"uv\.lock", _names_and_versions),
    _Kind("pylock", r"pylock(?:\.[\w-]+)?\.toml", _names_and_versions),
    _Kind("pixi", r"pixi\.toml", _pixi),
    _Kind("pixi", r"pixi\.lock", _names_and_versions),
    _Kind("setup", r"setup\.py", _setup_py),
    _Kind("setup", r"setup\.cfg", _setup_cfg),
    _Kind("docker", r"(?:.*\.)?(?:docker|container)file(?:[-_.].*)?|singularity(?:[-_.].*)?|.*\.def|apptainer(?:[-_.].*)?", _docker),  # noqa: E501
    _Kind("nix", r"(?:flake|default|shell)\.nix|.*env\w*\.nix", _nix),
    _Kind("renv", r"renv\.lock", _renv),
    _Kind("renv", r"packrat\.lock", _records),
    _Kind("r-description", r"description", _description),
    _Kind("r-session", r".*session[-_]?info.*\.(?:txt|md|log)", _session_info),
    _Kind("r-script", r".*(?:install|requirement|dependenc|packages|setup|libraries).*\.r", _r_script),  # noqa: E501
    _Kind("julia", r"(?:julia)?project\.toml", _julia),
    _Kind("julia", r"(?:julia)?manifest\.toml", _julia_lock),
    _Kind("script", r".*(?:install|setup|env|requirements|dependenc|prepare|bootstrap).*\.(?:sh|bash)|postbuild", _shell_script),  # noqa: E501
    _Kind("make", r"makefile|justfile", _shell_script),
    _Kind("notebook", r".*\.ipynb", _notebook),
    _Kind("readme", r"(?:readme|requirements?|install(?:ation|ing)?)(?:[-_.]\w+)?(?:\.(?:md|rst|txt|markdown|org))?", _readme),  # noqa: E501
)  # fmt: skip
_PATTERNS = tuple(re.compile(one.pattern) for one in KINDS)
ASIDE_FOLDERS = set(
    "docs doc documentation test tests testing third_party thirdparty third-party 3rdparty "
    "3rd_party external externals extern vendor vendored submodules examples example .github "
    ".circleci .gitlab ci site website webapp web deploy deployment".split()
)
ASIDE_NAMES = re.compile(
    r"(?:^|[-_./])(?:dev|devel|develop|development|docs?|tests?|testing|lint|ci|rtd|style|build)(?=[-_.]|$)"  # noqa: E501
)
NO_ROOT = {"readme", "notebook"}
ENVIRONMENT_FOLDERS = set(
    "docker dockerfiles env envs environment environments requirements conda install installation "
    "setup config configs conf dependencies containers container singularity .devcontainer "
    ".binder binder workflow nix packrat renv".split()
)
CONDA_BODY = re.compile(r"^dependencies\s*:", re.MULTILINE)
CONDA_SIGN = re.compile(r"^(?:channels|name|prefix)\s*:|^\s*-\s*(?:python|pip)\b", re.MULTILINE)


def kind_of(path: str) -> _Kind | None:
    """The kind of dependency file that a path's name promises, if any."""
    name = path.rpartition("/")[2].lower()
    if name.endswith((".py", ".r", ".ipynb")) or "." not in name or name.count(".") < 6:
        for kind, pattern in zip(KINDS, _PATTERNS, strict=True):
            if pattern.fullmatch(name):
                return kind
    return None


def is_aside(path: str) -> bool:
    """Whether a file serves documentation, tests, development or somebody else's code."""
    *folders, name = path.lower().split("/")
    return bool(ASIDE_FOLDERS & set(folders)) or (
        bool(ASIDE_NAMES.search(name.rpartition(".")[0]))
        and not name.startswith(("docker", "container"))
    )


def gather(tree: Tree) -> "Dependencies":
    """Read all dependency files of a repository."""
    found: dict[str, DependencyFile] = {}
    waiting = _candidates(tree)
    while waiting and len(found) < MOST_FILES:
        path, kind = waiting.pop(0)
        if path in found or not (file := _read(tree, path, kind)):
            continue
        found[path] = file
        for name in (*file.includes, *file.constraints):
            place = _resolve(name, path, tree)
            if place and place not in found and not kind_of(place):
                waiting.append((place, _by_name("requirements")))
    return Dependencies([found[path] for path in sorted(found)], frozenset(tree.paths))


def _by_name(kind: str) -> _Kind:
    return next(one for one in KINDS if one.kind == kind)


def _candidates(tree: Tree) -> list[tuple[str, _Kind]]:
    """Files whose names say what they are, and conda files under any name, the topmost first."""
    found = [(path, kind) for path in tree.paths if (kind := kind_of(path))]
    named = {path for path, _ in found}
    some = [p for p in tree.ending(".yml", ".yaml") if p not in named and p.count("/") < 3]
    looked = [p for p in some[:300] if tree.sizes.get(p, 0) < 200_000]
    found += [(path, _by_name("conda")) for path in looked if CONDA_BODY.search(tree.text(path))]
    return sorted(found, key=lambda one: (one[1].kind == "notebook", one[0].count("/"), one[0]))


def _read(tree: Tree, path: str, kind: _Kind) -> DependencyFile | None:
    """What one file says; None where it says nothing, or is something else by that name."""
    if kind.kind == "readme" and (path.count("/") > 1 or tree.sizes.get(path, 0) > 500_000):
        return None
    page = _Page(tree, path, kind.kind)
    if not page.text or (
        path.endswith((".yml", ".yaml"))
        and kind.read is _conda_file
        and not (CONDA_BODY.search(page.text) and CONDA_SIGN.search(page.text))
    ):
        return None
    kind.read(page)
    file = page.file(aside=is_aside(path))
    if kind.kind == "readme" and "/" in path:  # but installation notes may lie below docs/
        file = replace(file, aside=not path.rpartition("/")[2].lower().startswith("install"))
    return file if file.says_something or file.project or file.python else None


def _resolve(name: str, beside: str, tree: "Tree | frozenset[str]") -> str | None:
    """The path that a file means by a name: from its own folder, else from the top."""
    paths = tree if isinstance(tree, frozenset) else tree.sizes
    name = name.strip().strip("'\"").replace("\\", "/")
    for base in (posixpath.dirname(beside), ""):
        place = posixpath.normpath(posixpath.join(base, name))
        if place in paths:
            return place
    return None


@dataclass
class Dependencies:
    """All dependency files of a repository."""

    files: list[DependencyFile]
    paths: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def main(self) -> list[DependencyFile]:
        """The files that serve the analysis; those aside only where there is nothing else."""
        useful = [file for file in self.files if file.says_something]
        return [file for file in useful if not file.aside] or useful

    def file(self, path: str) -> DependencyFile | None:
        """The file at a path, if it is one of dependencies."""
        return next((file for file in self.files if file.path == path), None)

    def find(self, name: str, beside: str = "") -> DependencyFile | None:
        """The file that is meant by a name, also after a `cd` that was not followed."""
        by_path = {file.path: file for file in self.files}
        place = _resolve(name, beside, frozenset(by_path))
        if place:
            return by_path[place]
        wanted = posixpath.normpath(name.strip("'\"").replace("\\", "/")).lower().split("/")[-1]
        same = [path for path in by_path if path.lower().split("/")[-1] == wanted]
        return by_path[min(same, key=lambda path: (path.count("/"), path))] if same else None

    def requirements(self, *files: DependencyFile) -> list[Requirement]:
        """All that these files ask for, with what they include and what constraints pin."""
        found: list[Requirement] = []
        waiting, seen = list(files), set()
        fixed: dict[str, Requirement] = {}
        while waiting:
            file = waiting.pop()
            if file.path in seen:
                continue
            seen.add(file.path)
            found += file.requirements
            for name in self._included(file):
                if (other := self.find(name, file.path)) and other.kind != "readme":
                    waiting.append(other)
            for name in file.constraints:
                if other := self.find(name, file.path):
                    fixed |= {one.name: one for one in other.requirements if one.exact}
        return [fixed.get(one.name, one) if not one.exact else one for one in found]

    def _included(self, file: DependencyFile) -> tuple[str, ...]:
        # A README speaks of other files; what they hold is theirs, and is judged there.
        return () if file.kind in NO_ROOT else file.includes

    def missing(
        self, imports: Iterable[str], files: Iterable[DependencyFile] | None = None
    ) -> list[str]:
        """Imports that no file lists and nothing listed brings along, in their order."""
        asked = self.requirements(*(self.main if files is None else files))
        where = {name: (None, None) for name in imports}
        return [one.name for one in standings(asked, where) if one.status == "missing"]


def third_party(imported: Imported, local_modules: Iterable[str]) -> dict[str, tuple]:
    """The imports that have to be installed: neither Python's own nor the repository's."""
    local = {name.partition(".")[0] for name in local_modules}
    return {
        name: where
        for name, where in imported.items()
        if name and not name.startswith(".") and name.partition(".")[0] not in local
        and not is_standard(name.partition(".")[0])
    }  # fmt: skip


def standings(asked: Iterable[Requirement], imported: Imported) -> list[Standing]:
    """How each imported package stands among these requirements."""
    best: dict[str, Requirement] = {}
    for one in asked:
        if one.name not in best or (one.exact and not best[one.name].exact):
            best[one.name] = one
    plain = {re.sub(r"^r-|^bioconductor-", "", name): one for name, one in best.items()}
    brought = implied(set(plain))
    found = []
    for name, (path, line) in sorted(imported.items()):
        if name in UNLISTED:
            continue
        hits = [r for d in distributions(name) if (r := best.get(d) or plain.get(d))]
        hit = max(hits, key=lambda one: one.exact) if hits else None
        status = "missing" if name not in brought else "implied"
        status = status if hit is None else "exact" if hit.exact else "loose"
        found.append(Standing(name, tier(name), status, path, line, hit))
    return found


# ---------------------------------------------------------------------------------------------
# First judgement: exact versions


@dataclass(frozen=True)
class Coverage:
    """How the imported packages stand in one file, or in several that belong together."""

    files: tuple[str, ...]
    standings: tuple[Standing, ...]
    listed: int  # packages that the files list
    listed_exact: int

    def having(self, *statuses: str) -> tuple[Standing, ...]:
        """The imports of these statuses."""
        return tuple(one for one in self.standings if one.status in statuses)

    @property
    def exact_share(self) -> float:
        """Exact among the imported packages, 0 to 1; what is only implied is left out."""
        counted = self.having("exact", "loose", "missing")
        return len(self.having("exact")) / len(counted) if counted else 0.0

    @property
    def listed_share(self) -> float:
        """Exact among the packages that are listed, imported or not, 0 to 1."""
        return self.listed_exact / self.listed if self.listed else 0.0

    @property
    def frameworks(self) -> tuple[Standing, ...]:
        """The imported frameworks: those of deep learning, else the classic ones."""
        deep = [one for one in self.standings if one.name in DEEP]
        # Keras and TensorFlow, or JAX and its library, come as one where one brings the other.
        held = [one for one in deep if one.status != "implied"]
        return tuple(held or deep or [one for one in self.standings if one.name in CLASSIC])

    @property
    def framework_exact(self) -> bool | None:
        """Whether every imported framework has its exact version; None where none is imported."""
        found = self.frameworks
        return all(one.status == "exact" for one in found) if found else None


@dataclass(frozen=True)
class Pinned:
    """The material for "exact versions are listed": the best file or set of files, and the rest."""

    best: Coverage | None
    candidates: tuple[Coverage, ...] = ()

    @property
    def exact_share(self) -> float:
        """Of the best candidate, 0 to 1."""
        return self.best.exact_share if self.best else 0.0

    @property
    def listed_share(self) -> float:
        """Of the best candidate, 0 to 1."""
        return self.best.listed_share if self.best else 0.0

    @property
    def framework_exact(self) -> bool | None:
        """Of the best candidate; None where no framework is imported, or there is no file."""
        return self.best.framework_exact if self.best else None

    @property
    def loose(self) -> tuple[Standing, ...]:
        """Imports that are listed without an exact version."""
        return self.best.having("loose") if self.best else ()

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Imports that are not listed and that nothing listed brings along."""
        return self.best.having("missing") if self.best else ()

    def gaps(self, *tiers: str) -> tuple[Standing, ...]:
        """Loose and missing imports of these tiers ("framework", "core", "helper", "other")."""
        return tuple(one for one in (*self.loose, *self.missing) if not tiers or one.tier in tiers)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Every gap with its place: the requirement's where it is loose, else the import's."""
        return tuple(map(_gap, self.gaps()))


def _gap(one: Standing) -> Sign:
    strong = one.tier in ("framework", "core")
    if one.requirement:
        asked = f"{one.requirement.name} {one.requirement.specifier}".strip()
        note = f"{one.name} is imported, and listed without an exact version: {asked}"
        return Sign("loose", note, one.requirement.path, one.requirement.line, strong)
    return Sign("missing", f"{one.name} is imported, and not listed", one.path, one.line, strong)


def pinned(dependencies: Dependencies, imported: Imported) -> Pinned:
    """Where the exact versions of the imported packages stand, and which lack them.

    `imported` maps top-level import names to (path, line); third-party ones only.
    """
    scope = _scope(dependencies, imported)
    sets = [[file] for file in scope]
    for folder in sorted({posixpath.dirname(file.path) for file in scope}):
        sets.append([file for file in scope if posixpath.dirname(file.path) == folder])
    sets.append(scope)
    found: dict[tuple[str, ...], Coverage] = {}
    for files in sets:
        names = tuple(file.path for file in files)
        if files and names not in found:
            found[names] = _coverage(dependencies, files, imported)
    ranked = sorted(found.values(), key=_worth, reverse=True)
    return Pinned(ranked[0] if ranked else None, tuple(ranked))


def _coverage(
    dependencies: Dependencies, files: list[DependencyFile], imported: Imported
) -> Coverage:
    asked = dependencies.requirements(*files)
    exact = {one.name for one in asked if one.exact}
    names = tuple(file.path for file in files)
    return Coverage(
        names, tuple(standings(asked, imported)), len({one.name for one in asked}), len(exact)
    )


def _worth(one: Coverage) -> tuple:
    """Exact counts most, listed is better than missing, and the framework more than the rest."""
    value = {"exact": 1.0, "loose": 0.25, "implied": 0.1, "missing": 0.0}
    points = sum(value[standing.status] for standing in one.standings)
    bonus = 0.3 if one.framework_exact else 0.0
    share = points / len(one.standings) if one.standings else one.listed_share
    return round(share + bonus, 6), -len(one.files), one.listed


def _scope(dependencies: Dependencies, imported: Imported) -> list[DependencyFile]:
    """The files that can speak for the analysis: those at the top, where they cover it."""
    main = [
        file
        for file in dependencies.main
        if file.kind not in ("script", "make") or file.requirements
    ]
    top = [file for file in main if _is_top(file.path) or file.kind in NO_ROOT]
    real = [file for file in top if file.kind not in NO_ROOT]
    missing = dependencies.missing(imported, real)
    return top if real and 2 * len(missing) <= len(imported) else main


def _is_top(path: str) -> bool:
    folders = path.lower().split("/")[:-1]
    return all(folder in ENVIRONMENT_FOLDERS for folder in folders)


# ---------------------------------------------------------------------------------------------
# Second judgement: one command


@dataclass(frozen=True)
class Step:
    """One command of a README that installs something."""

    install: Install
    line: int
    heading: str
    section: int
    optional: bool  # said to be so, or in a section about something else
    alternative: bool  # to the step before it

    @property
    def command(self) -> str:
        """As README writes it."""
        return self.install.command


@dataclass(frozen=True)
class Route:
    """One way to install: its command, what that covers, and what speaks against it."""

    command: str | None
    files: tuple[str, ...]
    standings: tuple[Standing, ...]
    against: tuple[Sign, ...]
    steps: tuple[Step, ...] = ()
    told: bool = True  # by README or by a wrapper, and not only possible

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Imports that the command does not bring."""
        return tuple(one for one in self.standings if one.status == "missing")

    @property
    def strong(self) -> tuple[Sign, ...]:
        """What by itself speaks against one command."""
        return tuple(sign for sign in self.against if sign.strong)


@dataclass(frozen=True)
class OneCommand:
    """The material for "one command installs everything": the best route first."""

    routes: tuple[Route, ...]
    steps: tuple[Step, ...]

    @property
    def best(self) -> Route:
        """The route with the least against it."""
        return self.routes[0]

    @property
    def command(self) -> str | None:
        """The one command, or the first of several."""
        return self.best.command

    @property
    def against(self) -> tuple[Sign, ...]:
        """What speaks against the best route."""
        return self.best.against

    @property
    def strong(self) -> tuple[Sign, ...]:
        """The strong signs against the best route; none: one command does it all."""
        return self.best.strong


ALTERNATIVE = re.compile(
    r"(?:^|\n)\W*or\b[\W]*(?:\n|$)|\b(?:or|OR),? (?:use|using|via|with|run|you|install|create|by|"
    r"through|simply|if|manually|alternatively|a|the|pip|conda|docker|just|else|from|for)\b|\bor:|"
    r"(?:^|\n)\W*(?:or|OR)\b|\balternativ|\binstead\b|\beither\b|\botherwise\b|\boption \w|"
    r"\bif you (?:use|prefer|have|don't|do not|only|are)\b|\b(?:for|on|with|without) "
    r"(?:an? )?(?:cpu|gpu|linux|mac|macos|windows|osx|ubuntu|cuda|apple|m1|nvidia)\b|\b(?:cpu|gpu)[- ]only\b|"  # noqa: E501
    r"(?:cpu|gpu|linux|windows|mac ?os|cuda \d[\d.]*)\W*(?:\n|$)",
    re.IGNORECASE,
)
METHOD = re.compile(
    r"\b(?:pip|conda|anaconda|mamba|docker|poetry|pipenv|venv|virtualenv|virtual environment|source|"  # noqa: E501
    r"pypi|singularity|apptainer|container|option|method|cpu|gpu|linux|windows|mac(?:os)?|colab|uv|"
    r"nix|local(?:ly)?|manual(?:ly)?|alternativ\w*|developers?|users?|quick|full|minimal)\b",
    re.IGNORECASE,
)
STEPPED = re.compile(r"\bstep\b|^\s*\d+[.):]|\bfirst\b|\bthen\b|\bnext\b", re.IGNORECASE)
OPTIONAL = re.compile(
    r"\boptional|if you (?:want|wish|need|would like|plan)|for (?:development|testing|visuali[sz]|developers)|"  # noqa: E501
    r"in case of|if .{0,40}(?:fail|error|problem|issue)|troubleshoot",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    r"contribut|develop(?!ment environment)|\btests?\b|docs\b|troubleshoot|faq|known issue|licen[cs]e|"  # noqa: E501
    r"acknowledg|visuali[sz]|\bdemo\b|colab|optional|related|\bdata(?:sets?)?\b|weights|jupyter|notebook",  # noqa: E501
    re.IGNORECASE,
)
LIGHT = set("jupyter jupyterlab notebook gdown kaggle tensorboard awscli pre-commit black pytest tmux "  # noqa: E501
            "jupytext nbconvert ipywidgets wandb osfclient zenodo-get dvc".split())  # fmt: skip
_FRAMEWORK = r"(?:py)?torch|tensorflow|keras|jax|mxnet|paddle\w*|theano|caffe|detectron2|mmcv\S*|mmdetection|apex|pyg|pytorch[ _-]geometric|torch[ _-](?:scatter|sparse|geometric)|dgl"  # noqa: E501
APART = re.compile(
    rf"\b(?:install\w*|download|set ?up|get)\b[^.\n]{{0,60}}?\b({_FRAMEWORK})\b[^\n]{{0,100}}?"
    r"\b(?:official|web ?site|site|instructions?|guide|here|following|follow|according|appropriate|suitable|"  # noqa: E501
    r"compatible|matching|your (?:own )?(?:cuda|system|gpu|platform|machine|environment)|manually|separately|first|from source)\b",  # noqa: E501
    re.IGNORECASE,
)  # fmt: skip
APART_LINK = re.compile(
    r"(pytorch)\.org/get-started|\binstall\b[^\n]{0,80}(pytorch)\.org|(pytorch)\.org/?\)?\s*$|(tensorflow)\.org/install|pytorch-geometric\.readthedocs\S*install",  # noqa: E501
    re.IGNORECASE,
)
TOOLS = re.compile(
    r"\b(FSL|FreeSurfer|Freesurfer|ANTs|AFNI|SPM ?(?:8|12)|MATLAB|Matlab|Octave|elastix|SimpleElastix|dcm2niix|NiftyReg|"  # noqa: E501
    r"NiftySeg|MRtrix3?|Convert3D|c3d|3D ?Slicer|ITK-SNAP|QuPath|CellProfiler|ImageJ|Fiji|OpenSlide|"  # noqa: E501
    r"[Ff][Ff]mpeg|HMMER|BLAST\+?|PSI-BLAST|HH-?suite|HHblits|MMseqs2?|MAFFT|DSSP|mkdssp|[Ss]amtools|SAMtools|"  # noqa: E501
    r"[Bb]ed[Tt]ools|BEDTools|[Bb]owtie2?|BWA|GATK|PLINK|Rosetta|GROMACS|AmberTools|PyMOL|Open ?Babel|"  # noqa: E501
    r"AutoDock(?: Vina)?|Gurobi|CPLEX|Workbench|TORTOISE|DSI Studio|Blender|Graphviz|CUDA [Tt]oolkit|"  # noqa: E501
    r"R packages?|Bioconductor|ASAP|MeCab|CoreNLP|Java|NCCL|MSMS|APBS|PDB2PQR|TM-?align|ViennaRNA|RNAfold)\b"  # noqa: E501
)
ASKS = re.compile(
    r"\b(?:install\w*|requires?|required|needs?|needed|depends?|dependenc\w+|must have|make sure|ensure|"  # noqa: E501
    r"prerequisites?|download and)\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"/(?:apex|detectron2|mmdetection|mmcv|mmsegmentation|nnUNet|DCNv2\S*|cocoapi|pointnet2\S*|fairseq|pytorch3d|flownet2\S*|Deformable\S*|tiny-cuda-nn|warp-ctc|openslide\S*)(?:\.git)?/?$",  # noqa: E501
    re.IGNORECASE,
)
ONE_COMMAND = {
    "requirements": "pip install -r {path}",
    "conda": "conda env create -f {path}",
    "conda-lock": "conda-lock install {path}",
    "pipfile": "pipenv sync",
    "poetry": "poetry install",
    "pdm": "pdm sync",
    "uv": "uv sync",
    "pylock": "pip install -r {path}",
    "pixi": "pixi install",
    "nix": "nix develop",
    "docker": "docker build -f {path} .",
    "renv": 'Rscript -e "renv::restore()"',
    "r-description": 'Rscript -e "remotes::install_deps()"',
    "r-script": "Rscript {path}",
    "setup": "pip install .",
    "pyproject": "pip install .",
    "script": "bash {path}",
    "make": "make",
    "julia": 'julia --project -e "import Pkg; Pkg.instantiate()"',
}


def readme_steps(text: str) -> list[Step]:
    """The commands of a README that install something, in their order."""
    lines = readme_lines(text)
    found: list[Step] = []
    between: list[str] = []
    seen: set[str] = set()
    for line in lines:
        new = [one for command in _commands(line) for one in installs(command)]
        between.append(_aside_text(line, new))
        for one in new:
            if one.command in seen or one.what == "empty":
                continue
            seen.add(one.command)
            found.append(_step(one, line, "\n".join(between[-12:]), found))
            between.clear()
    return found


def _aside_text(line: ReadmeLine, new: list[Install]) -> str:
    """What a line says besides the commands in it."""
    text = line.text
    for one in new:
        text = text.replace(one.command, " ")
    return text if not line.code or "#" in text or not new else re.sub(r"^[^#]*", "", text)


def _step(one: Install, line: ReadmeLine, between: str, before: list[Step]) -> Step:
    optional = bool(OPTIONAL.search(between) or ELSEWHERE.search(line.heading))
    last = before[-1] if before else None
    alternative = bool(last) and bool(ALTERNATIVE.search(between) or _other_method(last, line))
    return Step(one, line.number, line.heading, line.section, optional, alternative)


def _other_method(last: Step, line: ReadmeLine) -> bool:
    """Whether two headings name two ways, such as "Using pip" and "Using conda"."""
    if last.section == line.section or STEPPED.search(line.heading):
        return False
    ways = [set(map(str.lower, METHOD.findall(text))) for text in (last.heading, line.heading)]
    return all(ways) and ways[0] != ways[1]


def one_command(
    dependencies: Dependencies,
    imported: Imported,
    readme_text: str,
    readme_path: str = "README.md",
    wrappers: Mapping[str, str] | None = None,
) -> OneCommand:
    """The ways to install everything, and what speaks against each, the best first.

    `wrappers` maps a command of the repository's own to the lock that it installs.
    """
    steps = readme_steps(readme_text)
    notes = _readme_signs(readme_text, readme_path)
    build = _Routes(dependencies, imported, readme_path, notes)
    routes = [build.wrapper(*pair) for pair in (wrappers or {}).items()]
    routes += [build.told(group) for group in _groups(steps)]
    named = {path for route in routes for path in route.files}
    routes = [route for route in routes if route.command]
    routes += [
        build.possible(file, bool(routes))
        for file in _installable(dependencies, imported)
        if file.path not in named
    ]
    if not routes:
        routes = [build.nothing()]
    return OneCommand(tuple(sorted(routes, key=_cost)), tuple(steps))


def _cost(route: Route) -> tuple:
    return len(route.strong), len(route.missing), not route.told, len(route.against)


def _installable(dependencies: Dependencies, imported: Imported) -> list[DependencyFile]:
    return [file for file in _scope(dependencies, imported) if file.kind in ONE_COMMAND]


def _groups(steps: list[Step]) -> list[list[Step]]:
    """Steps that follow each other, apart from those that stand for each other."""
    groups: list[list[Step]] = [[]]
    images: list[Step] = []
    for step in steps:
        if step.install.what == "image":
            # `docker run` starts what `docker build` made: no second installation.
            if not images:
                images.append(step)
            continue
        if step.alternative and any(one.install.what != "clone" for one in groups[-1]):
            groups.append([])
        groups[-1].append(step)
    return [group for group in (*groups, images) if group]


class _Routes:
    """Makes routes: what a command covers, and what speaks against it."""

    def __init__(
        self, dependencies: Dependencies, imported: Imported, readme: str, notes: list[Sign]
    ) -> None:
        self.dependencies, self.imported = dependencies, imported
        self.readme, self.notes = readme, notes

    def wrapper(self, command: str, lock: str) -> Route:
        """A route by the repository's own command, which installs what a lock lists."""
        file = self.dependencies.find(lock)
        return self._route(command, [file] if file else [], [], [], ())

    def possible(self, file: DependencyFile, others: bool) -> Route:
        """A route that README does not tell, though a file makes it possible."""
        command = ONE_COMMAND[file.kind].format(path=file.path)
        note = f"README does not say `{command}`" if others else "README gives no command"
        signs = [Sign("not-told", note, self.readme, None, strong=False)]
        signs += self._notes(file.kind == "docker")
        return replace(self._route(command, [file], [], signs, ()), told=False)

    def nothing(self) -> Route:
        """No file, no command."""
        sign = Sign("no-file", "no file lists what has to be installed")
        return self._route(None, [], [], [sign, *self.notes], ())

    def told(self, steps: list[Step]) -> Route:
        """A route that README tells, step by step."""
        real = [step for step in steps if self._is_real(step)]
        light = [step for step in real if step.optional or self._is_light(step)]
        heavy = [step for step in real if step not in light] or light[:1]
        if not heavy:
            return self._route(None, [], [], [], tuple(steps))
        main = max(heavy, key=self._reach)
        files, signs = self._files_of(main)
        signs += [self._extra(step, main, step in heavy) for step in real if step is not main]
        signs += self._outside(steps)
        signs += self._notes(main.install.what == "image")
        if main.install.what == "image" and not files:
            return self._sealed(main, signs, tuple(steps))
        return self._route(main.command, files, self._packages(main), signs, tuple(steps))

    def _sealed(self, main: Step, signs: list[Sign], steps: tuple[Step, ...]) -> Route:
        """A finished image: nobody can tell from here what it holds."""
        sign = Sign(
            "image",
            "what the image holds is not in the files",
            self.readme,
            main.line,
            strong=False,
        )
        return Route(main.command, (), (), (*signs, sign), steps)

    def _is_real(self, step: Step) -> bool:
        """Whether a step installs packages of the analysis."""
        one = step.install
        if one.what == "packages" and all(p.name in self._own for p in one.packages):
            return True
        return one.what in ("packages", "file", "project", "image", "workflow") or (
            one.what == "script" and any(self.dependencies.find(name) for name in one.files)
        )

    @cached_property
    def _own(self) -> set[str]:
        return {file.project for file in self.dependencies.files if file.project}

    def _is_light(self, step: Step) -> bool:
        names = {one.name for one in step.install.packages}
        return step.install.what == "packages" and names <= LIGHT

    def _reach(self, step: Step) -> tuple[int, bool]:
        files, _ = self._files_of(step)
        asked = [*self.dependencies.requirements(*files), *self._packages(step)]
        held = [one for one in standings(asked, self.imported) if one.status != "missing"]
        return len(held), step.install.what in ("file", "image")

    def _packages(self, step: Step) -> list[Requirement]:
        kind = "readme"
        return [
            Requirement(p.name, p.exact, p.specifier, self.readme, step.line, kind)
            for p in step.install.packages
        ]

    def _files_of(self, step: Step) -> tuple[list[DependencyFile], list[Sign]]:
        """The files that a step installs, and a sign where it names one that does not exist."""
        one = step.install
        if one.what == "workflow":
            return [file for file in self.dependencies.main if file.kind.startswith("conda")], []
        if one.what == "packages" and any(p.name in self._own for p in one.packages):
            return [
                file
                for file in self.dependencies.files
                if file.project in {p.name for p in one.packages}
            ], []
        found = [file for name in one.files if (file := self.dependencies.find(name))]
        if one.what == "file" and one.files and not found and not self._exists(one.files):
            note = f"`{step.command[:80]}` names a file that is not here"
            return [], [Sign("file-missing", note, self.readme, step.line)]
        return found, []

    def _exists(self, names: tuple[str, ...]) -> bool:
        ends = {path.rpartition("/")[2].lower() for path in self.dependencies.paths}
        return any(posixpath.basename(name.strip("'\"")).lower() in ends for name in names)

    def _extra(self, step: Step, main: Step, heavy: bool) -> Sign:
        own = step.install.what == "project" or main.install.what == "project"
        kind = "own-package" if own else "second-command"
        note = f"besides `{main.command[:60]}`, README asks for `{step.command[:60]}`"
        empty = own and not any(file.requirements for file in self._files_of(step)[0])
        strong = (
            heavy and not step.optional and not (own and (empty or step.install.what == "project"))
        )
        return Sign(kind, note, self.readme, step.line, strong)

    def _outside(self, steps: list[Step]) -> list[Sign]:
        """System packages, other projects' sources and things to compile."""
        signs = []
        clones = 0
        for step in steps:
            one = step.install
            if one.what == "system" and not self._inside_image(steps):
                names = ", ".join(p.name for p in one.packages[:4])
                signs.append(
                    Sign(
                        "system",
                        f"needs {one.installer}: {names}",
                        self.readme,
                        step.line,
                        not step.optional,
                    )
                )
            elif one.what == "clone":
                clones += 1
                if OTHERS.search(one.files[0]) or clones > 1:
                    strong = bool(OTHERS.search(one.files[0])) and not step.optional
                    signs.append(
                        Sign(
                            "clone",
                            f"another project by hand: {one.files[0]}",
                            self.readme,
                            step.line,
                            strong,
                        )
                    )
            elif one.what == "build":
                signs.append(
                    Sign(
                        "build",
                        f"something to compile: `{step.command[:60]}`",
                        self.readme,
                        step.line,
                        False,
                    )
                )
        return signs

    def _inside_image(self, steps: list[Step]) -> bool:
        return any(step.install.what == "image" for step in steps)

    def _notes(self, image: bool) -> list[Sign]:
        return [] if image else self.notes

    def _route(
        self,
        command: str | None,
        files: list[DependencyFile],
        packages: list[Requirement],
        signs: list[Sign],
        steps: tuple[Step, ...],
    ) -> Route:
        asked = [*self.dependencies.requirements(*files), *packages]
        found = standings(asked, self.imported)
        names = {one.name for one in asked}
        signs = [self._weigh(sign, names, found) for sign in signs]
        missing = (
            [] if command is None else [_absent(one) for one in found if one.status == "missing"]
        )
        return Route(
            command, tuple(file.path for file in files), tuple(found), (*signs, *missing), steps
        )

    def _weigh(self, sign: Sign, names: set[str], found: list[Standing]) -> Sign:
        """A tool or framework that the command itself brings is no more than a hint."""
        if sign.kind == "framework-apart":
            word = sign.note.rpartition(" ")[2]
            held = distributions({"pytorch": "torch"}.get(word, word)) & names
            return replace(sign, strong=sign.strong and not held)
        if sign.kind == "tool" and canonical(sign.note.rpartition(": ")[2]) in names:
            return replace(sign, strong=False)
        return sign


def _absent(one: Standing) -> Sign:
    kind = "framework-missing" if one.tier == "framework" else "missing"
    strong = one.tier in ("framework", "core")
    return Sign(
        kind,
        f"{one.name} is imported, and the command does not bring it",
        one.path,
        one.line,
        strong,
    )


def _readme_signs(text: str, path: str) -> list[Sign]:
    """Frameworks and tools that README's prose sends people elsewhere for."""
    signs: dict[tuple[str, str], Sign] = {}
    for line in readme_lines(text):
        if line.code or ELSEWHERE.search(line.heading):
            continue
        wanted = bool(REQUIRING.search(line.heading))
        optional = bool(OPTIONAL.search(line.text))
        apart = APART.search(line.text) or (wanted and APART_LINK.search(line.raw))
        if apart and "requirements.txt" not in line.text:
            word = canonical(next((group for group in apart.groups() if group), "pytorch"))
            sign = Sign(
                "framework-apart",
                f"README sends people elsewhere for {word}",
                path,
                line.number,
                not optional,
            )
            signs.setdefault(("apart", word), sign)
        asks = ASKS.search(line.text)
        for tool in TOOLS.findall(line.text) if asks or (wanted and len(line.text) < 60) else ():
            optional = optional or bool(re.search(r"\bif\b|CUDA", line.text))
            strong = bool(asks) and not optional and tool not in ("Java", "Graphviz", "Blender")
            sign = Sign(
                "tool",
                f"to be installed by hand: {tool}",
                path,
                line.number,
                strong or (wanted and not optional),
            )
            signs.setdefault(("tool", tool.lower()), sign)
        if wanted and re.search(r"\bcuda\b|\bcudnn\b", line.text, re.IGNORECASE):
            sign = Sign("cuda", "names a version of CUDA", path, line.number, False)
            signs.setdefault(("cuda", ""), sign)
    return list(signs.values())
