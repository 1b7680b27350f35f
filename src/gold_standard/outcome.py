"""Compare what a run made with its reference, file by file, and say why a file differs."""

import hashlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gold_standard.compare import DIFFERENT, IDENTICAL, Verdict, compare

NEW, MISSING, UNMADE = "new", "missing", "no rule makes it"
BAD = (DIFFERENT, MISSING, UNMADE)


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
        self._read = self._reference()
        self._changed: list[str] | None = None

    def outcomes(self) -> list[Outcome]:
        """One outcome per file of the reference, of the run, and of the two folders."""
        present = {
            path.relative_to(self._run.root).as_posix()
            for folder in self._folders
            for path in (self._run.root / folder).rglob("*")
            if path.is_file()
        }
        return [self._outcome(path, path in present) for path in sorted(present | set(self._read))]

    def _outcome(self, path: str, present: bool) -> Outcome:
        made = path in self._makers
        if not made:
            kind = UNMADE if present else MISSING
            return Outcome(path, kind, because=self._workflow_changes())
        if path not in self._read:
            return Outcome(path, NEW)
        verdict = self._compare(path)
        because = self._causes(path) if verdict.kind == DIFFERENT else []
        return Outcome(path, verdict.kind, verdict.by, verdict.largest, verdict.where, because)

    def _compare(self, path: str) -> Verdict:
        content = (self._run.root / path).read_bytes()
        blob, read = self._read[path]
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
        if run.layout.is_trial:
            return {}
        committed = run.git.committed(self._folders)
        if committed:
            self.called = f"the last commit ({run.git.commit[:7]})"
            return {
                path: (blob, lambda p=path: run.git.read(p)) for path, blob in committed.items()
            }
        shelf = run.state / "reference"
        files = [path for path in shelf.rglob("*") if path.is_file()]
        if files:
            self.called = "the results that came with this folder"
        return {
            path.relative_to(shelf).as_posix(): (_blob(path.read_bytes(), 40), path.read_bytes)
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
        from gold_standard.run import steps_environment

        run = self._run
        model.parent.mkdir()
        model.write_bytes(content)
        table = model.with_suffix(".csv")
        places = {"model": str(model), "predictions": str(table), **run.layout.pathvars}
        words = [word.format(**places) for word in shlex.split(command)]
        environment = steps_environment(run.root, run.state, run.threads)
        python = shutil.which("python", path=environment["PATH"]) or "python"
        done = subprocess.run(
            [python, *words], cwd=run.root, env=environment, capture_output=True, check=False
        )
        if done.returncode or not table.is_file():
            return b"model that does not predict\n" + content
        return table.read_bytes()

    # Why

    def _causes(self, path: str) -> list[str]:
        """Files that the person changed since the reference was made and that `path` depends on."""
        needed = {"requirements.lock", "Snakefile", "config.yaml"}
        waiting, seen = [path], set()
        while waiting:
            job = self._makers.get(waiting.pop())
            if job and job["id"] not in seen:
                seen.add(job["id"])
                needed.update(job["inputs"])
                waiting += job["inputs"]
        return [name for name in self._changes() if name in needed - set(self._makers)]

    def _workflow_changes(self) -> list[str]:
        return [name for name in self._changes() if name in ("Snakefile", "config.yaml")]

    def _changes(self) -> list[str]:
        """Files of the study that are not as they were when the reference was made."""
        if self._changed is None:
            then = self._run.reference_record().get("files", {})
            since = [path for path, value in then.items() if self._run.hash(path) != value]
            self._changed = sorted({*self._run.git.changed(), *since})
        return self._changed


def _blob(content: bytes, digits: int) -> str:
    """The name that Git gives a content: SHA-1, or SHA-256 in repositories that use it."""
    algorithm = hashlib.sha1 if digits == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
