"""`verify`: its clean rooms, when they are set up, cut off, killed, or have no room themselves."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest
import tiny
from ministudy import SOURCE, Verifiable, in_order
from verifying import copied, finish, never_verified, problems, wait_until, zipped

from gold_standard import places, rooms, verify
from gold_standard.errors import Refusal


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return finish(tmp_path_factory.mktemp("verify") / "study")


@pytest.fixture
def study(finished, tmp_path):
    return copied(finished, tmp_path / "a stüdy")


# The environments, from their locks alone

LOCKED = '''"""Makes .venv from its lock, then goes on as the tiny study does."""
import sys
from pathlib import Path
sys.path[:] = [entry for entry in sys.path if Path(entry) != Path(__file__).resolve().parent]
from gold_standard import environment
from gold_standard.errors import Refusal
ROOT = Path(__file__).resolve().parent
house = Path(sys.argv[sys.argv.index("--wheelhouse") + 1]) if "--wheelhouse" in sys.argv else None
try:
    environment.make(ROOT, [environment.science(ROOT)], None, house)
except Refusal as refusal:
    sys.exit(f"reproduce.py: {refusal}")
sys.argv[1:] = sys.argv[1:2]
'''


@pytest.mark.slow
@pytest.mark.parametrize("how", ["whole", "another hash", "not in the lock"])
def test_a_package_is_there_only_by_the_lock_and_with_its_hash(study, tmp_path, how):
    house = tmp_path / "house"
    alpha, beta = tiny.wheel(house, "alpha"), tiny.wheel(house, "beta")
    # On the author's machine the package is there: the tiny study's .venv is not a real one.
    study.write("reproduce.py", LOCKED + study.read("reproduce.py").split('"""', 2)[2])
    study.edit("scripts/table.py", "import pathlib", "import alpha, pathlib")
    study.write("requirements.lock", beta if how == "not in the lock" else alpha + beta)
    if how == "another hash":
        digits = re.search("sha256:([0-9a-f]{64})", alpha)[1]
        study.edit("requirements.lock", digits, digits[::-1])
    study.commit()
    arguments = ("--once", "--wheelhouse", str(house))
    patch = f"os.environ['PATH'] = {str(Path(tiny.UV).parent)!r} + ':' + os.environ['PATH']"
    if how == "whole":
        result = study.verify(*arguments, patch=patch)
        assert result.status == 0, result.out + result.err
        return
    result = never_verified(study, *arguments, patch=patch)
    assert "alpha" in result.out + result.err
    assert ("sha256 differs" in result.err) == (how == "another hash")


@pytest.mark.slow
def test_the_real_command_refuses_a_falsified_lock_in_the_clean_room(tmp_path):
    root = tmp_path / "study"
    tiny.study(root)
    digits = re.search("sha256:([0-9a-f]{64})", (root / "requirements.lock").read_text())[1]
    lock = (root / "requirements.lock").read_text().replace(digits, digits[::-1])
    (root / "requirements.lock").write_text(lock)
    (root / "pyproject.toml").write_text('[tool.gold-standard]\ndata_access = "public"\n')
    (root / ".gitignore").write_text("/house/\n/.run/\n/.tools/\n/.venv/\n")
    study = object.__new__(Verifiable)
    study.root, study.said = root, tmp_path
    study.found().commit()
    # As a program: the Python below .venv has no packages, and is the one that everybody has.
    patch = (
        "environment.base_python = lambda: sys._base_executable\n"
        f"os.environ['PATH'] = {str(Path(tiny.UV).parent)!r} + ':' + os.environ['PATH']"
    )
    result = never_verified(study, "--once", "--wheelhouse", str(root / "house"), patch=patch)
    assert "pytest==1.0" in result.err and "its sha256 differs" in result.err


@pytest.mark.parametrize("wish", ["3.99", "2.7.1", "3", "python3", "3.12; true"])
def test_a_python_that_is_not_there_is_refused(wish):
    with pytest.raises(Refusal, match=r"--python|no python3\.99"):
        verify._python(wish)


def test_a_python_that_only_looks_like_one_is_refused(tmp_path, monkeypatch):
    fake = tmp_path / "python3.12"
    fake.write_text("#!/bin/sh\necho 'python3.12: not installed here' >&2\nexit 127\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(Refusal, match="is no Python 3.12: .*not installed here"):
        verify._python("3.12")


@pytest.mark.slow
def test_another_python_runs_the_study_where_it_is_asked_for(study):
    installed = Path.home() / ".pyenv/versions"
    mine = f"python3.{sys.version_info[1]}"
    found = sorted(p for p in installed.glob("*/bin/python3.1?") if p.name != mine)
    if not found:
        pytest.skip("there is only one Python here")
    study.write("reproduce.py", "import sys\nsys.exit('this is %d.%d' % sys.version_info[:2])\n")
    study.commit()
    path = f"{found[-1].parent}{os.pathsep}{os.environ['PATH']}"
    version = found[-1].name.removeprefix("python")
    result = study.verify("--once", "--python", version, PATH=path)
    assert f"this is {version}" in result.err
    assert "did not come to its end" in result.out and result.status == 1


# The network

REACH = "import socket\nfrom pathlib import Path\ntry:\n    socket.create_connection(('127.0.0.1', PORT), 2); told = 'reached'\nexcept OSError:\n    told = 'not reached'\n"  # noqa: E501


@pytest.mark.slow
def test_offline_means_that_no_step_reaches_anything(study):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        study.write("scripts/table.py", REACH.replace("PORT", str(port)) + (
            "import sys\nPath(sys.argv[1]).write_text(f'network,\\n{told},\\n')\n"
        ))  # fmt: skip
        assert study.reproduce().status in (0, 1)
        study.commit()
        assert study.verify("--once").status == 0
        if subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
            pytest.skip("the network cannot be switched off for one command here")
        result = study.verify("--once", "--offline")
    assert result.status == 1
    assert any("'reached' became 'not reached'" in text for text in problems(result))
    assert study.certificates[-1]["offline"] is True
    pages = sorted((study.root / "certificates").glob("*.md"), key=in_order)
    assert "| Network | off |" in pages[-1].read_text("utf-8")


def only(folder: Path, *names: str) -> str:
    """A PATH with only these programs in it."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


@pytest.mark.slow
def test_offline_is_refused_where_it_cannot_be_done(study, tmp_path):
    programs = only(tmp_path / "bin", "git", "bash", "sh")
    result = never_verified(study, "--offline", PATH=programs)
    assert result.status == 2
    assert "network cannot be switched off" in result.err
    assert "Run 1" not in result.out


# Stopped, killed, two at once


def begin_and_hold(study: Verifiable, where: str, *arguments: str):
    """Begin `verify` and wait until it is at a certain point, where it stays."""
    mark = study.root.parent / "mark"
    hold = f"(open({str(mark)!r}, 'w'), __import__('time').sleep(60))"
    patches = {
        "copy": f"rooms._write = lambda *a, w=rooms._write: (w(*a), a[0].name == 'config.yaml' and {hold})",  # noqa: E501
        "write": f"certificate.write = lambda *a: {hold}",
    }
    process = study.begin(*arguments, patch=patches.get(where, ""))
    if where in patches:
        wait_until(mark.exists)
    else:
        folder = {"run 1": "first/study", "run 2": "second räume/another study"}[where]
        wait_until(lambda: any(study.temporary.glob(f"*/{folder}/.run/logs/raw.log")))
    return process


def working_in(folder: Path) -> list[psutil.Process]:
    """Processes that have a room below this folder."""
    return [p for p in psutil.process_iter() if variable(p).startswith(str(folder.resolve()))]


def variable(process: psutil.Process) -> str:
    try:
        about = process.environ()
        return about.get("GOLD_ROOM", about.get("GOLD_STATE", ""))
    except (psutil.Error, OSError):
        return ""


@pytest.fixture
def slow(study):
    """A study whose first step takes a while."""
    study.edit("scripts/step.py", "wait = ", "'raw' in target and time.sleep(1.5)\nwait = ")
    study.commit()
    return study


@pytest.mark.slow
@pytest.mark.parametrize("where", ["copy", "run 1", "run 2", "write"])
def test_killed_at_any_moment_nothing_is_left_but_a_room_that_the_next_call_clears(slow, where):
    before = slow.contents()
    process = begin_and_hold(slow, where)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert slow.contents() == before
    [room] = slow.rooms
    assert bool(working_in(slow.temporary)) == where.startswith("run")
    code = "from gold_standard import rooms; rooms.sweep()"
    subprocess.run([sys.executable, "-c", code], env=os.environ | slow.variables, check=True)
    assert slow.rooms == [] and working_in(slow.temporary) == []
    assert slow.contents() == before


@pytest.mark.slow
def test_the_call_after_a_killed_one_clears_up_and_verifies(slow):
    process = begin_and_hold(slow, "run 1", "--once")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    result = slow.verify("--once")
    assert result.status == 0, result.out + result.err
    assert slow.rooms == [] and len(slow.certificates) == 1


@pytest.mark.slow
def test_stopped_by_hand_the_room_is_cleared(slow):
    before = slow.contents()
    process = begin_and_hold(slow, "run 1")
    os.killpg(process.pid, signal.SIGINT)
    result = slow.finish(process)
    assert result.status == 2 and "Stopped" in result.err
    assert slow.rooms == [] and slow.contents() == before
    assert working_in(slow.temporary) == []


@pytest.mark.slow
def test_told_to_end_it_ends_what_it_began_and_the_room_is_cleared(slow):
    before = slow.contents()
    process = begin_and_hold(slow, "run 1", "--once")
    os.kill(process.pid, signal.SIGTERM)
    result = slow.finish(process)
    assert result.status == 128 + signal.SIGTERM and "Traceback" not in result.err
    assert slow.rooms == [] and slow.contents() == before
    assert working_in(slow.temporary) == []


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("--keep",)])
def test_what_a_step_left_running_is_ended_with_its_run(study, arguments):
    line = "{input.models:q} > {log:q} 2>&1"
    study.edit("Snakefile", line, f"{line}; sleep 50 > /dev/null 2>&1 &")
    study.edit("Snakefile", "sleep 50 > /dev/null 2>&1 &", "(sleep 50 > /dev/null 2>&1 &)")
    study.commit()
    result = study.verify("--once", *arguments)
    assert result.status == 0, result.out + result.err
    assert working_in(study.temporary) == []
    assert len(study.rooms) == len(arguments)


@pytest.mark.slow
def test_a_kept_room_in_which_nothing_lies_is_no_use(study):
    never_verified(study, "--keep", "--from", "/nowhere")
    assert study.rooms == []


@pytest.mark.slow
def test_two_at_once_do_not_disturb_each_other(slow):
    first = begin_and_hold(slow, "run 1", "--once")
    slow.said = slow.root.parent / "said"
    slow.said.mkdir()
    second = slow.verify("--once")
    assert second.status == 0, second.out + second.err
    assert first.wait(60) == 0
    assert len(slow.certificates) == 2 and slow.rooms == []


def test_a_room_of_another_machine_or_with_a_holder_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(rooms.tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = tmp_path / f"gold-verify-{dead.pid}.5.{rooms._machine()}-a"
    others = tmp_path / f"gold-verify-{dead.pid}.5.beer-a"
    held = tmp_path / f"gold-verify-{dead.pid}.6.{rooms._machine()}-a"
    link = tmp_path / f"gold-verify-{dead.pid}.7.{rooms._machine()}-a"
    for folder in (mine, others, held):
        folder.mkdir()
    link.symlink_to(others)
    with rooms.only_one(held / "lock", "busy"):
        rooms.sweep()
    assert sorted(tmp_path.iterdir()) == sorted([others, held, link])


@pytest.mark.slow
def test_kept_rooms_stay_and_the_next_call_leaves_them(study):
    assert study.verify("--once", "--keep").status == 0
    [room] = study.rooms
    assert (room / "first/study/results/metrics.csv").is_file()
    result = study.verify("--once")
    assert result.status == 0 and study.rooms == [room]


def test_read_only_files_and_folders_are_cleared(tmp_path):
    room = tmp_path / "room"
    (room / "a/b").mkdir(parents=True)
    (room / "a/b/file").write_text("x")
    (room / "a/b/file").chmod(stat.S_IRUSR)
    for folder in ("a/b", "a"):
        (room / folder).chmod(stat.S_IRUSR | stat.S_IXUSR)
    code = f"from gold_standard import rooms; rooms.clear(rooms.Path({str(room)!r}))"
    words = [sys.executable, "-c", code]
    if os.geteuid() == 0:  # whom permissions do not stop, unless that right is taken away
        rights = "-dac_override,-dac_read_search"
        words = ["setpriv", f"--bounding-set={rights}", "--inh-caps=-all", *words]
        if not shutil.which("setpriv"):
            pytest.skip("root clears everything")
    subprocess.run(words, check=True, env=os.environ | {"PYTHONPATH": str(SOURCE)})
    assert not room.exists()


# What is in the way


@pytest.mark.slow
@pytest.mark.parametrize("size, moment", [("32k", "copy"), ("160k", "run")])
def test_a_full_disk_for_the_rooms_is_one_clear_sentence(study, tmp_path, size, moment):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        before = study.contents()
        result = study.verify("--once", TMPDIR=str(disk))
        assert result.status != 0
        assert "disk is full" in result.err, result.out + result.err
        assert "Traceback" not in result.err
        assert study.contents() == before
        assert list(disk.iterdir()) == []
        assert ("Run 1" in result.out) == (moment == "run")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_without_git_a_repository_is_refused_and_a_mere_folder_verifies(study, tmp_path):
    programs = only(tmp_path / "bin", "bash", "sh")
    result = never_verified(study, PATH=programs)
    assert result.status == 2 and "git is not installed" in result.err
    result = never_verified(study, "--from", "https://example.org/a.git", PATH=programs)
    assert result.status == 2 and "git is not installed" in result.err
    shutil.rmtree(study.root / ".git")
    result = study.verify("--once", PATH=programs)
    assert result.status == 0, result.out + result.err


@pytest.mark.slow
def test_a_submodule_and_a_file_in_lfs_are_refused_by_name(study):
    entry = "160000,0123456789012345678901234567890123456789,vendor/lib"
    study.git("update-index", "--add", "--cacheinfo", entry)
    study.git("commit", "-qm", "submodule")
    result = never_verified(study)
    assert result.status == 2 and "vendor/lib is a submodule" in result.err
    study.git("reset", "-q", "--hard", "HEAD~1")
    study.write("models/seed_1.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    study.commit()
    result = never_verified(study)
    assert result.status == 2 and "seed_1.bin is kept by Git LFS" in result.err


@pytest.mark.slow
def test_a_place_that_is_none_is_one_sentence(study, tmp_path):
    no_zip = tmp_path / "study.tar"
    no_zip.write_bytes(b"no zip")
    broken = tmp_path / "broken.zip"
    whole = zipped(study, tmp_path / "whole.zip").read_bytes()
    broken.write_bytes(whole[:300] + bytes(200) + whole[500:])
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../outside.txt", "x")
    empty = tmp_path / "empty"
    empty.mkdir()
    for place, told in {
        tmp_path / "nowhere": "no such folder or archive",
        no_zip: "no zip archive that can be read",
        broken: "",
        outside: "would land outside",
        empty: "no reproduce.py",
        (tmp_path / "none").as_uri(): "cannot be cloned",
    }.items():
        result = never_verified(study, "--once", "--from", str(place))
        assert result.status == 2 and told in result.err, result.err
        assert "Traceback" not in result.err
    assert not (tmp_path / "outside.txt").exists()


def test_no_temporary_folder_is_no_reason_to_write_into_the_present_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rooms.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(Refusal, match="TMPDIR"), rooms.room(keep=False):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_folder_that_cannot_take_the_record_still_gets_the_verdict(study):
    study.write("certificates", "a file in the way")
    study.write(".gitignore", study.read(".gitignore") + "certificates\n")
    result = study.verify("--once")
    assert "Verified" in result.out and result.status == 2
    assert "is no folder, so the record was not written" in result.err


# Small questions


@pytest.mark.parametrize(
    "text, found",
    [
        ('open("/usr/share/dict/words")', False),
        ("https://example.org/home/data.csv", False),
        ('"results/metrics.csv"', False),
        ("../data/x.csv", False),
        (f'read("{Path(__file__).resolve()}")', True),
        (f"path: {Path(__file__).resolve()}", True),
        (f"file://{Path(__file__).resolve()}", True),
        (f"read({str(Path.home())}/not-there.csv)", True),
        ("/nowhere/at/all.csv", False),
    ],
)
def test_a_path_is_foreign_where_it_is_one_of_this_machine(text, found):
    named = [n for n in verify.OWN_PATHS.findall(text) if verify._is_of_this_machine(n)]
    assert bool(named) is found


def test_modules_named_like_folders_of_results_are_read_as_well(tmp_path):
    line = f"path = '{Path(__file__).resolve()}'\n"
    for name in ("models.py", "src/results.py", "toolsmith/a.py", "results/a.py", "tools/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(line)
    found = verify._foreign_paths(tmp_path)
    assert [text.split(",")[0] for text in found] == [
        "models.py",
        "src/results.py",
        "toolsmith/a.py",
    ]


def test_the_expected_time_counts_the_second_run_on_one_core(tmp_path):
    (tmp_path / "record").mkdir()
    path = tmp_path / "record/run.json"
    path.write_text(json.dumps({"totals": {"wall_seconds": 10.0, "cpu_seconds": 36.0}}))
    assert verify._expected(tmp_path, 1) == (10.0, 10.0)
    assert verify._expected(tmp_path, 2) == (10.0, 46.0)
    for text in ("{}", "[]", "{", '{"totals": 3}', '{"totals": {"wall_seconds": "long"}}'):
        path.write_text(text)
        assert verify._expected(tmp_path, 2) == (None, 0.0)


def test_no_password_and_no_folder_of_the_machine_gets_into_a_record():
    hide = places.without_secrets
    assert hide("https://me:secret@example.org/a.git") == "https://example.org/a.git"
    assert hide("ssh://token@example.org/a.git") == "ssh://example.org/a.git"
    assert hide("file:///home/me/study") == "file://…/study"
    for password in ("p@ss", "p/ss", "p", "p@s/s@"):
        assert hide(f"https://me:{password}@example.org/a.git") == "https://example.org/a.git"
    assert hide("get https://example.org/a?token=x, then") == "get https://example.org/a then"
    assert hide("https://example.org/a.git#x") == "https://example.org/a.git"
    assert hide("https://example.org:80/@me/a") == "https://example.org:80/@me/a"


def test_without_the_training_less_time_is_expected(tmp_path):
    (tmp_path / "record").mkdir()
    steps = [
        {"started": "a", "started_seconds": at, "wall_seconds": 10.0, "cpu_seconds": 12.0,
         "peak_memory_bytes": 1, "outputs": {path: ""}}
        for at, path in ((0, "data/a"), (10, "models/a"), (30, "results/a"))
    ]  # fmt: skip
    record = {"totals": {"wall_seconds": 40.0, "cpu_seconds": 36.0}, "steps": steps}
    (tmp_path / "record/run.json").write_text(json.dumps(record))
    assert verify._expected(tmp_path, 1, True) == (20.0, 20.0)
    assert verify._expected(tmp_path, 2, True) == (20.0, 44.0)
