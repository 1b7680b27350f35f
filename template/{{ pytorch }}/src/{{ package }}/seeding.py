"""Where all randomness of the study comes from: one root seed, and one named stream per purpose.

Streams of different names are statistically independent, so a new one never shifts the others.
Whoever needs random numbers is handed a stream, or an integer from one. Libraries that draw from
global generators are seeded by `everything`, and `deterministic` lets torch repeat every byte.
"""

import hashlib
import json
import os
import random
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def _sequence(root: int, names: tuple[str | int, ...]) -> np.random.SeedSequence:
    """Return the seed sequence of the named stream; a digest is the same on every machine."""
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    return np.random.SeedSequence(root, spawn_key=tuple(words))


def stream(root: int, *names: str | int) -> np.random.Generator:
    """Return the generator of the stream called `names`, for instance ("evaluate", "bootstrap")."""
    return np.random.default_rng(_sequence(root, names))


def integer(root: int, *names: str | int) -> int:
    """Return an integer from 0 to 2**32 - 1, for libraries that want their seed as a number."""
    return int(_sequence(root, names).generate_state(1)[0])


def everything(root: int, *names: str | int) -> None:
    """Seed the global generators of Python, NumPy and torch, on the processor and on every GPU."""
    import torch  # here, so that steps without a network need not wait for it

    seed = integer(root, *names)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class NotDeterministic(RuntimeError):
    """torch cannot repeat an operation; the text names it and says what to do."""


ADVICE = (
    "Use another operation in its place, or set `nondeterminism: allowed` in config.yaml: then "
    "results/training.json names it, and two runs may differ."
)
NO_WORKSPACE = (
    "On a GPU the variable CUBLAS_WORKSPACE_CONFIG=:4096:8 has to be set before Python starts. "
    "`python reproduce.py` does it; by hand, set it yourself."
)
NAMED = re.compile(r"(\S+) does not have a deterministic implementation")


@contextmanager
def deterministic(device: str, nondeterminism: str = "refused") -> Iterator[set[str]]:
    """Let torch repeat every byte within; yields a set that names what it could not repeat.

    Raises NotDeterministic, unless that is "allowed": then the set has the names at the end.
    """
    if nondeterminism not in ("refused", "allowed"):
        raise ValueError(f"nondeterminism is refused or allowed, and not {nondeterminism!r}")
    if device.startswith("cuda") and not os.environ.get("CUBLAS_WORKSPACE_CONFIG"):
        raise NotDeterministic(NO_WORKSPACE)
    import torch

    # As torch.use_deterministic_algorithms(True), which also loads the compiler: seconds per step.
    torch.set_deterministic_debug_mode("warn" if nondeterminism == "allowed" else "error")
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False  # it would choose by the clock
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    names: set[str] = set()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")
        try:
            yield names
        except RuntimeError as error:
            found = NAMED.search(str(error))
            if not found:
                raise
            raise NotDeterministic(f"torch cannot repeat {found[1]}. {ADVICE}") from error
    for warning in heard:
        if found := NAMED.search(str(warning.message)):
            names.add(found[1])
        else:
            where = (warning.filename, warning.lineno)
            warnings.warn_explicit(warning.message, warning.category, *where)
