"""The wheel in a study's tools/ is the build of src/, and stands on its own."""

import ast
import hashlib
import re
import subprocess
import sys
import zipfile

import pytest
import tiny

import develop
from gold_standard import environment, lock

WHEEL = develop.WHEELS / develop.wheel_name()
BEFORE_ANYTHING_IS_INSTALLED = (
    "cli",
    "environment",
    "errors",
    "installers",
    "lock",
    "preflight",
    "locking",
    "builds",
)


def test_the_committed_wheel_is_the_build_of_the_source_byte_for_byte():
    assert WHEEL.read_bytes() == develop.build(), "run: python develop.py wheel"


def test_it_is_the_only_wheel_there():
    assert list(develop.WHEELS.glob("*.whl")) == [WHEEL]


def test_the_lock_of_the_tools_names_its_hash():
    text = (develop.WHEELS / "tools.lock").read_text("utf-8")
    wanted = re.search(r"^gold-standard==.* \\\n    --hash=sha256:(\w+)", text, re.MULTILINE)[1]
    assert wanted == hashlib.sha256(WHEEL.read_bytes()).hexdigest()


def test_its_bytes_do_not_depend_on_the_compression_of_the_machine():
    with zipfile.ZipFile(WHEEL) as archive:
        entries = archive.infolist()
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_its_record_is_right():
    with zipfile.ZipFile(WHEEL) as archive:
        name = next(name for name in archive.namelist() if name.endswith("RECORD"))
        for line in archive.read(name).decode().splitlines():
            path, digest, _ = line.rsplit(",", 2)
            if digest:
                assert digest == tiny._digest(archive.read(path))


@pytest.mark.parametrize("name", BEFORE_ANYTHING_IS_INSTALLED)
def test_what_runs_before_anything_is_installed_needs_only_python(name):
    tree = ast.parse((develop.ROOT / "src" / "gold_standard" / f"{name}.py").read_text("utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
            if node.module == "gold_standard" and name != "cli":
                names = {alias.name for alias in node.names}
                assert names <= {*BEFORE_ANYTHING_IS_INSTALLED}
            elif node.module.startswith("gold_standard.") and name != "cli":
                assert node.module.split(".")[1] in BEFORE_ANYTHING_IS_INSTALLED
    assert imported <= {*sys.stdlib_module_names, "gold_standard"}


def test_it_answers_straight_from_the_archive():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from gold_standard import cli; cli.main(['--help'])"
    )
    command = [environment.base_python(), "-I", "-S", "-c", code, str(WHEEL)]
    assert "usage: python reproduce.py" in subprocess.check_output(command, text=True)


def test_the_pins_of_uv_lie_in_the_archive():
    with zipfile.ZipFile(WHEEL) as archive:
        pins = archive.read("gold_standard/uv-pins.lock").decode()
    assert re.search(r"^uv==\S+", pins, re.MULTILINE)


def test_what_the_source_imports_is_what_the_package_declares():
    # Of check-jsonschema one file is read, by its place.
    declared = {"pillow": "PIL", "pyyaml": "yaml", "check-jsonschema": "jsonschema"}
    needs = tiny.settings()["project"]["dependencies"]
    packages = {re.split("[=<>]", need)[0] for need in needs}
    expected = {declared.get(name, name) for name in packages}
    imported = set()
    for path in (develop.ROOT / "src" / "gold_standard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    # Snakemake brings the first; the other is there where a profile asks for it.
    by_others = {"snakemake_interface_executor_plugins", "snakemake_executor_plugin_slurm"}
    assert imported - {*sys.stdlib_module_names, "gold_standard"} - by_others == expected


# Snakemake without the packages that the lock leaves out

WORKFLOW = """\
import sys
from pathlib import Path
from gold_standard import _immutables
_immutables.install()
from snakemake.api import SnakemakeApi
from snakemake.scheduling.greedy import SchedulerSettings
from snakemake.settings.types import (
    ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings, SchedulingSettings
)
with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
    workflow = api.workflow(
        resource_settings=ResourceSettings(cores=2),
        config_settings=ConfigSettings(config={"pathvars": {"results": "made"}}),
        snakefile=Path("Snakefile"),
    )
    workflow.dag(DAGSettings()).execute_workflow(
        executor="local",
        scheduler_settings=SchedulerSettings(),
        scheduling_settings=SchedulingSettings(scheduler="greedy"),
    )
"""
SNAKEFILE = """\
pathvars:
    results="results",

rule all:
    input:
        expand("<results>/{seed}.txt", seed=[1, 2]),

rule train:
    output:
        "<results>/{seed}.txt",
    log:
        "logs/{seed}.log",
    shell:
        "echo {wildcards.seed} > {output:q} 2> {log:q}"
"""


def test_snakemake_runs_without_what_the_lock_leaves_out(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    command = [sys.executable, "-c", WORKFLOW]
    subprocess.run(command, cwd=tmp_path, check=True, env=environment.clean_environment())
    assert (tmp_path / "made" / "2.txt").read_text() == "2\n"
    assert "train" in next((tmp_path / ".snakemake" / "metadata").iterdir()).read_text()
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr  # it reads its own records back


def test_the_stand_ins_lie_behind_the_packages_that_are_installed():
    from gold_standard import standins

    standins.install()
    folder = str(develop.ROOT / "src" / "gold_standard" / "standins")
    assert sys.path.index(folder) > max(
        number for number, entry in enumerate(sys.path) if entry.endswith("site-packages")
    )


def test_each_stand_in_is_for_a_package_that_the_lock_leaves_out():
    left_out = {
        line.split("#")[0].strip()
        for line in (develop.LOCKS / "tools.exclude").read_text("utf-8").splitlines()
    }
    names = {path.stem for path in (develop.ROOT / "src/gold_standard/standins").glob("[!_]*.py")}
    assert names <= left_out
    assert not left_out & lock.packages(develop.WHEELS / "tools.lock").keys()
