"""`python reproduce.py demo`: a trained model, tried on cases that it did not learn from."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import commit, git, render, skip
from test_study import call, copied, reproduced  # noqa: F401

from gold_standard import cli, demo, layout
from gold_standard.errors import Refusal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a link stands for .venv")
CASES, MODEL = "results/demo.csv", "models/seed_1.bin"
SAYS = """
import os, sys, pathlib
print(*sys.argv[1:])
offline, cleaned = os.environ["HF_HUB_OFFLINE"], "PYTHONPATH" not in os.environ
print(pathlib.Path(sys.argv[1]).read_text(), offline, cleaned)
"""


@pytest.fixture
def study(tmp_path) -> Path:
    """A study of one script, with a model and cases that a recorded run made."""
    texts = {
        "pyproject.toml": f'[tool.gold-standard]\ndemo = "demo.py {{results}}/demo.csv {MODEL}"\n',
        "demo.py": SAYS,
        CASES: "a case",
        MODEL: "a model",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    note(tmp_path, CASES, MODEL)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def note(study: Path, *paths: str, record: str = "record/run.json") -> None:
    """Write down that a run made these files."""
    outputs = {path: hashlib.sha256((study / path).read_bytes()).hexdigest() for path in paths}
    (study / record).parent.mkdir(exist_ok=True)
    (study / record).write_text(json.dumps({"steps": [{"outputs": outputs}]}), encoding="utf-8")


def shown(study: Path, capfd) -> str:
    assert demo.main(study, SimpleNamespace()) == 0
    return capfd.readouterr().out


def test_the_studys_own_code_tells_and_model_cases_and_run_are_named(study, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    first, words, told, last = shown(study, capfd).splitlines()
    assert first == f"{CASES} and {MODEL}, by demo.py:"
    assert (words, told) == (f"{CASES} {MODEL}", "a case 1 True")
    assert last == (
        "The run that record/run.json tells of made them, "
        "from a part of the data that no training saw."
    )


@pytest.mark.parametrize("path", [CASES, MODEL])
def test_nothing_is_claimed_of_what_the_recorded_run_did_not_make(study, capfd, path):
    (study / path).write_text("of another time", encoding="utf-8")
    said = shown(study, capfd)
    assert f"Take care: {path} did not come out of the run" in said
    assert "no training saw" not in said


def test_without_a_record_nothing_is_claimed(study, capfd):
    shutil.rmtree(study / "record")
    assert f"Take care: {CASES} and {MODEL} did not" in shown(study, capfd)


def test_of_controlled_data_only_the_stand_in_is_shown(study, capfd):
    settings = study / "pyproject.toml"
    text = settings.read_text("utf-8").replace(MODEL, "{models}/seed_1.bin")
    settings.write_text(text + 'data_access = "controlled"\n', encoding="utf-8")
    with pytest.raises(Refusal, match=r"results-standin/demo.csv .* reproduce.py --standin\."):
        demo.main(study, SimpleNamespace())
    for folder in ("results", "models"):
        shutil.copytree(study / folder, study / f"{folder}-standin")
    note(study, f"results-standin/{Path(CASES).name}", record="record/standin.json")
    said = shown(study, capfd)
    assert "results-standin/demo.csv and models-standin/seed_1.bin" in said
    assert "Take care: models-standin/seed_1.bin did not" in said
    note(
        study, "results-standin/demo.csv", "models-standin/seed_1.bin", record="record/standin.json"
    )
    assert "the cases are synthetic." in shown(study, capfd)


def refused(study: Path, old: str = "", new: str = "") -> str:
    settings = study / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        demo.main(study, SimpleNamespace())
    return str(refusal.value)


def test_an_older_study_is_told_which_line_to_write(study):
    said = refused(study, 'demo = "demo.py', 'metrics = "')
    assert "has no line `demo`" in said and 'demo = "scripts/' in said


def test_a_script_that_was_removed_is_named(study):
    (study / "demo.py").unlink()
    assert "demo names demo.py, which is not there" in refused(study)


def test_without_a_model_the_run_is_named_and_where_its_weights_are(study):
    (study / MODEL).unlink()
    said = refused(study)
    assert (
        said
        == f"{MODEL} is not there yet, the model of the demonstration. Run python reproduce.py."
    )
    with (study / "pyproject.toml").open("a", encoding="utf-8") as file:
        url, sha256 = "https://zenodo.org/records/1/files/m", "0" * 64
        weights = f'"{MODEL}" = {{url = "{url}", sha256 = "{sha256}"}}'
        file.write(f"[tool.gold-standard.weights]\n{weights}\n")
    assert f"or put there what {url} has." in refused(study)


def test_a_model_that_does_not_load_is_named_after_what_the_code_said(study, capfd):
    (study / "demo.py").write_text("import sys; sys.exit('no such layer')", encoding="utf-8")
    said = refused(study)
    assert f"demo.py failed on {CASES} and {MODEL}; what it said stands above." in said
    assert "python reproduce.py makes both agree." in said
    assert "no such layer" in capfd.readouterr().err


@pytest.mark.parametrize("text", ["demo.py {nowhere}", "demo.py 'open", " ", "python"])
def test_a_line_that_cannot_be_read_is_told_what_may_stand_in_braces(text):
    with pytest.raises(Refusal, match="nothing but data, models, results, logs"):
        demo.command({"demo": text}, layout.REAL)


def test_nothing_is_shown_of_which_nothing_could_be_told(study):
    said = refused(study, f"{{results}}/demo.csv {MODEL}", f"--model={MODEL}")
    assert "demo names neither a model nor cases. Write each as a word of its own" in said


def test_the_command_may_begin_with_python():
    assert demo.command({"demo": "python a.py {models}/m"}, layout.STANDIN) == [
        "a.py", "models-standin/m",
    ]  # fmt: skip


def test_the_command_is_one_of_reproduce_py():
    assert cli.parse(["demo"]).command == "demo"


# The real study

TOLD = re.compile(r"row \d+: (malignant|benign); seed_1 says (malignant|benign), \d+% sure")


def told(study: Path, *prefix: str) -> list[str]:
    result = call(study, "demo", prefix=prefix)
    assert result.status == 0, result.out + result.err
    first, *cases, last = result.out.splitlines()
    assert first == "results/demo.csv and models/seed_1.skops, by scripts/04_evaluate.py:"
    assert len(cases) == 5 and all(TOLD.fullmatch(case) for case in cases), cases
    assert last.endswith("from a part of the data that no training saw.")
    return cases


@pytest.mark.slow
def test_a_clone_with_its_environments_shows_five_cases_in_five_seconds(copied, tmp_path):  # noqa: F811
    commit(copied)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(copied), str(clone))
    assert not (clone / "data/processed").exists() and not (clone / ".run").exists()
    for name in (".venv", ".tools"):
        shutil.copytree(copied / name, clone / name, symlinks=True)
    told(clone)  # the first time Python compiles what it imports
    quickest = float("inf")
    for _ in range(3):
        started = time.monotonic()
        cases = told(clone)
        quickest = min(quickest, time.monotonic() - started)
    # Where others wait for the processors as well, all of them wait.
    assert quickest <= 5 * max(1, os.getloadavg()[0] / os.cpu_count())
    table = (clone / "results/predictions.csv").read_text("utf-8").splitlines()[1:]
    truth = {row.split(",")[0]: row.split(",")[1] for row in table}
    for case in cases:
        number, name = re.match(r"row (\d+): (\w+)", case).groups()
        assert truth[number] == str(int(name == "malignant")), "a held-out row, and its truth"


@pytest.mark.slow
def test_the_demonstration_needs_no_network(reproduced):  # noqa: F811
    no_network = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*no_network, "true"], capture_output=True, check=False).returncode:
        skip("the network cannot be switched off here")
    told(reproduced[0], *no_network)


@pytest.mark.slow
def test_before_its_first_run_a_study_has_nothing_to_show(reproduced, tmp_path):  # noqa: F811
    study = render(tmp_path / "study")
    for name in (".venv", ".tools"):
        shutil.copytree(reproduced[0] / name, study / name, symlinks=True)
    result = call(study, "demo")
    assert result.status == 2
    assert "models/seed_1.skops is not there yet" in result.err
    assert "Run python reproduce.py." in result.err
