"""Differentially private training (DP-SGD, by Opacus): what it adds to step 3, and what it costs.

Each step learns from images drawn at random, each image's gradient is cut to a largest norm, and
noise hides what is left of any one of them (Abadi et al. 2016, doi 10.1145/2976749.2978318).
"""

import os
from dataclasses import dataclass, replace

import numpy as np
import torch
from opacus.accountants import RDPAccountant
from opacus.accountants.utils import get_noise_multiplier
from opacus.data_loader import DPDataLoader
from opacus.grad_sample import GradSampleHooks
from opacus.optimizers import DPOptimizer

from . import seeding
from .train import Course, Settings, Varied


@dataclass(frozen=True)
class Budget:
    """The privacy of a training: each is a flag of step 3 and a key of config.yaml."""

    epsilon: float  # of all published models together; 0 trains without privacy
    delta: float
    max_grad_norm: float
    published: int  # models that learn from these images, one per seed
    noise: str  # "secret", or "seeded" for a stand-in: a known seed lets anybody take it away


def spent(noise_multiplier: float, rate: float, steps: int, delta: float) -> float:
    """Return epsilon after so many steps (Mironov 2017, doi 10.1109/CSF.2017.11)."""
    accountant = RDPAccountant()
    accountant.history = [(noise_multiplier, rate, steps)]
    return accountant.get_epsilon(delta)


def secret_generator(device: str) -> torch.Generator:
    """Return a generator that nobody can set up again: its state is the system's entropy.

    A seed would not do: torch takes 32 bits of it on the processor, few enough to try them all.
    """
    generator = torch.Generator(device)
    if generator.device.type != "cpu":
        return generator.manual_seed(int.from_bytes(os.urandom(8), "little"))
    state = generator.get_state()
    words = state.numpy().view(np.uint64)[3:627]  # the 624 words of the Mersenne Twister
    words[:] = np.frombuffer(os.urandom(4 * len(words)), dtype=np.uint32)
    generator.set_state(state)
    return generator


class Guard:
    """Makes a training private; the noise is as large as the budget of all models demands."""

    def __init__(self, budget: Budget, rows: int, settings: Settings) -> None:
        if budget.noise not in ("secret", "seeded"):
            raise ValueError(f"noise is secret or seeded, and not {budget.noise!r}")
        self.budget, self.settings = budget, settings
        self.rows, self.rate = rows, min(1.0, settings.batch_size / rows)
        self.steps = int(1 / self.rate) * settings.epochs
        # Whoever has all models has seen the steps of all of them.
        self.noise_multiplier = get_noise_multiplier(
            target_epsilon=budget.epsilon,
            target_delta=budget.delta,
            sample_rate=self.rate,
            steps=self.steps * budget.published,
            accountant="rdp",
        )
        self.noise, self.draw = (secret_generator(x) for x in (settings.device, "cpu"))

    def protect(self, course: Course) -> Settings:
        """Let the optimizer cut gradients and add noise; return settings without early stopping.

        Raises NotImplementedError for a network that mixes images, such as by batch normalisation.
        """
        # ASSUME: the learning rate and all else was not chosen by what these images say.
        GradSampleHooks(course.network)
        course.optimizer = DPOptimizer(
            course.optimizer,
            noise_multiplier=self.noise_multiplier,
            max_grad_norm=self.budget.max_grad_norm,
            expected_batch_size=int(self.rows * self.rate),
            generator=self.noise,
        )
        return replace(self.settings, patience=0)

    def batches(self, images: Varied, settings: Settings, names: tuple) -> DPDataLoader:
        """Return batches of images drawn independently of each other, as the accounting assumes."""
        if self.budget.noise == "seeded":
            self.noise.manual_seed(seeding.integer(*names, "noise"))
            self.draw.manual_seed(seeding.integer(*names, "order"))
        return DPDataLoader(
            images, sample_rate=self.rate, generator=self.draw, num_workers=settings.workers
        )

    def facts(self) -> dict:
        """Return what has to be published with the models."""
        budget, scale = self.budget, (self.noise_multiplier, self.rate)
        one, every = (
            spent(*scale, self.steps * models, budget.delta) for models in (1, budget.published)
        )
        return {
            "epsilon_of_all_models": float(f"{every:.6g}"),
            "epsilon_of_one_model": float(f"{one:.6g}"),
            "delta": budget.delta,
            "published_models": budget.published,
            "max_grad_norm": budget.max_grad_norm,
            "noise_multiplier": float(f"{self.noise_multiplier:.6g}"),
            "sample_rate": float(f"{self.rate:.6g}"),
            "steps_per_model": self.steps,
            "noise": budget.noise,
        }
