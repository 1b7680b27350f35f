"""Where all randomness of the study comes from: one root seed, and one named stream per purpose.

Streams of different names are statistically independent, so a new one never shifts the others.
There is no global state: whoever needs random numbers is handed a stream, or an integer from one.
"""

import hashlib
import json

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
