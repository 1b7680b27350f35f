"""Run one step's command and write down what it took: Snakemake calls this in place of the shell.

It starts once per step, so it imports the standard library only and nothing of this package.
A record of a step exists only if its command succeeded and its outputs are there (design law 9).
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "GOTO_NUM_THREADS",
    "BLIS_NUM_THREADS",
)

# Which profile's jobs the steps are; not set where they run on this machine.
PROFILE = "GOLD_PROFILE"

SNAKEMAKE_STAMP = ".snakemake_timestamp"  # put into folders that are outputs, after the step


def step_id(command: str) -> str:
    """Name of a step: a hash of its command; only white space around it does not count."""
    return hashlib.sha256(command.strip().encode()).hexdigest()[:24]


def sha256(path: str) -> str:
    """sha256 of a file's content, or of the names and contents below a folder.

    Raises FileNotFoundError.
    """
    if os.path.isdir(path):
        digest = hashlib.sha256()
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(set(names) - {SNAKEMAKE_STAMP}):
                inner = os.path.join(folder, name)
                line = f"{os.path.relpath(inner, path)}\0{sha256(inner)}\n"
                digest.update(line.replace(os.sep, "/").encode())
        return digest.hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shell_command(command: str) -> list[str] | str:
    """The command as Snakemake itself would start it: strict bash where there is one, else sh."""
    if os.name == "nt":
        return command
    bash = shutil.which("bash")
    return [bash, "-c", f"set -euo pipefail; {command}"] if bash else ["sh", "-c", command]


def run(command: str) -> tuple[int, dict]:
    """Run the command; return its exit status and what it took (seconds, bytes)."""
    threads = os.environ.get("GOLD_THREADS", "1")
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, threads)
    started = time.time()
    clock = time.perf_counter()
    child = subprocess.Popen(shell_command(command), env=environment, shell=os.name == "nt")
    # Ctrl-C reaches the child as well: this process stays to tell how it ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    status, cpu, memory = _wait(child)
    return status, {
        "started": started,
        "wall_seconds": time.perf_counter() - clock,
        "cpu_seconds": cpu,
        "peak_memory_bytes": memory,
        "threads": int(threads),
    }


def _wait(child: subprocess.Popen) -> tuple[int, float | None, int | None]:
    """Exit status, CPU seconds and peak memory in bytes of the largest process, from the system."""
    if not hasattr(os, "wait4"):  # Windows keeps no such account: say nothing rather than guess.
        return child.wait(), None, None
    while True:
        try:
            _, status, usage = os.wait4(child.pid, 0)
            break
        except InterruptedError:
            continue
    child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def main(command: str) -> int:
    """Run one step; write its record where the plan says; return its exit status."""
    state = os.environ["GOLD_STATE"]
    name = step_id(command)
    try:
        with open(os.path.join(state, "plan", f"{name}.json"), encoding="utf-8") as file:
            step = json.load(file)
    except FileNotFoundError:
        sys.exit(f"this command is not part of the plan and would leave no record: {command}")
    job = cluster_job() if PROFILE in os.environ else None
    if job:
        _write(os.path.join(state, "jobs", f"{name}.json"), job)
        _describe_node(os.path.join(state, "nodes", f"{job['node']}.json"))
    step["inputs"] = {path: sha256(path) for path in step["inputs"]}
    status, taken = run(command)
    if status:
        return status if status > 0 else 128 - status
    try:
        step["outputs"] = {path: sha256(path) for path in step["outputs"]}
    except FileNotFoundError:
        return 0  # Snakemake names the missing output better than we could.
    taken |= {"job": job} if job else {}
    _write(os.path.join(state, "done", f"{name}.json"), step | {"command": command} | taken)
    return 0


def cluster_job() -> dict:
    """Where this step runs, and in Slurm as which job and after how many seconds in the queue."""
    import platform
    from datetime import datetime

    number = os.environ.get("SLURM_JOB_ID")
    if not number:
        return {"node": platform.node()}
    job = {"node": os.environ.get("SLURMD_NODENAME", platform.node()), "id": number}
    try:
        # Submitted, started (both in UTC, as TZ says), partition. Restarted: of the last start.
        asked = ["squeue", "--noheader", "--job", number, "--format", "%V|%S|%P"]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=30).stdout
        submitted, started, partition = said.strip().split("|")
        waited = datetime.fromisoformat(started) - datetime.fromisoformat(submitted)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return job  # nothing that a result depends on
    return job | {"partition": partition, "waited_seconds": waited.total_seconds()}


def _describe_node(path: str) -> None:
    """Let a node describe itself, the first time that a step runs there."""
    if not os.path.exists(path):
        asked = [sys.executable, "-P", "-m", "gold_standard.machine"]
        said = subprocess.run(asked, capture_output=True, text=True).stdout
        if said:
            _write(path, json.loads(said))


def _write(path: str, content: dict) -> None:
    part = f"{path}.{os.getpid()}.part"
    with open(part, "w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file)
    os.replace(part, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1]))
