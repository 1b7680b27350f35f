"""What the PyTorch study does, as one bare script with no template around it, to be set against it.

The same images, network, augmentation, optimizer, precision and epochs; the same weights, tables
and figures at the end. It seeds torch, as most scripts do, and promises nothing more.
Called by the study's Python: the file of digits, the folder for what it makes, the epochs.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot as plt
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEEDS = (1, 2, 3, 4, 5)


class Shifted(Dataset):
    """Images (n, 8, 8), each moved by up to a pixel along both axes when it is seen."""

    def __init__(self, images, labels):
        self.images, self.labels = np.pad(images, ((0, 0), (1, 1), (1, 1))), labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        down, right = np.random.randint(0, 3, size=2)
        image = self.images[index, down : down + 8, right : right + 8]
        return torch.from_numpy(image[None] / 16), int(self.labels[index])


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(512, 64), nn.ReLU(), nn.Dropout(0.25), nn.Linear(64, 10),
    ).double()  # fmt: skip


def train(seed, train_part, validation, epochs):
    torch.manual_seed(seed)
    np.random.seed(seed)
    net, loss_of, curve = network(), nn.CrossEntropyLoss(), []
    optimizer = torch.optim.Adam(net.parameters(), 0.003)
    loader = DataLoader(Shifted(*train_part), batch_size=64, shuffle=True)
    images, labels = torch.from_numpy(validation[0][:, None] / 16), torch.from_numpy(validation[1])
    for epoch in range(1, epochs + 1):
        net.train()
        total = 0.0
        for batch, truth in loader:
            optimizer.zero_grad()
            loss = loss_of(net(batch), truth)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(truth)
        net.eval()
        with torch.no_grad():
            seen = loss_of(net(images), labels).item()
        curve.append((seed, epoch, total / len(train_part[1]), seen))
        print(*curve[-1], flush=True)
    return net, curve


def bootstrap(right):
    """An interval of 95 % for the share of right answers, from 2,000 resamples."""
    drawn = np.random.default_rng(0).integers(0, len(right), (2000, len(right)))
    return np.quantile(right[drawn].mean(axis=1), [0.025, 0.975])


def save(figure, folder, name):
    figure.savefig(folder / f"{name}.png", dpi=200)
    figure.savefig(folder / f"{name}.pdf")


def main(file, folder, epochs):
    folder.mkdir(parents=True)
    table = np.loadtxt(file, delimiter=",")
    images, labels = table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(int)
    rest, images, truths, labels = train_test_split(
        images, labels, test_size=1 / 4, stratify=labels, random_state=0
    )
    fit, validation, fit_labels, validation_labels = train_test_split(
        rest, truths, test_size=1 / 5, stratify=truths, random_state=0
    )
    curves, predictions = [], {"label": labels}
    for seed in SEEDS:
        net, curve = train(seed, (fit, fit_labels), (validation, validation_labels), epochs)
        curves += curve
        save_file(net.state_dict(), folder / f"seed_{seed}.safetensors")
        with torch.no_grad():
            share = torch.softmax(net(torch.from_numpy(images[:, None] / 16)), dim=1).numpy()
        predictions[f"seed_{seed}"] = share.argmax(axis=1)
        predictions[f"seed_{seed}_confidence"] = share.max(axis=1)
    baseline = LogisticRegression(max_iter=10000).fit(fit.reshape(len(fit), -1) / 16, fit_labels)
    predictions["baseline"] = baseline.predict(images.reshape(len(images), -1) / 16)

    names = [f"seed_{seed}" for seed in SEEDS]
    shown = pd.DataFrame(predictions)
    shown.to_csv(folder / "predictions.csv", index=False)
    curves = pd.DataFrame(curves, columns=["seed", "epoch", "training", "validation"])
    curves.to_csv(folder / "learning_curves.csv", index=False)
    rows = [(name, np.mean(shown[name] == labels), *bootstrap((shown[name] == labels).to_numpy()))
            for name in (*names, "baseline")]  # fmt: skip
    pd.DataFrame(rows, columns=["model", "accuracy", "low", "high"]).to_csv(
        folder / "metrics.csv", index=False
    )
    by_class = precision_recall_fscore_support(labels, shown[names[0]], zero_division=0)
    pd.DataFrame(by_class).T.to_csv(folder / "by_class.csv")

    figure, axes = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
    for _, mine in curves.groupby("seed"):
        axes.semilogy(mine["epoch"], mine["training"], "--", mine["epoch"], mine["validation"], "-")
    save(figure, folder, "learning")
    figure, axes = plt.subplots(figsize=(3.5, 3.8), layout="constrained")
    for name in names:
        place = np.minimum((shown[f"{name}_confidence"] * 10).astype(int), 9)
        binned = (shown[name] == labels).groupby(place).mean()
        axes.plot(shown[f"{name}_confidence"].groupby(place).mean(), binned, "o-")
    save(figure, folder, "calibration")
    figure, axes = plt.subplots(figsize=(3.5, 3.7), layout="constrained")
    counts = np.mean([confusion_matrix(labels, shown[name]) for name in names], axis=0)
    axes.imshow(counts, cmap="Blues")
    for row, column in zip(*np.nonzero(counts), strict=True):
        axes.text(column, row, f"{counts[row, column]:.3g}", ha="center", va="center")
    save(figure, folder, "confusion")
    wrong = shown[names].ne(shown["label"], axis=0).sum(axis=1).nlargest(15).index
    figure, places = plt.subplots(3, 5, figsize=(3.5, 3.4), layout="constrained")
    for axes, index in zip(places.flat, wrong, strict=True):
        axes.imshow(images[index], cmap="Greys")
        axes.set_axis_off()
    save(figure, folder, "errors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
