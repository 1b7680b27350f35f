"""What step 4 computes: metrics, their bootstrap intervals, and the baseline to beat.

A resample of n test rows is a vector of n weights: how often each row was drawn.
So every metric is written once, for weights of shape (resamples, n), and returns (resamples,).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .schema import POSITIVE


def baseline(train: ArrayLike, truth: ArrayLike, test: ArrayLike) -> np.ndarray:
    """Return probabilities, shape (m,), of a logistic regression on one feature, shapes (n,), (m,).

    It is fitted on the training rows alone, without a penalty.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=np.inf, tol=1e-10))
    columns = [np.reshape(values, (-1, 1)) for values in (train, test)]
    return model.fit(columns[0], truth).predict_proba(columns[1])[:, 1]


def resamples(truth: ArrayLike, count: int, stream: np.random.Generator) -> np.ndarray:
    """Return bootstrap weights, shape (count, n), drawn with replacement within each class."""
    # ASSUME: the share of each class is given by the split, not by chance, so it stays fixed.
    weights = np.zeros((count, len(truth)))
    for kind in (0, 1):
        rows = np.flatnonzero(np.asarray(truth) == kind)
        weights[:, rows] = stream.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), count)
    return weights


def _ranking(truth: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve: how often a positive row ranks above a negative."""
    positive, negative = truth == 1, truth == 0
    margin = probability[positive][:, None] - probability[negative][None, :]
    wins = (np.sign(margin) + 1) / 2  # 1 where it ranks above, 0.5 for a tie
    total = ((weights[:, positive] @ wins) * weights[:, negative]).sum(axis=1)
    return total / weights[:, positive].sum(axis=1) / weights[:, negative].sum(axis=1)


def scores(
    truth: np.ndarray, probability: np.ndarray, weights: np.ndarray, threshold: float
) -> dict[str, np.ndarray]:
    """Return every metric, shape (resamples,); log loss in nats, all others dimensionless."""
    # ASSUME: both errors weigh the same; where a missed cancer is worse, lower the threshold.
    right = (probability >= threshold) == truth
    # scikit-learn's convention: a certain and wrong answer costs 36 nats, not infinitely many.
    eps = np.finfo(float).eps
    surprise = -np.log(np.clip(np.where(truth == 1, probability, 1 - probability), eps, 1 - eps))

    def mean(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return weights[:, rows] @ values[rows] / weights[:, rows].sum(axis=1)

    everyone = np.full(len(truth), True)
    return {
        "accuracy": mean(right, everyone),
        "roc_auc": _ranking(truth, probability, weights),
        "sensitivity": mean(right, truth == 1),
        "specificity": mean(right, truth == 0),
        "brier": mean((probability - truth) ** 2, everyone),
        "log_loss": mean(surprise, everyone),
    }


def by_column(table: pd.DataFrame, weights: np.ndarray, threshold: float) -> dict[str, dict]:
    """Return the scores of each column of probabilities in a table of predictions."""
    truth = table[POSITIVE].to_numpy()
    names = [name for name in table if name not in ("row", POSITIVE)]
    return {name: scores(truth, table[name].to_numpy(), weights, threshold) for name in names}


def by_seed(table: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return one row per seed and one for the baseline, with a column per metric."""
    points = by_column(table, np.ones((1, len(table))), threshold)
    rows = [{"model": name, **{k: v[0] for k, v in m.items()}} for name, m in points.items()]
    return pd.DataFrame(rows)


def summary(
    table: pd.DataFrame, weights: np.ndarray, threshold: float, confidence: float
) -> pd.DataFrame:
    """Return one row per metric: mean and sd over seeds, bootstrap interval, and the baseline.

    `difference` is model minus baseline, its interval from the same resamples for both.
    """
    points = by_seed(table, threshold).set_index("model")
    drawn = by_column(table, weights, threshold)
    seeds = [name for name in drawn if name != "baseline"]
    edges = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for metric in points:
        model = np.mean([drawn[seed][metric] for seed in seeds], axis=0)
        low, high = np.quantile(model, edges)
        worst, best = np.quantile(model - drawn["baseline"][metric], edges)
        values = points.loc[seeds, metric]
        given = points.loc["baseline", metric]
        rows.append((metric, values.mean(), values.std(), low, high, given, worst, best))
    names = "metric mean sd low high baseline difference_low difference_high"
    return pd.DataFrame(rows, columns=names.split())
