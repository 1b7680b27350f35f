"""The wheels that an archive brings along: which, for what, and that they are used."""

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from gold_standard import environment, wheels
from gold_standard.errors import Refusal
from gold_standard.lock import PYTHONS

pytestmark = pytest.mark.slow

TEMPLATE = Path(tiny.ROOT) / "template"
TORCH = TEMPLATE / "{{ pytorch }}"
HERE = f"{environment.system()}-{sys.version_info[0]}.{sys.version_info[1]}"
NOWHERE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
           "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}  # fmt: skip


def names(lock: Path, system: str, python: str = "3.12") -> list[str]:
    text = wheels.wanted(lock, wheels.Target(system, python))
    assert ";" not in text.replace("#", "")
    return [line.split(" ")[0] for line in text.splitlines() if "==" in line and line[0] != " "]


def test_this_machine_is_meant_where_none_is_named():
    assert [str(one) for one in wheels.targets("")] == [HERE]


def test_a_system_alone_is_meant_with_every_python():
    found = [str(one) for one in wheels.targets("linux-x86_64, darwin-arm64-3.12,linux-x86_64")]
    assert found == [*(f"linux-x86_64-{python}" for python in PYTHONS), "darwin-arm64-3.12"]


@pytest.mark.parametrize("asked", ["linux", "linux-x86_64-3.10", "macos-arm64", "linux-x86_64;"])
def test_a_system_that_the_locks_do_not_cover_is_refused(asked):
    with pytest.raises(Refusal, match="windows-amd64"):
        wheels.targets(asked)


def test_each_system_gets_its_own_build_of_torch():
    lock = TORCH / "requirements-cpu.lock"
    assert [x for x in names(lock, "linux-x86_64") if "torch" in x] == ["torch==2.13.0+cpu"]
    for system in ("darwin-arm64", "windows-amd64"):
        assert [x for x in names(lock, system) if "torch" in x] == ["torch==2.13.0"]


def test_markers_are_asked_about_the_system_that_is_meant():
    lock = TEMPLATE / "tools" / "tools.lock"
    reader = [any(x.startswith("pyreadline3") for x in names(lock, s)) for s in environment.SYSTEMS]
    assert reader == [s.startswith("windows") for s in environment.SYSTEMS]
    typed = [any(x.startswith("typing-ext") for x in names(lock, HERE[:12], p)) for p in PYTHONS]
    assert typed == [True, True, False, False]
    assert not any(x.startswith("gold-standard") for x in names(lock, "linux-x86_64"))


def test_a_study_has_as_many_locks_as_its_two_environments(study_of):
    for framework, count in (("scikit-learn", 2), ("pytorch", 3)):
        locks = wheels.locks_of(study_of(framework=framework))
        assert len(locks) == count and not any("gpu" in lock.name for lock in locks)


@pytest.fixture
def folder(tmp_path):
    return tiny.Folder(tmp_path / "study")


def gather(folder, into: Path, asked: str = "") -> list[str]:
    options = SimpleNamespace(wheelhouse=folder.house)
    return wheels.gather(folder.root, into, wheels.targets(asked), options, folder.said.append)


def test_all_wheels_of_both_locks_come_along_and_a_page_says_for_what(folder, tmp_path):
    into = tmp_path / "staged"
    into.mkdir()
    found = gather(folder, into)
    assert found == [
        "wheels/README.md",
        *(f"wheels/{name}-1.0-py3-none-any.whl" for name in ("alpha", "beta", "gamma")),
    ]
    assert environment.brought(into) == into / "wheels"
    page = into / "wheels" / "README.md"
    page.write_text(page.read_text("utf-8").replace(HERE, "darwin-arm64-3.9"), "utf-8")
    assert environment.brought(into) is None


def test_a_wheel_that_is_not_the_one_of_the_lock_stops_it(folder, tmp_path):
    text = (folder.root / "requirements.lock").read_text("utf-8")
    last = text.rstrip()[-1]
    folder.lock(text.rstrip()[:-1] + ("0" if last != "0" else "1") + "\n")
    with pytest.raises(Refusal, match="is not the one that the lock names"):
        gather(folder, tmp_path)


def test_for_another_system_its_own_wheels_come(folder, tmp_path):
    mac = tiny.wheel(folder.house, "delta", tag="cp312-cp312-macosx_11_0_arm64")
    linux = tiny.wheel(folder.house, "delta", tag="cp312-cp312-manylinux_2_17_x86_64")
    both = linux.rstrip() + " \\\n    " + mac.split("\n")[1].strip() + "\n"
    folder.lock(both)
    found = gather(folder, tmp_path, "darwin-arm64-3.12")
    assert [name for name in found if "delta" in name] == [
        "wheels/delta-1.0-cp312-cp312-macosx_11_0_arm64.whl"
    ]


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
def test_the_unpacked_archive_takes_them_by_itself_without_network(installer, tmp_path):
    study = tiny.study(tmp_path / "study")
    (study / "wheels").mkdir()
    for path in (study / "house").iterdir():
        shutil.move(path, study / "wheels" / path.name)
    words = ("test", "--installer", installer)
    done = tiny.call(study, *words, env=NOWHERE)
    assert done.returncode == 2, done.stdout
    page = wheels.README.format(targets=f"- {HERE}")
    (study / "wheels" / "README.md").write_text(page, "utf-8")
    done = tiny.call(study, *words, env=NOWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests ran" in done.stdout
    assert os.path.isdir(study / ".venv")
