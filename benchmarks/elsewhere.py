"""The default study on a Slurm cluster and in a container, beside the same on the bare machine."""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.bench import BASE, Bench, take_turns
from tests import cluster

BARE = "the default study, two cores, environments there"
SLURM = "the same as jobs of Slurm, two nodes on this machine"
MADE = (".run", "data/raw", "data/processed", "models", "record")


def measure_cluster(bench: Bench) -> dict:
    """Seconds of a complete run with and without a profile; one job for each of nine steps."""
    if why := cluster.missing():
        bench.note(f"{SLURM} was left out: {why}")
        return {"seconds": {}}
    study, _ = bench.render(None, 'add_ons=["cluster"]')
    with cluster.Slurm():
        cases = {
            SLURM: partial(_anew, bench, study, "--profile=slurm"),
            BARE: partial(_anew, bench, study, "--cores=2"),
        }
        take_turns(cases, 1)  # environments and bytecode
        return {"seconds": take_turns(cases, bench.repeats(3))}


def _anew(bench: Bench, study: Path, *options: str) -> float:
    for made in MADE:
        shutil.rmtree(study / made, ignore_errors=True)
    return bench.call([BASE, "reproduce.py", *options], study)
