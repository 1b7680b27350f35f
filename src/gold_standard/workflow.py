"""Snakemake, in this process: what the jobs are, and running those that are due.

This and cluster.py are all that touches Snakemake; tools.lock pins its version.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gold_standard import _immutables
from gold_standard.cluster import Cluster
from gold_standard.errors import Refusal
from gold_standard.step import step_id

_immutables.install()


@dataclass(frozen=True)
class Job:
    """One job of the workflow: a rule with its wildcards filled in; paths relative to the study."""

    id: str
    rule: str
    wildcards: dict[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    log: str | None

    @property
    def label(self) -> str:
        """What people call it: `train seed=2`."""
        return " ".join([self.rule, *(f"{key}={value}" for key, value in self.wildcards.items())])


class _Ear(logging.Handler):
    """Hears what Snakemake reports: keeps its errors, passes on which step starts and ends how."""

    def __init__(self, listen: Callable[..., None]) -> None:
        super().__init__()
        self.errors: list[str] = []
        self._listen = listen
        self._steps: dict[int, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        event = str(getattr(record, "event", None))
        if event == "job_info" and record.shellcmd:
            self._steps[record.jobid] = step_id(record.shellcmd)
            self._listen("start", self._steps[record.jobid])
        elif event == "job_finished" and record.job_id in self._steps:
            self._listen("finish", self._steps[record.job_id])
        elif event == "job_error" and record.jobid in self._steps:
            self._listen("fail", self._steps[record.jobid], record.rule_msg or "")
        elif record.levelno >= logging.ERROR and record.msg:
            self.errors.append(record.getMessage())


class Workflow:
    """The study's Snakefile with one layout's configuration.

    Every method raises Refusal when Snakemake cannot make sense of the Snakefile or configuration.
    """

    def __init__(
        self,
        root: Path,
        config: dict,
        configfiles: list[Path],
        cores: int,
        without=frozenset(),
        cluster: Cluster | None = None,
    ) -> None:
        """`without` names rules that are left out: what they make has to be there."""
        self._cluster = cluster
        self._root = root
        self._without = without
        self._config = config
        self._configfiles = configfiles
        self._cores = cores

    def jobs(self) -> tuple[list[Job], list[str]]:
        """All jobs of the default target, inputs before users, and the workflow's own files."""
        with _opened() as opened, self._dag(lambda *_: None) as (workflow, _):
            workflow._prepare_dag(
                forceall=False, ignore_incomplete=True, lock_warn_only=True, nolock=True
            )
            workflow._build_dag()
            self._refuse_skipped(workflow)
            jobs = [
                _job(job)
                for level in workflow.dag.toposorted()
                for job in sorted(level, key=lambda job: (job.rule.name, list(job.output)))
                if not job.rule.norun
            ]
            return jobs, self._sources(workflow, opened)

    def _refuse_skipped(self, workflow) -> None:
        """Refuse a rule that cannot run while what it makes lies there: Snakemake would use that.

        A pattern may fit a file by accident: one with a wildcard counts only in the folders that
        steps write to, and not where the wildcard would stand for several folders.
        """
        jobs = list(workflow.dag.jobs)
        made = {str(path) for job in jobs for path in job.output}
        folders = tuple(f"{path}/" for path in self._config.get("pathvars", {}).values())
        for path in sorted({str(path) for job in jobs for path in job.input} - made):
            for rule in workflow.rules:
                if rule.name in self._without or not rule.is_producer(path):
                    continue
                wildcards = rule.get_wildcards(path)
                accident = not path.startswith(folders) or any("/" in w for w in wildcards.values())
                if wildcards and accident:
                    continue
                raise Refusal(
                    f"The step {rule.name} cannot run, although {path} is there, which it makes"
                    f"{_lacking(rule, wildcards, self._root)}. Give the step what it needs, or "
                    "take its rule out of the Snakefile."
                )

    def execute(self, force: list[str], executable: Path, listen: Callable[..., None]) -> bool:
        """Run the jobs that make the files `force`, and all jobs that depend on them.

        `executable` stands in for the shell; `listen` hears "start", "finish" or "fail", a step's
        id and, from a cluster, why it failed. Returns False if a job failed.
        """
        from snakemake.scheduling.greedy import SchedulerSettings
        from snakemake.settings.types import ExecutionSettings, SchedulingSettings

        failed = []

        def hear(event: str, step: str, why: str = "") -> None:
            if event == "fail":
                failed.append(step)
            elif event == "finish" and step in failed:
                failed.remove(step)  # a second attempt
            listen(event, step, why)

        elsewhere = self._cluster.how() if self._cluster else {"executor": "local"}
        settings = {"latency_wait": 3} | elsewhere.pop("execution", {})
        with self._dag(hear, frozenset(force)) as (_, dag_api):
            _use_shell(executable)
            try:
                dag_api.execute_workflow(
                    **elsewhere,
                    execution_settings=ExecutionSettings(
                        lock=False, ignore_incomplete=True, keep_metadata=False, **settings
                    ),
                    scheduling_settings=SchedulingSettings(scheduler="greedy"),
                    scheduler_settings=SchedulerSettings(),
                )
            except Exception:
                if not failed:
                    raise
        return not failed

    @contextmanager
    def _dag(self, listen: Callable[..., None], force=frozenset()) -> Iterator[tuple]:
        from snakemake.api import SnakemakeApi
        from snakemake.logging import logger
        from snakemake.settings.types import (
            ConfigSettings,
            DAGSettings,
            OutputSettings,
            ResourceSettings,
        )

        resources = self._cluster.resources() if self._cluster else {}
        config = ConfigSettings(config=self._config, configfiles=self._configfiles)
        if self._cluster:
            config = ConfigSettings(configfiles=[self._cluster.keep(self._config)])
        ear = _Ear(listen)
        with SnakemakeApi(OutputSettings(enable_file_logging=False, nocolor=True)) as api:
            for handler in list(logger.handlers):
                logger.removeHandler(handler)
            logger.addHandler(ear)
            try:
                workflow_api = api.workflow(
                    resource_settings=ResourceSettings(cores=self._cores, **resources),
                    config_settings=config,
                    snakefile=self._root / "Snakefile",
                    workdir=self._root,
                )
                # What is due is judged by content (run.py): Snakemake's own triggers stay off.
                rules = {rule.name for rule in workflow_api._workflow.rules} - self._without
                settings = DAGSettings(
                    forcerun=force,
                    rerun_triggers=frozenset(),
                    allowed_rules=frozenset(rules) if self._without else frozenset(),
                )
                yield workflow_api._workflow, workflow_api.dag(settings)
            except Refusal:
                raise
            except Exception as error:  # A Snakefile is a program: it can raise anything.
                api.print_exception(error)
                told = "\n".join(ear.errors).strip() or f"{type(error).__name__}: {error}"
                raise Refusal(
                    f"Snakemake cannot run the Snakefile. Mend it there:\n{told}"
                ) from error

    def _sources(self, workflow, opened: set[str]) -> list[str]:
        """The Snakefiles, and whatever of the study they read while they were worked out."""
        inside = f"{self._root}{os.sep}"
        hidden = f"{inside}."
        read = [Path(p) for p in opened if p.startswith(inside) and not p.startswith(hidden)]
        read += [
            Path(str(source.get_path_or_uri(secret_free=True))) for source in workflow.included
        ]
        read += [Path(path) for path in workflow.configfiles]
        if self._cluster:
            read = [path for path in read if path != self._cluster.over]
        return sorted({_relative(path, self._root) for path in read if path.is_file()})


_listeners: list[set[str]] = []


@contextmanager
def _opened() -> Iterator[set[str]]:
    """The paths of all files that this process opens to read meanwhile."""
    if not _hooked:
        sys.addaudithook(_hear_open)  # there is no taking it away, only nobody who listens
        _hooked.append(True)
    opened: set[str] = set()
    _listeners.append(opened)
    try:
        yield opened
    finally:
        _listeners.remove(opened)


_hooked: list[bool] = []


def _hear_open(event: str, arguments: tuple) -> None:
    if event == "open" and _listeners and isinstance(arguments[0], str | os.PathLike):
        if not isinstance(arguments[1], str) or "r" in arguments[1]:
            for opened in _listeners:
                opened.add(os.path.abspath(arguments[0]))


def _job(job) -> Job:
    if any(output.flags.get("temp") for output in job.output):
        raise Refusal(
            f"Rule {job.rule.name} marks an output as temp(): it would be gone before it could be "
            "recorded. Take the mark away; what lies in data/ never gets into Git."
        )
    if job.rule.is_checkpoint or not job.shellcmd:
        raise Refusal(
            f"Rule {job.rule.name} leaves no record of its own: it is a checkpoint or has no "
            "`shell:`. Write it as a script that `shell:` calls, like the numbered ones."
        )
    return Job(
        id=step_id(job.shellcmd),
        rule=job.rule.name,
        wildcards=dict(job.wildcards_dict),
        inputs=tuple(map(str, job.input)),
        outputs=tuple(map(str, job.output)),
        log=str(job.log[0]) if job.log else None,
    )


def _lacking(rule, wildcards: dict[str, str], root: Path) -> str:
    """Its inputs that are not there, where the rule says them in plain words."""
    from snakemake.io import apply_wildcards

    plain = [apply_wildcards(str(path), wildcards) for path in rule.input if not callable(path)]
    lacks = [path for path in plain if not (root / path).exists()]
    return f": {', '.join(lacks)} is missing" if lacks else ""


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _use_shell(executable: Path) -> None:
    """Let Snakemake hand every command to `executable` as it would to `bash -c`."""
    from snakemake.shell import shell

    shell.executable(str(executable))
    if os.name == "nt":
        shell.win_command_prefix(f'-I -S "{Path(__file__).with_name("step.py")}"')
