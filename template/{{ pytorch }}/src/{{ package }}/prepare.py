"""What step 2 computes, and all that is peculiar to the data: others change this file alone.

An image is an array of whole numbers from 0 to LEVELS, of shape SHAPE: channels, rows, columns.
"""

import gzip
import math
import zlib

import numpy as np

CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")  # a label is a place in this list
SHAPE = (1, 8, 8)
LEVELS = 16  # of grey: how many of 16 dots of the scanned digit fell into a pixel
PARTS = ("train", "validation", "test")


class SchemaError(ValueError):
    """The raw file is not what it should be; the text names row, column, value and expectation."""


def parse(raw: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return images, shape (n, *SHAPE), and labels, shape (n,), from the bytes of the raw file."""
    try:
        lines = gzip.decompress(raw).decode("ascii").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SchemaError(f"it is no text packed by gzip: {error}") from error
    if not lines:
        raise SchemaError("it has no rows")
    table = np.array([_numbers(line, row) for row, line in enumerate(lines, start=1)])
    return table[:, :-1].astype(np.uint8).reshape(-1, *SHAPE), table[:, -1]


def _numbers(line: str, row: int) -> list[int]:
    """Return the pixels of one row, and its label as the last."""
    fields = line.split(",")
    expected = math.prod(SHAPE) + 1
    if len(fields) != expected:
        raise SchemaError(f"row {row}: {len(fields)} values, expected {expected}")
    for column, field in enumerate(fields, start=1):
        highest = LEVELS if column < expected else len(CLASSES) - 1
        if not (field.isdecimal() and int(field) <= highest):
            wanted = f"expected a whole number from 0 to {highest}"
            raise SchemaError(f"row {row}, column {column}: {field!r}, {wanted}")
    return [int(field) for field in fields]


def as_input(images: np.ndarray) -> np.ndarray:
    """Return what a network reads, numbers from 0 to 1 of the same shape."""
    return images / LEVELS


def vary(image: np.ndarray, stream: np.random.Generator, shift: int) -> np.ndarray:
    """Return one image, moved by up to `shift` pixels along both axes; what comes in is empty."""
    # ASSUME: a digit that is moved by a pixel remains that digit.
    down, right = stream.integers(0, 2 * shift, size=2, endpoint=True)
    _, rows, columns = image.shape
    frame = np.zeros((len(image), rows + 2 * shift, columns + 2 * shift), image.dtype)
    frame[:, shift : shift + rows, shift : shift + columns] = image
    return frame[:, down : down + rows, right : right + columns]


def groups(images: np.ndarray) -> np.ndarray:
    """Return a group number per image, shape (n,), the same for images that are identical."""
    flat = images.reshape(len(images), -1)
    return np.unique(flat, axis=0, return_inverse=True)[1].ravel()


def parts(
    labels: np.ndarray, group: np.ndarray, test_one_in: int, validation_one_in: int, seed: int
) -> np.ndarray:
    """Return the part of each image as its place in PARTS, shape (n,), as are labels and group.

    The test part is one image in `test_one_in`, the validation part one in `validation_one_in` of
    the rest. All parts hold the same share of each class, and no group is in two of them.
    """
    # ASSUME: images are independent apart from identical ones; the source names no writers.
    part = np.zeros(len(labels), dtype=int)
    test = _one_in(test_one_in, labels, group, seed)
    rest = np.flatnonzero(~test)
    part[test] = PARTS.index("test")
    validation = rest[_one_in(validation_one_in, labels[rest], group[rest], seed)]
    part[validation] = PARTS.index("validation")
    return part


def _one_in(count: int, labels: np.ndarray, group: np.ndarray, seed: int) -> np.ndarray:
    """Return a mask, shape (n,), of one in `count`, with the same share of each class."""
    from sklearn.model_selection import StratifiedGroupKFold  # only step 2 has to wait for it

    folds = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    _, chosen = next(folds.split(labels, labels, group))
    return np.isin(np.arange(len(labels)), chosen)


def shown(count: int, held_out: int) -> np.ndarray:
    """Return the places of a few held-out images, evenly apart: those of the demonstration."""
    return np.linspace(0, held_out - 1, count, dtype=int)


def sizes(part: np.ndarray) -> dict[str, int]:
    """Return how many images each part holds."""
    names = ("training_images", "validation_images", "held_out_images")
    return {"images": len(part), **dict(zip(names, np.bincount(part).tolist(), strict=True))}
