"""What is said about the computer, where the answer can be known."""

import os
import stat

from gold_standard import machine


def nvidia_smi(folder, says, monkeypatch):
    """Put a command of that name first on the PATH."""
    script = folder / "nvidia-smi"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_every_graphics_card_is_named_with_its_memory(tmp_path, monkeypatch):
    says = "NVIDIA H200, 143771, 580.95.05\nNVIDIA H200, 143771, 580.95.05"
    nvidia_smi(tmp_path, says, monkeypatch)
    card = {"model": "NVIDIA H200", "memory_mib": 143771, "driver": "580.95.05"}
    assert machine.describe()["gpus"] == [card, card]


def test_a_driver_without_cards_is_no_card(tmp_path, monkeypatch):
    nvidia_smi(
        tmp_path, "NVIDIA-SMI has failed because it could not talk to the driver", monkeypatch
    )
    assert machine.describe()["gpus"] == []


def test_the_usable_cores_are_those_of_this_process():
    here = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    assert 1 <= machine.usable_cores() <= os.cpu_count()
    if len(here) > 1:
        os.sched_setaffinity(0, {min(here)})
        try:
            assert machine.usable_cores() == 1
        finally:
            os.sched_setaffinity(0, here)
