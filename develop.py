"""Works on this template: `python3 develop.py --help`. Needs only Python 3.11 to 3.14 and git."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (whoever has an older one is told)
    sys.exit("develop.py: this needs Python 3.11 or newer, for example: python3.12 develop.py")

import argparse
import hashlib
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

from gold_standard import environment  # noqa: E402
from gold_standard.errors import Refusal  # noqa: E402

FRAMEWORKS = ("scikit-learn", "pytorch")
LOCKS = ROOT / "locks"
WHEELS = ROOT / "template" / "tools"
STUDY_LOCK = ROOT / "template" / "{{ scikit_learn }}" / "requirements.lock"
TORCH_LOCK = ROOT / "template" / "{{ pytorch }}" / "requirements.lock"
OURS = environment.Environment(
    folder=ROOT / ".venv",
    lock=LOCKS / "dev.lock",
    path_file=("gold-standard.pth", f"{environment.UP}/src"),
    compiled=False,  # most of it is never imported
)
OUR_ENTRY = re.compile(r"^gold-standard==.*\n.*\n(?:    # .*\n)?", re.MULTILINE)
EXAMPLE = "for example: python3 develop.py test tests/test_lock.py"
FIRST_MOMENT_OF_A_ZIP = "315532800"  # 1 January 1980, so that a build does not depend on the day


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    study = commands.add_parser("study", help="render the default study into a folder and run it")
    study.add_argument("folder", type=Path)
    test = commands.add_parser(
        "test", help="the fast tests; `-m slow`, `-m exhaustive` and all else goes to pytest"
    )
    commands.add_parser("wheel", help="build src/ into template/tools/ and pin it there")
    lock = commands.add_parser("lock", help="make locks/ anew, keeping the versions that still fit")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    commands.add_parser(
        "pages", help="make docs/standards/, docs/errors.md and cookiecutter.json anew"
    )
    commands.add_parser("docs", help="make docs/ a site in .run/site/; a dead link fails")
    commands.add_parser("base", help="name the newest image of its base's tag in the Dockerfile")
    shots = commands.add_parser("pictures", help="run a study there, and make docs/pictures/ anew")
    shots.add_argument("folder", type=Path)
    results = commands.add_parser("results", help="run the studies, take their results as expected")
    results.add_argument("--framework", choices=FRAMEWORKS)
    bench = commands.add_parser("bench", help="the figures of the README, measured side by side")
    for command in (study, test, lock, bench):
        command.add_argument("--installer", choices=("uv", "pip"))
    options, rest = parser.parse_known_args()
    if rest and options.command not in ("test", "bench"):
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        if options.command == "study":
            refuse_full(options.folder)
        environment.make(ROOT, [OURS], getattr(options, "installer", None), say=_say)
        return COMMANDS[options.command](options, rest)
    except Refusal as refusal:
        print(f"develop.py: {refusal}", file=sys.stderr)
        return 2


def study(options, rest) -> int:
    """Render the default study and run it: the first command of the README."""
    folder = options.folder.absolute()
    render(folder)
    installer = ["--installer", options.installer] if options.installer else []
    return _call([environment.base_python(), str(folder / "reproduce.py"), *installer])


def refuse_full(folder: Path) -> None:
    """Raise Refusal for a folder that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is not empty: name a new folder.")


def render(folder: Path, *answers: str) -> None:
    """Render the study, with defaults but for `answers`, as it stands in this working tree."""
    command = [_ours(), "-m", "copier", "copy", "--defaults", "--quiet", "--vcs-ref=HEAD"]
    given = [word for answer in answers for word in ("--data", answer)]
    if _call([*command, *given, str(ROOT), str(folder)]):
        raise Refusal(f"Copier could not render the study into {folder}.")


def test(options, rest) -> int:
    """Run pytest in our environment: the second command of the README."""
    return _call([_ours(), "-m", "pytest", *rest], ROOT)


def bench(options, rest) -> int:
    """Run benchmarks/."""
    return _call([_ours(), "-m", "benchmarks", *rest], ROOT)


def wheel(options=None, rest=None) -> int:
    """Build the package into the template, and write its hash into the lock of the tools."""
    content = build()
    name = wheel_name()
    for old in WHEELS.glob("gold_standard-*.whl"):
        old.unlink()
    (WHEELS / name).write_bytes(content)
    pin_wheel(content)
    _say(f"template/tools/{name}: {len(content) / 1024:.0f} KiB")
    return 0


def wheel_name() -> str:
    return f"gold_standard-{_version()}-py3-none-any.whl"


def _version() -> str:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    return re.search(r'^version = "(.*)"$', settings, re.MULTILINE)[1]


def build() -> bytes:
    """The wheel of src/, the same bytes on every machine."""
    target = ROOT / ".run" / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    command = [_ours(), "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    variables = {**environment.clean_environment(), "SOURCE_DATE_EPOCH": FIRST_MOMENT_OF_A_ZIP}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"hatchling could not build src/: {done.stderr}")
    return _stored(next(target.glob("*.whl")).read_bytes())


def _stored(content: bytes) -> bytes:
    """The same archive without compression: what zlib makes differs between machines."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w") as stored:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
            plain.external_attr = 0o644 << 16
            plain.create_system = 3
            stored.writestr(plain, old.read(entry))
    return new.getvalue()


def pin_wheel(content: bytes) -> None:
    """Let the last entry of the tools' lock name the wheel."""
    from gold_standard.lock import HEADER_COUNT, replace

    lock = WHEELS / "tools.lock"
    text = OUR_ENTRY.sub("", lock.read_text("utf-8"))
    text += (
        f"gold-standard=={_version()} \\\n"
        f"    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"
        "    # the wheel beside this file\n"
    )
    count = len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE))
    replace(lock, HEADER_COUNT.sub(f"# {count} packages", text))


def lock(options, rest) -> int:
    """Make every lock anew with uv; they name no index and no path."""
    from gold_standard.installers import Uv
    from gold_standard.lock import Compiler, changes, packages, replace

    tool = Uv(str(OURS.python.with_name("uv")), environment.base_python(), ROOT, None)
    tool.links = ""  # a folder of the maker's own must not find its way into a lock
    uv = Compiler(tool)
    how = {"command": "python develop.py lock", "upgrade": options.upgrade}
    for name, (sources, more) in LOCK_SOURCES.items():
        path = ROOT / name
        if more is WITHOUT_TOOLS:
            text = (LOCKS / "slurm.exclude").read_text("utf-8")
            text += "".join(f"{name}\n" for name in packages(WHEELS / "tools.lock"))
            (ROOT / WITHOUT_TOOLS[1]).write_text(text, encoding="utf-8", newline="\n")
        if path == TORCH_LOCK:
            texts = uv.compile_all(sources, path, BUILDS, _torch_hashes, anew=True, **how)
        else:
            texts = {path: uv.compile(sources, path, more=more, **how)}
        for each, text in texts.items():
            before = packages(each) if each.exists() else {}
            each.parent.mkdir(parents=True, exist_ok=True)
            replace(each, text)
            if each.parent == WHEELS:
                wheel()
                uv.places = ["--find-links", str(WHEELS)]
            _say(f"{each.relative_to(ROOT)}: {len(packages(each))} packages")
            missing = [] if each.name == "requirements-cpu.lock" else uv.missing(each)
            for line in [*changes(before, packages(each)), *missing]:
                _say(f"  {line}")
    return 0


def _torch_hashes(version: str) -> list[str]:
    """The sha256 of torch's builds for Linux without GPU, which are on no index."""
    from gold_standard.builds import wheels
    from gold_standard.lock import PYTHONS

    lines = (LOCKS / "torch-cpu.sha256").read_text("utf-8").splitlines()
    pairs = [line.split() for line in lines if not line.startswith("#")]
    found = wheels([(name, digest) for digest, name in pairs], version, PYTHONS)
    if len(found) != 2 * len(PYTHONS):
        raise Refusal(f"locks/torch-cpu.sha256 has not all builds of torch {version}: add them.")
    return found


BUILDS = ["cpu", "gpu"]
WITHOUT_TOOLS = ["--excludes", ".run/in-tools.exclude"]  # what .tools has already
LOCK_SOURCES = {
    "template/{{ scikit_learn }}/requirements.lock": (["locks/scikit-learn.in"], []),
    "template/{{ pytorch }}/requirements.lock": (["locks/pytorch.in"], []),
    "src/gold_standard/uv-pins.lock": (["locks/uv-pins.in"], []),
    "template/tools/tools.lock": (["pyproject.toml"], ["--excludes", "locks/tools.exclude"]),
    "template/{{ cluster }}/profiles/slurm/tools.lock": (["locks/slurm.in"], WITHOUT_TOOLS),
    "locks/dev.lock": (["pyproject.toml"], ["--group", "dev", "--excludes", "locks/dev.exclude"]),
    "locks/oldest.lock": (["locks/oldest.in"], []),
}


def base(options, rest) -> int:
    """Write into the template's Dockerfile which image the tag of its base names by now."""
    from gold_standard import registry

    return registry.renew(ROOT / "template" / "Dockerfile")


def results(options, rest) -> int:
    """Run the default studies on this machine and take what they make as the expected results."""
    asked = [options.framework] if options.framework else FRAMEWORKS
    for framework in asked:
        for access, name in (("public", "results"), ("controlled", "results-standin")):
            folder = ROOT / ".run" / f"study-{framework}-{access}"
            shutil.rmtree(folder, ignore_errors=True)
            render(folder, f"framework={framework}", f"data_access={access}")
            shutil.rmtree(folder / name, ignore_errors=True)
            status = _call([environment.base_python(), str(folder / "reproduce.py")])
            if status not in (0, 1) or not any((folder / "record").glob("*.json")):
                raise Refusal(f"The study did not run to its end: look into {folder}.")
            whose = f"{{{{ {framework.replace('-', '_')} }}}}"
            expected = ROOT / "template" / whose / f"{{{{ {access} }}}}" / name
            shutil.rmtree(expected, ignore_errors=True)
            shutil.copytree(folder / name, expected)
            _say(f"{framework}: {name}/ is what the study makes here; look, then commit.")
    return 0


def pages(options=None, rest=None) -> int:
    """Write what is made from the code: pages of docs/, cookiecutter.json, the example's marks."""
    marks: set[str] = set()
    for framework, access in itertools.product(FRAMEWORKS, ("public", "controlled")):
        folder = ROOT / ".run" / f"example-{framework}-{access}"
        shutil.rmtree(folder, ignore_errors=True)
        render(folder, f"framework={framework}", f"data_access={access}")
        marks |= set(_marks(folder))
    file = ROOT / "src" / "gold_standard" / "check" / "example.json"
    # Those of earlier versions stay: an example that was never changed is still one.
    marks |= set(json.loads(file.read_text("utf-8"))) if file.exists() else set()
    file.write_text(json.dumps(sorted(marks), indent=0) + "\n", encoding="utf-8", newline="\n")
    door = ["-c", WRITE_DOOR, str(ROOT / "copier.yml"), str(ROOT / "cookiecutter.json")]
    errors = [str(ROOT / "docs" / "make_errors.py")]
    standards = ["-c", WRITE_PAGES, str(ROOT / "docs" / "standards")]
    for script in (door, errors, standards):
        if status := _call([_ours(), *script]):
            return status
    return 0


def pictures(options, rest) -> int:
    """Run the default study in a new folder; draw what it says, and take its page of results."""
    folder = str(options.folder.absolute())
    draw = [_ours(), "-m", "benchmarks.picture", folder]
    return _call(draw, ROOT) or _call([_ours(), str(ROOT / "tests" / "pictures.py"), folder])


WRITE_PAGES = """
import pathlib, shutil, sys
from gold_standard.check.pages import all_pages
folder = pathlib.Path(sys.argv[1])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
for name, text in all_pages().items():
    (folder / name).write_text(text, encoding="utf-8", newline="\\n")
"""
# Cookiecutter's questions are Copier's; a set of choices becomes one choice among all sets.
WRITE_DOOR = """
import itertools, json, pathlib, sys, yaml
source, target = map(pathlib.Path, sys.argv[1:])
asked, prompts = {}, {}
for name, question in yaml.safe_load(source.read_text("utf-8")).items():
    if name.startswith("_") or question.get("when") is False:
        continue
    asked[name], prompts[name] = question["default"], question["help"]
    if choices := question.get("choices"):
        if question.get("multiselect"):
            sets = [itertools.combinations(choices, size) for size in range(len(choices) + 1)]
            choices = [", ".join(one) or "none" for one in itertools.chain(*sets)]
        asked[name], prompts[name] = choices, {"__prompt__": question["help"]}
asked["__project_slug"] = (
    "{% set words = cookiecutter.project_name | slugify(max_length=60, word_boundary=True) %}"
    "{{ words if '-' in words else 'study-' ~ words if words else 'study' }}"
)
asked["__prompts__"] = prompts
target.write_text(json.dumps(asked, indent=2, ensure_ascii=False) + "\\n", "utf-8", newline="\\n")
"""
MARKS = """
import json, pathlib, sys
from gold_standard.check import runs, tree
print(json.dumps(runs.example_marks(tree.Folder(pathlib.Path(sys.argv[1])))))
"""


def _marks(folder: Path) -> list[str]:
    command = [_ours(), "-c", MARKS, str(folder)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def docs(options=None, rest=None) -> int:
    """Make docs/ a site: a dead link, or a page that no other leads to, is an error."""
    site = ROOT / ".run" / "site"
    shutil.rmtree(site, ignore_errors=True)
    strictly = ["--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env", "--quiet"]
    command = [_ours(), "-m", "sphinx", *strictly, str(ROOT / "docs"), str(site)]
    if _call(command):
        return 1
    _say(f"{(site / 'index.html').relative_to(ROOT)}: open it in a browser.")
    return 0


def _ours() -> str:
    return str(OURS.python)


def _call(command: list[str], folder: Path | None = None) -> int:
    sys.stdout.flush()
    variables = environment.clean_environment()
    # Our own uv comes last: it is there for those who have none, and much faster than pip.
    variables["PATH"] = f"{variables.get('PATH', os.defpath)}{os.pathsep}{OURS.python.parent}"
    return subprocess.run(command, cwd=folder, env=variables).returncode


def _say(text: str) -> None:
    print(text, flush=True)


COMMANDS = {
    "study": study,
    "test": test,
    "wheel": wheel,
    "lock": lock,
    "pages": pages,
    "docs": docs,
    "base": base,
    "pictures": pictures,
    "results": results,
    "bench": bench,
}

if __name__ == "__main__":
    sys.exit(main())
