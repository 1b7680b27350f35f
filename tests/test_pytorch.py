"""The PyTorch study, run for real in its own environment: the same bytes, and what privacy does."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import ROOT, executed, look, render
from test_study import ODD, call, outputs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="its environments are laid out otherwise"),
]

NAME = "Handwritten digits"
PACKAGE = "handwritten_digits"
STEPS = {
    "download_data",
    "prepare_data",
    *(f"train seed={seed}" for seed in range(1, 6)),
    "evaluate",
    "make_figures",
}
# Other processors, as the libraries below torch can be told to play them.
AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
OLD = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory):
    """A fresh PyTorch study, run once; its environment serves all tests."""
    folder = tmp_path_factory.mktemp("torch") / "une étude"
    study = render(folder, framework="pytorch", project_name=NAME)
    return study, call(study, "--cores", "2")


@pytest.fixture(scope="session")
def controlled(reproduced, tmp_path_factory):
    """A fresh study of controlled data, with the environments of the other."""
    folder = tmp_path_factory.mktemp("controlled") / "study"
    study = render(folder, framework="pytorch", data_access="controlled", project_name=NAME)
    return lend(reproduced[0], study)


def lend(giver: Path, study: Path) -> Path:
    """Copy both environments into a study with the same locks."""
    for name in (".venv", ".tools"):
        shutil.copytree(giver / name, study / name, symlinks=True)
    return study


@pytest.fixture
def copied(reproduced, tmp_path):
    """A copy of the reproduced study, environments and state included."""
    study = tmp_path / "study"
    shutil.copytree(reproduced[0], study, symlinks=True)
    return study


def python(giver: Path, *words: str | Path, cwd: Path, **extra: str) -> subprocess.CompletedProcess:
    """Run the Python of a study's environment, on the code of the study in `cwd`."""
    threads = {"OMP_NUM_THREADS": "1", "PYTHONPATH": "src", "PYTHONHASHSEED": "0"}
    return subprocess.run(
        [giver / ".venv/bin/python", *map(str, words)],
        cwd=cwd, env={**os.environ, **threads, **extra}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def training(study: Path, into: Path, **changes: object) -> list[str]:
    """The words of step 3, as the run recorded them, with other numbers and outputs."""
    record = json.loads((study / "record/run.json").read_text(encoding="utf-8"))
    command = next(s["command"] for s in record["steps"] if s["rule"] == "train")
    words = command.split(" > ")[0].split()[1:]
    places = {"checkpoint": into / "c", "model": into / "model", "facts": into / "facts.json"}
    for name, value in {"epochs": 4, **changes, **places}.items():
        words[words.index(f"--{name.replace('_', '-')}") + 1] = str(value)
    return words


def trained(study: Path, into: Path, **changes: object) -> bytes:
    """The weights of a short training by hand."""
    into.mkdir(parents=True, exist_ok=True)
    done = python(study, *training(study, into, **changes), cwd=study)
    assert done.returncode == 0, done.stderr
    return (into / "model").read_bytes()


# The study


def test_a_fresh_study_reproduces_the_results_that_it_came_with(reproduced):
    study, result = reproduced
    assert result.status == 0, result.out + result.err
    assert result.steps == STEPS
    shipped = {path: kind for path, kind in result.kinds.items() if path.startswith("results/")}
    assert set(shipped.values()) == {"identical"}, shipped


def test_the_network_beats_the_baseline(reproduced):
    lines = (reproduced[0] / "results/metrics.csv").read_text().splitlines()
    accuracy = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert accuracy["metric"] == "accuracy"
    assert float(accuracy["difference_low"]) > 0


def test_weights_have_one_key_of_metadata_and_nothing_is_left_of_the_training(reproduced):
    study = reproduced[0]
    for path in (study / "models").glob("*.safetensors"):
        data = path.read_bytes()
        head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        assert list(head["__metadata__"]) == ["about"]
    assert not [x for x in study.rglob("*.checkpoint") if ".venv" not in x.parts]
    assert not [x for x in study.glob("*") if "<" in x.name], "a path that nobody filled in"


def test_the_papers_are_filled_from_the_record(reproduced):
    study = reproduced[0]
    readme, card = (study / "README.md").read_text(), (study / "MODEL_CARD.md").read_text()
    paper = (study / "record/manuscript.md").read_text()
    assert "Not run yet" not in readme + card
    for row in (study / "results/metrics.csv").read_text().splitlines()[1:]:
        assert f"| {' | '.join(row.split(','))} |" in card
    facts = json.loads((study / "results/training.json").read_text())[0]
    plain = card.replace("\\", "")  # A table's cell escapes what Markdown would take for its own.
    assert str(facts["parameters"]) in plain and facts["layers"][0] in plain
    for word in ("training images 1078", "held out images 449", "CrossEntropyLoss", "batch size"):
        assert word in paper


@pytest.mark.parametrize(
    "which", ["reproduced", pytest.param("controlled", marks=pytest.mark.exhaustive)]
)
def test_the_studys_own_tests_pass(request, which):
    value = request.getfixturevalue(which)
    study = value[0] if which == "reproduced" else value
    result = call(study, "test")
    assert result.status == 0, result.out + result.err


def test_a_falsified_model_is_caught_by_what_it_predicts(copied):
    shutil.rmtree(copied / ".run")
    models = sorted((copied / "models").glob("*.safetensors"))
    data = models[0].read_bytes()
    models[0].write_bytes(models[1].read_bytes())
    # The same numbers, with a head that is padded: safetensors allows it.
    length = int.from_bytes(models[2].read_bytes()[:8], "little")
    whole = models[2].read_bytes()
    head = whole[8 : 8 + length] + b" " * 8
    models[2].write_bytes(len(head).to_bytes(8, "little") + head + whole[8 + length :])
    result = call(copied)
    assert result.status == 1
    assert result.kinds[f"models/{models[0].name}"] == "different"
    assert result.kinds[f"models/{models[2].name}"] == "within tolerance"
    assert (copied / f"models/{models[0].name}").read_bytes() == data


def test_data_network_and_loss_are_one_file_each(copied):
    """Images of 10 by 10 pixels in five classes, another network, another loss: all else stays."""
    source = copied / "src" / PACKAGE
    changes = {
        "prepare.py": [
            ("SHAPE = (1, 8, 8)", "SHAPE = (1, 10, 10)"),
            ('("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")', '("a", "b", "c", "d", "e")'),
            ("expected = math.prod(SHAPE) + 1", "expected = 65"),
            ("else len(CLASSES) - 1", "else 9"),
            (
                "return table[:, :-1].astype(np.uint8).reshape(-1, *SHAPE), table[:, -1]",
                "images = table[:, :-1].astype(np.uint8).reshape(-1, 1, 8, 8)\n"
                "    return np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1))), table[:, -1] // 2",
            ),
        ],
        "model.py": [
            ("nn.CrossEntropyLoss()", "nn.MultiMarginLoss()"),
            ("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
        ],
    }
    for name, pairs in changes.items():
        text = (source / name).read_text()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        (source / name).write_text(text)
        result = call(copied, "--smoke")
        assert result.status == 0, result.out + result.err
    facts = json.loads((copied / "runs/smoke/results/training.json").read_text())
    assert facts[0]["loss"] == "MultiMarginLoss"
    assert facts[0]["layers"][4].startswith("AvgPool2d")
    classes = (copied / "runs/smoke/results/metrics_by_class.csv").read_text().splitlines()
    assert [row[0] for row in classes[1:]] == list("abcde")


def test_an_added_notebook_runs_and_shows_the_demonstration(copied):
    notebook = copied / "scripts/notebook.ipynb"
    shutil.copyfile(
        look(framework="pytorch", add_ons=["notebook"]) / "scripts/notebook.ipynb", notebook
    )
    said, pictures = executed(notebook)
    assert "| accuracy | 0.9" in said
    assert said.count("seed_1 says") == 5 and "a part of the data that no training saw" in said
    assert pictures == len(list(copied.glob("results/figures/*.png")))


# The same bytes


def test_workers_change_no_byte(reproduced, tmp_path):
    first, *others = (trained(reproduced[0], tmp_path / str(n), workers=n) for n in (0, 2, 4))
    assert others == [first, first]


def test_hash_seed_locale_time_zone_folder_and_cores_change_no_byte(reproduced, copied):
    for study, cores, odd in ((reproduced[0], "2", {}), (copied, "1", ODD)):
        shutil.rmtree(study / "runs", ignore_errors=True)
        result = call(study, "--smoke", "--cores", cores, **odd)
        assert result.status == 0 and "train seed=2" in result.steps, result.out + result.err

    def made(study: Path) -> dict[str, bytes]:
        folders = [study / "runs/smoke" / name for name in ("models", "results")]
        paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(study).as_posix(): path.read_bytes() for path in paths}

    assert made(copied) == made(reproduced[0])
    assert len(made(copied)) > 15


def test_a_training_that_is_killed_goes_on_and_ends_with_the_same_bytes(reproduced, tmp_path):
    study, words = reproduced[0], training(reproduced[0], tmp_path, epochs=6)
    command = [study / ".venv/bin/python", *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "src"}
    with (tmp_path / "log").open("w") as log:
        first = subprocess.Popen(command, cwd=study, env=environment, stdout=log)
        deadline = time.monotonic() + 120
        while "epoch 2 of" not in (tmp_path / "log").read_text():
            assert first.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert not (tmp_path / "model").exists() and (tmp_path / "c").exists()
    done = python(study, *words, cwd=study)
    assert re.search(r"goes on after epoch [2345]\n", done.stdout), done.stdout + done.stderr
    assert (tmp_path / "model").read_bytes() == trained(study, tmp_path / "whole", epochs=6)


def test_a_checkpoint_of_other_numbers_is_not_used(reproduced, tmp_path):
    study, words = reproduced[0], training(reproduced[0], tmp_path, epochs=6)
    process = subprocess.Popen(
        [study / ".venv/bin/python", *words], cwd=study, stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "src"},
    )  # fmt: skip
    while not (tmp_path / "c").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    done = python(study, *training(study, tmp_path, epochs=6, dropout=0.5), cwd=study)
    assert done.returncode == 0 and "goes on" not in done.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("other", [OLD, AVX2], ids=["SSE4", "AVX2"])
def test_on_another_processor_it_agrees_by_class(copied, other):
    shutil.rmtree(copied / ".run")
    result = call(copied, "--cores", "2", **other)
    assert result.status == 0, result.out + result.err
    assert result.steps == STEPS
    assert set(result.kinds.values()) <= {"identical", "within tolerance"}


def test_an_emulated_processor_really_computes_otherwise(reproduced, tmp_path):
    """In 32 bits the bytes differ, so the test above is not about nothing."""
    study = reproduced[0]
    for name, other in (("a", {}), ("b", AVX2)):
        (tmp_path / name).mkdir()
        words = training(study, tmp_path / name, dtype="float32")
        assert python(study, *words, cwd=study, **other).returncode == 0
    assert (tmp_path / "a/model").read_bytes() != (tmp_path / "b/model").read_bytes()


def test_on_a_graphics_card_two_runs_are_the_same(reproduced, tmp_path, monkeypatch):
    study = reproduced[0]
    asked = "import torch, sys; sys.exit(not torch.cuda.is_available())"
    if python(study, "-c", asked, cwd=study).returncode:
        pytest.skip("no graphics card, or the build of torch for processors")
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    first, again = (trained(study, tmp_path / x, device="cuda") for x in "ab")
    assert first == again


# Controlled data and privacy


@pytest.mark.exhaustive
def test_a_controlled_study_runs_on_its_stand_in_and_on_the_real_data(controlled, reproduced):
    study = controlled
    result = call(study)
    assert result.status == 0, result.out + result.err
    assert "Reproduced: " in result.out
    assert not (study / "results").exists()
    standin = outputs(study)
    (study / "data/controlled").mkdir(exist_ok=True)
    raw = reproduced[0] / "data/raw/digits.csv.gz"
    shutil.copyfile(raw, study / "data/controlled/digits.csv.gz")
    result = call(study)
    shutil.rmtree(study / "data/controlled")
    assert result.status == 0, result.out + result.err
    mine = outputs(study)
    assert {path: data for path, data in mine.items() if "standin" in path} == standin
    public = outputs(reproduced[0])
    for name in ("predictions.csv", "demo.npz", "figures/errors.png", "figures/errors.pdf"):
        del public[f"results/{name}"]
        assert (study / "data/processed" / Path(name).name).is_file()
    real = {path: data for path, data in mine.items() if "standin" not in path}
    assert real == public, "the controlled study computes what the public one does"


PRIVATE = """
seeds: [1, 2]
standin: true
train: {epochs: 3}
privacy: {epsilon: 8}
evaluate: {resamples: 100}
"""


def test_a_private_run_records_epsilon_of_all_models_and_leaks_nothing_beside(controlled):
    study = controlled
    tables = {}
    for name in ("one", "two"):
        (study / f"{name}.yaml").write_text(PRIVATE)
        result = call(study, "--config", f"{name}.yaml")
        assert result.status == 0, result.out + result.err
        tables[name] = study / f"runs/{name}/results"
    assert outputs_of(tables["one"]) == outputs_of(tables["two"]), "seeded noise repeats"
    facts = json.loads((tables["one"] / "training.json").read_text())
    private = facts[0]["privacy"]
    assert private == facts[1]["privacy"]
    assert private["published_models"] == 2 and private["noise"] == "seeded"
    assert private["epsilon_of_one_model"] < 7.9 < private["epsilon_of_all_models"] <= 8
    metrics = (tables["one"] / "metrics.csv").read_text()
    assert f"epsilon_of_all_models,{private['epsilon_of_all_models']:.6g}," in metrics
    assert "delta,0.0001," in metrics
    # The baseline knows no training image, and the loss on them is not told.
    by_seed = (tables["one"] / "metrics_by_seed.csv").read_text()
    assert re.search(r"^baseline,.*,2\.30259,", by_seed, re.MULTILINE), "the logarithm of 10"
    curves = (tables["one"] / "learning_curves.csv").read_text().splitlines()
    assert curves[0].split(",")[2] == "training_loss"
    assert len(curves) == 7 and {row.split(",")[2] for row in curves[1:]} == {""}


def outputs_of(folder: Path) -> dict[str, bytes]:
    return {x.name: x.read_bytes() for x in folder.rglob("*") if x.is_file()}


def test_secret_noise_differs_and_its_seed_is_nowhere(controlled, reproduced, tmp_path):
    study, record = controlled, reproduced[0]
    public = training(record, tmp_path)
    data = [record / word if word.startswith("data/") else word for word in public]
    more = "--epsilon 8 --delta 1e-4 --max-grad-norm 1 --published 1 --noise secret".split()
    weights = set()
    for name in "ab":
        into = tmp_path / name
        into.mkdir()
        words = [str(word).replace(f"{tmp_path}{os.sep}", f"{into}{os.sep}") for word in data]
        done = python(record, *words, *more, cwd=study)
        assert done.returncode == 0, done.stderr
        weights.add((into / "model").read_bytes())
        private = json.loads((into / "facts.json").read_text())["privacy"]
        assert private["noise"] == "secret" and not {k for k in private if "seed" in k}
    assert len(weights) == 2


# Yeom et al. 2018 (doi 10.1109/CSF.2018.00027): who was learned from has the smaller loss.
ATTACK = """
import sys, json
import numpy as np, torch
from sklearn.metrics import roc_auc_score
from PACKAGE import model, prepare, privacy, seeding, train

images, labels = prepare.parse(open(sys.argv[1], "rb").read())
found = {"plain": [], "private": []}
for seed in range(int(sys.argv[2])):
    chosen = seeding.stream(1, "attack", seed)
    order = chosen.permutation(len(labels))[:1200]
    x, y = images[order], labels[order].copy()
    wrong = chosen.random(len(y)) < 0.2
    y[wrong] = (y[wrong] + chosen.integers(1, 10, wrong.sum())) % 10
    inside, outside = (x[:600], y[:600]), (x[600:], y[600:])
    for kind in found:
        settings = train.Settings(60, 0, 64, 0.003, 0, 0, "cpu", "float64")
        names = (1, "attack", seed, kind)
        with seeding.deterministic("cpu"):
            course = train.begin(model.Options(16, 64, 0.0), settings, names)
            batches = train.shuffled
            if kind == "private":
                guard = privacy.Guard(privacy.Budget(3.0, 1e-3, 1.0, 1, "seeded"), 600, settings)
                settings, batches = guard.protect(course), guard.batches
            train.fit(course, inside, outside, settings, names, lambda s: None, batches)
            losses = []
            for part in (inside, outside):
                scores = model.scores(course.network, train.tensor(part[0], "float64"))
                truth = torch.from_numpy(part[1])
                losses.append(torch.nn.functional.cross_entropy(scores, truth, reduction="none"))
        member = np.repeat([1, 0], 600)
        found[kind].append(roc_auc_score(member, -torch.cat(losses).numpy()))
print(json.dumps(found))
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("seeds", ["1", "5"])
def test_membership_leaks_from_plain_networks_and_not_from_private_ones(
    controlled, reproduced, seeds
):
    study, giver = controlled, reproduced[0]
    code = ATTACK.replace("PACKAGE", PACKAGE)
    raw = giver / "data/raw/digits.csv.gz"
    done = python(giver, "-c", code, raw, seeds, cwd=study)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    assert min(found["plain"]) >= 0.65
    assert max(found["private"]) <= 0.58


# ONNX, an addition outside of the lock

ONNX = ("onnx==1.23.2", "onnxruntime==1.31.1", "onnxscript==0.7.2")


@pytest.fixture(scope="session")
def with_onnx(reproduced, tmp_path_factory) -> Path:
    """An environment with the study's packages and the three that ONNX needs."""
    study, folder = reproduced[0], tmp_path_factory.mktemp("onnx")
    subprocess.run([study / ".venv/bin/python", "-m", "venv", folder], check=True)
    site = next((folder / "lib").glob("python3*/site-packages"))
    theirs = next((study / ".venv/lib").glob("python3*/site-packages"))
    (site / "study.pth").write_text(f"{theirs.resolve()}\n", encoding="utf-8")
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    subprocess.run([*pip, *ONNX], check=True)
    return folder


@pytest.mark.exhaustive
def test_onnx_has_the_same_bytes_in_every_folder_and_answers_like_torch(
    with_onnx, reproduced, tmp_path
):
    study = reproduced[0]
    page = (ROOT / "docs" / "onnx.md").read_text(encoding="utf-8")
    script = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    script = script.replace("my_package", PACKAGE)
    made = []
    for name in ("here", "somewhere else"):
        folder = tmp_path / name
        shutil.copytree(study / "src", folder / "src")
        (folder / "export.py").write_text(script, encoding="utf-8")
        words = ["--model", study / "models/seed_1.safetensors", "--onnx", "seed_1.onnx"]
        words += ["--test", study / "data/processed/test.npz"]
        done = subprocess.run(
            [with_onnx / "bin/python", "export.py", *words], cwd=folder, text=True,
            env={**os.environ, "PYTHONPATH": "src", "OMP_NUM_THREADS": "1"}, capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "449 answers as torch has them" in done.stdout
        made.append((folder / "seed_1.onnx").read_bytes())
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0] and b"site-packages" not in made[0]
