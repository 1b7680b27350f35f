"""The commands of `python reproduce.py`: says at once what is wrong, then sets up and hands over.

Runs before anything is installed (standard library only), and again inside .tools.
"""

import argparse
import os
import sys
from pathlib import Path

from gold_standard import environment
from gold_standard.errors import Refusal, refusal_for

HELP = """\
usage: python reproduce.py [command] [options]

Without a command it runs the study, for example: python reproduce.py --cores 2

commands, each with a --help of its own:
  test     run the tests of your own functions (pytest; its options after --)
  lock     pin requirements.lock anew, after you changed pyproject.toml
  verify   run the study twice more from clean copies, compare, write it down
  check    tell which standard the study meets so far, with the evidence
  report   put question, results, workflow and verdicts on one page, to send
  demo     let a trained model say what it makes of five held-out cases
  container  build the image of the Dockerfile, and tell how it is run
  publish  build the archive, reproduce it unpacked, deposit it where asked to
options of a run:
  --cores N            work on N cores (default: all that it may use)
  --config FILE        try other settings; what they give goes to runs/
  --smoke              everything on a small sample, in runs/smoke/
  --standin            controlled data: run on the synthetic stand-in
  --profile NAME       each step a job of a cluster, as profiles/NAME/ says
  --copy-to DIR        copy results/, models/, record/ there when it has run
options of every command, beside --help and --version:
  --env NAME           run, test, verify: another environment, such as gpu
  --installer {uv,pip} what installs the packages (default: uv if it is there)
  --wheelhouse DIR     take all packages from this folder, without network"""

TEST_HELP = """\
usage: python reproduce.py test [-- options of pytest]

Runs the tests in tests/, yours and the smoke run, with pytest in .venv. What
follows -- goes to pytest.

for example: python reproduce.py test -- -k split"""

LOCK_HELP = """\
usage: python reproduce.py lock [options]

Pins every package that pyproject.toml asks for in requirements.lock, with a
hash for each of its files; versions that still fit are kept.

  --upgrade            take the newest versions that fit

for example: python reproduce.py lock --upgrade"""

VERIFY_HELP = """\
usage: python reproduce.py verify [options]

Copies what is committed into clean rooms, makes both environments from their
locks, runs the study twice under other circumstances, and compares run with run
and with the committed results. Writes certificates/, and touches nothing else.

  --once               one run instead of two
  --offline            with the network switched off, where the system allows it
  --by NAME            who verifies; an outsider's record is a certificate
  --orcid ID           of that person
  --from PLACE         another study: a folder, a zip archive or a Git address
  --python 3.12        with another Python of this machine
  --from-models        take the published weights, repeat what follows from them
  --keep               leave the clean rooms, to look into them

for example: python reproduce.py verify --once --by 'Ada Lovelace'"""

CHECK_HELP = """\
usage: python reproduce.py check [options]

Judges the study by the standards of Heil et al. 2021 and of MIDL (Simko 2024),
from its files and the records of its runs, with evidence. Runs nothing.

  --format F           text, json, markdown, html, svg, endpoint or csv
  --output FILE        write there, not on the screen
  --standard S         which badge: heil or midl
  --fail-under LEVEL   exit 1 below bronze, silver, gold, or midl=5
  --explain ID         say what one criterion asks
  --online             look identifiers up
  --run                run a copy of the study first

for example: python reproduce.py check --format html --output check.html"""

DEMO_HELP = """\
usage: python reproduce.py demo

Calls what `demo` in pyproject.toml names: a trained model says, case by case,
what it predicts for five that it did not learn from. It trains nothing, needs
no network, and shows of controlled data the stand-in alone.

for example: python reproduce.py demo"""

REPORT_HELP = """\
usage: python reproduce.py report [--output FILE]

Writes the study on one HTML page: question, tables, figures, workflow, what the
run needed, and the verdicts of check. Needs a record of a run; runs nothing.
Every complete run does the same, so this is for after an edit or a commit.

  --output FILE        write there, not to runs/report.html

for example: python reproduce.py report --output results-for-anna.html"""

CONTAINER_HELP = """\
usage: python reproduce.py container [options] [-- options of the build]

Builds the image of the Dockerfile with docker, podman or buildah, whichever is
there, with labels from CITATION.cff, and tells how it is run. What follows --
goes to the build, such as --no-cache or --build-arg BASE=python:3.14-slim.

  --renew              build nothing: write into the Dockerfile which image the
                       tag of its base names by now

for example: python reproduce.py container -- --no-cache"""

PUBLISH_HELP = """\
usage: python reproduce.py publish [options]

Builds dist/NAME-VERSION.zip from what is committed and verified, unpacks that
very file in an empty folder, and reproduces it there. Sends nothing by itself.

  --with-wheels [S]    and every package for system S, such as linux-x86_64 or
                       darwin-arm64-3.12,windows-amd64 (default: this machine)
  --anonymous          for double-blind review: without names and identifiers
  --dry-run            only tell what would be built and sent
  --deposit            make drafts with reserved DOIs at Zenodo's sandbox
  --publish            publish them, after asking once more
  --service URL        at another InvenioRDM, such as https://zenodo.org
  --records KINDS      of these: code,model,data (default: code and models)

for example: python reproduce.py publish --with-wheels --dry-run"""

HELPS = {
    "test": TEST_HELP, "lock": LOCK_HELP, "verify": VERIFY_HELP, "check": CHECK_HELP,
    "report": REPORT_HELP, "demo": DEMO_HELP, "container": CONTAINER_HELP, "publish": PUBLISH_HELP,
}  # fmt: skip
COMMANDS = ("run", "test", "lock", "verify", "check", "report", "demo", "container", "publish")
FORMATS = ("text", "json", "markdown", "html", "svg", "endpoint", "csv")
ONLY_FOR = {
    "cores": "run", "config": "run", "smoke": "run", "standin": "run", "profile": "run",
    "copy_to": "run", "upgrade": "lock", "renew": "container",
    "format": "check", "output": "check or report", "fail_under": "check", "run": "check",
    "explain": "check", "standard": "check", "online": "check",
    "once": "verify", "offline": "verify", "keep": "verify", "source": "verify",
    "from_models": "verify", "python": "verify", "by": "verify", "orcid": "verify",
    "with_wheels": "publish", "anonymous": "publish", "dry_run": "publish", "deposit": "publish",
    "publish": "publish", "service": "publish", "records": "publish",
}  # fmt: skip
WITH_ENV = ("run", "test", "verify")


def main(argv: list[str] | None = None, root: Path | str | None = None) -> int:
    """Do what the command line says; return 0 (agrees), 1 (differs) or 2 (could not)."""
    argv = sys.argv[1:] if argv is None else list(argv)
    root = Path(root) if root else _root()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that lacks a letter
    try:
        return _dispatch(argv, root)
    except Refusal as refusal:
        text = str(refusal)
    except OSError as error:
        told = refusal_for(error, root)
        if told is None:
            raise
        text = str(told)
    except KeyboardInterrupt:
        text = "Stopped. The next call goes on from here."
    print(f"reproduce.py: {text}", file=sys.stderr)
    return 2


def _root() -> Path:
    """The study that the .tools belong to which run this; else the working directory."""
    prefix = Path(sys.prefix)
    return prefix.parent if prefix.name.partition("-")[0] == ".tools" else Path.cwd()


def _dispatch(argv: list[str], root: Path) -> int:
    options = parse(argv)
    place = os.environ.get("GOLD_FIND_LINKS", "")
    if place and "://" not in place:  # a folder, also for what works in another one
        os.environ["GOLD_FIND_LINKS"] = os.path.abspath(place)
    if options.help:
        print(HELPS.get(options.command, HELP))
        return 0
    if options.version:
        from gold_standard import __version__

        print(f"gold-standard {__version__}")
        return 0
    if options.command == "lock":
        from gold_standard import lock

        return lock.main(root, options)
    if options.renew:
        from gold_standard import registry

        return registry.renew(root / "Dockerfile")
    if not (options.wheelhouse or options.env or options.profile):
        options.wheelhouse = environment.brought(root)
    tools = environment.tools(root, options.profile).folder
    if not _inside(tools):
        # Whoever only wants to know waits for the small environment alone.
        small = ("check", "verify", "report", "container", "publish")
        only = ".tools" if options.command in small else None
        say = _say_beside if options.command == "check" else _say
        environment.prepare(
            root, options.installer, options.wheelhouse, say, only, options.env, options.profile
        )
        return _hand_over(argv, tools)
    if options.command == "check":
        return _check(root, options)
    if options.command == "verify":
        from gold_standard import verify

        return verify.main(root, options)
    if options.command == "report":
        from gold_standard import results_page

        return results_page.main(root, options)
    if options.command == "container":
        from gold_standard import container

        return container.main(root, options)
    if options.command == "publish":
        from gold_standard import publish

        return publish.main(root, options)
    if options.command == "demo":
        from gold_standard import demo

        return demo.main(root, options)
    if options.command == "test":
        return _test(root, options.rest, options.env)
    from gold_standard import run

    return run.main(root, options)


def parse(argv: list[str]) -> argparse.Namespace:
    """The options; raise Refusal, naming the nearest valid word, for anything unknown."""
    ours, rest = argv, None
    if "--" in argv:
        ours, rest = argv[: argv.index("--")], argv[argv.index("--") + 1 :]
    parser = _parser()
    options, left = parser.parse_known_args(ours)
    unknown = [word for word in left if word.startswith("-")]
    if unknown:
        flags = [flag for action in parser._actions for flag in action.option_strings]
        raise Refusal(f"There is no option {unknown[0]}.{_nearest(unknown[0], flags)}")
    options.command, options.rest = (left or ["run"])[0], rest or []
    if options.command not in COMMANDS:
        near = _nearest(options.command, COMMANDS)
        raise Refusal(f"There is no command {options.command}.{near}")
    if len(left) > 1:
        raise Refusal(f"One command at a time: {left[0]}, or {left[1]}?")
    for name, command in ONLY_FOR.items():
        given = getattr(options, name) not in (None, False, [])
        if given and options.command not in command.split(" or "):
            name = {"source": "from"}.get(name, name).replace("_", "-")
            raise Refusal(
                f"--{name} has no meaning for {options.command}, only for {command}. Leave it out."
            )
    if options.command in WITH_ENV:
        options.env = options.env or os.environ.get("GOLD_ENV")  # as the tests around us have it
    elif options.env:
        raise Refusal(
            f"--env has no meaning for {options.command}, only for a run, test, verify. "
            "Leave it out."
        )
    if rest is not None and options.command not in ("test", "container"):
        raise Refusal(
            "`--` has a meaning only after test and container: what follows goes to pytest, or to "
            "the build. Leave it out."
        )
    if options.smoke and options.config:
        raise Refusal("--smoke and --config are two different trials: take one of them.")
    if options.profile and options.cores:
        raise Refusal(
            "--cores is for this machine. Say how many jobs a cluster gets at a time by `jobs` in "
            f"profiles/{options.profile}/config.yaml."
        )
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise Refusal(f"{message}. See: python reproduce.py --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False, usage=argparse.SUPPRESS)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--cores", type=_cores)
    parser.add_argument("--config", type=_file)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--standin", action="store_true")
    parser.add_argument("--profile")
    parser.add_argument("--copy-to", type=os.path.abspath)
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--format", choices=FORMATS)
    parser.add_argument("--output", type=os.path.abspath)
    parser.add_argument("--fail-under", action="append", default=[])
    parser.add_argument("--standard", choices=("heil", "midl"))
    parser.add_argument("--explain")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--online", action="store_true")
    for flag in ("--once", "--offline", "--keep", "--from-models"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--anonymous", "--dry-run", "--deposit", "--publish"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--with-wheels", nargs="?", const="")
    for flag in ("--service", "--records"):
        parser.add_argument(flag)
    parser.add_argument("--from", dest="source")
    for flag in ("--python", "--by", "--orcid"):
        parser.add_argument(flag)
    parser.add_argument("--env")
    parser.add_argument("--installer", choices=("uv", "pip"))
    parser.add_argument("--wheelhouse", type=_folder)
    return parser


def _cores(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of cores, such as 4")
    return int(text)


def _file(text: str) -> str:
    if not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"there is no file {text}: name one that is there")
    return os.path.abspath(text)


def _folder(text: str) -> Path:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"there is no folder {text}: name one that is there")
    return Path(os.path.abspath(text))


def _nearest(word: str, valid: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, valid, n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else " See: python reproduce.py --help"


def _say_beside(text: str) -> None:
    """On the error stream: the other one holds the report."""
    print(text, file=sys.stderr, flush=True)


def _check(root: Path, options) -> int:
    from gold_standard.check import command

    options.format = options.format or "text"
    options.standard = options.standard or "heil"
    options.resolver = command.RESOLVER
    return command.check([str(root)], options)


def _say(text: str) -> None:
    print(text, flush=True)


def _inside(tools: Path) -> bool:
    return tools.exists() and os.path.samefile(sys.prefix, tools)


def _hand_over(argv: list[str], tools: Path) -> int:
    """Go on inside .tools: in place of this process, or on Windows as its child."""
    python = str(tools / environment.BIN / environment.PYTHON)
    # -P: a file of the study named like a module of Python is not taken for it.
    command = [python, "-P", "-X", "utf8", "-m", "gold_standard", *argv]
    sys.stdout.flush()
    if not environment.WINDOWS:
        os.execve(python, command, environment.clean_environment())
    return _call(command, None)


def _test(root: Path, more: list[str], name: str | None = None) -> int:
    """Run pytest in .venv, or in the environment of that name; 2 when it could not run."""
    venv = environment.science(root, name).folder
    if not any(environment.site(venv).glob("pytest-*.dist-info")):
        raise Refusal(
            "pytest is not in requirements.lock: add it to the dependencies in pyproject.toml, "
            "then: python reproduce.py lock"
        )
    python = str(venv / environment.BIN / environment.PYTHON)
    if name:
        os.environ["GOLD_ENV"] = name  # a smoke run among the tests works with the same
    status = _call([python, "-P", "-m", "pytest", *more], root)
    return status if status in (0, 1) else 2


def _call(command: list[str], folder: Path | None) -> int:
    import subprocess

    with subprocess.Popen(command, cwd=folder, env=environment.clean_environment()) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the child was told as well, and ends in its own way
                continue
