"""What every rendered study is: its files and its bytes."""

import re
import tomllib
from pathlib import Path

import helpers
import pytest
from helpers import CONFIG, ROOT, commit, files, git, is_templates, package_name, render, run, texts

PACKAGE = "breast_cancer_from_cell_nuclei"

ALWAYS = {
    ".copier-answers.yml",
    ".dockerignore",
    ".gitattributes",
    ".github/workflows/reproduce.yml",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".zenodo.json",
    "CITATION.cff",
    "Dockerfile",
    "LICENSE",
    "MODEL_CARD.md",
    "README.md",
    "Snakefile",
    "config.yaml",
    "data/README.md",
    "pyproject.toml",
    "reproduce.py",
    "requirements.lock",
    "scripts/02_prepare_data.py",
    "scripts/03_train.py",
    "scripts/04_evaluate.py",
    "scripts/05_make_figures.py",
    f"src/{PACKAGE}/__init__.py",
    f"src/{PACKAGE}/evaluate.py",
    f"src/{PACKAGE}/figures.py",
    f"src/{PACKAGE}/prepare.py",
    f"src/{PACKAGE}/seeding.py",
    f"src/{PACKAGE}/train.py",
    f"src/{PACKAGE}/weights.py",
    "tests/test_smoke.py",
    "tests/test_study.py",
    "tools/gold_standard-0.1.0-py3-none-any.whl",
    "tools/tools.lock",
}
BY_ANSWER = {
    ("framework", "scikit-learn"): {f"src/{PACKAGE}/schema.py"},
    ("framework", "pytorch"): {
        f"src/{PACKAGE}/model.py",
        "requirements-cpu.lock",
        "requirements-gpu.lock",
    },
    ("data_access", "public"): {
        "scripts/01_download_data.py",
        f"src/{PACKAGE}/download.py",
        "tests/test_download.py",
    },
    ("data_access", "controlled"): {
        "scripts/01_make_standin.py",
        "scripts/01_take_data.py",
        f"src/{PACKAGE}/standin.py",
    },
    ("add_ons", "cluster"): {"profiles/slurm/config.yaml", "profiles/slurm/tools.lock"},
    ("add_ons", "notebook"): {"scripts/notebook.ipynb"},
}
BY_TWO_ANSWERS = {
    ("scikit-learn", "controlled"): {"tests/test_standin.py"},
    ("pytorch", "controlled"): {f"src/{PACKAGE}/privacy.py"},
}
RESULTS = {"metrics.csv", "metrics_by_seed.csv", "predictions.csv", "split.json"}
FIGURES = {"calibration", "confusion"}
OF_FRAMEWORK = {
    "scikit-learn": ({"demo.csv", "tuning.json"}, {"roc"}),
    "pytorch": (
        {"demo.npz", "training.json", "learning_curves.csv", "metrics_by_class.csv"},
        {"learning", "errors"},
    ),
}
# One line, or one picture, per person: on controlled data these stay among the data.
PERSONAL = {"predictions.csv", "figures/errors.pdf", "figures/errors.png"}


def results(framework: str, data_access: str) -> set[str]:
    """The expected results that a study brings."""
    tables, figures = OF_FRAMEWORK[framework]
    drawn = {f"figures/{x}.{kind}" for x in FIGURES | figures for kind in ("pdf", "png")}
    if data_access == "controlled":
        return {f"results-standin/{x}" for x in (RESULTS | tables | drawn) - PERSONAL}
    return {f"results/{x}" for x in RESULTS | tables | drawn}


def expected(answers: dict) -> set[str]:
    """The files of a study with these answers."""
    chosen = [BY_ANSWER[key] for key in BY_ANSWER if key[1] in answers[key[0]]]
    two = (answers["framework"], answers["data_access"])
    return ALWAYS.union(*chosen, BY_TWO_ANSWERS.get(two, set()), results(*two))


def test_a_study_has_exactly_these_files(variant):
    answers, study = variant
    assert set(files(study)) == expected(answers)
    assert not [path for path in study.rglob("*") if path.is_dir() and not any(path.iterdir())]


def test_no_study_is_larger_than_its_budget(variant):
    names = list(files(variant[1]))
    # The locks of one environment for each build of torch stand together, and count once.
    visible = {
        re.sub(r"^requirements(-\w+)?\.lock$", "requirements.lock", path.name)
        for path in variant[1].iterdir()
        if not path.name.startswith(".")
    }
    heavy = re.compile("(results|results-standin|models|tools|profiles)/")
    # Machines write and read locks and answers; nobody has to.
    light = [x for x in names if not heavy.match(x) and not x.endswith(".lock")]
    for_people = set(light) - {".copier-answers.yml"}
    assert len(visible - {"profiles"}) <= 16  # that one has to be where Snakemake looks for it
    assert len(for_people) <= 35
    assert len(names) <= 60


def test_no_braces_are_left_over(variant):
    for name, text in texts(variant[1]).items():
        if name.startswith(".github/"):
            text = text.replace("${{", "")  # GitHub's own
        assert not re.search(r"\{\{|\{%|\{#", text), name


def test_every_path_is_legal_on_windows(study_of):
    ours = [Path(line) for line in git(ROOT, "ls-files", "-co", "--exclude-standard").splitlines()]
    paths = [*ours, *map(Path, files(study_of(data_access="controlled")))]
    parts = {part for path in paths for part in path.parts}
    reserved = r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?"
    assert not {x for x in parts if re.search(r'[<>:"|?*\\\x00-\x1f]|[. ]$', x)}
    assert not {x for x in parts if re.fullmatch(reserved, x)}
    lower = [str(path).lower() for path in ours]
    assert len(set(lower)) == len(lower)


def test_every_text_ends_its_lines_as_git_keeps_them(variant):
    for name, data in files(variant[1]).items():
        if b"\0" not in data:
            assert b"\r" not in data, name
            assert data.endswith(b"\n") or name.endswith(".pdf"), name


def test_the_same_answers_give_the_same_bytes_twice():
    answers = helpers.variants()[-1]
    assert files(render(**answers)) == files(render(**answers))


def test_a_plain_copier_copy_needs_no_trust_and_no_answer(tmp_path, study_of):
    done = run(
        "python", "-m", "copier", "copy", "--defaults", helpers.template(), "study", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "study") == files(study_of(**helpers.DEFAULTS))
    assert "python reproduce.py" in done.stderr


def test_the_template_runs_nothing_and_extends_nothing():
    mechanics = {name for name in CONFIG if name.startswith("_")}
    assert mechanics == {
        "_envops",
        "_exclude",
        "_message_after_copy",
        "_min_copier_version",
        "_skip_if_exists",
        "_subdirectory",
    }
    assert CONFIG["_envops"]["undefined"] == "jinja2.StrictUndefined"


def test_both_lists_of_the_templates_own_files_agree():
    own = [line for line in CONFIG["_exclude"][0].splitlines() if line.startswith("!")]
    assert CONFIG["_skip_if_exists"] == ["*", *own]


def test_no_file_of_the_template_holds_an_answer(study_of):
    first = files(study_of(data_access="public", license="MIT", framework="scikit-learn"))
    other = {"project_name": "Another", "author_name": "Other", "license": "Apache-2.0"}
    other["framework"] = "pytorch"
    second = files(render(**other, data_access="controlled"))
    own = {name for name in first if is_templates(name)} - {".copier-answers.yml"}
    assert own >= {"reproduce.py", "Dockerfile", ".dockerignore", "tools/tools.lock"}
    assert {name: first[name] for name in own} == {name: second[name] for name in own}


def test_nothing_names_a_package_index_or_a_place_on_somebodys_machine(study_of):
    addresses = ["pypi" + r"\.org", "python" + "hosted", "index" + "-url"]
    index = "|".join([*addresses, "/" + "root/", "/home/"])
    found = {}
    for study in (study_of(), study_of(data_access="controlled"), study_of(framework="pytorch")):
        found |= {name: text for name, text in texts(study).items() if re.search(index, text)}
    # The answers file says where the template lies: that is how an update finds it.
    assert set(found) <= {".copier-answers.yml"}
    for lock in (study_of() / "requirements.lock", study_of() / "tools/tools.lock"):
        assert not re.search("https?://", lock.read_text(encoding="utf-8"))


# The code of a fresh study, and of the template itself


@pytest.mark.parametrize(
    "answers",
    [
        {"project_name": "x", "data_access": "controlled", "add_ons": ["notebook"]},
        {"data_access": "public", "add_ons": ["notebook"]},
        {"data_access": "controlled"},
        {"framework": "pytorch", "project_name": "x", "data_access": "controlled"},
        {"framework": "pytorch", "data_access": "public", "add_ons": ["notebook"]},
        {"framework": "pytorch", "data_access": "controlled"},
    ],
    ids=["short", "public", "controlled", "torch short", "torch public", "torch controlled"],
)
def test_formatting_and_linting_a_fresh_study_changes_nothing(study_of, answers):
    study = study_of(**answers)
    for words in (["check"], ["format", "--diff"]):
        done = run("python", "-m", "ruff", *words, "--no-cache", ".", cwd=study)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_names_above_give_the_shortest_and_the_longest_package():
    default = helpers.DEFAULTS["project_name"]
    assert [len(package_name(x)) for x in ("x", default)] == [7, 30]


def test_the_template_keeps_the_rules_that_it_ships(study_of):
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    theirs = tomllib.loads((study_of() / "pyproject.toml").read_text(encoding="utf-8"))
    theirs = theirs["tool"]["ruff"]
    for key in ("line-length", "target-version"):
        assert ours[key] == theirs[key]
    assert ours["lint"]["select"] == theirs["lint"]["select"]
    for words in (["check"], ["format", "--diff"]):
        done = run("python", "-m", "ruff", *words, "--no-cache", ".", cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr


# Hooks


def test_the_hooks_pass_on_a_first_commit_and_change_nothing(hooks):
    study = render(data_access="controlled", add_ons=["notebook"])
    commit(study)
    done = hooks(study, "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not git(study, "status", "--porcelain")


def test_the_hooks_pass_on_the_template_itself(hooks):
    done = hooks(ROOT, "--files", *git(ROOT, "ls-files", "-co", "--exclude-standard").splitlines())
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_stop_what_does_not_belong_into_git(hooks, tmp_path):
    offences = {
        "models/seed_1.pkl": "no-pickles",
        "data/raw/patients.csv": "no-data",
        "config.yaml": "no-conflict-markers",
        "Dockerfile.rej": "no-rejected-patches",
        "notes.txt": "no-private-keys",
    }
    texts = {
        "config.yaml": "<<<<<<< before updating\n",
        "notes.txt": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\n",
    }
    for name in offences:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(texts.get(name, "x"))
    commit(tmp_path)
    said = hooks(tmp_path, "--all-files").stdout
    for name, hook in offences.items():
        part = said.split(f"hook id: {hook}\n")[1].split("hook id:")[0]
        assert [other for other in offences if other in part] == [name]
