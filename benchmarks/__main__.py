"""Measure, print, and keep what a full run found: `python3 develop.py bench`."""

import argparse
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import gold_standard
from benchmarks import (
    checking,
    elsewhere,
    environments,
    jobs,
    publishing,
    rendering,
    report,
    reproducing,
    training,
)
from benchmarks.bench import BASE, ROOT, Bench, Noise
from gold_standard import machine

PARTS = {
    "rendering": rendering.measure,
    "environments": environments.measure,
    "reproducing": reproducing.measure,
    "verifying": reproducing.measure_verifying,
    "nothing": reproducing.measure_nothing,
    "jobs": jobs.measure,
    "checking": checking.measure,
    "training": training.measure,
    "cluster": elsewhere.measure_cluster,
    "container": elsewhere.measure_container,
    "publishing": publishing.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python3 develop.py bench", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="few turns, no thousand jobs")
    parser.add_argument("--only", choices=PARTS, action="append", help="leave the other parts out")
    parser.add_argument("--keep", action="store_true", help="with --only: write these parts anew")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results = measure(Bench(Path(folder), options.quick), options.only or list(PARTS))
    print("\n".join(["", *(" | ".join(filter(None, row)) for row in report.rows(results))]))
    if options.keep and options.only and not options.quick:
        kept = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
        parts = {**kept["parts"], **results["parts"]}
        results = {**kept, "parts": {name: parts[name] for name in PARTS if name in parts}}
    if options.quick or (options.only and not options.keep):
        print(
            "README.md and benchmarks/results.json are as they were: a full run or --keep writes."
        )
    else:
        report.write(results, ROOT)
        print("Written: benchmarks/results.json and the table in README.md.")
    return 0


def measure(bench: Bench, names: list[str]) -> dict:
    """Run the parts; return all that was found, and on what."""
    parts = {}
    for name in names:
        noise = Noise()
        day = datetime.now(UTC).date().isoformat()
        parts[name] = PARTS[name](bench) | {"others": noise.share(), "date": day}
        print("\n".join(report.part_lines(name, parts[name])), flush=True)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine.describe(),
        "versions": versions(),
        "notes": bench.notes,
        "parts": parts,
    }


def versions() -> dict[str, str]:
    """Of everything that was measured."""
    pip = subprocess.run([BASE, "-m", "pip", "--version"], capture_output=True, text=True).stdout
    found = {"python": platform.python_version(), "gold-standard": gold_standard.__version__}
    found |= {name: importlib.metadata.version(name) for name in ("copier", "snakemake", "uv")}
    found["pip"] = pip.split()[1] if pip else "not there"
    for lock in sorted((ROOT / "benchmarks" / "peers").glob("*.lock")):
        pin = re.search(rf"^{lock.stem}(?:-python)?==(\S+)", lock.read_text("utf-8"), re.MULTILINE)
        found[lock.stem] = pin[1]
    return found


if __name__ == "__main__":
    sys.exit(main())
