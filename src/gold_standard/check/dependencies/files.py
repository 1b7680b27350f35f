"""One file of dependencies of any kind, read into requirements."""

import ast
import configparser
import json
import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from gold_standard.check.dependencies.asked import (
    BROKEN,
    LONGEST_LINE,
    MOST_LINES,
    MOST_REQUIREMENTS,
    DependencyFile,
    Package,
    Requirement,
)
from gold_standard.check.dependencies.commands import install_in_r, installs
from gold_standard.check.dependencies.packages import (
    CONDA_FILE,
    conda_package,
    from_address,
    is_version,
    package,
)
from gold_standard.check.distributions import canonical
from gold_standard.check.tree import Tree


class Page:
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


def read_requirements(page: Page) -> None:
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


def _editable(page: Page, place: str, number: int) -> None:
    if "://" in place or place.startswith("git+"):
        page.add(package(place), number)
    elif re.fullmatch(r"\.{1,2}/?(?:\[[\w,-]*\])?", place):
        page.includes += [
            f"{place[:2].rstrip('[/')}/{name}"
            for name in ("pyproject.toml", "setup.py", "setup.cfg")
        ]
    else:  # a folder of the repository: its version is the commit's
        page.add(Package(canonical(posixpath.basename(place.rstrip("/"))), place, True), number)


# What `conda list --export` and `--explicit` write, whatever the file is called.
CONDA_LIST = re.compile(r"^# \$ conda create --name|^@EXPLICIT", re.MULTILINE)


def read_conda_file(page: Page) -> None:
    """Line by line: half of these files are no proper YAML, and the lines are wanted anyway."""
    if CONDA_LIST.search(page.text[:1000]):
        return read_requirements(page)
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


def _conda_item(page: Page, item: str, of_pip: bool, number: int) -> None:
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


def _conda_flow(page: Page) -> None:
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


def read_names_and_versions(page: Page) -> None:
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
    found = from_address(url)
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


def _from_table(page: Page, table: object) -> None:
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


def _list(page: Page, values: object) -> None:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str):
            page.named(package(value))


def read_pyproject(page: Page) -> None:
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


def _pixi_tables(page: Page, data: object) -> None:
    for part in (data, *_values(_inside(data, "feature")), *_values(_inside(data, "target"))):
        _from_table(page, _inside(part, "dependencies"))
        _from_table(page, _inside(part, "pypi-dependencies"))


def read_pixi(page: Page) -> None:
    _pixi_tables(page, page.toml())


def read_pipfile(page: Page) -> None:
    data = page.toml()
    _from_table(page, _inside(data, "packages"))
    version = _inside(data, "requires", "python_version")
    if isinstance(version, str):
        page.more["python"] = version


def read_pipfile_lock(page: Page) -> None:
    for name, value in _pairs(_inside(page.json(), "default")):
        version = _inside(value, "version")
        exact = isinstance(version, str) and version.startswith("==") or bool(_inside(value, "ref"))
        page.named(Package(canonical(str(name)), version if _is_text(version) else "", exact))
    page.more["lock"] = True


def read_renv(page: Page) -> None:
    data = page.json()
    for name, value in _pairs(_inside(data, "Packages")):
        version = _inside(value, "Version")
        if isinstance(version, str):
            page.named(Package(canonical(str(name)), f"=={version}", True))
    version = _inside(data, "R", "Version")
    page.more["python"] = f"R {version}" if isinstance(version, str) else None
    page.more["lock"] = True


def read_records(page: Page) -> None:
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


def read_description(page: Page) -> None:
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


def read_session_info(page: Page) -> None:
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


def read_r_script(page: Page) -> None:
    for number, line in _whole_calls(page.lines):
        if found := install_in_r(line):
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


def read_julia(page: Page) -> None:
    data = page.toml()
    compat = _inside(data, "compat")
    for name, _ in _pairs(_inside(data, "deps")):
        version = compat.get(name) if isinstance(compat, dict) else None
        text = version if isinstance(version, str) else ""
        page.named(Package(canonical(str(name)), text, text.startswith("=")))


def read_julia_lock(page: Page) -> None:
    name, number = "", 0
    for count, line in enumerate(page.lines, 1):
        if match := re.fullmatch(r"\s*\[\[(?:deps\.)?([\w.-]+)\]\]\s*", line):
            name, number = match[1], count
        elif name and (match := re.match(r"\s*version\s*=\s*[\"']([^\"']+)", line)):
            page.add(Package(canonical(name), f"=={match[1]}", True), number)
            name = ""
    page.more["lock"] = True


def read_setup_cfg(page: Page) -> None:
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


def read_setup_py(page: Page) -> None:
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


def _setup_keyword(page: Page, keyword: ast.keyword, named: dict[str, ast.expr]) -> None:
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


def read_docker(page: Page) -> None:
    lines = [(number, _filled(page, line)) for number, line in _joined(page.lines)]
    for number, line in lines:
        if match := re.match(r"\s*from:?\s+(?:--\S+\s+)*(\S+)", line, re.IGNORECASE):
            for one in image_packages(match[1]):
                page.add(one, number)
    page.shell((number, _run(line)) for number, line in lines)


def _filled(page: Page, line: str) -> str:
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


def read_shell_script(page: Page) -> None:
    page.shell(
        (n, line.strip()) for n, line in _joined(page.lines) if not line.lstrip().startswith("#")
    )


def read_nix(page: Page) -> None:
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


def read_notebook(page: Page) -> None:
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


def read_simple_list(page: Page) -> None:
    """A text file of some name: a list of packages only if most of its lines give a version."""
    read_requirements(page)
    lines = sum(1 for line in page.lines if line.strip() and not line.lstrip().startswith("#"))
    versions = sum(1 for one in page.requirements if one.specifier)
    if versions < max(2, 0.6 * lines):
        page.requirements.clear()
        page.includes.clear()
