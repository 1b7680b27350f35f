"""The default study on every supported Python, each with its own wheels of the same versions."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from containers import debian, refuse_lacking
from helpers import commit, render
from test_study import PYTHON, STEPS, TOOLS, Result

pytestmark = pytest.mark.exhaustive

VERSIONS = ("3.11", "3.12", "3.13")
LOCKS = ("requirements.lock", "tools/tools.lock")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """All wheels of both locks for every Python of this machine, as for one without network."""
    folder = tmp_path_factory.mktemp("wheels")
    study = render(tmp_path_factory.mktemp("rendered") / "study")
    for version in VERSIONS:
        for lock in LOCKS:
            download(study, lock, folder, version)
    return folder


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_study_verifies_on(version, installer, wheels, tmp_path):
    """Twice with the network and once without it; what came with the template is the reference."""
    study = render(tmp_path / f"étude {version}")
    commit(study)
    words = ["verify", "--installer", installer, "--python", version]
    for more in ([], ["--once", "--offline", "--wheelhouse", str(wheels)]):
        result = call(find(version), study, *words, *more)
        assert result.status == 0, result.out + result.err
        assert "agree, bit for bit" in result.out
        assert result.steps == STEPS
    for path in (study / "certificates").glob("*.json"):
        record = json.loads(path.read_text("utf-8"))
        assert record["environment"]["python"].startswith(f"{version}.")


def call(python: str, study: Path, *words: str) -> Result:
    """A command of the study, with uv and this Python on the PATH."""
    path = os.pathsep.join([str(Path(python).parent), TOOLS, os.environ["PATH"]])
    done = subprocess.run(
        [python, "reproduce.py", *words],
        cwd=study, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


def download(study: Path, lock: str, folder: Path, version: str) -> None:
    """Get the wheels of a lock for one Python on Linux."""
    platforms = [f"manylinux_{tag}_x86_64" for tag in ("2_28", "2_27", "2_26", "2_17", "2_5")]
    subprocess.run(
        [PYTHON, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps",
         "--only-binary", ":all:", "--python-version", version, "--implementation", "cp",
         *(word for name in (*platforms, "manylinux2014_x86_64") for word in ("--platform", name)),
         "--find-links", "tools", "-d", str(folder), "-r", lock],
        cwd=study, check=True,
    )  # fmt: skip


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_the_study_verifies_on_python_3_14_of_the_newest_debian(installer, tmp_path):
    """In a root of Debian's next release, without network, from a folder of wheels."""
    refuse_lacking("mmdebstrap")
    root = tmp_path / "forky"
    debian("forky", root, "git")
    study = render(root / "srv" / "étude")
    wheels = root / "srv" / "wheels"
    for lock in LOCKS:
        download(study, lock, wheels, "3.14")
    commit(study)
    shutil.copy(Path(TOOLS) / "uv", root / "usr" / "bin")
    verify = f"verify --installer {installer} --wheelhouse /srv/wheels"
    inside = f"cd /srv/étude && exec python3 reproduce.py {verify}"
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c",
         f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
         f"exec chroot {root} /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 "
         f"sh -c '{inside}'"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "agree, bit for bit" in done.stdout
    [path] = (study / "certificates").glob("*.json")
    record = json.loads(path.read_text("utf-8"))
    assert record["environment"]["python"].startswith("3.14.")


def find(version: str) -> str:
    """A Python of this version, on the PATH or among pyenv's; skips where there is none."""
    named = shutil.which(f"python{version}")
    others = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for python in [*([named] if named else []), *map(str, others)]:
        said = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.startswith(f"Python {version}."):
            return python
    pytest.skip(f"there is no Python {version} here")
