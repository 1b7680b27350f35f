"""The HTML page in a real browser: on a phone, on paper, in the dark, and with hostile names."""

import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pypdfium2
import pytest
from helpers import skip
from test_check_faces import IDS, hostile, mixed, report, result

from gold_standard.check.faces import badge, page

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
POLICY = re.compile(r"<meta http-equiv=\"Content-Security-Policy\".*>\n")
ATTACK = (
    "<script>document.title='caught'</script><img src=x onerror=\"document.title='caught'\">"
    "'\"><svg onload=document.title='caught'>"
)
# A page of its own shows ours in frames as wide as a phone, and writes down what it measured.
FRAME = '<iframe style="width:{width}px;height:800px;border:0" srcdoc="{page}"></iframe>'
MEASURE = """<!doctype html><body>%s<pre id="measured"></pre><script>
const measure = frame => {
  const inner = frame.contentDocument, all = [...inner.body.querySelectorAll("*")];
  const style = element => frame.contentWindow.getComputedStyle(element);
  const right = element => element.getBoundingClientRect().right;
  return {
    asked: frame.clientWidth,
    width: inner.documentElement.scrollWidth,
    outside: all.filter(x => right(x) > frame.clientWidth + 1).length,
    hidden: all.filter(x => style(x).overflowX != "visible").length,
    small: all.filter(x => parseFloat(style(x).fontSize) < 11).length,
    ground: style(inner.body).backgroundColor,
  };
};
window.onload = () => {
  const measured = [...document.querySelectorAll("iframe")].map(measure);
  document.getElementById("measured").textContent = JSON.stringify(measured);
};
</script></body>"""


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture
def browse(browser, tmp_path):
    """Open a page with these flags and return what the browser prints."""

    def browse(content: str, *flags: str) -> str:
        shown = tmp_path / "page.html"
        shown.write_text(content, encoding="utf-8")
        always = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        arguments = [browser, *always, profile, "--virtual-time-budget=4000", *flags]
        done = subprocess.run(
            [*arguments, shown.as_uri()], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return browse


@pytest.fixture
def measure(browse):
    """What a page is like in frames of these widths (px), one dict for each."""

    def measure(content: str, widths: tuple[int, ...], *flags: str) -> list[dict]:
        frames = (FRAME.format(width=width, page=escape(content)) for width in widths)
        dom = browse(MEASURE % "".join(frames), "--window-size=1400,900", "--dump-dom", *flags)
        return json.loads(re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)[1])

    return measure


def pages():
    wide = report(example=True)  # the longest words in every column
    wide["results"][5] = result("heil.deterministic", "unknown")
    long = report(path="a" * 300 + "/" + "研究" * 50, pieces=30)
    for one in long["results"]:
        one["why"] = "x" * 300
    return {
        "mixed": page.text(mixed()),
        "hostile": page.text(hostile()),
        "long": page.text(long),
        "several": page.text([mixed(), report(), wide, hostile(), long]),
        "none": page.text([]),
    }


@pytest.mark.parametrize("name", pages())
def test_a_page_needs_no_scrolling_sideways_on_a_phone(measure, name):
    for measured in measure(pages()[name], (320, 360, 1200)):
        assert measured["width"] == measured["asked"]
        assert (measured["outside"], measured["hidden"], measured["small"]) == (0, 0, 0)


def test_a_page_follows_the_systems_choice_of_dark(measure):
    light = measure(page.text(mixed()), (360,))
    dark = measure(page.text(mixed()), (360,), "--force-dark-mode")
    assert [one["ground"] for one in light + dark] == ["rgb(255, 255, 255)", "rgb(22, 24, 27)"]


def test_a_hostile_name_runs_nothing(browse):
    for content in (page.text(hostile(ATTACK)), page.text([hostile(ATTACK)])):
        # The escaping alone must do: the policy that forbids scripts is taken out.
        bare = POLICY.sub("", content)
        assert bare != content and ATTACK not in bare
        assert "<title>caught</title>" not in browse(bare, "--dump-dom")


def test_the_attack_would_be_seen(browse):
    """Without escaping, or with the policy in place: the two controls of the test above."""
    content = page.text(report()).replace("</main>", f"{ATTACK}</main>")
    assert "<title>caught</title>" in browse(POLICY.sub("", content), "--dump-dom")
    assert "<title>caught</title>" not in browse(content, "--dump-dom")


def printed(browse, content: str, folder: Path) -> str:
    """What can be read on paper, without blanks: a word may have been broken."""
    file = folder / "printed.pdf"
    browse(content, f"--print-to-pdf={file}", "--no-pdf-header-footer")
    with pypdfium2.PdfDocument(file) as document:
        texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    # A hyphen at the end of a line comes out as one of these two.
    joined = "".join(texts).replace("\ufffe", "-").replace("\x02", "-")
    return re.sub(r"\s", "", joined)


def test_paper_holds_all_that_the_page_holds(browse, tmp_path):
    one = report("fail", pieces=200)
    for number, judged in enumerate(one["results"]):
        judged["why"] = f"Reason{number}begins {'and goes on ' * 20}Reason{number}ends."
    shown = printed(browse, page.text(one), tmp_path)
    assert [id for id in IDS if id not in shown] == []
    ends = [f"Reason{number}{end}" for number in range(15) for end in ("begins", "ends")]
    assert [end for end in ends if end not in shown] == []
    assert shown.count("and190more") == 15


def test_paper_holds_every_repository(browse, tmp_path):
    reports = [mixed() | {"path": f"study-{number}"} for number in range(5)]
    shown = printed(browse, page.text(reports), tmp_path)
    for number in range(5):
        assert shown.count(f"study-{number}") == 2
    assert "Allrepositories" not in shown


@pytest.mark.parametrize("standard", ["heil", "midl"])
def test_the_text_of_a_badge_stays_in_it(browse, standard):
    script = """<script>
    const over = [...document.querySelectorAll("text")].map(x => {
      const box = x.getBBox(), svg = x.ownerSVGElement;
      return box.x < 0 || box.x + box.width > svg.width.baseVal.value; });
    document.title = JSON.stringify(over);
    </script>"""
    dom = browse(badge.svg(mixed(), standard) + script, "--dump-dom")
    assert "[false,false]" in dom
