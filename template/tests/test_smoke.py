"""Shows that the whole study runs, on a small sample and apart from the real results."""

import subprocess
import sys
from pathlib import Path


def test_the_smoke_run_finishes():
    study = Path(__file__).resolve().parent.parent
    command = [sys.executable, "reproduce.py", "--smoke"]
    done = subprocess.run(command, cwd=study, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (study / "runs/smoke/results/metrics.csv").is_file()
