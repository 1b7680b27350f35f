"""The second front door: Cookiecutter asks, and Copier renders, so that both give the same bytes.

The answers travel in a file, never as words of a command or as code.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml  # comes with Cookiecutter
from cookiecutter.config import get_user_config
from cookiecutter.repository import expand_abbreviations

PLACE = "{{ _copier_conf.dst_path }}"
PLACEHOLDER = "NO-STUDY-YET.md"
NOTHING = "none"  # how cookiecutter.json calls an empty set of add-ons
BOTH_KNOW = ("gh:", "gl:")  # other short addresses are Cookiecutter's alone
URL = re.compile(r"(git\+)?(https?|ssh|file|git)://|[^/\\]+@[^/\\:]+:")
NO_UPDATE = (
    "This study comes from an archive, which has no history: `copier update` will not work on it.\n"
    "For a study that can be updated, give the template's Git address or the path of its folder."
)


class Refusal(Exception):
    """What the person has to do first, in a sentence."""


def copier(repository: Path) -> list[str]:
    """The command of a Copier that is new enough for the template in this folder.

    Raises Refusal when there is none.
    """
    wanted = _template(repository)["_min_copier_version"]
    found = []
    for command, found_version in _candidates():
        if _numbers(found_version) >= _numbers(wanted):
            return command
        found.append(found_version)
    there = f"it found Copier {' and '.join(found)}" if found else "it found none"
    raise Refusal(
        f"This template needs Copier {wanted} or newer beside Cookiecutter, and {there}. "
        f'Install it, for instance with: pipx install "copier>={wanted}"'
    )


def _template(repository: Path) -> dict:
    return yaml.safe_load((repository / "copier.yml").read_text(encoding="utf-8"))


def _candidates() -> Iterator[tuple[list[str], str]]:
    """Copier in Cookiecutter's own environment, then the one on the PATH, with their versions."""
    with contextlib.suppress(PackageNotFoundError):
        yield [sys.executable, "-m", "copier"], version("copier")
    if command := shutil.which("copier"):
        done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
        if said := re.search(r"\d+(\.\d+)+", done.stdout):
            yield [command], said[0]


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def hand_over(asked: dict, project: Path) -> None:
    """Render the study into the folder that Cookiecutter made, from all that it knows.

    Raises Refusal when Copier refuses an answer or cannot get the template.
    """
    repository = Path(asked["_repo_dir"])
    address = asked["_template"]
    is_archive = address.lower().endswith(".zip")
    source = str(repository) if is_archive else find(address, asked["_output_dir"], repository)
    (project / PLACEHOLDER).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.yml"
        file.write_text(yaml.safe_dump(answers(asked, repository)), encoding="utf-8")
        command = [*copier(repository), "copy", "--defaults", "--overwrite", "--quiet"]
        command += [f"--vcs-ref={asked['_checkout']}"] if asked["_checkout"] else []
        command += [f"--data-file={file}", "--", source, str(project)]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Refusal(f"No complete study was made. Copier said: {_reason(done)}")
    if is_archive:
        _name(project / ".copier-answers.yml", address)
    print(_template(repository)["_message_after_copy"].replace(PLACE, str(project)))
    print(NO_UPDATE if is_archive else "")


def _reason(done: subprocess.CompletedProcess) -> str:
    """The last line of what Copier said, without the names of its errors."""
    lines = done.stderr.strip().splitlines() or [f"nothing, and ended with {done.returncode}"]
    said = re.sub(r"^([\w.]*(Error|Exception): )?(Validation error for question )?", "", lines[-1])
    if "There is no question" in said:
        said += (
            "\nThe template's newest release asks other questions than this copy of it: use Copier."
        )
    return said


def answers(asked: dict, repository: Path) -> dict:
    """The answers as Copier wants them: a set of choices is a list there, and one text here."""
    questions = _template(repository)
    given = {name: value for name, value in asked.items() if not name.startswith("_")}
    for name, value in given.items():
        if questions.get(name, {}).get("multiselect"):
            given[name] = [] if value == NOTHING else value.split(", ")
    return given


def find(address: str, output: str, repository: Path) -> str:
    """The template's address for Copier, which has to find it again at every update.

    Raises Refusal when it is a relative path and nothing tells where the person stood.
    """
    if address.startswith(BOTH_KNOW):
        return address
    settings = get_user_config()
    address = expand_abbreviations(address, settings["abbreviations"])
    if URL.match(address):
        plain = address.startswith("git") or address.endswith(".git")
        return address if plain else f"git+{address}"
    # A path may be relative to where the person stood, which no hook is told.
    here = Path(output)
    stood = [os.environ.get("PWD", "."), here, *here.parents, settings["cookiecutters_dir"]]
    wanted = (repository / "copier.yml").read_bytes()
    for base in stood:
        file = Path(base, address, "copier.yml")
        if file.is_file() and file.read_bytes() == wanted:
            return os.path.abspath(file.parent)
    raise Refusal(f"Where the template {address!r} lies cannot be told. Give its absolute path.")


def _name(file: Path, new: str) -> None:
    """Let the answers name the archive, and not the folder into which it was unpacked."""
    said = f"_src_path: {json.dumps(new, ensure_ascii=False)}"
    lines = file.read_text(encoding="utf-8").splitlines()
    named = [said if line.startswith("_src_path:") else line for line in lines]
    file.write_text("\n".join(named) + "\n", encoding="utf-8", newline="\n")
