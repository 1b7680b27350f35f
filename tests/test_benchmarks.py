"""The README's figures are what was measured, and the code that tells them is right."""

import json
import re

import pytest
from helpers import ROOT

from benchmarks import bench, jobs, picture, rendering, report

RESULTS = ROOT / "benchmarks" / "results.json"
INVENTED = {
    "date": "2000-01-02",
    "machine": {
        "cpu": {"model": "An abacus", "usable": 2},
        "memory_bytes": 4 * 2**30,
        "system": "None",
    },
    "versions": {"python": "3.11.0"},
    "notes": ["kedro is left out: no such wheel"],
    "parts": {
        "rendering": {
            "others": 0.05,
            "files": {report.STUDY: 50, report.PLAIN: 50},
            "seconds": {report.STUDY: [1.1, 1.2, 2.6], report.PLAIN: [1.0, 1.0, 2.0]},
        },
        "reproducing": {"others": 0.1, "seconds": {report.ONE: [20.0], report.BY_HAND: [16.5]}},
        "nothing": {"others": 0.3, "seconds": {report.NOTHING: [0.5]}},
    },
}


@pytest.mark.parametrize("page, first", [("README.md", True), ("docs/benchmarks.md", False)])
def test_the_pages_tell_what_was_measured(page, first):
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    shown = report.BLOCK.search((ROOT / page).read_text(encoding="utf-8"))[0]
    assert shown == report.table(results, first)


def test_the_picture_of_a_first_run_is_of_this_template():
    """It was a real run; what it names must still be what a run says and makes."""
    drawn = (ROOT / "docs" / "pictures" / "first-run.svg").read_text(encoding="utf-8")
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    said = " ".join(re.sub("<[^>]+>", " ", drawn).replace("&#160;", " ").split())
    snakefile = (ROOT / "template" / "{{ scikit_learn }}" / "Snakefile.jinja").read_text("utf-8")
    for rule in re.findall(r"^rule (\w+):", snakefile, re.MULTILINE):
        assert rule == "all" or rule in said or "standin" in rule
    identical = re.findall(r"identical (results/\S+)", said)
    made = ROOT / "template" / "{{ scikit_learn }}" / "{{ public }}"
    assert identical and all((made / path).is_file() for path in identical)
    assert picture.COMMAND in said and picture.COMMAND in (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"Reproduced: \d+ files of results and models", said)


def test_a_picture_leaves_out_what_is_like_the_lines_above():
    said = "  … 10 s. x\n" + "".join(f"  new   a{n}\n" for n in range(5)) + "b\n\nReproduced: 5.\n"
    assert picture.shortened(said)[1:] == [
        *(f"  new   a{n}" for n in range(3)), picture.LEFT_OUT, "b", "", "Reproduced: 5.",
    ]  # fmt: skip


def test_the_results_hold_every_line_that_has_a_goal_or_a_note_why_not():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    for line in (line for line in report.LINES if line.goal):
        measured = results["parts"][line.part]["seconds"]
        missing = [name for name in (line.case, line.against) if name and name not in measured]
        assert all(any(name in note for note in results["notes"]) for name in missing), missing


def test_a_ratio_is_the_median_of_the_turns_and_not_the_ratio_of_the_medians():
    row = report.rows(INVENTED)[0]
    assert row[2] == "1.20 × (1.10 × to 1.30 ×)"
    assert row[3] == "at most 1.20 ×: met"


def test_a_goal_that_is_missed_is_called_missed():
    assert report.rows(INVENTED)[1][2:] == ["+3.5 s", "at most 3.0 s: missed"]


def test_what_was_not_measured_has_no_row_but_its_note_is_told():
    assert len(report.rows(INVENTED)) == 3
    assert "Kedro is left out: no such wheel." in report.table(INVENTED)


def test_the_table_says_when_and_where_and_beside_how_much_else():
    text = report.table(INVENTED)
    assert "others took 5% to 30% of its processors" in text
    assert "2000-01-02" in text and "An abacus, 2 cores, 4 GiB" in text


def test_the_screen_shows_every_case_with_its_spread():
    lines = report.part_lines("rendering", INVENTED["parts"]["rendering"])
    assert re.search(r"default study +1\.20 s \(1\.10 s to 2\.60 s, 3 times\) 50 files", lines[1])


@pytest.mark.parametrize("seconds, told", [(0.0123, "12.3 ms"), (1.234, "1.23 s"), (61, "61.0 s")])
def test_a_time_is_told_in_its_own_unit(seconds, told):
    assert report.spell(seconds) == told


def test_what_a_job_adds_leaves_the_first_call_out():
    seconds = {
        jobs.case(number, what): [2.0 + 0.05 * (number - 1)]
        for number in (1, 10, 100)
        for what in jobs.WHAT
    }
    added = jobs.per_job(seconds, (1, 10, 100))
    assert added[jobs.added(100, "run")] == pytest.approx([0.05])


def test_the_cases_take_turns():
    order = []
    cases = {name: lambda name=name: order.append(name) or 1.0 for name in "ab"}
    assert bench.take_turns(cases, 2) == {"a": [1.0, 1.0], "b": [1.0, 1.0]}
    assert order == ["a", "b", "a", "b"]


def test_a_command_that_fails_gives_no_figure(tmp_path):
    place = bench.Bench(tmp_path)
    with pytest.raises(bench.Failed, match="ended with 3: alas"):
        place.call([bench.BASE, "-c", "print('alas'); raise SystemExit(3)"], tmp_path)


def test_no_variable_of_python_falsifies_a_figure(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert not [name for name in bench.Bench(tmp_path).environment if name.startswith("PYTHON")]


@pytest.mark.parametrize("peer", rendering.PEERS)
def test_each_peer_is_pinned_with_hashes_and_names_no_index(peer):
    text = (ROOT / "benchmarks" / "peers" / f"{peer}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text)[1:]:
        assert "==" in entry and "--hash=sha256:" in entry
