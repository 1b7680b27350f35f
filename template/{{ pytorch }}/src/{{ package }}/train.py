"""What step 3 computes: a plain loop over epochs and batches, with early stopping."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from . import model, prepare, seeding


@dataclass(frozen=True)
class Settings:
    """The numbers of a training: each is a flag of step 3 and a key of config.yaml."""

    epochs: int  # at most
    patience: int  # epochs; 0 never stops early and keeps the last epoch
    batch_size: int
    learning_rate: float
    shift: int  # pixels
    workers: int  # processes that prepare batches; 0 is this one
    device: str
    dtype: str


@dataclass
class Course:
    """How far a training has come; a checkpoint holds all of it."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    best: dict[str, Tensor] = field(default_factory=dict)  # the weights of the best epoch
    curve: list[dict] = field(default_factory=list)  # one entry per epoch


class Varied(Dataset):
    """The training images as one epoch sees them, each varied by a stream that bears its number.

    So it does not matter which process prepares which image, or in which order.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, settings: Settings, names: tuple):
        self.images, self.labels = images, labels
        self.settings, self.names = settings, names

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        stream = seeding.stream(*self.names, "vary", index)
        image = prepare.vary(self.images[index], stream, self.settings.shift)
        return tensor(image, self.settings.dtype), int(self.labels[index])


def tensor(images: np.ndarray, dtype: str) -> Tensor:
    """Return images as a network reads them."""
    return torch.from_numpy(prepare.as_input(images)).to(getattr(torch, dtype))


def begin(options: model.Options, settings: Settings, names: tuple) -> Course:
    """Return a training that has not seen any image yet."""
    seeding.everything(*names, "weights")
    # The first weights are drawn with all digits: in fewer, processors round them differently.
    usual = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, settings.dtype))
    network = model.Network(options).to(settings.device)
    torch.set_default_dtype(usual)
    return Course(network, torch.optim.Adam(network.parameters(), settings.learning_rate))


def shuffled(images: Varied, settings: Settings, names: tuple) -> DataLoader:
    """Return all images in batches, in the order of a stream."""
    order = seeding.stream(*names, "order").permutation(len(images)).tolist()
    return DataLoader(images, settings.batch_size, sampler=order, num_workers=settings.workers)


def fit(
    course: Course,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    settings: Settings,
    names: tuple,
    after_epoch: Callable[[float], None],
    batches: Callable[[Varied, Settings, tuple], DataLoader] = shuffled,
) -> None:
    """Train until the loss on the validation part stops falling; `course` has all that came of it.

    `names` are the root seed and the name of this training's streams; `after_epoch` is told the
    seconds that an epoch took.
    """
    while not is_over(course.curve, settings):
        started, epoch = time.perf_counter(), len(course.curve) + 1
        here = (*names, epoch)
        fallen = one_epoch(course, batches(Varied(*train, settings, here), settings, here), here)
        course.curve.append({"epoch": epoch, "training_loss": fallen})
        course.curve[-1] |= judged(course.network, *validation, settings)
        if best_epoch(course.curve, settings) == epoch:
            course.best = {k: v.clone() for k, v in course.network.state_dict().items()}
        after_epoch(time.perf_counter() - started)


def one_epoch(course: Course, batches: DataLoader, names: tuple) -> float:
    """Learn from every batch once; return the mean loss over the images."""
    course.network.train()
    device = next(course.network.parameters()).device
    total = seen = 0
    for number, (images, labels) in enumerate(batches):
        # Dropout draws from global generators. Seeded for each batch, neither a pause nor what
        # was drawn for the images before can shift it.
        seeding.everything(*names, "batch", number)
        course.optimizer.zero_grad()
        loss = model.LOSS(course.network(images.to(device)), labels.to(device))
        loss.backward()
        course.optimizer.step()
        total, seen = total + loss.item() * len(labels), seen + len(labels)
    return total / seen


def judged(
    network: nn.Module, images: np.ndarray, labels: np.ndarray, settings: Settings
) -> dict[str, float]:
    """Return loss and accuracy of the network on images that it does not learn from."""
    truth = torch.from_numpy(labels).to(settings.device)
    scores = model.scores(network, tensor(images, settings.dtype).to(settings.device))
    accuracy = (scores.argmax(dim=1) == truth).double().mean().item()
    return {"validation_loss": model.LOSS(scores, truth).item(), "validation_accuracy": accuracy}


def best_epoch(curve: list[dict], settings: Settings) -> int:
    """Return the epoch whose weights are kept: the first of the lowest validation loss."""
    if not settings.patience:
        return len(curve)
    return 1 + int(np.argmin([entry["validation_loss"] for entry in curve]))


def is_over(curve: list[dict], settings: Settings) -> bool:
    """Say whether all epochs are done, or whether patience is at its end."""
    if not curve or not settings.patience:
        return len(curve) >= settings.epochs
    waited = len(curve) - best_epoch(curve, settings)
    return len(curve) >= settings.epochs or waited >= settings.patience


def progress(curve: list[dict], settings: Settings) -> str:
    """Return a line that says how the last epoch went."""
    last = curve[-1]
    is_best = " (best so far)" if best_epoch(curve, settings) == last["epoch"] else ""
    return (
        f"epoch {last['epoch']} of at most {settings.epochs}: loss {last['training_loss']:.4f},"
        f" in validation {last['validation_loss']:.4f}{is_best},"
        f" accuracy {last['validation_accuracy']:.4f}"
    )


def facts(course: Course, settings: Settings) -> dict:
    """Return what a reader wants to know about a training, with six significant digits."""
    best = best_epoch(course.curve, settings)
    chosen = {k: float(f"{v:.6g}") for k, v in course.curve[best - 1].items() if "valid" in k}
    return {
        "model": type(course.network).__name__,
        "layers": [str(part) for part in course.network.modules() if not [*part.children()]],
        "parameters": model.parameters(course.network),
        "loss": type(model.LOSS).__name__,
        "optimizer": type(course.optimizer).__name__,
        "epochs_run": len(course.curve),
        "best_epoch": best,
        **chosen,
    }
