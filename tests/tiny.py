"""Wheels of a few bytes and folders with locks of them: quick to set up, without network."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import develop
from gold_standard import environment

ROOT = Path(develop.ROOT)
UV = str(Path(sys.executable).with_name("uv"))


def wheel(
    folder: Path, name: str, version: str = "1.0", *, tag="py3-none-any", files=None, requires=()
):
    """Write a wheel into a folder, and return the lock's entry for it."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    content = {
        f"{name}.py": f"version = {version!r}\n".encode(),
        f"{info}/METADATA": "\n".join(
            [
                "Metadata-Version: 2.1",
                f"Name: {name}",
                f"Version: {version}",
                *(f"Requires-Dist: {requirement}" for requirement in requires),
            ]
        ).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n".encode(),
        **(files or {}),
    }
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, data in content.items():
            archive.writestr(zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0)), data)
    return entry(name, version, path)


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def entry(name: str, version: str, path: Path) -> str:
    """What a lock says about one wheel."""
    return (
        f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    )


class Folder:
    """A folder with two locks of tiny wheels, which lie in a wheelhouse beside it."""

    def __init__(self, root: Path) -> None:
        self.root, self.house = root, root.parent / "wheel house"
        for folder in ("tools", "src/cells"):
            (root / folder).mkdir(parents=True)
        (root / "src" / "cells" / "__init__.py").write_text("here = __file__\n")
        self.lock(wheel(self.house, "alpha"), wheel(self.house, "beta"))
        ours = wheel(root / "tools", "gold_standard", "0.1.0").replace("_", "-", 1)
        self.tools_lock(wheel(self.house, "gamma"), ours)
        self.said: list[str] = []

    def lock(self, *entries: str) -> None:
        (self.root / "requirements.lock").write_text("".join(entries))

    def tools_lock(self, *entries: str) -> None:
        (self.root / "tools" / "tools.lock").write_text("".join(entries))

    def prepare(self, installer: str = "uv", house: Path | None = None) -> None:
        self.said.clear()
        environment.prepare(self.root, installer, house or self.house, self.said.append)

    def python(self, code: str, name: str = ".venv") -> str:
        """What a piece of code prints in one of the environments."""
        python = self.root / name / environment.BIN / environment.PYTHON
        return subprocess.check_output([python, "-I", "-c", code], text=True).strip()

    def contents(self, name: str = ".venv") -> dict[str, bytes]:
        """Every installed file with its bytes, without what tells the installer and the moment."""
        site = environment.site(self.root / name)
        return {
            str(path.relative_to(site)): path.read_bytes()
            for path in sorted(site.rglob("*"))
            if path.is_file() and not OF_THE_INSTALLER.intersection(path.parts + (path.name,))
        }


OF_THE_INSTALLER = {
    "__pycache__",
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "uv_cache.json",
}


def study(root: Path) -> Path:
    """A folder with the real reproduce.py and wheel, whose locks are tiny: `test` is all it can."""
    shutil.copytree(ROOT / "template" / "tools", root / "tools")
    shutil.copyfile(ROOT / "template" / "reproduce.py", root / "reproduce.py")
    name = develop.wheel_name()
    ours = entry("gold-standard", name.split("-")[1], root / "tools" / name)
    (root / "tools" / "tools.lock").write_text(ours)
    said = b"import sys\nprint('tests ran', *sys.argv[1:])\n"
    pytest = wheel(root / "house", "pytest", files={"pytest.py": said})
    (root / "requirements.lock").write_text(pytest)
    return root


def call(
    root: Path, *arguments: str, python: str | None = None, **keywords
) -> subprocess.CompletedProcess:
    """Run reproduce.py as a person does."""
    python = python or environment.base_python()
    command = [python, str(root / "reproduce.py"), *arguments]
    variables = {**environment.clean_environment(), "PATH": path_with_uv()}
    variables.update(keywords.pop("env", {}))
    return subprocess.run(command, capture_output=True, text=True, env=variables, **keywords)


def settings() -> dict:
    """Our own pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def path_with_uv() -> str:
    return os.pathsep.join([str(Path(UV).parent), os.environ["PATH"]])
