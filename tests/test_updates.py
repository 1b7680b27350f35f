"""What an update brings, what it leaves alone, and what `check` says when one cannot be made."""

import json
import shutil
import zipfile
from pathlib import Path

import copier
import helpers
import pages
import pytest
from helpers import ROOT, commit, files, git, is_templates, render, run

from gold_standard.check import command, tree, updates


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> Path:
    """The template as a repository with two releases: the later one changes every file."""
    folder = tmp_path_factory.mktemp("releases") / "template"
    folder.mkdir()
    helpers.copy_template(folder)
    commit(folder, "first")
    git(folder, "tag", "v0.1.0")
    inner = folder / "template"
    for path in sorted(inner.rglob("*")):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b"# newer\n")
    own = inner / "{{ scikit_learn }}" / "scripts"
    (own / "06_new.py").write_text('"""New for the student."""\n')
    (inner / "tools" / "new.txt").write_text("New in the template.\n")
    commit(folder, "second")
    git(folder, "tag", "v0.2.0")
    return folder


def used_study(releases: Path, into: Path, tag: str = "v0.1.0", **answers) -> Path:
    """A study of a release in which somebody has worked on every file of theirs."""
    helpers.refuse_unknown(answers)
    copier.run_copy(str(releases), into, data=answers, defaults=True, quiet=True, vcs_ref=tag)
    for name, data in files(into).items():
        if not is_templates(name):
            (into / name).write_bytes(b"# mine\n" + data)
    (into / "MODEL_CARD.md").unlink()
    (into / "tests" / "test_study.py").unlink()
    (into / "scripts" / "02_prepare_data.py").rename(into / "scripts" / "02_clean.py")
    (into / "scripts" / "06_more.py").write_text("# mine\n")
    commit(into)
    return into


@pytest.fixture(scope="module")
def used(releases, tmp_path_factory) -> Path:
    """A study of the first release in which somebody has worked, only to be copied."""
    return used_study(releases, tmp_path_factory.mktemp("used") / "study")


@pytest.fixture(scope="module")
def updated(releases, tmp_path_factory) -> tuple[dict, Path]:
    """The files before an update that drops an add-on and meets an edit, and the study after it."""
    study = tmp_path_factory.mktemp("updated") / "study"
    used_study(releases, study, add_ons=["notebook"])
    text = (study / "Dockerfile").read_text(encoding="utf-8")
    (study / "Dockerfile").write_text(text + "# my own last line\n", encoding="utf-8")
    commit(study)
    before = files(study)
    copier.run_update(study, data={"add_ons": []}, defaults=True, overwrite=True, quiet=True)
    return before, study


def typed(study: Path, page: str, start: str) -> None:
    """Update a study by a line of a page; what it asks is answered by Enter."""
    done = pages.call(study, pages.line(page, start))
    assert done.returncode == 0, done.stdout + done.stderr


def students(found: dict[str, bytes]) -> dict[str, bytes]:
    """Of a study's files those that are not the template's."""
    return {name: data for name, data in found.items() if not is_templates(name)}


def test_an_update_leaves_alone_what_is_yours_and_renews_what_is_the_templates(updated):
    before, study = updated
    after = files(study)
    assert students(after) == students(before)
    own = after.keys() - students(after).keys() - {"tools/new.txt", "Dockerfile"}
    assert len(own) >= 6
    assert all(after[name].endswith(b"# newer\n") for name in own)


def test_an_add_on_switched_off_goes_and_takes_nothing_along(updated):
    before, study = updated
    assert set(files(study)) == before.keys() - {"scripts/notebook.ipynb"} | {"tools/new.txt"}


@pytest.mark.slow
def test_an_add_on_switched_on_by_an_update_arrives_whole_and_takes_no_file_along(used, tmp_path):
    study = shutil.copytree(used, tmp_path / "study")
    before = files(study)
    typed(study, "cluster.md", "copier update --data")
    after = files(study)
    assert students(after) == students(before)
    new = {f"profiles/slurm/{name}" for name in ("config.yaml", "tools.lock")} | {"tools/new.txt"}
    assert after.keys() - before.keys() == new
    assert not before.keys() - after.keys()


def test_an_edited_file_of_the_template_gives_a_conflict_that_the_hooks_see(updated, hooks):
    study = updated[1]
    assert "<<<<<<< before updating" in (study / "Dockerfile").read_text(encoding="utf-8")
    git(study, "add", "--all")
    assert hooks(study, "--files", "Dockerfile").returncode == 1


@pytest.mark.parametrize("command", ["recopy", "copy"])
def test_a_second_rendering_leaves_alone_what_is_yours_and_brings_new_add_ons(
    command, used, releases, tmp_path
):
    study = shutil.copytree(used, tmp_path / "study")
    before = files(study)
    more = {"data": {"add_ons": ["notebook"]}, "defaults": True, "overwrite": True, "quiet": True}
    if command == "recopy":
        copier.run_recopy(study, **more)
    else:
        copier.run_copy(str(releases), study, **more)
    after = files(study)
    assert students(after) == students(before)
    assert after.keys() - before.keys() == {"tools/new.txt", "scripts/notebook.ipynb"}
    assert after["Dockerfile"].endswith(b"# newer\n")


@pytest.mark.slow
def test_a_copy_into_an_existing_project_overwrites_nothing_of_it(tmp_path):
    mine = {"README.md", "LICENSE", "src/old.py", "tests/test_old.py"}
    for name in mine:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    render(into=tmp_path)
    assert {(tmp_path / name).read_text() for name in mine} == {"mine"}
    assert (tmp_path / "reproduce.py").is_file()


# From every release to the present template


def released() -> list[str]:
    """The tags of this repository; a copy without them tests its own state."""
    tags = run("git", "tag", "--list", "v*", cwd=ROOT).stdout.split()
    return tags or ["HEAD"]


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> Path:
    """What Copier reads of this repository's releases, and after them of the present state."""
    folder = tmp_path_factory.mktemp("history") / "template"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for tag in run("git", "tag", "--list", "--sort=version:refname", "v*", cwd=ROOT).stdout.split():
        git(ROOT, "archive", f"--output={folder.parent / 'release.zip'}", tag)
        with zipfile.ZipFile(folder.parent / "release.zip") as packed:
            names = packed.namelist()
            packed.extractall(folder, [x for x in names if x.split("/")[0] in helpers.PARTS])
        release(folder, tag)
    helpers.copy_template(folder)
    release(folder, "v999.0.0")
    return folder


def release(folder: Path, tag: str) -> None:
    """Commit and tag what stands in a folder, and empty it for the next release."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", tag)
    git(folder, "tag", tag)
    if tag != "v999.0.0":
        git(folder, "rm", "--quiet", "-r", ".")


@pytest.mark.slow
@pytest.mark.parametrize("tag", released())
def test_an_update_from_every_release_keeps_what_is_yours(tag, history, tmp_path):
    study = used_study(history, tmp_path / "study", tag, add_ons=["notebook"])
    before = files(study)
    typed(study, "../README.md", "copier update")
    after = files(study)
    assert students(after) == students(before)
    fresh = tmp_path / "fresh"
    more = {"add_ons": ["notebook"]}
    copier.run_copy(str(history), fresh, data=more, defaults=True, quiet=True, vcs_ref="v999.0.0")
    assert {x: y for x, y in after.items() if is_templates(x)} == {
        x: y for x, y in files(fresh).items() if is_templates(x)
    }
    assert updates.notes(tree.Folder(study), study) == []


@pytest.mark.slow
def test_an_answer_of_a_lab_survives_an_update_in_the_files_that_hold_it(history, tmp_path):
    study = tmp_path / "study"
    lab = {"community": "our-lab", "data_contact": "us@lab.example"}
    copier.run_copy(str(history), study, data=lab, defaults=True, quiet=True, vcs_ref=released()[0])
    commit(study)
    before = files(study)
    copier.run_update(study, defaults=True, overwrite=True, quiet=True)
    assert students(files(study)) == students(before)
    assert b"our-lab" in before[".zenodo.json"]


@pytest.mark.slow
def test_an_update_refuses_what_is_not_committed(history, tmp_path):
    study = used_study(history, tmp_path / "study", released()[0])
    (study / "README.md").write_text("not committed")
    before = files(study)
    with pytest.raises(Exception, match="dirty"):
        copier.run_update(study, defaults=True, overwrite=True, quiet=True)
    assert files(study) == before


# What `check` says of it


@pytest.fixture(scope="module")
def rendered(history, tmp_path_factory) -> Path:
    """A fresh study in Git, only to be copied."""
    folder = tmp_path_factory.mktemp("rendered") / "study"
    names = {"author_name": "Marie Curie", "author_orcid": "0000-0002-1825-0097"}
    copier.run_copy(str(history), folder, data=names, defaults=True, quiet=True)
    commit(folder)
    return folder


@pytest.fixture
def study(rendered, tmp_path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "study"))


def told(study: Path) -> list[str]:
    return updates.notes(tree.Folder(study), study)


def test_nothing_is_said_of_a_fresh_study(rendered):
    assert told(rendered) == []


def test_of_any_options_only_that_the_template_was_not_in_git(variant):
    [note] = told(variant[1])  # these were rendered from a plain folder
    assert "the template was not in Git when this study was made" in note


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"license": "Apache-2.0"},
         "CITATION.cff (line 12) and pyproject.toml (line 8) and .zenodo.json (line 13) and LICENSE"
         " (line 1) say MIT"),
        ({"project_name": "Another: \"name\""},
         "CITATION.cff (line 6) and .zenodo.json (line 2) say Breast cancer from cell nuclei"),
        ({"author_name": "Pierre Curie"}, "CITATION.cff says Marie Curie"),
        ({"author_orcid": "0000-0001-5109-3700"}, "CITATION.cff (line 11) says https://orcid"),
        ({"data_access": "controlled"}, "pyproject.toml (line 25) says public"),
        ({"framework": "pytorch"}, "pyproject.toml"),
    ],
    ids=["license", "project_name", "author_name", "author_orcid", "data_access", "framework"],
)  # fmt: skip
def test_an_answer_that_reaches_no_file_is_told_with_the_line(answer, said, study):
    if "license" in answer:
        typed(study, "labs.md", "copier update --data license=Apache-2.0")
    else:
        copier.run_update(study, data=answer, defaults=True, overwrite=True, quiet=True)
    [note] = told(study)
    assert said in note and f"Your answers say {next(iter(answer))}: " in note
    assert "edit what is wrong there, or answer anew with `copier update`" in note


def rewrite(study: Path, name: str, old: str, new: str) -> None:
    path = study / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_title_edited_by_hand_is_told(study):
    rewrite(study, "CITATION.cff", "Breast cancer from", "Malignancy from")
    [note] = told(study)
    assert "but CITATION.cff (line 6) says Malignancy from cell nuclei. No update" in note


def test_nothing_of_a_strangers_file_is_printed_as_a_command_or_steers_a_terminal(study):
    evil = '"\\e[31mx\\"; touch pwned; echo \\"' + "long" * 9999 + '"'
    rewrite(study, "CITATION.cff", '"Breast cancer from cell nuclei"', evil)
    [note] = told(study)
    assert "\x1b" not in note and "--data" not in note and len(note) < 400


HARMLESS = {
    "no licence in CITATION.cff": ("CITATION.cff", 'license: "MIT"\n', ""),
    "two licences": ("CITATION.cff", 'license: "MIT"', "license: [MIT, Apache-2.0]"),
    "a title over two lines": ("CITATION.cff", '"Breast cancer from', '"Breast cancer\n  from'),
    "another first key": ("CITATION.cff", "title:", "preferred-citation: {title: Mine}\ntitle:"),
    "the archive's table": (".zenodo.json", '"license": "mit"', '"license": {"id": "mit"}'),
    "an old licence field": ("pyproject.toml", 'license = "MIT"', 'license = {text = "MIT"}'),
    "a licence's file": ("pyproject.toml", 'license = "MIT"', 'license = {file = "LICENSE"}'),
    "a bare ORCID": ("CITATION.cff", "https://orcid.org/0000", "0000"),
    "a slash behind the ORCID": ("CITATION.cff", "-0097", "-0097/"),
    "the family name first": (".copier-answers.yml", "Marie Curie", "Curie, Marie"),
    "no blank behind the comma": (".copier-answers.yml", "Marie Curie", "Curie,Marie"),
    "an author without a name": ("CITATION.cff", "given-names", "affiliation"),
    "a blank line in the answers": (".copier-answers.yml", "# Tells", "\n# Tells"),
    "no quotes around a new place": (".copier-answers.yml", '_src_path: "', "_src_path: '"),
    "no citation": ("CITATION.cff", "cff-version", "[cff-version"),
}


@pytest.mark.parametrize("edit", HARMLESS)
def test_of_what_contradicts_no_answer_nothing_is_said(edit, study):
    name, old, new = HARMLESS[edit]
    rewrite(study, name, old, new)
    if "place" in edit:
        rewrite(study, name, 'template"', "template'")
    if edit == "an author without a name":
        rewrite(study, name, 'family-names: "Curie"', 'family-names: "Marie Curie"')
    assert told(study) == []


def test_a_licence_that_is_no_answer_is_left_alone(study):
    for name in ("CITATION.cff", "pyproject.toml"):
        rewrite(study, name, '"MIT"', '"EUPL-1.2"')
    rewrite(study, ".zenodo.json", '"mit"', '"eupl-1.2"')
    (study / "LICENSE").write_text("GNU GENERAL PUBLIC LICENSE\nVersion 2, June 1991\n")
    assert told(study) == []


def test_the_list_of_the_templates_own_files_is_that_of_the_template():
    own = [line.replace("{{ _copier_conf.answers_file }}", updates.ANSWERS) for line in helpers.OWN]
    assert sorted(updates.OWN) == sorted(line.lstrip("/") for line in own)


BREAKS = {
    "lost": (lambda s: (s / ".copier-answers.yml").unlink(), ".copier-answers.yml is missing"),
    "no yaml": (lambda s: (s / ".copier-answers.yml").write_text("{"), "cannot be read"),
    "edited": (lambda s: _replace(s, 'license: "MIT"', "license: MIT"), "line 9, was edited"),
    "no source": (lambda s: _replace(s, "_src_path", "_was"), "the line _src_path is missing"),
    "moved": (lambda s: _replace(s, "/template\"", "/gone\""), "no template is there now"),
    "relative": (lambda s: _point(s, "../template"), "depends on where somebody stood"),
    "archive": (lambda s: _point(s, "/x/template.zip"), "it was made from an archive"),
    "no git": (lambda s: _replace(s, "_commit: \"v999.0.0\"\n", ""), "was not in Git"),
    "conflict": (lambda s: _append(s, "Dockerfile", "<<<<<<< before\n"), "conflict in Dock"),
    "rejected": (lambda s: (s / "Dockerfile.rej").write_text("x"), "Dockerfile.rej holds what is"),
}  # fmt: skip


def _replace(study: Path, old: str, new: str) -> None:
    path = study / ".copier-answers.yml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _point(study: Path, place: str) -> None:
    lines = (study / ".copier-answers.yml").read_text("utf-8").splitlines()
    [old] = [line for line in lines if line.startswith("_src_path")]
    _replace(study, old, f"_src_path: {json.dumps(place)}")


def _append(study: Path, name: str, text: str) -> None:
    with (study / name).open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.parametrize("broken", BREAKS)
def test_what_stands_in_the_way_of_an_update_is_told(broken, study):
    harm, said = BREAKS[broken]
    harm(study)
    assert any(said in note for note in told(study)), told(study)


def test_a_password_in_the_templates_address_is_not_printed(study):
    _point(study, "https://me:secret@lab.example/template.git")
    _append(study, ".copier-answers.yml", "oops\n")
    assert "secret" not in "".join(told(study))


def test_the_notes_reach_what_people_read(study):
    (study / ".copier-answers.yml").unlink()
    assert command.main(["check", str(study), "--output", str(study.parent / "report.txt")]) == 0
    assert "cannot be updated" in (study.parent / "report.txt").read_text("utf-8")


# A lab's thirty studies


@pytest.mark.slow
def test_one_loop_updates_five_studies_and_names_the_one_with_a_conflict(releases, tmp_path):
    page = (ROOT / "docs" / "labs.md").read_text("utf-8")
    loop = page.split("```python\n")[1].split("```")[0]
    for number in range(5):
        used_study(releases, tmp_path / f"study-{number}")
    _append(tmp_path / "study-3", "Dockerfile", "# my own last line\n")
    _append(tmp_path / "study-4", "README.md", "not committed\n")
    commit(tmp_path / "study-3")
    before = [students(files(tmp_path / f"study-{number}")) for number in range(5)]
    done = run("python", "-c", loop, str(tmp_path), cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "study-0: updated", "study-1: updated", "study-2: updated",
        "study-3: conflict", "study-4: failed",
    ], done.stderr  # fmt: skip
    assert [students(files(tmp_path / f"study-{number}")) for number in range(5)] == before
    assert (tmp_path / "study-0/tools/new.txt").is_file()


def test_a_labs_file_gives_the_answers_and_the_command_line_counts_more(history, tmp_path):
    page = (ROOT / "docs" / "labs.md").read_text("utf-8")
    (tmp_path / "lab.yml").write_text(page.split("```yaml\n")[1].split("```")[0])
    line = pages.line("labs.md", "copier copy --data-file")
    done = pages.call(tmp_path, f"{line} --data framework=scikit-learn", {"<template>": history})
    assert done.returncode == 0, done.stderr
    study = tmp_path / "my-study"
    zenodo = json.loads((study / ".zenodo.json").read_text("utf-8"))
    assert (
        zenodo["communities"] == [{"identifier": "our-lab"}] and zenodo["license"] == "bsd-3-clause"
    )
    assert zenodo["grants"] == [{"id": "10.13039/501100000780::101000000"}]
    project = (study / "pyproject.toml").read_text("utf-8")
    assert 'mirror = "https://packages.lab.example/simple/"' in project
    assert "scikit-learn" in project and "controlled" in project
    assert (study / "scripts/notebook.ipynb").is_file()
    assert "data-access@lab.example" in (study / "data/README.md").read_text("utf-8")
    assert told(study) == []
