"""A study's tables and figures as HTML: only so much of each as a page can hold."""

import base64
import csv
import io
import os
import re
import warnings
from itertools import islice
from pathlib import Path, PurePosixPath

from gold_standard.check.faces import page, words
from gold_standard.manuscript import natural

MOST_ROWS, MOST_COLUMNS = 20, 40  # of one table
MANY_COLUMNS = 20  # more are broken on paper
SAMPLE = 5  # rows of a longer one
MOST_TABLE_BYTES = 1_000_000  # of one file are read
MOST_TABLES = MOST_FIGURES = 30
MOST_FIGURE_BYTES = 2_000_000
MOST_BYTES = 12_000_000  # of all figures together
MOST_PIXELS = 40_000_000  # a browser has to hold them all
MOST_FILES = 2_000  # are looked at
MOST_NAMED = 12  # files in one list
MOST_ALT = 1_000  # letters
TABLES = (".csv", ".tsv")
SEPARATORS = ",;\t"
# Kinds of figures, the one that is shown first.
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
}
PAPER = (".pdf", ".eps", ".ps")


def files(root: Path, folder: str) -> list[str]:
    """Paths of the regular files below a folder of the study, `seed_2` before `seed_10`.

    One more than MOST_FILES where there are more.
    """
    found = []
    for here, folders, names in os.walk(root / folder):
        folders.sort()
        paths = [Path(here, name) for name in sorted(names)]
        regular = [path for path in paths if path.is_file() and not path.is_symlink()]
        found += [path.relative_to(root).as_posix() for path in regular]
        if len(found) > MOST_FILES:
            break
    return sorted(found[: MOST_FILES + 1], key=natural)


def tables(root: Path, paths: list[str], first: str) -> list[str]:
    """The tables among these files, the one of this name before the others."""
    chosen = [path for path in paths if _suffix(path) in TABLES]
    chosen.sort(key=lambda path: PurePosixPath(path).name != first)
    told = [_table(root, path, number) for number, path in enumerate(chosen[:MOST_TABLES])]
    more = chosen[MOST_TABLES:]
    left_out = [f"<p>More tables: {listed(more)}.</p>"] if more else []
    return [line for lines in told for line in lines] + left_out


def _table(root: Path, path: str, number: int) -> list[str]:
    title = [f"<h3 id='table{number}'>{page.shown(_name(path))}</h3>"]
    try:
        rows, told = _beginning(root / path)
    except (OSError, csv.Error) as error:
        rows, told = [], f"cannot be read as a table ({error})"
    title.append(f"<p class='quiet'>{code(path)}, {page.shown(told)}</p>")
    if not rows:
        return title
    # Whoever has no mouse can move inside the box, and hears whose it is.
    box = f"<div class='scroll' role='region' tabindex='0' aria-labelledby='table{number}'>"
    return [*title, box, *grid(rows), "</div>"]


def _beginning(path: Path) -> tuple[list[list[str]], str]:
    """Head and first rows of a file, and what has to be said about it."""
    with path.open("rb") as file:
        content = file.read(MOST_TABLE_BYTES + 1)
    is_whole = len(content) <= MOST_TABLE_BYTES
    text = content[:MOST_TABLE_BYTES].decode("utf-8-sig", errors="replace")
    if not is_whole:
        text = text.rpartition("\n")[0]
    line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=line.count))
    rows = list(islice((row for row in reader if row), 1 + MOST_ROWS))
    if not rows:
        return [], "empty" if is_whole else "one line that is too long to show"
    count = len(rows) - 1 + sum(1 for row in reader if row) if is_whole else None
    if count is None or count > MOST_ROWS:
        rows = rows[: SAMPLE + 1]
    return rows, _told(path, rows, count, "\ufffd" in text)


def _told(path: Path, rows: list[list[str]], count: int | None, is_odd: bool) -> str:
    shown, columns = len(rows) - 1, max(map(len, rows))
    said = f"{shown} row{'s' * (shown != 1)}"
    if count is None:
        said = f"the first {said} of a file of {_size(path)}"
    elif count > shown:
        said = f"the first {shown} of {count} rows"
    if columns > MOST_COLUMNS:
        said += f", the first {MOST_COLUMNS} of {columns} columns"
    return said + ("; what is not UTF-8 is shown as \ufffd" if is_odd else "")


def grid(rows: list[list[str]]) -> list[str]:
    """A table; the first row is its head, the first column names the rows."""
    width = min(max(map(len, rows)), MOST_COLUMNS)
    names, *body = [(row + [""] * width)[:width] for row in rows]
    kinds = ["n" if _is_numeric([row[n] for row in body]) else "" for n in range(width)]
    heads = "".join(
        f"<th scope='col'{_class(kind)}>{page.shown(name) or f'column {number}'}</th>"
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True), 1)
    )
    lines = [_row(row, kinds) for row in body]
    many = " class='many'" if width > MANY_COLUMNS else ""
    table = f"<table{many} style='--columns:{width}'>"  # how small it is on paper
    return [table, f"<thead><tr>{heads}</tr></thead>", "<tbody>", *lines, "</tbody></table>"]


def _row(row: list[str], kinds: list[str]) -> str:
    first = f"<th scope='row'{_class(kinds[0])}>{page.shown(row[0])}</th>"
    cells = zip(row[1:], kinds[1:], strict=True)
    rest = (f"<td{_class(kind)}>{page.shown(cell)}</td>" for cell, kind in cells)
    return f"<tr>{first}{''.join(rest)}</tr>"


def _class(kind: str) -> str:
    return f" class='{kind}'" if kind else ""


def _is_numeric(cells: list[str]) -> bool:
    try:
        return [float(cell) for cell in cells if cell] != []
    except ValueError:
        return False


def figures(root: Path, paths: list[str], makers: dict[str, str]) -> list[str]:
    """The figures among these files; `makers` tells which step made a file."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        if _suffix(path) in (*KINDS, *PAPER):
            groups.setdefault(str(PurePosixPath(path).with_suffix("")), []).append(path)
    drawn, named, left = [], [], MOST_BYTES
    for same in groups.values():
        try:
            if len(drawn) == MOST_FIGURES:
                raise ValueError(f"there are more than {MOST_FIGURES} figures")
            path = min((path for path in same if _suffix(path) in KINDS), key=_rank, default=None)
            if path is None:
                raise ValueError("no kind of picture that a page can show")
            content, about = _read(root / path, left)
        except ValueError as error:
            named.append(f"{listed(same)}: {page.shown(str(error))}")
            continue
        left -= len(content)
        drawn.append(_figure(path, content, about, same, makers))
    lines = ["<div class='figures'>", *drawn, "</div>"] if drawn else []
    return lines + (["<p>Not shown here:</p>", *page.items(_some(named))] if named else [])


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _rank(path: str) -> int:
    return list(KINDS).index(_suffix(path))


def _read(path: Path, left: int) -> tuple[bytes, dict]:
    """A picture's bytes, and what it says of itself; ValueError tells why it is not shown."""
    from PIL import Image

    try:
        if path.stat().st_size > MOST_FIGURE_BYTES:
            raise ValueError(f"too large for this page ({_size(path)})")
        if path.stat().st_size > left:
            raise ValueError(f"no room left on this page ({_size(path)})")
        content = path.read_bytes()
        if path.suffix.lower() == ".svg":
            return content, {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its size: that is judged here
            with Image.open(io.BytesIO(content)) as picture:
                (width, height), about = picture.size, dict(picture.info)
    except ValueError:
        raise
    except Exception as error:  # a file of whomever: Pillow can raise anything
        raise ValueError(f"no picture that can be read ({type(error).__name__})") from error
    if width * height > MOST_PIXELS:
        raise ValueError(f"too large for this page ({width} × {height} pixels)")
    return content, about | {"width": width, "height": height}


def _figure(path: str, content: bytes, about: dict, same: list[str], makers: dict) -> str:
    told = (about.get(key) for key in ("Description", "Title"))
    said = next((text for text in told if isinstance(text, str) and text.strip()), "")
    maker = f", drawn by the step {makers[path]}" if path in makers else ""
    alt = said or f"Figure {_name(path)}{maker}; the file does not describe itself"
    size = "".join(f" {key}='{about[key]}'" for key in ("width", "height") if key in about)
    data = f"data:{KINDS[_suffix(path)]};base64,{base64.b64encode(content).decode()}"
    others = ", ".join(PurePosixPath(other).name for other in same if other != path)
    also = f", also as {page.shown(others)}" if others else ""
    caption = f"<figcaption>{code(path)}{also}</figcaption>"
    return f"<figure><img alt='{page.shown(alt, MOST_ALT)}'{size} src='{data}'>{caption}</figure>"


def others(paths: list[str]) -> list[str]:
    """What is among the results beside tables and figures, by name."""
    known = (*TABLES, *KINDS, *PAPER)
    left = [path for path in paths if _suffix(path) not in known]
    told = [f"<p>Also among the results: {listed(left)}.</p>"] if left else []
    if len(paths) > MOST_FILES:
        told.append(f"<p>There are more than {MOST_FILES:,} files, and not all were looked at.</p>")
    return told


def listed(paths: list[str]) -> str:
    """Paths, each folder named once; numbered files that go together as the first and the last."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(str(PurePosixPath(path).parent), []).append(path)
    return "; ".join(_some([_in(*one) for one in folders.items()]))


def _in(folder: str, paths: list[str]) -> str:
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(re.sub(r"\d+", "#", path), []).append(path)
    if len(paths) == 1:
        return code(paths[0])
    told = []
    for same in groups.values():
        names = [code(PurePosixPath(path).name) for path in same]
        told += names if len(names) < 3 else [f"{names[0]} … {names[-1]} ({len(names)} files)"]
    return ("" if folder == "." else f"{code(folder + '/')}: ") + ", ".join(_some(told))


def code(path: str) -> str:
    """A path, which may break after a slash or underscore."""
    breaks = re.sub("([/_])", r"\1<wbr>", page.shown(path))
    return f"<code>{breaks}</code>"


def _some(told: list[str]) -> list[str]:
    more = len(told) - MOST_NAMED
    return [*told[:MOST_NAMED], *([words.more(more)] if more > 0 else [])]


def _name(path: str) -> str:
    return PurePosixPath(path).stem.replace("_", " ")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
