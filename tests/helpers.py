"""What the tests share: one way to render a study, and it refuses misspelt answers."""

import atexit
import functools
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import copier
import pathspec
import pytest
import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

ROOT = Path(__file__).resolve().parents[1]
CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
QUESTIONS = {
    name: question
    for name, question in CONFIG.items()
    if not name.startswith("_") and question.get("when") is not False
}
DEFAULTS = {name: question["default"] for name, question in QUESTIONS.items()}
# Answers that nobody is asked for: a lab's file gives them.
LABS = ("funder", "community", "mirror", "data_contact")
DOOR = "{{cookiecutter.__project_slug}}"
# What Copier and Cookiecutter read: the rest of this repository is none of their business.
PARTS = (
    "copier.yml", "answers", "licenses", "locks", "template", "cookiecutter.json", "hooks", DOOR
)  # fmt: skip


@functools.cache
def variants() -> list[dict]:
    """Combinations of the options in which every two choices meet."""
    names = [name for name, question in QUESTIONS.items() if "choices" in question]
    values = [choices_of(QUESTIONS[name]) for name in names]
    every = [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values)]
    missing = set().union(*map(pairs, every))
    chosen = []
    while missing:
        chosen.append(max(every, key=lambda answers: len(pairs(answers) & missing)))
        missing -= pairs(chosen[-1])
    return chosen


def choices_of(question: dict) -> list:
    """What can be answered: one choice, or any set of them."""
    choices = question["choices"]
    if not question.get("multiselect"):
        return choices
    sizes = range(len(choices) + 1)
    return [list(x) for size in sizes for x in itertools.combinations(choices, size)]


def pairs(answers: dict) -> set[frozenset]:
    """Every two answers of a variant."""
    each = [(name, str(value)) for name, value in answers.items()]
    return {frozenset(two) for two in itertools.combinations(each, 2)}


def called(answers: dict) -> str:
    """A short name of a variant, for the tests' output."""
    return "-".join(
        value if isinstance(value, str) else "-".join(value) for value in answers.values()
    )


@functools.cache
def template() -> Path:
    """A copy of the template as it is now, committed or not, with nothing around it."""
    folder = Path(tempfile.mkdtemp(prefix="template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy_template(folder)
    return folder


def copy_template(folder: Path) -> None:
    """Copy what Copier reads into a folder."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
            shutil.copytree(source, folder / part, ignore=ignore)
        else:
            shutil.copyfile(source, folder / part)


def render(into: Path | None = None, **answers) -> Path:
    """Render a study into a folder, by default a fresh one that goes with the tests."""
    refuse_unknown(answers)
    into = into or fresh_folder() / "study"
    _copy(into, answers)
    return into


def look(**answers) -> Path:
    """The study that `render` makes, at a tenth of the cost: only to be looked at."""
    folder = fresh_folder() / "study"
    for name, data in quick(**answers).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def _copy(into: Path, answers: dict, **more):
    return copier.run_copy(
        str(template()), into, data=answers, defaults=True, overwrite=True, quiet=True, **more
    )


def derive(**answers) -> dict:
    """What Copier makes of the answers, without any file written."""
    refuse_unknown(answers)
    worker = _copy(fresh_folder(), answers, pretend=True, exclude=["*"])
    return dict(worker.answers.combined)


@functools.cache
def jinja() -> SandboxedEnvironment:
    """Jinja as Copier sets it up for this template."""
    return SandboxedEnvironment(
        loader=FileSystemLoader(ROOT),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        **CONFIG["_envops"] | {"undefined": StrictUndefined},
    )


@functools.cache
def module(name: str, **context):
    """A file of answers/, asked directly: a hundred times faster than through Copier."""
    return jinja().get_template(f"answers/{name}").make_module(context)


@functools.cache
def _compiled(text: str):
    return jinja().from_string(text)


@functools.cache
def _sources() -> list[tuple[str, str | bytes]]:
    """Every file of template/: its path, and its text where answers are put in, else its bytes."""
    inner = template() / "template"
    found = [(path.relative_to(inner).as_posix(), path.read_bytes())
             for path in sorted(inner.rglob("*")) if path.is_file()]  # fmt: skip
    return [(path, data.decode() if path.endswith(".jinja") else data) for path, data in found]


def problems(answers: dict) -> dict[str, str]:
    """What the validators say of each answer that they refuse."""
    said = {
        name: _compiled(CONFIG[name]["validator"]).render(**answers).strip()
        for name in answers
        if "validator" in CONFIG[name]
    }
    return {name: text for name, text in said.items() if text}


def quick(**answers) -> dict[str, bytes]:
    """What Copier makes of the answers, without Copier: fast enough for thousands of them.

    A test compares the two.
    """
    refuse_unknown(answers)
    context = {**DEFAULTS, **answers}
    asked = dict(context)
    for name, question in CONFIG.items():
        if not name.startswith("_") and question.get("when") is False:
            context.setdefault(name, _compiled(question["default"]).render(**context))
    context["_copier_conf"] = {"answers_file": ".copier-answers.yml"}
    context["_copier_answers"] = {key: asked[key] for key in QUESTIONS}
    context["_copier_answers"]["_src_path"] = str(template())
    made = {}
    for source, content in _sources():
        parts = source.split("/")
        if "{" in source:
            parts = [_compiled(part).render(**context) for part in parts]
        if all(parts):
            text = isinstance(content, str)
            path = "/".join(part for part in parts if part != ".")
            data = _compiled(content).render(**context).encode() if text else content
            made[path.removesuffix(".jinja") if text else path] = data
    return made


def problem(question: str, answer: str) -> str:
    """What is wrong with an answer, by the rule that the question's validator names."""
    checks = module("checks.jinja")
    if question == "author_orcid":
        return checks.orcid_problem(answer).strip()
    return checks.text_problem(answer, "Marie Curie").strip()


def package_name(project_name: str) -> str:
    """The package that a project's name gives."""
    return module("package.jinja").package(project_name).strip()


def skip(reason: str) -> None:
    """Skip a test, and say why; where nothing may be skipped, fail it."""
    print(reason)
    if os.environ.get("CI_STRICT") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def refuse_unknown(answers: dict) -> None:
    """Fail on a misspelt answer: Copier would ignore it, and the test would test nothing."""
    unknown = answers.keys() - QUESTIONS.keys() - set(LABS)
    assert not unknown, f"copier.yml asks no such question: {sorted(unknown)}"


def fresh_folder() -> Path:
    """An empty folder that goes when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="study-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def files(study: Path) -> dict[str, bytes]:
    """Every file below a folder but Git's own, with its content."""
    found = (path for path in sorted(study.rglob("*")) if path.is_file())
    names = {path.relative_to(study).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(".git/")}


def texts(study: Path) -> dict[str, str]:
    """Every file below a folder that is text."""
    return {name: data.decode() for name, data in files(study).items() if b"\0" not in data}


def is_templates(name: str) -> bool:
    """Whether a file of a study belongs to the template, as copier.yml says it."""
    own = [line.replace("{{ _copier_conf.answers_file }}", ".copier-answers.yml") for line in OWN]
    return pathspec.GitIgnoreSpec.from_lines(own).match_file(name)


OWN = [line[1:] for line in CONFIG["_skip_if_exists"] if line.startswith("!")]


def run(*command: str | Path, cwd: Path, **more) -> subprocess.CompletedProcess:
    """Run a command and keep what it says; `python` is the one that runs the tests."""
    words = [sys.executable, *command[1:]] if command[0] == "python" else command
    env = surroundings(**more)
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8")


def surroundings(**more: str) -> dict[str, str]:
    """The environment variables of a command: nobody's own configuration decides how it ends."""
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    people = itertools.product(("AUTHOR", "COMMITTER"), ("NAME", "EMAIL"))
    names = {f"GIT_{who}_{what}": "tests" for who, what in people}
    return {**os.environ, **clean, **names, **more}


def executed(notebook: Path) -> tuple[str, int]:
    """Run all cells of a notebook: what they show as text, and how many pictures they show."""
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)
    NotebookClient(
        content, timeout=600, resources={"metadata": {"path": notebook.parent}}
    ).execute()
    shown = [one for cell in content.cells for one in cell.get("outputs", [])]
    data = [one.get("data", {"text/plain": one.get("text", "")}) for one in shown]
    texts = [each.get("text/markdown", each.get("text/plain", "")) for each in data]
    return "\n".join(texts), sum("image/png" in each for each in data)


def git(folder: Path, *words: str) -> str:
    """Run Git in a folder; a failure fails the test."""
    done = run("git", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path, message: str = "a step") -> None:
    """Commit everything in a folder, which becomes a repository if it is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", message)
