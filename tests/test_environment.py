"""The environments: made from their locks by uv and by pip, and never left half-made."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tiny

from gold_standard import environment, errors, installers
from gold_standard.errors import Refusal
from gold_standard.locking import only_one

BOTH = pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
SLOW = pytest.mark.slow
ROOT_ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts need root on Linux"
)


@pytest.fixture(autouse=True)
def uv_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", tiny.path_with_uv())
    monkeypatch.setattr(installers, "_cores", lambda: 1)  # there is next to nothing to compile


@pytest.fixture
def folder(tmp_path) -> tiny.Folder:
    return tiny.Folder(tmp_path / "stüdy one")


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> tiny.Folder:
    """A folder that is set up, only to be copied: environments may be moved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", tiny.path_with_uv())
        folder = tiny.Folder(tmp_path_factory.mktemp("once") / "study")
        folder.prepare()
    return folder


@pytest.fixture
def made(folder, once) -> tiny.Folder:
    """A folder whose environments are there already."""
    for name in (".venv", ".tools", ".run"):
        shutil.copytree(once.root / name, folder.root / name, symlinks=True)
    return folder


# What is made


@BOTH
def test_both_environments_hold_what_their_locks_say(folder, installer):
    folder.prepare(installer)
    assert environment._installed(folder.root / ".venv") == ["alpha-1.0", "beta-1.0"]
    assert environment._installed(folder.root / ".tools") == ["gamma-1.0", "gold_standard-0.1.0"]


@SLOW
def test_uv_and_pip_install_the_same_bytes(folder):
    made = {}
    for installer in ("uv", "pip"):
        folder.prepare(installer)
        made[installer] = [folder.contents(name) for name in (".venv", ".tools")]
        shutil.rmtree(folder.root / ".venv")
        shutil.rmtree(folder.root / ".tools")
    assert made["uv"] == made["pip"]


@BOTH
def test_the_studys_own_package_can_be_imported(folder, installer):
    folder.prepare(installer)
    package = folder.root / "src" / "cells" / "__init__.py"
    assert Path(folder.python("import cells; print(cells.here)")).samefile(package)


def test_a_path_file_is_one_relative_ascii_line(made):
    for name in (".venv/study.pth", ".tools/stand-ins.pth"):
        site = environment.site(made.root / Path(name).parent)
        line = (site / Path(name).name).read_bytes().decode("ascii")
        assert line.count("\n") == 1 and not Path(line).is_absolute()


@BOTH
def test_scripts_and_package_work_after_the_folder_was_moved_or_copied(folder, installer, tmp_path):
    folder.prepare(installer)
    folder.root.rename(tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", tmp_path / "copy of it", symlinks=True)
    for root in (tmp_path / "moved", tmp_path / "copy of it"):
        folder.root = root
        folder.prepare()
        assert folder.said == []
        assert str(root) in folder.python("import cells; print(cells.here)")
        script = (root / ".venv" / environment.BIN / "alpha").read_text()
        assert str(tmp_path) not in script
        activate = (root / ".venv" / environment.BIN / "activate").read_text()
        assert "new-" not in activate


def test_a_script_runs_with_the_python_beside_it(folder, tmp_path):
    main = b"import sys\ndef main(): print(sys.prefix)\n"
    folder.lock(tiny.wheel(folder.house, "alpha", "2.0", files={"alpha.py": main}))
    folder.prepare()
    folder.root.rename(tmp_path / "moved")
    script = tmp_path / "moved" / ".venv" / environment.BIN / "alpha"
    prefix = subprocess.check_output([script], text=True).strip()
    assert prefix == str(tmp_path / "moved" / ".venv")


# When it is made


def test_a_second_call_does_nothing_and_is_quick(made, monkeypatch):
    before = os.stat(made.root / ".venv")
    monkeypatch.setattr(environment._Setup, "make", lambda *_: pytest.fail("made it again"))
    started = time.process_time()
    made.prepare()
    assert time.process_time() - started < 0.1
    assert made.said == [] and os.stat(made.root / ".venv").st_ino == before.st_ino


def test_a_changed_lock_remakes_only_its_own_environment(made):
    tools = os.stat(made.root / ".tools").st_ino
    made.lock(tiny.wheel(made.house, "alpha", "2.0"))
    made.prepare()
    assert made.python("import alpha; print(alpha.version)") == "2.0"
    assert made.python("print(1)", ".tools") and os.stat(made.root / ".tools").st_ino == tools
    assert made.said[0] == ".venv: requirements.lock has changed; making it again."


def test_line_ends_of_windows_and_comments_are_no_change(made):
    lock = made.root / "requirements.lock"
    text = b"# 2 packages, in other words\n" + lock.read_bytes() + b"    # via nobody\n"
    lock.write_bytes(text.replace(b"\n", b"\r\n"))
    assert environment.trouble(environment.environments_of(made.root)[0]) is None


def test_an_environment_changed_by_hand_is_made_again(made):
    shutil.rmtree(environment.site(made.root / ".venv") / "alpha-1.0.dist-info")
    made.prepare()
    assert "changed by hand" in made.said[0]
    assert "alpha-1.0" in environment._installed(made.root / ".venv")


def test_a_vanished_base_python_means_a_new_environment(made):
    python = made.root / ".venv" / environment.BIN / environment.PYTHON
    for link in python.parent.glob("python*"):
        link.unlink()
    python.symlink_to("/nowhere/bin/python3")
    made.prepare()
    assert made.python("print('well')") == "well"


def test_another_python_or_system_means_a_new_environment(made, monkeypatch):
    venv = environment.environments_of(made.root)[0]
    monkeypatch.setattr(environment, "system", lambda: "linux-aarch64")
    assert environment.trouble(venv) == f"made for {environment._python()} on linux-x86_64"


def test_an_environment_of_somebody_elses_making_is_replaced(folder):
    (folder.root / ".venv" / environment.BIN).mkdir(parents=True)
    folder.prepare()
    assert folder.python("import alpha; print(alpha.version)") == "1.0"


@SLOW
def test_an_environment_on_another_disk_is_replaced_without_touching_that_disk(folder, tmp_path):
    folder.prepare()
    shutil.move(folder.root / ".venv", tmp_path / "scratch")
    (folder.root / ".venv").symlink_to(tmp_path / "scratch")
    folder.lock(tiny.wheel(folder.house, "alpha", "2.0"))
    folder.prepare()
    assert folder.python("import alpha; print(alpha.version)") == "2.0"
    assert (tmp_path / "scratch" / environment.STAMP).exists()
    assert list((folder.root / ".run").glob("old*")) == []


# What can go wrong: one sentence, and what worked is still there


def refused(folder: tiny.Folder, *words: str, **keywords) -> str:
    """The sentence of a refused set-up, which left no half-made environment behind."""
    before = {name: (folder.root / name).exists() for name in (".venv",)}
    with pytest.raises(Refusal) as refusal:
        folder.prepare(**keywords)
    for word in words:
        assert word in str(refusal.value)
    assert {name: (folder.root / name).exists() for name in before} == before
    assert [left.name for left in (folder.root / ".run").glob("new-*")] == []
    return str(refusal.value)


@BOTH
def test_a_falsified_hash_is_refused_by_name_and_the_old_environment_stays(made, installer):
    good = (made.root / "requirements.lock").read_text()
    made.lock(tiny.wheel(made.house, "alpha", "2.0").replace("sha256:", "sha256:0000")[:-5] + "\n")
    sentence = refused(made, "alpha==2.0", "sha256", "setup.log", installer=installer)
    assert ".venv of before is still there" in sentence
    assert made.python("import alpha; print(alpha.version)") == "1.0"
    (made.root / "requirements.lock").write_text(good)
    made.prepare()
    assert made.said == []


@BOTH
def test_a_package_missing_in_the_wheelhouse_is_named(folder, installer):
    folder.lock(tiny.wheel(folder.house, "alpha").replace("==1.0", "==1.5"))
    refused(folder, "alpha==1.5", "wheel house", "pip download", installer=installer)


@BOTH
def test_a_package_without_wheel_for_this_system_is_named(folder, installer):
    folder.lock(tiny.wheel(folder.house, "delta", tag="cp311-cp311-win_arm64"))
    refused(folder, "delta==1.0", "for this Python and system", installer=installer)


@SLOW
def test_a_source_distribution_is_never_built(folder):
    sdist = folder.house / "delta-1.0.tar.gz"
    sdist.write_bytes(b"not even looked into")
    folder.lock(tiny.entry("delta", "1.0", sdist))
    for installer in ("uv", "pip"):
        refused(folder, "delta==1.0", "no wheel", installer=installer)


@SLOW
def test_a_dependency_that_is_not_in_the_lock_is_not_installed(folder):
    folder.lock(tiny.wheel(folder.house, "delta", requires=["alpha"]))
    for installer in ("uv", "pip"):
        folder.prepare(installer)
        assert environment._installed(folder.root / ".venv") == ["delta-1.0"]
        shutil.rmtree(folder.root / ".venv")


DAMAGES = {
    "merge conflict": ("<<<<<<< HEAD\n{}=======\n>>>>>>> theirs\n", "line 1", "<<<<<<<"),
    "no hash": ("alpha==1.0\n{}", "line 1", "alpha"),
    "not pinned": ("alpha>=1.0\n{}", "line 1", "alpha>=1.0"),
    "an address": ("--index-url https://example.org\n{}", "line 1", "--index-url"),
    "cut in a package": ("{}gamma==1.0 \\\n", "middle of a package"),
    "cut between packages": ("# 3 packages, made by hand.\n{}", "says that it holds 3", "holds 1"),
    "empty": ("", "middle of a package"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_lock_is_refused_with_its_line(folder, damage):
    text, *words = DAMAGES[damage]
    folder.lock(text.format(tiny.wheel(folder.house, "beta")))
    refused(folder, "requirements.lock", "python reproduce.py lock", *words)


def test_a_missing_lock_is_refused(folder):
    (folder.root / "tools" / "tools.lock").unlink()
    refused(folder, "tools.lock is missing", "git checkout")


def test_uv_that_is_asked_for_and_missing_is_refused(folder, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    refused(folder, "uv is not on the PATH", installer="uv")


@SLOW
def test_without_uv_pip_does_it(folder, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    folder.prepare(installer=None)
    assert "with pip" in folder.said[0]


def test_a_missing_wheelhouse_is_refused(folder, tmp_path):
    refused(folder, "There is no folder", house=tmp_path / "nothing here")


@pytest.mark.parametrize("missing", ["venv", "pip"])
def test_a_python_without_venv_or_pip_says_how_to_get_it(folder, monkeypatch, tmp_path, missing):
    stub = tmp_path / "python"
    said = "No module named venv" if missing == "venv" else "ensurepip is not available"
    passes = f'case "$*" in *--without-pip*) exec {environment.base_python()} "$@";; esac\n'
    stub.write_text(f"#!/bin/sh\n{passes if missing == 'pip' else ''}echo '{said}'\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setattr(environment, "base_python", lambda: str(stub))
    installer = "uv" if missing == "venv" else "pip"
    refused(folder, "sudo apt install python3-venv", str(stub), installer=installer)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"system": lambda: "darwin-x86_64"}, "macOS on arm64"),
        ({"system": lambda: "windows-other"}, "Windows on x86_64"),
        ({"_glibc": lambda: (2, 27)}, "glibc"),
    ],
)
def test_an_unsupported_system_is_told_what_is_supported(folder, monkeypatch, change, word):
    for name, value in change.items():
        monkeypatch.setattr(environment, name, value)
    sentence = refused(folder, word, "Dockerfile")
    assert sentence.count("\n") == 0


def test_another_kind_of_python_is_refused(folder, monkeypatch):
    monkeypatch.setattr(sys.implementation, "name", "pypy")
    refused(folder, "CPython")


@SLOW
@ROOT_ON_LINUX
@BOTH
def test_a_full_disk_is_told_and_the_old_environment_stays(folder, installer, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True)
    try:
        shutil.copytree(folder.root, disk / "study")
        folder.root = disk / "study"
        folder.prepare("uv")
        big = {"big.bin": os.urandom(4_000_000)}
        folder.lock(tiny.wheel(folder.house, "alpha", "2.0", files=big))
        sentence = refused(folder, "disk is full", "MB here", installer=installer)
        assert ".venv of before is still there" in sentence
        assert folder.python("import alpha; print(alpha.version)") == "1.0"
    finally:
        subprocess.run(["umount", disk], check=True)


@SLOW
@ROOT_ON_LINUX
def test_a_disk_that_is_full_from_the_start_is_told(folder, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], check=True)
    try:
        shutil.copytree(folder.root, disk / "study")
        folder.root = disk / "study"
        with pytest.raises(OSError):
            (disk / "fill").write_bytes(b"x" * 300_000)
        refused(folder, "disk is full")
    finally:
        subprocess.run(["umount", disk], check=True)


@SLOW
@ROOT_ON_LINUX
def test_a_read_only_folder_is_told_but_a_complete_one_just_works(folder):
    bound = ["mount", "--bind", folder.root, folder.root]
    subprocess.run(bound, check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder.root], check=True)
        refused(folder, "cannot be written", "folder of your own")
        subprocess.run(["mount", "-o", "remount,rw,bind", folder.root], check=True)
        folder.prepare()
        subprocess.run(["mount", "-o", "remount,ro,bind", folder.root], check=True)
        folder.prepare()
        assert folder.said == []
    finally:
        subprocess.run(["umount", folder.root], check=True)


# Cut off, and two at once

HALF_WAY = """\
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from gold_standard import environment
def wait(*arguments):
    print("here", flush=True)
    time.sleep(60)
{}
environment.prepare(Path(sys.argv[1]), "uv", Path(sys.argv[3]))
"""
MOMENTS = {
    "while it installs": "environment._finish = wait",
    "before the swap": "environment._put_in_place = wait",
    "in the middle of the swap": """\
rename, calls = environment.os.rename, []
def slow(*arguments):
    if arguments[1].name == ".venv":
        wait()
    rename(*arguments)
environment.os.rename = slow""",
    "after the swap": "environment._remove = wait",
}


@SLOW
@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_leaves_nothing_that_the_next_call_does_not_mend(folder, moment):
    folder.prepare()
    folder.lock(tiny.wheel(folder.house, "alpha", "2.0"))
    code = HALF_WAY.format(MOMENTS[moment])
    source = str(tiny.ROOT / "src")
    command = [sys.executable, "-c", code, folder.root, source, folder.house]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while "here" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGKILL)
    folder.lock(tiny.wheel(folder.house, "alpha", "3.0").replace("sha256:", "sha256:1")[:-2] + "\n")
    with pytest.raises(Refusal):  # what worked before is put back even if nothing new can be made
        folder.prepare()
    assert folder.python("import alpha; print(alpha.version)") in ("1.0", "2.0")
    folder.lock(tiny.wheel(folder.house, "alpha", "3.0"))
    folder.prepare()
    assert folder.python("import alpha; print(alpha.version)") == "3.0"
    left = {path.name for path in (folder.root / ".run").iterdir()}
    assert left == {"setup.lock", "setup.log"}


@SLOW
def test_two_first_calls_at_once_make_it_once(folder):
    code = HALF_WAY.format("")
    command = [sys.executable, "-c", code, folder.root, str(tiny.ROOT / "src"), folder.house]
    calls = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [call.communicate()[0] for call in calls]
    assert [call.returncode for call in calls] == [0, 0, 0]
    assert sum("Making" in text for text in said) == 1


def test_the_lock_of_a_process_dies_with_it(tmp_path):
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\nfrom gold_standard.locking import only_one\n"
        "with only_one(Path(sys.argv[2]), 'busy'): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tiny.ROOT / "src"), str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        with pytest.raises(Refusal, match="busy"), only_one(tmp_path / "lock", "busy"):
            pass
        process.kill()
    with only_one(tmp_path / "lock", "busy"):
        pass


def test_whoever_waits_for_the_lock_is_told_once_and_goes_on(tmp_path):
    told, done = [], []
    with only_one(tmp_path / "lock", "busy"):

        def other():
            with only_one(tmp_path / "lock", "busy", wait=told.append):
                done.append(True)

        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.3)
        assert (told, done) == (["busy"], [])
    thread.join()
    assert done == [True]


@SLOW
def test_an_interrupt_ends_the_installer_too(folder, tmp_path):
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    uv.chmod(0o755)
    code = HALF_WAY.format("")
    command = [sys.executable, "-c", code, folder.root, str(tiny.ROOT / "src"), folder.house]
    variables = {**os.environ, "PATH": f"{uv.parent}:{os.environ['PATH']}"}
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate()
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


# Settings of the machine


@pytest.fixture
def index(folder):
    """A package index on this machine, with alpha and beta only."""
    pages = folder.root.parent / "index"
    for name in ("alpha", "beta", "gamma"):
        (pages / "simple" / name).mkdir(parents=True)
        wheel = next(folder.house.glob(f"{name}-1.0-*.whl"))
        shutil.copy(wheel, pages / "simple" / name / wheel.name)
        (pages / "simple" / name / "index.html").write_text(
            f'<a href="{wheel.name}">{wheel.name}</a>'
        )
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.headers.get("Authorization") is None:
                self.send_error(401)
            else:
                super().do_GET()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=pages)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.asked = asked
        yield server
        server.shutdown()


def address(server, user: str = "ann:sesame@") -> str:
    return f"http://{user}127.0.0.1:{server.server_port}/simple/"


@pytest.fixture
def no_settings(monkeypatch, tmp_path):
    """Neither index nor links of this machine."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


def prepare_online(folder: tiny.Folder, installer: str) -> None:
    folder.said.clear()
    environment.prepare(folder.root, installer, None, folder.said.append)


@SLOW
@BOTH
def test_the_installers_own_setting_of_an_index_is_honoured(
    folder, installer, index, no_settings, monkeypatch
):
    name = {"uv": "UV_DEFAULT_INDEX", "pip": "PIP_INDEX_URL"}[installer]
    monkeypatch.setenv(name, address(index))
    prepare_online(folder, installer)
    assert any("alpha" in path for path in index.asked)
    assert folder.python("import alpha; print(alpha.version)") == "1.0"


@SLOW
@BOTH
def test_links_of_the_machine_work_together_with_our_own(
    folder, installer, no_settings, monkeypatch
):
    house = str(folder.house) if installer == "uv" else str(folder.house).replace(" ", "%20")
    if installer == "pip":  # it splits at blanks
        house = folder.house.rename(folder.house.with_name("house"))
    monkeypatch.setenv(f"{installer.upper()}_FIND_LINKS", str(house))
    monkeypatch.setenv(f"{installer.upper()}_NO_INDEX", "1")
    prepare_online(folder, installer)
    assert environment._installed(folder.root / ".tools") == ["gamma-1.0", "gold_standard-0.1.0"]


@SLOW
@BOTH
def test_with_a_wheelhouse_nobody_is_asked(folder, installer, index, no_settings, monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, address(index))
    monkeypatch.setenv("UV_FIND_LINKS", address(index))
    monkeypatch.setenv("PIP_FIND_LINKS", address(index))
    folder.prepare(installer)
    assert index.asked == []


@SLOW
@BOTH
def test_no_password_of_an_index_is_printed_or_logged(
    folder, installer, index, no_settings, monkeypatch
):
    name = {"uv": "UV_DEFAULT_INDEX", "pip": "PIP_INDEX_URL"}[installer]
    monkeypatch.setenv(name, address(index))
    folder.lock(tiny.wheel(folder.house, "delta"))
    with pytest.raises(Refusal) as refusal:
        prepare_online(folder, installer)
    log = (folder.root / ".run" / "setup.log").read_text()
    assert "delta" in log and "sesame" not in log + str(refusal.value) + "".join(folder.said)


@SLOW
@BOTH
def test_an_index_that_wants_a_password_is_told(folder, installer, index, no_settings, monkeypatch):
    name = {"uv": "UV_DEFAULT_INDEX", "pip": "PIP_INDEX_URL"}[installer]
    monkeypatch.setenv(name, address(index, user=""))
    with pytest.raises(Refusal, match="password"):
        prepare_online(folder, installer)


@SLOW
@BOTH
def test_nobody_there_is_told_soon(folder, installer, index, no_settings, monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple/")
    started = time.monotonic()
    with pytest.raises(Refusal, match="cannot reach the package index.*--wheelhouse"):
        prepare_online(folder, installer)
    assert time.monotonic() - started < 60


@SLOW
@BOTH
def test_a_dead_proxy_is_told(folder, installer, no_settings, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:sesame@127.0.0.1:9")
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "https://nowhere.invalid/simple/")
    with pytest.raises(Refusal, match="proxy"):
        prepare_online(folder, installer)
    assert "sesame" not in (folder.root / ".run" / "setup.log").read_text()


@SLOW
@BOTH
def test_settings_that_lead_elsewhere_are_not_honoured(folder, installer, monkeypatch, tmp_path):
    for name in ("TARGET", "PREFIX", "ROOT"):
        monkeypatch.setenv(f"PIP_{name}", str(tmp_path / "elsewhere"))
    for name, value in {
        "PIP_USER": "1",
        "PIP_NO_BINARY": ":all:",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "UV_NO_BINARY": "1",
        "UV_NO_VERIFY_HASHES": "1",
        "UV_SYSTEM_PYTHON": "1",
        "UV_PYTHON": "3.8",
        "VIRTUAL_ENV": str(tmp_path / "elsewhere"),
        "PYTHONPATH": str(tmp_path / "elsewhere"),
        "PYTHONHOME": str(tmp_path / "elsewhere"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    folder.prepare(installer)
    assert environment._installed(folder.root / ".venv") == ["alpha-1.0", "beta-1.0"]
    assert not (tmp_path / "elsewhere").exists()
    assert list((environment.site(folder.root / ".venv") / "__pycache__").glob("alpha*.pyc"))


# Sentences for what the tools have said, word for word

SAID = {
    "pip, no name": (
        "WARNING: Retrying (Retry(total=2)) after connection broken by 'NewConnectionError("
        "'<pip...>: Failed to establish a new connection: [Errno -3] Temporary failure in name "
        "resolution')': /simple/tqdm/\nERROR: Could not find a version that satisfies the "
        "requirement tqdm==4.70.1 (from versions: none)\n"
        "ERROR: No matching distribution found for tqdm==4.70.1",
        "cannot reach the package index",
    ),
    "uv, no name": (
        "error: Request failed after 3 retries in 3.2s\n  Caused by: Failed to fetch: "
        "`https://example.org/simple/tqdm/`\n  Caused by: dns error\n"
        "  Caused by: failed to lookup address information: Temporary failure in name resolution",
        "cannot reach the package index",
    ),
    "pip, certificate": (
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError("
        "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
        "self-signed certificate in certificate chain'))': /simple/tqdm/",
        "certificate",
    ),
    "uv, certificate": ("  Caused by: invalid peer certificate: UnknownIssuer", "certificate"),
    "pip, full": ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
    "uv, full": ("  Caused by: No space left on device (os error 28)", "disk is full"),
    "quota": ("error: failed to write: Disk quota exceeded (os error 122)", "disk is full"),
    "uv, cache": (
        "error: Failed to initialize cache at `/home/ann/.cache/uv`\n  Caused by: failed to "
        "create directory `/home/ann/.cache/uv`: Permission denied (os error 13)",
        "/home/ann/.cache/uv cannot be written",
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_tool_says_is_put_in_words(folder, said):
    output, sentence = SAID[said]
    (folder.root / ".run").mkdir()
    tool = installers.Uv("uv", sys.executable, folder.root, None)
    assert sentence in tool.explain(output)


def test_what_nobody_has_foreseen_is_told_in_the_tools_own_words(folder):
    (folder.root / ".run").mkdir()
    tool = installers.Uv("uv", sys.executable, folder.root, None)
    assert "the moon is full" in tool.explain("error: the moon is full\n")


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot be written")]
)
def test_errors_of_the_system_are_put_in_words(tmp_path, number, word):
    assert word in str(errors.refusal_for(OSError(number, os.strerror(number)), tmp_path))
    assert errors.refusal_for(OSError(errno.EIO, "broken"), tmp_path) is None


def test_the_stamp_says_what_the_environment_was_made_for(made):
    stamp = json.loads((made.root / ".venv" / environment.STAMP).read_text())
    assert stamp["packages"] == ["alpha-1.0", "beta-1.0"] and len(stamp["lock"]) == 64


@pytest.fixture
def tool(folder) -> installers.Uv:
    (folder.root / ".run").mkdir()
    tool = installers.Uv("uv", sys.executable, folder.root, None)
    tool.name = "pip"
    return tool


def test_pip_is_ended_as_soon_as_it_is_clear_that_nobody_is_there(tool):
    line = "WARNING: Retrying (Retry(total=2, connect=None)) after 'NewConnectionError()'"
    started = time.monotonic()
    tool.call(["sh", "-c", f'echo "{line}"; sleep 300'], give_up=installers._hopeless)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "line",
    [
        "Retrying (Retry(total=4, connect=None)) after 'NewConnectionError()'",
        "Retrying (Retry(total=2, connect=None)) after 'ReadTimeoutError()'",
    ],
)
def test_a_slow_network_is_given_its_chances(line):
    assert not installers._hopeless(line)


def test_a_password_that_a_tool_prints_is_neither_kept_nor_handed_on(tool, folder):
    address = "https://ann:ses@me@index.example.org/simple and http://token@b.org/"
    _, output = tool.call(["echo", address])
    for text in (output, (folder.root / ".run" / "setup.log").read_text()):
        assert "ses" not in text and "token" not in text and "index.example.org/simple" in text
