"""The classes of comparison, each with what must pass and what must not."""

import io
import struct
import zipfile

import pytest
from PIL import Image, PngImagePlugin

from gold_standard.compare import DIFFERENT, IDENTICAL, WITHIN, Differs, Tolerance, compare
from gold_standard.errors import Refusal

STRICT = Tolerance()


def judge(path, old, new, **extra):
    encoded = [text.encode() if isinstance(text, str) else text for text in (old, new)]
    return compare(path, *encoded, STRICT, **extra)


def picture(color=(10, 20, 30), spots=0, kind="PNG", note=None, size=(100, 100)):
    image = Image.new("RGB", size, color)
    for spot in range(spots):
        image.putpixel((spot % size[0], spot // size[0]), (255, 255, 255))
    info = PngImagePlugin.PngInfo()
    if note:
        info.add_text("Comment", note)
    stream = io.BytesIO()
    image.save(stream, kind, **({"pnginfo": info} if kind == "PNG" else {}))
    return stream.getvalue()


def test_same_bytes_are_identical():
    assert judge("a.bin", b"\0\1", b"\0\1").kind == IDENTICAL


@pytest.mark.parametrize(
    "old, new",
    [
        ("x\n0.123456\n", "x\n0.123457\n"),
        ("x\n1\n0.5\n", "x\n0.999999\n0.5\n"),  # a rounded float may look like an integer
        ("x\nnan\n", "x\nNaN\n"),
        ("x\n0.0\n", "x\n-0.0\n"),
        ("x\n0\n", "x\n-1e-17\n"),
        ("x\n0.5\n", "x\r\n0.5\r\n"),
    ],
)
def test_tables_agree_within_the_tolerance(old, new):
    verdict = judge("t.csv", old, new)
    assert (verdict.kind, verdict.by) == (WITHIN, "values")


@pytest.mark.parametrize(
    "old, new, where",
    [
        ("x\n0.5\n", "x\n0.51\n", "row 1, column x: 0.5 became 0.51"),
        ("n\n100000\n", "n\n100001\n", "row 1, column n: '100000' became '100001'"),
        ('n\n100001\n""\n', 'n\n100005\n""\n', "row 1, column n: '100001' became '100005'"),
        ("n\n7\n0.5\n", "n\n8\n0.5\n", "row 1, column n: '7' became '8'"),
        ("s\n1_0\n", "s\n10\n", "row 1, column s: '1_0' became '10'"),
        ("p\n1e-9\n", "p\n9e-7\n", "row 1, column p: 1e-09 became 9e-07"),
        ("s\nyes\n", "s\nno\n", "row 1, column s: 'yes' became 'no'"),
        ("s\nnan\n", "s\n0.5\n", "row 1, column s: nan became 0.5"),
        ("s\n0.5\n", "s\ninf\n", "row 1, column s: 0.5 became inf"),
        ("s\n1e400\n", "s\n2e500\n", "row 1, column s: '1e400' became '2e500'"),
        ("s\n1e400\n", "s\ninf\n", "row 1, column s: '1e400' became 'inf'"),
        ("s\n3.0\n", "s\n٣.0\n", "row 1, column s: '3.0' became '٣.0'"),
        ("a,b\n1,2\n", "b,a\n1,2\n", "columns a, b became b, a"),
        ("a\n1\n2\n", "a\n1\n", "2 rows became 1"),
        ("a\n1.5\n2.5\n", "a\n2.5\n1.5\n", "row 1, column a: 1.5 became 2.5"),
        ("a,b\n1,2\n", "a,b\n1,2,3\n", "row 1: 2 cells became 3"),
    ],
)
def test_a_changed_table_is_different_and_says_where(old, new, where):
    verdict = judge("t.csv", old, new)
    assert (verdict.kind, verdict.where) == (DIFFERENT, where)


def test_the_largest_difference_is_named():
    verdict = judge("t.csv", "a,b\n0.500000,0.9\n", "a,b\n0.500001,0.90005\n")
    assert verdict.kind == WITHIN
    assert verdict.where == "row 1, column b: 0.9 became 0.90005"
    assert verdict.largest == pytest.approx(5.6e-5, rel=0.01)


@pytest.mark.parametrize(
    "old, new, kind",
    [
        ('{"a": [1.0, 2]}', '{"a": [1.000001, 2]}', WITHIN),
        ('{"a": 2}', '{"a": 3}', DIFFERENT),
        ('{"a": 2}', '{"a": 2.0}', DIFFERENT),
        ('{"a": true}', '{"a": 1}', DIFFERENT),
        ('{"a": 1}', '{"b": 1}', DIFFERENT),
        ('{"a": [1]}', '{"a": [1, 2]}', DIFFERENT),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', WITHIN),
        ("{", "{}", DIFFERENT),
        ('{"a": 1e999}', '{"a": 2e999}', DIFFERENT),
        ("[" * 100_000, "[" * 100_001, DIFFERENT),
        ("[" * 99 + "]" * 99, "[" * 99 + " " + "]" * 99, WITHIN),
        ("1" * 5000, "1" * 4999 + "2", DIFFERENT),
    ],
)
def test_json_is_compared_by_keys_and_values(old, new, kind):
    assert judge("t.json", old, new).kind == kind


def test_a_missing_key_is_named():
    assert judge("t.json", '{"a": {"b": 1}}', '{"a": {}}').where == "a.b is missing"


def test_yaml_is_compared_by_keys_and_values():
    assert judge("t.yaml", "a: 1.0\n", "a: 1.000001  # later\n").kind == WITHIN
    assert judge("t.yaml", "a: 1.0\n", "a: b\n").kind == DIFFERENT
    assert judge("t.yaml", "a: 1.0e+400\n", "a: 1.0e+500\n").kind == DIFFERENT
    assert judge("t.yaml", "a: .inf\n", "a: +.inf\n").kind == WITHIN
    for old, new in (
        ("&a [*a]", "&b [*b]"),
        ("? [1]\n: 2", "? [1]\n: 3"),
        ("[" * 2999, "[" * 2998),
    ):
        assert judge("t.yaml", old, new).kind == DIFFERENT


def test_a_picture_with_other_metadata_is_the_same_picture():
    verdict = judge("f.png", picture(note="one"), picture(note="two"))
    assert (verdict.kind, verdict.by) == (WITHIN, "picture")


def test_a_picture_may_differ_only_by_what_nobody_sees():
    assert judge("f.png", picture(), picture(color=(11, 21, 29))).kind == WITHIN
    assert judge("f.png", picture(), picture(color=(22, 32, 42))).kind == DIFFERENT  # all a little
    assert judge("f.png", picture(), picture(spots=1)).kind == DIFFERENT
    assert judge("f.png", picture(), picture(color=(10, 20, 99))).kind == DIFFERENT
    assert judge("f.png", picture(), picture(size=(100, 101))).kind == DIFFERENT
    assert judge("f.png", picture(), b"no picture").kind == DIFFERENT


def test_a_share_of_visible_pixels_may_be_declared():
    few = Tolerance.of({"pixels": 0.001})
    assert compare("f.png", picture(), picture(spots=9), few).kind == WITHIN
    assert compare("f.png", picture(), picture(spots=11), few).kind == DIFFERENT


def test_pictures_of_numbers_and_every_frame_count():
    def tiff(*values, mode="I;16"):
        stream = io.BytesIO()
        frames = [Image.new(mode, (4, 4), value) for value in values]
        frames[0].save(stream, "TIFF", save_all=True, append_images=frames[1:])
        return stream.getvalue()

    assert judge("f.tiff", tiff(1000), tiff(60000)).kind == DIFFERENT
    assert judge("f.tiff", tiff(3.0, mode="F"), tiff(3.5, mode="F")).kind == DIFFERENT
    assert judge("f.tiff", tiff(1, 2), tiff(1, 3)).kind == DIFFERENT
    assert judge("f.tiff", tiff(1, 2), tiff(1)).kind == DIFFERENT


def test_pdf_pages_are_compared_as_pictures_and_their_text_exactly():
    old, new = pdf("n = 114", "D:2020"), pdf("n = 114", "D:2021")
    assert (judge("f.pdf", old, new).kind, judge("f.pdf", old, new).by) == (WITHIN, "picture")
    verdict = judge("f.pdf", old, pdf("n = 115", "D:2020"))
    assert (verdict.kind, verdict.where) == (DIFFERENT, "text '114' became '115'")
    assert judge("f.pdf", old, b"%PDF nonsense").kind == DIFFERENT


def pdf(text, date):
    """A PDF of one page, written by hand."""
    stream = f"BT /F1 24 Tf 20 20 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 60] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /CreationDate ({date}) >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R"
    return f"{body}{end} /Info 6 0 R >>\nstartxref\n{len(body)}\n%%EOF\n".encode()


def test_models_are_judged_by_what_they_predict():
    def close(old, new):
        return b"p\n0.500000\n", b"p\n0.500001\n"

    def far(old, new):
        return b"p\n0.5\n", b"p\n0.6\n"

    assert judge("m.skops", b"\0a", b"\0b").kind == DIFFERENT
    assert judge("m.skops", b"\0a", b"\0b", predictions=close).by == "predictions"
    assert judge("m.skops", b"\0a", b"\0b", predictions=far).kind == DIFFERENT


def test_models_that_predict_nothing_do_not_agree():
    def broken(old, new):
        raise Differs("does not predict")

    assert judge("m.skops", b"\0a", b"\0b", predictions=broken).kind == DIFFERENT


def array(values, dtype="<f8", code="d", shape=None) -> bytes:
    """An array as NumPy saves it, written by hand."""
    head = str({"descr": dtype, "fortran_order": False, "shape": shape or (len(values),)})
    text = head.encode().ljust(117) + b"\n"
    order = dtype[0].replace("|", "=")
    return (
        b"\x93NUMPY\x01\x00"
        + struct.pack("<H", len(text))
        + text
        + struct.pack(f"{order}{len(values)}{code}", *values)
    )


def archive(**arrays: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in arrays.items():
            file.writestr(f"{name}.npy", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "old, new, kind",
    [
        (array([1.0, 2.0]), array([1.0, 2.00001]), WITHIN),
        (array([1.0, 2.0]), array([1.0, 2.1]), DIFFERENT),
        (array([1.0, float("nan")]), array([1.00001, float("nan")]), WITHIN),
        (array([1.0, 2.0]), array([1.0, float("inf")]), DIFFERENT),
        (array([1.0, 2.0]), array([1.0, 2.0], "<f4", "f"), DIFFERENT),
        (array([1.0, 2.0]), array([1.0, 2.0], ">f8"), DIFFERENT),
        (array([1.0, 2.0]), array([1.0, 2.0], shape=(2, 1)), DIFFERENT),
        (array([1.0, 2.0]), array([1.0, 2.0, 3.0]), DIFFERENT),
        (array([1, 2], "<i8", "q"), array([1, 3], "<i8", "q"), DIFFERENT),
        (array([1, 2], "|O", "q"), array([1, 3], "|O", "q"), DIFFERENT),
        (array([1.0, 2.0]), array([1.0, 2.00001])[:-3], DIFFERENT),
        (array([1.0, 2.0]), b"\x93NUMPY", DIFFERENT),
    ],
)
def test_arrays_are_compared_by_type_shape_and_values(old, new, kind):
    assert judge("a.npy", old, new).kind == kind
    assert judge("a.npz", archive(x=old), archive(x=new)).kind == kind


def test_an_archive_of_arrays_must_hold_the_same_names():
    verdict = judge("a.npz", archive(x=array([1.0])), archive(y=array([1.0])))
    assert (verdict.kind, verdict.where) == (DIFFERENT, "arrays x became y")
    assert judge("a.npz", archive(x=array([1.0])), b"PK nonsense").kind == DIFFERENT
    found = judge("a.npz", archive(x=array([1.0, 2.0])), archive(x=array([1.0, 2.00001])))
    assert found.where == "x, number 1: 2.0 became 2.00001"


def test_a_damaged_picture_is_different_and_nothing_worse():
    whole = picture()
    for place in range(0, len(whole), 7):
        damaged = whole[:place] + b"\xff" * 20 + whole[place + 20 :]
        assert judge("f.png", whole, damaged).kind in (DIFFERENT, WITHIN)


def test_other_files_must_have_the_same_bytes():
    assert judge("notes.txt", "a\nb\n", "a\nc\n").where == "line 2"
    assert judge("notes.txt", "a\n", "a\r\n").where == "line ends"


@pytest.mark.parametrize("value", [0.1, 1, -1e-9, "0.1", True, float("nan")])
def test_a_tolerance_that_would_hide_changes_is_refused(value):
    with pytest.raises(Refusal, match="rtol"):
        Tolerance.of({"rtol": value})


@pytest.mark.parametrize("table", [{"atol": 1e-3}, {"rtol": 0.1}, {"pixels": 0.2}])
def test_a_large_tolerance_needs_a_reason(table):
    with pytest.raises(Refusal, match="say why: reason"):
        Tolerance.of(table)
    declared = Tolerance.of(table | {"reason": "counts of photons"}).declared
    assert declared["reason"] == "counts of photons" and table.items() <= declared.items()
    for value in (1, -1, True, float("nan")):
        with pytest.raises(Refusal, match="rtol"):
            Tolerance.of({"rtol": value, "reason": "counts of photons"})
