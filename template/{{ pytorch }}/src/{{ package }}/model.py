"""The network and its loss: another network or another loss changes this file alone."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .prepare import CLASSES, SHAPE


@dataclass(frozen=True)
class Options:
    """The numbers of a network: each is a flag of step 3 and a key of config.yaml."""

    channels: int  # of the first convolution; the second has twice as many
    neurons: int
    dropout: float


class Network(nn.Module):
    """Two layers of convolution, then two of neurons: images (n, *SHAPE) to scores (n, classes)."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        channels, neurons = options.channels, options.neurons
        depth, rows, columns = SHAPE
        self.layers = nn.Sequential(
            nn.Conv2d(depth, channels, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2 * channels * (rows // 2) * (columns // 2), neurons),
            nn.ReLU(),
            nn.Dropout(options.dropout),
            nn.Linear(neurons, len(CLASSES)),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return one score per class: the larger, the likelier."""
        return self.layers(images)


# In nats, from scores (n, classes) and labels (n,): the mean over the images.
# ASSUME: every error is as bad as every other.
LOSS = nn.CrossEntropyLoss()


def probabilities(scores: Tensor) -> np.ndarray:
    """Return what the loss takes the scores for: probabilities, shape (n, classes)."""
    return torch.softmax(scores.double(), dim=1).cpu().numpy()


@torch.no_grad()
def scores(network: nn.Module, images: Tensor, at_once: int = 256) -> Tensor:
    """Return the scores of images (n, *SHAPE), outside of training; `at_once` saves memory."""
    network.eval()
    return torch.cat([network(batch) for batch in images.split(at_once)])


def parameters(network: nn.Module) -> int:
    """Return how many numbers the network has learned."""
    return sum(weight.numel() for weight in network.parameters())
