"""Do two versions of a result agree, and in which declared class (design law 9)?

Strictest first: the same bytes; the same values (text and integers exact, other numbers within a
declared tolerance); the same picture (decoded pixels); anything else differs.
"""

import ast
import csv
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

import yaml

from gold_standard.errors import Refusal

IDENTICAL, WITHIN, DIFFERENT = "identical", "within tolerance", "different"
INTEGER = re.compile(r"[+-]?\d+", re.A)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf)", re.I | re.A)
DTYPE = re.compile(r"[<>|=][fciubSU]\d+")  # of NumPy: no objects, which only pickle could read
FLOATS = {"f2": "e", "f4": "f", "f8": "d", "c8": "f", "c16": "d"}
EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
BOUNDS = {"rtol": 0.1, "atol": 1e-6, "pixels": 0.1}  # a larger one needs a reason
VISIBLE = 16  # levels of 255 by which a colour channel must differ to be seen
FAINT = 1  # levels of 255 by which all pixels together may differ on average without being seen


@dataclass(frozen=True)
class Tolerance:
    """How far apart two numbers a, b may be: |a - b| <= atol + rtol * |a|; and two pictures."""

    rtol: float = 1e-4
    atol: float = 1e-12
    pixels: float = 0.0  # share of pixels that may differ visibly
    reason: str = ""  # why one is as large as it is

    @classmethod
    def of(cls, table: dict) -> "Tolerance":
        """Read [tool.gold-standard.compare]; raise Refusal for one that would hide real changes."""
        known = {key: table[key] for key in BOUNDS if key in table}
        reason = str(table.get("reason", "")).strip()
        for key, value in known.items():
            bound = 1 if reason else BOUNDS[key]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 <= value < bound:
                hint = "" if reason else ' Where it must be larger, say why: reason = "…".'
                raise Refusal(
                    f"pyproject.toml, [tool.gold-standard.compare]: {key} = {value!r} is not a "
                    f"number from 0 to below {bound:g}; a larger one would hide real changes.{hint}"
                )
        return cls(**known, reason=reason)

    @property
    def declared(self) -> dict:
        """What is written down of it."""
        return {key: value for key, value in asdict(self).items() if value != ""}


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
        if ending in (".npy", ".npz"):
            return _by_arrays(old, new, tolerance, ending)
        if ending in (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf"):
            return _by_picture(old, new, tolerance, ending)
        if predictions is not None:
            tables = predictions(old, new)
            if any(b"\n" not in table.strip() for table in tables):
                raise Differs("bytes, and one version predicts nothing")
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
    if isinstance(_number(x), str) or isinstance(_number(y), str):
        raise Differs(f"{where}: {x!r} became {y!r}")
    gaps.numbers(float(x), float(y), where)


def _number(text: str) -> float | str:
    """The number, or the text of one that is too large to be held."""
    value = float(text)
    return text if math.isinf(value) and "inf" not in text.lower() else value


class _Yaml(yaml.SafeLoader):
    """Reads YAML, and leaves as text a number that is too large to be held."""

    def construct_yaml_float(self, node):
        value = super().construct_yaml_float(node)
        return node.value if math.isinf(value) and "inf" not in node.value.lower() else value


_Yaml.add_constructor("tag:yaml.org,2002:float", _Yaml.construct_yaml_float)


def _load(text: str, ending: str) -> object:
    if ending == ".json":
        return json.loads(text, parse_float=_number)
    return yaml.load(text, _Yaml)  # a SafeLoader


def _compare_trees(old: str, new: str, ending: str, gaps: _Gaps) -> None:
    try:
        a, b = _load(old, ending), _load(new, ending)
        for where, x, y in _leaves(a, b, ""):
            if isinstance(x, float) and isinstance(y, float):
                gaps.numbers(x, y, where)
            elif type(x) is not type(y) or x != y:
                raise Differs(f"{where}: {x!r} became {y!r}")
    except (ValueError, TypeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise Differs(f"not readable as {ending[1:].upper()}: {told}") from error
    except RecursionError as error:
        raise Differs(f"nested too deep to be read as {ending[1:].upper()}") from error


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


def _by_arrays(old: bytes, new: bytes, tolerance: Tolerance, ending: str) -> Verdict:
    """Arrays of NumPy: the same names, types and shapes; floats within the tolerance."""
    try:
        a, b = (_arrays(content, ending) for content in (old, new))
    except (ValueError, SyntaxError, KeyError, OSError, zipfile.BadZipFile, struct.error,
            RecursionError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise Differs(f"not readable as {ending[1:]}: {error}") from error
    if set(a) != set(b):
        raise Differs(f"arrays {', '.join(sorted(a))} became {', '.join(sorted(b))}")
    gaps = _Gaps(tolerance)
    for name, (head, data) in a.items():
        if head != b[name][0]:
            raise Differs(f"{name}: {head} became {b[name][0]}")
        _compare_arrays(name, head["descr"], data, b[name][1], gaps)
    return Verdict(WITHIN, "values", gaps.largest, gaps.where)


def _arrays(content: bytes, ending: str) -> dict[str, tuple[dict, bytes]]:
    if ending == ".npy":
        return {"the array": _array(content)}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name.removesuffix(".npy"): _array(file.read(name)) for name in file.namelist()}


def _array(content: bytes) -> tuple[dict, bytes]:
    """The head and the numbers of an array as NumPy saves it. Raises ValueError."""
    size, begin = ("<H", 10) if content[6:7] == b"\1" else ("<I", 12)
    (length,) = struct.unpack(size, content[8:begin])
    if content[:6] != b"\x93NUMPY" or length > 10_000:
        raise ValueError("no array of NumPy")
    head = ast.literal_eval(content[begin : begin + length].decode("utf-8"))
    if not DTYPE.fullmatch(str(head["descr"])):
        raise ValueError(f"of type {head['descr']}, which is not compared by values")
    return head, content[begin + length :]


def _compare_arrays(name: str, dtype: str, old: bytes, new: bytes, gaps: _Gaps) -> None:
    if old == new:
        return
    code = FLOATS.get(dtype[1:])
    if not code or len(old) != len(new) or len(old) % struct.calcsize(code):
        raise Differs(f"{name}: other values")
    form = f"{dtype[0].replace('|', '=')}{len(old) // struct.calcsize(f'={code}')}{code}"
    pairs = zip(struct.unpack(form, old), struct.unpack(form, new), strict=True)
    for index, (x, y) in enumerate(pairs):
        if x != y:
            gaps.numbers(x, y, f"{name}, number {index}")


def _by_picture(old: bytes, new: bytes, tolerance: Tolerance, ending: str) -> Verdict:
    read = _pdf_pages if ending == ".pdf" else _image
    a, b = read(old), read(new)
    if len(a) != len(b):
        raise Differs(f"{len(a)} pages became {len(b)}")
    shares = [_visible_share(x, y) for x, y in zip(a, b, strict=True)]
    largest = max(shares, default=0.0)
    where = f"{largest:.2%} of the pixels"
    if largest > tolerance.pixels:
        raise Differs(f"{where} differ visibly")
    return Verdict(WITHIN, "picture", largest, where)


def _image(content: bytes) -> list:
    from PIL import Image, ImageSequence

    try:
        with Image.open(io.BytesIO(content)) as image:
            return [frame.copy() for frame in ImageSequence.Iterator(image)]
    except Exception as error:  # a damaged file can raise anything
        raise Differs(f"not readable as a picture ({type(error).__name__})") from error


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
    histogram, size = largest.histogram(), a.size[0] * a.size[1]
    faint = sum(level * count for level, count in enumerate(histogram[: VISIBLE + 1])) / size
    if faint > FAINT:
        raise Differs(f"the pixels differ faintly, by {faint:.1f} levels of 255 on average")
    return sum(histogram[VISIBLE + 1 :]) / size


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
