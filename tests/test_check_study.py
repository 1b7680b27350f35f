"""What `check` says of a study, from the first minute to gold, and what makes it say less."""

import contextlib
import io
import json
import shutil
from pathlib import Path

import finished
import pages
import pytest
from finished import PACKAGE, WEIGHTS, append, check, drop_lines, replace, verdicts
from helpers import commit, git
from test_study import call, reproduced  # noqa: F401  (a fixture)

from gold_standard.check import command, judge, runs
from gold_standard.check.facts import Facts
from gold_standard.check.rules import ORDER, RULES
from gold_standard.layout import read_settings

pytestmark = pytest.mark.slow  # what every change must pass in a minute has others

BY_RUN = ["heil.details", "heil.deterministic", "heil.single-command"]
FRESH = dict.fromkeys(ORDER, "pass") | {
    "heil.models": "fail",  # there are none yet
    "heil.code": "fail",  # no DOI
    "heil.details": "fail",
    "heil.deterministic": "unknown",
    "heil.single-command": "unknown",
    "midl.model": "fail",
}
RUN = FRESH | dict.fromkeys([*BY_RUN, "midl.model"], "pass")
GOLD = dict.fromkeys(ORDER, "pass")
STALE = GOLD | dict.fromkeys(BY_RUN, "unknown")


@pytest.fixture
def fresh(tmp_path):
    """A study before its first run."""
    return finished.fresh(tmp_path / "study")


@pytest.fixture
def study(tmp_path):
    """A finished study of one's own."""
    return finished.copy(tmp_path / "study")


def by_id(told: dict, id: str) -> dict:
    return next(result for result in told["results"] if result["id"] == id)


def read(study: Path) -> runs.Study:
    """What is known of a study's runs, which is quicker than a whole report."""
    return runs.read(judge.open_tree(study), runs.digest_of(study), read_settings(study))


def main(*arguments: str | Path) -> tuple[int, str]:
    """The exit code of a call, and all that it prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = command.main(["check", *map(str, arguments)])
    return status, said.getvalue()


def _one_byte_more(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n")


def _reserve(study: Path) -> None:
    replace(study / ".zenodo.json", "{\n", f'{{\n  "doi": "{finished.CODE}",\n', count=1)


def _certify(study: Path) -> None:
    (study / "certificates").mkdir()
    (study / "certificates/2026-11-22.json").write_text("{}\n", "utf-8")


def _list_identifiers(study: Path) -> None:
    said = "{type: doi, value: 10.5281/zenodo.8427192, description: all versions of the code}"
    append(study / "CITATION.cff", f"identifiers:\n  - {said}\n")


def _without_place(told: dict) -> dict:
    return {key: value for key, value in told.items() if key not in ("path", "commit", "dirty")}


def waive(study: Path, waivers: str) -> None:
    append(study / "pyproject.toml", f"\n[tool.gold-standard.waivers]\n{waivers}\n")


def forge(study: Path, change=lambda content: None) -> runs.Study:
    """What is known after somebody edited the record and put the present digest into it."""
    path = study / "record/run.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    content["study_digest"] = runs.digest_of(study)
    path.write_text(json.dumps(content), "utf-8")
    return read(study)


def shape(record: dict) -> dict:
    """What of a record does not depend on the machine and the numbers."""
    steps = [(x["rule"], x["wildcards"], sorted(x["outputs"])) for x in record["steps"]]
    return {
        "keys": {
            key: sorted(value) if isinstance(value, dict) else None
            for key, value in record.items()
            if key not in ("git", "files")
        },  # fmt: skip
        "of a step": sorted(record["steps"][0]),
        "steps": sorted(steps, key=str),
        "of the machine": sorted(record["machine"]["cpu"]),
        "kinds": {path: outcome["kind"] for path, outcome in record["comparison"]["files"].items()},
    }


class TestFromTheFirstMinuteToGold:
    """The verdicts of each stage, all fifteen."""

    def test_before_the_first_run(self, fresh):
        told = check(fresh)
        assert verdicts(told) == FRESH
        assert told["heil"] == {"level": "none"}
        assert told["midl"] == {"score": 5, "applicable": 6, "repeatable": True}
        assert (told["evidence"], told["example"]) == ("none", True)
        assert told["study_digest"] == runs.digest_of(fresh)
        assert told["next"]["id"] == "heil.models"

    def test_after_the_first_run_it_is_still_the_example(self, fresh):
        finished.write_run(fresh)
        told = check(fresh)
        assert verdicts(told) == RUN
        assert (told["heil"]["level"], told["midl"]["score"]) == ("none", 6)
        assert (told["evidence"], told["example"]) == ("self-reported", True)
        for id in ("heil.dependencies", "heil.deterministic", "heil.single-command"):
            assert by_id(told, id)["level"] == "re-run"

    def test_an_example_with_every_identifier_gets_no_badge(self, fresh):
        finished.identify(fresh)
        finished.write_run(fresh)
        told = check(fresh)
        assert (told["heil"]["level"], told["example"]) == ("gold", True)
        assert any("example" in note for note in told["notes"])
        for face in ("svg", "endpoint"):
            status, said = main(fresh, "--format", face)
            assert status == 2
            assert "example" in said and "<svg" not in said

    def test_made_ones_own_and_not_run_again_the_record_counts_for_nothing(self, fresh):
        finished.write_run(fresh)
        finished.make_own(fresh)
        told = check(fresh)
        assert verdicts(told) == RUN | dict.fromkeys(BY_RUN, "unknown")
        assert (told["evidence"], told["example"]) == ("none", False)
        assert any("another state" in note for note in told["notes"])

    @pytest.mark.parametrize("kind", ["finished", "committed", "deposited"])
    def test_made_ones_own_run_again_and_archived_it_is_gold(self, kind, tmp_path):
        told = check(finished.copy(tmp_path / "study", kind))
        assert verdicts(told) == GOLD
        assert told["heil"] == {"level": "gold"}
        assert told["midl"] == {"score": 6, "applicable": 6, "repeatable": True}
        assert (told["evidence"], told["example"]) == ("self-reported", False)
        # The tests render from a plain folder, which no update can come from.
        [note] = told["notes"]
        assert "the template was not in Git" in note
        assert (told["next"], told["waivers"]) == (None, [])

    def test_gold_has_a_badge_that_says_self_reported(self, study):
        status, said = main(study, "--format", "svg")
        assert status == 0
        assert "gold" in said and "self-reported" in said

    @pytest.mark.parametrize("path", ["config.yaml", f"src/{PACKAGE}/train.py"])
    def test_one_changed_line_is_enough_to_be_no_example(self, fresh, path):
        if path == "config.yaml":
            replace(fresh / path, "trees: 40", "trees: 41")
        else:
            append(fresh / path, "\nDEPTH = 3\n")
        assert check(fresh)["example"] is False


class TestWhatOutdatesARecord:
    """One byte of what was run does; what follows from a run does not."""

    @pytest.mark.parametrize(
        "path",
        [
            f"src/{PACKAGE}/__init__.py", "Snakefile", "results/figures/roc.png", "results/new.csv",
            "models/seed_1.skops", "requirements.lock", "data/README.md", "tests/test_smoke.py",
        ],
    )  # fmt: skip
    def test_one_byte_anywhere_outdates_the_record(self, study, path):
        assert read(study).record
        _one_byte_more(study / path)
        assert read(study).stale and read(study).record is None

    @pytest.mark.parametrize(
        "path", ["config.yaml", f"src/{PACKAGE}/evaluate.py", "results/metrics.csv"]
    )
    def test_one_byte_takes_back_what_only_a_run_can_show(self, study, path):
        _one_byte_more(study / path)
        told = check(study)
        assert verdicts(told) == STALE
        assert told["evidence"] == "none"
        assert told["heil"]["level"] == "bronze"
        assert any("another state" in note for note in told["notes"])

    def test_a_changed_number_outdates_it(self, study):
        replace(study / "config.yaml", "seed: 20250317", "seed: 20250318")
        assert verdicts(check(study)) == STALE

    @pytest.mark.parametrize(
        "change",
        [
            commit, _reserve, _certify, _list_identifiers,
            lambda study: (study / "data/raw.csv").write_text("1,2\n"),
            lambda study: (study / ".run").mkdir(),
            lambda study: append(study / "record/manuscript.md", "More.\n"),
        ],
        ids=["commit", ".zenodo.json", "certificate", "identifiers", "data", "state", "manuscript"],
    )  # fmt: skip
    def test_what_evidence_must_not_depend_on_leaves_it(self, study, change):
        digest = runs.digest_of(study)
        change(study)
        assert runs.digest_of(study) == digest
        assert read(study).reported == "self-reported"

    def test_gold_stays_gold_when_it_is_committed_with_its_doi(self, study):
        _reserve(study)
        commit(study)
        assert check(study)["heil"]["level"] == "gold"

    def test_a_doi_reserved_after_the_run_is_taken(self, fresh):
        finished.make_own(fresh)
        finished.write_run(fresh)
        assert check(fresh)["heil"]["level"] == "none"
        finished.identify(fresh, weights=False)
        told = check(fresh)
        assert (told["heil"]["level"], told["evidence"]) == ("gold", "self-reported")


class TestWhereItLies:
    """Folder, clone and archive are the same study."""

    @pytest.mark.parametrize("bundled", [False, True], ids=["alone", "with a bundled project"])
    def test_folder_clone_and_archives_are_judged_alike(self, study, tmp_path, bundled):
        if bundled:
            (study / "other").mkdir()
            for name in ("LICENSE", "setup.py", "tool.py"):
                (study / "other" / name).write_text("# somebody else's\n", "utf-8")
            finished.write_run(study)
        before = check(study)
        assert verdicts(before) == GOLD
        commit(study)
        git(study, "clone", "--quiet", ".", str(tmp_path / "clone"))
        archive = tmp_path / "study.zip"
        git(study, "archive", "--prefix=study-1.0/", "-o", str(archive), "HEAD")
        shutil.unpack_archive(archive, tmp_path / "unpacked")
        for place in (study, tmp_path / "clone", archive, tmp_path / "unpacked/study-1.0"):
            told = check(place)
            assert _without_place(told) == _without_place(before), place
            assert (told["commit"] is None) == (place.suffix == ".zip" or "unpacked" in str(place))

    def test_a_commit_says_whether_files_differ_from_it(self, study):
        commit(study)
        assert check(study)["dirty"] is False
        append(study / "README.md", "\nMore.\n")
        assert check(study)["dirty"] is True


class TestControlledData:
    """Whoever lacks the data can show the pipeline, never the results."""

    def test_controlled_data_before_the_first_run(self, tmp_path):
        told = check(finished.fresh(tmp_path / "study", "controlled"))
        # The statement does not yet name the repository that keeps the data.
        assert verdicts(told) == FRESH | {"heil.data": "fail"}
        assert (told["heil"]["level"], told["example"]) == ("none", True)

    def test_the_stand_in_alone_is_never_gold(self, tmp_path):
        told = check(finished.copy(tmp_path / "study", "controlled"))
        assert verdicts(told) == GOLD | {"heil.single-command": "unknown"}
        assert told["heil"]["level"] == "silver"
        assert told["evidence"] == "self-reported"
        assert any("stand-in" in note for note in told["notes"])

    def test_models_of_the_stand_in_are_not_those_of_the_results(self, tmp_path):
        study = finished.copy(tmp_path / "study", "controlled")
        drop_lines(study / "MODEL_CARD.md", WEIGHTS)
        assert list((study / "models-standin").iterdir())
        told = verdicts(check(study))
        assert told["midl.model"] == told["heil.models"] == "fail"

    @pytest.mark.parametrize("shown", [True, False])
    def test_secret_noise_leaves_it_to_the_stand_in_whether_all_else_repeats(self, shown, tmp_path):
        study = finished.copy(tmp_path / "study", "controlled")
        real = study / "data/controlled/breast_cancer.csv"
        real.parent.mkdir(parents=True)
        real.write_text("the real data")
        shutil.copytree(study / "results-standin", study / "results")
        finished.write_run(study)
        finished.write_run(study)
        real.unlink()
        for _ in range(2 if shown else 0):  # a run on the stand-in, and one that agrees with it
            finished.write_run(study)

        def differ(record: dict, because: list[str]) -> None:
            seed = {"kind": "different", "because": because}
            record["comparison"]["files"]["models/seed_1.skops"] = seed

        agreed, why = forge(study, lambda x: differ(x, ["secret noise"])).agreement()
        assert agreed is (True if shown else None)
        assert ("up to secret noise, shown on the stand-in" in why) is shown
        assert forge(study, lambda x: differ(x, ["config.yaml"])).agreement()[0] is False

    def test_the_record_of_the_stand_in_cannot_pose_as_the_real_one(self, tmp_path):
        study = finished.copy(tmp_path / "study", "controlled")
        shutil.copyfile(study / "record/standin.json", study / "record/run.json")
        told = check(study)
        assert told["evidence"] == "none"
        assert told["heil"]["level"] == "bronze"
        assert by_id(told, "heil.single-command")["verdict"] == "unknown"


class TestWaivers:
    """Printed and powerless."""

    def test_a_waiver_is_printed_and_raises_nothing(self, fresh):
        waive(fresh, '"midl.model" = "the paper is about a loss function"')
        told = check(fresh)
        reason = "the paper is about a loss function"
        assert told["waivers"] == [{"id": "midl.model", "reason": reason}]
        assert verdicts(told) == FRESH | {"midl.model": "not-applicable"}
        assert told["heil"] == {"level": "none"}
        assert told["midl"] == {"score": 5, "applicable": 5, "repeatable": True}
        for face in ("text", "markdown", "html"):
            assert "the paper is about a loss function" in " ".join(
                main(fresh, "--format", face)[1].split()
            )

    def test_a_waiver_lowers_no_bar(self, fresh):
        assert main(fresh, "--fail-under", "midl=5")[0] == 0
        waive(fresh, '"midl.model" = "none is needed"')
        assert check(fresh)["midl"]["applicable"] == 5
        assert main(fresh, "--fail-under", "midl=5")[0] == 0
        assert main(fresh, "--fail-under", "midl=6")[0] == 1

    def test_waiving_everything_makes_nothing_pass(self, fresh):
        waive(fresh, "\n".join(f'"{id}" = "we like it so"' for id in ORDER))
        told = check(fresh)
        passed = {id for id, verdict in verdicts(told).items() if verdict == "pass"}
        assert passed == {id for id, verdict in FRESH.items() if verdict == "pass"}
        assert (told["heil"]["level"], told["midl"]["score"]) == ("none", 5)
        assert len(told["waivers"]) == len(ORDER)

    @pytest.mark.parametrize(
        "waivers",
        ['"midl.model" = ""', '"midl.model" = "  "', '"midl.model" = 3', '"midl.modle" = "no"'],
    )
    def test_a_waiver_needs_a_reason_and_a_criterion(self, fresh, waivers):
        waive(fresh, waivers)
        told = check(fresh)
        assert told["waivers"] == []
        assert verdicts(told) == FRESH

    def test_waivers_that_are_no_table_are_none(self, fresh):
        replace(
            fresh / "pyproject.toml",
            "[tool.gold-standard]\n",
            '[tool.gold-standard]\nwaivers = "all"\n',
        )
        assert verdicts(check(fresh)) == FRESH

    def test_a_run_reads_waivers_without_complaint(self, fresh):
        waive(fresh, '"midl.model" = "the paper is about a loss function"')
        assert list(read_settings(fresh)["waivers"]) == ["midl.model"]


class TestAnEditedRecord:
    """What does not fit the files is no evidence."""

    @pytest.mark.parametrize(
        "path", ["config.yaml", f"src/{PACKAGE}/train.py", "requirements.lock", "Snakefile"]
    )
    def test_a_forged_digest_counts_for_nothing(self, study, path):
        append(study / path, "# changed\n")
        known = forge(study)
        assert known.record is None
        assert any(path in note for note in known.notes)

    def test_a_better_number_with_a_forged_digest_counts_for_nothing(self, study):
        text = (study / "results/metrics.csv").read_text("utf-8")
        (study / "results/metrics.csv").write_text(text.replace("0.9", "0.99"), "utf-8")
        forge(study)
        told = check(study)
        assert verdicts(told) == STALE
        assert told["evidence"] == "none"

    def test_a_changed_hash_of_an_output_counts_for_nothing(self, study):
        def change(content: dict) -> None:
            content["steps"][-1]["outputs"]["results/figures/roc.png"] = "0" * 64

        assert forge(study, change).record is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            "3",
            "[" * 5000,
            '{"schema": 1}',
            '{"schema": 1, "steps": 3}',
            "\udcff",
        ],
    )
    def test_what_is_no_record_counts_for_nothing(self, study, text):
        (study / "record/run.json").write_bytes(text.encode(errors="surrogateescape"))
        known = read(study)
        assert (known.record, known.reported) == (None, "none")
        assert len(known.notes) == 1

    def test_a_record_of_a_strange_shape_stops_nobody_and_makes_no_gold(self, study):
        """The files stay the same, so what is known of them is gathered once."""
        path = study / "record/run.json"
        content = json.loads(path.read_text("utf-8"))
        facts = Facts(judge.open_tree(study))
        settings, digest = read_settings(study), runs.digest_of(study)
        rules = [rule for rule in RULES if rule.id in BY_RUN]
        for key in ("totals", "machine", "steps", "comparison", "layout"):
            for value in (None, 3, "text", [1], [{}], {"x": {"y": 2}}):
                path.write_text(json.dumps(content | {key: value}), "utf-8")
                facts.study = runs.read(judge.open_tree(study), digest, settings)
                found = {rule.id: rule.judge(facts).verdict for rule in rules}
                assert set(found.values()) != {"pass"}, (key, value)


class TestExitCodes:
    """What continuous integration asks for."""

    @pytest.mark.parametrize(
        "asked, status",
        [("none", 0), ("bronze", 1), ("midl=5", 0), ("midl=6", 1), ("platinum", 2), ("midl=7", 2)],
    )
    def test_exit_codes_of_a_fresh_study(self, fresh, asked, status):
        assert main(fresh, "--fail-under", asked)[0] == status

    def test_exit_codes_of_gold(self, study):
        assert main(study, "--fail-under", "gold", "--fail-under", "midl=6")[0] == 0


@pytest.mark.slow
def test_a_real_run_is_judged_as_the_made_up_one(reproduced, fresh):  # noqa: F811
    real, result = reproduced
    assert result.status == 0, result.err
    finished.write_run(fresh)
    records = [json.loads((x / "record/run.json").read_text("utf-8")) for x in (real, fresh)]
    assert shape(records[0]) == shape(records[1])
    said = call(real, "check", "--format", "json")
    assert said.status == 0, said.err
    told, made_up = json.loads(said.out), check(fresh)
    assert verdicts(told) == verdicts(made_up) == RUN
    for key in ("heil", "midl", "evidence", "example", "waivers", "next", "software"):
        assert told[key] == made_up[key], key
    levels = [[result["level"] for result in x["results"]] for x in (told, made_up)]
    assert levels[0] == levels[1]
    for face, word in {
        "text": "MIDL",
        "markdown": "heil.data",
        "html": "<html",
        "csv": "midl",
    }.items():
        said = call(real, "check", "--format", face)
        assert said.status == 0 and word in said.out, (face, said)
    assert call(real, "check", "--format", "svg").status == 2
    for line, word in {
        pages.line("workshop.md", "python reproduce.py check --explain"): "heil.code",
        pages.line("report.md", "python reproduce.py report"): "Written to runs/report.html",
    }.items():
        said = call(real, *line.replace("ID", "heil.code").split()[2:])
        assert said.status == 0 and word in said.out, (line, said)
    for asked, status in {"none": 0, "bronze": 1, "midl=6": 0, "platinum": 2}.items():
        assert call(real, "check", "--fail-under", asked).status == status, asked
