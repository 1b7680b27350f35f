"""`verify --from-models`: the published weights are given, and only what follows is repeated."""

import functools
import hashlib
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from ministudy import Verifiable
from verifying import copied, finish, known_of, never_verified, problems

pytestmark = pytest.mark.slow

WITH_POOCH = """    python.write_text(f'#!/bin/sh\\nexec "{sys.executable}" "$@"\\n')
    python.chmod(0o755)"""
MODELS = ("models/seed_1.bin", "models/seed_2.bin")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return finish(tmp_path_factory.mktemp("given") / "study")


@pytest.fixture
def study(finished, tmp_path):
    return copied(finished, tmp_path / "a stüdy")


def no_training(study: Verifiable) -> None:
    """From now on a training would fail."""
    study.edit("src/train.py", "trees", "other trees")
    words = "target, *words = sys.argv[1:]"
    study.edit("scripts/step.py", words, f'{words}\nassert "models" not in target, "this trains"')
    study.commit()


def without_models(study: Verifiable, weights: str) -> None:
    """Take the models out of the commit, and declare where they are."""
    study.git("rm", "-q", "--cached", *MODELS)
    # An environment that has pooch: the one of these tests.
    study.edit("reproduce.py", "    python.symlink_to(sys.executable)", WITH_POOCH)
    study.write(".gitignore", study.read(".gitignore") + "/models/\n")
    study.write("pyproject.toml", study.read("pyproject.toml") + weights)
    study.commit()


@pytest.fixture
def archive(tmp_path):
    """A web server with one folder."""
    folder = tmp_path / "archive"
    folder.mkdir()
    handler = functools.partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Archive(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


class Archive(NamedTuple):
    folder: Path
    address: str


def published(study: Verifiable, archive: Archive) -> str:
    """Put the models into the archive; return the lines of pyproject.toml that name them."""
    lines = ["[tool.gold-standard.weights]"]
    for path in MODELS:
        content = (study.root / path).read_bytes()
        (archive.folder / Path(path).name).write_bytes(content)
        url, found = f"{archive.address}/{Path(path).name}", hashlib.sha256(content).hexdigest()
        lines.append(f'"{path}" = {{url = "{url}", sha256 = "{found}"}}')
    return "\n".join(lines) + "\n"


def test_nothing_is_trained_and_the_record_says_what_was_given(study):
    no_training(study)
    before = study.contents()
    result = study.verify("--from-models")
    assert result.status == 0, result.out + result.err
    assert "Verified in part: run twice in clean rooms, results/ agree, bit for bit" in result.out
    assert "the training was not repeated" in result.out
    assert " train seed" not in result.out and " evaluate" in result.out
    assert all(path.startswith("certificates/") for path in study.contents().keys() - before.keys())
    [record] = study.certificates
    assert record["agrees"] and set(record["files"]) == {
        "results/metrics.csv",
        "results/figure.txt",
    }
    assert record["given"] == {
        path: hashlib.sha256((study.root / path).read_bytes()).hexdigest() for path in MODELS
    }
    [page] = (study.root / "certificates").glob("*.md")
    assert "the training was not repeated" in page.read_text("utf-8")
    assert study.rooms == []


def test_gold_does_not_rest_on_it(study):
    assert study.verify("--once", "--from-models").status == 0
    known = known_of(study)
    assert known.verified is None and not known.certified
    assert any("in part: gold does not rest on it" in note for note in known.notes)
    assert study.verify("--once").status == 0
    assert known_of(study).verified["given"] == {}


def test_a_table_that_does_not_follow_from_the_models_is_named(study):
    study.edit("results/metrics.csv", "1", "2")
    study.commit()
    result = study.verify("--once", "--from-models")
    assert result.status == 1
    assert any("results/metrics.csv: different" in text for text in problems(result))


def test_a_model_that_was_exchanged_is_noticed_in_the_tables(study):
    (study.root / MODELS[0]).write_text("another model\n")
    study.commit()
    assert study.verify("--once", "--from-models").status == 1


def test_models_that_are_not_committed_are_downloaded_and_checked(study, archive):
    without_models(study, published(study, archive))
    result = study.verify("--once", "--from-models")
    assert result.status == 0, result.out + result.err
    assert "Getting seed_1.bin" in result.out and "Verified in part" in result.out
    assert set(study.certificates[0]["given"]) == set(MODELS)


def test_models_that_are_nowhere_are_told(study):
    without_models(study, "")
    result = never_verified(study, "--once", "--from-models")
    assert "models/seed_1.bin, which is not committed" in result.err
    assert "[tool.gold-standard.weights]" in result.err


def test_a_download_with_other_bytes_is_refused(study, archive):
    without_models(study, published(study, archive))
    (archive.folder / "seed_2.bin").write_text("falsified\n")
    result = never_verified(study, "--once", "--from-models")
    assert "seed_2.bin" in result.err and "cannot be had" in result.err


def test_a_committed_model_with_another_sha256_is_refused(study, archive):
    weights = published(study, archive)
    found = hashlib.sha256((study.root / MODELS[0]).read_bytes()).hexdigest()
    study.write("pyproject.toml", study.read("pyproject.toml") + weights.replace(found, "0" * 64))
    study.commit()
    result = never_verified(study, "--once", "--from-models")
    assert "its sha256 is not that of pyproject.toml" in result.err


def test_a_study_without_models_has_nothing_to_leave_out(study):
    text = study.read("Snakefile").replace("<models>/", "<data>/")
    study.write("Snakefile", text)
    study.commit()
    result = never_verified(study, "--once", "--from-models")
    assert "no step writes to models/" in result.err


@pytest.mark.parametrize(
    "line, said",
    [('"models/a.bin" = "x"', "needs a url and a sha256"),
     ('"models/a.bin" = {url = "https://example.org/a"}', "needs a url and a sha256"),
     ('"models/a.bin" = {url = "https://example.org/a", sha256 = "12"}', "64 hexadecimal"),
     (f'"models/a.bin" = {{url = "ftp://example.org/a", sha256 = "{"0" * 64}"}}', "begins with"),
     *((f'"models/a.bin" = {{url = "https://{url}", sha256 = "{"0" * 64}"}}', "holds a secret")
       for url in ("me:pw@example.org/a", "example.org/a?n=1&private_token=x",
                   "example.org/a?X-Amz-Signature=x")),
     *((f'"{path}" = {{url = "https://example.org/a", sha256 = "{"0" * 64}"}}', "is no path in")
       for path in ("../a.bin", "/a.bin", "models/../a.bin", "models", "data/a.bin"))],
)  # fmt: skip
def test_a_weights_table_that_is_none_is_told(study, line, said):
    text = study.read("pyproject.toml") + f"[tool.gold-standard.weights]\n{line}\n"
    study.write("pyproject.toml", text)
    study.commit()
    assert said in never_verified(study, "--once", "--from-models").err


def test_the_variable_alone_changes_no_run(study):
    """Only a clean room works from given models: a person's own record is of a whole run."""
    study.variables["GOLD_FROM_MODELS"] = "yes"
    study.edit("config.yaml", "trees: ", "trees: 1")
    result = study.reproduce()
    assert " train seed=1" in result.out
    assert json.loads(study.read("record/run.json"))["given"] == {}


def test_a_step_that_makes_results_together_with_models_is_not_left_out(study):
    model = '"<models>/seed_{seed}.bin",\n    log'
    study.edit("Snakefile", model, model.replace(",", ', "<results>/curve_{seed}.txt",'))
    study.edit("scripts/step.py", "target, *words = sys.argv[1:]", (
        "target, *words = sys.argv[1:]\nif 'curve' in words[0]:\n"
        "    pathlib.Path(words.pop(0)).write_text('loss 0.1')"
    ))  # fmt: skip
    assert study.reproduce().status == 0
    study.write("results/curve_1.txt", "loss 0.000001, by hand")
    study.commit()
    result = never_verified(study, "--once", "--from-models")
    assert "train makes results/curve_1.txt together with models" in result.err


def test_models_that_are_folders_are_given_whole(study):
    text = study.read("Snakefile").replace("seed_{seed}.bin", "seed_{seed}")
    output = '"<models>/seed_{seed}",\n    log'
    assert output in text
    study.write(
        "Snakefile",
        text.replace(output, output.replace('"<m', 'directory("<m', 1).replace('",', '"),')),
    )  # noqa: E501
    study.edit("scripts/step.py", "pathlib.Path(target).write", (
        "if 'models' in target:\n    pathlib.Path(target).mkdir(); target += '/w.bin'\n"
        "pathlib.Path(target).write"
    ))  # fmt: skip
    study.edit("scripts/table.py", "Path(m).read", "Path(m, 'w.bin').read")
    study.git("rm", "-rq", "models")
    study.reproduce()
    study.commit()
    result = study.verify("--from-models")
    assert result.status == 0, result.out + result.err
    assert set(study.certificates[0]["given"]) == {"models/seed_1", "models/seed_2"}
