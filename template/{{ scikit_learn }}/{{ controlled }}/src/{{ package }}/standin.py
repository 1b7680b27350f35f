"""A synthetic stand-in for data that may not leave their home: same schema, no real row.

It is made from the published minimum and maximum of each measurement, and from nothing else.
No mean, spread, correlation or class share of the real data goes in, so none can come out.
"""

import numpy as np

from .schema import CLASSES, FEATURES

# Published minimum and maximum, in the units of schema.py and the order of its FEATURES.
RANGES = [
    *[(6.981, 28.11), (9.71, 39.28), (43.79, 188.5), (143.5, 2501.0), (0.053, 0.163)],
    *[(0.019, 0.345), (0.0, 0.427), (0.0, 0.201), (0.106, 0.304), (0.05, 0.097)],
    *[(0.112, 2.873), (0.36, 4.885), (0.757, 21.98), (6.802, 542.2), (0.002, 0.031)],
    *[(0.002, 0.135), (0.0, 0.396), (0.0, 0.053), (0.008, 0.079), (0.001, 0.03)],
    *[(7.93, 36.04), (12.02, 49.54), (50.41, 251.2), (185.2, 4254.0), (0.071, 0.223)],
    *[(0.027, 1.058), (0.0, 1.252), (0.0, 0.291), (0.156, 0.664), (0.055, 0.208)],
]


def make(rows: int, stream: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return measurements, shape (rows, 30), and class codes, shape (rows,): malignant is 0."""
    # ASSUME: the shares 0.25, 0.35 and 0.4 are invented, so that a model finds something to learn.
    code = stream.integers(0, 2, rows)
    severity = 0.25 * (code == 0) + 0.35 * stream.random(rows)
    place = severity[:, None] + 0.4 * stream.random((rows, len(FEATURES)))
    low, high = np.array(RANGES).T
    return low + (high - low) * place, code


def to_text(features: np.ndarray, code: np.ndarray) -> str:
    """Return the text of a file like the real one: a line with counts, then one line a row."""
    lines = [f"{len(code)},{len(FEATURES)},{','.join(CLASSES)}"]
    for values, kind in zip(features, code, strict=True):
        lines.append(",".join([*(f"{value:.4g}" for value in values), str(kind)]))
    return "\n".join(lines) + "\n"
