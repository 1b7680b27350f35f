"""The command `gold-standard check`: what it takes, prints and exits with."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import csv
import http.server
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import zipfile
from pathlib import Path

import jsonschema
import pages
import pytest
import yaml

from gold_standard.check import command, faces, online
from gold_standard.check.rules import RULES
from gold_standard.cli import FORMATS
from tests.synthetic import ALL, IDS, files_of, write

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads(Path(faces.__file__).with_name("schema.json").read_text(encoding="utf-8"))
ARCHIVED = """
    # Study

    The data are archived as https://doi.org/10.5061/dryad.k3j4d; `prepare_data.py` downloads them.

    The code is archived as https://doi.org/10.5281/zenodo.3902211 too.

    The trained weights are archived as https://doi.org/10.5281/zenodo.3902212 too.
"""
DOWNLOADS = """
    import pandas as pd
    import pooch

    table = pd.read_csv(pooch.retrieve("https://doi.org/10.5061/dryad.k3j4d", known_hash=None))
"""


@pytest.fixture
def run(capfd):
    """Run the command; gives its exit code and what it printed on both streams."""

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = command.main(["check", *map(str, words)])
        return (code, *capfd.readouterr())

    return run


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Path]:
    """A few of the synthetic repositories on the disk."""
    folder = tmp_path_factory.mktemp("lab")
    names = ("torch_everything", "keras_on_request", "nothing", "weights_committed")
    for name in names:
        (folder / name).mkdir()
        write(ALL[name].files, folder / name)
    (folder / "bronze").mkdir()
    write({"README.md": ARCHIVED, "prepare_data.py": DOWNLOADS}, folder / "bronze")
    return {name: folder / name for name in (*names, "bronze")}


def verdicts(report: dict) -> dict[str, str]:
    return {result["id"]: result["verdict"] for result in report["results"]}


# What it takes


def test_a_folder(run, places):
    code, out, err = run(places["torch_everything"])
    assert (code, err) == (0, "")
    assert "Heil et al.: bronze" in out or "Heil et al.: silver" in out
    assert all(id in out for id in IDS)


def test_the_folder_where_one_stands_is_the_default(run, places, monkeypatch):
    monkeypatch.chdir(places["keras_on_request"])
    report = json.loads(run("--format", "json")[1])
    assert report["path"] == "." and verdicts(report) == ALL["keras_on_request"].verdicts


@pytest.mark.parametrize("top", ["", "keras-knee-main/"])
def test_an_archive(run, tmp_path, top):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files_of(ALL["keras_on_request"].files).items():
            file.writestr(top + name, content)
    code, out, err = run(path, "--format", "json")
    assert code == 0 and verdicts(json.loads(out)) == ALL["keras_on_request"].verdicts


def git(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    words = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    done = subprocess.run(
        words, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    folder = write(ALL["keras_on_request"].files, tmp_path_factory.mktemp("git") / "knee")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All")
    return folder


def test_a_git_address(run, repository):
    address = repository.as_uri()
    code, out, err = run(address, "--format", "json")
    report = json.loads(out)
    # A report is published: it names no folder of this machine.
    assert (code, err, report["path"]) == (0, "", f"file://…/{repository.name}")
    assert (report["commit"], report["dirty"]) == (git(repository, "rev-parse", "HEAD"), False)
    assert verdicts(report) == ALL["keras_on_request"].verdicts


def for_reviewers(start: str, address: str) -> list[str]:
    """The words of a line of docs/reviewers.md behind `gold-standard check`."""
    line = pages.line("reviewers.md", f"gold-standard check {start}")
    return [address if "host.example" in word else word for word in shlex.split(line)[2:]]


def test_a_reviewer_judges_an_address_and_gets_a_report_to_attach(
    run, repository, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    page = "https://host.example/authors/study"
    for start, word in ((page, "Heil et al.: none"), (f"{page} --format", "")):
        code, out, err = run(*for_reviewers(start, repository.as_uri()))
        assert (code, err) == (0, "") and word in out
    assert "heil.models" in (tmp_path / "report.md").read_text("utf-8")


def test_a_git_repository_says_its_commit_and_whether_it_changed(run, repository):
    path = repository / "notes.txt"
    for change, dirty in ((path.touch, True), (path.unlink, False)):
        change()
        report = json.loads(run(repository, "--format", "json")[1])
        assert (len(report["commit"]), report["dirty"]) == (40, dirty)


def test_what_is_ignored_counts_where_it_is_published_all_the_same(run, repository):
    def has_model() -> bool:
        report = json.loads(run(repository, "--format", "json")[1])
        return verdicts(report)["midl.model"] == "pass"

    (repository / ".gitignore").write_text("kept/\n")
    (repository / "kept").mkdir()
    (repository / "kept" / "best_model.pth").write_bytes(bytes(9000))
    assert not has_model(), "ignored, and in no commit"
    git(repository, "add", "--force", "kept/best_model.pth")
    assert has_model(), "tracked"
    git(repository, "rm", "--cached", "--quiet", "kept/best_model.pth")
    assert not has_model()
    shutil.rmtree(repository / ".git")
    assert has_model(), "unpacked from an archive"


def test_a_folder_inside_a_repository_does_not_take_its_commit(run, repository):
    (repository / "part").mkdir()
    for git_folder in (False, True):
        if git_folder:
            (repository / "part/.git").mkdir()
        report = json.loads(run(repository / "part", "--format", "json")[1])
        assert (report["commit"], report["dirty"]) == (None, None)


@pytest.mark.parametrize(
    "place",
    [
        "git@host.invalid:group/study.git",
        "ssh://host.invalid/study",
        "ssh://-oProxyCommand=touch/x",
    ],
)
def test_an_address_that_cannot_be_cloned_is_refused(run, place, monkeypatch):
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    code, out, err = run(place)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and place in err and "cannot be cloned: fatal: " in err


@pytest.mark.parametrize(
    "place", ["ext::sh -c false", "fd::17", "ext://sh", "--upload-pack=false", "-x"]
)
def test_an_address_that_would_run_something_is_refused(run, place):
    try:
        code, out, err = run(place)
    except SystemExit as stopped:  # argparse takes it for an option
        code = stopped.code
    assert code == 2


def test_the_password_in_an_address_is_not_repeated(run):
    code, out, err = run("https://someone:hush-hush@127.0.0.1:9/a.git")
    assert code == 2 and "127.0.0.1" in err and "hush" not in out + err


@pytest.mark.parametrize("place", ["no/such/folder", "", "\u202e"])
def test_what_is_not_there_is_refused_in_one_sentence(run, place):
    code, out, err = run("missing" if not place else place)
    assert (code, out) == (2, "")
    assert err.startswith("gold-standard: There is no folder or archive ") and err.count("\n") == 1


def test_one_that_cannot_be_judged_stops_all(run, places):
    code, out, err = run(places["nothing"], "no/such/folder")
    assert (code, out) == (2, "")


def test_run_is_only_for_studies_of_the_template(run, places):
    code, out, err = run(places["torch_everything"], "--run")
    assert code == 2 and "--run" in err


# Several


def several(places) -> list[Path]:
    return [places["torch_everything"], places["keras_on_request"], places["nothing"]]


def test_several_are_a_table_with_one_line_each(run, places):
    code, out, err = run(*several(places))
    lines = out.splitlines()
    assert code == 0 and len(lines) == 4 and lines[0].startswith("repository")
    assert "bronze" in lines[1] or "silver" in lines[1]
    assert "heil.data" in lines[3] and "0 of 6" in lines[3]


def test_several_as_csv(run, places):
    rows = list(csv.DictReader(io.StringIO(run(*several(places), "--format", "csv")[1])))
    assert [row["path"] for row in rows] == [str(place) for place in several(places)]
    assert [row["midl_score"] for row in rows][1:] == ["4", "0"]


def test_several_as_markdown(run, places):
    lines = run(*several(places), "--format", "markdown")[1].splitlines()
    assert [line.count("|") for line in lines if line.startswith("|")] == [7] * 5


def test_several_as_one_page(run, places):
    out = run(*several(places), "--format", "html")[1]
    assert out.lower().count("<html") == 1
    assert all(place.name in out for place in several(places))


def test_several_as_json_are_a_list(run, places):
    for report in (reports := json.loads(run(*several(places), "--format", "json")[1])):
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert len(reports) == 3


def test_the_worst_of_several_decides(run, places):
    assert run(places["torch_everything"], places["nothing"], "--fail-under", "midl=1")[0] == 1
    assert (
        run(places["torch_everything"], places["keras_on_request"], "--fail-under", "midl=4")[0]
        == 0
    )


# Forms


STARTS = {
    "text": r"\S+torch_everything:\s+no\s+commit,", "json": r"\{\n", "markdown": "# ", "csv": "path,heil_level",
    "html": r"<!doctype html>", "svg": "<svg", "endpoint": r'\{\n "schemaVersion": 1',
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("standard", ["heil", "midl"])
def test_every_form_on_the_screen_and_in_a_file(run, places, tmp_path, form, standard):
    words = (places["torch_everything"], "--format", form, "--standard", standard)
    code, out, _ = run(*words)
    assert code == 0 and re.match(STARTS[form], out, re.IGNORECASE)
    to = tmp_path / f"report.{form}"
    assert run(*words, "--output", to) == (0, f"Written to {to}.\n", "")
    assert to.read_text(encoding="utf-8") == out


def test_the_json_fits_its_schema(run, places):
    for place in places.values():
        report = json.loads(run(place, "--format", "json")[1])
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
        assert [result["id"] for result in report["results"]] == list(IDS)


def test_a_file_that_cannot_be_written_is_refused(run, places, tmp_path):
    code, out, err = run(places["nothing"], "--output", tmp_path / "no" / "report.txt")
    assert code == 2 and "cannot be written" in err


@pytest.mark.parametrize("form", ["svg", "endpoint"])
def test_a_badge_is_for_one_repository(run, places, form):
    code, out, err = run(*several(places), "--format", form)
    assert (code, out, err) == (2, "", "gold-standard: A badge is for one repository. Name one.\n")


@pytest.mark.parametrize("form", ["svg", "endpoint"])
def test_the_example_has_no_badge(run, study_of, form):
    code, out, err = run(study_of(), "--format", form)
    assert (code, out) == (2, "") and "example" in err and err.count("\n") == 1


def test_an_unknown_form_is_refused(run, places):
    with pytest.raises(SystemExit, match="2"):
        run(places["nothing"], "--format", "pdf")


# Levels


@pytest.mark.parametrize(
    ("name", "asked", "code"),
    [
        ("nothing", "none", 0), ("nothing", "bronze", 1), ("nothing", "midl=0", 0), ("nothing", "midl=1", 1),
        ("bronze", "bronze", 0), ("bronze", "silver", 1), ("bronze", "gold", 1), ("bronze", "midl=1", 0),
        ("torch_everything", "bronze", 0), ("torch_everything", "silver", 1), ("torch_everything", "gold", 1),
        ("torch_everything", "midl=5", 0), ("torch_everything", "midl=6", 0),
        ("weights_committed", "midl=6", 0), ("keras_on_request", "midl=5", 1),
    ],
)  # fmt: skip
def test_below_what_was_asked_the_code_is_one(run, places, name, asked, code):
    found, out, err = run(places[name], "--fail-under", asked)
    assert (found, err) == (code, "") and out


def test_all_that_was_asked_counts(run, places):
    assert run(places["bronze"], "--fail-under", "bronze", "--fail-under", "midl=6")[0] == 1
    assert (
        run(places["torch_everything"], "--fail-under", "bronze", "--fail-under", "midl=6")[0] == 0
    )


@pytest.mark.parametrize(
    "asked",
    [
        "platinum",
        "midl",
        "midl=7",
        "midl=-1",
        "midl=five",
        "heil=bronze",
        "",
        "Gold",
        "midl=1.5",
        "midl=²",
    ],
)
def test_a_level_that_is_none_is_refused(run, places, asked):
    code, out, err = run(places["nothing"], "--fail-under", asked)
    assert (code, out) == (2, "")
    assert (
        err
        == f"gold-standard: --fail-under {asked}: say bronze, silver, gold, or midl=0 to midl=6.\n"
    )


# Explaining


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_criterion_explains_itself(run, rule):
    code, out, err = run("--explain", rule.id)
    assert (code, err) == (0, "")
    assert out.startswith(f"# {rule.id}\n") and rule.asks in out
    assert out.rstrip("\n") == (ROOT / rule.page).read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("id", ["heil.gold", "README", "../heil.data", ""])
def test_a_criterion_that_is_none_is_refused(run, id):
    code, out, err = run(f"--explain={id or '?'}")
    assert (code, out) == (2, "") and all(one in err for one in IDS)


# Looking identifiers up


class Resolver(http.server.BaseHTTPRequestHandler):
    """Answers as the DOI service would; what it says depends on the path."""

    answers: dict[str, int] = {}
    asked: list[str] = []

    def do_HEAD(self):
        self.asked.append(self.path)
        code = next((c for end, c in self.answers.items() if self.path.endswith(end)), 404)
        if code == 0:
            time.sleep(2)
            code = 200
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/landing")
        self.end_headers()

    do_GET = do_HEAD  # what a redirection of a HEAD becomes

    def log_message(self, *_):
        pass


@pytest.fixture
def resolver():
    """A resolver on this machine, by its address; it knows no DOI until it is told."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Resolver)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    Resolver.answers, Resolver.asked = {"/landing": 200}, []
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def looked_up(run, places, resolver) -> dict:
    report = json.loads(
        run(places["bronze"], "--online", "--resolver", resolver, "--format", "json")[1]
    )
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    return report


BRONZE = ("heil.data", "heil.models", "heil.code")


def levels(report: dict) -> dict[str, str]:
    return {result["id"]: result["level"] for result in report["results"]}


@pytest.mark.parametrize("code", [200, 302])
def test_an_identifier_that_leads_somewhere_is_resolved(run, places, resolver, code):
    Resolver.answers |= {"dryad.k3j4d": code, "3902211": code, "3902212": code}
    report = looked_up(run, places, resolver)
    assert {levels(report)[id] for id in BRONZE} == {"resolved"}
    assert report["heil"]["level"] == "bronze"
    assert not any("not looked up" in result["why"] for result in report["results"])
    assert "/10.5281/zenodo.3902211" in Resolver.asked


def test_an_identifier_that_leads_nowhere_takes_the_level_away(run, places, resolver):
    Resolver.answers |= {"dryad.k3j4d": 200, "3902212": 200, "3902211": 404}
    report = looked_up(run, places, resolver)
    assert verdicts(report)["heil.code"] == "fail"
    assert report["heil"]["level"] == "none"
    assert report["next"] == {"id": "heil.code", "fix": "Correct the identifier."}
    assert (
        run(places["bronze"], "--online", "--resolver", resolver, "--fail-under", "bronze")[0] == 1
    )


def test_a_service_that_fails_leaves_the_verdicts(run, places, resolver):
    Resolver.answers |= {"dryad.k3j4d": 500, "3902211": 500, "3902212": 500}
    report = looked_up(run, places, resolver)
    assert {levels(report)[id] for id in BRONZE} == {"static"}
    assert report["heil"]["level"] == "bronze"
    assert any("could not be looked up: HTTP 500" in note for note in report["notes"])


def test_a_service_that_does_not_answer_leaves_the_verdicts(run, places, resolver):
    Resolver.answers |= {"dryad.k3j4d": 0, "3902211": 0, "3902212": 0}
    report = json.loads(run(places["bronze"], "--format", "json")[1])
    online.resolve(report, resolver, timeout=0.1)
    assert {levels(report)[id] for id in BRONZE} == {"static"}
    assert any("timed out" in note for note in report["notes"])
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_without_a_network_the_verdicts_stay(run, places):
    report = looked_up(run, places, "http://127.0.0.1:9/")
    assert report["heil"]["level"] == "bronze" and report["notes"]


def test_nothing_is_looked_up_unless_asked_for(run, places, resolver):
    run(places["bronze"], "--resolver", resolver)
    assert not Resolver.asked


# For other repositories


def test_the_hook_for_other_repositories_runs_the_command():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (hook,) = hooks
    assert hook["id"] == "gold-standard"
    assert (hook["language"], hook["always_run"], hook["pass_filenames"]) == ("python", True, False)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    name, *words = hook["entry"].split()
    assert project["project"]["scripts"][name] == "gold_standard.check.command:main"
    assert words == ["check"] and hook["args"] == ["--fail-under", "bronze"]


def test_what_the_hook_says_is_understood(run, places, monkeypatch):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for name, code in (("bronze", 0), ("nothing", 1)):
        monkeypatch.chdir(places[name])
        assert run(*hook["args"])[0] == code


# Running a study again


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of tiny steps, with what tells the judge that it was made from the template."""
    from ministudy import Verifiable

    from gold_standard import environment

    monkeypatch.setattr(environment, "base_python", lambda: sys.executable)
    study = Verifiable(tmp_path / "a stüdy")
    study.write("tools/tools.lock", "")
    monkeypatch.setenv("TMPDIR", str(study.temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return study


@pytest.mark.slow
def test_run_judges_by_a_run_of_a_copy_and_leaves_the_study_alone(run, study):
    study.commit()
    before = study.contents()
    words = for_reviewers("--run", study.root.as_uri())
    code, out, err = run(*words, "--format", "json")
    assert code == 0, err
    report = json.loads(out)
    assert report["evidence"] == "re-run here" and "Running it once more" in err
    assert study.contents() == before and study.rooms == []
    assert json.loads(run(study.root, "--format", "json")[1])["evidence"] == "none"


@pytest.mark.slow
def test_run_never_takes_an_old_record_for_the_run_that_failed(run, study):
    assert study.reproduce().status == 0
    study.commit()
    study.edit("scripts/table.py", "import", "raise SystemExit(3)\nimport")
    code, out, err = run(study.root, "--run")
    assert (code, out) == (2, "") and "did not come to its end" in err
    assert study.rooms == []
