"""The papers around a study are valid from the first minute, and what they say is so."""

import ast
import hashlib
import json
import re
import tomllib
from datetime import date
from pathlib import Path

import check_jsonschema
import helpers
import jsonschema
import pytest
import yaml
from helpers import ROOT, files, is_templates, render, texts

from gold_standard import manuscript, publication

SCHEMAS = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
NOT_RUN = "Not run yet: the first complete run of `python reproduce.py` fills this in."
# Made by running, so not there in a fresh study.
MADE = re.compile(
    r"(\.run|\.snakemake|\.tools|\.venv|models|models-standin|record|results|runs|dist)/"
    r"|data/controlled/|try\.yaml|results-standin/"
)


def read(study: Path, name: str):
    """A file of a study, parsed as what its name says it is."""
    text = (study / name).read_text(encoding="utf-8")
    suffix = Path(name).suffix or name
    return PARSERS[suffix](text)


def front_matter(text: str) -> dict:
    """The block of YAML with which a Markdown file begins, if it does."""
    found = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    return yaml.safe_load(found[1]) if found else {}


PARSERS = {
    ".toml": tomllib.loads,
    ".yml": yaml.safe_load,
    ".yaml": yaml.safe_load,
    ".cff": yaml.safe_load,
    ".json": json.loads,
    ".ipynb": json.loads,
    ".md": front_matter,
    ".py": ast.parse,
}


def test_every_file_parses_as_what_it_is(variant):
    study = variant[1]
    parsed = {name for name in texts(study) if Path(name).suffix in PARSERS}
    assert len(parsed) > 20
    for name in parsed:
        assert read(study, name) is not None, name


# Who, what, and under which licence


SILENT = {
    ".json": "JSON has no comments; README.md says what .zenodo.json is",
    ".csv": "a table begins with the names of its columns",
    "LICENSE": "its text is fixed",
}
SENTENCE = re.compile(r"\w+([^\w.]+\w+){4,}.*[.:;,?]")


def opening(name: str, text: str) -> list[str]:
    """The first three lines of prose or comment of a file, without the marks around them."""
    if name.endswith(".ipynb"):
        text = "".join(json.loads(text)["cells"][0]["source"])
    lines = text.split("\n---\n", 1)[-1].strip().splitlines()[:3]
    if name.endswith((".md", ".ipynb")):
        return [line for line in lines if not line.startswith("#")]
    return [line.strip('#" ') for line in lines if line.startswith(("#", '"""'))]


@pytest.mark.parametrize("data_access", ["public", "controlled"])
@pytest.mark.parametrize("framework", ["scikit-learn", "pytorch"])
def test_the_first_lines_of_every_file_say_why_it_is_there(framework, data_access):
    answers = {"framework": framework, "data_access": data_access}
    study = texts(helpers.look(**answers, add_ons=["cluster", "notebook"]))
    spoken = {name: text for name, text in study.items() if not name.endswith(tuple(SILENT))}
    assert len(spoken) > 30
    mute = [
        name
        for name, text in spoken.items()
        if not any(SENTENCE.search(line) for line in opening(name, text))
    ]
    assert mute == []


def test_the_citation_fits_its_schema_and_names_no_date(variant):
    cff = read(variant[1], "CITATION.cff")
    schema = json.loads((SCHEMAS / "citation-file-format.json").read_text(encoding="utf-8"))
    assert "cff-version" in schema["properties"]
    jsonschema.Draft7Validator(schema).validate(cff)
    assert cff["version"] == "0.1.0"
    assert not [value for value in cff.values() if isinstance(value, date)]


def test_the_citation_of_the_template_fits_its_schema():
    cff = read(ROOT, "CITATION.cff")
    schema = json.loads((SCHEMAS / "citation-file-format.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(cff)
    assert [list(author) for author in cff["authors"]] == [["name"]]


def test_the_archive_is_told_what_the_citation_says(variant):
    cff, zenodo = read(variant[1], "CITATION.cff"), read(variant[1], ".zenodo.json")
    assert zenodo["title"] == cff["title"]
    assert zenodo["keywords"] == cff["keywords"]
    assert zenodo["upload_type"] == cff["type"] == "software"
    assert zenodo["license"] == cff["license"].lower()
    named = [", ".join(v for k, v in x.items() if k != "orcid") for x in cff["authors"]]
    assert [creator["name"] for creator in zenodo["creators"]] == named
    cited = {reference["doi"] for reference in cff["references"]}
    assert {x["identifier"] for x in zenodo["related_identifiers"]} == cited


def test_what_the_template_renders_is_what_is_made(variant):
    _, study = variant
    found = publication.read(study)
    assert (study / ".zenodo.json").read_text("utf-8") == publication.zenodo_text(found)
    assert publication.stale(study, found) == {}


def test_every_paper_names_the_same_licence(variant):
    answers, study = variant
    licence = answers["license"]
    assert read(study, "CITATION.cff")["license"] == licence
    assert read(study, "pyproject.toml")["project"]["license"] == licence
    assert f"under {licence}, see `LICENSE`" in (study / "README.md").read_text(encoding="utf-8")
    card = read(study, "MODEL_CARD.md")["license"]
    assert card == {"GPL-3.0-or-later": "gpl-3.0"}.get(licence, licence.lower())


@pytest.mark.parametrize(
    ("licence", "sha256"),
    [  # of the texts as their authors publish them, up to http or https in an address
        ("Apache-2.0", "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"),
        ("GPL-3.0-or-later", "3972dc9744f6499f0f9b2dbf76696f2ae7ad8af9b23dde66d6af86c9dfb36986"),
    ],
)
def test_a_licence_without_names_is_the_published_text(study_of, licence, sha256):
    text = (study_of(license=licence) / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == sha256


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("MIT", "Permission is hereby granted, free of charge"),
        ("BSD-3-Clause", "Neither the name of the copyright holder"),
    ],
)
def test_a_licence_with_a_name_has_its_full_text_and_no_year(study_of, licence, words):
    text = (study_of(license=licence) / "LICENSE").read_text(encoding="utf-8")
    assert "Copyright (c) Anonymous\n" in text and words in text
    assert "WARRANT" in text and text.rstrip().endswith((".", "SOFTWARE."))
    assert not re.search(r"\b(19|20)\d\d\b", text)


def test_the_templates_own_licence_is_the_same_mit(study_of):
    theirs = (study_of(license="MIT") / "LICENSE").read_text(encoding="utf-8")
    ours = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert ours.replace("the gold-standard-ml authors", "Anonymous") == theirs


def test_nothing_stands_there_as_a_placeholder_that_lies(variant):
    lies = (
        r"xxxx|10\.5072|10\.5281|0000-0000-0000-0000|TODO|FIXME|lorem|your-?name|example\.(com|org)"
    )
    for name, text in texts(variant[1]).items():
        if not name.endswith((".lock", ".py")) and name != "LICENSE":
            assert not re.search(lies, text, re.IGNORECASE), name


def test_the_prose_keeps_to_the_style(variant):
    for name in ("README.md", "MODEL_CARD.md", "data/README.md"):
        text = (variant[1] / name).read_text(encoding="utf-8")
        assert "\N{EM DASH}" not in text
        assert not re.search(
            r"(state of the art|cutting.edge|blazing|powerful)", text, re.IGNORECASE
        )


# README


def map_rows(study: Path) -> dict[str, str]:
    """README's map: each path in it, and whose it is."""
    text = (study / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*`) \| (yours|the template's) \| (.+) \|$", text, re.MULTILINE)
    return {path: whose for paths, whose, _ in rows for path in re.findall(r"`([^`]+)`", paths)}


def test_the_map_in_the_readme_is_true(variant):
    study = variant[1]
    rows = map_rows(study)
    covered = {row: 0 for row in rows}
    for name in files(study):
        fitting = [row for row in rows if name == row or (row[-1] == "/" and name.startswith(row))]
        assert fitting, f"{name} is not on the map"
        nearest = max(fitting, key=len)
        covered[nearest] += 1
        assert (rows[nearest] == "the template's") == is_templates(name), name
    assert not [row for row, count in covered.items() if not count], "not in the study"


def test_the_readme_says_which_folders_running_makes(variant):
    study = variant[1]
    text = (study / "README.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("Running adds"))
    committed, ignored = line.split("which belong into Git")
    rules = (study / ".gitignore").read_text(encoding="utf-8").splitlines()
    for folder in re.findall(r"`([^`]+)`", ignored):
        assert f"/{folder}" in rules
    for folder in re.findall(r"`([^`]+)`", committed):
        assert f"/{folder}" not in rules


def test_the_papers_mention_only_what_is_there_or_will_be(variant):
    study = variant[1]
    there = set(files(study)) | {f"{Path(x).parent.as_posix()}/" for x in files(study)}
    for paper in ("README.md", "MODEL_CARD.md", "data/README.md"):
        text = (study / paper).read_text(encoding="utf-8")
        for word in re.findall(r"`([^`\s]+)`|\"([^\"\s]+/[^\"\s]+)\"", text):
            path = "".join(word)
            looks_like_path = "/" in path or re.search(r"\.(py|md|yaml|toml|lock|cff|json)$", path)
            if looks_like_path and not path.startswith("sklearn"):
                known = path in there or any(x.startswith(path) for x in there if path[-1] == "/")
                assert known or MADE.match(path), f"{paper} mentions {path}"


def test_the_commands_that_the_papers_name_exist(variant):
    cli = (ROOT / "src" / "gold_standard" / "cli.py").read_text(encoding="utf-8")
    commands = re.search(r"^COMMANDS = \((.*)\)$", cli, re.MULTILINE)[1]
    named = set()
    for text in texts(variant[1]).values():
        named |= set(re.findall(r"python reproduce\.py(?: |\", \")(-{0,2}[a-z]+)", text))
    flags = {word for word in named if word.startswith("--")}
    assert all(f'"{word}"' in commands for word in named - flags)
    assert all(flag in cli for flag in flags)


def test_what_the_run_writes_has_its_places(variant):
    blocks = {"README.md": ["needed"], "MODEL_CARD.md": ["metrics", "environment"]}
    if variant[0]["framework"] == "pytorch":
        blocks["MODEL_CARD.md"].append("training")
    for name, names in blocks.items():
        text = (variant[1] / name).read_text(encoding="utf-8")
        for block in names:
            assert text.count(f"<!-- {block}:begin -->\n{NOT_RUN}\n<!-- {block}:end -->\n") == 1


def test_the_readme_is_short(variant):
    lines = (variant[1] / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 90


# Data and model


EXAMPLES = {
    "scikit-learn": ("10.24432/C5DW2B", "case ids", "breast_cancer.csv"),
    "pytorch": ("10.24432/C50P49", "not who wrote which digit", "digits.csv.gz"),
}
KINDS = {
    "scikit-learn": ("sklearn", "tabular-classification"),
    "pytorch": ("pytorch", "image-classification"),
}


def test_the_data_statement_is_true_of_the_example(variant):
    answers, study = variant
    text = (study / "data" / "README.md").read_text(encoding="utf-8")
    doi, dropped, file = EXAMPLES[answers["framework"]]
    assert doi in text and "CC BY 4.0" in text and dropped in text
    assert all(x in text for x in ("GEO", "BioImage Archive", "up to 50 GB | Zenodo", "Dryad"))
    controlled = answers["data_access"] == "controlled"
    assert (f"data/controlled/{file}" in text) == controlled
    assert ("Comparable public data" in text) == controlled
    assert "approved" in text


def test_the_model_card_asks_eight_short_things(variant):
    text = (variant[1] / "MODEL_CARD.md").read_text(encoding="utf-8")
    prompts = re.findall(r"^<!-- (\d)\. (.+\?) -->$", text, re.MULTILINE)
    assert [int(number) for number, _ in prompts] == list(range(1, 9))
    assert all(len(prompt) < 120 for _, prompt in prompts)
    card = read(variant[1], "MODEL_CARD.md")
    assert (card["library_name"], card["pipeline_tag"]) == KINDS[variant[0]["framework"]]


def test_the_model_card_loads_models_as_the_study_does(variant):
    text = (variant[1] / "MODEL_CARD.md").read_text(encoding="utf-8")
    weights = next((variant[1] / "src").glob("*/weights.py")).read_text(encoding="utf-8")
    if variant[0]["framework"] == "pytorch":
        assert "= weights.from_bytes(" in text and "def from_bytes(data: bytes)" in weights
        return
    trusted = re.search(r"TRUSTED = (\[.*?\])", weights)[1]
    assert f"trusted={trusted})" in text


# pyproject.toml, container, continuous integration, notebook


def test_the_study_needs_what_its_lock_was_made_from(variant):
    project = read(variant[1], "pyproject.toml")["project"]
    asked = (ROOT / "locks" / f"{variant[0]['framework']}.in").read_text(encoding="utf-8")
    locks = sorted(variant[1].glob("requirements*.lock"))
    locked = "".join(lock.read_text(encoding="utf-8") for lock in locks)
    names = {re.match(r"[\w-]+", needed)[0] for needed in project["dependencies"]}
    assert names == set(re.findall(r"^([a-z][\w-]*)", asked, re.MULTILINE))
    for name in names:
        assert re.search(rf"^{name}==", locked, re.MULTILINE), name
    assert project["requires-python"] == ">=3.11,<3.15"


def test_the_machinery_finds_its_settings(variant):
    answers, study = variant
    settings = read(study, "pyproject.toml")["tool"]["gold-standard"]
    assert settings["data_access"] == answers["data_access"]
    assert settings["compare"].keys() == {"rtol", "atol", "pixels", "predict"}
    if answers["data_access"] == "controlled":
        assert settings["controlled_data"] == ["take_data.file"]
        config = read(study, "config.yaml")
        file = EXAMPLES[answers["framework"]][2]
        assert config["take_data"]["file"] == f"data/controlled/{file}"
    else:
        assert "controlled_data" not in settings
    script, *words = settings["compare"]["predict"].split()
    flags = set(re.findall(r'"(--[a-z-]+)"', (study / script).read_text(encoding="utf-8")))
    assert {word for word in words if word.startswith("--")} <= flags
    assert {"{model}", "{predictions}"} <= set(words)


def test_the_container_is_pinned_unprivileged_and_installs_before_it_copies_code(study_of):
    text = (study_of() / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert re.fullmatch(r"ARG BASE=python:3\.\d+[\w.-]*@sha256:[0-9a-f]{64}", lines[0])
    assert lines[1] == "FROM ${BASE}"
    assert "USER 1000" in lines
    assert lines[-1] == 'CMD ["python", "reproduce.py", "--copy-to", "/out"]'
    install = next(i for i, line in enumerate(lines) if "python reproduce.py test" in line)
    assert lines[install].startswith("RUN PIP_NO_CACHE_DIR=1 ")
    before = " ".join(lines[:install])
    assert (
        "requirements*.lock" in before
        and "pyproject.toml" in before  # which says which of them
        and "tools" in before
        and "COPY --chown=1000 . ." not in before
    )
    assert lines.index("USER 1000") < install < lines.index("COPY --chown=1000 . .")


def test_the_container_leaves_out_what_git_leaves_out(study_of):
    ignored = (study_of() / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = (study_of() / ".gitignore").read_text(encoding="utf-8").splitlines()
    anchored = {line.strip("/") for line in rules if line.startswith("/")}
    assert anchored | {"!data/README.md", ".git"} <= set(ignored)


def test_the_workflow_is_pinned_and_may_read_only(study_of):
    text = (study_of() / ".github/workflows/reproduce.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    uses = re.findall(r"uses: (.*)", text)
    assert uses and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", use) for use in uses)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets" not in text and "write" not in text
    job = workflow["jobs"]["reproduce"]
    assert job["strategy"]["matrix"]["os"] == ["ubuntu-24.04", "ubuntu-latest"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[:2] == ["python reproduce.py", "python reproduce.py test"]


def test_the_workflow_verifies_for_a_release_and_on_a_schedule_without_a_secret(study_of):
    text = (study_of() / ".github/workflows/reproduce.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True]["release"] == {"types": ["published"]} and workflow[True]["schedule"]
    steps = workflow["jobs"]["reproduce"]["steps"]
    runs = {step["run"]: step["if"] for step in steps if "run" in step}
    pushed = ["github.event_name == 'push'", "github.event_name == 'pull_request'"]
    others = ["github.event_name != 'push'", "github.event_name != 'pull_request'"]
    assert runs["python reproduce.py"] == " || ".join(pushed)
    assert runs["python reproduce.py verify --once"] == " && ".join(others)
    assert "certificates/" in steps[-1]["with"]["path"] and steps[-1]["if"] == "always()"
    assert "secrets" not in text


def test_the_workflow_fits_its_schema(study_of):
    workflow = yaml.safe_load(
        (study_of() / ".github/workflows/reproduce.yml").read_text(encoding="utf-8")
    )
    # YAML reads the key `on` as a truth value; GitHub does not.
    workflow["on"] = workflow.pop(True)
    schema = json.loads((SCHEMAS / "github-workflows.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(workflow)


def test_the_hooks_are_local_and_need_nothing_installed(study_of):
    config = read(study_of(), ".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} <= {"fail", "pygrep"}


def test_git_keeps_data_and_environments_out_and_the_data_statement_in(tmp_path):
    study = render(into=tmp_path)
    for name in ("data/raw/x.csv", ".venv/x", "runs/try/x", "src/__pycache__/x.pyc", ".run/state"):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text("x")
    (study / "src" / "data").mkdir()
    (study / "src" / "data" / "__init__.py").write_text("")
    helpers.git(study, "init", "--quiet")
    seen = set(helpers.git(study, "ls-files", "-o", "--exclude-standard").splitlines())
    assert "data/README.md" in seen and "src/data/__init__.py" in seen
    assert not {name for name in seen if name.endswith(("x", "x.csv", "x.pyc", "state"))}


def test_the_notebook_has_no_outputs_and_its_cells_are_python(study_of):
    study = study_of(add_ons=["notebook"])
    notebook = read(study, "scripts/notebook.ipynb")
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    code = "\n".join("".join(cell["source"]) for cell in cells)
    ast.parse(code)
    assert '"reproduce.py", "demo"' in code and "metrics.csv" in code


def test_the_notebook_tells_how_services_open_it_and_that_nobody_tried(study_of):
    notebook = read(study_of(add_ons=["notebook"]), "scripts/notebook.ipynb")
    text = "".join(notebook["cells"][0]["source"])
    assert "were not tried" in text and "Colab" in text and "Binder" in text


def test_the_notebook_adds_nothing_to_the_lock(study_of):
    for framework in EXAMPLES:
        studies = [study_of(add_ons=x, framework=framework) for x in ([], ["notebook"])]
        assert len({files(study)["requirements.lock"] for study in studies}) == 1


def test_facts_of_all_seeds_stand_in_one_table_and_those_of_one_do_not():
    entries = [
        {"seed": 1, "model": "Net", "layers": ["a|b", "c_d"], "settings": {"epochs": 3}},
        {"seed": 2, "model": "Net", "layers": ["a|b", "c_d"], "settings": {"epochs": 3}},
    ]
    table = manuscript.facts_table(entries)
    assert (
        table == "| | |\n|---|---|\n| model | Net |\n| layers | a\\|b and c\\_d |\n| epochs | 3 |"
    )
    assert "| seed | 1 |" in manuscript.facts_table(entries[:1])


def test_facts_come_from_a_file_a_folder_or_a_list(tmp_path):
    for name, content in {"split.json": {"rows": 3}, "tuning.json": [{"seed": 1}, {"seed": 2}],
                          "each/seed_10.json": {"seed": 10}, "each/seed_9.json": {"seed": 9},
                          "number.json": 3, "numbers.json": [1, 2]}.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    made = [
        tmp_path / name for name in ("split.json", "tuning.json", "number.json", "numbers.json")
    ]
    made += [tmp_path / "each" / f"seed_{number}.json" for number in (10, 9)]
    assert manuscript.facts(tmp_path, made) == {
        "split": [{"rows": 3}],
        "tuning": [{"seed": 1}, {"seed": 2}],
        "each": [{"seed": 9}, {"seed": 10}],
    }
