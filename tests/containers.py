"""Roots of Debian, and images built on them: no daemon, no registry, a store of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers import skip

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Nothing is asked of a registry, and this machine's network and processes are used as they are.
HOW = ("--layers", "--isolation", "chroot", "--pull-never", "--network", "host")


def refuse_lacking(*programs: str) -> None:
    """Skip where this user cannot make roots and images."""
    lacking = [program for program in programs if not shutil.which(program)]
    if sys.platform != "linux" or os.geteuid() != 0:
        skip("roots and images of Debian are made by root on Linux only")
    if lacking:
        skip(f"not installed: apt-get install --no-install-recommends {' '.join(lacking)}")


def debian(release: str, root: Path, packages: str) -> None:
    """Install a release of Debian into a folder, to which it is the root."""
    hooks = ['ln -s python3 "$1/usr/bin/python"']
    if CERTIFICATES.exists():  # where a proxy shows its own
        hooks.append(f"copy-in {CERTIFICATES} {CERTIFICATES.parent}")
    words = [f"--customize-hook={hook}" for hook in hooks]
    out_of_date = '--aptopt=Acquire::Check-Valid-Until "false"'
    command = ["mmdebstrap", "--quiet", out_of_date, "--variant=minbase"]
    command += [f"--include=ca-certificates,python3,python3-venv,{packages}", *words]
    subprocess.run([*command, release, str(root)], check=True, capture_output=True)


class Engine:
    """buildah with a store of its own, which goes with its folder."""

    def __init__(self, folder: Path) -> None:
        refuse_lacking("buildah", "mmdebstrap", "git")
        self.folder, self.said = folder, ""
        (folder / "bin").mkdir(parents=True)
        for program in ("buildah", "git"):
            (folder / "bin" / program).symlink_to(shutil.which(program))
        self._store("overlay")
        if subprocess.run(
            ["buildah", "info"], env=self.variables(), capture_output=True
        ).returncode:
            self._store("vfs")  # slow, and works on any disk

    def _store(self, driver: str) -> None:
        places = "".join(f'{name} = "{self.folder / name}"\n' for name in ("graphroot", "runroot"))
        text = f'[storage]\ndriver = "{driver}"\n{places}'
        (self.folder / "storage.conf").write_text(text, encoding="utf-8")

    def variables(self) -> dict[str, str]:
        """The environment in which buildah is the only builder there is."""
        settings = {"CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf")}
        return os.environ | settings | {"BUILDAH_ISOLATION": "chroot"}

    def call(self, *words: str | Path, check=True) -> subprocess.CompletedProcess:
        """A command of buildah."""
        done = subprocess.run(
            ["buildah", *map(str, words)],
            env=self.variables(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    def base(self, release: str) -> str:
        """A stand-in for the image of Python: the same programs, on Debian as it is packaged."""
        name = f"localhost/{release}"
        container = self.call("from", "scratch").stdout.strip()
        debian(release, Path(self.call("mount", container).stdout.strip()), "python3-pip")
        if CERTIFICATES.exists():
            self.call("config", "--env", f"PIP_CERT={CERTIFICATES}", container)
        self.call("commit", "--quiet", "--rm", container, name)
        return name

    def build(self, study: Path, base: str, *more: str) -> str:
        """Build a study's image with the study's own command and return its name, or fail.

        What is said goes to `said`.
        """
        mirror = os.environ.get("PIP_INDEX_URL")
        words = [*HOW, "--build-arg", f"BASE={base}", *more]
        words += ["--build-arg", f"PIP_INDEX_URL={mirror}"] if mirror else []
        path = os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent)])
        done = subprocess.run(
            [sys._base_executable, "reproduce.py", "container", "--", *words],
            cwd=study, env=self.variables() | {"PATH": path}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, self.said
        return done.stdout.split()[-1]

    def run(self, image: str, *command: str, user="", out: Path | None = None, more=()):
        """Run an image as `docker run` would, with its own command unless one is given."""
        container = self.call("from", "--pull-never", image).stdout.strip()
        words = ["--user", user] if user else []
        words += ["--volume", f"{out}:/out"] if out else []
        try:
            command = command or self.about(image)["config"]["Cmd"]
            return self.call("run", *words, *more, container, "--", *command, check=False)
        finally:
            self.call("rm", container)

    def about(self, image: str) -> dict:
        """The image's own settings: command, user, labels."""
        return json.loads(self.call("inspect", "--type", "image", image).stdout)["OCIv1"]

    def size(self, image: str) -> int:
        """Megabytes of an image."""
        said = self.call("images", "--format", "{{.Size}}", image).stdout
        number, unit = said.split()
        return round(float(number) * {"MB": 1, "GB": 1000}[unit])

    def close(self) -> None:
        """Leave nothing behind: neither containers nor mounts nor files."""
        self.call("rm", "--all", check=False)
        shutil.rmtree(self.folder)
