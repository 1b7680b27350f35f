"""The rendered study, run for real: on real data, with real environments, as its user would."""

import hashlib
import http.server
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import copier
import pages
import pytest
from helpers import ROOT, commit, copy_template, executed, git, look, render
from ministudy import Result

pytestmark = pytest.mark.slow

PYTHON = getattr(sys, "_base_executable", sys.executable)  # no environment's
TOOLS = str(Path(sys.executable).parent)  # uv is here
STEPS = {
    "download_data",
    "prepare_data",
    *(f"train seed={seed}" for seed in range(1, 6)),
    "evaluate",
    "make_figures",
}
ODD = {"PYTHONHASHSEED": "77", "LC_ALL": "C", "LANG": "C", "TZ": "Pacific/Auckland"}


def call(study: Path, *arguments: str, prefix=(), uv=True, **extra: str) -> Result:
    """Call the study's one command, as from a shell in which nothing is activated."""
    path = os.pathsep.join([TOOLS, os.environ["PATH"]] if uv else [os.environ["PATH"]])
    done = subprocess.run(
        [*prefix, PYTHON, "reproduce.py", *arguments],
        cwd=study, env={**os.environ, "PATH": path, **extra}, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


def outputs(study: Path) -> dict[str, bytes]:
    """Everything in results/ and models/, by path."""
    return {
        path.relative_to(study).as_posix(): path.read_bytes()
        for folder in ("results", "models", "results-standin", "models-standin")
        for path in (study / folder).rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory):
    """What README's first command gives, in a folder with a blank and a letter beyond ASCII."""
    study = tmp_path_factory.mktemp("by uv") / "étude one"
    line = pages.line("../README.md", "python3 develop.py study")
    done = pages.call(ROOT, f"{line} --installer uv", {"../my-study": study})
    return study, Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def copied(reproduced, tmp_path):
    """A copy of the reproduced study, environments and state included."""
    study = tmp_path / "study"
    shutil.copytree(reproduced[0], study, symlinks=True)
    return study


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory):
    """All wheels of three locks, as docs/cluster.md brings them to where there is no network."""
    study = render(tmp_path_factory.mktemp("wheels") / "study", add_ons=["cluster"])
    for lock in ("requirements.lock", "tools/tools.lock", "profiles/slurm/tools.lock"):
        line = pages.line("cluster.md", "pip download").replace("requirements.lock", lock)
        done = pages.call(study, f"{line} --quiet")
        assert done.returncode == 0, done.stderr
    return study / "wheels"


def test_a_fresh_study_reproduces_the_results_that_it_came_with(reproduced):
    study, result = reproduced
    assert result.status == 0, result.out + result.err
    assert result.steps == STEPS
    assert "Reproduced: " in result.out
    shipped = {path: kind for path, kind in result.kinds.items() if path.startswith("results/")}
    assert set(shipped.values()) == {"identical"}, shipped
    told = "What you have now: 6 tables and 3 figures in results/, 10 files in models/"
    assert told in result.out
    assert "Three things to try:" in result.out


def test_after_an_update_the_study_still_reproduces(reproduced, tmp_path):
    template, study = tmp_path / "template", tmp_path / "study"
    template.mkdir()
    copy_template(template)
    commit(template)
    git(template, "tag", "v0.1.0")
    copier.run_copy(str(template), study, defaults=True, quiet=True)
    commit(study)
    for name in ("Dockerfile", "reproduce.py", "{{ scikit_learn }}/config.yaml.jinja"):
        with (template / "template" / name).open("a") as file:
            file.write("# newer\n")
    commit(template)
    git(template, "tag", "v0.2.0")
    copier.run_update(study, defaults=True, overwrite=True, quiet=True)
    changed = git(study, "diff", "--name-only").split()
    assert changed == [".copier-answers.yml", "Dockerfile", "reproduce.py"]
    commit(study)
    for name in (".venv", ".tools"):
        shutil.copytree(reproduced[0] / name, study / name, symlinks=True)
    result = call(study)
    assert (result.status, result.steps) == (0, STEPS), result.out + result.err
    assert outputs(study) == outputs(reproduced[0])


def test_without_network_by_pip_on_one_core_it_makes_the_same_bytes(
    reproduced, wheelhouse, tmp_path
):
    study = render(tmp_path / "une autre étude")
    result = call(
        study, "--installer", "pip", "--wheelhouse", str(wheelhouse), "--cores", "1",
        prefix=("unshare", "-n"), uv=False, **ODD,
    )  # fmt: skip
    assert result.status == 0, result.out + result.err
    log = (study / ".run/logs/01_download_data.log").read_text()
    assert "package:" in log, "the network was not as closed as this test believes"
    assert outputs(study) == outputs(reproduced[0])


def test_without_network_a_profile_gets_its_tools_from_the_same_folder(wheelhouse, tmp_path):
    study = wheelhouse.parent
    for name in ("sbatch", "squeue"):  # a Slurm that does not answer
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    start = "python reproduce.py --profile slurm --wheelhouse"
    words = shlex.split(pages.line("cluster.md", start))
    path = os.pathsep.join([str(tmp_path), TOOLS, os.environ["PATH"]])
    result = call(study, *words[2:], prefix=("unshare", "-n", "env", f"PATH={path}"))
    assert (study / ".tools-slurm").is_dir() and not (study / ".tools").exists()
    assert result.status == 2 and "squeue does not answer" in result.err


@pytest.mark.parametrize("core", ["Nehalem", pytest.param("Haswell", marks=pytest.mark.exhaustive)])
def test_on_another_processor_it_agrees_by_class(copied, core):
    shutil.rmtree(copied / ".run")
    result = call(copied, OPENBLAS_CORETYPE=core)
    assert result.status == 0, result.out + result.err
    assert result.steps == STEPS
    assert set(result.kinds.values()) <= {"identical", "within tolerance"}


@pytest.mark.parametrize(
    "name, old, new, steps",
    [
        ("config.yaml", "bins: 5", "bins: 4", {"make_figures"}),
        ("config.yaml", "resamples: 2000", "resamples: 100", {"evaluate"}),
        ("src/{package}/figures.py", '"""', '"""Now: ', {"make_figures"}),
    ],
)
def test_a_change_runs_exactly_the_steps_that_depend_on_it(copied, name, old, new, steps):
    package = next(path.name for path in (copied / "src").iterdir())
    path = copied / name.format(package=package)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    result = call(copied)
    assert result.steps == steps | ({"make_figures"} if "evaluate" in steps else set())


def test_nothing_to_do_is_said_and_nothing_is_written(copied):
    record = (copied / "record/run.json").read_bytes()
    result = call(copied)
    assert result.status == 0
    assert "Nothing to do" in result.out
    assert "Three things to try" not in result.out
    assert (copied / "record/run.json").read_bytes() == record


def test_a_smoke_run_leaves_everything_else_alone(copied):
    before = outputs(copied)
    result = call(copied, "--smoke")
    assert result.status == 0, result.out + result.err
    assert (copied / "runs/smoke/results/metrics.csv").is_file()
    assert outputs(copied) == before


def test_the_studys_own_tests_pass(copied):
    result = call(copied, "test")
    assert result.status == 0, result.out + result.err


def test_a_falsified_model_is_caught_by_what_it_predicts(copied):
    """A model of another seed has other bytes and other predictions."""
    shutil.rmtree(copied / ".run")
    models = sorted((copied / "models").glob("*.skops"))
    shutil.copyfile(models[1], models[0])
    result = call(copied)
    assert result.status == 1
    assert result.kinds[f"models/{models[0].name}"] == "different"


def test_a_model_with_other_bytes_and_the_same_predictions_agrees(copied):
    """The same forest, packed differently: zip allows it."""
    import zipfile

    shutil.rmtree(copied / ".run")
    model = sorted((copied / "models").glob("*.skops"))[0]
    with zipfile.ZipFile(model) as packed:
        content = {info.filename: packed.read(info) for info in packed.infolist()}
    with zipfile.ZipFile(model, "w", zipfile.ZIP_STORED) as unpacked:
        for name, data in content.items():
            unpacked.writestr(name, data)
    result = call(copied)
    assert result.status == 0, result.out + result.err
    assert result.kinds[f"models/{model.name}"] == "within tolerance"
    assert "predictions" in result.out


def test_the_papers_are_filled_from_the_record(reproduced):
    study, _ = reproduced
    record = json.loads((study / "record/run.json").read_text())
    readme, card = (study / "README.md").read_text(), (study / "MODEL_CARD.md").read_text()
    paper, tex = ((study / f"record/manuscript.{kind}").read_text() for kind in ("md", "tex"))
    assert record["machine"]["cpu"]["model"] in readme
    metrics = (study / "results/metrics.csv").read_text().splitlines()
    for row in metrics[1:]:
        assert f"| {' | '.join(row.split(','))} |" in card
    assert "Not run yet" not in readme + card
    for word in ("training rows 379", "held out rows 190", "root seed", "loss", "trees"):
        assert word in paper
    assert "_" not in tex.replace(r"\_", ""), "a bare underscore stops LaTeX"
    assert str(study) not in (study / "record/run.json").read_text() + paper + readme + card


def test_the_data_may_come_from_a_mirror_and_a_wrong_file_is_refused(copied, tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    raw = (copied / "data/raw/table.csv").read_bytes()
    (served / "good.csv").write_bytes(raw)
    (served / "bad.csv").write_bytes(raw.replace(b"17.99", b"17.98", 1))
    with loopback(served) as address:
        config = copied / "config.yaml"
        text = config.read_text()
        url = next(line for line in text.splitlines() if line.startswith("  url: "))
        shutil.rmtree(copied / "data/downloads")
        config.write_text(text.replace(url, f"  url: {address}/bad.csv"))
        result = call(copied)
        # The package's own copy steps in as the last mirror, and the log says why.
        assert result.status == 0, result.out + result.err
        assert "bad.csv" in (copied / ".run/logs/01_download_data.log").read_text()
        shutil.rmtree(copied / "data/downloads")
        lines = [line for line in text.splitlines() if not line.startswith("  mirror:")]
        text = "\n".join(lines).replace(url, f"  url: {address}/bad.csv\n  mirror: []")
        config.write_text(text)
        result = call(copied)
        assert result.status == 1
        assert "bad.csv" in result.err and hashlib.sha256(raw).hexdigest()[:8] in result.err
        kept = [path for path in (copied / "data").rglob("*") if path.is_file()]
        assert (served / "bad.csv").read_bytes() not in [path.read_bytes() for path in kept]
        config.write_text(text.replace("bad.csv", "good.csv"))
        assert call(copied).status == 0


class loopback:
    """A server of files on this machine."""

    def __init__(self, folder: Path) -> None:
        def handler(*arguments):
            return http.server.SimpleHTTPRequestHandler(*arguments, directory=str(folder))

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_controlled_study_runs_on_its_stand_in_and_on_the_real_data(reproduced, tmp_path):
    study = render(tmp_path / "study", data_access="controlled")
    result = call(study)
    assert result.status == 0, result.out + result.err
    assert "Reproduced: " in result.out
    assert not (study / "results").exists()
    standin = outputs(study)
    (study / "data/controlled").mkdir(exist_ok=True)
    raw = reproduced[0] / "data/raw/table.csv"
    shutil.copyfile(raw, study / "data/controlled/breast_cancer.csv")
    result = call(study)
    assert result.status == 0, result.out + result.err
    mine = outputs(study)
    assert {path: data for path, data in mine.items() if "standin" in path} == standin
    real = {path: data for path, data in mine.items() if "standin" not in path}
    public = outputs(reproduced[0])
    for personal in ("predictions", "demo"):
        del public[f"results/{personal}.csv"]
        assert (study / f"data/processed/{personal}.csv").is_file()
    assert real == public, "the controlled study computes what the public one does"


def test_an_added_notebook_runs_and_shows_the_demonstration(copied):
    notebook = copied / "scripts/notebook.ipynb"
    shutil.copyfile(look(add_ons=["notebook"]) / "scripts/notebook.ipynb", notebook)
    said, pictures = executed(notebook)
    assert "| accuracy | 0.9" in said
    assert said.count("seed_1 says") == 5 and "a part of the data that no training saw" in said
    assert pictures == len(list(copied.glob("results/figures/*.png")))


# Clean rooms


def test_the_study_verifies_in_a_clean_room_and_in_part_from_its_models(copied):
    shutil.rmtree(copied / ".run")
    commit(copied)
    whole = call(copied, "verify", "--once", "--by", "Ada Lovelace")
    assert whole.status == 0, whole.out + whole.err
    assert (
        "Verified: run once in a clean room, results/ and models/ agree, bit for bit" in whole.out
    )
    part = call(copied, "verify", "--once", "--from-models")
    assert part.status == 0, part.out + part.err
    assert "Verified in part: run once in a clean room, results/ agree, bit for bit" in part.out
    assert "train" not in part.steps and "evaluate" in part.steps
    [first, second] = sorted((copied / "certificates").glob("*.json"), key=lambda p: len(p.name))
    assert json.loads(first.read_text())["given"] == {}
    assert {f"models/seed_{n}.skops" for n in range(1, 6)} < set(
        json.loads(second.read_text())["given"]
    )
