"""Run what is due, and believe nothing that no record vouches for (design law 9)."""

import hashlib
import json
import os
import platform
import shlex
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import psutil

from gold_standard import (
    environment,
    given,
    machine,
    publication,
    record,
    report,
    results_page,
    rooms,
)
from gold_standard import layout as layouts
from gold_standard.cluster import Cluster, end_orphans
from gold_standard.compare import IDENTICAL, WITHIN, Tolerance
from gold_standard.digest import OUTPUT_FOLDERS
from gold_standard.errors import Refusal
from gold_standard.git import Git
from gold_standard.imports import Imports
from gold_standard.locking import only_one
from gold_standard.machine import usable_cores
from gold_standard.outcome import NEW, Judge
from gold_standard.step import PROFILE, THREAD_VARIABLES, sha256

# Folders that hold nothing that a Snakefile could look for.
MADE = {"runs", "record", *OUTPUT_FOLDERS}


def main(root: Path, options) -> int:
    """Run the study; return 0 when it ran and agrees, 1 when something differs or failed."""
    settings = layouts.read_settings(root)
    standin = layouts.uses_standin(root, settings, options.standin)
    layout = layouts.choose(config=options.config, smoke=options.smoke, standin=standin)
    over, config = layouts.overlay(
        root, config=options.config, smoke=options.smoke, standin=standin
    )
    state = root / layout.state
    for folder in ("plan", "done", "logs", "jobs", "nodes"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    with only_one(state / "lock", f"Another call is already running {_called(layout)} here."):
        cores = min(options.cores or usable_cores(), usable_cores())
        science = environment.science(root, options.env)
        run = Run(root, layout, over, config, settings, cores, science, options.profile)
        if not options.copy_to:
            status = run.go()
            if run.is_complete() and not run.in_room:
                results_page.after_run(root, layout)
            return status
        from gold_standard import container  # knows the network, too: not for every call

        container.refuse_closed(Path(options.copy_to), root)
        status = run.go()
        if run.is_complete():
            folders = [layout.results, layout.models, os.path.dirname(layout.record)]
            container.hand_out(root, folders, Path(options.copy_to))
        return status


def _called(layout: layouts.Layout) -> str:
    return "this study" if not layout.is_trial else f"runs/{layout.name}"


class Run:
    """One call of `python reproduce.py` in one layout."""

    def __init__(self, root, layout, over, config, settings, cores, science, profile=None) -> None:
        self.science = science
        self.in_room, self.from_models = rooms.MARK in os.environ, given.wanted()
        # `verify` keeps the reference out of the study, where no step meets it.
        self.shelf = Path(os.environ.get(rooms.REFERENCE) or root / layout.state / "reference")
        self.root, self.layout, self.config, self.settings = root, layout, config, settings
        self.is_first = not layout.is_trial and not (root / layout.record).exists()
        self.cores = cores
        self.state = root / layout.state
        self.git = Git(root)
        self.cluster = Cluster(root, profile, config, self.state) if profile else None
        self.tolerance = Tolerance.of(settings.get("compare", {}))
        self._over = {**over, "pathvars": layout.pathvars}
        self._hashes: dict[str, str | None] = {}
        self.given: dict[str, str] = {}  # outputs of steps that are left out, with their sha256
        threads = config.get("threads", 1)
        if type(threads) is not int or threads < 1:
            raise Refusal(f"config.yaml: threads is {threads!r}; write a whole number from 1 on.")
        self.threads = threads
        self.locks = [lock.name for lock in science.locks]
        self.environment = {
            "lock": self.hash(self.locks[0]),
            "python": platform.python_version(),
            "platform": f"{sys.platform} {platform.machine()}",
            "threads": threads,
        }
        if science.name:
            more = {"env": science.name, "env_lock": self.hash(self.locks[1])}
            self.environment |= more

    def go(self) -> int:
        """Run what is due, compare, record; return the exit status."""
        self._welcome()
        self.git_state = self._git_state()
        state = self._read("state.json")
        if state.get("phase") == "running":
            self._end_orphans()
        self._end_jobs(state)
        jobs = self._settled(state)
        ran = False
        # What a call without work says about the computer is what the call with work said.
        self.computer = state.get("computer") or self._this_computer()
        if jobs is None:
            jobs, self.sources = self._plan()
            due = self._due(jobs)
            if due:
                self._make_room(due, first=not state)
                running = {"phase": "running", "computer": self.computer, "host": platform.node()}
                executor = self.cluster and self.cluster.executor
                self._write("state.json", running | {"on": executor})
                if not self._execute(jobs, due):
                    return 1
                ran = True
                self.computer = self._this_computer()
            self._forget_old_steps(jobs)
            self._settle(jobs)
        if not ran:
            print("Nothing to do: every step's inputs and outputs are what its record says.")
        judge = Judge(self, jobs)
        outcomes = judge.outcomes()
        if not self.layout.is_trial:
            publication.renew(self.root)  # before the record: they belong to the study's state
        present = record.write(self, jobs, judge, outcomes, ran)
        status = report.tell(self, judge, outcomes)
        self._keep_reference_record(judge, outcomes)
        if not self.layout.is_trial:
            report.write(self, jobs, present)
        return status

    def is_complete(self) -> bool:
        """Whether every step has run, be the results what they may."""
        return self._read("state.json").get("phase") == "complete"

    def hash(self, path: str) -> str | None:
        """sha256 of a file or folder of the study, read once; None where it is not there."""
        if path not in self._hashes:
            self._hashes[path] = sha256_or_none(self.root / path)
        return self._hashes[path]

    def reference_record(self) -> dict:
        """The record of the run that made the reference, where there is one."""
        if self.git.commit:
            text = self.git.read(self.layout.record) or b"{}"
        else:
            shelved = self.state / "reference.json"
            text = shelved.read_bytes() if shelved.is_file() else b"{}"
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        return record if isinstance(record, dict) else {}

    def _keep_reference_record(self, judge: Judge, outcomes: list) -> None:
        """Outside Git, a run that agrees with what came along tells how that can be made.

        From then on a change of config.yaml explains what follows from it.
        """
        kept = self.state / "reference.json"
        agrees = judge.called and all(o.kind in (IDENTICAL, WITHIN, NEW) for o in outcomes)
        if agrees and not self.git.commit and not kept.exists():
            shutil.copyfile(self.root / self.layout.record, kept)

    def done(self, job) -> dict | None:
        """The record of a job that ran with exactly the present command, inputs and outputs."""
        step = self._read(f"done/{job['id']}.json")
        fits = (
            step
            and step.get("environment") == self.environment
            and self._are(step.get("inputs"), job["inputs"])
            and self._are(step.get("outputs"), job["outputs"])
        )
        return step if fits else None

    def _are(self, recorded: dict | None, paths: list[str]) -> bool:
        """Whether exactly these files were recorded, with the content that they have now."""
        return (
            isinstance(recorded, dict)
            and set(recorded) == set(paths)
            and all(self.hash(path) == value for path, value in recorded.items())
        )

    # What is due

    def _settled(self, state: dict) -> list[dict] | None:
        """The jobs of the last complete run if nothing at all changed since: no need to plan."""
        same = (
            state.get("phase") == "complete"
            and state.get("over") == self._over
            and state.get("names") == self._names()
            and self._are(state.get("sources"), list(state.get("sources") or []))
            and all(self.done(job) for job in state.get("jobs", [{}]))
        )
        self.sources = list(state["sources"]) if same else []
        return state["jobs"] if same else None

    def _settle(self, jobs: list[dict]) -> None:
        state = {
            "phase": "complete",
            "over": self._over,
            "names": self._names(),
            "sources": {path: self.hash(path) for path in self.sources},
            "jobs": jobs,
            "computer": self.computer,
        }
        if self._read("state.json") != state:
            self._write("state.json", state)

    def _names(self) -> str:
        """Hash of the names of all files that a Snakefile could look for."""
        names = []
        for folder, folders, files in os.walk(self.root):
            at_top = folder == str(self.root)
            folders[:] = sorted(
                f for f in folders if not f.startswith(".") and not (at_top and f in MADE)
            )
            if Path(folder).name == "__pycache__":
                continue
            names += [os.path.join(os.path.relpath(folder, self.root), f) for f in sorted(files)]
        return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()

    def _plan(self) -> tuple[list[dict], list[str]]:
        """All jobs, inputs before users, and the files that define the workflow."""
        variables = self.variables()
        os.environ.clear()  # Snakemake gives its own environment to the steps
        os.environ.update(variables)
        self._workflow = self._in_snakemake()
        jobs, sources = self._workflow.jobs()
        if self.from_models:
            left_out = given.trainers(jobs, self.layout)
            self.given = given.provide(self, left_out)
            self._workflow = self._in_snakemake(frozenset(job.rule for job in left_out))
            jobs, _ = self._workflow.jobs()
        if not jobs:
            raise Refusal(
                "The Snakefile's first rule asks for nothing: `rule all` has no input. "
                "Write there what the study makes."
            )
        self._labels = {job.id: job.label for job in jobs}
        imports = Imports(self.root)
        plans = [asdict(job) | {"label": job.label} for job in jobs]
        for plan in plans:  # modules that the rule does not list count as well
            plan["inputs"] = sorted({*plan["inputs"], *imports.of(plan["inputs"])})
        if self.cluster:
            self.cluster.refuse_unknown_rules({job.rule for job in jobs})
        return json.loads(json.dumps(plans)), sources  # as they are read back: lists, no tuples

    def _in_snakemake(self, without=frozenset()):
        from gold_standard.workflow import Workflow  # Snakemake takes half a second to import.

        return Workflow(self.root, self._over, [], self.cores, without, self.cluster)

    def variables(self) -> dict[str, str]:
        """The environment variables of every step."""
        here = steps_environment(self.root, self.state, self.threads, self.science.folder)
        return here | ({PROFILE: self.cluster.name} if self.cluster else {})

    def _due(self, jobs: list[dict]) -> list[dict]:
        """The jobs without a fitting record, and all jobs that use what they make."""
        due, remade = [], set()
        for job in jobs:
            if remade.intersection(job["inputs"]) or not self.done(job):
                due.append(job)
                remade.update(job["outputs"])
        return due

    def _make_room(self, due: list[dict], first: bool) -> None:
        """Move results and models out of the way of the jobs that are due: nothing is lost.

        Data go only on the first call: later ones we made ourselves, and they may be large.
        """
        shipped = self.root / self.layout.record
        if first and shipped.is_file() and not (self.state / "reference.json").exists():
            shutil.copyfile(shipped, self.state / "reference.json")
        kept = (f"{self.layout.results}/", f"{self.layout.models}/")
        for path in (path for job in due for path in job["outputs"]):
            if first or path.startswith(kept):
                there = (self.state / "reference" / path).exists()
                new = first and path.startswith(kept) and not there
                self._shelve(path, "reference" if new else "previous")

    def _shelve(self, path: str, shelf: str) -> None:
        """Move a file or folder to .run/<shelf>/, in place of one that lies there."""
        source, target = self.root / path, self.state / shelf / path
        if not os.path.lexists(source):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        elif os.path.lexists(target):
            target.unlink()
        shutil.move(source, target)  # across disks as well
        self._hashes.pop(path, None)

    # Running it

    def _execute(self, jobs: list[dict], due: list[dict]) -> bool:
        self._prepare_steps(jobs, due)
        progress = report.Progress(len(due), self._labels)
        force = [path for job in due for path in job["outputs"]]
        stopped = []

        def stop(*_) -> None:
            stopped.append(True)
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, stop)
        if self.cluster:  # jobs would go on without us: end them as after Ctrl-C
            for name in ("SIGTERM", "SIGHUP"):
                signal.signal(getattr(signal, name, signal.SIGTERM), stop)
        try:
            agreed = self._workflow.execute(force, self._launcher(), progress.hear)
        except (KeyboardInterrupt, Refusal):
            if not stopped:
                raise
        finally:
            signal.signal(signal.SIGINT, before)
            progress.close()
        if stopped:  # Snakemake has let the steps end; whatever it made of that, this is why.
            raise Refusal("Stopped. The next call goes on from here.")
        self._hashes.clear()
        if agreed and self.cluster:
            self.cluster.wait_for([self.state / "done" / f"{job['id']}.json" for job in due])
        if not agreed:
            report.tell_failure(self, jobs, progress.failed)
            return False
        unrecorded = [job["label"] for job in jobs if not self.done(job)]
        if unrecorded:
            print(f"These steps left no record that fits, so the run is not complete: "
                  f"{', '.join(unrecorded)}.\nDid something change their files while they ran?",
                  file=sys.stderr)  # fmt: skip
            return False
        return True

    def _prepare_steps(self, jobs: list[dict], due: list[dict]) -> None:
        """Write each due step's plan, and make what stays newer than all that it was made from."""
        for job in due:
            for folder in ("done", "jobs"):
                (self.state / folder / f"{job['id']}.json").unlink(missing_ok=True)
            if job["log"]:  # else a job that never began would be explained by an old one
                (self.root / job["log"]).unlink(missing_ok=True)
            self._write(f"plan/{job['id']}.json", job | {"environment": self.environment})
        ids = {job["id"] for job in due}
        fresh = [job for job in jobs if job["id"] not in ids]
        paths = [self.root / path for job in fresh for path in job["inputs"]]
        now = max([time.time(), *(path.stat().st_mtime for path in paths)])
        for path in (self.root / path for job in fresh for path in job["outputs"]):
            os.utime(path, (now, now))

    def _launcher(self) -> Path:
        """A file that stands in for the shell: it runs step.py, wherever the study lies."""
        script = Path(__file__).with_name("step.py")
        if os.name == "nt":
            return Path(sys.executable)
        launcher = self.state / "step"
        python = str(Path(sys.prefix, environment.BIN, environment.PYTHON))
        command = shlex.join([python, "-I", "-S", str(script)])
        launcher.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
        return launcher

    def _forget_old_steps(self, jobs: list[dict]) -> None:
        known = {f"{job['id']}.json" for job in jobs}
        made = {path for job in jobs for path in job["outputs"]}
        for old in (self.state / "done").iterdir():  # such as a seed that was taken out
            outputs = self._read(f"done/{old.name}").get("outputs", {})
            for path in (path for path in outputs if path not in made):
                if sha256_or_none(self.root / path) == outputs[path]:
                    self._shelve(path, "previous")
        for folder in ("plan", "done", "jobs"):
            for path in (self.state / folder).iterdir():
                if path.name not in known:
                    path.unlink()

    def _end_orphans(self) -> None:
        """End what a killed call left running: it would go on writing over the new run."""
        mine = str(self.state)
        orphans = [process for process in psutil.process_iter() if _works_for(process, mine)]
        for process in orphans:
            print(f"Ending a step that an interrupted call left running (process {process.pid}).")
            process.kill()
        psutil.wait_procs(orphans, timeout=10)

    def _end_jobs(self, state: dict) -> None:
        """Cancel what an interrupted call left in the queue of a cluster."""
        on = state.get("on") if state.get("phase") == "running" else None
        if on == "slurm" or (self.cluster and self.cluster.executor == "slurm"):
            end_orphans(self.state, state.get("host") or platform.node())
        elif on:
            print(f"An interrupted call may have left jobs in {on}: end them, or they go on "
                  "writing here.", flush=True)  # fmt: skip

    # Small things

    def _this_computer(self) -> dict:
        return {"machine": machine.describe(), "cores": self.cores}

    def _git_state(self) -> dict | None:
        """Commit, and whether the study's own files differ from it as the run begins."""
        if not self.git.exists:
            return None
        made = tuple(f"{folder}/" for folder in (*OUTPUT_FOLDERS, "record"))
        dirty = [path for path in self.git.changed() if not path.startswith(made)]
        return {"commit": self.git.commit, "dirty": bool(dirty)}

    def _welcome(self) -> None:
        where = {"real": "", "stand-in": " on the synthetic stand-in for the controlled data"}
        text = where.get(self.layout.name, f" into runs/{self.layout.name}/")
        cores = f"{self.cores} core{'s' * (self.cores > 1)}"
        if self.cluster:
            cores = f"the cluster, as profiles/{self.cluster.name}/ says"
        folder = self.science.folder.name
        with_what = "" if folder == ".venv" else f", with {folder}"
        print(f"Reproducing{text}, on {cores}{with_what}.", flush=True)

    def _read(self, name: str) -> dict:
        return record.read_json(self.state / name)

    def _write(self, name: str, content: dict) -> None:
        record.write_text(self.state / name, json.dumps(content))


def sha256_or_none(path: Path) -> str | None:
    """sha256 of a file or folder; None where there is none."""
    try:
        return sha256(str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _works_for(process: psutil.Process, state: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get("GOLD_STATE") == state
    except (psutil.Error, OSError):
        return False


def steps_environment(root: Path, state: Path, threads: int, venv: Path) -> dict[str, str]:
    """The environment of every step: fixed, before its Python starts, what must not differ."""
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    hidden = (rooms.MARK, rooms.REFERENCE, given.VARIABLE, "ZENODO_TOKEN")
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("PYTHON") and name not in hidden
    }
    return (
        kept
        | dict.fromkeys(THREAD_VARIABLES, str(threads))
        | {
            "PATH": os.pathsep.join([str(scripts), os.environ.get("PATH", os.defpath)]),
            "VIRTUAL_ENV": str(venv),
            "GOLD_STATE": str(state),
            "GOLD_THREADS": str(threads),
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "SOURCE_DATE_EPOCH": "315532800",
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(root / ".run" / "matplotlib"),
        }
        # `verify` runs the study once more under other circumstances.
        | json.loads(os.environ.get("GOLD_SHAKEN", "{}"))
    )
