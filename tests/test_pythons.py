"""The default study on every supported Python, each with its own wheels of the same versions."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers import render
from test_study import PYTHON, STEPS, TOOLS, Result

pytestmark = pytest.mark.exhaustive

LOCKS = ("requirements.lock", "tools/tools.lock")


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_study_reproduces_on(version, installer, tmp_path):
    python = find(version)
    study = render(tmp_path / f"étude {version}")
    path = os.pathsep.join([TOOLS, os.environ["PATH"]])
    done = subprocess.run(
        [python, "reproduce.py", "--installer", installer],
        cwd=study, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    agrees(Result(done.returncode, done.stdout, done.stderr))
    assert f"Python {version}." in (study / "README.md").read_text()


def test_the_study_reproduces_on_python_3_14_of_the_newest_debian(tmp_path):
    """In a root of Debian's next release, without network, from a folder of wheels."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip(
            "needs root, and mmdebstrap: apt-get install --no-install-recommends mmdebstrap"
        )
    root = tmp_path / "forky"
    subprocess.run(
        ["mmdebstrap", "--aptopt=Acquire::Check-Valid-Until \"false\"", "--variant=minbase",
         "--include=ca-certificates,python3,python3-venv,git", "forky", str(root)],
        check=True, capture_output=True,
    )  # fmt: skip
    study = render(root / "srv" / "étude")
    wheels = root / "srv" / "wheels"
    for lock in LOCKS:
        subprocess.run(
            [PYTHON, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps",
             "--only-binary", ":all:", "--python-version", "3.14", "--implementation", "cp",
             *(word for tag in ("2_28", "2_27", "2_26", "2_17", "2_5")
               for word in ("--platform", f"manylinux_{tag}_x86_64")),
             "--platform", "manylinux2014_x86_64",
             "--find-links", "tools", "-d", str(wheels), "-r", lock],
            cwd=study, check=True,
        )  # fmt: skip
    inside = "cd /srv/étude && exec python3 reproduce.py --wheelhouse /srv/wheels"
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c",
         f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
         f"exec chroot {root} /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 "
         f"sh -c '{inside}'"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    agrees(Result(done.returncode, done.stdout, done.stderr))
    assert "Python 3.14." in (study / "README.md").read_text()


def find(version: str) -> str:
    """A Python of this version, on the PATH or among pyenv's; skips where there is none."""
    named = shutil.which(f"python{version}")
    others = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for python in [*([named] if named else []), *map(str, others)]:
        said = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.startswith(f"Python {version}."):
            return python
    pytest.skip(f"there is no Python {version} here")


def agrees(result: Result) -> None:
    """The whole study ran, and agrees with the results that it came with."""
    assert result.status == 0, result.out + result.err
    assert result.steps == STEPS
    assert "Reproduced: " in result.out
