"""What step 5 draws: figures from the tables of step 4, one function each.

Colours are Okabe and Ito's, told apart by colour-blind readers, and the baseline is dashed as well.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .prepare import CLASSES

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


def _images(table: pd.DataFrame) -> str:
    """Return how many images were held out, for a title."""
    return f"{len(table)} held-out images"


def learning(curves: pd.DataFrame, kept: dict[int, int]) -> Figure:
    """Draw the loss of each epoch, one line a seed; `kept` says which epoch a seed ended with."""
    figure = Figure(figsize=(3.5, 3.2), layout="constrained")
    axes = figure.add_subplot(
        title=f"Learning curves of {len(kept)} seeds", xlabel="Epoch", ylabel="Loss (nats, mean)"
    )
    axes.set_yscale("log")
    for part, colour, line in (("training", ORANGE, "--"), ("validation", BLUE, "-")):
        for seed in kept:
            mine = curves[curves["seed"] == seed]
            x, y = mine["epoch"], mine[f"{part}_loss"]
            axes.plot(x, y, color=colour, linestyle=line, linewidth=1, alpha=0.6)
        axes.plot([], [], color=colour, linestyle=line, label=part)
    for seed, epoch in kept.items():
        chosen = curves[(curves["seed"] == seed) & (curves["epoch"] == epoch)]
        axes.plot(chosen["epoch"], chosen["validation_loss"], "o", color=BLUE, markersize=4)
    axes.plot([], [], "o", color=BLUE, markersize=4, label="epoch that is kept")
    axes.legend(loc="upper right")
    return figure


def bins(right: np.ndarray, confidence: np.ndarray, count: int) -> np.ndarray:
    """Return mean confidence, accuracy and images per bin, shape (3, bins that hold images).

    The bins are `count` equal parts of the range of a confidence; both arguments have shape (n,).
    """
    place = np.minimum((confidence * count).astype(int), count - 1)
    images = np.bincount(place, minlength=count)
    sums = [np.bincount(place, values, minlength=count) for values in (confidence, right)]
    return np.array([*(each[images > 0] / images[images > 0] for each in sums), images[images > 0]])


def calibration(table: pd.DataFrame, names: list[str], count: int) -> Figure:
    """Draw how often answers of a given confidence are right; a dot's area is its images."""
    figure = Figure(figsize=(3.5, 3.8), layout="constrained")
    axes = figure.add_subplot(
        title=f"Calibration in {count} bins (area of a dot: its images)\n{_images(table)}",
        xlabel="Confidence (mean of bin)",
        ylabel="Share of right answers",
        aspect="equal",
    )
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    for name in reversed(names):  # the baseline lies below
        colour, line = (ORANGE, "--") if name == "baseline" else (BLUE, "-")
        right = (table[name] == table["label"]).to_numpy(float)
        x, y, images = bins(right, table[f"{name}_confidence"].to_numpy(), count)
        axes.plot(x, y, color=colour, linestyle=line, linewidth=1, alpha=0.6, clip_on=False)
        axes.scatter(x, y, s=images / 4, color=colour, alpha=0.6, linewidth=0, clip_on=False)
    axes.plot([], [], color=ORANGE, linestyle="--", label="baseline")
    axes.plot([], [], color=BLUE, label=f"network, {len(names) - 1} seeds")
    axes.legend(loc="upper left")
    return figure


def cells(labels: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return counts of images, shape (classes, classes): truth by answer; arguments (n,)."""
    counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    np.add.at(counts, (labels, found), 1)
    return counts


def confusion(table: pd.DataFrame, names: list[str]) -> Figure:
    """Draw the confusion matrix: images in each cell, the mean over seeds."""
    labels = table["label"].to_numpy()
    seeds = [name for name in names if name != "baseline"]
    counts = np.mean([cells(labels, table[name].to_numpy()) for name in seeds], axis=0)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(3.5, 3.7), layout="constrained")
    axes = figure.add_subplot(
        title=f"Confusion matrix: images, mean of {len(seeds)} seeds\n{_images(table)}",
        xlabel="Answer",
        ylabel="Truth",
    )
    axes.set_xticks(range(len(CLASSES)), CLASSES)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.tick_params(length=0)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if share[row, column] > 0.5 else "black"
        text = f"{counts[row, column]:.3g}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=6.5)
    return figure


def worst(table: pd.DataFrame, names: list[str], count: int) -> pd.DataFrame:
    """Return the rows that most seeds get wrong, most of all first; ties in the order of rows."""
    seeds = [name for name in names if name != "baseline"]
    wrong = table[seeds].ne(table["label"], axis=0).sum(axis=1)
    order = wrong[wrong > 0].sort_values(ascending=False, kind="stable").index[:count]
    return table.loc[order].assign(wrong=wrong[order])


def errors(table: pd.DataFrame, names: list[str], images: np.ndarray, across: int = 5) -> Figure:
    """Draw the images that most seeds get wrong, with the answers; images (n, *SHAPE)."""
    seeds = [name for name in names if name != "baseline"]
    chosen = worst(table, names, 3 * across)
    figure = Figure(figsize=(3.5, 3.4), layout="constrained")
    figure.suptitle(f"Most frequent errors, and how many of {len(seeds)} seeds erred", fontsize=8.5)
    for place, axes in enumerate(figure.subplots(3, across).flat):
        axes.set_axis_off()
        if place < len(chosen):
            _error(axes, images[chosen.index[place]], chosen.iloc[place], seeds)
    return figure


def _error(axes: Axes, image: np.ndarray, row: pd.Series, seeds: list[str]) -> None:
    """Draw one image; of several channels it shows the first."""
    axes.imshow(image[0], cmap="Greys")
    answers = sorted({int(row[seed]) for seed in seeds} - {int(row["label"])})
    said = ", ".join(CLASSES[answer] for answer in answers)
    truth, wrong = CLASSES[int(row["label"])], int(row["wrong"])
    axes.set_title(f"{truth}, not {said}\n{wrong} of {len(seeds)}", fontsize=7)
