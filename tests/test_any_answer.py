"""Whatever is typed is refused with a sentence that helps, or stands in every file as typed."""

import ast
import functools
import json
import keyword
import re
import tomllib

import copier
import pytest
import yaml
from helpers import (
    CONFIG,
    DEFAULTS,
    LABS,
    QUESTIONS,
    ROOT,
    called,
    choices_of,
    files,
    problems,
    quick,
    render,
    template,
    variants,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_answers import HOSTILE, ORCIDS, REFUSED, WRONG_ORCIDS, title_in_markdown

# What breaks files elsewhere, to be mixed with each other and with any other text.
PIECES = [
    *HOSTILE, *REFUSED, "a" * 10_000,
    *"' \" ''' \"\"\" \\ ` $(id) `id` ${HOME} %s %(x)s & | > @ ~ -- - . .. / */ [] {} &a".split(),
    *"yes null 1.10 0o17 CON aux.txt nul class import numpy os {{ {% {# }} %} #} \\n".split(),
    "!!python/object:os.system", "\\input{/etc/passwd}", "</script>", "<!-- needed:end -->", "]]>",
    ": ", " #", "{{ 7*7 }}", "{% raw %}", "\n", "\t", "\0", "\r\n", "\x1b[31m", "\u202e", "\u0301",
    "\U0001f600", "\ud800",
]  # fmt: skip
mixed = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=4).map("".join)
texts = st.one_of(mixed, st.sampled_from(PIECES), st.text(max_size=300))
orcids = st.one_of(st.sampled_from([*ORCIDS, *WRONG_ORCIDS, ""]), texts)
ANSWERS = {
    "project_name": texts,
    "author_name": texts,
    "author_orcid": orcids,
    "data_contact": texts,
    "funder": st.one_of(st.sampled_from(["", "10.13039/501100000780::101000000"]), texts),
    "community": st.one_of(st.sampled_from(["", "our-lab"]), texts),
    "mirror": st.one_of(st.sampled_from(["", "https://packages.lab.example/simple/"]), texts),
    "add_ons": st.lists(st.sampled_from(QUESTIONS["add_ons"]["choices"]), unique=True),
}
CHOICES = {n: st.sampled_from(q["choices"]) for n, q in QUESTIONS.items() if n not in ANSWERS}
everything = st.fixed_dictionaries({}, optional={**ANSWERS, **CHOICES})
bounded = settings(
    deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, derandomize=True
)


def holds(answers: dict) -> None:
    """Either each refused answer gets a sentence, or the study is sound and says what was typed."""
    if not refused(answers):
        is_sound({**DEFAULTS, **answers}, quick(**answers))


def refused(answers: dict) -> bool:
    """Whether one of the answers is refused, with a sentence that helps."""
    found = problems({**DEFAULTS, **dict.fromkeys(LABS, ""), **answers})
    for name, said in found.items():
        assert re.search(r"for example:? \S|a right one is \S", said), (name, said)
        assert "\n" not in said, said
    return bool(found)


def is_sound(answers: dict, study: dict[str, bytes]) -> None:
    """Every file parses, and every place that repeats an answer has it as it was typed."""
    shown = {path: data.decode() for path, data in study.items() if b"\0" not in data}
    for path, text in shown.items():
        assert "\r" not in text and text.endswith("\n"), path
    found = {path: _parsed(path, text) for path, text in shown.items()}
    cff, zenodo, project = found["CITATION.cff"], found[".zenodo.json"], found["pyproject.toml"]
    kept = found[".copier-answers.yml"]
    assert {name: kept[name] for name in QUESTIONS} == {name: answers[name] for name in QUESTIONS}
    title, author = answers["project_name"], answers["author_name"]
    assert [cff["title"], zenodo["title"], project["project"]["description"]] == [title] * 3
    person = cff["authors"][0]
    family, given = person.get("family-names"), person.get("given-names")
    shown_as = (person.get("name"), f"{given} {family}", f"{family}, {given}")
    # A comma parts the names, whatever blanks are around it.
    assert author in shown_as or spaced(author) in map(spaced, filter(None, shown_as))
    assert person.get("orcid", "")[-19:] == answers["author_orcid"][-19:]
    assert (
        title_in_markdown(shown["README.md"]) == title_in_markdown(shown["MODEL_CARD.md"]) == title
    )
    if "Copyright (c) " in shown["LICENSE"]:
        assert f"Copyright (c) {author}\n" in shown["LICENSE"]
    assert [g["id"] for g in zenodo.get("grants", [])] == [x for x in [answers.get("funder")] if x]
    assert project["tool"]["gold-standard"].get("mirror", "") == answers.get("mirror", "")
    packages = {path.split("/")[1] for path in study if path.startswith("src/")}
    [package] = packages
    assert re.fullmatch("[a-z][a-z0-9_]{1,29}", package) and not keyword.iskeyword(package)


def spaced(name: str) -> str:
    return re.sub(r"\s*,\s*", ", ", name)


@functools.cache
def _parsed(path: str, text: str):
    if path.endswith(".py"):
        return ast.parse(text)
    if path.endswith((".json", ".ipynb")):
        return json.loads(text)
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith((".yml", ".yaml", ".cff")):
        return yaml.safe_load(text)
    if path == "MODEL_CARD.md":
        assert yaml.safe_load(text.split("---\n")[1])["license"]
    return None


@settings(bounded, max_examples=300)
@given(everything)
def test_any_answers_are_refused_in_words_or_stand_in_every_file_as_typed(answers):
    holds(answers)


@pytest.mark.exhaustive
@settings(bounded, max_examples=5000, derandomize=False)
@given(everything)
def test_very_many_answers_are(answers):
    holds(answers)


@pytest.mark.parametrize("piece", PIECES, ids=[ascii(piece)[:30] for piece in PIECES])
def test_each_of_these_alone(piece):
    """What is refused is left away, so that one study shows all places that take it."""
    taken = {}
    for name in ("project_name", "author_name", "author_orcid", *LABS):
        if not refused({name: piece}):
            taken[name] = piece
    is_sound({**DEFAULTS, **taken}, quick(**taken))


@pytest.mark.parametrize("name", ["0,0", "Curie,Marie", "a ,b", "a, b, c", "a,b,c", ",", "a,"])
def test_a_comma_parts_the_names_with_or_without_a_blank(name):
    holds({"author_name": name})


def brings(number: int) -> bool:
    """Whether a variant has a choice that none before it has."""
    before = [set(map(str, answers.values())) for answers in variants()[:number]]
    return bool(set(map(str, variants()[number].values())) - set().union(*before))


FEW = [number for number in range(len(variants())) if brings(number)]
MARKED = [
    pytest.param(answers, id=called(answers), marks=[] if number in FEW else pytest.mark.slow)
    for number, answers in enumerate(variants())
]


@pytest.mark.parametrize("answers", MARKED)
def test_the_quick_way_gives_what_copier_gives(answers):
    """Every choice is among the fast ones; all other tests that only look rest on this."""
    study = render(**answers)
    really = files(study)
    assert quick(**answers) == really
    assert not [name for name in really if (study / name).stat().st_mode & 0o111]


@pytest.mark.slow
@pytest.mark.parametrize(("title", "name"), list(zip(HOSTILE[::2], HOSTILE[1::2], strict=True)))
def test_the_quick_way_gives_what_copier_gives_for_hostile_names(title, name):
    answers = {"project_name": title, "author_name": name}
    assert quick(**answers) == files(render(**answers))


def test_the_fast_variants_have_every_choice():
    for name, question in QUESTIONS.items():
        if "choices" in question:
            chosen = {str(variants()[number][name]) for number in FEW}
            assert chosen == set(map(str, choices_of(question)))


def test_a_labs_answers_reach_the_same_files_through_copier():
    lab = {
        "funder": "10.13039/501100000780::101000000",
        "community": "our-lab",
        "mirror": "https://packages.lab.example/simple/",
        "data_contact": "data_access@lab.example",
        "data_access": "controlled",
    }
    quickly, really = quick(**lab), files(render(**lab))
    changed = {name for name in really if really[name] != quick(data_access="controlled").get(name)}
    assert changed == {".zenodo.json", "pyproject.toml", "data/README.md"}
    assert quickly == really
    assert b"data\\_access@lab.example" in really["data/README.md"]
    zenodo = json.loads(really[".zenodo.json"])
    assert zenodo["communities"] == [{"identifier": "our-lab"}]
    assert b'communities = ["our-lab"]' in really["pyproject.toml"]


def test_the_list_of_known_answers_is_that_of_the_questions():
    text = (ROOT / "answers" / "checks.jinja").read_text(encoding="utf-8")
    known = re.search(r"set known = '([^']+)'", text)[1].split()
    assert known == [*QUESTIONS, *LABS]
    assert all(CONFIG[name]["default"] == "" for name in LABS)


@pytest.mark.parametrize("wrong", ["licence", "project-name", "PROJECT_NAME", "authors"])
def test_an_answer_to_no_question_is_refused_with_those_that_there_are(wrong, tmp_path):
    with pytest.raises(Exception, match=f"There is no question {wrong}. There are: project_name,"):
        copier.run_copy(
            str(template()), tmp_path / "study", data={wrong: "x"}, defaults=True, quiet=True
        )
    assert not (tmp_path / "study").exists()


SETTINGS = [
    {"package": "evil"},
    {"title_markdown": "<script>"},
    {"public": True},
    {"notebook": "yes"},
    {"controlled": "."},
    {"funder": "nonsense"},
    {"mirror": "https://me:secret@lab.example/"},
    {"data_contact": "{{ 7*7 }}"},
]


@pytest.mark.parametrize("given", SETTINGS, ids=[next(iter(given)) for given in SETTINGS])
def test_what_copiers_own_settings_say_of_the_unasked_is_looked_at_too(given, tmp_path):
    place = tmp_path / "study"
    with pytest.raises(Exception, match=next(iter(given))):
        copier.run_copy(str(template()), place, user_defaults=given, defaults=True, quiet=True)
    assert not place.exists()


def test_good_settings_of_copier_are_honoured(tmp_path):
    given = {"author_name": "Marie Curie", "community": "our-lab", "license": "Apache-2.0"}
    copier.run_copy(str(template()), tmp_path, user_defaults=given, defaults=True, quiet=True)
    zenodo = json.loads((tmp_path / ".zenodo.json").read_text("utf-8"))
    assert zenodo["communities"] == [{"identifier": "our-lab"}]
    assert zenodo["creators"] == [{"name": "Curie, Marie"}] and zenodo["license"] == "apache-2.0"
