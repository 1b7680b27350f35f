"""reproduce.py and the command line behind it: any Python may call it, and a mistake is named."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from gold_standard import cli, environment
from gold_standard.check import command as checking
from gold_standard.errors import Refusal

REPRODUCE = tiny.ROOT / "template" / "reproduce.py"


@pytest.fixture
def study(tmp_path) -> Path:
    return tiny.study(tmp_path / "stüdy one")


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    """A study that is set up, only to be called."""
    root = tiny.study(tmp_path_factory.mktemp("ready") / "stüdy one")
    done = tiny.call(root, "test", "--wheelhouse", str(root / "house"))
    assert done.returncode == 0, done.stderr
    return root


def lines(process: subprocess.CompletedProcess) -> list[str]:
    return process.stderr.strip().splitlines()


# Any Python


def test_the_oldest_grammar_of_python_3_can_read_it():
    tree = ast.parse(REPRODUCE.read_text("utf-8"), feature_version=(3, 0))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr)
        assert getattr(node, "annotation", None) is None and getattr(node, "returns", None) is None


@pytest.mark.parametrize("version", ["2.7", "3.4", "3.6", "3.8", "3.10"])
def test_an_old_python_gets_a_sentence(study, version):
    known = [*Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python")]
    known += [Path("/usr/bin") / f"python{version}"]
    python = next((path for path in known if path.exists()), None)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    done = tiny.call(study, python=str(python))
    assert done.returncode == 2 and done.stdout == ""
    assert lines(done) == [
        f"reproduce.py: This is Python {version}; the study runs on Python 3.11 to 3.14. "
        "Call it with one of these, for example: python3.13 reproduce.py"
    ]


def test_a_python_that_is_too_new_gets_a_sentence(study):
    code = (
        "import sys, runpy\nsys.version_info = (3, 15, 0, 'final', 0)\nsys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, study / "reproduce.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "This is Python 3.15" in done.stderr


# The machinery's file


def test_a_falsified_wheel_is_not_run(study):
    wheel = next((study / "tools").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes().replace(b"HELP", b"HELL"))
    done = tiny.call(study, "--help")
    assert done.returncode == 2 and len(lines(done)) == 1
    assert wheel.name in done.stderr and "sha256" in done.stderr


@pytest.mark.parametrize("gone", ["tools", "tools/tools.lock", "tools/*.whl"])
def test_an_incomplete_tools_folder_is_told(study, gone):
    path = next(study.glob(gone))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = tiny.call(study)
    assert done.returncode == 2 and "tools/ is not complete" in done.stderr
    assert len(lines(done)) == 1


def test_a_tools_lock_without_the_wheel_is_told(study):
    (study / "tools" / "tools.lock").write_text("alpha==1.0\n")
    done = tiny.call(study)
    assert done.returncode == 2 and "tools/ is not complete" in done.stderr


def test_a_file_of_the_student_is_not_taken_for_a_module_of_python(ready, tmp_path):
    for name in ("argparse", "json", "hashlib", "subprocess", "gold_standard", "types"):
        (ready / f"{name}.py").write_text("raise SystemExit('the wrong file')\n")
    try:
        done = tiny.call(ready, "test", cwd=ready)
        assert done.returncode == 0, done.stderr
    finally:
        for path in ready.glob("*.py"):
            if path.name != "reproduce.py":
                path.unlink()


# From anywhere


def test_it_runs_from_another_working_directory(ready, tmp_path):
    done = tiny.call(ready, "test", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "tests ran")
    assert list(tmp_path.iterdir()) == []


def test_pytest_gets_what_stands_behind_two_dashes(ready):
    done = tiny.call(ready, "test", "--", "-k", "split", cwd=ready)
    assert done.stdout.splitlines()[-1] == "tests ran -k split"


def test_a_study_without_pytest_is_told_how_to_get_it(study):
    (study / "requirements.lock").write_text(tiny.wheel(study / "house", "alpha"))
    done = tiny.call(study, "test", "--wheelhouse", "house", cwd=study)
    assert done.returncode == 2 and "pytest is not in requirements.lock" in done.stderr


@pytest.mark.parametrize(("theirs", "ours"), [(0, 0), (1, 1), (4, 2), (5, 2)])
def test_the_exit_status_of_the_tests(ready, theirs, ours, monkeypatch):
    monkeypatch.setattr(cli, "_call", lambda *_: theirs)
    assert cli._test(ready, []) == ours


def test_a_second_call_hands_over_within_three_tenths_of_a_second(ready):
    code = (
        "import os, runpy, sys\nos.execve = lambda *_: sys.exit(7)\nsys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [environment.base_python(), "-c", code, ready / "reproduce.py"]
    variables = environment.clean_environment()
    times = []
    for _ in range(5):  # processor time: the machine may have other things to do
        started = os.times()
        assert subprocess.run(command, env=variables).returncode == 7
        ended = os.times()
        times.append(ended.children_user + ended.children_system
                     - started.children_user - started.children_system)  # fmt: skip
    assert min(times) < 0.3


def test_it_goes_on_in_the_tools_with_a_clean_environment(ready, monkeypatch):
    handed = []
    monkeypatch.setattr(os, "execve", lambda *arguments: handed.append(arguments))
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    cli._hand_over(["--cores", "1"], ready / ".tools")
    program, command, variables = handed[0]
    assert program == str(ready / ".tools" / "bin" / "python")
    assert command[1:] == ["-P", "-X", "utf8", "-m", "gold_standard", "--cores", "1"]
    assert not [name for name in variables if name.startswith("PYTHON")]


def test_inside_the_tools_the_study_is_the_folder_around_them(ready):
    code = "from gold_standard import cli; print(root := cli._root(), cli._inside(root / '.tools'))"
    python = ready / ".tools" / environment.BIN / environment.PYTHON
    assert subprocess.check_output([python, "-c", code], text=True).strip() == f"{ready} True"


# The command line


def test_help_is_one_screen_and_names_every_command_and_option(study):
    done = tiny.call(study, "--help")
    assert done.returncode == 0
    for command in cli.COMMANDS[1:]:
        assert f"  {command} " in done.stdout
    screens = [done.stdout, *(tiny.call(study, name, "--help").stdout for name in cli.HELPS)]
    for screen in screens:
        assert len(screen.splitlines()) <= 24 and max(map(len, screen.splitlines())) <= 80
    for action in cli._parser()._actions:
        assert any(flag in "".join(screens) for flag in action.option_strings), action


def examples(text: str) -> list[str]:
    return re.findall(r"for example: (.*)", text)


def test_each_command_has_a_help_with_one_example_that_can_be_typed(tmp_path, monkeypatch):
    assert set(cli.HELPS) == set(cli.COMMANDS[1:])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "try.yaml").touch()
    for name, text in {"run": cli.HELP, **cli.HELPS}.items():
        [example] = examples(text)
        python, script, *words = shlex.split(example)
        assert (python, script) == ("python", "reproduce.py")
        assert cli.parse(words).command == name


def test_the_help_of_the_check_of_any_repository_has_an_example_too(tmp_path, capsys):
    with pytest.raises(SystemExit):
        checking.main(["check", "--help"])
    [example] = examples(" ".join(capsys.readouterr().out.split()))
    assert example.startswith("gold-standard check ../study --format markdown")
    (tmp_path / "study").mkdir()
    words = shlex.split(example.replace("../study", str(tmp_path / "study")))
    assert checking.main(words[1:]) == 0


def test_the_help_of_our_own_command_has_an_example_too(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["develop.py", "--help"])
    with pytest.raises(SystemExit):
        tiny.develop.main()
    [example] = examples(capsys.readouterr().out)
    assert (tiny.ROOT / shlex.split(example)[-1]).is_file()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["tets"], "Did you mean test?"),
        (["--core", "2"], "Did you mean --cores?"),
        (["--smok"], "Did you mean --smoke?"),
        (["--smoke=yes"], "--smoke"),
        (["frobnicate"], "--help"),
        (["-x"], "There is no option -x"),
        (["test", "lock"], "One command at a time"),
        (["--cores", "0"], "not a number of cores"),
        (["--cores", "many"], "not a number of cores"),
        (["--cores"], "expected one argument"),
        (["--config", "nowhere.yaml"], "no file nowhere.yaml"),
        (["--wheelhouse", "nowhere"], "no folder nowhere"),
        (["--installer", "conda"], "invalid choice"),
        (["lock", "--cores", "2"], "--cores has no meaning for lock"),
        (["--upgrade"], "--upgrade has no meaning for run"),
        (["--env", "gpu"], "--env gpu: there is no such environment"),
        (["--", "x"], "only after test"),
        (["--smoke", "--config", "reproduce.py"], "two different trials"),
    ],
)
def test_a_mistake_is_named_before_anything_is_installed(
    tmp_path, monkeypatch, capsys, arguments, word
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reproduce.py").touch()
    assert cli.main(arguments, tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("reproduce.py: ") and word in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["reproduce.py"]


def test_options_may_stand_on_either_side_of_the_command(tmp_path):
    for arguments in (["--installer", "pip", "test"], ["test", "--installer", "pip"]):
        options = cli.parse(arguments)
        assert (options.command, options.installer) == ("test", "pip")


def test_the_options_of_a_run_as_the_machinery_gets_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "try.yaml").touch()
    options = cli.parse(["--cores", "3", "--config", "try.yaml", "--standin"])
    assert (options.command, options.cores, options.standin) == ("run", 3, True)
    assert options.config == str(tmp_path / "try.yaml") and options.smoke is False
    assert cli.parse([]).cores is None


def test_a_refusal_is_one_line_and_exit_status_2(monkeypatch, tmp_path, capsys):
    def refuse(*_):
        raise Refusal("Not today.")

    monkeypatch.setattr(environment, "prepare", refuse)
    assert cli.main([], tmp_path) == 2
    assert capsys.readouterr().err == "reproduce.py: Not today.\n"


def test_a_console_that_lacks_a_letter_does_not_stop_it(ready):
    done = tiny.call(ready, "--help", env={"LC_ALL": "C"})
    assert done.returncode == 0


def test_the_version_is_that_of_the_package(study):
    version = json.dumps(tiny.develop._version())
    assert tiny.call(study, "--version").stdout.strip() == f"gold-standard {json.loads(version)}"
