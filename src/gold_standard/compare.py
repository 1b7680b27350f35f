"""Do two versions of a result agree, and in which declared class (design law 9)?

Strictest first: the same bytes; the same values (text and integers exact, other numbers within a
declared tolerance); the same picture (decoded pixels); anything else differs.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from gold_standard.errors import Refusal

IDENTICAL, WITHIN, DIFFERENT = "identical", "within tolerance", "different"
INTEGER = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
VISIBLE = 16  # levels of 255 by which a colour channel must differ to be seen


@dataclass(frozen=True)
class Tolerance:
    """How far apart two numbers a, b may be: |a - b| <= atol + rtol * |a|; and two pictures."""

    rtol: float = 1e-4
    atol: float = 1e-12
    pixels: float = 0.0  # share of pixels that may differ visibly

    @classmethod
    def of(cls, table: dict) -> "Tolerance":
        """Read [tool.gold-standard.compare]; raise Refusal for one that would hide real changes."""
        known = {key: table[key] for key in ("rtol", "atol", "pixels") if key in table}
        for key, value in known.items():
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value < 0.1
            ):
                raise Refusal(
                    f"pyproject.toml, [tool.gold-standard.compare]: {key} = {value!r} is not a "
                    "number from 0 to below 0.1; a larger one would hide real changes."
                )
        return cls(**known)


@dataclass(frozen=True)
class Verdict:
    """How two versions of a file compare; `largest` is relative (values) or a share (pictures)."""

    kind: str
    by: str = "bytes"
    largest: float | None = None
    where: str = ""


class Differs(Exception):
    """Two contents differ in a way that no tolerance covers; the text says where."""


class _Gaps:
    """Collects the differences between numbers and remembers the largest."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self.largest = 0.0
        self.where = ""

    def numbers(self, a: float, b: float, where: str) -> None:
        if math.isnan(a) and math.isnan(b) or a == b:
            return
        if not (math.isfinite(a) and math.isfinite(b)):
            raise Differs(f"{where}: {a!r} became {b!r}")
        gap = abs(a - b) / max(abs(a), abs(b))
        if gap > self.largest:
            self.largest, self.where = gap, f"{where}: {a!r} became {b!r}"
        if abs(a - b) > self._tolerance.atol + self._tolerance.rtol * abs(a):
            raise Differs(f"{where}: {a!r} became {b!r}")


def compare(
    path: str,
    old: bytes,
    new: bytes,
    tolerance: Tolerance,
    predictions: Callable[[bytes, bytes], tuple[bytes, bytes]] | None = None,
) -> Verdict:
    """Compare two versions of the file at `path`.

    `predictions` turns two versions of a model into the two tables that they predict.
    """
    if old == new:
        return Verdict(IDENTICAL)
    ending = PurePosixPath(path).suffix.lower()
    try:
        if ending in (".csv", ".tsv"):
            return _by_values(_compare_tables, old, new, tolerance, ending)
        if ending in (".json", ".yaml", ".yml"):
            return _by_values(_compare_trees, old, new, tolerance, ending)
        if ending in (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf"):
            return _by_picture(old, new, tolerance, ending)
        if predictions is not None:
            tables = predictions(old, new)
            verdict = _by_values(_compare_tables, *tables, tolerance, ".csv")
            return Verdict(WITHIN, "predictions", verdict.largest, verdict.where)
    except Differs as difference:
        return Verdict(DIFFERENT, where=str(difference))
    return Verdict(DIFFERENT, where=_first_difference(old, new))


def _by_values(
    judge: Callable, old: bytes, new: bytes, tolerance: Tolerance, ending: str
) -> Verdict:
    gaps = _Gaps(tolerance)
    judge(_text(old), _text(new), ending, gaps)
    return Verdict(WITHIN, "values", gaps.largest, gaps.where)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Differs(f"not UTF-8 text: {error}") from error


def _compare_tables(old: str, new: str, ending: str, gaps: _Gaps) -> None:
    a, b = (_rows(text, ending) for text in (old, new))
    if a[:1] != b[:1]:
        raise Differs(f"columns {_listed(a[:1])} became {_listed(b[:1])}")
    if len(a) != len(b):
        raise Differs(f"{len(a) - 1} rows became {len(b) - 1}")
    header = a[0] if a else []
    for number, (left, right) in enumerate(zip(a[1:], b[1:], strict=True), start=1):
        if len(left) != len(right) or len(left) > len(header):
            raise Differs(f"row {number}: {len(left)} cells became {len(right)}")
        for column, (x, y) in enumerate(zip(left, right, strict=True)):
            _compare_cells(x, y, f"row {number}, column {header[column]}", gaps)


def _rows(text: str, ending: str) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    try:
        return list(csv.reader(io.StringIO(text), delimiter="\t" if ending == ".tsv" else ","))
    except csv.Error as error:
        raise Differs(f"not readable as a table: {error}") from error


def _listed(rows: list[list[str]]) -> str:
    return ", ".join(rows[0]) if rows else "(none)"


def _compare_cells(x: str, y: str, where: str, gaps: _Gaps) -> None:
    """Text and whole numbers must be equal; a float that was rounded to 1 is no whole number."""
    if x == y:
        return
    whole = INTEGER.fullmatch(x) and INTEGER.fullmatch(y)
    if whole or not (NUMBER.fullmatch(x) and NUMBER.fullmatch(y)):
        raise Differs(f"{where}: {x!r} became {y!r}")
    gaps.numbers(float(x), float(y), where)


def _compare_trees(old: str, new: str, ending: str, gaps: _Gaps) -> None:
    load = json.loads if ending == ".json" else yaml.safe_load
    try:
        a, b = load(old), load(new)
    except (ValueError, yaml.YAMLError) as error:
        raise Differs(f"not readable as {ending[1:].upper()}: {error}") from error
    for where, x, y in _leaves(a, b, ""):
        if isinstance(x, float) and isinstance(y, float):
            gaps.numbers(x, y, where)
        elif type(x) is not type(y) or x != y:
            raise Differs(f"{where}: {x!r} became {y!r}")


def _leaves(a: object, b: object, where: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(key for key in b if key not in a)]:
            if key not in a or key not in b:
                raise Differs(f"{where}.{key} is {'new' if key in b else 'missing'}".lstrip("."))
            yield from _leaves(a[key], b[key], f"{where}.{key}".lstrip("."))
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            raise Differs(f"{where or 'the list'}: {len(a)} entries became {len(b)}")
        for index, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _leaves(x, y, f"{where}[{index}]")
    else:
        yield where or "the value", a, b


def _by_picture(old: bytes, new: bytes, tolerance: Tolerance, ending: str) -> Verdict:
    read = _pdf_pages if ending == ".pdf" else _image
    a, b = read(old), read(new)
    if len(a) != len(b):
        raise Differs(f"{len(a)} pages became {len(b)}")
    shares = [_visible_share(x, y) for x, y in zip(a, b, strict=True)]
    largest = max(shares)
    where = f"{largest:.2%} of the pixels"
    if largest > tolerance.pixels:
        raise Differs(f"{where} differ visibly")
    return Verdict(WITHIN, "picture", largest, where)


def _image(content: bytes) -> list:
    from PIL import Image, ImageSequence

    try:
        with Image.open(io.BytesIO(content)) as image:
            return [frame.copy() for frame in ImageSequence.Iterator(image)]
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise Differs(f"not readable as a picture: {error}") from error


def _pdf_pages(content: bytes) -> list:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
        pages = [(page.get_textpage().get_text_bounded(), page.render(scale=1.5).to_pil())
                 for page in document]  # fmt: skip
    except pypdfium2.PdfiumError as error:
        raise Differs(f"not readable as PDF: {error}") from error
    return pages


def _visible_share(a, b) -> float:
    """Share of pixels that differ visibly; for PDF pages the text must be the same as well."""
    from PIL import ImageChops

    if isinstance(a, tuple):
        if a[0] != b[0]:
            raise Differs(f"text {_first_words(a[0], b[0])}")
        a, b = a[1], b[1]
    if (a.size, a.mode) != (b.size, b.mode):
        raise Differs(f"size and mode {a.size} {a.mode} became {b.size} {b.mode}")
    if a.mode not in EIGHT_BITS:  # numbers rather than colours: each counts
        return float(a.tobytes() != b.tobytes())
    bands = ImageChops.difference(a.convert("RGBA"), b.convert("RGBA")).split()
    largest = bands[0]
    for band in bands[1:]:
        largest = ImageChops.lighter(largest, band)
    histogram = largest.histogram()
    return sum(histogram[VISIBLE + 1 :]) / (a.size[0] * a.size[1])


def _first_words(a: str, b: str) -> str:
    for x, y in zip(a.split(), b.split(), strict=False):
        if x != y:
            return f"{x!r} became {y!r}"
    return f"of {len(a.split())} words became {len(b.split())}"


def _first_difference(old: bytes, new: bytes) -> str:
    if b"\0" in old + new:
        return f"{len(old)} bytes became {len(new)} other bytes"
    a, b = old.splitlines(), new.splitlines()
    for number, (x, y) in enumerate(zip(a, b, strict=False), start=1):
        if x != y:
            return f"line {number}"
    if len(a) == len(b):
        return "line ends"
    return f"{len(a)} lines became {len(b)}"
