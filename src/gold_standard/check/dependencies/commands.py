"""Commands that install something, in READMEs, containers, notebooks and scripts."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from gold_standard.check.dependencies.asked import LONGEST_LINE, Package
from gold_standard.check.dependencies.packages import conda_package, package
from gold_standard.check.distributions import canonical


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
CONDA = re.compile(
    r"(?<![\w-])(?:micromamba|mamba|[Cc]onda)\s+(env\s+)?(install|create|update)\b(.*)"
)
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
    r"((?:[\w./-]*/)?[\w.-]*(?:install|setup|env|requirements|dependenc|prepare(?!\w*\.py))[\w.-]*\.(?:sh|bash|R|r|py|bat))\b"  # noqa: E501
)


def installs(line: str) -> list[Install]:
    """The commands of a shell line that install something, in their order."""
    line = line[:LONGEST_LINE]
    if found := install_in_r(line) or _whole(line):
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


OF_A_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")


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
    if files and not (project and "." in match[2].split()):
        return Install(text, "pip", "file", tuple(real), tuple(files))
    if files:
        return Install(text, "pip", "file", tuple(real), (*files, *OF_A_PROJECT))
    if real or not project:
        return Install(text, "pip", "packages" if real else "empty", tuple(real))
    return Install(text, "pip", "project", (), OF_A_PROJECT)


def _conda(text: str) -> Install | None:
    match = CONDA.search(text)
    if not match:
        return None
    packages, files = [], []
    for flag, value in _arguments(match[3], CONDA_VALUES):
        value = value.strip("{}")  # a choice, such as {cpu.yml|gpu.yml}
        if flag in ("-f", "--file"):
            files += value.split("|")
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


def install_in_r(text: str) -> Install | None:
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
    if starts and (match := SCRIPT.search(text[:500])):
        return Install(text, "script", "script", (), (match[1],))
    if re.search(
        r"^make\s+(?:\w*env\w*|\w*install\w*|setup|requirements|\w*dep\w*|venv|build)\b", text
    ):
        return Install(text, "make", "script", (), ("Makefile",))
    return None


def _build(text: str) -> Install | None:
    if re.match(
        r"(?:sudo\s+)?(?:make\s*(?:-j\S*\s*)?$|make\s+-C|cmake\b|\./configure\b|nvcc\b|(?:(?:ba)?sh\s+|\./)\S*(?:make|compile|build)\S*\.sh)",  # noqa: E501
        text,
    ):
        return Install(text, "build", "build")
    return None
