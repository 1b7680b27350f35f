"""Any answer is refused with a sentence that helps, or stands in the study as it was typed."""

import json
import keyword
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from helpers import (
    DEFAULTS,
    QUESTIONS,
    ROOT,
    derive,
    files,
    look,
    module,
    package_name,
    problem,
    render,
    texts,
)

# Names that break files elsewhere: quotes, signs of YAML, shell, Markdown and TeX, YAML's words.
HOSTILE = [
    "O'Brien's \"double\" `backticks` '''three''' and \"\"\"three\"\"\"",
    "back\\slash \\n \\u0041 \\input{x} 100 % $a_b^c$ \\",
    "key: value # comment {'a': 1} [] & * ! | > % @",
    "$(id) ${HOME} %PATH% ; rm -rf / && echo",
    "<b>bold</b> <!-- needed:begin --> &amp; ***",
    "- dash",
    "...",
    "[link](x) `code` # $x$ ~~no~~",
    "yes",
    "null",
    "1.10",
    "2026-11-21",
    "🧬 émoji 👩\u200d🔬 e\u0301 ﷺ",
    "دراسة خلايا السرطان",
    "乳腺癌",
    "x" * 200,
]

REFUSED = {
    "": "empty",
    "   ": "empty",
    "two\nlines": "line break",
    "tab\there": "line break",
    "nul\0": "line break",
    "next\u0085line": "line break",
    "line\u2028separator": "line break",
    "half \ud83d emoji": "no text",
    "\ufeffmark": "no text",
    "\u202egnp.exe": "direction",
    " blank": "begins or ends",
    "blank ": "begins or ends",
    "x" * 201: "201 characters",
    "{{ 7*7 }}": "braces",
    "{% raw %}": "braces",
    "a {# comment": "braces",
}

ORCIDS = [
    "0000-0002-1825-0097",
    "0000-0001-5109-3700",
    "0000-0002-1694-233X",
    "0000-0002-9079-593X",
]

WRONG_ORCIDS = {
    "0000-0002-1825-0098": "checksum",
    "0000-0002-1825-009X": "checksum",
    "0000-0002-1694-2330": "checksum",
    "0000-0000-0000-0000": "checksum",
    "0000000218250097": "no ORCID",
    "0000-0002-1825-009": "no ORCID",
    "0000-0002-1825-0097 ": "no ORCID",
    "0000-0002-1825-0097\n": "no ORCID",
    "0000-0002-1694-233x": "no ORCID",
    "٠٠٠٠-0002-1825-0097": "no ORCID",
    "orcid.org/0000-0002-1825-0097": "no ORCID",
    "{{ 7*7 }}": "no ORCID",
}


def test_there_are_seven_questions_and_each_has_a_working_default():
    assert len(QUESTIONS) == 7
    assert all("default" in question and question["help"] for question in QUESTIONS.values())
    assert derive()["project_name"] == QUESTIONS["project_name"]["default"]


def test_a_misspelt_answer_is_refused_by_the_tests_own_helper():
    with pytest.raises(AssertionError, match="no such question: \\['projectname'\\]"):
        render(projectname="x")


@pytest.mark.parametrize(("title", "name"), list(zip(HOSTILE[::2], HOSTILE[1::2], strict=True)))
def test_hostile_names_stand_everywhere_as_they_were_typed(title, name):
    study = look(project_name=title, author_name=name)
    cff = yaml.safe_load((study / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((study / ".zenodo.json").read_text(encoding="utf-8"))
    project = tomllib.loads((study / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    answers = yaml.safe_load((study / ".copier-answers.yml").read_text(encoding="utf-8"))
    titles = [cff["title"], zenodo["title"], project["description"], answers["project_name"]]
    assert titles == [title] * 4
    assert answers["author_name"] == name
    assert f"Copyright (c) {name}\n" in (study / "LICENSE").read_text(encoding="utf-8")
    person = cff["authors"][0]
    typed = person.get("name") or f"{person['given-names']} {person['family-names']}"
    assert typed == name
    for page in ("README.md", "MODEL_CARD.md"):
        assert title_in_markdown((study / page).read_text(encoding="utf-8")) == title
    assert (study / "README.md").read_text(encoding="utf-8").count("<!-- needed:begin -->") == 1


def title_in_markdown(text: str) -> str:
    """The title of a page as a reader sees it: Markdown's escapes are taken away."""
    title = next(line for line in text.splitlines() if line.startswith("# "))
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", title)
    return plain.removeprefix("# ").removeprefix("Model card: ")


def test_no_sign_of_markdown_stays_without_its_escape():
    signs = "\\`*_{}[]<>#|~$&!"
    title = look(project_name=signs) / "README.md"
    first = title.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# " + "".join(f"\\{sign}" for sign in signs)


def test_a_name_reaches_only_files_that_hold_names_and_changes_no_other(study_of):
    strange = "results/*\\Zyxwvu"
    study = render(project_name=strange, author_name=strange)
    holding = {name for name, text in texts(study).items() if "Zyxwvu" in text}
    assert holding == {
        ".copier-answers.yml",
        ".zenodo.json",
        "CITATION.cff",
        "LICENSE",
        "MODEL_CARD.md",
        "README.md",
        "pyproject.toml",
    }
    names = [{Path(x).name for x in files(folder)} for folder in (study, study_of(**DEFAULTS))]
    assert names[0] == names[1]


@pytest.mark.parametrize("answer", REFUSED, ids=[repr(answer)[:20] for answer in REFUSED])
def test_a_name_that_no_file_could_hold_is_refused_with_a_good_example(answer):
    assert re.search(f"{REFUSED[answer]}.* for example: [A-Z]", problem("project_name", answer))


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_name_that_files_can_hold_is_taken(answer):
    assert not problem("project_name", answer)


@pytest.mark.parametrize("orcid", ["", *ORCIDS, *(f"https://orcid.org/{x}" for x in ORCIDS)])
def test_a_right_orcid_is_taken_with_or_without_its_address(orcid):
    assert not problem("author_orcid", orcid)


@pytest.mark.parametrize("orcid", WRONG_ORCIDS)
def test_a_wrong_orcid_is_refused_with_a_right_one(orcid):
    found = problem("author_orcid", orcid)
    assert re.search(f"{WRONG_ORCIDS[orcid]}.* 0000-0002-1825-0097", found)


@pytest.mark.parametrize("digits", ["000000021694233", "000000015109370", "123456789012345"])
def test_exactly_one_last_character_makes_an_orcid(digits):
    orcids = [f"{digits}{last}" for last in "0123456789X"]
    good = [x for x in orcids if not problem("author_orcid", "-".join(re.findall("....", x)))]
    assert len(good) == 1


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("project_name", "", "empty.* for example: Breast cancer from cell nuclei"),
        ("author_name", "{{ 7*7 }}", "braces.* for example: Marie Curie"),
        ("author_orcid", "0000-0002-1825-0098", "checksum"),
    ],
)
def test_copier_refuses_what_a_validator_refuses(question, answer, said):
    with pytest.raises(ValueError, match=f"'{question}'.*{said}"):
        derive(**{question: answer})


@pytest.mark.parametrize("question", [name for name in QUESTIONS if "choices" in QUESTIONS[name]])
def test_an_answer_that_is_no_choice_is_refused(question):
    many = QUESTIONS[question].get("multiselect")
    with pytest.raises(ValueError, match="something else"):
        derive(**{question: ["something else"] if many else "something else"})


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Marie Curie", "Curie, Marie"),
        ("Curie, Marie", "Curie, Marie"),
        ("van den Berg, Jan Piet", "van den Berg, Jan Piet"),
        ("John Ronald Reuel Tolkien", "Tolkien, John Ronald Reuel"),
        ("山田, 太郎", "山田, 太郎"),
        ("Anonymous", "Anonymous"),
        ("Curie,", "Curie,"),
        (", Marie", ", Marie"),
    ],
)
def test_family_and_given_name_are_told_apart(typed, shown):
    author = module("author.jinja", author_name=typed)
    assert shown == (f"{author.family}, {author.given}" if author.family else typed)


@pytest.mark.parametrize("typed", ["Curie, Marie", "Anonymous"])
def test_citation_and_archive_name_the_author_alike(typed):
    study = look(author_name=typed, author_orcid="https://orcid.org/0000-0002-1825-0097")
    zenodo = json.loads((study / ".zenodo.json").read_text(encoding="utf-8"))
    person = yaml.safe_load((study / "CITATION.cff").read_text(encoding="utf-8"))["authors"][0]
    assert person.pop("orcid") == "https://orcid.org/0000-0002-1825-0097"
    shown = ", ".join(person.values())
    assert zenodo["creators"] == [{"name": shown, "orcid": "0000-0002-1825-0097"}]


PACKAGES = {
    "Breast cancer from cell nuclei": "breast_cancer_from_cell_nuclei",
    "Étude du cœur": "etude_du_cour",
    "Größe (in µm) der Zelle": "grose_in_m_der_zelle",
    "Łódź e\u0301tude": "lodz_etude",
    "3D tumours": "study_3d_tumours",
    "Melanoma": "study_melanoma",
    "乳腺癌": "study",
    "!!!": "study",
    "__init__": "study_init",
    "import": "study_import",
    "con": "study_con",
    "aux.txt": "aux_txt",
    "NUL": "study_nul",
    "numpy": "study_numpy",
    "scikit-learn": "study_scikit_learn",
    "py compile": "study_py_compile",
    "gold standard": "study_gold_standard",
    "x" * 200: "study_" + "x" * 24,
    "Deep " + "x" * 100: "study_deep",
    "one two three four five six seven eight": "one_two_three_four_five_six",
}


@pytest.mark.parametrize("name", PACKAGES, ids=[name[:20] for name in PACKAGES])
def test_the_package_is_named_after_the_study(name):
    assert package_name(name) == PACKAGES[name]


def taken_names() -> set[str]:
    """Names that a package must not have: Python's own, those beside it in .venv, and Windows'."""
    names = {*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist}
    names |= {"con", "prn", "aux", "nul", *(f"{x}{i}" for x in ("com", "lpt") for i in range(10))}
    names |= {"tests", "scripts", "src", "data", "results", "models", "record", "runs", "tools"}
    for lock in [*(ROOT / "locks").glob("*.in"), *(ROOT / "locks").glob("scikit-learn*")]:
        names |= set(re.findall(r"^([A-Za-z0-9][\w.-]*)==", lock.read_text(encoding="utf-8"), re.M))
    # Modules that those packages bring under other names, and those of frameworks to come.
    names |= {
        "sklearn",
        "PIL",
        "mpl_toolkits",
        "dateutil",
        "torch",
        "opt_einsum",
        "onnx",
        "gold_standard",
    }
    return {re.sub("[-.]", "_", name.lower()) for name in names}


def test_the_package_has_nobody_elses_name():
    taken = taken_names()
    assert {"numpy", "py_compile", "class", "con"} <= taken
    packages = {name: package_name(name) for name in sorted(taken)}
    assert not {name: package for name, package in packages.items() if package in taken}
    assert all(re.fullmatch("[a-z][a-z0-9_]{1,29}", package) for package in packages.values())


def test_copier_derives_the_package_by_the_same_rule():
    name = "Σ: one two three four five six seven"
    assert derive(project_name=name)["package"] == package_name(name)
