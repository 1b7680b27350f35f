"""The default study on a Slurm cluster and in a container, beside the same on the bare machine."""

import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.bench import BASE, ROOT, Bench, Failed

sys.path.append(str(ROOT / "tests"))  # a Slurm and an image are made as the tests make them

BARE = "the default study, two cores, environments there"
SLURM = "the default study as jobs of Slurm, two nodes on this machine"
CONTAINER = "the default study in its container"
MADE = (".run", "data/raw", "data/processed", "models", "record")


def measure_cluster(bench: Bench) -> dict:
    """Seconds of a complete run with and without a profile; one job for each of nine steps."""
    import cluster

    if why := cluster.missing():
        bench.note(f"{SLURM} was left out: {why}")
        return {"seconds": {}}
    study, _ = bench.render(None, 'add_ons=["cluster"]')
    with cluster.Slurm():
        cases = {
            SLURM: partial(_anew, bench, study, "--profile=slurm"),
            BARE: partial(_anew, bench, study, "--cores=2"),
        }
        bench.turns(cases, 1)  # environments and bytecode
        return bench.turns(cases, bench.repeats(3))


def measure_container(bench: Bench) -> dict:
    """Seconds of a complete run in an image that is there, and in a folder beside it."""
    import containers

    lacking = [name for name in ("buildah", "mmdebstrap", "git") if not shutil.which(name)]
    if lacking or os.geteuid():
        bench.note(f"{CONTAINER} was left out: it needs root and {' '.join(lacking) or 'nothing'}")
        return {"seconds": {}}
    study, _ = bench.render()
    engine = containers.Engine(bench.fresh("store"))
    try:
        image = engine.build(study, engine.base("bookworm"))
        bench.note(f"the image has {engine.size(image)} MB, with its base")
        cases = {
            CONTAINER: partial(_inside, engine, image),
            BARE: partial(_anew, bench, study, "--cores=2"),
        }
        bench.turns(cases, 1)
        return bench.turns(cases, bench.repeats(3))
    finally:
        engine.close()


def _anew(bench: Bench, study: Path, *options: str) -> float:
    for made in MADE:
        shutil.rmtree(study / made, ignore_errors=True)
    return bench.call([BASE, "reproduce.py", *options], study)


def _inside(engine, image: str) -> float:
    started = time.perf_counter()
    done = engine.run(image)
    if done.returncode:
        raise Failed(f"the container ended with {done.returncode}: {done.stderr[-300:]}")
    return time.perf_counter() - started
