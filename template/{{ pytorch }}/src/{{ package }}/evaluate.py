"""What step 4 computes: metrics, their bootstrap intervals, and the baseline to beat.

Of each model a table of predictions has three columns: the class that it says, its confidence,
and the probability that it gave to the true class, which ends in `_truth`.
A resample of n test images is a vector of n weights: how often each image was drawn.
So every metric is written once, for weights of shape (resamples, n), and returns (resamples,).
"""

import numpy as np
import pandas as pd

from .prepare import CLASSES, as_input


def baseline(train: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (m, classes), of a logistic regression on the pixels.

    Shapes: train (n, …), labels (n,), test (m, …). What is no better needs no deep network.
    """
    from sklearn.linear_model import LogisticRegression  # only step 4 has to wait for it

    flat = [as_input(images).reshape(len(images), -1) for images in (train, test)]
    model = LogisticRegression(tol=1e-8, max_iter=10000).fit(flat[0], labels)
    probability = np.zeros((len(test), len(CLASSES)))
    probability[:, model.classes_] = model.predict_proba(flat[1])
    return probability


def chance(test: np.ndarray) -> np.ndarray:
    """Return the same probability for all classes, shape (m, classes): it knows no training row."""
    return np.full((len(test), len(CLASSES)), 1 / len(CLASSES))


def said(name: str, probability: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the three columns of a model; probability (n, classes), labels (n,)."""
    return {
        name: probability.argmax(axis=1),
        f"{name}_confidence": probability.max(axis=1),
        f"{name}_truth": np.take_along_axis(probability, labels[:, None], axis=1)[:, 0],
    }


def models(table: pd.DataFrame) -> list[str]:
    """Return the names of the models in a table of predictions, the baseline as the last."""
    return [name.removesuffix("_truth") for name in table if name.endswith("_truth")]


def resamples(labels: np.ndarray, count: int, stream: np.random.Generator) -> np.ndarray:
    """Return bootstrap weights, shape (count, n), drawn with replacement within each class."""
    # ASSUME: the share of each class is given by the split, not by chance, so it stays fixed.
    weights = np.zeros((count, len(labels)))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        weights[:, rows] = stream.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), count)
    return weights


def rates(labels: np.ndarray, found: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return precision, recall and F1 of each class, shape (resamples, classes); 0 for 0 of 0."""
    place = np.arange(len(CLASSES))
    true, said = labels[:, None] == place, found[:, None] == place
    hits, real, claimed = weights @ (true & said), weights @ true, weights @ said
    return {
        "precision": hits / np.maximum(claimed, 1),
        "recall": hits / np.maximum(real, 1),
        "f1": 2 * hits / np.maximum(claimed + real, 1),
    }


def scores(table: pd.DataFrame, name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of one model, shape (resamples,); log loss in nats, others are shares.

    Overconfidence is mean confidence minus accuracy: below 0, answers are better than they claim.
    """
    labels, found = table["label"].to_numpy(), table[name].to_numpy()
    right, total = (labels == found).astype(float), weights.sum(axis=1)
    eps = np.finfo(float).eps  # a certain and wrong answer costs 36 nats, not infinitely many
    surprise = -np.log(np.clip(table[f"{name}_truth"].to_numpy(), eps, 1))
    return {
        "accuracy": weights @ right / total,
        "macro_f1": rates(labels, found, weights)["f1"].mean(axis=1),
        "log_loss": weights @ surprise / total,
        "overconfidence": weights @ (table[f"{name}_confidence"].to_numpy() - right) / total,
    }


def by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seed and one for the baseline, with a column per metric."""
    once = np.ones((1, len(table)))
    points = {name: scores(table, name, once) for name in models(table)}
    rows = [{"model": name, **{k: v[0] for k, v in m.items()}} for name, m in points.items()]
    return pd.DataFrame(rows)


def by_class(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per class: images, then each rate as mean and sd over seeds, and baseline."""
    labels, once = table["label"].to_numpy(), np.ones((1, len(table)))
    points = {name: rates(labels, table[name].to_numpy(), once) for name in models(table)}
    given = points.pop("baseline")
    columns = {"class": CLASSES, "images": np.bincount(labels, minlength=len(CLASSES))}
    for rate in given:
        values = np.array([point[rate][0] for point in points.values()])
        columns[rate] = values.mean(axis=0)
        columns[f"{rate}_sd"] = pd.DataFrame(values).std().to_numpy()
        columns[f"{rate}_baseline"] = given[rate][0]
    return pd.DataFrame(columns)


def summary(table: pd.DataFrame, weights: np.ndarray, confidence: float) -> pd.DataFrame:
    """Return one row per metric: mean and sd over seeds, bootstrap interval, and the baseline.

    `difference` is model minus baseline, its interval from the same resamples for both.
    """
    points = by_seed(table).set_index("model")
    drawn = {name: scores(table, name, weights) for name in models(table)}
    given = drawn.pop("baseline")
    edges = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for metric in points:
        mean = np.mean([values[metric] for values in drawn.values()], axis=0)
        low, high = np.quantile(mean, edges)
        worst, best = np.quantile(mean - given[metric], edges)
        values, base = points.loc[list(drawn), metric], points.loc["baseline", metric]
        rows.append((metric, values.mean(), values.std(), low, high, base, worst, best))
    names = "metric mean sd low high baseline difference_low difference_high"
    return pd.DataFrame(rows, columns=names.split())
