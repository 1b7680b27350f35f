"""What the code of a repository says: imports, calls, flags; read as text, never imported or run."""

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from gold_standard.check.distributions import CLASSIC, CORE, DEEP
from gold_standard.check.tree import Tree, path_ends
from gold_standard.check.verdicts import Evidence

T = TypeVar("T", frozenset, int)  # what is joined by |
MOST_CODE = 3_500_000  # bytes of Python that are parsed; the files nearest to the top come first
MOST_OF_ONE = 1_000_000  # bytes of one file of Python: what is longer was not written by anybody
# Code that came from elsewhere, or that no result depends on.
ASIDE = re.compile(
    r"(^|/)(third_?party|external|externals|vendor|vendored|deps|docs?|tests?|testing|unit_?tests?|\.github"
    r"|benchmarks?/asv)/|(^|/)(setup|conftest|versioneer|conf|jupyter_\w+_config)\.py$",
    re.IGNORECASE,
)
# Folders of methods of others, and of what was tried and is no part of the work.
OF_OTHERS = re.compile(r"(?:^|/)(?:baselines?|comparisons?|competitors?|other_methods|playground|sandbox|scratch|exploratory|archived?|deprecated|old)/", re.I)  # fmt: skip
TEST_FILE = re.compile(r"(^|/)test_[^/]*\.py$")
# Names that a repository's own modules bear; imported and not there, a file is missing.
OWN_NAMES = {
    "config", "configs", "core", "data", "data_loader", "dataloader", "dataloaders", "dataset",
    "datasets_", "engine", "eval", "evaluate", "evaluation", "helper", "helpers", "layers", "lib",
    "loss", "losses", "metric", "metrics", "model", "modeling", "models", "modules", "net",
    "network", "networks", "nets", "opts", "options", "preprocess", "preprocessing", "scripts",
    "solver", "src", "trainer", "trainers", "train", "training", "unet", "util", "utils", "utilities",
    "visualization", "utilis",
}  # fmt: skip
OWN_NAME = re.compile(r"(?:data|model|util|helper|train|loss|metric|net|config|constant)s?_(?:load\w*|sets?|utils?|helpers?|process\w*|train|test|net\w*|parser|functions?)|constants|train_test|my_?\w{0,20}(?:utils?|data|model|loss)|common_utils|\w{1,20}_dataloaders?")  # fmt: skip


KNOWN_WELL = DEEP | CLASSIC | CORE


def own_name(top: str) -> bool:
    """Whether a name is one that people give to modules of their own."""
    return top.lower() in OWN_NAMES or bool(OWN_NAME.fullmatch(top.lower()))


UNSET = object()
REQUIRED = object()  # in place of the default of a flag that must be given
MAIN = "__name__ == '__main__'"  # the guard of what runs only when the file is run


@dataclass(frozen=True)
class Call:
    """One call: its dotted name after imports are resolved, its constant arguments, and where."""

    name: str
    line: int
    args: tuple  # constants as they are, else UNSET
    keywords: dict  # name -> constant, else UNSET
    scope: str  # the function it stands in; "" at the top of the file
    guards: tuple[str, ...] = ()  # the tests of the `if`s around it, as text
    reads: tuple[str, ...] = ()  # variables in its arguments; calls as `name()`


class Bound(NamedTuple):
    """One name that gets a value: where, in which function, and what the value is made of."""

    name: str  # dotted
    value: object  # a constant, else UNSET
    line: int
    scope: str
    reads: tuple[str, ...]  # as in a call
    guarded: bool = False  # by an `if`


# What may bind names that nobody can read in the file.
MAKES_NAMES = frozenset({"locals", "globals", "exec", "setattr", "vars"})
# Numbers made up to see whether a network takes them, and what a block does that is more than that.
MADE_UP = re.compile(
    r"(?:torch|numpy|tensorflow|jax)\.(?:\w+\.)*(?:rand\w*|zeros|ones|empty|normal|uniform|random_\w+)|torchsummary\..*|torchinfo\..*|thop\..*"
)
WORKS = re.compile(r"(?:.*\.)?(?:\w*(?:save|write|dump|to_csv|train|run|main|fit|evaluate|predict)\w*|backward|step|parse_args|parse_known_args|open|makedirs)", re.IGNORECASE)  # fmt: skip


@dataclass
class Module:
    """One file of Python, or the code cells of one notebook."""

    path: str
    imports: dict[str, int] = field(default_factory=dict)  # dotted -> line
    bases: dict[str, tuple[int, int, tuple[str, ...]]] = field(
        default_factory=dict
    )  # module imported from -> level, line, names
    star: bool = False  # it imports everything from somewhere
    optional: set[str] = field(default_factory=set)  # imported inside a function or a try
    when_run: set[int] = field(
        default_factory=set
    )  # lines of imports that only its own run reaches
    relative: dict[str, int] = field(default_factory=dict)  # relative imports, dotted path -> line
    aliases: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    functions: dict[str, int] = field(default_factory=dict)  # name -> line
    parameters: dict[str, list[str]] = field(default_factory=dict)  # function -> its parameters
    defaults: dict[tuple[str, str], object] = field(default_factory=dict)  # (function, parameter)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name -> bases
    methods: dict[str, int] = field(default_factory=dict)
    handed: set[str] = field(default_factory=set)  # functions that calls and decorators get
    passed: set[tuple[str, str, str]] = field(default_factory=set)  # scope, base, name in a call
    flags: dict[str, tuple[object, int]] = field(default_factory=dict)  # --seed -> default, line
    strings: list[tuple[str, int]] = field(default_factory=list)  # addresses and paths
    assigned: list[Bound] = field(default_factory=list)
    given: list[Bound] = field(default_factory=list)  # keywords of calls that name a seed
    loops: set[tuple[str, str]] = field(default_factory=set)  # scope, name that a loop fills
    names: set[str] = field(default_factory=set)  # every name that is bound at the top
    values: dict[str, object] = field(default_factory=dict)  # names at the top -> constant
    shell: list[tuple[str, int]] = field(default_factory=list)  # `!` lines of a notebook
    text: str = ""  # the code
    main: bool = False
    broken: bool = False  # cannot be parsed
    old: bool = False  # Python 2
    cells: list[int] = field(default_factory=list)  # first line of each code cell

    @property
    def notebook(self) -> bool:
        return self.path.lower().endswith(".ipynb")

    @cached_property
    def elsewhere(self) -> bool:
        """Whether it has Python look for modules in more folders than its own."""
        return any(CHANGES_PATH.fullmatch(call.name) for call in self.calls) or any(
            line.startswith("cd ") for line, _ in self.shell
        )

    @cached_property
    def aside(self) -> bool:
        """Whether no result depends on it; `test_net.py` may be unit tests, or test the network."""
        if ASIDE.search(self.path):
            return True
        if not TEST_FILE.search(self.path):
            return False
        if {"pytest", "unittest"} & {name.split(".")[0] for name in self.imports}:
            return True
        units = [n for n in (*self.functions, *self.classes) if re.match(r"test_|Test[A-Z]", n)]
        return bool(units) and not self.main

    @cached_property
    def works(self) -> bool:
        """Whether its main block does some work."""
        return any(MAIN in call.guards and WORKS.fullmatch(call.name) for call in self.calls)

    @cached_property
    def tried(self) -> bool:
        """Whether its main block only tries what the file defines: made-up numbers, nothing kept."""
        names = [call.name for call in self.calls if MAIN in call.guards]
        made_up = any(MADE_UP.fullmatch(name) for name in names)
        return bool(self.classes) and made_up and not self.works

    def at(self, line: int, note: str) -> Evidence:
        """Evidence in this file; in a notebook by the number of the code cell."""
        if self.notebook:
            cell = sum(first <= line for first in self.cells)
            return Evidence(f"{note} (code cell {cell})", self.path)
        return Evidence(note, self.path, line)

    @cached_property
    def bindings(self) -> dict[tuple[str, str], list[Bound]]:
        """What each name gets, by function; what an object keeps belongs to all its methods."""
        found: dict[tuple[str, str], list[Bound]] = {}
        for bound in self.assigned:
            scope = "self" if bound.name.startswith(("self.", "cls.")) else bound.scope
            found.setdefault((scope, bound.name), []).append(bound)
        return found

    def bound(self, name: str, scope: str) -> list[Bound]:
        """What a name may be in a function; nothing where its caller or a loop gives it."""
        if name.startswith(("self.", "cls.")):
            return self.bindings.get(("self", name), [])
        if (scope, name) in self.loops:
            return []
        inside = self.bindings.get((scope, name), [])
        if name.split(".")[0] in self.parameters.get(scope, ()):
            return [bound for bound in inside if not bound.guarded]  # whatever the caller gives
        return inside or ([] if ("", name) in self.loops else self.bindings.get(("", name), []))

    def full(self, name: str) -> str:
        """A dotted name as its import gives it: np.random.seed is numpy.random.seed."""
        first, _, rest = name.partition(".")
        whole = self.aliases.get(first, first)
        return f"{whole}.{rest}"[:300] if rest else whole[:300]

    def called(self, pattern: str) -> list[Call]:
        """Calls whose whole dotted name fits."""
        fits = re.compile(pattern).fullmatch
        return [call for call in self.calls if fits(call.name)]


# Decorators that change a function, and run it no sooner.
CHANGES_ONLY = re.compile(r"(?:classmethod|staticmethod|property|contextmanager|no_grad|inference_mode|wraps|cache|abstractmethod|n?jit|function|setter|overload)(?:\(\))?$")  # fmt: skip
CHANGES_PATH = re.compile(r"sys\.path\.(?:append|insert|extend)|site\.addsitedir|os\.chdir")
# What every notebook's kernel brings, or the service on which it runs.
OF_A_KERNEL = re.compile(r"(?:IPython|google\.colab)\b")


OBJECTIVE_C = re.compile(r"^@(?:interface|implementation)|^[ \t]*#import", re.MULTILINE)


@dataclass
class Code:
    """All code of a repository."""

    modules: list[Module]
    others: dict[str, str]  # R, MATLAB, Julia, shell: path -> text
    skipped: int  # Python files beyond what is read
    paths: frozenset[str] = frozenset()  # of all files

    def __post_init__(self) -> None:
        self.by_path = {module.path: module for module in self.modules}
        self.main = [module for module in self.modules if not module.aside]
        if not self.main:
            self.main = self.modules
        self.local = self._local_names()
        self._resolved: dict[tuple[str, str], Module | None] = {}
        self._imported: dict[str, list[Module]] = {}
        self._kept: dict[str, dict[str, frozenset]] = {}
        self._tails: dict[
            str, Module
        ] = {}  # a/b/c.py by "b/c" and "c", the nearest to the top first
        self._tops = {path.removesuffix(".py") for path in self.by_path}
        for path in self.by_path:
            parts = path.split("/")
            self._tops.update("/".join(parts[:count]) for count in range(1, len(parts)))
        self._places: set[str] = set()  # every run of folders and names, without the ending
        for module in self.modules:
            parts = module.path.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(1, len(parts)):
                self._tails.setdefault("/".join(parts[start:]), module)
        for path in self.paths:
            parts = path.split("/")
            parts[-1] = parts[-1].split(".")[0]
            for start in range(max(0, len(parts) - 6), len(parts)):
                self._places.update("/".join(parts[start:end]) for end in range(start + 1, len(parts) + 1))  # fmt: skip

    @cached_property
    def ends(self) -> set[str]:
        """Every path of code, and each without its first folders."""
        return {end for path in self.paths for end in path_ends(path)}

    def imported(self) -> dict[str, tuple[str, int]]:
        """Top-level names that the analysis imports, with the first place."""
        found: dict[str, tuple[str, int]] = {}
        for module in self.main:
            if OF_OTHERS.search(module.path):
                continue  # what one's work is compared with
            for name, line in module.imports.items():
                comes = module.notebook and OF_A_KERNEL.match(name)
                if line in module.when_run and module.path in self.used and not module.works:
                    continue  # a module that only shows itself
                if (name not in module.optional or module.notebook) and not comes:
                    found.setdefault(name.split(".")[0], (module.path, line))
        return found

    @cached_property
    def mostly_python(self) -> bool:
        """Whether there are four files of Python or more to one of R."""
        in_r = sum(path.lower().endswith((".r", ".rmd", ".qmd")) for path in self.others)
        return len(self.main) >= 4 * in_r

    @cached_property
    def dated_r(self) -> bool:
        """Whether R takes all its packages as they were on one day."""
        return any(DATED_R.search(text) for path, text in self.others.items() if path.lower().endswith((".r", ".rmd", ".qmd")))  # fmt: skip

    def in_matlab(self) -> list[str]:
        """Scripts of MATLAB that belong to the work; Objective-C has the same ending."""
        return [
            path
            for path, text in self.others.items()
            if path.lower().endswith(".m")
            and not ASIDE.search(path)
            and not OBJECTIVE_C.search(text)
        ]

    def in_r(self) -> dict[str, tuple[str, int]]:
        """Packages that the R code loads, with the first place; those that come with R left out."""
        found: dict[str, tuple[str, int]] = {}
        for path, text in self.others.items():
            if path.lower().endswith((".r", ".rmd", ".qmd")) and not ASIDE.search(path):
                for number, line in enumerate(text.splitlines(), start=1):
                    if len(line) < 1000 and not line.lstrip().startswith("#"):
                        for name in re.findall(
                            r"(?:library|require|requireNamespace)\(\s*['\"]?([A-Za-z][\w.]+)", line
                        ):
                            if name not in WITH_R:
                                found.setdefault(name, (path, number))
        return found

    def _local_names(self) -> set[str]:
        names = set()
        for module in self.modules:
            names.update(PurePosixPath(module.path).with_suffix("").parts)
        return names

    def resolve(self, module: Module, dotted: str) -> Module | None:
        """The repository's own module that an import means, None for a package from elsewhere."""
        key = (module.path.rpartition("/")[0], dotted)
        if key not in self._resolved:
            self._resolved[key] = self._find(*key)
        found = self._resolved[key]
        if found is None and module.elsewhere and dotted.split(".")[0] in self.local:
            found = self._tails.get(dotted.replace(".", "/"))
            found = found or self._tails.get(dotted.rpartition(".")[0].replace(".", "/"))
        return None if found is module else found

    def _find(self, folder: str, dotted: str) -> Module | None:
        if dotted.split(".")[0] not in self.local:
            return None
        parts = dotted.split(".")
        above = folder.split("/") if folder else []
        starts = ["/".join([*above[:count], ""]) for count in range(len(above), -1, -1)] + ["src/"]
        for count in range(len(parts), 0, -1):
            tail = "/".join(parts[:count])
            for start in starts:
                for end in (".py", "/__init__.py"):
                    found = self.by_path.get(f"{start}{tail}{end}")
                    if found is not None:
                        return found
            if count == len(parts) and count > 1 and tail in self._tails:
                return self._tails[tail]
        return None

    def reach(self, module: Module) -> Iterator[Module]:
        """A module and what it imports of the repository, and what these import.

        Whoever asks this of every module needs time that grows with their square: see `over_reach`.
        """
        found, waiting = {module.path}, [module]
        yield module
        while waiting:
            for other in self._next(waiting.pop()):
                if other.path not in found:
                    found.add(other.path)
                    waiting.append(other)
                    yield other

    def reached(self, modules: Iterable[Module]) -> set[str]:
        """The paths of modules and of all that they reach."""
        found, waiting = set(), list(modules)
        while waiting:
            present = waiting.pop()
            if present.path not in found:
                found.add(present.path)
                waiting += self._next(present)
        return found

    def over_reach(self, own: Callable[[Module], T], nothing: T) -> dict[str, T]:
        """By path what a module and all that it reaches have together: `own` of each, joined by |."""
        found: dict[str, T] = {}
        for group in self.groups:
            whole = nothing
            for module in group:
                whole |= own(module)
                for other in self._next(module):
                    whole |= found.get(other.path, nothing)
            found.update(dict.fromkeys((module.path for module in group), whole))
        return found

    def kept(self, name: str, own: Callable[[Module], frozenset]) -> dict[str, frozenset]:
        """The same as `over_reach`, kept under a name for those who ask for one module at a time."""
        if name not in self._kept:
            self._kept[name] = self.over_reach(own, frozenset())
        return self._kept[name]

    def handed_down(self, own: dict[str, T], nothing: T) -> dict[str, T]:
        """By path what a module and all that reach it have together: `own` of each, joined by |."""
        found = dict(own)
        for group in reversed(self.groups):
            whole = nothing
            for module in group:
                whole |= found.get(module.path, nothing)
            for module in group:
                found[module.path] = whole
                for other in self._next(module):
                    found[other.path] = found.get(other.path, nothing) | whole
        return found

    @cached_property
    def groups(self) -> list[list[Module]]:
        """Modules that import each other in a circle together, and after all that they import.

        Tarjan's algorithm, with a stack of its own: imports may go deeper than Python's.
        """
        number: dict[str, int] = {}
        low: dict[str, int] = {}
        open_: list[Module] = []
        done: list[list[Module]] = []
        closed: set[str] = set()
        for first in self.modules:
            calls = [] if first.path in number else [(first, iter(self._next(first)))]
            while calls:
                module, rest = calls[-1]
                path = module.path
                if path not in number:
                    number[path] = low[path] = len(number)
                    open_.append(module)
                for other in rest:
                    if other.path not in number:
                        calls.append((other, iter(self._next(other))))
                        break
                    if other.path not in closed:
                        low[path] = min(low[path], number[other.path])
                else:
                    calls.pop()
                    if calls:
                        above = calls[-1][0].path
                        low[above] = min(low[above], low[path])
                    if low[path] == number[path]:
                        start = next(i for i in range(len(open_) - 1, -1, -1) if open_[i] is module)
                        done.append(open_[start:])
                        del open_[start:]
                        closed.update(one.path for one in done[-1])
        return done

    @cached_property
    def used(self) -> set[str]:
        """The paths of modules that another one of the analysis reaches."""
        # Two of those that reach a module are enough to know one that is not the module itself.
        by: dict[str, set[str]] = {module.path: {module.path} for module in self.main}
        waiting = list(self.main)
        while waiting:
            present = waiting.pop()
            for other in self._next(present):
                known = by.setdefault(other.path, set())
                new = by[present.path] - known
                if new and len(known) < 2:
                    known.update(sorted(new)[: 2 - len(known)])
                    waiting.append(other)
        return {path for path, found in by.items() if found - {path}}

    @cached_property
    def defined(self) -> set[str]:
        """The names of all functions."""
        return {name for module in self.modules for name in module.functions}

    def imports_of(self, module: Module) -> list[Module]:
        """The repository's own modules that a module imports itself."""
        return self._next(module)

    def _next(self, module: Module) -> list[Module]:
        """The repository's own modules that a module imports itself."""
        if module.path not in self._imported:
            names = dict.fromkeys([*module.imports, *module.relative])
            for name in list(names):  # what a package holds is imported after the package itself
                parts = name.split(".")[:-1]
                names |= dict.fromkeys(".".join(parts[: n + 1]) for n in range(len(parts)))
            self._imported[module.path] = [m for n in names if (m := self.resolve(module, n))]
        return self._imported[module.path]

    def missing(self, module: Module, declared: set[str]) -> list[tuple[str, int]]:
        """Imports of the repository's own modules, or of names in them, that do not exist."""
        lost = []
        for base, (level, line, names) in module.bases.items():
            found = self._lost_base(module, base.lstrip("."), level, names, declared)
            if found:
                lost.append((found, line))
        for name, line in module.imports.items():
            top = name.split(".")[0]
            own = own_name(top) and name not in module.optional
            if (
                own
                and top not in declared
                and top not in self.local
                and not self.resolve(module, name)
            ):
                lost.append((name, line))
        return list(dict.fromkeys(lost))

    def _lost_base(self, module: Module, base: str, level: int, names: tuple[str, ...], declared: set[str]) -> str | None:  # fmt: skip
        """What of `from base import names` is not here; None where all is, or nobody can tell."""
        top = base.split(".")[0]
        if not level and (top in declared or top not in self.local and not own_name(top)):
            return None  # a package from elsewhere
        if not level and top in KNOWN_WELL and not own_name(top):
            return None  # so is this, whatever a file beside it is called
        if "__init__.py" in self.by_path and self._is_package(base.partition(".")[2] or top):
            return None  # the repository is the package, and has its name where it is cloned
        if not base:
            return None
        target = self.resolve(module, base)
        if target is None or not _is_module(target.path, base):
            inside = level or "." in base or own_name(top)
            return base if inside and not self._is_package(base) and (level or self._beside(module, top)) else None  # fmt: skip
        if target.broken or target.star or "__getattr__" in target.functions:
            return None
        if any(call.name in MAKES_NAMES for call in target.calls):
            return None
        known = {
            *target.functions,
            *target.classes,
            *target.aliases,
            *target.values,
            *target.names,
            "*",
        }
        for name in names:
            if (
                name not in known
                and not self.resolve(target, name)
                and not self._is_package(f"{base}.{name}")
            ):
                return f"{base}.{name}"
        return None

    def _beside(self, module: Module, top: str) -> bool:
        """Whether the top of an import is a folder or file that this module would find."""
        folder = str(PurePosixPath(module.path).parent)
        places = {"", f"{folder}/" if folder != "." else ""}
        return own_name(top) or any(f"{place}{top}" in self._tops for place in places)

    def _is_package(self, name: str) -> bool:
        return name.replace(".", "/") in self._places


def _is_module(path: str, dotted: str) -> bool:
    tail = dotted.replace(".", "/")
    return f"/{path}".endswith((f"/{tail}.py", f"/{tail}/__init__.py"))


DATED_R = re.compile(r"\bcheckpoint(?:::checkpoint)?\(\s*(?:snapshot\w*\s*=\s*)?[\"']\d{4}-\d\d-\d\d|groundhog\.library\(|/(?:cran|snapshot)/(?:__linux__/\w+/)?\d{4}-\d\d-\d\d")  # fmt: skip
WITH_R = set("base stats utils methods graphics grDevices datasets parallel tools splines grid compiler stats4 tcltk".split())  # fmt: skip


def read(tree: Tree) -> Code:
    """Read all code of a repository, the files nearest to its top first."""
    paths = sorted(tree.ending(".py", ".ipynb"), key=lambda path: (path.count("/"), path))
    modules, left, skipped = [], MOST_CODE, 0
    for path in paths:
        cost = min(tree.sizes[path], 400_000)
        generated = path.lower().endswith(".py") and tree.sizes[path] > MOST_OF_ONE
        if left - cost < 0 or generated:
            skipped += 1
            continue
        text = tree.text(path)
        module = _notebook(path, text) if path.lower().endswith(".ipynb") else _python(path, text)
        left -= min(len(module.text), cost)
        modules.append(module)
    modules += [_python(path, tree.text(path)) for path in _programs(tree)]
    others = {path: tree.text(path) for path in tree.ending(*OTHERS)[:2000]}
    kinds = (".py", ".ipynb", ".so", ".pyd", ".pyx", ".pyi", ".c", ".cpp", ".cu")
    return Code(modules, others, skipped, frozenset(tree.ending(*kinds)))


SHEBANG = re.compile(rb"#!\s*/\S{1,100}(?:/|\s)python[\d.]*\s")
MOST_PROGRAMS = 200


def _programs(tree: Tree) -> list[str]:
    """Files without an ending that say in their first line that Python runs them."""
    bare = [p for p in tree.paths if "." not in p.rpartition("/")[2] and tree.sizes[p] < 200_000]
    bare.sort(key=lambda path: (path.count("/"), path))
    return [p for p in bare[:2000] if SHEBANG.match(tree.head(p, 120))][:MOST_PROGRAMS]


OTHERS = (
    "snakefile",
    ".r",
    ".rmd",
    ".qmd",
    ".m",
    ".jl",
    ".sh",
    ".bash",
    ".smk",
    ".nf",
    ".lua",
    ".bat",
)


def _notebook(path: str, text: str) -> Module:
    module = Module(path)
    try:
        content = json.loads(text)
        cells = content.get("cells") or content["worksheets"][0]["cells"]
        language = str(
            (content.get("metadata") or {}).get("kernelspec", {}).get("language", "python")
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        module.broken = bool(text.strip())
        return module
    lines: list[str] = []
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        module.cells.append(len(lines) + 1)
        lines += _without_magics(source, len(lines), module)
    module.text = "\n".join(lines)
    if language.lower() not in ("python", "python3", "python2"):
        return module  # an R notebook is read as text
    _visit(module)
    return module


def _without_magics(source: str, before: int, module: Module) -> list[str]:
    lines = []
    if "%" in source and not source.lstrip().startswith("%%") and _is_python(source):
        return source.splitlines()  # a line that begins with % goes on with the one before
    for number, line in enumerate(source.splitlines(), start=before + 1):
        bare = line.strip()
        if bare.startswith(("!", "%")) or bare.endswith("?") and not bare.startswith("#"):
            module.shell.append((bare.lstrip("!%"), number))
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}pass")
        else:
            lines.append(line)
    if source.lstrip().startswith("%%") and not PYTHON_CELL.match(source.lstrip()):
        return ["pass"] * len(lines)  # a cell in another language
    return lines


def _is_python(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


# Magics of a whole cell that leave it a cell of Python.
PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun|memit|mprun|python3?|skip|wandb)\b")


def _python(path: str, text: str) -> Module:
    module = Module(path, text=text)
    _visit(module)
    return module


PRINT = re.compile(r"^(\s*)print\s+(?!\()(.*)$|^(\s*)print\s*$")
EXCEPT = re.compile(r"^(\s*except\s+[\w.() ,]+?),\s*(\w+)\s*:")


ASYNC = re.compile(r"([(,]\s*)async\s*=(?!=)")  # a name of an argument before Python 3.7
OLD = re.compile(r"^[ \t]*print\s+[^(\s=]|^[ \t]*except\s+[\w.]+\s*,\s*\w+\s*:|\bxrange\(|\.iteritems\(\)|\braw_input\(|^[ \t]*exec\s+['\"]", re.MULTILINE)  # fmt: skip


def _parse(text: str) -> ast.Module | None:
    """The syntax tree, of Python 2 as well where little changes make it Python 3."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for attempt in (lambda: text, lambda: _modern(text)):
            try:
                return ast.parse(attempt())
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


def _modern(text: str) -> str:
    lines = []
    for line in text.expandtabs(8).splitlines():
        found = PRINT.match(line)
        if found:
            line = f"{found[1] or found[3] or ''}pass"
        line = EXCEPT.sub(r"\1 as \2:", line)
        line = re.sub(r"\b(0[0-7]+|\d+)L\b", "0", line).replace("<>", "!=")
        line = ASYNC.sub(r"\1async_=", line)
        line = re.sub(r"^(\s*)(exec|raise)\s+[^(].*,.*$", r"\1pass", line)
        lines.append(line)
    return "\n".join(lines)


def _visit(module: Module) -> None:
    tree = _parse(module.text)
    if tree is None:
        module.broken = bool(module.text.strip())
        module.old = bool(OLD.search(module.text))
        _by_lines(module)
        return
    try:
        _Reader(module).body(tree.body, "", ())
    except RecursionError:
        module.broken = True
    _resolve_names(module)


IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w., ]+))")
CALL = re.compile(r"([A-Za-z_][\w.]*)\s*\(")


def _by_lines(module: Module) -> None:
    """Imports and calls of code that cannot be parsed, line by line."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        if len(line) > 500:
            continue
        found = IMPORT.match(line)
        if found:
            for name in (found[1] or found[2]).split(","):
                dotted = name.split(" as ")[0].strip()
                if dotted and not dotted.startswith("."):
                    module.imports.setdefault(dotted, number)
        for name in CALL.findall(line.split("#")[0]):
            module.calls.append(Call(name, number, (UNSET,), {}, ""))


# What is imported where a switch of one's own asks for it.
OPTIONAL = re.compile(
    r"^(?:not )?\(?\w*(?:args?|config|cfg|opts?|options|flags)\b[\w.]*\.(?:use|with|enable)_?\w+\)?$",
    re.I,
)
FIELDS: dict[type, tuple[str, ...]] = {}  # the fields of each kind of node that hold others
EMPTY = {"ctx", "op", "ops", "id", "attr", "arg", "name", "kind", "type_comment", "names", "module", "level", "simple", "is_async", "conversion", "annotation", "returns"}  # fmt: skip


def _fields(kind: type) -> tuple[str, ...]:
    FIELDS[kind] = tuple(name for name in kind._fields if name not in EMPTY)
    return FIELDS[kind]


class _Reader:
    """Walks the statements of one file and notes what it meets."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.trying = 0
        self.inside = False  # a function

    def body(self, nodes: list, scope: str, guards: tuple[str, ...]) -> None:
        for node in nodes:
            self.node(node, scope, guards)

    def node(self, node: ast.AST, scope: str, guards: tuple[str, ...]) -> None:
        kind = type(node)
        if kind in (ast.Import, ast.ImportFrom):
            self.inside = bool(scope)
            if MAIN in guards:
                self.module.when_run.add(node.lineno)
            before = set(self.module.imports)
            self._import(node) if kind is ast.Import else self._import_from(node)
            if scope or self.trying or any(OPTIONAL.search(guard) for guard in guards):
                self.module.optional |= set(self.module.imports) - before
        elif kind is ast.Try:
            self.trying += 1
            self.body(node.body, scope, guards)
            for handler in node.handlers:
                self.body(handler.body, scope, guards)
            self.trying -= 1
            self.body([*node.orelse, *node.finalbody], scope, guards)
            return
        elif kind in (ast.FunctionDef, ast.AsyncFunctionDef):
            self._function(node, scope, guards)
            return
        elif kind is ast.ClassDef:
            self._class(node, scope, guards)
            return
        elif kind is ast.If:
            self._if(node, scope, guards)
            return
        elif kind is ast.Call:
            self._call(node, scope, guards)
        elif kind in (ast.Assign, ast.AnnAssign):
            self._assign(node, scope, bool(guards))
        elif kind in (ast.For, ast.AsyncFor, ast.comprehension):
            self.module.loops |= {(scope, name) for name in _reads(node.target)}
        elif kind is ast.Name and not scope and isinstance(node.ctx, ast.Store):
            self.module.names.add(node.id)
        elif kind is ast.Constant:
            if isinstance(node.value, str) and 3 < len(node.value) < 3000:
                self.module.strings.append((node.value, node.lineno))
            return
        for name in FIELDS.get(kind) or _fields(kind):
            child = getattr(node, name, None)
            if type(child) is list:
                for one in child:
                    if isinstance(one, ast.AST):
                        self.node(one, scope, guards)
            elif isinstance(child, ast.AST):
                self.node(child, scope, guards)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.module.imports.setdefault(alias.name, node.lineno)
            if alias.asname:
                self.module.aliases[alias.asname] = alias.name
            else:
                top = alias.name.split(".")[0]
                self.module.aliases.setdefault(top, top)

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        names = tuple(alias.name for alias in node.names)
        self.module.star = self.module.star or "*" in names
        if not self.trying and not self.inside:
            self.module.bases.setdefault("." * node.level + base, (node.level, node.lineno, names))
        for alias in node.names:
            dotted = f"{base}.{alias.name}" if base else alias.name
            self.module.aliases[alias.asname or alias.name] = dotted
            if node.level:
                self.module.relative.setdefault(base or alias.name, node.lineno)
            else:
                self.module.imports.setdefault(dotted if alias.name != "*" else base, node.lineno)

    def _function(self, node, scope: str, guards: tuple[str, ...]) -> None:
        name = node.name
        self.module.functions.setdefault(name, node.lineno)
        if scope.startswith("class "):
            self.module.methods.setdefault(name, node.lineno)
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args]
        self.module.parameters.setdefault(name, [parameter.arg for parameter in given])
        for parameter, value in zip(given[len(given) - len(arguments.defaults) :], arguments.defaults, strict=True):  # fmt: skip
            self.module.defaults[name, parameter.arg] = constant(value)
        for parameter, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if value is not None:
                self.module.defaults[name, parameter.arg] = constant(value)
        if any(not CHANGES_ONLY.search(dotted(one)) for one in node.decorator_list):
            self.module.handed.add(name)
        if any(dotted(one).endswith(".automain") for one in node.decorator_list):  # of Sacred
            self.module.main = True
        for child in [*node.decorator_list, *arguments.defaults]:
            self.node(child, scope, guards)
        self.body(node.body, name, guards)

    def _class(self, node: ast.ClassDef, scope: str, guards: tuple[str, ...]) -> None:
        self.module.classes[node.name] = tuple(dotted(base) for base in node.bases)
        for child in node.bases:
            self.node(child, scope, guards)
        self.body(node.body, f"class {node.name}", guards)

    def _if(self, node: ast.If, scope: str, guards: tuple[str, ...]) -> None:
        try:
            test = ast.unparse(node.test)[:200]
        except (RecursionError, ValueError):
            test = ""
        if "__name__" in test:
            self.module.main = True
            self.body(node.body, scope, (*guards, MAIN))
        else:
            self.node(node.test, scope, guards)
            self.body(node.body, scope, (*guards, test))
        self.body(node.orelse, scope, (*guards, f"not ({test})"))

    def _call(self, node: ast.Call, scope: str, guards: tuple[str, ...]) -> None:
        name = dotted(node.func)[:200]
        keywords = {k.arg: constant(k.value) for k in node.keywords if k.arg}
        if any(k.arg is None for k in node.keywords):
            keywords["**"] = UNSET  # anything may be in there
        args = tuple(constant(value) for value in node.args)
        values = [*node.args, *(k.value for k in node.keywords)]
        for value in values:
            if isinstance(value, ast.Name | ast.Attribute):
                base, _, last = dotted(value).rpartition(".")
                self.module.passed.add((scope, base, last))
        for k in node.keywords:
            if k.arg and NAMES_A_SEED.search(k.arg):
                self.module.given.append(
                    Bound(k.arg, constant(k.value), node.lineno, scope, _reads(k.value))
                )
        reads = tuple(dict.fromkeys(name for value in values for name in _reads(value)))
        self.module.calls.append(Call(name, node.lineno, args, keywords, scope, guards, reads))
        if name.startswith("get_ipython()."):
            self._of_a_notebook(name, args, node.lineno, scope, guards)
        if name.endswith("add_argument") or name.rsplit(".")[-1] == "option":
            for flag in args:
                if isinstance(flag, str) and flag.startswith("-"):
                    self.module.flags[flag.lstrip("-")] = (_default(keywords), node.lineno)

    def _of_a_notebook(self, name: str, args: tuple, line: int, scope: str, guards) -> None:
        """Commands and cells that were magic in the notebook from which a script was made."""
        texts = [value for value in args if isinstance(value, str)]
        if name.endswith((".system", ".getoutput")) and texts:
            self.module.shell.append((texts[0], line))
        timed = name.endswith(".run_cell_magic") and PYTHON_CELL.match(f"%%{(*texts, '')[0]}")
        cell = _parse(texts[-1]) if timed else None
        if cell:
            for node in ast.walk(cell):
                if hasattr(node, "lineno"):
                    node.lineno = line
            self.body(cell.body, scope, guards)

    def _assign(self, node, scope: str, guarded: bool) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None:
            return
        value, reads = constant(node.value), _reads(node.value)
        for target in targets:
            name = dotted(target)[:200]
            key = constant(target.slice) if isinstance(target, ast.Subscript) else None
            if name and isinstance(key, str) and NAMES_A_SEED.search(key):
                self.module.assigned.append(
                    Bound(f"{name}.{key}", value, node.lineno, scope, reads, guarded)
                )
            if name:
                self.module.assigned.append(Bound(name, value, node.lineno, scope, reads, guarded))
                if not scope:
                    self.module.values[name] = value


def _default(keywords: dict):
    """What a flag is unless it is given."""
    if keywords.get("required") is True:
        return REQUIRED
    switch = {"store_true": False, "store_false": True}.get(str(keywords.get("action")))
    return keywords.get("default", switch)


def _resolve_names(module: Module) -> None:
    """Give every call the name that its import has, and find the functions that calls get."""
    module.calls = [
        call if (name := module.full(call.name)) == call.name else replace(call, name=name)
        for call in module.calls
    ]
    filled = {(bound.scope, bound.name) for bound in module.assigned} | module.loops
    for scope, base, name in module.passed:
        if base:
            whole = base.split(".")[0]  # what a variable holds under a name is no function
            known = whole in module.aliases or whole in module.classes or base in ("self", "cls")
        else:
            inside = scope and ((scope, name) in filled or name in module.parameters.get(scope, ()))
            known = not inside and (
                name in module.functions or name in module.aliases or module.star
            )
        if known:
            module.handed.add(name)


def dotted(node: ast.AST) -> str:
    """The dotted name of an expression: `a.b().c` gives `a.b().c`, anything else is `?`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            parts.append(node.id)
            break
        else:
            if not parts:
                return ""
            parts.append("?")
            break
    name = ""
    for part in reversed(parts):
        name += part if part == "()" or not name else f".{part}"
    return name


# Names under which a seed is given.
NAMES_A_SEED = re.compile(r"(?:seed|random_state)$", re.IGNORECASE)


def _reads(node: ast.AST, depth: int = 6) -> tuple[str, ...]:
    """The variables of which a value is made, calls as `name()`: a.b, int(c()) gives a.b, c()."""
    if depth == 0 or isinstance(node, ast.Constant):
        return ()
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted(node)[:200]
        return (f"{name.split('()')[0]}()" if "()" in name else name,) if name else ()
    own: tuple[str, ...] = ()
    parts: list[ast.AST] = []
    if isinstance(node, ast.Call):
        own = (f"{dotted(node.func).split('()')[0][:200]}()",)
        parts = [*node.args, *(k.value for k in node.keywords)]
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.Subscript) and isinstance(constant(node.slice), str):
        own = (f"{dotted(node.value)}.{node.slice.value}"[:200],)
    elif isinstance(node, ast.Subscript | ast.Starred | ast.UnaryOp):
        parts = [node.operand if isinstance(node, ast.UnaryOp) else node.value]
    elif isinstance(node, ast.Tuple | ast.List):
        parts = node.elts
    return (*own, *(name for part in parts[:8] for name in _reads(part, depth - 1)))


def constant(node: ast.AST):
    """The value of a constant, UNSET for what is only known when it runs."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = constant(node.operand)
        return -value if isinstance(value, int | float) else UNSET
    if isinstance(node, ast.Call) and dotted(node.func) in ("int", "float") and node.args:
        return constant(node.args[0])
    return UNSET
