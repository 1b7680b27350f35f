"""docs/errors.md: every message with which a command gives up is listed, and says what to do."""

import re

import pytest
from helpers import ROOT

from docs import make_errors

VERBS = (
    "add|ask|build|call|check|choose|commit|connect|copier|copy|correct|delete|do|end|fetch|"
    "get|git init|give|go|install|leave|let|look|make|mend|move|name|practise|publish|put|raise|"
    "restore|run|say|see|take|try|unpack|use|write"
)
# An imperative at the beginning of a clause, the command itself, or the list of what is right.
CURE = re.compile(
    rf"(?:^|[.:;,?)>] |\b(?:or|and|then) )(?:{VERBS})\b|python reproduce\.py"
    r"|Did you mean|\? ?$|… ?$|such as|looks like|There are: |This study has|Known: |nothing but",
    re.IGNORECASE,
)
WITHOUT = {
    "Not published; the drafts stay, and the next call goes on from here.": "it was one's own no",
    "Stopped. The next call goes on from here.": "it was one's own Ctrl-C",
    "git <…>: <…>": "what Git says of its own repository is passed on",
    "For <target>: <…>": "a sentence of installers.py follows",
    "The lock is as it was. <…>": "a sentence of installers.py follows",
    "<name> failed: <tail> (All that was said: .run/setup.log)": "nobody knew this before",
}
SAID = [(name, text) for name in make_errors.modules() for text in make_errors.messages(name)]


def test_the_page_is_what_the_code_says_now():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert page == make_errors.page(), "make it anew: python3 develop.py pages"


def test_every_module_with_a_message_has_a_subject():
    placed = [name for names in make_errors.SUBJECTS.values() for name in names]
    assert len(placed) == len(set(placed))
    assert set(placed) == {name for name, _ in SAID}


def test_no_two_modules_have_one_name():
    sources = {path: path.read_text("utf-8") for path in make_errors.SOURCE.rglob("*.py")}
    raising = [path for path, text in sources.items() if "Refusal(" in text]
    assert len(raising) > 25
    assert [path for path in raising if make_errors.modules()[path.stem] != path] == []


@pytest.mark.parametrize("name", sorted({name for name, _ in SAID}))
def test_every_message_says_what_to_do(name):
    said = {text for module, text in SAID if module == name}
    assert not {text for text in said - WITHOUT.keys() if not CURE.search(text)}


def test_the_exceptions_are_still_messages():
    assert WITHOUT.keys() <= {text for _, text in SAID}
    assert not [text for text in WITHOUT if CURE.search(text)]


def test_a_message_is_found_through_fields_alternatives_and_functions():
    page = make_errors.page()
    assert "- There is no command \\<command>. …" in page
    assert "Make room and call this again" in page, "of a function in errors.py"
    assert "has no module venv. Install it" in page, "of a method"
    assert "The proxy does not let \\<name> through" in page, "of the table of meanings"
    assert "profiles/\\<profile>/config.yaml. This study has" in page, "one alternative"
    assert "profiles/\\<profile>/config.yaml. The add-on `cluster`" in page, "and the other"
