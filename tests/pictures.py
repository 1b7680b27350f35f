"""Takes pictures of the page of a study that has run: `python3 develop.py pictures FOLDER`."""

import io
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from browser import BROWSERS
from PIL import Image

TARGET = Path(__file__).parent.parent / "docs" / "pictures"
SIZES = {390: 1500, 1280: 1500}  # width and height of what is shown
MOST = 150_000  # bytes of a picture
# A window is at least 500 pixels wide, so a phone is a frame in it.
AROUND = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe style="width:{width}px;height:{height}px;border:0" srcdoc="{page}"></iframe>"""


def take(page: str, width: int, height: int) -> bytes:
    """A PNG of the page's top."""
    with tempfile.TemporaryDirectory() as folder:
        shown, taken = Path(folder, "page.html"), Path(folder, "taken.png")
        text = AROUND.format(width=width, height=height, page=escape(page))
        shown.write_text(text, encoding="utf-8")
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        always = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        size = f"--window-size={max(width, 600)},{height + 200}"
        where = (f"--user-data-dir={folder}/profile", f"--screenshot={taken}", size)
        subprocess.run([browser, *always, *where, shown.as_uri()], check=True, capture_output=True)
        with Image.open(taken) as picture:
            top = picture.convert("RGB").crop((0, 0, width, height))
            small = top.quantize(128, Image.Quantize.MAXCOVERAGE)
        content = io.BytesIO()
        small.save(content, "png", optimize=True)
        return content.getvalue()


def main(study: str) -> int:
    page = Path(study, "runs", "report.html").read_text(encoding="utf-8")
    for width, height in SIZES.items():
        content = take(page, width, height)
        if len(content) > MOST:
            sys.exit(f"report-{width}.png would have {len(content)} bytes: at most {MOST}.")
        TARGET.mkdir(exist_ok=True)
        (TARGET / f"report-{width}.png").write_bytes(content)
        print(f"docs/pictures/report-{width}.png: {len(content) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
