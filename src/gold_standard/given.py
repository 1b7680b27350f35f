"""Partial reproduction: the published weights are given, and only what follows is made anew.

For computations that nobody repeats in an afternoon. Only in a room of `verify`: in a person's own
folder it would leave a record of a training that did not take place.
"""

import os
import shutil
import subprocess
from pathlib import Path

from gold_standard.errors import Refusal
from gold_standard.places import without_secrets
from gold_standard.rooms import MARK
from gold_standard.step import sha256

VARIABLE = "GOLD_FROM_MODELS"
# Runs in the study's environment; pooch resolves `doi:…/file`, and keeps nothing of another hash.
FETCH = """
import pathlib, sys, pooch
url, sha256, path = sys.argv[1:]
target = pathlib.Path(path)
pooch.retrieve(url, f"sha256:{sha256}", target.name, target.parent, progressbar=False)
"""


def wanted() -> bool:
    """Whether this run works from the published models."""
    return VARIABLE in os.environ and MARK in os.environ


def trainers(jobs: list, layout) -> list:
    """The jobs of the rules that make models.

    Raises Refusal where there is none: then nothing is given, and nothing saved; and where one
    makes results as well: they would be taken for made anew.
    """
    models = layout.models
    rules = {job.rule for job in jobs if any(_below(path, models) for path in job.outputs)}
    if not rules:
        raise Refusal(
            f"--from-models: no step writes to {models}/, so none can be left out. "
            "Call this without it."
        )
    left_out = [job for job in jobs if job.rule in rules]
    for job in left_out:
        for path in (path for path in job.outputs if _below(path, layout.results)):
            raise Refusal(
                f"--from-models: the step {job.rule} makes {path} together with models, so nobody "
                "would make it anew. Let a step of its own make it."
            )
    return left_out


def provide(run, jobs: list) -> dict[str, str]:
    """Put every output of the jobs that are left out in its place; return their sha256.

    An output is what is committed, or else what [tool.gold-standard.weights] names. Raises Refusal
    for one that is neither.
    """
    weights = run.settings.get("weights", {})
    given = {}
    for job in jobs:
        for path in job.outputs:
            named = [name for name in weights if name == path or _below(name, path)]
            for name in named:
                (run.root / name).parent.mkdir(parents=True, exist_ok=True)
                if not os.path.lexists(run.root / name):
                    _fetch(run.variables(), weights[name], run.root / name)
            if not (run.root / path).exists():
                raise Refusal(
                    f"--from-models: the step {job.rule} makes {path}, which is not committed. "
                    "Commit it, or say in pyproject.toml where it is: "
                    f'[tool.gold-standard.weights] "{path}" = {{url = "…", sha256 = "…"}}.'
                )
            for name in named:
                found = sha256(str(run.root / name))
                if found != weights[name]["sha256"]:
                    raise Refusal(
                        f"{name} is committed, and its sha256 is not that of pyproject.toml: "
                        f"{found}. Correct the one that is wrong."
                    )
            given[path] = sha256(str(run.root / path))
    return given


def _fetch(variables: dict[str, str], source: dict, target: Path) -> None:
    print(f"Getting {target.name}", flush=True)
    python = shutil.which("python", path=variables["PATH"]) or "python"
    command = [python, "-P", "-c", FETCH, source["url"], source["sha256"], str(target)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        more = ": add pooch to the dependencies" if "No module named 'pooch'" in last else ""
        told = without_secrets(f"{source['url']} cannot be had{more}. {last}")
        raise Refusal(f"{told}\nCorrect the address in pyproject.toml, or call this again later.")


def _below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")
