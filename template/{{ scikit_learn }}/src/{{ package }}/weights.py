"""How a fitted model becomes bytes and back: skops, which cannot execute code when it is read."""

import io
import re
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import skops.io

# What skops may build beyond its own list; a file that asks for anything else is refused.
TRUSTED = ["sklearn.tree._tree.Tree"]


def to_bytes(model: Any) -> bytes:
    """Return the model as a skops file that is the same for the same model.

    skops itself writes memory addresses and the time of day; here they are counted and fixed.
    """
    numbers: dict[str, str] = {}

    def count(found: re.Match) -> str:
        return found[1] + numbers.setdefault(found[2], str(len(numbers)))

    target = io.BytesIO()
    with ZipFile(io.BytesIO(skops.io.dumps(model))) as old, ZipFile(target, "w") as new:
        schema = re.sub(r'("__id__": |"file": ")(\d+)', count, old.read("schema.json").decode())
        content = {f"{numbers[name[:-4]]}.npy": name for name in old.namelist()[:-1]}
        new.writestr(_entry("schema.json"), schema)
        for name in sorted(content, key=lambda name: int(name[:-4])):
            new.writestr(_entry(name), old.read(content[name]))
    return target.getvalue()


def _entry(name: str) -> ZipInfo:
    """Return the head of one entry of the zip file, with the same date and system everywhere."""
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
    return entry


def from_bytes(data: bytes) -> Any:
    """Return the model from the bytes of a skops file."""
    return skops.io.loads(data, trusted=TRUSTED)
