"""Pages in a real browser: measured, printed, and looked at by axe-core."""

import json
import re
import shutil
import subprocess
from html import escape, unescape
from importlib.metadata import distribution

import pypdfium2
import pytest
from helpers import skip

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
POLICY = re.compile(r"<meta http-equiv=\"Content-Security-Policy\".*>\n")
# A page of its own shows ours in frames as wide as a phone, and writes down what it measured.
FRAME = '<iframe style="width:{width}px;height:800px;border:0" srcdoc="{page}"></iframe>'
MEASURE = """<!doctype html><body>%s<pre id="measured"></pre><script>
const measure = frame => {
  const inner = frame.contentDocument;
  // What is wide lies in a box of its own, which can be scrolled.
  const all = [...inner.body.querySelectorAll("*")].filter(
    x => !x.matches(".scroll") && !x.parentElement.closest(".scroll"));
  const style = element => frame.contentWindow.getComputedStyle(element);
  const right = element => element.getBoundingClientRect().right;
  return {
    asked: frame.clientWidth,
    width: inner.documentElement.scrollWidth,
    outside: all.filter(x => right(x) > frame.clientWidth + 1).length,
    hidden: all.filter(x => x.tagName != "IMG" && style(x).overflowX != "visible").length,
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


@pytest.fixture
def printed(browse, tmp_path):
    """What can be read on paper, without blanks: a word may have been broken."""

    def printed(content: str) -> str:
        file = tmp_path / "printed.pdf"
        browse(content, f"--print-to-pdf={file}", "--no-pdf-header-footer")
        with pypdfium2.PdfDocument(file) as document:
            texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
        # A hyphen at the end of a line comes out as one of these two.
        joined = "".join(texts).replace("\ufffe", "-").replace("\x02", "-")
        return re.sub(r"\s", "", joined)

    return printed


# axe-core in the page itself, which must allow it to run there, tells the one around it.
LOOK = """<script>%s</script><script>
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  parent.document.getElementById("found").textContent = JSON.stringify(
    {rules: found.passes.length,
     broken: found.violations.map(x => [x.impact, x.id, x.nodes.map(n => n.html)])});
});
</script>"""


@pytest.fixture
def look(browse):
    """What axe-core finds wrong in a page of this width: impact, rule and places of each."""

    def look(content: str, width: int, *flags: str) -> list[list]:
        package = distribution("axe-playwright-python")
        axe = package.locate_file("axe_playwright_python/axe.min.js").read_text("utf-8")
        bare = POLICY.sub("", content)
        assert bare != content
        seen = bare.replace("</body>", LOOK % axe.replace("</script", r"<\/script") + "</body>")
        frame = FRAME.format(width=width, page=escape(seen))
        around = f'<!doctype html><meta charset="utf-8"><body>{frame}<pre id="found"></pre>'
        dom = browse(around, "--window-size=1400,900", "--dump-dom", *flags)
        found = json.loads(unescape(re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)[1]))
        assert found["rules"] > 15
        return found["broken"]

    return look
