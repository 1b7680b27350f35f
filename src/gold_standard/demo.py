"""`demo`: a trained model, tried by the study's own code on a few cases that it did not learn from.

Which code, cases and model these are is said by one line of pyproject.toml (decision 81).
"""

import shlex
import subprocess
from pathlib import Path

from gold_standard import environment, layout, record
from gold_standard.errors import Refusal
from gold_standard.run import steps_environment
from gold_standard.step import sha256

WHERE = "pyproject.toml, [tool.gold-standard]"
# What libraries for models ask before they look for something on the network.
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE")


def main(root: Path, options) -> int:
    """Let the study tell what a model predicts; return 0.

    Raises Refusal where there is no command, no model, no cases, or where the command fails.
    """
    settings = layout.read_settings(root)
    # What is controlled stays off the screens of an audience: there the stand-in is shown.
    kind = layout.STANDIN if settings.get("data_access") == "controlled" else layout.REAL
    words = command(settings, kind)
    if not (root / words[0]).is_file():
        raise Refusal(f"{WHERE}: demo names {words[0]}, which is not there. Name the script.")
    shown = [word for word in words if word.startswith((f"{kind.models}/", f"{kind.results}/"))]
    if not shown:  # nothing could be told of them
        raise Refusal(
            f"{WHERE}: demo names neither a model nor cases. Write each as a word of its own, "
            "such as --model {models}/seed_1.skops."
        )
    for path in shown:
        _refuse_missing(root, path, kind, settings)
    print(f"{' and '.join(shown)}, by {words[0]}:", flush=True)
    venv = environment.science(root).folder
    variables = steps_environment(root, root / kind.state, 1, venv) | dict.fromkeys(OFFLINE, "1")
    python = str(venv / environment.BIN / environment.PYTHON)
    if subprocess.run([python, *words], cwd=root, env=variables, check=False).returncode:
        raise Refusal(
            f"{words[0]} failed on {' and '.join(shown)}; what it said stands above. "
            f"Model and code may be of two different times: {_run(kind)} makes both agree."
        )
    print(evidence(root, kind, shown))
    return 0


def command(settings: dict, kind: layout.Layout) -> list[str]:
    """The words of the demonstration. Raises Refusal where there are none, or unreadable ones."""
    asked = settings.get("demo")
    if not asked:
        raise Refusal(
            f"This study has no demonstration: {WHERE} has no line `demo`. Write one that calls a "
            'script of yours, such as demo = "scripts/demo.py --model {models}/seed_1.skops".'
        )
    try:
        words = [word.format(**kind.pathvars) for word in shlex.split(asked)]
        script, *more = words[words[0] == "python" :]
        return [script, *more]
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise Refusal(
            f"{WHERE}: demo = {asked!r} cannot be read. "
            f"In braces it names nothing but {', '.join(kind.pathvars)}."
        ) from error


def _run(kind: layout.Layout) -> str:
    return "python reproduce.py" + (" --standin" if kind is layout.STANDIN else "")


def _refuse_missing(root: Path, path: str, kind: layout.Layout, settings: dict) -> None:
    if (root / path).exists():
        return
    what = "model" if path.startswith(f"{kind.models}/") else "cases"
    source = settings.get("weights", {}).get(path)
    or_else = f", or put there what {source['url']} has" if source else ""
    raise Refusal(
        f"{path} is not there yet, the {what} of the demonstration. Run {_run(kind)}{or_else}."
    )


def evidence(root: Path, kind: layout.Layout, shown: list[str]) -> str:
    """Whether one recorded run made all that was shown: model and cases of two runs may overlap."""
    steps = record.read_json(root / kind.record).get("steps", [])
    made = {path: digest for step in steps for path, digest in step["outputs"].items()}
    other = [path for path in shown if made.get(path) != sha256(str(root / path))]
    if other:
        return (
            f"Take care: {' and '.join(other)} did not come out of the run that {kind.record} "
            "tells of, so nothing shows that this model did not learn from these cases. "
            f"{_run(kind)} makes them anew."
        )
    told = f"The run that {kind.record} tells of made them"
    standin = "; the cases are synthetic" if kind is layout.STANDIN else ""
    return f"{told}, from a part of the data that no training saw{standin}."
