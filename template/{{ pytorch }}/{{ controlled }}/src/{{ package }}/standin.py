"""A synthetic stand-in for data that may not leave their home: same schema, no real image.

Its digits are those of a pocket calculator, moved and blurred with noise; nothing was measured.
"""

import gzip

import numpy as np

from .prepare import CLASSES, LEVELS, SHAPE

#  Rows and columns of the seven bars on 8 x 8 pixels: top, upper left and right, middle, …
BARS = [
    *[(slice(1, 2), slice(2, 6)), (slice(1, 4), slice(2, 3)), (slice(1, 4), slice(5, 6))],
    *[(slice(3, 4), slice(2, 6)), (slice(4, 7), slice(2, 3)), (slice(4, 7), slice(5, 6))],
    (slice(6, 7), slice(2, 6)),
]
LIT = ["012456", "25", "02346", "02356", "1235", "01356", "013456", "025", "0123456", "012356"]


def make(rows: int, stream: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return images, shape (rows, *SHAPE), whole numbers from 0 to LEVELS, and labels (rows,)."""
    # ASSUME: strength, noise and place are invented, so that a network finds something to learn.
    labels = stream.integers(0, len(CLASSES), rows)
    images = stream.integers(0, LEVELS // 2, (rows, *SHAPE))
    for image, label in zip(images, labels, strict=True):
        drawn = np.zeros(SHAPE, dtype=int)
        for bar in LIT[label]:
            drawn[0][BARS[int(bar)]] = stream.integers(LEVELS // 2, LEVELS + 1)
        moved = np.roll(drawn, stream.integers(-1, 2, size=2), axis=(1, 2))
        np.maximum(image, moved, out=image)
    return images, labels


def to_bytes(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Return a file like the real one: a line of pixels and label per image, packed by gzip."""
    table = np.column_stack([images.reshape(len(images), -1), labels])
    text = "".join(f"{','.join(map(str, row))}\n" for row in table.tolist())
    return gzip.compress(text.encode("ascii"), mtime=0)
