"""The run's record: what ran, on what, with which inputs and outputs, and what it took."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import gold_standard
from gold_standard import machine
from gold_standard.digest import study_digest

SCHEMA = 1


def write(run, jobs: list[dict], judge, outcomes: list, ran: bool) -> dict:
    """Write the record of a complete run unless the present one still holds; return it."""
    path = run.root / run.layout.record
    digest = study_digest(run.root, run.git)
    if not ran:
        try:
            present = json.loads(path.read_text(encoding="utf-8"))
            if present["study_digest"] == digest:
                return present
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            pass
    content = _record(run, jobs, judge, outcomes, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return content


def _record(run, jobs: list[dict], judge, outcomes: list, digest: str) -> dict:
    steps = [_step(job, run.done(job)) for job in jobs]
    nodes, busiest = _nodes(run.state / "nodes", steps)
    return {
        "schema": SCHEMA,
        "tool": f"gold-standard {gold_standard.__version__}",
        "layout": run.layout.name,
        "study_digest": digest,
        "git": run.git_state,
        "machine": busiest or run.computer["machine"],
        "environment": run.environment
        | {"tools_lock": run.hash("tools/tools.lock")}
        | machine.torch(run.science.folder),
        "cores": run.computer["cores"],
        **({"nodes": nodes} if nodes else {}),
        "config": run.config,
        "totals": totals(steps),
        "files": _files(run, jobs),
        "given": run.given,
        "comparison": {
            "with": judge.called,
            "tolerance": run.tolerance.declared,
            "files": {outcome.path: _outcome(outcome) for outcome in outcomes},
        },
        "steps": steps,
    }


def _nodes(folder: Path, steps: list[dict]) -> tuple[dict, dict | None]:
    """The nodes of a cluster on which steps ran, as these described themselves, and the busiest.

    None where most steps ran on the computer that was called.
    """
    ran = Counter(step.get("job", {}).get("node") for step in steps)
    names = [name for name, _ in ran.most_common()]
    told = {name: read_json(folder / f"{name}.json") for name in names if name}
    told = {name: description for name, description in told.items() if description}
    return told, told.get(names[0])


def _outcome(outcome) -> dict:
    found = {
        "kind": outcome.kind,
        "by": outcome.by,
        "largest": outcome.largest,
        "where": outcome.where,
        "because": outcome.because,
    }
    return {key: value for key, value in found.items() if value not in ("", None, [])}


def _step(job: dict, done: dict) -> dict:
    start = datetime.fromtimestamp(done["started"], UTC)
    return {
        "rule": job["rule"],
        "wildcards": job["wildcards"],
        "command": done["command"],
        "started": start.isoformat(timespec="seconds"),
        "started_seconds": round(done["started"], 3),
        "wall_seconds": round(done["wall_seconds"], 3),
        "cpu_seconds": None if done["cpu_seconds"] is None else round(done["cpu_seconds"], 3),
        "peak_memory_bytes": done["peak_memory_bytes"],
        "threads": done["threads"],
        "inputs": done["inputs"],
        "outputs": done["outputs"],
    } | ({"job": done["job"]} if "job" in done else {})


def totals(steps: list[dict]) -> dict:
    """Time and memory of the whole: wall time is the time in which at least one step ran."""
    spans = sorted((s["started_seconds"], s["started_seconds"] + s["wall_seconds"]) for s in steps)
    wall, end = 0.0, float("-inf")
    for start, stop in spans:
        wall += max(0.0, stop - max(start, end))
        end = max(end, stop)
    cpu = [step["cpu_seconds"] for step in steps]
    memory = [step["peak_memory_bytes"] for step in steps]
    return {
        "wall_seconds": round(wall, 3),
        "cpu_seconds": None if None in cpu else round(sum(cpu), 3),
        "peak_memory_bytes": None if None in memory else max(memory),
        "started": min(step["started"] for step in steps),
        "steps": len(steps),
    }


def _files(run, jobs: list[dict]) -> dict[str, str | None]:
    """The study's own files that the run depends on, and what they were."""
    made = {path for job in jobs for path in job["outputs"]}
    used = {path for job in jobs for path in job["inputs"]} - made
    return {path: run.hash(path) for path in sorted({*used, *run.sources, *run.locks})}


def read_json(path: Path) -> dict:
    """A file's JSON object; empty where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_text(path: Path, text: str) -> None:
    """Replace a file at once, so that nobody ever finds half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)
