"""What step 2 computes: a checked table from the raw text, and which rows are held out."""

import math

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from .schema import CLASSES, FEATURES


class SchemaError(ValueError):
    """The raw file is not what it should be; the text names row, column, value and expectation."""


def check_header(fields: list[str], rows: int) -> None:
    """Check the first line of the raw file: number of rows, of measurements, and the classes."""
    expected = [str(len(FEATURES)), *CLASSES]
    if fields[1:] != expected:
        raise SchemaError(f"line 1 says {fields[1:]}, expected {expected} after the number of rows")
    if fields[0] != str(rows):
        raise SchemaError(f"line 1 promises {fields[0]} rows, but {rows} follow")


def measurement(text: str, row: int, column: str) -> float:
    """Return one measurement as a number, refusing what is not finite or below 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise SchemaError(f"row {row}, column {column}: {text!r}, expected a number of at least 0")
    return value


def malignant(text: str, row: int) -> int:
    """Return 1 for malignant and 0 for benign; the raw file codes them the other way round."""
    if text not in ("0", "1"):
        expected = " or ".join(f"{code} ({name})" for code, name in enumerate(CLASSES))
        raise SchemaError(f"row {row}, column class: {text!r}, expected {expected}")
    return int(CLASSES[int(text)] == "malignant")


def parse(text: str) -> pd.DataFrame:
    """Return the raw file as a table: row (from 1), malignant (0 or 1), and 30 measurements."""
    header, *lines = [line.split(",") for line in text.splitlines()] or [[]]
    check_header(header, len(lines))
    table = []
    for row, fields in enumerate(lines, start=1):
        if len(fields) != len(FEATURES) + 1:
            raise SchemaError(f"row {row}: {len(fields)} values, expected {len(FEATURES) + 1}")
        pairs = zip(fields[:-1], FEATURES, strict=True)
        values = [measurement(value, row, column) for value, column in pairs]
        table.append([row, malignant(fields[-1], row), *values])
    return pd.DataFrame(table, columns=["row", "malignant", *FEATURES])


def groups(features: np.ndarray) -> np.ndarray:
    """Return a group number per row, shape (n,), the same for rows whose (n, 30) values agree."""
    return np.unique(features, axis=0, return_inverse=True)[1].ravel()


def held_out(truth: np.ndarray, group: np.ndarray, one_in: int, seed: int) -> np.ndarray:
    """Return a mask, shape (n,), that is True for the test part: one row in `one_in`.

    Both parts hold the same share of malignant rows, and no group is in both.
    """
    # ASSUME: rows are independent apart from identical ones; the source names no patients.
    # ASSUME: new rows come from where these come from; another hospital is a new question.
    folds = StratifiedGroupKFold(n_splits=one_in, shuffle=True, random_state=seed)
    _, test = next(folds.split(truth, truth, group))
    return np.isin(np.arange(len(truth)), test)


def shown(count: int, held_out: int) -> np.ndarray:
    """Return the places of a few held-out rows, evenly apart: those of the demonstration."""
    return np.linspace(0, held_out - 1, count, dtype=int)


def sizes(truth: np.ndarray, test: np.ndarray) -> dict[str, int]:
    """Return how many rows, and how many malignant ones, each part holds; both shaped (n,)."""
    parts = {"training": ~np.asarray(test), "held_out": np.asarray(test)}
    sizes = {f"{name}_rows": int(part.sum()) for name, part in parts.items()}
    malignant = {f"malignant_{name}_rows": int(truth[part].sum()) for name, part in parts.items()}
    return {"rows": len(truth), **sizes, **malignant}
