"""The page of a study's results in a real browser: phone, desk, paper, dark, and with axe-core."""

import functools
import json
import shutil
import tempfile
from pathlib import Path

import finished
import helpers
import pytest
from test_check_faces import mixed, report

from gold_standard import layout
from gold_standard.check.faces import page, results

pytestmark = pytest.mark.slow
GRAVE = ("serious", "critical")


@functools.cache
def content(name: str) -> str:
    """A page of this name."""
    if name == "check":
        return page.text(mixed())
    if name == "check of several":
        return page.text([mixed(), report()])
    with tempfile.TemporaryDirectory() as folder:
        study = finished.copy(Path(folder) / "study")
        if name == "pytorch":
            study = as_pytorch(study, Path(folder) / "pytorch")
        if name == "hostile":
            make_wide(study)
        return results.text(study, layout.REAL, report())


def as_pytorch(study: Path, target: Path) -> Path:
    """The PyTorch study with the record of the other one, as far as the page reads it."""
    shutil.copytree(helpers.render(framework="pytorch"), target)
    record = json.loads((study / "record/run.json").read_text("utf-8"))
    figures = [path.relative_to(target) for path in (target / "results/figures").iterdir()]
    record["steps"][-1]["outputs"] = {path.as_posix(): "0" * 64 for path in sorted(figures)}
    (target / "record").mkdir()
    (target / "record/run.json").write_text(json.dumps(record), encoding="utf-8")
    return target


def make_wide(study: Path) -> None:
    """Let everything be longer than a screen is wide."""
    long = "a" * 200
    (study / "README.md").write_text(f"# {long}\n\n{long}\n")
    (study / f"results/{long}.csv").write_text(",".join([long] * 30) + "\n" + "1," * 29 + "1\n")
    record = json.loads((study / "record/run.json").read_text("utf-8"))
    for step in record["steps"]:
        step["rule"] = long
        step["outputs"][f"results/{long}/{long}.bin"] = "0" * 64
    record["machine"]["cpu"]["model"] = long
    (study / "record/run.json").write_text(json.dumps(record), encoding="utf-8")


PAGES = ("scikit-learn", "pytorch", "hostile", "check", "check of several")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_never_wider_than_the_screen(measure, name):
    for measured in measure(content(name), (390, 1280)):
        assert measured["width"] == measured["asked"]
        assert (measured["outside"], measured["hidden"], measured["small"]) == (0, 0, 0)


def test_a_page_that_is_too_wide_would_be_seen(measure):
    wide = content("scikit-learn").replace("<h1>", "<h1 style='white-space:nowrap;width:99rem'>")
    assert measure(wide, (390,))[0]["width"] > 390


@pytest.mark.parametrize("flags", [(), ("--force-dark-mode",)], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_grave(look, name, width, flags):
    assert [one for one in look(content(name), width, *flags) if one[0] in GRAVE] == []


@pytest.mark.parametrize(
    "old, new, rule",
    [
        (" alt='", " data-was='", "image-alt"),
        ('<html lang="en">', "<html>", "html-has-lang"),
        ("--quiet: #565c63", "--quiet: #b0b0b0", "color-contrast"),
        (" tabindex='0'", "", "scrollable-region-focusable"),
    ],
)
def test_axe_would_find_it(look, old, new, rule):
    said = content("scikit-learn")
    broken = look(said.replace(old, new), 390)
    assert old in said and rule in [one[1] for one in broken if one[0] in GRAVE]


def test_axe_sees_the_dark_page(look):
    broken = content("scikit-learn").replace("--quiet: #a6acb3", "--quiet: #3a3f45")
    assert [one for one in look(broken, 390) if one[0] in GRAVE] == []
    dark = look(broken, 390, "--force-dark-mode")
    assert "color-contrast" in [one[1] for one in dark]


@pytest.mark.parametrize("name", ["scikit-learn", "pytorch"])
def test_paper_holds_the_results_and_not_the_links(printed, name):
    shown = printed(content(name))
    for word in ("Reproduce", "accuracy", "make_figures", "AMDEPYC7313", "heil.single-command"):
        assert word.lower() in shown.lower(), word
    numbers = {"scikit-learn": ("0.994544", "0.0689076"), "pytorch": ("0.977728", "0.0414254")}
    assert all(number in shown for number in numbers[name])
    assert "Skiptothecontent" not in shown
    # The last of the 18 columns of PyTorch's predictions, and no number broken.
    assert name != "pytorch" or "0.9755770.975577" in shown
