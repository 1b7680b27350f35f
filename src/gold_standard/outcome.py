"""Compare what a run made with its reference, file by file, and say why a file differs."""

import hashlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gold_standard.compare import DIFFERENT, IDENTICAL, Differs, Verdict, compare
from gold_standard.errors import Refusal, refuse_unreadable

NEW, MISSING, UNMADE = "new", "missing", "no rule makes it"
BAD = (DIFFERENT, MISSING, UNMADE)
SECRET_NOISE = "secret noise"  # a cause that is nobody's edit


@dataclass
class Outcome:
    """How one file of results/ or models/ compares with its reference."""

    path: str
    kind: str
    by: str = ""
    largest: float | None = None
    where: str = ""
    because: list[str] = field(default_factory=list)

    @property
    def is_unexplained(self) -> bool:
        """Bad, and nothing that the person changed accounts for it."""
        return self.kind in BAD and not self.because


class Judge:
    """Compares one run with its reference: HEAD inside Git, else the outputs that were shipped."""

    def __init__(self, run, jobs: list[dict]) -> None:
        self._run = run
        self._jobs = jobs
        self._folders = [run.layout.results, run.layout.models]
        self._makers = {path: job for job in jobs for path in job["outputs"]}
        self._references = self._reference()
        self._changes: set[str] | None = None
        record = run.reference_record() if self._references else {}
        self._then = [step for step in record.get("steps", []) if "command" in step]
        then = record.get("environment", {})
        self._environment_then = {key: then.get(key) for key in run.environment}
        self.is_stale = bool(run.git.commit and self._then) and any(
            value != _committed_sha256(run.git, path)
            for path, value in record.get("files", {}).items()
        )

    def outcomes(self) -> list[Outcome]:
        """One outcome per file of the reference, of the run, and of the two folders."""
        present = {
            path.relative_to(self._run.root).as_posix()
            for folder in self._folders
            for path in (self._run.root / folder).rglob("*")
            if path.is_file() or path.is_symlink()
        }
        refuse_unreadable(present)
        return [
            self._outcome(path, path in present)
            for path in sorted(present.union(self._references))
            if self._run.given.keys().isdisjoint(_with_folders(path))
        ]

    def _outcome(self, path: str, present: bool) -> Outcome:
        if not self._maker(path):
            former = any(path in step["outputs"] for step in self._then)
            because = self._edited(["Snakefile", "config.yaml"]) if former else []
            return Outcome(path, UNMADE if present else MISSING, because=because)
        if (self._run.root / path).is_symlink() or path in self._links:
            return Outcome(path, DIFFERENT, where="is a link")
        if path not in self._references:
            return Outcome(path, NEW)
        if not present:  # in a folder that a rule still makes
            return Outcome(path, MISSING)
        verdict = self._compare(path)
        because = self._causes(path) if verdict.kind == DIFFERENT else []
        return Outcome(path, verdict.kind, verdict.by, verdict.largest, verdict.where, because)

    def _maker(self, path: str) -> dict | None:
        """The job that makes a file, or the folder that it lies in."""
        return next((self._makers[p] for p in _with_folders(path) if p in self._makers), None)

    def _compare(self, path: str) -> Verdict:
        content = (self._run.root / path).read_bytes()
        blob, read = self._references[path]
        if blob == _blob(content, len(blob)):
            return Verdict(IDENTICAL)
        is_model = path.startswith(f"{self._run.layout.models}/")
        return compare(
            path,
            read(),
            content,
            self._run.tolerance,
            self._predictions(path) if is_model else None,
        )

    # The reference

    def _reference(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """For each file of the reference: Git's name for its content, and how to read it."""
        run = self._run
        self.called = ""
        self._links: set[str] = set()
        if run.layout.is_trial:
            return {}
        committed = run.git.committed(self._folders)
        if committed:
            self.called = f"the last commit ({run.git.commit[:7]})"
            return {
                path: (blob, lambda p=path: run.git.read(p)) for path, blob in committed.items()
            }
        shelf = run.shelf
        files = [
            path
            for folder in self._folders
            for path in (shelf / folder).rglob("*")
            if path.is_file() or path.is_symlink()
        ]
        self._links = {p.relative_to(shelf).as_posix() for p in files if p.is_symlink()}
        if files:
            own = shelf == run.state / "reference"
            self.called = "the results that came with this folder" if own else shelf.name
        return {
            path.relative_to(shelf).as_posix(): (
                ("", bytes)
                if path.is_symlink()
                else (_blob(path.read_bytes(), 40), path.read_bytes)
            )
            for path in files
        }

    # Models, by what they predict

    def _predictions(self, path: str) -> Callable[[bytes, bytes], tuple[bytes, bytes]] | None:
        command = self._run.settings.get("compare", {}).get("predict")
        if not command:
            return None

        def predict(old: bytes, new: bytes) -> tuple[bytes, bytes]:
            with tempfile.TemporaryDirectory(dir=self._run.state) as folder:
                # Both under the model's own name, which the table of predictions may repeat.
                return tuple(
                    self._predict(command, Path(folder, version, Path(path).name), content)
                    for version, content in (("old", old), ("new", new))
                )

        return predict

    def _predict(self, command: str, model: Path, content: bytes) -> bytes:
        run = self._run
        model.parent.mkdir()
        model.write_bytes(content)
        table = model.with_suffix(".csv")
        places = {"model": str(model), "predictions": str(table), **run.layout.pathvars}
        try:
            words = [word.format(**places) for word in shlex.split(command)]
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise Refusal(
                f"pyproject.toml, [tool.gold-standard.compare]: predict = {command!r} cannot be "
                f"read. In braces it names nothing but {', '.join(places)}."
            ) from error
        variables = run.variables()
        python = shutil.which("python", path=variables["PATH"]) or "python"
        done = subprocess.run(
            [python, *words], cwd=run.root, env=variables, capture_output=True, check=False
        )
        if done.returncode or not table.is_file():
            raise Differs(f"bytes, and {model.parent.name} version does not predict anything")
        return table.read_bytes()

    # Why

    def _causes(self, path: str) -> list[str]:
        """What the person changed since the reference was made and this file follows from.

        The steps of the reference's record are followed upwards, only through what is not as it
        was: an edit elsewhere, or one that changed no command and no input, explains nothing.
        Noise that protects people has no seed, and explains whatever follows from it.
        """
        causes: set[str] = set()
        waiting, seen = [path], set()
        while waiting:
            job = self._maker(waiting.pop())
            if not job or job["id"] in seen:
                continue
            seen.add(job["id"])
            now = (self._run.done(job) or {}).get("command", "").strip()
            causes.update([SECRET_NOISE] if "--noise secret" in now else [])
            then = next((s for s in self._then if set(s["outputs"]) == set(job["outputs"])), None)
            if then is None:  # nobody wrote down how it was made: any edit upstream may be it
                changed = [*job["inputs"], "Snakefile", "config.yaml", *self._run.locks]
            else:
                old = then["inputs"]
                changed = [p for p in job["inputs"] if self._run.hash(p) != old.get(p)]
                if then["command"].strip() != now:
                    changed += ["Snakefile", "config.yaml"]
                if self._environment_then != self._run.environment:
                    changed += self._run.locks
            waiting += [p for p in changed if self._maker(p)]
            causes.update(self._edited([p for p in changed if not self._maker(p)]))
        return sorted(causes)

    def _edited(self, paths: list[str]) -> list[str]:
        """Those of these files that the person changed since the reference was made.

        Inside Git that is what differs from the commit: a commit whose results are older than its
        own code is no explanation. Elsewhere it is what the reference's record says.
        """
        if self._changes is None:
            if self._run.git.commit:
                self._changes = set(self._run.git.changed())
            else:
                files = self._run.reference_record().get("files", {})
                self._changes = {p for p, value in files.items() if self._run.hash(p) != value}
        return [path for path in paths if path in self._changes]


def _with_folders(path: str) -> list[str]:
    """The path, and those of the folders that it lies in."""
    return [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]


def _committed_sha256(git, path: str) -> str | None:
    content = git.read(path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _blob(content: bytes, digits: int) -> str:
    """The name that Git gives a content: SHA-1, or SHA-256 in repositories that use it."""
    algorithm = hashlib.sha1 if digits == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
