"""All dependency files of a repository, and what they ask for together."""

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from gold_standard.check.dependencies.asked import (
    MOST_FILES,
    DependencyFile,
    Imported,
    Requirement,
    Standing,
)
from gold_standard.check.dependencies.files import (
    CONDA_LIST,
    Page,
    read_conda_file,
    read_description,
    read_docker,
    read_julia,
    read_julia_lock,
    read_names_and_versions,
    read_nix,
    read_notebook,
    read_pipfile,
    read_pipfile_lock,
    read_pixi,
    read_pyproject,
    read_r_script,
    read_records,
    read_renv,
    read_requirements,
    read_session_info,
    read_setup_cfg,
    read_setup_py,
    read_shell_script,
    read_simple_list,
)
from gold_standard.check.dependencies.readme import read_readme
from gold_standard.check.distributions import (
    UNLISTED,
    distributions,
    formerly,
    implied,
    is_standard,
    tier,
)
from gold_standard.check.tree import Tree


class Kind(NamedTuple):
    kind: str
    pattern: str  # of the whole lower-case path's last part
    read: Callable[[Page], None]


_REQUIRED = r"requirements?|requires?|reqs?|dependenc(?:y|ies)|constraints?"
KINDS = (
    Kind("conda-lock", r"(?:.*[-_.])?conda[-_]lock\.ya?ml", read_names_and_versions),
    Kind("conda", r".*(?:environment|conda|requirements?|_env|-env|^env).*\.ya?ml|env\.ya?ml", read_conda_file),  # noqa: E501
    Kind("conda", r".*(?:spec[-_]?(?:file|list)|conda[-_](?:list|env|spec|packages)|explicit).*\.(?:txt|lock)", read_requirements),  # noqa: E501
    Kind("requirements", rf"(?:.*[-_. ])?(?:{_REQUIRED}|pip[-_ ]?(?:freeze|list|packages|requirements?|requires?))(?:[-_. \d].*)?\.(?:txt|in|lock|pip|list)", read_requirements),  # noqa: E501
    Kind("requirements", r"requirements?", read_requirements),
    Kind("requirements", r"(?:.*[-_])?(?:packages?|env(?:ironment)?|versions?|package[-_]list|modules|libs?)(?:[-_]\w*)?\.txt", read_simple_list),  # noqa: E501
    Kind("pipfile", r"pipfile", read_pipfile),
    Kind("pipfile", r"pipfile\.lock", read_pipfile_lock),
    Kind("pyproject", r"pyproject\.toml", read_pyproject),
    Kind("poetry", r"poetry\.lock", read_names_and_versions),
    Kind("pdm", r"pdm\.lock", read_names_and_versions),
    Kind("uv", r"uv\.lock", read_names_and_versions),
    Kind("pylock", r"pylock(?:\.[\w-]+)?\.toml", read_names_and_versions),
    Kind("pixi", r"pixi\.toml", read_pixi),
    Kind("pixi", r"pixi\.lock", read_names_and_versions),
    Kind("setup", r"setup\.py", read_setup_py),
    Kind("setup", r"setup\.cfg", read_setup_cfg),
    Kind("docker", r"(?:.*\.)?(?:docker|container)file(?:[-_.].*)?|singularity(?:[-_.].*)?|.*\.def|apptainer(?:[-_.].*)?", read_docker),  # noqa: E501
    Kind("nix", r"(?:flake|default|shell)\.nix|.*env\w*\.nix", read_nix),
    Kind("renv", r"renv\.lock", read_renv),
    Kind("renv", r"packrat\.lock", read_records),
    Kind("r-description", r"description", read_description),
    Kind("r-session", r".*session[-_]?info.*\.(?:txt|md|log)", read_session_info),
    Kind("r-script", r".*(?:install|requirement|dependenc|packages|setup|libraries).*\.r", read_r_script),  # noqa: E501
    Kind("julia", r"(?:julia)?project\.toml", read_julia),
    Kind("julia", r"(?:julia)?manifest\.toml", read_julia_lock),
    Kind("script", r".*(?:install|setup|env|requirements|dependenc|prepare|bootstrap).*\.(?:sh|bash)|postbuild", read_shell_script),  # noqa: E501
    Kind("make", r"makefile|justfile", read_shell_script),
    Kind("notebook", r".*\.ipynb", read_notebook),
    Kind("readme", r"(?:readme|requirements?|install(?:ation|ing)?)(?:[-_.]\w+)?(?:\.(?:md|rst|txt|markdown|org))?", read_readme),  # noqa: E501
)  # fmt: skip
_PATTERNS = tuple(re.compile(one.pattern) for one in KINDS)
_ANY = re.compile("|".join(f"(?:{one.pattern})" for one in KINDS))  # most files are of no kind
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
CONDA_SIGN = re.compile(r"^(?:channels|name|prefix)\s*:|^[ \t]*-\s*(?:python|pip)\b", re.MULTILINE)


def kind_of(path: str) -> Kind | None:
    """The kind of dependency file that a path's name promises, if any."""
    name = path.rpartition("/")[2].lower()
    if (name.endswith((".py", ".r", ".ipynb")) or name.count(".") < 6) and _ANY.fullmatch(name):
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


def _is_conda(text: str, sure: bool = False) -> bool:
    """Whether a text is for conda; `sure`: by one more sign, for other tools list so, too."""
    if CONDA_LIST.search(text[:1000]):
        return True
    return bool(CONDA_BODY.search(text)) and (not sure or bool(CONDA_SIGN.search(text)))


def _by_name(kind: str) -> Kind:
    return next(one for one in KINDS if one.kind == kind)


def _candidates(tree: Tree) -> list[tuple[str, Kind]]:
    """Files whose names say what they are, and conda files under any name, the topmost first."""
    found = [
        (path, kind)
        for path in tree.paths
        if not path.startswith(tree.foreign) and (kind := kind_of(path))
    ]  # noqa: E501
    named = {path for path, _ in found}
    some = [p for p in tree.ending(".yml", ".yaml") if p not in named and p.count("/") < 3]
    looked = [p for p in some[:300] if tree.sizes.get(p, 0) < 200_000]
    found += [(path, _by_name("conda")) for path in looked if _is_conda(tree.text(path))]
    return sorted(found, key=lambda one: (one[1].kind == "notebook", one[0].count("/"), one[0]))


def _read(tree: Tree, path: str, kind: Kind) -> DependencyFile | None:
    """What one file says; None where it says nothing, or is something else by that name."""
    if kind.kind == "readme" and (path.count("/") > 1 or tree.sizes.get(path, 0) > 500_000):
        return None
    page = Page(tree, path, kind.kind)
    if not page.text or (
        path.endswith((".yml", ".yaml"))
        and kind.read is read_conda_file
        and not _is_conda(page.text, sure=True)
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
    brought |= {old for n, one in plain.items() if (old := formerly(n, one.specifier))}
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
