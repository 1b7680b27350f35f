"""How a network becomes bytes and back: safetensors, which cannot execute code when it is read.

A file has one key of metadata, since the order of several differs from run to run.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

import safetensors.torch
import torch
from torch import Tensor, nn

from .model import Network, Options
from .train import Course


def to_bytes(weights: Mapping[str, Tensor], options: Options) -> bytes:
    """Return weights and the options of their network as a safetensors file, in 32 bits.

    Rounded so, the file is half as large, and the last digits are gone in which processors differ.
    """
    rounded = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    return _pack(rounded, {"network": asdict(options)})


def from_bytes(data: bytes) -> nn.Module:
    """Return the network from the bytes of a safetensors file, in 64 bits on the processor."""
    network = Network(Options(**_about(data)["network"])).double()
    network.load_state_dict(safetensors.torch.load(data))
    return network


def key(*what: str | bytes) -> str:
    """Return a name for a training that begins with all this: a checkpoint of another is no use."""
    each = (part.encode() if isinstance(part, str) else part for part in (torch.__version__, *what))
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in each)).hexdigest()


def checkpoint(course: Course, key: str) -> bytes:
    """Return all that a training needs to go on later; `key` says which training it is."""
    tensors = {f"network.{name}": value for name, value in course.network.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in course.best.items()}
    for number, values in course.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{k}": torch.as_tensor(v) for k, v in values.items()}
    return _pack(tensors, {"key": key, "curve": course.curve})


def resume(course: Course, data: bytes, key: str) -> bool:
    """Bring a training to where a checkpoint left it; say no if it is one of another training."""
    about = _about(data)
    if about["key"] != key:
        return False
    kept: dict[str, dict] = {"network": {}, "best": {}, "optimizer": {}}
    for name, value in safetensors.torch.load(data).items():
        kind, _, rest = name.partition(".")
        kept[kind][rest] = value
    course.network.load_state_dict(kept["network"])
    course.best, course.curve = kept["best"], about["curve"]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in kept["optimizer"].items():
        number, _, rest = name.partition(".")
        state.setdefault(int(number), {})[rest] = value
    whole = course.optimizer.state_dict()
    course.optimizer.load_state_dict(whole | {"state": state})
    return True


def _pack(tensors: dict[str, Tensor], about: dict) -> bytes:
    content = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    return safetensors.torch.save(content, {"about": json.dumps(about)})


def _about(data: bytes) -> dict:
    """Return the metadata of a safetensors file; its head begins with its own length."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["about"])
