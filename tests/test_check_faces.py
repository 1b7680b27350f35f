"""The faces of a report: what each says, and that nothing hostile comes through any of them."""

import copy
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gold_standard.check import faces
from gold_standard.check.faces import badge, markdown, page, table, terminal, words

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(Path(faces.__file__).with_name("schema.json").read_text(encoding="utf-8"))
IDS = list(words.NAMES)
HOSTILE = (
    "<script>alert(1)</script> | `x` ``y`` \" ' & \n\n# [a](javascript:b) \x1b[31m\u202e\x00\udcff"
)
PAPER = (
    "Is the reproducibility of the work addressed?",
    "Is the code publicly available?",
    "Are public datasets used?",
)


def result(id, verdict="pass", pieces=2, **changes):
    evidence = [
        {"path": f"src/study/part_{n}.py", "line": n + 1, "note": "names what was looked for"}
        for n in range(pieces)
    ]
    by_run = id in ("heil.deterministic", "heil.single-command") and verdict == "pass"
    return {
        "id": id,
        "verdict": verdict,
        "level": "re-run" if by_run else "static",
        "evidence": evidence,
        "why": f"What {words.NAMES[id].lower()} asks for is judged from the files.",
        "fix": "" if verdict == "pass" else "Add what is missing, and name it in the README.",
    } | changes


def report(verdict="pass", pieces=2, **changes):
    """A whole report in which every criterion has this verdict."""
    applicable = 0 if verdict == "not-applicable" else 6
    results = []
    for id in IDS:
        fits = verdict != "not-applicable" or id in words.FORM
        results.append(result(id, verdict if fits else "fail", pieces))
    met = verdict == "pass"
    return {
        "schema": 1,
        "tool": "gold-standard 0.1.0",
        "date": "2026-11-22",
        "path": "groups/imaging/lesion-study",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
        "study_digest": "ab" * 32,
        "heil": {"level": "gold" if met else "none"},
        "midl": {
            "score": 6 if met else 0,
            "applicable": applicable,
            "repeatable": {"pass": True, "unknown": None}.get(verdict, False),
        },
        "evidence": "self-reported" if met else "none",
        "example": False,
        "notes": ["Identifiers were not looked up."],
        "next": None if met else {"id": "heil.data", "fix": "Publish the raw data at Zenodo."},
        "results": results,
        "waivers": [],
        "software": [
            {"name": name, "found": "Files of this kind are there.", "met": met}
            for name in words.SOFTWARE
        ],
        "paper": [{"question": question, "answer": "Yes, in the text."} for question in PAPER],
    } | changes


def hostile(said=HOSTILE):
    """Every text that a stranger may have a hand in is this one."""
    bad = report("fail", notes=[said], path=said, next={"id": "heil.data", "fix": said})
    bad["waivers"] = [{"id": "heil.data", "reason": said}]
    bad["software"] = [{"name": "tests", "found": said, "met": True}]
    bad["paper"] = [{"question": question, "answer": said} for question in PAPER]
    for one in bad["results"]:
        one |= {"why": said, "fix": said}
        one["evidence"] = [{"path": said, "line": 3, "note": said}]
    return bad


def mixed():
    """Silver, with gaps of all kinds, as most reports will look."""
    some = report(heil={"level": "bronze"}, midl={"score": 4, "applicable": 5, "repeatable": True})
    some["results"][4] = result("heil.details", "fail", 1)
    some["results"][5] = result("heil.deterministic", "unknown", 7)
    some["results"][6] = result("heil.single-command", "unknown", 0)
    some["results"][10] = result("midl.model", "not-applicable", 0)
    some["results"][11] = result("midl.documentation", "fail", 200)
    some["waivers"] = [{"id": "heil.details", "reason": "the cluster is gone"}]
    some["next"] = {"id": "heil.details", "fix": "Say how long each step took."}
    return some


SAMPLES = {
    "everything met": report(),
    "nothing met": report("fail"),
    "unknown": report("unknown"),
    "not applicable": report("not-applicable"),
    "no evidence": report("fail", pieces=0),
    "much evidence": report(pieces=200),
    "hostile": hostile(),
    "mixed": mixed(),
    "example": report(example=True),
    "bare": report("fail", 0, commit=None, dirty=None, study_digest=None, notes=[], software=[]),
}
FACES = {
    "terminal": lambda one: terminal.text(one, False, 80),
    "markdown": markdown.text,
    "page": page.text,
    "table": lambda one: table.text([one]),
    "csv": lambda one: table.text([one], "csv"),
    "table as markdown": lambda one: table.text([one], "markdown"),
}


def faults(one):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(one)]


def broken(change):
    one = report()
    change(one)
    return one


@pytest.fixture(params=SAMPLES)
def sample(request):
    return copy.deepcopy(SAMPLES[request.param])


# The schema


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_takes_every_sample(sample):
    assert faults(sample) == []


def test_the_schema_has_the_ids_and_words_of_the_faces():
    results = SCHEMA["properties"]["results"]["prefixItems"]
    assert [one["properties"]["id"]["const"] for one in results] == IDS
    assert SCHEMA["$defs"]["id"]["enum"] == IDS
    properties = SCHEMA["$defs"]["result"]["properties"]
    assert properties["verdict"]["enum"] == list(words.MARKS)
    assert properties["level"]["enum"] == list(words.RESTS)
    assert SCHEMA["properties"]["evidence"]["enum"] == list(words.RUNS) == list(words.RUNS_TOLD)
    level = SCHEMA["properties"]["heil"]["properties"]["level"]
    assert level["enum"] == list(words.LEVELS)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.pop("notes"),
        lambda r: r.update(extra=1),
        lambda r: r.update(schema=2),
        lambda r: r.update(evidence="trust me"),
        lambda r: r.update(commit="abc"),
        lambda r: r.update(date="yesterday"),
        lambda r: r.update(study_digest="ab"),
        lambda r: r.update(next={"id": "heil.data"}),
        lambda r: r["heil"].update(level="platinum"),
        lambda r: r["midl"].update(score=7),
        lambda r: r["midl"].update(score=True),
        lambda r: r["midl"].update(repeatable="yes"),
        lambda r: r["paper"].pop(),
        lambda r: r["waivers"].append({"id": "heil.data"}),
        lambda r: r["software"].append({"name": "beauty", "found": "", "met": True}),
        lambda r: r["results"].pop(),
        lambda r: r["results"].append(r["results"][-1]),
        lambda r: r["results"].reverse(),
        lambda r: r["results"][0].update(verdict="maybe"),
        lambda r: r["results"][0].update(verdict="not-applicable"),
        lambda r: r["results"][0].update(why=""),
        lambda r: r["results"][0].update(evidence=[]),
        lambda r: r["results"][0]["evidence"][0].update(line=0),
        lambda r: r["results"][0]["evidence"][0].pop("path"),
        lambda r: r["results"][6].update(level="static"),
    ],
)
def test_the_schema_refuses(change):
    assert faults(broken(change))


def test_the_docs_name_every_field():
    said = (ROOT / "docs" / "check-json.md").read_text(encoding="utf-8")
    fields = set(SCHEMA["properties"])
    for definition in ("result", "evidence"):
        fields |= set(SCHEMA["$defs"][definition]["properties"])
    assert sorted(field for field in fields if f"`{field}`" not in said) == []


def test_the_example_of_the_docs_fits():
    said = (ROOT / "docs" / "check-json.md").read_text(encoding="utf-8")
    shown = json.loads(re.search(r"```json\n(.*?)```", said, re.DOTALL)[1])
    full = shown["results"] + report("fail")["results"][len(shown["results"]) :]
    assert faults(shown | {"results": full}) == []


# All faces


@pytest.mark.parametrize("face", FACES)
def test_a_face_ends_in_one_newline_and_is_the_same_again(face, sample):
    before = copy.deepcopy(sample)
    said = FACES[face](sample)
    assert said.endswith("\n") and not said.endswith("\n\n")
    assert FACES[face](sample) == said and sample == before


@pytest.mark.parametrize("face", FACES)
def test_nothing_acts_that_should_be_seen(face):
    said = FACES[face](hostile())
    acting = [c for c in said if c != "\n" and not c.isprintable()]
    assert acting == []
    assert "\\x1b" in said and "\\u202e" in said and "\\udcff" in said


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_shown_and_none_acts(said):
    tables = set()
    for face, show in FACES.items():
        shown = show(hostile(said))
        assert not [c for c in shown if c != "\n" and not c.isprintable()], face
        assert shown.encode("utf-8")
    assert not Elements(page.text(hostile(said))).all("script")
    for one in re.findall(r"(?:^\|.*\n)+", markdown.text(hostile(said)), re.MULTILINE):
        tables.add(len({len(cells(line)) for line in one.splitlines()}))
    assert tables == {1}


@pytest.mark.parametrize("face", ["terminal", "markdown", "page"])
@pytest.mark.parametrize("kind", words.RUNS)
def test_a_face_says_what_the_run_is(face, kind):
    said = FACES[face](report(evidence=kind))
    told = words.RUNS_TOLD[kind]
    assert " ".join(told.split()) in " ".join(said.split())


@pytest.mark.parametrize("face", ["terminal", "markdown", "page"])
def test_a_face_shows_every_criterion_and_the_waiver_without_power(face):
    said = re.sub(r"<wbr>", "", FACES[face](mixed()))
    assert [id for id in IDS if id not in said] == []
    assert "the cluster is gone" in said and words.POWERLESS in " ".join(said.split())
    assert "bronze" in said and "4 of 5 applicable" in said


@pytest.mark.parametrize("face", FACES)
def test_the_example_is_called_one(face):
    assert "still the example" in FACES[face](report(example=True))
    assert "still the example" not in FACES[face](report())


def test_a_very_long_text_is_cut_in_its_middle():
    shown = words.visible("a" * 10**6 + "z")
    assert len(shown) < 500 and shown.endswith("z")


def test_what_is_missing_for_the_next_level():
    assert words.missing(report()) == "Nothing is missing."
    assert words.missing(mixed()) == (
        "Missing for silver: heil.details, heil.deterministic (cannot be told)."
    )
    assert words.missing(report("fail")) == (
        "Missing for bronze: heil.data, heil.models, heil.code."
    )


# The terminal


def test_the_terminal_is_short_and_narrow(sample):
    lines = terminal.text(sample, False, 80).splitlines()
    assert len(lines) <= 100
    assert [line for line in lines if len(line) > 80 and "script" not in line] == []


def test_an_ordinary_report_fits_sixty_lines():
    for name in ("everything met", "nothing met", "mixed"):
        assert len(terminal.text(SAMPLES[name], False, 80).splitlines()) <= 60, name


def test_the_terminal_is_plain_without_color():
    said = terminal.text(mixed(), False, 80)
    assert said.isascii() and "\x1b" not in said
    for mark in words.MARKS.values():
        assert re.search(rf"^  {re.escape(mark)} +(heil|midl)\.", said, re.MULTILINE), mark


def test_color_changes_no_word():
    painted = terminal.text(mixed(), True, 80)
    assert "\x1b[31mfail\x1b[0m" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == terminal.text(mixed(), False, 80)


def test_the_only_escapes_are_our_own_colors():
    said = terminal.text(hostile(), True, 80)
    assert "\x1b" not in re.sub(r"\x1b\[(0|1|2|31|32|33)m", "", said)


def test_the_terminal_shows_three_pieces_of_evidence():
    said = terminal.text(mixed(), False, 80)
    assert said.count("src/study/part_2.py:3") >= 2
    assert "(and 4 more)" in " ".join(said.split()) and "(and 197 more)" in " ".join(said.split())


def test_the_last_line_is_the_next_step():
    assert terminal.text(mixed(), False, 80).splitlines()[-1] == (
        "Next: Say how long each step took. (heil.details)"
    )
    assert terminal.text(report(), False, 80).splitlines()[-1] == "Next: nothing is missing."
    missing = report("fail", next=None)
    assert terminal.text(missing, False, 80).splitlines()[-1].startswith("Next: Add what is")


@pytest.mark.parametrize("width", [-1, 0, 1, 40, 10_000])
def test_any_width_will_do(width):
    assert "heil.single-command" in terminal.text(mixed(), True, width)


# Markdown


def cells(line):
    """Split at the bars that no odd number of backslashes stands before."""
    return re.split(r"(?<!\\)(?:\\\\)*\|", line)


def test_tables_keep_their_shape():
    for said in (markdown.text(hostile()), table.text([hostile(), mixed()], "markdown")):
        tables = re.findall(r"(?:^\|.*\n)+", said, re.MULTILINE)
        assert tables
        for one in tables:
            assert len({len(cells(line)) for line in one.splitlines()}) == 1, one


def test_markup_of_others_is_none():
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render
    for said in (markdown.text(hostile()), table.text([hostile()], "markdown")):
        elements = Elements(shown(said))
        ours = Elements(shown(markdown.text(report("fail"))))
        assert {tag for tag, _ in elements.found} <= {tag for tag, _ in ours.found}
        assert "# [a](javascript:b)" in "".join(elements.said)
    heads = [len(Elements(shown(markdown.text(x))).all("h2")) for x in (mixed(), hostile())]
    assert heads[0] == heads[1]


def test_markdown_is_escaped_only_where_it_must_be():
    assert markdown.escape("# x") == r"\# x" and markdown.escape("10. x") == r"10\. x"
    assert markdown.escape("_a_ a_b *c* @d") == r"\_a\_ a_b \*c\* &#64;d"
    assert markdown.code("a``b`") == "``` a``b` ```"


def test_the_form_has_nine_answers():
    said = markdown.text(mixed())
    form = said.split("## For a submission form")[1].split("### The standards of Heil")[0]
    answers = [line for line in form.splitlines() if line.startswith("- ")]
    assert len(answers) == 9
    assert [line for line in answers if re.search(r"\? (Yes|No|NA)[.,]", line)] == answers
    assert "trained model available? NA." in form and "training available? Yes." in form
    assert form.count("See `src/study/part_0.py:1`") >= 4


def test_the_form_does_not_say_yes_to_what_is_unknown():
    form = markdown.text(report("unknown")).split("## For a submission form")[1]
    assert "? Yes." not in form
    assert form.count("counts as No") == 6 and form.count(": cannot be told.") == 7


def test_the_form_names_the_standard_and_what_authors_confirm():
    form = markdown.text(mixed()).split("### The standards of Heil et al.")[1]
    assert "the bronze standard is met (self-reported)" in form
    assert "wall-clock and CPU time" in form and form.count("- [ ] ") == 3
    assert "Key analysis details recorded (silver): not met." in form
    assert "no standard is met yet" in markdown.text(report("fail"))


def test_every_fix_is_told_once():
    said = markdown.text(mixed()).split("## What to do next")[1].split("\n## ")[0]
    for id in ("heil.details", "heil.deterministic", "heil.single-command", "midl.documentation"):
        assert said.count(id) == 1, id
    without = markdown.text(report("fail", next=None)).split("## What to do")[1].split("\n## ")[0]
    assert [id for id in IDS if without.count(id) != 1] == []


# The page


class Elements(HTMLParser):
    def __init__(self, said):
        super().__init__()
        self.found, self.open, self.said = [], [], []
        self.feed(said)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("meta", "wbr", "br", "hr", "img"):
            self.open.append(tag)

    def handle_data(self, said):
        self.said.append(said)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for found, attributes in self.found if found == tag]


def test_a_page_is_well_formed_alone_and_inert(sample):
    for said in (page.text(sample), page.text([sample, hostile()])):
        elements = Elements(said)
        assert elements.open == []
        tags = {tag for tag, _ in elements.found}
        assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
        for tag, attributes in elements.found:
            assert not [name for name in attributes if name.startswith("on") or name == "src"], tag
            assert attributes.get("href", "#").startswith("#")
        assert "url(" not in said and "@import" not in said


def test_a_page_can_be_read_aloud():
    elements = Elements(page.text([mixed(), report()]))
    assert all(th["scope"] in ("row", "col") for th in elements.all("th"))
    levels = [int(tag[1]) for tag, _ in elements.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"] for a in elements.all("a")} <= {f"#{id}" for id in ids}
    assert elements.all("html") == [{"lang": "en"}]


def test_a_page_of_several_links_to_each():
    said = page.text([mixed(), hostile(), report()])
    assert [f"href='#r{n}'" in said and f"id='r{n}'" in said for n in (1, 2, 3)] == [True] * 3


def test_a_page_of_none_says_so():
    assert "No repository was judged." in page.text([])


def test_a_page_shows_ten_pieces_of_evidence():
    assert "and 190 more" in page.text(report(pieces=200))


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_of_a_page_has_contrast_in_light_and_dark():
    for block in re.findall(r":root \{(.*?)\}", page.STYLE, re.DOTALL):
        colors = dict(re.findall(r"--(\w+): #(\w{6})", block))
        for name in ("ink", "quiet", "pass", "fail", "unknown", "link"):
            for ground in ("paper", "soft"):
                assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)


# The badges


@pytest.mark.parametrize("standard", words.STANDARDS)
def test_a_badge_says_standard_level_run_and_date(standard):
    one = mixed() | {"evidence": "certified"}
    tree = ET.fromstring(badge.svg(one, standard))
    title = tree.find("{http://www.w3.org/2000/svg}title").text
    told = {"heil": "Heil et al.: bronze", "midl": "MIDL: 4 of 5 applicable"}[standard]
    assert title == f"{told}, certified, 2026-11-22"
    shown = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert ": ".join(shown) == title
    ends = badge.endpoint(one, standard)
    assert ends["schemaVersion"] == 1 and f"{ends['label']}: {ends['message']}" == title
    assert set(ends) == {"schemaVersion", "label", "message", "color", "labelColor"}


def test_a_badge_needs_nothing_from_elsewhere():
    said = badge.svg(report(), "heil").replace("http://www.w3.org/2000/svg", "")
    assert not [x for x in ("http", "href", "url(", "id=", "@") if x in said]


@pytest.mark.parametrize("make", [badge.svg, badge.endpoint])
def test_there_is_no_badge_for_the_example_or_another_standard(make):
    with pytest.raises(ValueError, match="still the shipped example: no badge"):
        make(report(example=True), "heil")
    with pytest.raises(ValueError, match="choose heil or midl"):
        make(report(), "iso")


@pytest.mark.parametrize("score, applicable", [(0, 0), (0, 6), (2, 6), (3, 6), (6, 6), (4, 4)])
def test_every_badge_has_contrast(score, applicable):
    assert contrast(badge.LABEL_COLOR, "ffffff") >= 4.5
    midl = {"score": score, "applicable": applicable, "repeatable": None}
    for level in words.LEVELS:
        one = report(heil={"level": level}, midl=midl)
        for standard in words.STANDARDS:
            said = badge.svg(one, standard)
            ground, ink = badge.endpoint(one, standard)["color"], re.findall(r'fill="#(\w+)"', said)
            assert contrast(ground, ink[-1]) >= 4.5


# The table


def test_the_table_has_a_line_for_each_and_aligns():
    lines = table.text([mixed(), report(path="研究"), report("unknown")]).splitlines()
    assert len(lines) == 4
    assert len({words.columns(line[: line.index(x)]) for line, x in
                zip(lines, ("Heil", "bronze", "gold", "none"), strict=True)}) == 1  # fmt: skip
    assert "heil.details" in lines[1] and lines[2].split()[-2] == "-"
    assert "heil.data (cannot be told)" in lines[3]


@pytest.mark.parametrize("format", ["text", "csv", "markdown"])
def test_an_empty_table_has_its_head(format):
    assert len(table.text([], format).splitlines()) == (2 if format == "markdown" else 1)


def test_a_spreadsheet_runs_no_formula():
    paths = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "\t=1", 'a,"b"', "a;b\nc", "plain"]
    said = table.text([report(path=path) for path in paths], "csv")
    rows = list(csv.reader(io.StringIO(said)))
    assert {len(row) for row in rows} == {len(table.CSV_HEADER)} and len(rows) == len(paths) + 1
    shown = [row[0] for row in rows[1:]]
    assert [cell.startswith("'") for cell in shown] == [True] * 6 + [False] * 4
    assert shown[6:] == ["\\t=1", 'a,"b"', "a;b\\nc", "plain"]
    assert rows[-1][1:] == ["gold", "6", "6", "yes", "", "self-reported"]


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="text, csv or markdown"):
        table.text([], "xlsx")
