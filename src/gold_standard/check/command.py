"""`check`: what people type, what it judges, and what it prints."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gold_standard import places
from gold_standard.cli import FORMATS
from gold_standard.errors import Refusal

RESOLVER = "https://doi.org/"  # another one is an archive for tests
LEVELS = ("none", "bronze", "silver", "gold")
# Settings of a repository that name no program, so that Git may be asked what has changed.
HARMLESS = re.compile(
    r"core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode"
    r"|symlinks|autocrlf|eol|safecrlf|longpaths|quotepath|hidedotfiles|sharedrepository)"
    r"|remote\..*\.(url|pushurl|fetch|tagopt|prune|gh-resolved)|submodule\..*\.(url|active)"
    r"|(branch|user|gc|pull|push|fetch|advice|color|init|rebase)\..*"
    r"|lfs\.repositoryformatversion|extensions\.(objectformat|refstorage)"
)


def main(argv: list[str] | None = None) -> int:
    """The command `gold-standard check WHAT…`; 0, 1 (below what was asked) or 2 (no judgement)."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="gold-standard", allow_abbrev=False, description="Judges repositories by the standards of Heil et al. 2021 and of MIDL (Simkó 2024).")  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    checks = commands.add_parser("check", allow_abbrev=False, help="judge folders, zip archives or Git addresses", description="Judge repositories; nothing in them is run, unless --run says so.", epilog="for example: gold-standard check ../study --format markdown")  # fmt: skip
    checks.add_argument("what", nargs="*", default=["."], metavar="WHAT", help="a folder, a zip archive or a Git address (default: here)")  # fmt: skip
    add_options(checks)
    options = parser.parse_args(argv)
    try:
        return check(options.what, options)
    except Refusal as refusal:
        print(f"gold-standard: {refusal}", file=sys.stderr)
        return 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `check`, the same in a study and outside."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="what to print")
    parser.add_argument("--output", metavar="FILE", help="write there, not on the screen")
    parser.add_argument("--standard", choices=("heil", "midl"), default="heil", help="which badge")
    parser.add_argument("--fail-under", action="append", default=[], metavar="LEVEL", help="bronze, silver, gold or midl=5: exit 1 below that")  # fmt: skip
    parser.add_argument("--explain", metavar="ID", help="say what one criterion asks, and stop")
    parser.add_argument("--online", action="store_true", help="look identifiers up")
    parser.add_argument("--resolver", default=RESOLVER, help=argparse.SUPPRESS)
    parser.add_argument("--run", action="store_true", help="run the study again, from a copy of it")


def check(places: list[str], options) -> int:
    """Judge, print, and say by the exit code whether all are as good as asked.

    Raises Refusal where something cannot be judged.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if options.explain:
        print(explained(options.explain))
        return 0
    wanted = [_wanted(text) for text in options.fail_under]
    with ExitStack() as stack:
        reports = [_report(place, options, stack) for place in places]
    put(_face(reports, options), options.output)
    return 1 if any(_below(report, wanted) for report in reports) else 0


def judged(root: Path) -> dict:
    """The report on a study as it lies there; nothing is run. Raises Refusal."""
    options = argparse.Namespace(run=False, online=False, resolver=RESOLVER)
    with ExitStack() as stack:
        return _report(str(root), options, stack)


def explained(id: str) -> str:
    """The page of one criterion. Raises Refusal for an id that is none."""
    from gold_standard.check import pages
    from gold_standard.check.wordings import OF

    if id not in OF:
        raise Refusal(f"There is no criterion {id}. There are: {', '.join(OF)}.")
    return pages.all_pages()[f"{id}.md"].rstrip("\n")


def _wanted(text: str) -> tuple[str, int]:
    if text in LEVELS:
        return "heil", LEVELS.index(text)
    name, _, number = text.partition("=")
    if name == "midl" and number.isdecimal() and 0 <= int(number) <= 6:
        return "midl", int(number)
    raise Refusal(f"--fail-under {text}: say bronze, silver, gold, or midl=0 to midl=6.")


def _below(report: dict, wanted: list[tuple[str, int]]) -> bool:
    from gold_standard.check import judge

    reached = {"heil": LEVELS.index(report["heil"]["level"]), "midl": report["midl"]["score"]}
    # What does not apply is not held against anybody; what its owner waived is.
    waived = {waiver["id"] for waiver in report["waivers"]}
    lacking = sum(
        result["verdict"] == "not-applicable" and result["id"] not in waived
        for result in report["results"]
        if result["id"] in judge.SCORED
    )
    return any(reached[name] < least - (lacking if name == "midl" else 0) for name, least in wanted)


def _report(place: str, options, stack: ExitStack) -> dict:
    from gold_standard.check import judge, runs

    path = _local(place, stack)
    try:
        tree = judge.open_tree(path, _tracked(path))
    except ValueError as error:
        raise Refusal(str(error)) from error
    commit, dirty = _state(path)
    study = None
    if runs.is_study(tree):
        study = _study(tree, path, options, stack)
    elif options.run:
        raise Refusal(f"{place} was not made from this template: leave out --run.")
    report = judge.report(tree, places.without_secrets(place) if places.is_address(place) else str(Path(place)), study, commit, dirty, options.resolver != RESOLVER)  # fmt: skip
    if options.online:
        from gold_standard.check import online

        online.resolve(report, options.resolver)
    return report


def _study(tree, path: Path, options, stack: ExitStack):
    """What the machinery knows of a study; with --run after a run of a copy of it."""
    from gold_standard.check import runs, updates
    from gold_standard.layout import read_settings

    folder = path
    if path.is_file():
        folder = _unpacked(tree, stack)
    settings = {}
    try:
        settings = read_settings(folder)
    except Refusal as refusal:
        note = f"{refusal}"
    else:
        note = None
    digest = runs.digest_of(folder)
    study = runs.read(tree, digest, settings)
    study.notes += updates.notes(tree, path if path.is_dir() else None)
    if note:
        study.notes.append(note)
    if options.run:
        _run_again(study, folder, stack)
    return study


def _unpacked(tree, stack: ExitStack) -> Path:
    """The files of an archive in a temporary folder: a digest is made of files."""
    import shutil

    from gold_standard.check.tree import UNREADABLE

    total = sum(info.file_size for info in tree.members.values())
    if total > 4_000_000_000:
        raise Refusal(
            f"The archive holds {total:,} bytes: unpack it yourself and judge the folder."
        )
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gold-standard-")))
    # All of them: what the judge leaves aside counts for the digest.
    for path, info in tree.members.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tree.archive.open(info) as packed, target.open("xb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
        except UNREADABLE:
            continue  # the digest will not be the one of the record
    return folder


def _run_again(study, folder: Path, stack: ExitStack) -> None:
    """Run a copy of the study with its one command, and take the record of that run."""
    from gold_standard import environment, rooms

    room = stack.enter_context(rooms.room(keep=False))
    copy = room / "study"
    copy.mkdir()
    rooms.committed_copy(folder, copy, None, False)
    (copy / study.where).unlink(missing_ok=True)  # what is read afterwards is of this run
    print(f"Running it once more, in a copy: {copy}", file=sys.stderr, flush=True)
    variables = environment.clean_environment() | rooms.temporary(room) | {rooms.MARK: str(room)}
    command = [environment.base_python(), "reproduce.py"]
    done = subprocess.run(command, cwd=copy, env=variables, stdout=sys.stderr, check=False)
    try:
        record = json.loads((copy / study.where).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    if done.returncode not in (0, 1) or record is None:
        raise Refusal(
            "The run did not come to its end; what went wrong stands above. "
            "Mend that, or leave out --run."
        )
    study.record, study.here, study.stale = record, True, False


def _local(place: str, stack: ExitStack) -> Path:
    """The folder or archive; what lies at a Git address is cloned."""
    if not places.is_address(place):
        return Path(place)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gold-standard-"))
    return places.cloned(place, Path(folder) / "clone")


def _state(root: Path) -> tuple[str | None, bool | None]:
    """The commit of a repository and whether files differ from it; None where nobody can tell.

    A repository's own settings can name programs: where they do, Git is not asked for changes.
    """
    git = root / ".git"
    if git.is_symlink() or not git.exists():
        return None, None
    commit = (_git(root, "rev-parse", "--verify", "--quiet", "HEAD") or "").strip() or None
    if commit is None or not _harmless(root):
        return commit, None
    changed = _git(root, "status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=all")  # fmt: skip
    return commit, None if changed is None else bool(changed.strip())


def _harmless(root: Path) -> bool:
    """Whether the repository's own settings, with what they include, are all known to be harmless."""
    told = _git(root, "config", "--show-scope", "--includes", "--list", "--name-only", "-z")
    if told is None:
        return False
    words = told.split("\0")
    own = [name for scope, name in zip(words[::2], words[1::2], strict=False) if scope in ("local", "worktree")]  # fmt: skip
    return all(HARMLESS.fullmatch(name.lower()) for name in own)


def _tracked(root: Path) -> list[str]:
    """Files that Git keeps although a .gitignore names them."""
    if (root / ".git").is_symlink() or not (root / ".git").exists() or not _harmless(root):
        return []
    names = _git(root, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
    return [name for name in (names or "").split("\0") if name]


def _git(root: Path, *arguments: str) -> str | None:
    settings = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit"]  # fmt: skip
    # Neither a repository around this one nor one that lacks objects is asked.
    more = {"GIT_CEILING_DIRECTORIES": str(root.absolute().parent), "GIT_NO_LAZY_FETCH": "1"}
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"} | more
    try:
        done = subprocess.run(["git", *settings, *arguments], cwd=root, env=environment, capture_output=True, text=True, errors="replace", check=False)  # fmt: skip
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _face(reports: list[dict], options) -> str:
    """The text of the report in the form that was asked for."""
    from gold_standard.check.faces import badge, markdown, page, table, terminal

    one = reports[0] if len(reports) == 1 else None
    form = options.format
    if form == "json":
        return json.dumps(one or reports, indent=1, ensure_ascii=True) + "\n"
    if form == "html":
        return page.text(one or reports)
    if form in ("svg", "endpoint"):
        return _badge(badge, one, options)
    if form == "csv" or one is None:
        return table.text(reports, form)
    if form == "markdown":
        return markdown.text(one)
    return terminal.text(one, sys.stdout.isatty() and not options.output, _width())


def _badge(badge, report: dict | None, options) -> str:
    if report is None:
        raise Refusal("A badge is for one repository. Name one.")
    if options.resolver != RESOLVER:
        raise Refusal(
            "No badge is written from identifiers of an archive for tests. Leave out --resolver."
        )
    try:
        if options.format == "svg":
            return badge.svg(report, options.standard)
        return json.dumps(badge.endpoint(report, options.standard), indent=1) + "\n"
    except ValueError as error:
        raise Refusal(str(error)) from error


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 120)


def put(text: str, output: str | None) -> None:
    """Write to a file, or on the screen. Raises Refusal."""
    if not output:
        print(text, end="", flush=True)
        return
    try:
        with open(output, "w", encoding="utf-8", newline="\n", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise Refusal(
            f"{output} cannot be written: {error.strerror}. Name another file."
        ) from error
    print(f"Written to {output}.")
