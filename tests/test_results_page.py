"""The page of a study's results: what it holds, that nothing hostile acts, and where it lies."""

import csv
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import finished
import pytest
from helpers import ROOT
from ministudy import MiniStudy
from PIL import Image, PngImagePlugin
from test_check_faces import HOSTILE, Elements, report

from gold_standard import cli, digest, layout, results_page
from gold_standard.check.faces import exhibits, results
from gold_standard.errors import Refusal
from gold_standard.git import Git

BLOCK = re.compile(f"{re.escape(results.BEGIN)}.*{re.escape(results.END)}", re.DOTALL)
CARRIED = re.compile(r" src='data:image/\w+;base64,[\w+/=]+'")


@pytest.fixture
def study(tmp_path):
    return finished.copy(tmp_path / "study")


def page_of(study: Path, kind=layout.REAL, judged=None) -> str:
    return results.text(study, kind, judged or report())


def change_record(study: Path, change) -> None:
    path = study / "record/run.json"
    record = json.loads(path.read_text("utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def seen(said: str) -> str:
    """What is read on the page, on one line."""
    return " ".join("".join(Elements(said).said).split())


def section(said: str, id: str) -> str:
    return re.search(rf"<section id='{id}'.*?</section>", said, re.DOTALL)[0]


# What it holds


def test_the_page_holds_question_numbers_figures_workflow_needs_and_verdicts(study):
    said = page_of(study)
    read = seen(said)
    assert "Breast cancer from cell nuclei" in read
    assert "tell a malignant breast mass from a benign one?" in read
    assert "roc_auc" in read and "0.994544" in read
    assert Elements(said).all("img") and len(Elements(said).all("img")) == 3
    for step in ("download_data", "prepare_data", "train", "evaluate", "make_figures"):
        assert step in section(said, "workflow")
    assert "AMD EPYC 7313" in read and "128.0 GiB of memory" in read and "CPU time" in read
    assert (
        "gold" in read and "6 of 6" in read and "heil.single-command" in re.sub("<wbr>", "", said)
    )


def test_the_verdicts_are_those_of_check(study):
    target = study.parent / "page.html"
    assert results_page.main(study, SimpleNamespace(output=str(target))) == 0
    judged = finished.check(study)
    said = target.read_text("utf-8")
    assert f"<strong>{judged['heil']['level']}</strong>" in said
    for one in judged["results"]:
        assert " ".join(one["why"].split()) in seen(said)


def test_the_workflow_says_what_a_step_takes_from_where_and_makes(study):
    said = seen(section(page_of(study), "workflow"))
    train = said[said.index("train × 5") : said.index("evaluate")]
    assert "prepare_data" in train and "data/processed/train.csv" in train
    assert "models/: seed_1.skops … seed_5.skops (5 files)" in train


def test_learning_curves_of_the_study_are_on_the_page(study):
    """PyTorch's example draws them, and keeps them as a table."""
    ours = Path(__file__).parent.parent / "template/{{ pytorch }}/{{ public }}/results"
    shutil.rmtree(study / "results")
    shutil.copytree(ours, study / "results")
    said = page_of(study)
    assert "learning.png" in said and "learning curves" in said
    assert "the first 5 of 123 rows" in seen(said)
    assert len(Elements(said).all("img")) == 4


def test_the_table_of_metrics_comes_first(study):
    titles = re.findall(r"<h3 id='table\d+'>(.*?)</h3>", page_of(study))
    assert titles == ["metrics", "demo", "metrics by seed", "predictions"]


def test_a_stand_in_says_so(tmp_path):
    study = finished.copy(tmp_path / "study", "controlled")
    said = page_of(study, layout.STANDIN)
    assert results.STOOD_IN in said and "metrics" in section(said, "results")
    assert results_page.main(study, SimpleNamespace(output=None)) == 0
    assert [path.name for path in (study / "runs").iterdir()] == ["report-standin.html"]


# It needs nothing and nobody


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(study):
    said = page_of(study)
    elements = Elements(said)
    assert elements.open == []
    assert not elements.all("script") and not elements.all("link") and not elements.all("iframe")
    policy = [one["content"] for one in elements.all("meta") if "content" in one]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in policy
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/")), (tag, attributes)
    assert "url(" not in said and "@import" not in said


def test_the_page_can_be_used_without_eyes_or_mouse(study):
    said = page_of(study)
    elements = Elements(said)
    tags = [tag for tag, _ in elements.found]
    assert [tags.count(tag) for tag in ("h1", "main", "header", "footer", "nav")] == [1] * 5
    assert elements.all("html") == [{"lang": "en"}]
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"][1:] for attributes in elements.all("a")]
    assert links[0] == "main" and set(links) <= set(ids)
    assert all(one.get("alt", "").strip() for one in elements.all("img"))
    assert all(one.get("scope") in ("row", "col") for one in elements.all("th"))
    for box in (one for one in elements.all("div") if one.get("class") == "scroll"):
        assert box["tabindex"] == "0" and box["role"] == "region"
        assert box.get("aria-label") or box["aria-labelledby"] in ids
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


def test_no_path_of_this_machine_is_on_the_page(study):
    results_page.write(study, layout.REAL)
    assert str(study.parent) not in (study / "runs/report.html").read_text("utf-8")


# The same again


def test_two_runs_differ_in_the_marked_block_alone(study):
    results_page.write(study, layout.REAL)
    before = (study / "runs/report.html").read_text("utf-8")

    def later(record):
        record["machine"]["cpu"]["model"] = "Another Processor 9000"
        record["totals"] |= {"wall_seconds": 99.0, "started": "2027-01-02T03:04:05+00:00"}
        for step in record["steps"]:
            step |= {"wall_seconds": 77.0, "started_seconds": 1.0}

    change_record(study, later)
    results_page.write(study, layout.REAL)
    after = (study / "runs/report.html").read_text("utf-8")
    assert before != after and "Another Processor 9000" in BLOCK.search(after)[0]
    assert before.count(results.BEGIN) == before.count(results.END) == 1
    assert BLOCK.sub("", before) == BLOCK.sub("", after)


def test_the_same_record_gives_the_same_bytes(study):
    assert page_of(study) == page_of(study)


def test_the_page_is_no_part_of_the_study(study):
    before = digest.study_digest(study, Git(study)), finished.check(study)["study_digest"]
    results_page.write(study, layout.REAL)
    assert (digest.study_digest(study, Git(study)), finished.check(study)["study_digest"]) == before
    finished.helpers.git(study, "init", "-q")
    changed = [path for path in Git(study).untracked(["."]) if path.startswith("runs")]
    assert changed == []


# Hostile content


def hostile_study(study: Path) -> str:
    """A page on which every text that a stranger has a hand in is hostile."""
    ugly = "results/<script>alert(1)<&'\"`.csv"
    (study / "README.md").write_text(f"# {HOSTILE[:40]}\n\n<script>alert(2)</script> & <b>x</b>\n")
    (study / ugly).write_text(
        "<script>alert(3)</script>,\"'><img src=x onerror=alert(4)>\n1,\x1b[31m\n"
    )
    picture = PngImagePlugin.PngInfo()
    picture.add_text("Description", "'><script>alert(5)</script>")
    Image.new("RGB", (4, 4)).save(study / "results/figures/a'><script>.png", pnginfo=picture)

    def change(record):
        for step in record["steps"]:
            step["rule"] = "<script>alert(6)</script>'\""
        record["comparison"] |= {
            "with": "<script>alert(7)</script>",
            "files": {"<script>": {"kind": "<b>", "where": "<script>alert(8)</script>"}},
        }
        record["machine"]["cpu"]["model"] = "<script>alert(9)</script>"

    change_record(study, change)
    return page_of(study)


def test_nothing_hostile_acts(study):
    elements = Elements(said := hostile_study(study))
    assert not elements.all("script") and not elements.all("b") and elements.open == []
    assert [n for n in range(2, 10) if n != 5 and f"alert({n})" not in seen(said)] == []
    assert "'><script>alert(5)</script>" in [one["alt"] for one in elements.all("img")]
    assert not [c for c in said if c != "\n" and not c.isprintable()]
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")], tag


@pytest.mark.slow
def test_a_huge_table_is_shown_from_its_beginning(study):
    table = study / "results/huge.csv"
    with table.open("w") as file:
        for number in range(3_000_000):
            file.write(f"{number},{number * 7},something that is long enough\n")
    assert table.stat().st_size > 100_000_000
    said = seen(section(page_of(study), "results"))
    assert "the first 5 rows of a file of 1" in said and len(said) < 20_000


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "empty"),
        (b"a,b\n", "0 rows"),
        ("größe,ü\n1,2\n".encode("latin-1"), "what is not UTF-8 is shown as \ufffd"),
        (b"x" * 1_100_000, "one line that is too long to show"),
        (b"a,b\n1\n1,2,3\n", "2 rows"),
        (b"a\n" + b"1\n" * 20, "20 rows"),
        (b"a\n" + b"1\n" * 21, "the first 5 of 21 rows"),
        (b"\xef\xbb\xbfa;b\n1;2\n", "1 row"),
        (",".join(map(str, range(900))).encode(), "the first 40 of 900 columns"),
        (b"a,\0b\n1,\0\n", "1 row"),
    ],
)
def test_an_odd_table_is_told(study, content, told):
    (study / "results/metrics.csv").write_bytes(content)
    assert told in seen(section(page_of(study), "results"))


def test_a_table_that_cannot_be_read_is_told(study):
    before = csv.field_size_limit(100)
    try:
        (study / "results/metrics.csv").write_bytes(b"a" * 200 + b",b\n1,2\n")
        assert "cannot be read as a table" in seen(section(page_of(study), "results"))
    finally:
        csv.field_size_limit(before)


@pytest.mark.slow
def test_a_picture_that_is_too_large_is_named(study):
    figures = study / "results/figures"
    shutil.rmtree(figures)
    figures.mkdir()
    (figures / "heavy.png").write_bytes(b"\x89PNG" + b"\0" * (exhibits.MOST_FIGURE_BYTES + 1))
    Image.new("1", (10_000, 10_000)).save(figures / "wide.png")
    (figures / "broken.png").write_bytes(b"no picture")
    (figures / "paper.pdf").write_bytes(b"%PDF-1.4")
    (figures / "OTHER.PNG").symlink_to(study / "README.md")
    said = page_of(study)
    assert not Elements(said).all("img")
    told = seen(section(said, "figures"))
    assert "heavy.png: too large for this page (2.0 MB)" in told
    assert "wide.png: too large for this page (10000 × 10000 pixels)" in told
    assert "broken.png: no picture that can be read" in told
    assert "paper.pdf: no kind of picture that a page can show" in told
    assert "OTHER" not in told


def test_a_page_has_a_bound_for_all_figures_together(study, monkeypatch):
    monkeypatch.setattr(exhibits, "MOST_BYTES", 120_000)
    said = page_of(study)
    assert len(Elements(said).all("img")) < 3 and "no room left on this page" in seen(said)
    monkeypatch.setattr(exhibits, "MOST_FIGURES", 1)
    assert "there are more than 1 figures" in seen(page_of(study))


def test_a_figure_tells_what_it_is_where_the_file_does(study):
    about = PngImagePlugin.PngInfo()
    about.add_text("Description", "Forests find nearly all malignant rows.")
    Image.new("RGB", (9, 5)).save(study / "results/figures/roc.png", pnginfo=about)
    Image.new("RGB", (9, 5)).save(study / "results/figures/confusion.png")
    alts = {one["alt"]: one for one in Elements(page_of(study)).all("img")}
    assert alts["Forests find nearly all malignant rows."]["width"] == "9"
    assert (
        "Figure confusion, drawn by the step make_figures; the file does not describe itself"
        in alts
    )


def test_a_study_with_thousands_of_files_has_a_page(study):
    for number in range(3_000):
        (study / f"results/part_{number}.csv").write_text("a\n1\n")
    said = page_of(study)
    assert len(Elements(said).all("table")) < 40 and len(said) < 2_000_000
    assert "There are more than 2,000 files, and not all were looked at." in said
    assert "not all were looked at" not in page_of(finished.copy(study.parent / "other"))


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.pop("machine"),
        lambda record: record.pop("comparison"),
        lambda record: record.pop("steps"),
        lambda record: record.update(steps=7),
        lambda record: record.update(steps=[{}]),
        lambda record: record["comparison"].update(files=[1]),
        lambda record: record.update(totals=None),
        lambda record: record["totals"].update(wall_seconds=float("inf")),
    ],
)
def test_a_record_with_gaps_gives_a_page_that_says_so(study, change):
    change_record(study, change)
    said = page_of(study)
    assert "The record does not tell this." in said and "0.994544" in said


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_broken_record_is_refused_with_a_way_out(study, content):
    (study / "record/run.json").write_bytes(content)
    with pytest.raises(Refusal, match="record/run.json cannot be read.*python reproduce.py"):
        page_of(study)


@pytest.mark.parametrize(
    "readme", [None, "", "no title, but text\n", "## Only a section\n", "\xff"]
)
def test_any_readme_will_do(study, readme):
    (study / "README.md").unlink()
    if readme is not None:
        (study / "README.md").write_bytes(readme.encode("latin-1"))
    assert len(Elements(page_of(study)).all("h1")) == 1


@pytest.mark.parametrize("mark", ["<!--", "![", "[", "\n ", "`", "<p "])
def test_no_readme_takes_long(study, mark, time_limit=5):
    import time

    (study / "README.md").write_text("# Title\n\n" + mark * 100_000)
    begun = time.perf_counter()
    results._question(study)
    assert time.perf_counter() - begun < time_limit


def test_the_question_is_the_readmes_without_its_marks(study):
    (study / "README.md").write_text(
        "<!-- for us -->\n# Is \\*this\\* `it`?\n\n[![badge](x.svg)](y) \n\n- a list\n\n"
        "We **ask** [whether](https://example.org) it is.\nIt is.\n\n"
        '<p align="center"><img src="a.png" alt=""></p>\n\n'
        "<b>Where</b> p<0.05 holds, x<a and b>c.<br/>Else <em>not</em>.\n\n## Next\n\nNot this.\n"
    )
    title, said = results._question(study)
    assert title == "Is *this* it?"
    assert said == ["We ask whether it is.\nIt is.", "Where p<0.05 holds, x<a and b>c.\nElse not."]


# As a command, and after a run


def test_a_study_that_never_ran_has_nothing_to_show(tmp_path):
    study = finished.fresh(tmp_path / "study")
    with pytest.raises(Refusal, match="nothing to show yet: run the study first"):
        results_page.main(study, SimpleNamespace(output=None))
    assert not (study / "runs").exists()


def test_the_command_says_where_it_wrote(study, capsys):
    results_page.main(study, SimpleNamespace(output=None))
    assert capsys.readouterr().out == "Written to runs/report.html.\n"
    with pytest.raises(Refusal, match="cannot be written"):
        results_page.main(study, SimpleNamespace(output=str(study / "no" / "page.html")))


def test_the_output_of_the_page_can_be_named_and_its_run_cannot():
    assert cli.parse(["report", "--output", "x.html"]).command == "report"
    for wrong in (["report", "--smoke"], ["report", "--format", "html"], ["run", "--output", "x"]):
        with pytest.raises(Refusal, match="has no meaning for"):
            cli.parse(wrong)


@pytest.mark.slow
def test_a_run_ends_with_the_page_and_writes_it_only_when_something_changed(tmp_path):
    study = MiniStudy(tmp_path / "study")
    page = study.root / "runs/report.html"
    first = study.run()
    assert first.out.splitlines()[-1] == "The results on one page: runs/report.html"
    assert "table0" in page.read_text("utf-8")
    written = page.stat().st_mtime_ns
    again = study.run()
    assert "Nothing to do" in again.out and again.status == first.status
    assert page.stat().st_mtime_ns == written
    study.edit("config.yaml", "trees: 3", "trees: 4")
    study.run()
    assert page.stat().st_mtime_ns > written
    page.unlink()
    study.run()
    assert page.exists()


def test_a_trial_writes_no_page(tmp_path):
    study = MiniStudy(tmp_path / "study")
    said = study.run(smoke=True)
    assert said.status == 0 and "one page" not in said.out
    assert not list(study.root.rglob("report*.html"))


@pytest.mark.slow
def test_a_run_is_as_good_without_its_page(tmp_path):
    study = MiniStudy(tmp_path / "study")
    status = study.run().status
    shutil.rmtree(study.root / "runs")
    study.write("runs", "a file where the folder should be")
    again = study.run()
    assert again.status == status and "was not written" in again.out


def test_no_trial_can_be_called_like_the_page():
    for name in ("report.html.yaml", "report-standin.html.yaml"):
        with pytest.raises(Refusal, match="Give the file another name"):
            layout.choose(config=name, smoke=False, standin=False)


SHIPPED = sorted((ROOT / "template").glob("*/*/results*/figures/*.png"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_figure_that_the_example_ships_says_what_it_is(path):
    with Image.open(path) as picture:
        assert len(picture.info["Title"]) > 20 and "\n" not in picture.info["Title"]
