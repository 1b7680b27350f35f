"""The documentation: its site builds, its links and names lead somewhere, its examples are done."""

import functools
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import finished
import helpers
import pages
import publishing
import pytest
from helpers import ROOT
from pages import DOCS, call
from test_pythons import find

from gold_standard import cli
from gold_standard.check import command as checking
from gold_standard.errors import Refusal

EVERY = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])

# Names that a page gives to things of a reader's own, or of places that are not in Git.
NOT_HERE = re.compile(
    r"""
      (my|our|your)[-_]   # a reader's own
    | (\.run|\.venv|\.tools|\.snakemake|runs|dist|models|models-standin|record|wheels|certificates
      |data/(raw|processed|controlled|downloads))(/|$)   # made by a run, or brought along
    | results(-standin)?/   # whose names are the study's own, once it is not the example any more
    | (try|lab)\.yaml$|lab\.yml$|relapse\.csv$|scripts/06_|ro-crate-metadata\.json$
    | (NAME|NN|FOLDER|PLACE)|[<…*{]|^/|^\.\.|://|^\d|^~|^-
    | ^(nibabel|monai|torch|numpy|np|sklearn|snakemake|github)\b
    """,
    re.VERBOSE,
)
PATH_LIKE = re.compile(r"[\w.@-]+(/[\w.@-]*)+|[\w.-]+\.(py|md|yaml|yml|toml|lock|cff|json|csv|txt)")


def shown(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@functools.cache
def existing() -> set[str]:
    """Every path of this repository, and of a study with each of its answers."""
    listed = helpers.git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    found = set(listed.split("\0"))
    for answers in helpers.variants():
        found |= {re.sub(r"^src/\w+/", "src/<package>/", name) for name in helpers.quick(**answers)}
    return found


def known(name: str) -> bool:
    """Whether a path exists from its top, from a folder on the way to it, or as a folder."""
    name = name.rstrip("/")
    return any(
        path == name or path.endswith(f"/{name}") or f"{name}/" in path for path in existing()
    )


@pytest.mark.parametrize("page", EVERY, ids=shown)
def test_every_file_that_a_page_names_exists(page):
    prose = pages.FENCE.sub("", page.read_text("utf-8"))
    named = {word for word in re.findall(r"`([^`\n]+)`", prose) if PATH_LIKE.fullmatch(word)}
    named |= {f"src/<package>/{inner}" for inner in re.findall(r"`src/<package>/([\w.]+)`", prose)}
    missing = {name for name in named if not NOT_HERE.search(name) and not known(name)}
    assert not missing - set(PAGES_OWN.get(shown(page), ())), missing


# Names that are no files, or files of other places, page by page.
PAGES_OWN = {
    "docs/decisions/0002-built-beside-then-swapped.md": ["bin/"],
    "docs/decisions/0004-one-lock-for-all-systems.md": ["pylock.toml", "uv.lock"],  # not here
    "docs/decisions/0014-base-image-and-actions.md": [
        "actions/checkout", "actions/setup-python", "actions/upload-artifact",
    ],
}  # fmt: skip


@pytest.mark.parametrize("page", EVERY, ids=shown)
def test_all_rows_of_a_table_have_as_many_cells(page):
    """Else a renderer shows the table as text."""
    table: list[str] = []
    for line in [*page.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in table}
        assert len(cells) <= 1, table[0]
        table = []


@pytest.mark.parametrize("page", EVERY, ids=shown)
def test_every_relative_link_leads_to_a_file(page):
    prose = pages.FENCE.sub("", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", prose):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{shown(page)} leads to {target}"


@pytest.mark.parametrize("page", EVERY, ids=shown)
def test_every_command_of_a_page_can_be_typed(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("try.yaml", "wheels", "stick"):
        (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).touch()
    for line in pages.lines(page):
        assert (said := why_not(line)) is None, f"{shown(page)}: {line}: {said}"


def why_not(line: str) -> str | None:
    """What is wrong with a command of ours; None for a sound one, and for any other line."""
    try:
        words = shlex.split(line.replace("…", " "), comments=True)
    except ValueError:
        return None  # words that no shell takes
    try:
        if words[1:2] == ["reproduce.py"]:
            # A name in capitals stands for something of the reader's own.
            told = ["." if word in ("DIR", "FOLDER") else word for word in words[2:]]
            options = cli.parse(told)
            return None if options.command in cli.COMMANDS else options.command
        if words[1:2] == ["develop.py"] and words[2] not in develop_commands():
            return f"no command {words[2]}"
        if words[:2] == ["gold-standard", "check"]:
            parser = checking.argparse.ArgumentParser(exit_on_error=False)
            parser.add_argument("what", nargs="*")
            checking.add_options(parser)
            parser.parse_args(words[2:])
    except (Refusal, checking.argparse.ArgumentError) as error:
        return str(error)
    return None


@functools.cache
def develop_commands() -> set[str]:
    text = (ROOT / "develop.py").read_text("utf-8")
    return {*re.findall(r"add_parser\(\s*\"(\w+)\"", text), "--help"}


# The site


def build(source: Path, target: Path) -> subprocess.CompletedProcess:
    """Build a site as `develop.py docs` does it."""
    words = re.search(r"strictly = (\[.*?\])", (ROOT / "develop.py").read_text("utf-8"))[1]
    return helpers.run("python", "-m", "sphinx", *json.loads(words), source, target, cwd=ROOT)


@pytest.mark.slow
def test_the_site_builds_and_every_page_is_in_it(tmp_path):
    done = build(DOCS, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    made = {
        path.relative_to(tmp_path / "site").with_suffix("")
        for path in (tmp_path / "site").rglob("*.html")
    }
    assert made >= {page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md")}


@pytest.mark.slow
@pytest.mark.parametrize(
    "page, text, said",
    [
        ("labs.md", "\n[nowhere](no-such-page.md)\n", "no-such-page"),
        ("labs.md", "\n[nowhere](../src/no_such_file.py)\n", "no_such_file"),
        ("labs.md", "\n[nowhere](doors.md#no-such-heading)\n", "no-such-heading"),
        ("orphan.md", "# Nobody leads here\n", "orphan"),
    ],
)
def test_a_dead_link_and_a_page_that_nothing_leads_to_fail(tmp_path, page, text, said):
    docs = tmp_path / "docs"
    shutil.copytree(DOCS, docs)
    # What pages lead to outside docs/.
    for name in ("README.md", "CONTRIBUTING.md", "src", "tests", "benchmarks", "develop.py"):
        os.symlink(ROOT / name, tmp_path / name)
    with (docs / page).open("a", encoding="utf-8") as file:
        file.write(text)
    done = build(docs, tmp_path / "site")
    assert done.returncode != 0 and said in done.stderr, done.stderr


# Your first study, and your own work


def table() -> str:
    """The table of the page's example: what it shows of it, and more rows of its kind."""
    shown = pages.blocks("first-study.md")[0].text
    rows = []
    for n in range(2, 240):
        ill = n * 7 % 5 < 2
        value = (n * 37 % 101) / 101  # spread evenly, and the same for ever
        dose, marker = 10 + 50 * value - 8 * ill, 2.5 * (n * 53 % 97) / 97 + 1.2 * ill
        rows.append(
            f"p{n:03d},{30 + n * 11 % 50},{dose:.1f},{marker:.3f},{'yes' if ill else 'no'}\n"
        )
    return shown + "".join(rows)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The study of the first page, as it says; how many commands and lines it took."""
    study = tmp_path_factory.mktemp("first") / "my study"
    study.mkdir()
    (study / "relapse.csv").write_text(table(), encoding="utf-8", newline="\n")
    typed = commands = 0
    said = ""
    for block in pages.blocks("first-study.md")[1:]:
        if block.language == "diff":
            digest = re.search(r"sha256:(\w{64})", said)[1]
            pages.edit(study, block, {"<what pip said>": digest})
            typed += pages.typed(block)
            if "Delete the folder `results/`" in block.before:
                shutil.rmtree(study / "results", ignore_errors=True)
        for words in pages.commands(block) if block.language == "sh" else []:
            commands += 1
            if words[-1] == "--run":
                continue  # below, with its report
            done = call(study, words)
            said += done.stdout
            assert done.returncode == 0, done.stdout + done.stderr
    return study, commands, typed


def silver(study: Path) -> dict[str, str]:
    """The verdicts after `check --run`."""
    done = call(study, ["python", "reproduce.py", "check", "--run", "--format", "json"])
    assert done.returncode == 0, done.stdout + done.stderr
    return finished.verdicts(json.loads(done.stdout))


ARCHIVES = {"heil.data", "heil.models", "heil.code", "midl.public-data", "midl.repeatable"}


def test_the_first_page_says_what_its_own_path_takes():
    page = (DOCS / "first-study.md").read_text("utf-8")
    blocks = pages.blocks("first-study.md")
    commands = sum(len(pages.commands(block)) for block in blocks if block.language == "sh")
    typed = sum(pages.typed(block) for block in blocks if block.language == "diff")
    assert (commands <= 4, typed <= 15) == (True, True)
    assert f"{commands} commands and {typed} lines to type" in page


@pytest.mark.slow
def test_the_first_page_leads_to_silver_apart_from_the_archives(first):
    study = first[0]
    verdicts = silver(study)
    assert {name for name, verdict in verdicts.items() if verdict != "pass"} == ARCHIVES
    of_the_example = re.compile(r"breast|nuclei|malignant|benign|tumour|aspirate", re.IGNORECASE)
    for path in [*study.glob("*.*"), *study.glob(".zenodo.json"), *_below(study)]:
        if path.is_file() and path.suffix in TEXTS:
            assert not of_the_example.search(path.read_text("utf-8")), path
    done = call(study, ["python", "reproduce.py", "test", "--", "-k", "not smoke"])
    assert done.returncode == 0, done.stdout + done.stderr


TEXTS = (".py", ".md", ".tex", ".yaml", ".cff", ".csv", ".json", "")


def _below(study: Path) -> list[Path]:
    folders = ("src", "scripts", "tests", "data", "results", "record")
    return [path for name in folders for path in (study / name).rglob("*") if path.is_file()]


@pytest.mark.slow
def test_the_other_commands_of_the_first_page_do_what_it_says(first, tmp_path):
    study = Path(shutil.copytree(first[0], tmp_path / "study", symlinks=True))

    def typed(start: str, more: str = "") -> str:
        done = call(study, pages.line("first-study.md", start) + more, {"ID": "heil.code"})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (study / "try.yaml").write_text("seeds: [1]\n")
    typed("git init")
    typed("git add .")
    typed("git commit", ' --message "A first state"')
    typed("python reproduce.py --config")
    assert (study / "runs/try/results/metrics.csv").is_file()
    assert not helpers.git(study, "status", "--porcelain")
    assert "Nothing to do" in typed("python reproduce.py")


@pytest.mark.slow
def test_three_identifiers_are_all_that_the_first_study_lacks_then(first, tmp_path):
    study = tmp_path / "study"
    leave = shutil.ignore_patterns(".venv", ".tools", ".run", ".snakemake")
    shutil.copytree(first[0], study, ignore=leave)
    statement = study / "data/README.md"
    where = f"deposited: https://doi.org/{finished.WEIGHTS[:-1]}9"
    finished.replace(statement, "no repository holds them yet", where)
    finished.identify(study)
    verdicts = finished.verdicts(finished.check(study))
    assert {verdicts[name] for name in ARCHIVES} == {"pass"}


@pytest.mark.slow
def test_own_model_and_own_step_stay_where_the_first_study_was(first, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(first[0], study, symlinks=True)
    for block in pages.blocks("own-work.md"):
        if block.saved_as:
            (study / block.saved_as).write_text(block.text, encoding="utf-8", newline="\n")
        elif block.language == "diff":
            pages.edit(study, block)
    done = call(study, ["python", "reproduce.py"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert (study / "results/importance.csv").read_text("utf-8").startswith("measurement,seed_1,")
    facts = json.loads((study / "results/tuning.json").read_text("utf-8"))
    assert all(
        each["model"] == "RandomForestClassifier" and each["chosen"]["max_depth"] for each in facts
    )
    verdicts = silver(study)
    assert {name for name, verdict in verdicts.items() if verdict != "pass"} == ARCHIVES


# The workshop

HEALTHY = "workshop.md"
EXERCISES = [
    (block, re.search(r"\(`([\w.-]+)`\)$", block.heading)[1])
    for block in pages.blocks(HEALTHY)
    if re.match(r"\d+\. ", block.heading)
]


@functools.cache
def healthy() -> Path:
    """The study that the teacher makes: the page's edits, and a run that is written down."""
    study = finished.fresh(helpers.fresh_folder() / "patient")
    for block in pages.blocks(HEALTHY, "Before the day"):
        if block.language == "diff":
            pages.edit(study, block)
    finished.write_run(study)
    return study


def verdict(study: Path, criterion: str) -> str:
    return finished.verdicts(finished.check(study))[criterion]


def test_the_workshops_study_is_gold_before_anybody_breaks_it():
    told = finished.check(healthy())
    assert told["heil"]["level"] == "gold", told["next"]
    assert set(finished.verdicts(told).values()) == {"pass"}


@pytest.mark.parametrize("block, criterion", EXERCISES, ids=[b.heading for b, _ in EXERCISES])
def test_an_exercise_breaks_its_criterion_and_its_solution_mends_it(tmp_path, block, criterion):
    study = Path(shutil.copytree(healthy(), tmp_path / "study"))
    lock = (study / "requirements.lock").read_text("utf-8")
    filled = {"<version>": re.search(r"^numpy==(\S+)", lock, re.MULTILINE)[1]}
    pages.edit(study, block, filled, back=True)
    assert verdict(study, criterion) != "pass"
    pages.edit(study, block, filled)
    assert verdict(study, criterion) == "pass"


def test_the_exercises_go_from_bronze_to_gold():
    levels = [block.heading.split(". ")[1].split(":")[0] for block, _ in EXERCISES]
    assert len(EXERCISES) == 9 and {"Bronze", "Silver", "Gold", "MIDL"} == set(levels)
    assert "eight of the nine exercises need nothing but `check`" in (DOCS / HEALTHY).read_text(
        "utf-8"
    )


@pytest.mark.exhaustive
def test_what_the_teacher_does_beforehand_gives_gold_and_works_without_a_network(
    tmp_path,
):
    folder = tmp_path
    for block in pages.blocks(HEALTHY, "Before the day"):
        if "Delete the folder `results/`" in block.before:
            shutil.rmtree(folder / "results", ignore_errors=True)
        if block.language == "sh":
            folder = pages.follow(folder, block)
        else:
            pages.edit(folder, block)
    assert finished.check(folder)["heil"]["level"] == "gold"
    [block] = pages.blocks(HEALTHY, "Without a network")
    pages.follow(folder, block)
    [archive] = (folder / "dist").glob("*.zip")
    stick = publishing.unzipped(archive, tmp_path / "stick")
    words = shlex.split(pages.line(HEALTHY, "python reproduce.py --wheelhouse"))
    words[0] = find("3.12")  # for which the wheels are
    study = finished.fresh(tmp_path / "anew")
    done = call(study, ["unshare", "--map-root-user", "--net", *words], {"DIR": stick / "wheels"})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_archives_that_a_study_names_are_those_of_the_page():
    page = (DOCS / "archives.md").read_text("utf-8")
    for answers in helpers.variants():
        text = helpers.quick(**answers)["data/README.md"].decode()
        rows = re.findall(
            r"^\| .+ \| (.+) \|$", text.partition("| Kind of data |")[2], re.MULTILINE
        )
        assert len(rows) > 6
        for name in itertools.chain(*(row.split(" or ") for row in rows)):
            assert re.sub(r" \(.*\)", "", name) in page, name
