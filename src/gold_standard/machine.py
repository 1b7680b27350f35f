"""The computer that a run was made on, as the silver standard wants it told."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from gold_standard.environment import site


def describe() -> dict:
    """Operating system, processor, memory (bytes) and graphics cards of this computer."""
    return {
        "system": _system(),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "cpu": {
            "model": _cpu_model(),
            "cores": psutil.cpu_count(logical=False),
            "threads": psutil.cpu_count(logical=True),
            "usable": usable_cores(),
        },
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": _gpus(),
    }


def usable_cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _system() -> str:
    if sys.platform == "linux":
        try:
            return platform.freedesktop_os_release()["PRETTY_NAME"]
        except (OSError, KeyError):
            return platform.platform()
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.version()}"


def _cpu_model() -> str:
    if sys.platform == "linux":
        try:
            with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
                found = [line.split(":", 1)[1] for line in file if line.startswith("model name")]
            return found[0].strip() if found else platform.machine()
        except OSError:
            return platform.machine()
    if sys.platform == "darwin":
        return _say(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.processor()
    return platform.processor() or platform.machine()


def _gpus() -> list[dict]:
    """Model and memory (MiB) of each NVIDIA card; an empty list where none can be asked for."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version",
             "--format=csv,noheader,nounits"]  # fmt: skip
    rows = [line.split(", ") for line in (_say(query) or "").splitlines()]
    return [
        {"model": row[0], "memory_mib": int(row[1]), "driver": row[2]}
        for row in rows
        if len(row) == 3 and row[1].isdigit()
    ]


def torch(venv: Path) -> dict:
    """The version of torch in an environment, and of the CUDA that it was built with.

    Read from its files, as importing it takes a second; empty where there is no torch.
    """
    try:
        folder = site(venv)
        text = (folder / "torch" / "version.py").read_text(encoding="utf-8")
    except (OSError, StopIteration):
        return {}
    found = dict(
        re.findall(r"^(__version__|cuda)\b[^=\n]*= *['\"]([^'\"]+)['\"]", text, re.MULTILINE)
    )
    cudnn = [path.name.split("-")[1] for path in folder.glob("nvidia_cudnn_cu*-*.dist-info")]
    return {
        "torch": {
            "version": found.get("__version__"),
            "cuda": found.get("cuda"),
            "cudnn": cudnn[0].removesuffix(".dist") if cudnn else None,
        }
    }


def _say(command: list[str]) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":  # a node of a cluster tells what it is
    print(json.dumps(describe()))
