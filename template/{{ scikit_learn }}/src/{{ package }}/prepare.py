"""What step 2 computes: a checked table from the raw text, and which rows are held out."""

import csv
import io
import math

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from .schema import CLASSES, FEATURES, LABEL, LEAST, POSITIVE


class SchemaError(ValueError):
    """The raw file is not what it should be; the text names row, column, value and expectation."""


def names(fields: list[str], rows: int) -> list[str]:
    """Return the names of the columns, from the first line of the raw file.

    A first line that begins with a number names none: it is checked, and the schema names them.
    """
    if not (fields and fields[0].isdecimal()):
        for name in (*FEATURES, LABEL):
            if fields.count(name) != 1:
                raise SchemaError(f"line 1 must name one column {name!r}, as schema.py has it")
        return fields
    expected = [str(len(FEATURES)), *CLASSES]
    if fields[1:] != expected:
        raise SchemaError(f"line 1 says {fields[1:]}, expected {expected} after the number of rows")
    if fields[0] != str(rows):
        raise SchemaError(f"line 1 promises {fields[0]} rows, but {rows} follow")
    return [*FEATURES, LABEL]


def measurement(text: str, row: int, column: str) -> float:
    """Return one measurement as a number, refusing what is not finite or too small."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= LEAST):
        expected = f"a number of at least {LEAST:g}"
        raise SchemaError(f"row {row}, column {column}: {text!r}, expected {expected}")
    return value


def positive(text: str, row: int) -> int:
    """Return 1 for the class to be found and 0 for the other, however the raw file codes them."""
    if text not in CLASSES.values():
        expected = " or ".join(f"{code} ({name})" for name, code in CLASSES.items())
        raise SchemaError(f"row {row}, column {LABEL}: {text!r}, expected {expected}")
    return int(text == CLASSES[POSITIVE])


def parse(text: str) -> pd.DataFrame:
    """Return the raw file as a table: row (from 1), the class (0 or 1), and the measurements."""
    header, *lines = list(csv.reader(io.StringIO(text))) or [[]]
    columns = names(header, len(lines))
    table = []
    for row, fields in enumerate(lines, start=1):
        if len(fields) != len(columns):
            raise SchemaError(f"row {row}: {len(fields)} values, expected {len(columns)}")
        found = dict(zip(columns, fields, strict=True))
        values = [measurement(found[column], row, column) for column in FEATURES]
        table.append([row, positive(found[LABEL], row), *values])
    return pd.DataFrame(table, columns=["row", POSITIVE, *FEATURES])


def groups(features: np.ndarray) -> np.ndarray:
    """Return a group number per row, shape (n,): rows of (n, features) that agree share one."""
    return np.unique(features, axis=0, return_inverse=True)[1].ravel()


def held_out(truth: np.ndarray, group: np.ndarray, one_in: int, seed: int) -> np.ndarray:
    """Return a mask, shape (n,), that is True for the test part: one row in `one_in`.

    Both parts hold the same share of each class, and no group is in both.
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
    """Return how many rows, and how many positive ones, each part holds; both shaped (n,)."""
    parts = {"training": ~np.asarray(test), "held_out": np.asarray(test)}
    sizes = {f"{name}_rows": int(part.sum()) for name, part in parts.items()}
    found = {f"{POSITIVE}_{name}_rows": int(truth[part].sum()) for name, part in parts.items()}
    return {"rows": len(truth), **sizes, **found}
