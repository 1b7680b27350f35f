"""The PyTorch study beside the same training as one bare script."""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.bench import BASE, ROOT, Bench
from gold_standard import environment

STUDY, BARE = "the PyTorch study, environments there", "its training as one bare script"
EPOCHS = 30  # for both, without early stopping: else chance would give one of them more work
PATIENCE = "patience: 5  "


def measure(bench: Bench) -> dict:
    """Seconds and the memory of the largest process; both have two cores and train five seeds."""
    study, _ = bench.render(None, "framework=pytorch")
    config = study / "config.yaml"
    text = config.read_text("utf-8")
    if PATIENCE not in text or f"epochs: {EPOCHS} " not in text:
        raise ValueError(f"{config.name} has other epochs or another patience than expected")
    config.write_text(text.replace(PATIENCE, "patience: 0  "), "utf-8")
    cases = {
        STUDY: partial(_study, bench, study),
        BARE: partial(_bare, bench, study),
    }
    bench.turns(cases, 1)  # environments and bytecode
    return bench.turns(cases, bench.repeats(3))


def _study(bench: Bench, study: Path) -> float:
    """All five steps anew, two at a time; a change of config.yaml lets results differ."""
    for made in (".run", "data/raw", "data/processed", "models"):
        shutil.rmtree(study / made, ignore_errors=True)
    return bench.call([BASE, "reproduce.py", "--cores=2"], study, good=(0, 1))


def _bare(bench: Bench, study: Path) -> float:
    python = environment.science(study).python
    [file] = (study / "data" / "raw").glob("*.gz")
    command = [python, ROOT / "benchmarks" / "bare_digits.py", file, bench.fresh("bare") / "made"]
    return bench.call([*command, EPOCHS], study)
