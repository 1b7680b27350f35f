"""Properties of the judge over random repositories: a sound report, the same one twice."""

# ruff: noqa: E501 (lists of names)

import contextlib
import html
import json
import random
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gold_standard.check import faces, judge, runs
from gold_standard.check.faces import badge, markdown, page, table, terminal, words
from tests.synthetic import ALL, IDS, files_of
from tests.synthetic.base import Files

pytestmark = pytest.mark.slow  # what every change must pass in a minute has others

SCHEMA = json.loads(Path(faces.__file__).with_name("schema.json").read_text(encoding="utf-8"))
SOUND = jsonschema.Draft202012Validator(SCHEMA)
# Names that mean something to the judge, and folders in which they mean something else.
NAMES = sorted({path.rpartition("/")[2] for one in ALL.values() for path in one.files}) + [
    "reproduce.py", "setup.cfg", "flake.nix", "conda-lock.yml", "Project.toml", "install.R", "a.Rmd",
    "main.nf", "model.h5", "notes.rst", ".zenodo.json", "codemeta.json", "Makefile", "fit.jl", "x.lua",
    "config.yaml", "setup.py", "results.csv", ".gitignore", "tools.lock", "run.json", "a b.py", "é.md",
]  # fmt: skip
FOLDERS = (
    "",
    "",
    "",
    "src/",
    "scripts/",
    "data/",
    "tests/",
    "docs/",
    "tools/",
    "record/",
    "a/b/c/",
)
PIECES = sorted(
    {
        line
        for one in ALL.values()
        for content in files_of(one.files).values()
        for line in content[:4000].decode(errors="replace").splitlines(keepends=True)
    }
)
paths = st.builds(str.__add__, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
texts = st.text(max_size=300).map(lambda text: text.encode(errors="surrogatepass"))
fragments = st.builds(
    lambda lines, cut, noise: b"".join(line.encode() for line in lines)[cut:] + noise,
    st.lists(st.sampled_from(PIECES), max_size=25), st.integers(0, 40), st.binary(max_size=8),
)  # fmt: skip
contents = st.one_of(fragments, fragments, texts, st.binary(max_size=300))
trees = st.dictionaries(paths, contents, max_size=9)


@st.composite
def mutated(draw) -> dict[str, bytes]:
    """One of the synthetic repositories with a few files changed, dropped, swapped or added."""
    files = files_of(ALL[draw(st.sampled_from(sorted(ALL)))].files)
    for path in draw(st.lists(st.sampled_from(sorted(files)), max_size=3)) if files else ():
        content = bytearray(files.get(path, b""))
        at = draw(st.integers(0, max(0, len(content))))
        kind = draw(st.sampled_from(("cut", "insert", "drop", "double", "crlf", "upper")))
        if kind == "drop":
            files.pop(path, None)
            continue
        if kind == "cut":
            content = content[:at]
        elif kind == "insert":
            content[at:at] = draw(contents)
        elif kind == "double":
            content += content[at:]
        files[path] = bytes(content.replace(b"\n", b"\r\n") if kind == "crlf" else content)
        if kind == "upper":
            files[path.upper()] = files.pop(path)
    return files | draw(st.dictionaries(paths, contents, max_size=2))


def report_on(files: dict[str, bytes]) -> dict:
    """The report, as that on a study where the files give themselves out for one."""
    tree = Files(files)
    study = runs.read(tree, "0" * 64, {}) if runs.is_study(tree) else None
    return judge.report(tree, "random", study)


def holds(files: dict[str, bytes]) -> None:
    """What has to be true of the report on any repository."""
    report = report_on(dict(files))
    SOUND.validate(json.loads(json.dumps(report)))
    assert report == report_on(dict(reversed(files.items())))
    assert tuple(result["id"] for result in report["results"]) == IDS
    passed = {result["id"] for result in report["results"] if result["verdict"] == "pass"}
    assert report["midl"]["score"] == len(passed & set(judge.SCORED))
    for level in ("bronze", "silver", "gold"):
        if not passed.issuperset(judge.LEVELS[level]):
            assert report["heil"]["level"] != level
    for result in report["results"]:
        for one in result["evidence"]:
            assert one["path"] is None or one["path"] in files or one["path"] == "Snakefile"
    renders(report)


def renders(report: dict) -> None:
    """Every face gives a text that holds all ids, or all of the standard that it is for."""
    shown = page.text(report)
    assert all(name in html.unescape(shown) for name in words.NAMES.values())
    for text in (terminal.text(report, True, 72), markdown.text(report), shown):
        assert text is shown or all(id in text for id in IDS)
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1a\u202a-\u202e\ud800-\udfff]", text)
    for form in ("text", "markdown", "csv"):
        assert "random" in table.text([report, report], form)
    assert page.text([report, report])
    with contextlib.suppress(ValueError):  # no badge for the example
        for standard in ("heil", "midl"):
            assert badge.svg(report, standard).startswith("<svg")
            assert badge.endpoint(report, standard)["schemaVersion"] == 1


bounded = settings(
    max_examples=60,
    deadline=timedelta(seconds=60),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)


@bounded
@example({"README.md": b"", "LICENSE": b"\xff\xfe"})
@given(trees)
def test_any_files_have_a_sound_report(files):
    holds(files)


@bounded
@given(mutated())
def test_any_change_of_a_repository_has_a_sound_report(files):
    holds(files)


@pytest.mark.exhaustive
@settings(bounded, max_examples=3000)
@given(st.one_of(trees, mutated()))
def test_very_many_have_a_sound_report(files):
    holds(files)


def test_the_order_of_files_changes_nothing():
    for one in ALL.values():
        files = list(files_of(one.files).items())
        random.Random(1).shuffle(files)
        report = report_on(dict(files))
        assert {r["id"]: r["verdict"] for r in report["results"]} == one.verdicts
