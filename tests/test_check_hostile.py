"""Repositories that mean harm, or are only odd: bounded work, no crash, nothing run, nothing leaked."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import contextlib
import json
import os
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import jsonschema
import pytest

from gold_standard.check import command, judge, runs
from gold_standard.check import faces as faces_of
from gold_standard.check.faces import badge, markdown, page, table, terminal
from gold_standard.layout import read_settings
from tests.synthetic import ALL, files_of, report_on, write

SCHEMA = json.loads(Path(faces_of.__file__).with_name("schema.json").read_text(encoding="utf-8"))
SOUND = jsonschema.Draft202012Validator(SCHEMA)
GIGABYTE = 1024**3
SECRET = "correct-horse-battery-staple"
NAMES = (
    "README.md", "LICENSE", "CITATION.cff", ".zenodo.json", "requirements.txt", "environment.yml",
    "pyproject.toml", "poetry.lock", "renv.lock", "Pipfile", "Dockerfile", "setup.py", "setup.cfg",
    "train.py", "analysis.ipynb", "figures.R", "fit.m", "run_all.sh", "Snakefile", "config.yaml",
    ".gitignore", "model.pth", "data/table.csv",
)  # fmt: skip
needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def faces(report: dict) -> str:
    """Everything that is printed of a report, as one text."""
    texts = [
        terminal.text(report, False, 80), markdown.text(report), page.text(report),
        table.text([report, report], "csv"), table.text([report, report], "text"),
        page.text([report, report]), json.dumps(report),
    ]  # fmt: skip
    with contextlib.suppress(ValueError):  # no badge for the example
        texts += [badge.svg(report, "heil"), json.dumps(badge.endpoint(report, "midl"))]
    return "\n".join(texts)


def sound(report: dict) -> dict:
    """The report, after it was compared with its schema and printed in all ways."""
    SOUND.validate(json.loads(json.dumps(report)))
    assert faces(report)
    return report


def judged(place: Path, most: float = 10) -> dict:
    """The report on a folder or archive, made in bounded time."""
    began = time.process_time()
    report = sound(judge.report(judge.open_tree(place), place.name))
    assert time.process_time() - began < most
    return report


def verdicts(report: dict) -> dict[str, str]:
    return {result["id"]: result["verdict"] for result in report["results"]}


def checked(place: Path, capsys) -> dict:
    """The report of the whole command."""
    assert command.main(["check", str(place), "--format", "json"]) == 0
    return sound(json.loads(capsys.readouterr().out))


def in_little_memory(place: Path, megabytes: int) -> dict:
    """The report of a process that may use no more than so much memory."""
    resource = pytest.importorskip("resource")
    code = "import sys; from gold_standard.check.command import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "check", str(place), "--format", "json"],
        capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024**2,) * 2),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return sound(json.loads(done.stdout))


# Size


@needs_posix
def test_files_of_two_gigabytes_are_not_read_whole(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.truncate(tmp_path / name, 2 * GIGABYTE)
    report = in_little_memory(tmp_path, 1200)
    assert verdicts(report)["midl.model"] == "pass"


def test_a_notebook_of_fifty_megabytes_is_read(tmp_path):
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "iVBORw0KGgo" * 9000},
        "metadata": {},
    }
    code = ["from sklearn.svm import SVC\n", "SVC().fit([[0], [1]], [0, 1])"]
    cells = [{"cell_type": "code", "source": code, "outputs": [picture] * 510, "metadata": {}}]
    with (tmp_path / "a.ipynb").open("w") as file:
        json.dump({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, file)
    assert (tmp_path / "a.ipynb").stat().st_size > 50_000_000
    assert verdicts(judged(tmp_path))["midl.training"] == "pass"


UNITS = ("a", "[", "<!--", "a=", "[a](", "\x0b", "\n", "# a\n", "a==1\n", "license ", "(", "f(x)\n")


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS[1::2])
def test_files_of_one_repeated_sign_take_bounded_time(tmp_path, unit):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(unit * (20_000 // len(unit)))
    judged(tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_large_file_of_one_repeated_sign_takes_bounded_time(tmp_path, unit, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(unit * (2_000_000 // len(unit)))
    judged(tmp_path, most=30)


def test_a_line_of_twenty_megabytes_takes_bounded_time(tmp_path):
    for name in ("README.md", "train.py", "requirements.txt", "config.yaml"):
        (tmp_path / name).write_text("x = [" + "1, " * 7_000_000 + "]")
    judged(tmp_path)


@pytest.mark.slow
def test_twenty_thousand_files_take_bounded_time(tmp_path):
    write(ALL["snakemake"].files, tmp_path)
    for folder in range(200):
        (tmp_path / f"src/part_{folder}").mkdir(parents=True)
        for number in range(100):
            end = "py" if number < 5 else "png"
            os.close(
                os.open(
                    tmp_path / f"src/part_{folder}/file_{number}.{end}", os.O_CREAT | os.O_WRONLY
                )
            )
    report = judged(tmp_path)
    assert verdicts(report)["midl.training"] == "pass"


# Encodings


@pytest.mark.parametrize(
    "name", ["torch_everything", "notebooks", "r_targets", "poetry_lock", "pixi_lock"]
)
def test_invalid_utf8_everywhere_is_read_as_far_as_it_goes(name):
    files = files_of(ALL[name].files)
    sound(
        report_on(
            {
                path: content + b"\n\xff\xfe \x80\xc3( \xed\xa0\x80"
                for path, content in files.items()
            }
        )
    )
    sound(
        report_on(
            {path: b"\xc3(" + content.replace(b"a", b"\xe4") for path, content in files.items()}
        )
    )


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-be", "utf-8-sig", "utf-32", "latin-1", "cp037"]
)
def test_a_readme_in_another_encoding_is_no_crash(encoding):
    files = files_of(ALL["weights_on_drive"].files)
    text = files["README.md"].decode()
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    report = sound(report_on(files | {"README.md": (mark + text).encode(encoding)}))
    if encoding in ("utf-16", "utf-16-be", "utf-8-sig", "latin-1"):
        assert verdicts(report) == ALL["weights_on_drive"].verdicts


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\0" * 99, b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\x00", b"\r\r\r", b"\x1a"],
)
def test_files_that_hold_nothing_are_no_crash(content):
    sound(report_on(dict.fromkeys(NAMES, content)))


# Depth


def nested(opening: str, closing: str, inside: str = "") -> list[str]:
    return [opening * depth + inside + closing * depth for depth in (90, 5_000, 50_000)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "contents"),
    [
        ("train.py", ["x = " + text for text in nested("(", ")", "1")]),
        ("train.py", ["x = " + text for text in nested("[", "]")]),
        ("train.py", ["x = " + text for text in nested("-", "", "1")]),
        ("train.py", ["x = a" + ".b" * 100_000, "x = " + "a(" * 90 + ")" * 90, "x" + " = x" * 90_000]),
        ("train.py", ["if a:\n  pass\n" + "elif a:\n  pass\n" * 20_000, "x = 1" + " + 1" * 100_000]),
        ("train.py", ["".join(" " * n + "if a:\n" for n in range(99)) + " " * 99 + "pass\n"]),
        ("a.ipynb", nested("[", "]") + nested('{"cells":', "}", "1")),
        (".zenodo.json", nested("[", "]") + nested('{"doi":', "}", "1")),
        ("renv.lock", nested("[", "]") + nested('{"Packages":', "}", "1")),
        ("Pipfile.lock", nested('{"default":', "}", "1")),
        ("pyproject.toml", ["x = " + text for text in nested("[", "]")] + ["[" + "a." * 50_000 + "a]"]),
        ("environment.yml", ["dependencies: " + text for text in nested("[", "]")]),
        ("CITATION.cff", ["authors: " + text for text in nested("[", "]")] + nested("{a: ", "}")),
        ("config.yaml", nested("- ", "") + nested("{a: ", "}")),
        ("README.md", nested("[", "](a)") + nested("> ", "") + nested("<div>", "</div>")),
        ("setup.py", ["setup(install_requires=" + text + ")" for text in nested("[", "]")]),
    ],
)  # fmt: skip
def test_what_is_nested_beyond_sense_is_no_crash(path, contents):
    for content in contents:
        began = time.process_time()
        sound(report_on({"README.md": "# A study\n", path: content.encode()}))
        assert time.process_time() - began < 10


REPEATED = (
    "\n", " \n", "\t", "a.", "a/", "a_", "a-", "-", "src/", "a ", "data ", "10.1/", "(", "[a](", "[a](b) ",
    "a = ", "a==1\n", '"', "'a", "`", "python ", "import a\n", "pip install a\n", "# a\n", "<!--", "${a", "|",
    "- ", "rule a:\n", "http://", "weights.pth ", "a, ", "\\",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", REPEATED)
def test_eight_times_of_one_piece_take_no_square_of_the_time(piece):
    def cost(length: int) -> float:
        content = (piece * (length // len(piece))).encode()
        began = time.process_time()
        sound(report_on(dict.fromkeys(NAMES, content)))
        return time.process_time() - began

    cost(0)  # What is loaded and compiled once.
    assert cost(80_000) < 12 * cost(10_000) + 0.5


def test_five_hundred_folders_in_each_other(tmp_path):
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(500):
            os.mkdir("folder")
            os.chdir("folder")
        Path("train.py").write_text("import torch\n")
    finally:
        os.chdir(here)
    judged(tmp_path)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
MERGED = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 9)}]}}\n"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "bomb",
    [
        BOMB,
        MERGED,
        "a: &a [*a]\n",
        "? [1]\n: 2\n1: 2\nb: 3\n",
        "a: !!python/object/apply:os.system ['false']\n",
    ],
)
def test_yaml_that_explodes_does_not(tmp_path, bomb):
    """Also where the repository gives itself out for a study, whose settings are read further."""
    study = {
        "reproduce.py": "", "tools/tools.lock": "", "pyproject.toml": "[tool.gold-standard]\n",
        "src/a.py": "", "record/run.json": '{"schema": 1}',
    }  # fmt: skip
    for name in (
        "CITATION.cff",
        "config.yaml",
        "environment.yml",
        "conda-lock.yml",
        "pixi.lock",
        "dvc.yaml",
    ):
        study[name] = f"dependencies:\n- python\n{bomb}" if name == "environment.yml" else bomb
    tree = judge.open_tree(write(study, tmp_path))
    assert runs.is_study(tree)
    began = time.process_time()
    settled = runs.read(tree, runs.digest_of(tmp_path), read_settings(tmp_path))
    sound(judge.report(tree, "bomb", settled))
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "settings",
    [
        "[tool]\ngold-standard = 3 # [tool.gold-standard]", "[tool.gold-standard]\ncompare = 3",
        "[tool.gold-standard]\nwaivers = 3", "tool = 3 # [tool.gold-standard]", "[tool.gold-standard",
        "[tool.gold-standard]\ndata_access = [[[]]]", "[tool.gold-standard]\nwaivers = {'midl.model' = 7}",
        "[tool.gold-standard]\nx = " + "[" * 9000,
    ],
)  # fmt: skip
def test_settings_of_a_study_that_are_none_are_told(tmp_path, settings, capsys):
    write({"reproduce.py": "", "tools/tools.lock": "", "pyproject.toml": settings}, tmp_path)
    report = checked(tmp_path, capsys)
    assert report["heil"]["level"] == "none"


# Links, folders and pipes in the place of files


@needs_posix
def test_links_in_a_circle_are_no_files(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "README.md").symlink_to("README.md")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / ".git").symlink_to(".git")
    (tmp_path / "train.py").write_text("import torch\n\nloss.backward()\n")
    assert verdicts(judged(tmp_path))["midl.training"] == "pass"


@needs_posix
def test_no_link_is_followed_out_of_the_repository(tmp_path, capsys):
    outside, repository = tmp_path / "outside", tmp_path / "repository"
    outside.mkdir()
    repository.mkdir()
    for name in NAMES:
        (outside / name).parent.mkdir(exist_ok=True)
        (outside / name).write_text(
            f"# {SECRET}\n{SECRET}==1.0\n{SECRET} data: https://zenodo.org/records/{SECRET}\n"
        )
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).symlink_to(outside / name)
    (repository / "all").symlink_to(outside, target_is_directory=True)
    (repository / ".git").symlink_to(outside, target_is_directory=True)
    report = judged(repository)
    assert SECRET not in faces(report)
    assert set(verdicts(report).values()) == {"fail"}
    assert command.main(["check", str(repository)]) == 0
    assert SECRET not in "".join(capsys.readouterr())


def test_folders_named_like_files_are_no_files(tmp_path, capsys):
    for name in NAMES:
        (tmp_path / name / "inside").mkdir(parents=True)
        (tmp_path / name / "inside" / name.rpartition("/")[2]).write_text("x")
    checked(tmp_path, capsys)


@needs_posix
def test_pipes_are_not_waited_for(tmp_path, capsys):
    for name in (*NAMES, "reproduce.py", ".git"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        os.mkfifo(tmp_path / name)
    report = checked(tmp_path, capsys)
    assert report["notes"] == ["The repository is empty."]


@needs_posix
def test_files_that_may_not_be_read_are_left_out(tmp_path):
    write(ALL["jax_keys"].files, tmp_path)
    for path in tmp_path.iterdir():
        path.chmod(0)
    try:
        judged(tmp_path)
    finally:
        for path in tmp_path.iterdir():
            path.chmod(stat.S_IRWXU)


ODD = (
    "new\nline.py", "\x1b[31mred\x1b[0m.py", "\u202egnp.yp.md", "a\tb.ipynb", "'\"`$(touch x).sh", "<script>.md",
    "|pipe|.csv", "-rf.py", "\u00e9\u0301.R", "con.txt", " .py", "a" * 250 + ".py", "model\u200b.pth", "%s%n.yml",
)  # fmt: skip


@needs_posix
def test_names_that_would_act_are_shown_as_escapes(tmp_path, capsys):
    for name in (*map(os.fsencode, ODD), b"lat\xe4n.py", b"\xff\xfe.md", b"\xed\xa0\x80.pth"):
        with contextlib.suppress(OSError), open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(
                b"import torch\nimport utils.nothing\n\nloss.backward()\ntorch.rand(3)\n" * 40
            )
    report = judged(tmp_path)
    shown = faces(report).replace("\x1b[0m", "")
    assert "\u202e" not in shown and "\x1b[31m" not in shown and "\x00" not in shown
    for form in ("text", "markdown", "html", "csv", "json"):
        to = tmp_path.parent / f"report.{form}"
        assert command.main(["check", str(tmp_path), "--format", form, "--output", str(to)]) == 0
        assert to.stat().st_size
    capsys.readouterr()


def test_hostile_ignore_patterns_take_bounded_time(tmp_path):
    patterns = [
        "*a" * 100 + "b",
        "**/a/" * 60 + "b",
        "[",
        "[a-",
        "!" * 99,
        "\\",
        "a**b**c**d**e",
        "*" * 300,
    ]
    (tmp_path / ".gitignore").write_text("\n".join(patterns * 200 + [f"x{n}" for n in range(9000)]))
    for number in range(300):
        (tmp_path / ("a" * 200 + str(number))).touch()
    (tmp_path / "a/a/a/a/a/a/a").mkdir(parents=True)
    (tmp_path / ".git").mkdir()  # outside Git they say nothing
    judged(tmp_path)


# Archives


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.mark.slow
@needs_posix
def test_a_zip_bomb_is_bounded_in_memory_and_time(tmp_path):
    one = b"\n" * 8_000_000
    members = {f"part/{name}": one for name in NAMES} | {f"x{n}.py": one for n in range(8)}
    inner = archive(tmp_path / "inner.zip", {"zeros": b"\0" * 50_000_000}).read_bytes()
    bomb = archive(tmp_path / "bomb.zip", members | {f"data/{n}.zip": inner for n in range(20)})
    assert bomb.stat().st_size < 5_000_000
    began = time.monotonic()
    in_little_memory(bomb, 1200)
    assert time.monotonic() - began < 60


def test_an_archive_that_gives_itself_out_for_a_study_is_unpacked_in_bounds(tmp_path, capsys):
    """Its members are read as what they claim to be, and none lands outside the temporary folder."""
    members = {
        "reproduce.py": b"open('ran', 'w')", "tools/tools.lock": b"", "pyproject.toml": b"[tool.gold-standard]\n",
        "a": b"file", "a/b": b"in a file", "../escaped": b"x", "/escaped": b"x", "C:/escaped": b"x",
        "..\\escaped": b"x", "long/" + "n" * 300: b"x", "results/zeros.csv": b"\0" * 30_000_000,
    }  # fmt: skip
    report = checked(archive(tmp_path / "study.zip", members), capsys)
    assert report["study_digest"]
    assert not list(tmp_path.parent.glob("**/escaped")) and not Path("/escaped").exists()


def test_members_that_leave_the_archive_are_left_out(tmp_path):
    path = archive(
        tmp_path / "a.zip",
        {
            name: f"# {SECRET}\n".encode()
            for name in (
                "../README.md",
                "/README.md",
                "C:/README.md",
                "a/../../README.md",
                "..\\README.md",
            )
        },
    )
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("README.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("train.py", "import torch\nloss.backward()\n")
        file.writestr("./LICENSE", "MIT License")
        file.writestr("?no-name", "")
    path.write_bytes(path.read_bytes().replace(b"?no-name", b"\0no-name"))
    tree = judge.open_tree(path)
    assert "train.py" in tree.sizes and "README.md" not in tree.sizes
    report = judged(path)
    assert SECRET not in faces(report) and "root:" not in faces(report)


def damaged(path: Path, kind: str) -> Path:
    """An archive in which one thing is wrong."""
    archive(path, {"README.md": b"# A study\n" * 50, "train.py": b"import torch\n" * 50})
    content = bytearray(path.read_bytes())
    if kind == "cut":
        content = content[: len(content) // 2]
    elif kind == "bytes":
        content[45:60] = b"\xff" * 15
    elif kind == "encrypted":
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.find(mark) + place] |= 1
    elif kind == "method":
        for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            content[content.find(mark) + place] = 97
    elif kind == "sizes":
        content[content.find(b"PK\x01\x02") + 24 : content.find(b"PK\x01\x02") + 28] = (
            b"\xf0\xff\xff\x7f"
        )
    path.write_bytes(bytes(content))
    return path


@pytest.mark.parametrize("kind", ["bytes", "encrypted", "method", "sizes"])
def test_a_damaged_archive_is_read_as_far_as_it_goes(tmp_path, kind):
    judged(damaged(tmp_path / "a.zip", kind))


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 10, b"no archive at all" * 99, None]
)
def test_what_is_no_archive_is_refused_in_one_sentence(tmp_path, content, capsys):
    path = tmp_path / "a.zip"
    path.write_bytes(content) if content is not None else damaged(path, "cut")
    assert command.main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and "neither a folder nor a zip archive" in err


# Nothing is run

ALARM = "import pathlib; pathlib.Path({!r}).touch()\n"


def git(folder: Path, *arguments: str) -> None:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = [
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


def repository(folder: Path) -> Path:
    """A Git repository with one commit, and one change since."""
    write(ALL["jax_keys"].files, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All")
    (folder / "README.md").write_text("# Changed\n")
    return folder


@pytest.fixture
def alarm(tmp_path) -> tuple[Path, str]:
    """A file that must not appear, and a program that would make it."""
    rang = tmp_path / "rang"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch '{rang}'\ncat\n")
    program.chmod(0o755)
    return rang, str(program)


@needs_posix
@pytest.mark.parametrize(
    "how",
    ["monitor", "filter", "included", "git file", "worktree settings", "hooks", "submodule", "textconv", "external diff", "promisor", "bare", "ssh"],
)  # fmt: skip
def test_no_program_that_git_settings_name_is_run(tmp_path, alarm, how, capsys):
    rang, program = alarm
    folder = repository(tmp_path / "repository")
    config = folder / ".git/config"
    filtered = f'[filter "x"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n'
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("* filter=x diff=x\n")
    settings = {
        "monitor": f"[CORE]\n\tFSMonitor = {program}\n",
        "filter": filtered,
        "included": f"[include]\n\tpath = {tmp_path / 'more'}\n",
        "textconv": f'[diff "x"]\n\ttextconv = {program}\n',
        "external diff": f"[diff]\n\texternal = {program}\n",
        "ssh": f"[core]\n\tsshCommand = {program}\n\tpager = {program}\n\taskPass = {program}\n\teditor = {program}\n",
        "promisor": f'[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ssh://host.invalid/a\n\tpromisor = true\n[core]\n\tsshCommand = {program}\n',
        "worktree settings": "[extensions]\n\tworktreeConfig = true\n",
    }
    (tmp_path / "more").write_text(filtered)
    config.write_text(config.read_text() + settings.get(how, ""))
    if how == "worktree settings":
        (folder / ".git/config.worktree").write_text(filtered)
    if how == "promisor":
        for path in (folder / ".git/objects").glob("??/*"):
            path.unlink()
    if how == "hooks":
        for name in (
            "post-index-change",
            "pre-commit",
            "post-checkout",
            "fsmonitor-watchman",
            "reference-transaction",
        ):
            (folder / ".git/hooks" / name).write_text(Path(program).read_text())
            (folder / ".git/hooks" / name).chmod(0o755)
    if how == "git file":
        config.write_text(config.read_text() + filtered)
        (folder / ".git").rename(folder / "elsewhere")
        (folder / ".git").write_text("gitdir: elsewhere\n")
    if how == "bare":
        config.write_text(
            f"[core]\n\tbare = false\n\trepositoryformatversion = 0\n\tworktree = .\n\tfsmonitor = {program}\n{filtered}"
        )
        for path in (folder / ".git").iterdir():
            path.rename(folder / path.name)
    if how == "submodule":
        repository(tmp_path / "inner")
        git(folder, "submodule", "add", "-q", str(tmp_path / "inner"), "inner")
        git(folder, "commit", "-q", "-m", "Inner")
        inside = folder / ".git/modules/inner/config"
        inside.write_text(inside.read_text() + filtered + f"[core]\n\tfsmonitor = {program}\n")
        (folder / ".git/modules/inner/info").mkdir(exist_ok=True)
        (folder / ".git/modules/inner/info/attributes").write_text("* filter=x\n")
        (folder / "inner/README.md").write_text("# Changed, too\n")
    report = checked(folder, capsys)
    assert not rang.exists()
    assert report["dirty"] in ((True,) if how in ("hooks", "submodule") else (None,))


@needs_posix
def test_a_study_that_names_programs_does_not_run_them(tmp_path, alarm, capsys):
    """Its digest is made of what Git tracks, so Git is asked more."""
    rang, program = alarm
    study = {
        "reproduce.py": ALARM.format(str(rang)), "tools/tools.lock": "", "pyproject.toml": "[tool.gold-standard]\n",
        "yaml.py": ALARM.format(str(rang)), "results/table.csv": "a\n",
    }  # fmt: skip
    folder = write(study, tmp_path / "study")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All")
    config = folder / ".git/config"
    config.write_text(config.read_text() + f"[core]\n\tfsmonitor = {program}\n")
    assert checked(folder, capsys)["study_digest"]
    assert not rang.exists()


def test_nothing_of_the_repository_is_imported_or_run(tmp_path):
    rang = tmp_path / "rang"
    folder = tmp_path / "repository"
    files = dict(ALL["torch_everything"].files)
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "__init__.py", "__main__.py",
                 "yaml.py", "json.py", "numpy.py", "pathspec.py", "train.py", "_targets.R", "docs/conf.py"):  # fmt: skip
        files[name] = ALARM.format(str(rang))
    files["pyproject.toml"] = (
        "[build-system]\nrequires = []\nbuild-backend = 'setup'\nbackend-path = ['.']\n"
    )
    write(files, folder)
    script = Path(sys.executable).with_name("gold-standard")
    code = "import sys; from gold_standard.check.command import main; sys.exit(main())"
    starts = [str(script)] if script.exists() else [sys.executable, "-P", "-c", code]
    environment = os.environ | {"PYTHONPATH": str(Path(command.__file__).parents[2])}
    words = [*starts, "check", "--format", "json"]
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    sound(json.loads(done.stdout))
    assert not rang.exists()
    assert not list(folder.rglob("__pycache__"))
