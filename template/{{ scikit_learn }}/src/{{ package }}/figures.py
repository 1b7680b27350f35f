"""What step 5 draws: figures from the table of predictions, one function each.

Colours are Okabe and Ito's, told apart by colour-blind readers, and the baseline is dashed as well.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .schema import NEGATIVE, POSITIVE

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
STYLE = {
    "font.size": 9,
    "axes.titlesize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # text in the PDF stays text
    "savefig.dpi": 200,
}


def save(figure: Figure, path: Path) -> None:
    """Write a figure with its title, for who cannot see it, and without a date: always the same."""
    title = figure.get_suptitle() or figure.axes[0].get_title()
    no_date = {"CreationDate": None} if path.suffix == ".pdf" else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Title": title.replace("\n", ", "), **no_date})


def _rows(truth: np.ndarray) -> str:
    """Return how many rows of each class there are, for a title."""
    other = int((truth == 0).sum())
    return f"{len(truth)} held-out rows: {len(truth) - other} {POSITIVE}, {other} {NEGATIVE}"


def _square(title: str, x: str, y: str) -> Figure:
    """Return a figure of one square plot of shares, 3.5 inches wide: a column of most journals."""
    figure = Figure(figsize=(3.5, 3.8), layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y, aspect="equal")
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    return figure


def rates(truth: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return false and true positive rate, shape (2, points), from the highest threshold down."""
    thresholds = [np.inf, *np.unique(probability)[::-1]]
    kinds = [probability[truth == kind] for kind in (0, 1)]
    return np.array([[(kind >= t).mean() for t in thresholds] for kind in kinds])


def roc(truth: np.ndarray, probability: np.ndarray, baseline: np.ndarray) -> Figure:
    """Draw the ROC curve of each seed; truth and baseline (n,), probability (n, seeds)."""
    figure = _square(
        f"ROC curves\n{_rows(truth)}",
        f"False positive rate (share of {NEGATIVE} rows)",
        f"True positive rate (share of {POSITIVE} rows)",
    )
    axes = figure.axes[0]
    axes.plot(*rates(truth, baseline), color=ORANGE, linestyle="--", label="baseline")
    for column in probability.T:
        axes.plot(*rates(truth, column), color=BLUE, linewidth=1, alpha=0.6)
    axes.plot([], [], color=BLUE, label=f"forest, {probability.shape[1]} seeds")
    axes.legend(loc="lower right")
    return figure


def bins(truth: np.ndarray, probability: np.ndarray, count: int) -> np.ndarray:
    """Return mean prediction, share of positive and rows per bin, shape (3, bins that hold rows).

    The bins are `count` equal parts of the range of a probability.
    """
    place = np.minimum((probability * count).astype(int), count - 1)
    rows = np.bincount(place, minlength=count)
    sums = [np.bincount(place, values, minlength=count) for values in (probability, truth)]
    return np.array([*(each[rows > 0] / rows[rows > 0] for each in sums), rows[rows > 0]])


def calibration(
    truth: np.ndarray, probability: np.ndarray, baseline: np.ndarray, count: int
) -> Figure:
    """Draw how often rows with a given prediction are positive; a dot's area is its rows."""
    figure = _square(
        f"Calibration in {count} bins (area of a dot: its rows)\n{_rows(truth)}",
        "Predicted probability (mean of bin)",
        f"Observed share of {POSITIVE} rows",
    )
    axes = figure.axes[0]
    curves = [(baseline, ORANGE, "--"), *((column, BLUE, "-") for column in probability.T)]
    for values, colour, line in curves:
        x, y, rows = bins(truth, values, count)
        axes.plot(x, y, color=colour, linestyle=line, linewidth=1, alpha=0.6, clip_on=False)
        axes.scatter(x, y, s=rows, color=colour, alpha=0.6, linewidth=0, clip_on=False)
    axes.plot([], [], color=ORANGE, linestyle="--", label="baseline")
    axes.plot([], [], color=BLUE, label=f"forest, {probability.shape[1]} seeds")
    axes.legend(loc="upper left")
    return figure


def cells(truth: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """Return counts of rows, shape (2, 2, seeds): truth by prediction, positive first."""
    said = probability >= threshold
    return np.array([[(said[truth == t] == s).sum(axis=0) for s in (1, 0)] for t in (1, 0)])


def confusion(truth: np.ndarray, probability: np.ndarray, threshold: float) -> Figure:
    """Draw the confusion matrix: rows in each cell, mean and range over seeds."""
    counts = cells(truth, probability, threshold)
    share = counts.mean(axis=2) / counts.sum(axis=1).mean(axis=1)[:, None]
    figure = Figure(figsize=(3.5, 3.6), layout="constrained")
    axes = figure.add_subplot(
        title=f"Confusion matrix over {probability.shape[1]} seeds: mean (range)\n{_rows(truth)}",
        xlabel=f"Predicted ({POSITIVE}: probability ≥ {threshold:g})",
        ylabel="Truth",
    )
    axes.set_xticks([0, 1], [POSITIVE, NEGATIVE])
    axes.set_yticks([0, 1], [POSITIVE, NEGATIVE], rotation=90, va="center")
    axes.tick_params(length=0)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(2, 2):
        found = counts[row, column]
        text = f"{found.mean():.1f} rows\n({found.min()} to {found.max()})"
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    return figure
