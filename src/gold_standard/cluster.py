"""Beyond one machine: what a profile of Snakemake and config.yaml say about jobs on a cluster.

`--profile NAME` reads profiles/NAME/config.yaml, a profile as Snakemake knows it. Which executor
that names is its own business; what is said of Slurm here is what Slurm's executor leaves open.
"""

import contextlib
import difflib
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from gold_standard import _immutables, layout
from gold_standard.errors import Refusal
from gold_standard.record import read_json

# Those of Snakemake's options that a run passes on; the executor's own come on top.
KNOWN = (
    "executor", "jobs", "local-cores", "default-resources", "set-resources", "set-threads",
    "latency-wait", "retries", "max-status-checks-per-second", "seconds-between-status-checks",
    "max-jobs-per-timespan",
)  # fmt: skip
EVERY = "default"  # what config.yaml calls all steps for which it says nothing else
HERE = ("local", "dryrun", "touch")  # executors that are no cluster
MEANINGS = {
    "CANCELLED": "it was cancelled",
    "DEADLINE": "it could not end before its deadline",
    "FAILED": "it failed",
    "NODE_FAIL": "the node failed",
    "OUT_OF_MEMORY": "it took more memory than it may; config.yaml, resources, gives more mem_mb",
    "PREEMPTED": "it had to give way to another job",
    "TIMEOUT": "it took more time than it may; config.yaml, resources, gives more runtime",
}
# What Slurm's executor understands; another name would be passed over in silence.
OF_SLURM = (
    "mem_mb", "mem", "mem_mb_per_cpu", "runtime", "gpu", "gpu_model", "gres", "slurm_partition",
    "slurm_account", "slurm_extra", "slurm_cluster", "constraint", "qos", "nodes", "tasks",
    "tasks_per_node", "tasks_per_gpu", "cpus_per_task", "cpus_per_gpu", "mpi", "disk_mb", "tmpdir",
)  # fmt: skip
NUMBERS = ("mem_mb", "mem_mb_per_cpu", "gpu", "nodes", "tasks", "cpus_per_task", "cpus_per_gpu")
# Why a job waits that will not wait for ever; every other reason is told.
PASSING = (
    "None",
    "Priority",
    "Resources",
    "Dependency",
    "BeginTime",
    "Prolog",
    "JobArrayTaskLimit",
)
PATIENCE = 60  # seconds that a cancelled job may take to end


class Cluster:
    """One profile of a study, as its runs use it."""

    def __init__(self, root: Path, name: str, config: dict, state: Path) -> None:
        """Raises Refusal for a profile or a block `resources` of config.yaml that is faulty."""
        self.name = name
        self._file = f"profiles/{name}/config.yaml"
        self._config = config
        if set('$`"%\\') & set(str(root)):
            raise Refusal(
                f"The path of this folder, {root}, has a character that command lines of a cluster "
                'take for their own: name its folders without $, `, ", % and \\.'
            )
        self._root, self._state = root, state
        self.over = state / "over.json"
        self._preempted: set[str] = set()
        self._told: set[str] = set()
        try:
            said = layout.read_yaml(root / self._file)
        except Refusal as refusal:  # there is another file of that name
            raise Refusal(str(refusal).replace("config.yaml", self._file, 1)) from refusal
        said = {str(key).replace("_", "-"): value for key, value in said.items()}
        self.executor = str(said.get("executor") or "")
        self._refuse_unknown(said)
        self._asked = _asked(config, OF_SLURM if self.executor == "slurm" else ())
        self._refuse_elsewhere()
        self._options = self._parse(root, said)

    def resources(self) -> dict:
        """Snakemake's settings of what jobs may take, and what stands in for the shell there."""
        from snakemake.resources import Resources

        said = self._options
        shell = _parsed({"shell_exec": str(self._state / "step")})
        default = said.default_resources or Resources.default("full")
        cores = _parsed({"cpus_per_task": self._config.get("threads", 1)})
        rules = {*said.set_resources, *self._asked} - {EVERY}
        return {
            "nodes": said.jobs,
            "local_cores": said.local_cores,
            "overwrite_threads": said.set_threads,
            "default_resources": _merged(
                default, cores, _parsed(self._asked.get(EVERY, {})), shell
            ),
            "overwrite_resources": {
                rule: _merged(said.set_resources.get(rule, {}), _parsed(self._asked.get(rule, {})))
                for rule in rules
            },
        }

    def how(self) -> dict:
        """The arguments with which Snakemake executes a workflow there."""
        from snakemake.settings.types import RemoteExecutionSettings
        from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

        said = self._options
        if self.executor == "slurm":
            said.slurm_jobname_prefix = _prefix(self._state)
            said.slurm_logdir = str(self._state / "logs" / "slurm")
            self._look_closer()
            _ask_at_least_every(said.seconds_between_status_checks)
        plugin = ExecutorPluginRegistry().get_plugin(self.executor)
        # Goes without quotes into the jobs' command lines; they begin in the study's folder.
        sys.executable = os.path.relpath(sys.executable, self._root)
        checks = said.max_status_checks_per_second
        return {
            "executor": self.executor,
            "executor_settings": plugin.get_settings(said),
            "remote_execution_settings": RemoteExecutionSettings(
                max_status_checks_per_second=checks,
                seconds_between_status_checks=said.seconds_between_status_checks,
            ),
            "execution": {"latency_wait": said.latency_wait, "retries": said.retries},
        }

    def _look_closer(self) -> None:
        """Let the executor not wait for ever for a job that Slurm pre-empted for good, or forgot.

        One that is queued again is called PENDING. Of one that is forgotten its own record decides.
        """
        import snakemake_executor_plugin_slurm as plugin

        ask, seen, missed = plugin.query_job_status, set(), set()

        async def query(*arguments):
            found, seconds = await ask(*arguments)
            if found is None:
                return found, seconds
            gone = {job for job, status in found.items() if status == "PREEMPTED"}
            self._preempted |= gone
            forgotten = missed & (seen - set(found))
            missed.clear()
            missed.update(seen - set(found))
            seen.update(found)
            self._tell_waiting()
            return {
                **found, **dict.fromkeys(gone, "CANCELLED"), **dict.fromkeys(forgotten, "UNKNOWN")
            }, seconds  # fmt: skip

        plugin.query_job_status = query

    def _tell_waiting(self) -> None:
        """Say once why jobs wait where that does not pass by itself, such as a limit."""
        rows = [line.split() for line in (_queue(self._state, "%r", "--states=PENDING") or [])]
        for number, reason in (row for row in rows if len(row) == 2):
            if reason not in self._told and reason.strip("()") not in PASSING:
                self._told.add(reason)
                print(f"  Slurm keeps job {number} waiting: {reason}. If that does not pass, stop "
                      "with Ctrl-C and change config.yaml, resources.", flush=True)  # fmt: skip

    def refuse_unknown_rules(self, rules: set[str]) -> None:
        """Raise Refusal where config.yaml gives resources to a step that does not exist."""
        for rule in self._asked:
            if rule not in {*rules, EVERY}:
                hint = _nearest(rule, rules)
                raise Refusal(f"config.yaml, resources: there is no step {rule}.{hint}")

    def keep(self, over: dict) -> Path:
        """Write the whole configuration where the nodes read it.

        An edit of config.yaml meanwhile must not reach jobs that wait, and on a command line all
        numbers would become texts.
        """
        self.over.write_text(json.dumps(self._config | over), encoding="utf-8")
        return self.over

    def _refuse_elsewhere(self) -> None:
        if self.executor == "slurm" and not shutil.which("sbatch"):
            raise Refusal(
                "There is no command sbatch here: call this on a computer of the cluster from "
                "which jobs are submitted, often called its login node."
            )

    def wait_for(self, paths: list[Path]) -> None:
        """Wait until a shared disk shows here what the nodes wrote there."""
        end = time.monotonic() + self._options.latency_wait
        for path in paths:
            while not path.exists() and time.monotonic() < end:
                time.sleep(0.2)
                os.listdir(path.parent)  # makes some of them look again

    def explain(self, step: str, why: str) -> list[str]:
        """What is known of the job of a step that failed, in lines for people."""
        job = read_json(self._state / "jobs" / f"{step}.json")
        number, status = _found(r"SLURM-job '(\d+)'", why), _found(r"status is: '(\w+)'", why)
        status = "PREEMPTED" if number in self._preempted else status
        refused = _found(r"(?s)The error message was '(.*?)'\.?\n", why)
        if not status:
            refused = refused or ("" if job else why.strip())
            return [f"Slurm did not take the job: {refused}"] if refused else []
        node = f" on {job['node']}" if job else ""
        lines = [f"Slurm's job {number}{node}: {MEANINGS.get(status, status)}."]
        logs = [*self._state.glob(f"logs/slurm/**/{number}.log")] if number else []
        said = [log for log in logs if log.stat().st_size]
        if not job and status == "FAILED":
            lines.append(
                f"It never began. Do the nodes see the folder {self._root} under this path, on a "
                "disk that all share, and the Python that .venv was made with?"
            )
            for log in said:
                lines += [
                    f"    {line}" for line in log.read_text("utf-8", "replace").splitlines()[-8:]
                ]
        return lines + [f"What Slurm wrote: {log}" for log in said]

    def _refuse_unknown(self, said: dict) -> None:
        if not self.executor or self.executor in HERE:
            raise Refusal(f"{self._file}: name the executor of a cluster, as in `executor: slurm`.")
        for key in said:
            if key not in KNOWN and not key.startswith(f"{self.executor}-"):
                raise Refusal(f"{self._file}: a run passes no `{key}` on.{_nearest(key, KNOWN)}")

    def _parse(self, root: Path, said: dict):
        """The profile as Snakemake's command line reads it."""
        _immutables.install()
        from snakemake.cli import get_argument_parser
        from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

        if not ExecutorPluginRegistry().is_installed(self.executor):
            raise Refusal(
                f"{self._file} wants the executor {self.executor}, which profiles/{self.name}/"
                "tools.lock does not bring: add it there, or name another."
            )
        told = io.StringIO()
        try:
            with contextlib.redirect_stderr(told):
                options = get_argument_parser([root / "profiles" / self.name]).parse_args([])
        except (SystemExit, Exception) as error:
            why = told.getvalue().strip().rpartition("error: ")[2] or error
            raise Refusal(f"{self._file} cannot be read: {why}. Correct it there.") from error
        if type(options.jobs) is not int or options.jobs < 1:
            raise Refusal(
                f"{self._file}: say how many jobs there are at a time, as in `jobs: 100`."
            )
        if self.executor == "slurm" and "slurm-status-command" not in said:
            options.slurm_status_command = _status_command()
        return options


def _ask_at_least_every(seconds: int) -> None:
    """Let Slurm's executor wait no longer between two looks at the queue.

    By itself it waits ten seconds longer each time, so a small study would wait more than work.
    """
    from snakemake_executor_plugin_slurm import Executor

    wait = Executor.next_seconds_between_status_checks

    def set_wait(executor, wish: int) -> None:
        wait.fset(executor, min(wish, seconds))

    Executor.next_seconds_between_status_checks = wait.setter(set_wait)


def end_orphans(state: Path, host: str) -> None:
    """Cancel the jobs in Slurm that a killed call left: they would write over the new run.

    `host` is where that call ran. Raises Refusal where they do not end, where nobody knows of
    them, and where that call may be alive, on another computer that our lock does not reach.
    """
    orphans = _queue(state)
    if orphans is None:
        raise Refusal(
            "An interrupted call may have left jobs in Slurm's queue, and squeue does not answer "
            "here: call this again where it does."
        )
    if orphans and host != platform.node():
        raise Refusal(
            f"A call on {host} has jobs in the queue: {', '.join(orphans)}. If it works no more, "
            f"end them, and call this again: scancel {' '.join(orphans)}"
        )
    if orphans:
        print(f"Cancelling jobs that an interrupted call left: {', '.join(orphans)}.", flush=True)
        _call("scancel", *orphans)
    end = time.monotonic() + PATIENCE
    while left := _queue(state):
        if time.monotonic() > end:
            raise Refusal(f"Jobs {', '.join(left)} do not end. Call this again when they have.")
        time.sleep(1)


def _queue(state: Path, what: str = "", *more: str) -> list[str] | None:
    """The jobs of this study in Slurm's queue, with what is asked of them; None for no answer."""
    asked = ["squeue", "--noheader", "--user", str(os.getuid()), "--format", f"%j %i {what}", *more]
    said = _call(*asked)
    mine = f"{_prefix(state)}_"
    rows = None if said is None else [line.strip().partition(" ") for line in said.splitlines()]
    return rows and [rest for name, _, rest in rows if name.startswith(mine)]


def _prefix(state: Path) -> str:
    """How the names of a study's jobs begin, also for the call after one that was killed."""
    return f"gold-{hashlib.sha256(str(state).encode()).hexdigest()[:16]}"


def _status_command() -> str:
    """Which of Slurm's commands knows how a job ended: without accounting only the queue does."""
    said = _call("scontrol", "show", "config") or ""
    storage = [line for line in said.splitlines() if line.startswith("AccountingStorageType")]
    return "sacct" if any("slurmdbd" in line for line in storage) else "squeue"


def _asked(config: dict, known: tuple[str, ...]) -> dict:
    """What config.yaml says that the jobs of each step may take; the executor's names, if known."""
    asked = config.get("resources") or {}
    rows = asked.items() if isinstance(asked, dict) else [("", None)]
    for step, wishes in rows:
        if (
            type(step) is not str
            or not isinstance(wishes, dict)
            or not all(map(_fits, wishes.items()))
        ):
            raise Refusal(
                "config.yaml, resources: a line names a step and what its job may take, such as "
                "`train: {mem_mb: 4000, runtime: 30}`: MB and minutes, as whole numbers."
            )
        for wish in wishes:
            if known and wish not in known:
                raise Refusal(
                    f"config.yaml, resources, {step}: Slurm has no {wish}.{_nearest(wish, known)}"
                )
    return asked


def _fits(wish: tuple) -> bool:
    name, value = wish
    return type(value) is int or (type(value) is str and name not in NUMBERS)


def _parsed(wishes: dict):
    from snakemake.resources import Resources

    words = [f"{key}={json.dumps(wish)}" for key, wish in wishes.items()]
    try:
        return Resources.parse(words, allow_expressions=True)
    except Exception as error:
        raise Refusal(f"config.yaml, resources: {error}. Correct it there.") from error


def _merged(*groups):
    from snakemake.resources import Resources

    return Resources({key: value for group in groups for key, value in group.items()})


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


def _nearest(word: str, known) -> str:
    near = difflib.get_close_matches(word, [*known], n=1)
    return f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(known))}."


def _call(*words: str) -> str | None:
    """What one of Slurm's commands says; None where it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout
