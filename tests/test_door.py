"""Cookiecutter is a second front door to the same house: the same questions, the same bytes."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pages
import pytest
from copier._cli import CopierApp
from helpers import DOOR, QUESTIONS, ROOT, called, commit, copy_template, files, git, run
from helpers import variants as all_variants
from test_answers import HOSTILE

ASKED = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
NAME = "breast-cancer-from-cell-nuclei"


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """The template as a Git repository with one release, in a folder with a blank."""
    folder = tmp_path_factory.mktemp("place") / "the template"
    folder.mkdir()
    copy_template(folder)
    commit(folder)
    git(folder, "tag", "v0.1.0")
    return folder


def bake(where: Path, template: object, *words: str, typed: str | None = None, **more):
    """The real command line, in an empty home; without `typed` nothing is asked."""
    home = where / "home"
    home.mkdir(exist_ok=True)
    silent = ["--no-input"] if typed is None else []
    command = [sys.executable, "-m", "cookiecutter", str(template), *silent, *words]
    env = {**os.environ, "HOME": str(home), "USERPROFILE": str(home), "PWD": str(where), **more}
    return subprocess.run(
        command, cwd=where, env=env, input=typed, capture_output=True, text=True, check=False
    )


def copied(template: object, into: Path, *words: str) -> dict[str, bytes]:
    """What Copier's command line makes of the same."""
    command = ["copier", "copy", "--defaults", "--quiet", *words, str(template), str(into)]
    assert CopierApp.run(command, exit=False)[1] == 0
    return files(into)


def made(where: Path) -> list[str]:
    """What stands in a folder now."""
    return sorted(path.name for path in where.iterdir() if path.name != "home")


# The same questions


def test_cookiecutter_asks_what_copier_asks_in_the_same_words(tmp_path):
    import develop

    target = tmp_path / "cookiecutter.json"
    command = [sys.executable, "-c", develop.WRITE_DOOR, str(ROOT / "copier.yml"), str(target)]
    subprocess.run(command, check=True)
    assert json.loads(target.read_text("utf-8")) == ASKED, "run: python3 develop.py pages"
    assert [name for name in ASKED if not name.startswith("_")] == list(QUESTIONS)
    for name, question in QUESTIONS.items():
        said = ASKED["__prompts__"][name]
        assert question["help"] == (said if isinstance(said, str) else said["__prompt__"])
        if "choices" in question and not question.get("multiselect"):
            assert ASKED[name] == question["choices"]


# The same bytes


def words_of(answers: dict) -> tuple[list[str], list[str]]:
    """The same answers as words for Cookiecutter and for Copier."""
    ours, theirs = [], []
    for name, value in answers.items():
        many = isinstance(value, list)
        ours.append(f"{name}={', '.join(value) or 'none' if many else value}")
        theirs.append(f"--data={name}={json.dumps(value) if many else value}")
    return ours, theirs


def same_through_both(answers: dict, template: object, where: Path) -> Path:
    ours, theirs = words_of(answers)
    done = bake(where, template, *ours)
    assert done.returncode == 0, done.stdout + done.stderr
    [name] = made(where)
    assert files(where / name) == copied(template, where / "copied", *theirs)
    return where / name


@pytest.mark.slow
def test_both_doors_give_the_same_bytes(template, tmp_path):
    [block] = pages.blocks("doors.md")
    (tmp_path / "home").mkdir()
    for words in pages.commands(block):
        where = {"<template>": template}
        done = pages.call(tmp_path, words, where, HOME=str(tmp_path / "home"), PWD=str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
    assert made(tmp_path) == [NAME, "my-study"]
    study = tmp_path / NAME
    assert files(study) == files(tmp_path / "my-study")
    text = (study / ".copier-answers.yml").read_text("utf-8")
    assert f'_src_path: "{template}"' in text and '_commit: "v0.1.0"' in text


@pytest.mark.slow
@pytest.mark.parametrize("answers", all_variants(), ids=called)
def test_both_doors_give_the_same_bytes_for_all_options(answers, template, tmp_path):
    same_through_both(answers, template, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("title", "name"), list(zip(HOSTILE[::2], HOSTILE[1::2], strict=True)))
def test_both_doors_give_the_same_bytes_for_hostile_names(title, name, template, cookies):
    # Through its interface: on the command line Cookiecutter takes {…} and more for its own.
    result = cookies.bake({"project_name": title, "author_name": name}, template=str(template))
    assert result.exit_code == 0, result.exception
    file = result.project_path.parent / "data.json"
    file.write_text(json.dumps({"project_name": title, "author_name": name}, ensure_ascii=False))
    other = copied(template, result.project_path.parent / "copied", f"--data-file={file}")
    assert files(result.project_path) == other


@pytest.mark.slow
def test_a_baked_study_is_found_by_pytest_cookies(template, cookies):
    result = cookies.bake({"add_ons": "notebook", "license": "Apache-2.0"}, template=str(template))
    assert result.exit_code == 0 and result.exception is None
    assert (result.project_path / "scripts/notebook.ipynb").is_file()
    assert not (result.project_path / "NO-STUDY-YET.md").exists()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["git+file://", "file://"])
def test_a_git_address_gives_the_same_bytes(scheme, template, tmp_path):
    bare = tmp_path / "kept" / "template.git"
    git(template, "clone", "--quiet", "--bare", ".", str(bare))
    where = tmp_path / "work"
    where.mkdir()
    same_through_both({}, f"{scheme}{bare}", where)


@pytest.mark.slow
def test_a_release_is_checked_out_and_can_be_updated(template, tmp_path):
    later = tmp_path / "kept" / "later"
    git(template, "clone", "--quiet", ".", str(later))
    (later / "template" / "tools" / "new.txt").write_text("New in the template.\n")
    commit(later)
    git(later, "tag", "v0.2.0")
    where = tmp_path / "work"
    where.mkdir()
    done = bake(where, later, "--checkout", "v0.1.0", "project_name=Two words")
    assert done.returncode == 0, done.stdout + done.stderr
    study = where / "two-words"
    assert files(study) == copied(later, where / "copied", "--vcs-ref=v0.1.0",
                                  "--data=project_name=Two words")  # fmt: skip
    assert not (study / "tools/new.txt").exists()
    commit(study)
    done = run("python", "-m", "copier", "update", "--defaults", "--quiet", cwd=study)
    assert done.returncode == 0, done.stderr
    assert (study / "tools/new.txt").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "shell"),
    [([], "told"), (["-o", "elsewhere/deep"], "untold")],
    ids=["here", "elsewhere, and no shell tells from where"],
)
def test_a_relative_path_is_made_absolute(words, shell, template, tmp_path):
    where = tmp_path / "work"
    where.mkdir()
    relative = os.path.relpath(template, where)
    more = (
        {} if shell == "told" else {"PWD": "/"}
    )  # a shell tells where it stands, Windows does not
    done = bake(where, relative, *words, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    study = where / (words[1] if words else "") / NAME
    assert files(study) == copied(template, tmp_path / "copied")


@pytest.mark.slow
def test_an_archive_works_and_says_that_it_cannot_be_updated(template, tmp_path):
    archive = tmp_path / "template.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.mkdir("gold")  # as an archive made by Git begins
        for path in sorted(template.rglob("*")):
            if ".git" not in path.relative_to(template).parts[:1]:
                packed.write(path, Path("gold", path.relative_to(template)))
    where = tmp_path / "work"
    where.mkdir()
    done = bake(where, archive)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "`copier update` will not work" in done.stdout
    study, direct = files(where / NAME), copied(template, tmp_path / "copied")
    own = ".copier-answers.yml"
    assert f'_src_path: "{archive}"' in study.pop(own).decode()
    assert direct.pop(own) and study == direct


# Refusals leave nothing behind


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["author_orcid=0000-0002-1825-0098"], "The checksum of this ORCID is wrong"),
        (["project_name= "], "This is empty"),
        (["license=WTFPL"], "WTFPL"),
    ],
)
def test_a_refused_answer_leaves_no_folder_and_says_why(words, said, template, tmp_path):
    done = bake(tmp_path, template, *words)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert made(tmp_path) == []


@pytest.mark.slow
def test_braces_typed_at_a_prompt_are_refused(template, tmp_path):
    done = bake(tmp_path, template, typed="{{ 7*7 }}\n" + "\n" * 6)
    assert done.returncode != 0 and "would be taken for a template" in done.stderr
    assert made(tmp_path) == []


@pytest.mark.slow
def test_cookiecutter_itself_evaluates_what_is_given_on_its_command_line(template, tmp_path):
    done = bake(tmp_path, template, "project_name={{ 7*7 }}")
    assert done.returncode == 0, done.stderr
    assert made(tmp_path) == ["study-49"]


def fake_copier(folder: Path, version: str, text: str) -> dict[str, str]:
    """Variables with which this Copier is found before any other."""
    (folder / "copier").mkdir(parents=True)
    (folder / "copier" / "__init__.py").write_text("")
    (folder / "copier" / "__main__.py").write_text(text)
    about = folder / f"copier-{version}.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.1\nName: copier\nVersion: {version}\n")
    return {"PYTHONPATH": str(folder), "PATH": os.pathsep.join(["/usr/bin", "/bin"])}


def test_with_an_old_copier_nothing_is_asked(template, tmp_path):
    old = fake_copier(tmp_path / "home" / "fake", "9.17.2", "")
    done = bake(tmp_path, template, typed="\n" * 7, **old)
    assert done.returncode != 0
    assert "9.18.0 or newer beside Cookiecutter, and it found Copier 9.17.2" in done.stderr
    assert "pipx install" in done.stderr
    assert QUESTIONS["project_name"]["help"] not in done.stdout
    assert made(tmp_path) == []


def test_without_any_copier_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "hooks"))
    import door

    monkeypatch.setattr(door, "_candidates", lambda: iter([]))
    with pytest.raises(
        door.Refusal, match="and it found none. Install it, for instance with: pipx"
    ):
        door.copier(ROOT)


@pytest.mark.parametrize("version, enough", [("9.18.0", True), ("9.100.0", True), ("10.0", True),
                                             ("9.17.99", False), ("9.2", False)])  # fmt: skip
def test_versions_are_compared_as_numbers(version, enough, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "hooks"))
    import door

    assert (door._numbers(version) >= door._numbers("9.18.0")) is enough


CRASH = """
import pathlib, sys
pathlib.Path(sys.argv[-1], "half.txt").write_text("half a study")
sys.exit("ValueError: no more paper")
"""


@pytest.mark.slow
def test_a_copier_that_fails_half_way_leaves_no_folder(template, tmp_path):
    done = bake(tmp_path, template, **fake_copier(tmp_path / "home" / "fake", "9.99.0", CRASH))
    assert done.returncode != 0 and "no more paper" in done.stderr
    assert made(tmp_path) == []


@pytest.mark.slow
def test_a_folder_that_is_there_already_is_left_alone(template, tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "mine.txt").write_text("mine")
    done = bake(tmp_path, template)
    assert done.returncode != 0 and "already exists" in done.stdout + done.stderr
    assert made(tmp_path / NAME) == ["mine.txt"]


@pytest.mark.slow
def test_without_hooks_there_is_a_sentence_in_place_of_a_study(template, tmp_path):
    done = bake(tmp_path, template, "--accept-hooks", "no")
    assert done.returncode == 0
    [only] = (tmp_path / NAME).iterdir()
    assert "nothing was rendered" in only.read_text("utf-8")


@pytest.mark.parametrize(
    ("title", "folder"),
    [("con", "study-con"), ("!!!", "study"), ("../../etc", "study-etc"), ("Größe, 2", "grosse-2"),
     ("x" * 200, "study-" + "x" * 60), ("乳腺癌", "ru-xian-yan"), ("-rf /", "study-rf")],
)  # fmt: skip
def test_the_folder_is_named_after_the_study(title, folder):
    from cookiecutter.environment import StrictEnvironment

    env = StrictEnvironment(context={"cookiecutter": {}})
    shown = env.from_string(ASKED["__project_slug"]).render(cookiecutter={"project_name": title})
    assert shown == folder


# Rendering touches nothing else


NO_NETWORK = shutil.which("unshare") and os.name == "posix" and os.geteuid() == 0


@pytest.mark.slow
@pytest.mark.skipif(not NO_NETWORK, reason="needs root, and unshare of util-linux")
@pytest.mark.parametrize("door", ["copier", "cookiecutter"])
def test_rendering_works_without_any_network(door, template, tmp_path):
    words = {"copier": ["copy", "--defaults", str(template), "study"],
             "cookiecutter": [str(template), "--no-input"]}  # fmt: skip
    done = run("unshare", "-n", sys.executable, "-m", door, *words[door], cwd=tmp_path,
               HOME=str(tmp_path))  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not NO_NETWORK, reason="needs root, and unshare of util-linux")
def test_twenty_studies_at_once_from_one_template_that_cannot_be_written(template, tmp_path):
    script = (
        'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && ! touch "$1/x" 2>/dev/null && '
        'for i in $(seq 20); do "$2" -m copier copy --defaults --quiet "$1" "$3/$i" & done; '
        "for job in $(jobs -p); do wait $job || exit 1; done"
    )
    done = run("unshare", "-m", "bash", "-c", script, "bash", str(template), sys.executable,
               str(tmp_path), cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    studies = [files(tmp_path / str(number)) for number in range(1, 21)]
    assert studies[0] and all(study == studies[0] for study in studies)


@pytest.mark.slow
def test_the_oldest_versions_render_the_same(template, tmp_path):
    """The newest ones are in the development lock, and every other test uses them."""
    from gold_standard import environment

    oldest = environment.Environment(
        folder=tmp_path / "oldest", lock=ROOT / "locks" / "oldest.lock", compiled=False
    )
    environment.make(tmp_path, [oldest])
    python, where = str(oldest.python), tmp_path / "work"
    where.mkdir()
    for words in (["copier", "copy", "--defaults", "--quiet", str(template), "copied"],
                  ["cookiecutter", str(template), "--no-input"]):  # fmt: skip
        done = run(python, "-m", *words, cwd=where, HOME=str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
    newest = copied(template, tmp_path / "newest")
    assert files(where / "copied") == files(where / NAME) == newest
    versions = run(python, "-m", "copier", "--version", cwd=where).stdout
    wanted = (ROOT / "copier.yml").read_text("utf-8")
    assert versions.split()[1] in wanted, "copier.yml's _min_copier_version is what is tested"


def test_the_placeholder_is_what_the_hook_takes_away():
    [placeholder] = (ROOT / DOOR).iterdir()
    assert f'PLACEHOLDER = "{placeholder.name}"' in (ROOT / "hooks" / "door.py").read_text("utf-8")
