"""The locks: what they promise in their headers is so, and `lock` makes them anew."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pages
import pytest
import tiny
from packaging.requirements import Requirement

import develop
from gold_standard import environment, lock
from gold_standard.errors import Refusal
from gold_standard.installers import Uv

ALL = [develop.ROOT / name for name in develop.LOCK_SOURCES]
CPU, GPU = (develop.TORCH_LOCK.with_name(f"requirements-{name}.lock") for name in develop.BUILDS)
EACH = pytest.mark.parametrize("path", [*ALL, CPU, GPU], ids=lambda path: path.name)


# The locks that are shipped


@EACH
def test_every_package_is_pinned_with_hashes_and_the_header_counts_them(path):
    assert lock.HEADER_COUNT.match(path.read_text("utf-8"))
    assert lock.packages(path)


@EACH
def test_a_lock_names_no_index_and_no_path(path):
    text = path.read_text("utf-8")
    assert "//" not in text and "file:" not in text and "--index" not in text
    assert not re.search(r"(^|\s)/\w", text)


@EACH
def test_the_header_names_systems_and_pythons(path):
    header = "".join(path.read_text("utf-8").splitlines(keepends=True)[:3])
    assert "Python 3.11 to 3.14" in header
    for system in ("Linux x86_64 and aarch64 (glibc 2.28", "macOS arm64", "Windows x86_64"):
        assert (system in header) == (path != GPU or "Linux" in system)
    assert "python develop.py lock" in header


@EACH
def test_there_is_one_version_of_each_package(path):
    names = re.findall(r"^([a-z0-9][\w.-]*)==", path.read_text("utf-8"), re.MULTILINE)
    assert names == ["torch", "torch"] if path == CPU else len(names) == len(set(names))


@pytest.mark.parametrize(
    ("source", "locks"),
    [("scikit-learn", [develop.STUDY_LOCK]), ("pytorch", [develop.TORCH_LOCK, GPU])],
)
def test_a_lock_holds_what_its_source_asks_for(source, locks):
    wanted = pins((develop.LOCKS / f"{source}.in").read_text("utf-8"))
    locked = {name: version for path in locks for name, version in lock.packages(path).items()}
    assert wanted and wanted.items() <= locked.items()


def test_the_tools_and_our_own_environment_hold_what_the_package_declares():
    wanted = pins("\n".join(tiny.settings()["project"]["dependencies"]))
    for path in (develop.WHEELS / "tools.lock", develop.LOCKS / "dev.lock"):
        assert wanted.items() <= lock.packages(path).items()
    groups = tiny.settings()["dependency-groups"]["dev"]
    assert {line.partition(" ;")[0] for line in groups} <= lock.packages(
        develop.LOCKS / "dev.lock"
    ).keys()


@pytest.mark.parametrize("framework", ["scikit-learn", "pytorch"])
def test_a_rendered_study_is_satisfied_by_its_lock(study_of, framework):
    root = study_of(framework=framework)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    locked = {}
    for path in environment.science(root).locks:
        locked |= lock.packages(path)
    needs = [Requirement(text) for text in project["dependencies"]]
    for need in needs:
        assert need.specifier.contains(locked[need.name])
    source = (develop.LOCKS / f"{framework}.in").read_text("utf-8")
    assert {need.name for need in needs} == set(pins(source))
    assert lock._first_python(root) == "3.11"


def test_a_rendered_study_gets_the_locks_as_they_are(study_of):
    root = study_of(framework="scikit-learn")
    for rendered, source in {
        "requirements.lock": develop.STUDY_LOCK,
        "tools/tools.lock": develop.WHEELS / "tools.lock",
    }.items():
        assert (root / rendered).read_bytes() == source.read_bytes()


def pins(text: str) -> dict[str, str]:
    """The exact requirements in a text."""
    return dict(re.findall(r"^([a-z][\w-]*)==([\w.]+)", text, re.MULTILINE))


# python reproduce.py lock


@pytest.fixture(autouse=True)
def uv_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", tiny.path_with_uv())


@pytest.fixture
def folder(tmp_path, monkeypatch) -> tiny.Folder:
    monkeypatch.setattr(lock, "SYSTEMS", {"x86_64-manylinux_2_28": "Linux x86_64"})
    made = tiny.Folder(tmp_path / "stüdy one")
    need(made, "alpha")
    return made


def need(folder: tiny.Folder, *dependencies: str, python: str = ">=3.11,<3.15") -> None:
    (folder.root / "pyproject.toml").write_text(
        f'[project]\nname = "cells"\nversion = "1"\nrequires-python = "{python}"\n'
        f"dependencies = {json.dumps(dependencies)}\n"
    )


def make(folder: tiny.Folder, upgrade: bool = False) -> list[str]:
    """Call lock, which knows only the wheelhouse; what it says."""
    said: list[str] = []
    options = SimpleNamespace(upgrade=upgrade, installer="uv", wheelhouse=folder.house)
    assert lock.main(folder.root, options, said.append) == 0
    return said


def test_lock_pins_what_pyproject_asks_for_and_says_what_changed(folder):
    tiny.wheel(folder.house, "delta", requires=["gamma"])
    need(folder, "delta")
    said = make(folder)
    assert said[:4] == ["  - alpha 1.0", "  - beta 1.0", "  + delta 1.0", "  + gamma 1.0"]
    assert said[-1] == "requirements.lock is new. Next: python reproduce.py"
    text = (folder.root / "requirements.lock").read_text()
    assert text.startswith("# 2 packages, made by `python reproduce.py lock` from pyproject.toml;")
    assert str(folder.root) not in text and str(folder.house) not in text
    folder.prepare()
    assert environment._installed(folder.root / ".venv") == ["delta-1.0", "gamma-1.0"]


def test_lock_keeps_the_versions_that_still_fit_unless_it_is_to_upgrade(folder):
    make(folder)
    tiny.wheel(folder.house, "alpha", "1.5")
    assert make(folder) == ["requirements.lock is as pyproject.toml wants it: nothing changed."]
    assert "    alpha 1.0 -> 1.5" in make(folder, upgrade=True)


@pytest.mark.slow
def test_lock_mends_a_lock_that_is_damaged_or_gone(folder):
    make(folder)
    path = folder.root / "requirements.lock"
    good = path.read_text()
    for text in ("<<<<<<< HEAD\nalpha==1.0\n=======\n", None):
        path.unlink() if text is None else path.write_text(text)
        make(folder)
        assert path.read_text() == good


def test_a_lock_that_cannot_be_made_leaves_the_old_one(folder):
    make(folder)
    good = (folder.root / "requirements.lock").read_text()
    need(folder, "alpha>=7")
    with pytest.raises(Refusal, match="lock is as it was.*alpha>=7"):
        make(folder)
    assert (folder.root / "requirements.lock").read_text() == good
    left = {path.name for path in (folder.root / ".run").iterdir()}
    assert left == {"setup.log"}


def test_lock_warns_of_a_system_where_nothing_fits(folder, monkeypatch):
    systems = {"x86_64-manylinux_2_28": "Linux x86_64", "aarch64-apple-darwin": "macOS arm64"}
    monkeypatch.setattr(lock, "SYSTEMS", systems)
    tiny.wheel(folder.house, "delta", tag="cp311-cp311-manylinux_2_28_x86_64")
    need(folder, "delta ; sys_platform == 'linux'")
    said = " ".join(make(folder))
    assert "Linux x86_64 with Python 3.12" in said
    assert "Linux x86_64 with Python 3.11" not in said and "macOS" not in said


def test_lock_without_network_says_so(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    options = SimpleNamespace(upgrade=False, installer=None, wheelhouse=None)
    before = (folder.root / "requirements.lock").read_text()
    with pytest.raises(Refusal, match="cannot reach the package index"):
        lock.main(folder.root, options, print)
    assert (folder.root / "requirements.lock").read_text() == before


def test_a_pyproject_that_cannot_be_read_is_told(folder):
    (folder.root / "pyproject.toml").write_text("[project\n")
    with pytest.raises(Refusal, match="pyproject.toml cannot be read"):
        make(folder)
    (folder.root / "pyproject.toml").unlink()
    with pytest.raises(Refusal, match="no pyproject.toml"):
        make(folder)


def test_a_study_for_newer_pythons_is_locked_for_these(folder):
    need(folder, "alpha", python=">=3.13,<3.15")
    make(folder)
    assert "for Python 3.13 to 3.14" in (folder.root / "requirements.lock").read_text()


@pytest.mark.slow
def test_lock_without_uv_installs_a_pinned_one_into_the_study(folder, monkeypatch):
    (folder.root / ".run").mkdir()
    module = {"uv.py": b"def main(): print('not the real one')\n"}
    entry = tiny.wheel(folder.house, "uv", "0.0", files=module)
    monkeypatch.setattr(Path, "read_text", pinned(entry, Path.read_text))
    monkeypatch.setenv("PATH", os.defpath)
    options = SimpleNamespace(upgrade=False, installer="pip", wheelhouse=folder.house)
    uv = lock.find_uv(folder.root, options, print)
    assert uv.tool.uv == str(folder.root / ".run" / "uv" / environment.BIN / "uv")
    assert subprocess.check_output([uv.tool.uv], text=True) == "not the real one\n"


def pinned(entry: str, read):
    return lambda path, *more: entry if path.name == "uv-pins.lock" else read(path, *more)


def test_the_settings_of_pip_are_put_in_the_words_of_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.org/simple")
    monkeypatch.setenv("PIP_CERT", "/etc/lab.pem")
    found = lock._settings_of_pip(environment.base_python())
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example.org/simple"
    assert found["SSL_CERT_FILE"] == "/etc/lab.pem"


# For real


def pythons() -> dict[str, str]:
    """The supported Pythons of this machine."""
    found = {}
    for version in lock.PYTHONS:
        known = [*Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python")]
        known += [Path(f"/usr/bin/python{version}")]
        found[version] = next((str(path) for path in known if path.exists()), "")
    return found


CASES = [("3.11", "pip"), ("3.12", "uv"), ("3.13", "uv"), ("3.14", "uv")]


@pytest.mark.slow
@pytest.mark.parametrize(("version", "installer"), CASES)
def test_the_shipped_locks_install_and_their_packages_import(version, installer, tmp_path):
    python = pythons()[version]
    if not python:
        pytest.skip(f"no Python {version} on this machine")
    root = tmp_path / "stüdy one"
    shutil.copytree(develop.WHEELS, root / "tools")
    shutil.copyfile(develop.WHEELS / "tools.lock", root / "tools" / "tools.lock")
    shutil.copyfile(develop.STUDY_LOCK, root / "requirements.lock")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom pathlib import Path\n"
        "from gold_standard import environment, installers\n"
        "installers.TESTS = '.'  # compile nothing: what is imported here is little\n"
        "environment.prepare(Path(sys.argv[2]), sys.argv[3])"
    )
    source = str(develop.ROOT / "src")
    command = [python, "-c", code, source, str(root), installer]
    subprocess.run(command, check=True, env=environment.clean_environment(), timeout=400)
    science = "import matplotlib.pyplot, numpy, pandas, pooch, pytest, sklearn.svm, skops.io, tqdm"
    tools = "import pathspec, PIL.Image, psutil, pypdfium2, snakemake.api, snakemake.cli, yaml"
    for name, imports in {".venv": science, ".tools": tools}.items():
        program = root / name / environment.BIN / environment.PYTHON
        subprocess.run([program, "-I", "-c", imports], check=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", [x for x in ALL if x.name != "uv-pins.lock"], ids=str)
def test_there_is_a_wheel_of_everything_for_every_system_and_python(path, tmp_path):
    (tmp_path / ".run").mkdir()
    tool = Uv(tiny.UV, environment.base_python(), tmp_path, None)
    checker = lock.Compiler(tool)
    checker.places = ["--find-links", str(develop.WHEELS)]
    assert checker.missing(path) == []


@pytest.mark.slow
def test_a_package_without_a_wheel_somewhere_is_noticed(tmp_path):
    """immutables is why there are stand-ins; the day this fails they can go."""
    (tmp_path / ".run").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname="x"\nversion="1"\ndependencies=["immutables==0.21"]\n'
    )
    checker = lock.Compiler(Uv(tiny.UV, environment.base_python(), tmp_path, None))
    path = tmp_path / "requirements.lock"
    lock.replace(path, checker.compile(["pyproject.toml"], path, command="a test"))
    assert any("with Python 3.14" in line for line in checker.missing(path))


@pytest.mark.slow
def test_the_lines_of_pages_that_make_a_lock_make_one(tmp_path):
    executor = "snakemake-executor-plugin-cluster-generic"
    (tmp_path / "profiles/generic").mkdir(parents=True)
    line = pages.line("cluster.md", "uv pip compile").replace("NAME", "generic")
    done = pages.call(tmp_path, line, then=f"{executor}==1.0.9\n")
    assert done.returncode == 0, done.stderr
    assert lock.packages(tmp_path / "profiles/generic/tools.lock")[executor] == "1.0.9"
    echo, _, line = pages.line("benchmarks.md", "echo").partition(" | ")
    done = pages.call(tmp_path, line, then=f"{echo.split()[1]}\n")
    assert done.returncode == 0, done.stderr
    assert "kedro==" in done.stdout and "--hash=sha256:" in done.stdout


@pytest.mark.slow
def test_lock_changes_nothing_in_a_fresh_study(study_of, tmp_path):
    root = tmp_path / "study"
    shutil.copytree(study_of(), root)
    done = tiny.call(root, "lock")
    assert done.stdout == "requirements.lock is as pyproject.toml wants it: nothing changed.\n"


@pytest.mark.slow
def test_lock_with_only_pip_on_the_machine_works_for_real(tmp_path):
    root = tiny.study(tmp_path / "stüdy one")
    shutil.copyfile(develop.STUDY_LOCK, root / "requirements.lock")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "cells"\nversion = "1"\nrequires-python = ">=3.11,<3.15"\n'
        'dependencies = ["tqdm"]\n'
    )
    done = tiny.call(root, "lock", env={"PATH": os.defpath})
    assert done.returncode == 0, done.stderr
    kept = lock.packages(develop.STUDY_LOCK)["tqdm"]
    assert lock.packages(root / "requirements.lock")["tqdm"] == kept
    assert sys.version_info >= (3, 11)
