"""`verify`: the study once more in clean rooms, and a record of how it came out.

What a reproducibility collaborator would do by hand (Heil et al. 2021, box 1): a fresh copy of
what is committed, both environments from their locks alone, the one command twice under other
circumstances, and every result compared with the committed one and with the other run's.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gold_standard import certificate, environment, given, places, rooms
from gold_standard.compare import IDENTICAL, WITHIN, Tolerance
from gold_standard.digest import LEFT_OUT, OUTPUT_FOLDERS, digest_of
from gold_standard.errors import Refusal, printable, refuse_unreadable
from gold_standard.git import Git
from gold_standard.layout import REAL, STANDIN, Layout, read_settings, uses_standin
from gold_standard.machine import usable_cores
from gold_standard.manuscript import duration
from gold_standard.outcome import MISSING, NEW, UNMADE
from gold_standard.record import totals
from gold_standard.step import sha256

# What the second run is given otherwise; a step sees it in place of what is fixed elsewhere.
SHAKEN = {
    "PYTHONHASHSEED": "4711",
    "PYTHON_CPU_COUNT": "1",  # heard from Python 3.13 on
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C",
    "LANG": "C",
}
HOMES = ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
# Variables that a room keeps: a number that hangs on any other one comes out otherwise in it.
KEPT = re.compile(
    r"PATH|HOME|USERPROFILE|SYSTEMROOT|COMSPEC|PATHEXT|WINDIR|APPDATA|LOCALAPPDATA|PROGRAM\w*"
    r"|TMPDIR|TEMP|TMP|XDG_\w+|LD_LIBRARY_PATH|\w*_PROXY|SSL_CERT_\w+|(REQUESTS|CURL)_CA_BUNDLE"
    r"|PIP_\w+|UV_\w+|GOLD_FIND_LINKS|CUDA_VISIBLE_DEVICES|OPENBLAS_CORETYPE|ATEN_CPU_CAPABILITY"
    r"|SLURM_\w+",
    re.IGNORECASE,
)
# Everything but the folders that a system brings is a place on somebody's machine.
OWN_PATHS = re.compile(
    r"(?<![\w.~-])(/(?!(?:usr|s?bin|lib\w*|etc|proc|dev|sys)/)[\w.-]+/[^\s\"'`<>:|(){}\[\],;]+"
    r"|~/[^\s\"'`<>:|(){}\[\],;]+|[A-Z]:[\\/]+Users[\\/]+[^\s\"']+)"
)
TEXTS = tuple(".py .yaml .yml .smk .sh .r .ipynb .toml .json .cfg snakefile".split())
NOT_READ = {*OUTPUT_FOLDERS, "record", "certificates", "tools"}
AGREEING = (IDENTICAL, WITHIN)
STEP = {"rule", "inputs", "outputs"}
NOT_MADE = (UNMADE, MISSING)
LAYOUTS = (REAL, STANDIN)


@dataclass
class Room:
    """One clean room: where the study lies in it, with what its run is compared, what it found."""

    study: Path
    reference: Path
    cores: int
    shaken: bool
    status: int | None = None
    seconds: float = 0.0
    record: dict = field(default_factory=dict)
    made: dict[str, str | None] = field(default_factory=dict)  # by path, with sha256

    @property
    def files(self) -> dict[str, dict]:
        """How each file compares, as the run's record has it."""
        try:
            told = self.record["comparison"]["files"].items()
        except (KeyError, TypeError, AttributeError):  # such as one that was edited
            return {}
        return {path: found for path, found in told if isinstance(found, dict)}


def main(root: Path, options) -> int:
    """Verify a study; 0 when all agrees, 1 when something does not, 2 by Refusal."""
    person = certificate.person(options.by, options.orcid)
    python = _python(options.python)
    with rooms.room(keep=options.keep) as room:
        source, place = source_of(options.source, root, room)
        visit = Visit(source, room, python, options)
        visit.go()
        if options.keep:
            print("".join(f"Kept, as asked for: {one.study}\n" for one in visit.rooms), end="")
        if visit.unfinished:
            print(_next(visit, None))
            return 1
        print(visit.conclusion(), flush=True)
        written = certificate.write(Path.cwd() if options.source else root, visit, person, place)
    print(f"Written: {written} (and .md).")
    print("It is your own report of a run, not a proof against forgery.")
    print(_next(visit, written))
    return 0 if visit.agrees else 1


class Visit:
    """One verification: its rooms, its runs, and what disagrees."""

    def __init__(self, source: Path, room: Path, python: str, options) -> None:
        self.source, self.room, self.python, self.options = source, room, python, options
        self.before = without_network() if options.offline else []
        self.commit, self.dirty = _state(Git(source))
        # Blanks and other letters: a path is part of the circumstances.
        places = [room / "first" / "study", room / "second räume" / "another study"]
        cores = usable_cores()
        # Called as people read it. No step is told where it lies.
        self.rooms = [Room(places[0], room / "what is committed", cores, False)]
        if not options.once:
            self.rooms.append(Room(places[1], room / "the first run", 1, True))
        self.digest = ""
        self.layout, self.tolerance = REAL, Tolerance()
        self.committed: dict[str, str | None] = {}  # by path, with sha256
        self.paths: list[str] = []
        self.problems: list[str] = []
        self.models: list[str] = []  # those that were compared with committed ones
        self.notes: list[str] = []
        self.unfinished = False

    def go(self) -> None:
        """Run in each room, and gather what disagrees."""
        self._welcome()
        self._copy()
        self.paths = _foreign_paths(self.rooms[0].study)
        for number, one in enumerate(self.rooms):
            if number:
                self._lend(self.rooms[0], one)
            count = f"{number + 1} of {len(self.rooms)}"
            print(f"\nRun {count}: {self._circumstances(one)}", flush=True)
            self._run(one)
            rooms.end_orphans(one.study.parent)
            if self.unfinished:
                print("".join(f"  {path}\n" for path in self.paths), end="")
                return
        self._judge()

    def _copy(self) -> None:
        """Fill the rooms, all before the first run: meanwhile somebody may commit or edit."""
        for one in self.rooms:
            one.study.mkdir(parents=True)
            # In another order: some file systems list a folder in the order of its making.
            names = rooms.committed_copy(self.source, one.study, self.commit, one.shaken)
            if not (one.study / "reproduce.py").is_file():
                raise Refusal(
                    "There is no reproduce.py in what is committed: nothing to run. "
                    "Commit it, or get it back from Git."
                )
            refuse_unreadable(names)
            if not one.shaken:
                self._take_note(one.study, names)
            left_out = rooms.without_products(one.study)
            if left_out and not one.shaken:
                print(
                    "Committed, and left out of the room, which makes its own: "
                    f"{', '.join(left_out)}."
                )
            self._set_aside(one)

    def _take_note(self, study: Path, names: list[str]) -> None:
        """What is verified, before any step could change it."""
        self.digest = digest_of(study, names)
        self.committed = {name: _sha256(study / name) for name in names}
        settings = read_settings(study)
        self.tolerance = Tolerance.of(settings.get("compare", {}))
        self.layout = STANDIN if uses_standin(study, settings, False) else REAL

    def _set_aside(self, one: Room) -> None:
        """Take away what the run shall make, as what it is compared with, and the record."""
        one.reference.mkdir(exist_ok=True)
        for layout in LAYOUTS:
            (one.study / layout.record).unlink(missing_ok=True)
            for name in self._remade(layout):
                if os.path.lexists(one.study / name):
                    shutil.move(one.study / name, one.reference / name)

    def _remade(self, layout: Layout) -> tuple[str, ...]:
        """The folders whose content the run makes anew."""
        return (layout.results,) if self.options.from_models else (layout.results, layout.models)

    def _welcome(self) -> None:
        what = f"commit {self.commit[:7]}" if self.commit else "the files of this folder"
        print(f"Verifying {what} in a clean room.", flush=True)
        if self.options.from_models:
            print("In part: the published models are given, and no training is repeated.")
        if self.dirty:
            print("Uncommitted changes do not help: only what is committed is verified.")
        seconds, expected = _expected(self.source, len(self.rooms), self.options.from_models)
        if seconds is not None:
            print(
                f"The last run took {duration(seconds)}; expect {duration(expected)} and the "
                "time to install the packages."
            )

    def _circumstances(self, one: Room) -> str:
        told = f"{one.cores} core{'s' * (one.cores > 1)}"
        if one.shaken:
            told += ", another hash seed, locale and time zone, an empty home folder"
        return f"{told}, in {one.study.name!r}"

    def _lend(self, first: Room, second: Room) -> None:
        """The second room gets the first one's environments, and its outputs to compare with."""
        for one in environment.environments_of(first.study, self.options.env):
            name = one.folder.name
            if (first.study / name).exists():
                shutil.copytree(
                    first.study / name, second.study / name, symlinks=True, copy_function=_link
                )
        for layout in LAYOUTS:
            for name in self._remade(layout):
                shutil.rmtree(second.reference / name, ignore_errors=True)
                if (first.study / name).exists():
                    shutil.copytree(first.study / name, second.reference / name, symlinks=True)

    def _run(self, one: Room) -> None:
        command = [self.python, "reproduce.py", f"--cores={one.cores}"]
        for name in ("installer", "wheelhouse", "env"):
            if getattr(self.options, name, None):
                command += [f"--{name}", str(getattr(self.options, name))]
        command = [*self.before, *command]
        started = time.monotonic()
        done = _call(command, one.study, self._environment(one), one.cores if one.shaken else None)
        one.status, one.seconds = done, time.monotonic() - started
        one.record = _read(one.study / self.layout.record)
        one.made = _made(one.study, self.layout)
        if one.status not in (0, 1) or not self._is_whole(one):
            self.unfinished = True
            print("\nIt did not come to its end in the clean room; the reason stands above.")
            if self.options.keep:
                print(f"Its logs: {one.study / self.layout.state / 'logs'}")
            else:
                print("With --keep the room stays, and you can look into it and its logs.")

    def _is_whole(self, one: Room) -> bool:
        """Whether the record is of a run that came to its end, in the layout that was due."""
        state = _read(one.study / self.layout.state / "state.json")
        steps = one.record.get("steps")
        return (
            state.get("phase") == "complete"
            and one.record.get("layout") == self.layout.name
            and isinstance(steps, list)
            and bool(steps)
            and all(isinstance(step, dict) and STEP <= step.keys() for step in steps)
        )

    def _environment(self, one: Room) -> dict[str, str]:
        kept = {k: v for k, v in environment.clean_environment().items() if KEPT.fullmatch(k)}
        kept |= rooms.temporary(self.room) | {
            rooms.MARK: str(self.room),
            rooms.REFERENCE: str(one.reference),
        }
        if self.options.from_models:
            kept[given.VARIABLE] = "yes"
        if one.shaken:
            home = self.room / "home"
            home.mkdir()
            homes = {name: str(home) for name in HOMES if name in kept or name in HOMES[:2]}
            kept["GOLD_SHAKEN"] = json.dumps(SHAKEN | homes)
        return kept

    def _judge(self) -> None:
        """Name every file that does not agree, with the class of its comparison."""
        first = self.rooms[0]
        models = {path for path in first.files if path.startswith("models")}
        self.models = [path for path in models if first.files[path].get("kind") != NEW]
        none_committed = bool(models) and not self.models
        unmade = {path for path, found in first.files.items() if found.get("kind") in NOT_MADE}
        for path, found in sorted(first.files.items()):
            kind = found.get("kind")
            if kind == NEW and not (path in models and none_committed):
                self.problems.append(f"{path}: made by the run, and not committed")
            elif path in unmade:
                self.problems.append(f"{path}: committed, and the run does not make it")
            elif kind not in (*AGREEING, NEW):
                self.problems.append(f"{path}: {kind} from what is committed{_where(found)}")
        if not any(path not in models for path in first.files):
            self.problems.append("results: the run made none, and none is committed")
        for one in self.rooms[1:]:
            for path, found in sorted(one.files.items()):
                kind = found.get("kind")
                if kind not in AGREEING and path not in unmade:
                    self.problems.append(f"{path}: {kind} from run to run{_where(found)}")
        if none_committed:
            compared = "from run to run only" if len(self.rooms) > 1 else "with nothing"
            self.notes.append(
                f"{self.layout.models}/ is not committed: the models were compared {compared}."
            )
        self.problems += self._misreported() + self._elsewhere() + self._outside() + self.paths

    def _misreported(self) -> list[str]:
        """Files of which the study's own comparison says what their bytes do not."""
        told = []
        folders = (f"{self.layout.results}/", f"{self.layout.models}/")
        before = {p: value for p, value in self.committed.items() if p.startswith(folders)}
        for one in self.rooms:
            for path in sorted({*before, *one.made}):
                kind = one.files.get(path, {}).get("kind")
                same = path in before and before[path] == one.made.get(path) is not None
                if kind is None and not (self._is_given(path) and (same or path not in before)):
                    told.append(f"{path}: the run's record does not name it")
                elif kind == IDENTICAL and not same:
                    told.append(f"{path}: called identical, and its bytes are not")
            before = one.made
        return told

    def _is_given(self, path: str) -> bool:
        given = self.options.from_models and path.startswith(f"{self.layout.models}/")
        return given and _is_below(path, set(self.given))

    def _elsewhere(self) -> list[str]:
        """Committed files outside results and models that a step made otherwise."""
        first = self.rooms[0]
        kept = (f"{self.layout.results}/", f"{self.layout.models}/")
        made = {path for step in first.record["steps"] for path in step["outputs"]}
        return [
            f"{path}: different from what is committed"
            for path, value in sorted(self.committed.items())
            if _is_below(path, made)
            and not path.startswith(kept)
            and _sha256(first.study / path) != value
        ]

    def _outside(self) -> list[str]:
        """Files that a step declares, and that no commit holds."""
        first = self.rooms[0]
        return sorted(
            {
                f"{path}: used by the step {step['rule']}, and not a file of the study"
                for step in first.record.get("steps", [])
                for path in (*step["inputs"], *step["outputs"])
                if not Path(os.path.normpath(first.study / path)).is_relative_to(first.study)
            }
        )

    @property
    def agrees(self) -> bool:
        """Whether everything came out as committed, and the same twice."""
        return not self.unfinished and not self.problems

    @property
    def given(self) -> dict[str, str]:
        """The outputs that were not made anew, with their sha256: those of the training."""
        given = self.rooms[0].record.get("given")
        return given if isinstance(given, dict) else {}

    def conclusion(self) -> str:
        """What people read at the end."""
        standin = self.layout == STANDIN
        compared = "results-standin/ (the synthetic stand-in)" if standin else "results/"
        if not standin and self.models:
            compared += " and models/"
        times = "once in a clean room" if len(self.rooms) == 1 else "twice in clean rooms"
        if self.agrees:
            kinds = [f.get("kind") for one in self.rooms for f in one.files.values()]
            within = kinds.count(WITHIN)
            how = (
                f"{within} of {len(kinds)} comparisons within tolerance"
                if within
                else "bit for bit"
            )
            notes = [*self.notes]
            if standin:
                notes.append(certificate.ON_STANDIN)
            if self.given:
                notes.append(certificate.IN_PART)
            part = " in part" if self.given else ""
            more = "".join(f"\n{note}" for note in notes)
            return f"\nVerified{part}: run {times}, {compared} agree, {how}.{more}"
        lines = "\n".join(f"  {printable(problem)}" for problem in self.problems)
        more = "".join(f"\n{note}" for note in self.notes)
        return f"\nNot verified: run {times}, and\n{lines}{more}"


def _next(visit: Visit, written: Path | None) -> str:
    """What to do now."""
    if visit.options.source:
        told = f"send {written.name} to the authors" if written else "tell the authors"
        return f"Next: {told}."
    if visit.agrees:
        return "Next: commit certificates/, then `python reproduce.py check`."
    return "Next: mend it, run `python reproduce.py`, commit, and verify again."


def _state(git: Git) -> tuple[str | None, bool]:
    """The commit, and whether anything else lies there that evidence could depend on."""
    return git.commit, any(not path.startswith(LEFT_OUT) for path in git.changed())


def _made(study: Path, layout: Layout) -> dict[str, str | None]:
    """Every file and link of results and models, with its sha256."""
    return {
        path.relative_to(study).as_posix(): _sha256(path)
        for folder in (layout.results, layout.models)
        for path in (study / folder).rglob("*")
        if path.is_symlink() or path.is_file()
    }


def _sha256(path: Path) -> str | None:
    """sha256 of a file; None for a link, which is no result, and where there is none."""
    return sha256(str(path)) if path.is_file() and not path.is_symlink() else None


def _is_below(path: str, tops: set[str]) -> bool:
    return not tops.isdisjoint(
        (path, *(parent.as_posix() for parent in PurePosixPath(path).parents))
    )


def _expected(source: Path, runs: int, from_models: bool = False) -> tuple[float | None, float]:
    """Seconds that the last run took, and that so many will take: the second has one core."""
    record = _read(source / REAL.record) or _read(source / STANDIN.record)
    try:
        sums = record["totals"]
        if from_models:
            sums = totals([step for step in record["steps"] if not _makes_models(step)])
        wall, cpu = (float(sums[key] or 0) for key in ("wall_seconds", "cpu_seconds"))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, 0.0
    return wall, wall if runs == 1 else wall + max(wall, cpu)


def _makes_models(step: dict) -> bool:
    return any(
        path.startswith(f"{layout.models}/") for path in step["outputs"] for layout in LAYOUTS
    )


def _foreign_paths(study: Path) -> list[str]:
    """Paths of one machine in code and settings: they work here and nowhere else."""
    found = []
    for path in sorted(study.rglob("*")):
        inside = path.relative_to(study)
        # What lies in hidden folders is read by other programs than the steps.
        if inside.parts[0] in NOT_READ or inside.parts[0].startswith(".") or not _is_text(path):
            continue
        lines = path.read_text("utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            at = f"{inside.as_posix()}, line {number}"
            named = filter(_is_of_this_machine, OWN_PATHS.findall(line))
            found += [f"{at}: {name} is a path of this machine" for name in named]
    return found


def _is_text(path: Path) -> bool:
    return path.name.lower().endswith(TEXTS) and path.is_file() and path.stat().st_size < 2_000_000


def _is_of_this_machine(named: str) -> bool:
    home = str(Path.home())
    return os.path.exists(os.path.expanduser(named)) or (len(home) > 3 and named.startswith(home))


def _where(found: dict) -> str:
    told = [found["where"]] if found.get("where") else []
    if isinstance(found.get("largest"), float):
        told.append(f"largest difference {found['largest']:.1e}")
    return f" ({'; '.join(told)})" if told else ""


def _call(command: list[str], folder: Path, variables: dict[str, str], cores: int | None) -> int:
    """Run a command, on so few processors where the system can keep it there."""

    def few() -> None:
        os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[:cores]))

    limited = few if cores and hasattr(os, "sched_setaffinity") else None
    sys.stdout.flush()
    with subprocess.Popen(command, cwd=folder, env=variables, preexec_fn=limited) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child was told as well, and ends in its own way
            process.wait()
            raise
        except SystemExit:
            process.terminate()
            raise


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def without_network() -> list[str]:
    """The words that start a command with the network switched off; Refusal where none can."""
    words = ["unshare", "--map-root-user", "--net"]
    if sys.platform == "linux" and shutil.which("unshare"):
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    raise Refusal(
        "The network cannot be switched off for one command on this system: "
        "take --offline away, or pull the plug."
    )


def _python(version: str | None) -> str:
    if not version:
        return environment.base_python()
    if not re.fullmatch(r"3\.\d+", version):
        raise Refusal(f"--python {version}: say it like 3.12.")
    found = shutil.which(f"python{version}")
    if not found:
        raise Refusal(
            f"There is no python{version} on this machine's PATH. Install it, or name another."
        )
    told = subprocess.run([found, "-V"], capture_output=True, text=True, check=False)
    if not told.stdout.startswith(f"Python {version}."):  # such as a manager's empty shell
        said = (told.stdout + told.stderr).strip()[:200]
        raise Refusal(f"{found} is no Python {version}: {said}. Install it, or name another.")
    return found


def source_of(asked: str | None, root: Path, room: Path) -> tuple[Path, str | None]:
    """The study that is verified: this one, or what --from names (address, folder or zip)."""
    if not asked:
        return root, None
    if places.is_address(asked):
        return places.cloned(asked, room / "clone"), places.without_secrets(asked)
    path = Path(asked).absolute()
    if path.is_dir():
        return path, path.name
    if path.is_file():
        return _unzipped(path, room / "unpacked"), path.name
    asked = places.without_secrets(asked)
    raise Refusal(
        f"--from {asked}: there is no such folder or archive, and it is no address. Correct it."
    )


def _unzipped(archive: Path, target: Path) -> Path:
    """Unpack a zip archive, and find the study in it; Refusal for what would land outside."""
    import zipfile
    import zlib

    target.mkdir()
    try:
        with zipfile.ZipFile(archive) as file:
            for name in file.namelist():
                if name.startswith(("/", "\\")) or ".." in Path(name).parts:
                    raise Refusal(
                        f"{archive.name} holds {name}, which would land outside. "
                        "Do not unpack it; ask whoever made it."
                    )
            file.extractall(target)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Refusal(
            f"{archive} is no zip archive that can be read: {error}. Get it again."
        ) from error
    found = sorted(target.rglob("reproduce.py"), key=lambda path: (len(path.parts), path))
    return found[0].parent if found else target


def _read(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
