"""The two builds of torch: three locks that belong together, and environments made from them."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import tiny

import develop
from gold_standard import builds, cli, environment, installers, lock, machine
from gold_standard.errors import Refusal

SHARED = develop.TORCH_LOCK
CPU, GPU = (SHARED.with_name(f"requirements-{name}.lock") for name in develop.BUILDS)
BOTH = pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch):
    monkeypatch.setenv("PATH", tiny.path_with_uv())
    monkeypatch.setattr(installers, "_cores", lambda: 1)
    for name in ("GOLD_FIND_LINKS", "GOLD_ENV", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


# The locks that are shipped


def test_both_environments_have_the_same_version_of_everything():
    shared, cpu, gpu = map(lock.packages, (SHARED, CPU, GPU))
    assert cpu.keys() == {"torch"}
    assert not shared.keys() & gpu.keys() and "torch" not in shared
    assert gpu["torch"] == cpu["torch"].removesuffix("+cpu")


def test_what_only_one_build_needs_is_for_linux_alone_and_what_both_need_is_for_all():
    assert all(builds.LINUX in marker for *_, marker in lock.entries(GPU))
    assert {m for *_, m in lock.entries(SHARED)} == {"", "sys_platform == 'win32'"}
    assert not any(re.match("nvidia|cuda|triton", name) for name in lock.packages(SHARED))
    assert sum(name.startswith("nvidia-") for name in lock.packages(GPU)) > 10


def test_the_processor_builds_are_those_of_the_source_and_of_the_index():
    source = (develop.LOCKS / "torch-cpu.sha256").read_text("utf-8")
    listed = set(re.findall(r"^([0-9a-f]{64})  torch-.*_(?:x86_64|aarch64)\.whl$", source, re.M))
    assert len(listed) == 2 * len(lock.PYTHONS)
    assert hashes(CPU, "torch==2.13.0+cpu ; sys_platform == 'linux'") == listed
    elsewhere = hashes(CPU, "torch==2.13.0 ; sys_platform != 'linux'")
    assert elsewhere == hashes(GPU, "torch==2.13.0 ; sys_platform == 'linux'")
    assert not elsewhere & listed


def hashes(path, start: str) -> set[str]:
    entry = path.read_text("utf-8").split(f"\n{start} \\\n")[1]
    return set(re.findall(r"sha256:(\w+)", re.split(r"\n\w", entry)[0]))


def test_a_study_gets_the_locks_as_they_are_and_names_one_page_once(study_of):
    root = study_of(framework="pytorch")
    for path in (SHARED, CPU, GPU):
        assert (root / path.name).read_bytes() == path.read_bytes()
    names, page = environment.declared(root)
    assert names == develop.BUILDS
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".whl"]
    texts = [path.read_bytes().decode(errors="replace") for path in files]
    assert sum(text.count("download.pytorch.org") for text in texts) == 1 and page


def test_other_studies_declare_nothing(study_of):
    root = study_of(framework="scikit-learn")
    assert environment.declared(root) == ([], "")
    assert environment.science(root).locks == [root / "requirements.lock"]


# Which environment


@pytest.fixture
def folder(tmp_path) -> tiny.Folder:
    """A study whose torch is tiny: another one for each environment."""
    made = tiny.Folder(tmp_path / "stüdy one")
    (made.root / "page").mkdir()
    declare(made)
    cpu = tiny.wheel(made.root / "page", "torch", "1.0+cpu")
    gpu = tiny.wheel(made.house, "torch", "1.0")
    (made.root / "requirements-cpu.lock").write_text(marked(cpu))
    (made.root / "requirements-gpu.lock").write_text(marked(gpu))
    return made


def declare(folder: tiny.Folder, page: str = "page", names=("cpu", "gpu"), needs=("torch",)):
    (folder.root / "pyproject.toml").write_text(
        '[project]\nname = "cells"\nversion = "1"\nrequires-python = ">=3.11,<3.15"\n'
        f"dependencies = {json.dumps(needs)}\n"
        f"[tool.gold-standard]\nenvironments = {json.dumps(names)}\n"
        f"find_links = {json.dumps(page)}\n"
    )


def marked(entry: str, marker: str = f"sys_platform == '{sys.platform}'") -> str:
    return entry.replace(" \\\n", f" ; {marker} \\\n", 1)


def prepare(folder: tiny.Folder, name=None, installer="uv", house=None) -> str:
    """Make the science with a name, from pages and an index of nothing; its torch."""
    said = folder.said.append
    environment.prepare(folder.root, installer, house, said, name=name)
    made = environment.science(folder.root, name).folder.name
    return folder.python("import torch; print(torch.version)", made)


@pytest.fixture
def index(folder, monkeypatch, tmp_path):
    """An index with what the wheelhouse holds, so that nobody is asked."""
    for wheel in folder.house.glob("*.whl"):
        name = wheel.name.split("-")[0]
        (tmp_path / "index" / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, tmp_path / "index" / name)
    for place in (tmp_path / "index").iterdir():
        links = "".join(f'<a href="{x.name}">{x.name}</a>' for x in place.glob("*.whl"))
        (place / "index.html").write_text(links)
    with served(tmp_path) as address:
        for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
            monkeypatch.setenv(name, f"{address}/index/")
        monkeypatch.setenv("UV_NO_CONFIG", "1")
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
        yield address


class served:
    """A folder as a web site of this machine."""

    def __init__(self, root) -> None:
        class Quiet(SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()


@BOTH
def test_the_first_is_the_default_and_another_lies_beside_it(folder, index, installer):
    assert prepare(folder, None, installer) == "1.0+cpu"
    before = os.stat(folder.root / ".venv").st_ino
    assert prepare(folder, "gpu", installer) == "1.0"
    assert os.stat(folder.root / ".venv").st_ino == before
    assert {path.name for path in folder.root.glob(".venv*")} == {".venv", ".venv-gpu"}
    assert prepare(folder, "cpu", installer) == "1.0+cpu"
    for name in (".venv", ".venv-gpu"):
        assert folder.python("import alpha, beta; print(alpha.version)", name) == "1.0"
        assert str(folder.root) in folder.python("import cells; print(cells.here)", name)


@pytest.mark.slow
def test_a_changed_build_remakes_only_its_own_environment(folder, index):
    prepare(folder)
    prepare(folder, "gpu")
    other = os.stat(folder.root / ".venv-gpu").st_ino
    new = tiny.wheel(folder.root / "page", "torch", "1.1+cpu")
    (folder.root / "requirements-cpu.lock").write_text(marked(new))
    folder.said.clear()
    assert prepare(folder) == "1.1+cpu" and prepare(folder, "gpu") == "1.0"
    assert "requirements.lock or requirements-cpu.lock has changed" in folder.said[0]
    assert os.stat(folder.root / ".venv-gpu").st_ino == other


def test_an_unknown_environment_is_refused_with_those_there_are(folder):
    with pytest.raises(Refusal, match="--env tpu: there is no such.*has cpu, gpu"):
        prepare(folder, "tpu")
    (folder.root / "pyproject.toml").unlink()
    with pytest.raises(Refusal, match="--env gpu: .*only one, that of requirements.lock"):
        prepare(folder, "gpu")


def test_an_environment_that_is_for_another_system_is_refused(folder):
    path = folder.root / "requirements-gpu.lock"
    path.write_text(path.read_text().replace(sys.platform, "plan9"))
    with pytest.raises(Refusal, match="requirements-gpu.lock holds nothing for .*without --env"):
        prepare(folder, "gpu")
    assert not (folder.root / ".venv-gpu").exists()


def test_a_missing_or_damaged_build_is_refused_by_its_name(folder):
    path = folder.root / "requirements-gpu.lock"
    path.write_text("torch==1.0\n")
    with pytest.raises(Refusal, match="requirements-gpu.lock, line 1"):
        prepare(folder, "gpu")
    path.unlink()
    with pytest.raises(Refusal, match="git checkout -- requirements-gpu.lock"):
        prepare(folder, "gpu")


@BOTH
def test_a_falsified_build_is_refused(folder, index, installer):
    path = folder.root / "requirements-cpu.lock"
    path.write_text(re.sub("sha256:....", "sha256:0000", path.read_text()))
    with pytest.raises(Refusal, match="torch==1.0.cpu.*sha256 differs"):
        prepare(folder, None, installer)
    assert not (folder.root / ".venv").exists()


@pytest.mark.parametrize(
    "text",
    ['environments = "cpu"', 'environments = ["../x"]', "find_links = 3", "environments = [1.5]"],
)
def test_a_damaged_declaration_is_told(folder, text):
    (folder.root / "pyproject.toml").write_text(f"[tool.gold-standard]\n{text}\n")
    with pytest.raises(Refusal, match="environments is a list"):
        environment.science(folder.root)


# Where its builds come from


def test_a_page_is_asked_only_for_builds_that_no_index_has(folder, monkeypatch):
    cpu, gpu = (environment.science(folder.root, name) for name in ("cpu", "gpu"))
    assert (environment.page_of(cpu), environment.page_of(gpu)) == ("page", "")
    monkeypatch.setattr(sys, "platform", "plan9")
    assert environment.page_of(cpu) == ""


@BOTH
def test_a_variable_names_another_page(folder, index, monkeypatch, tmp_path, installer):
    (folder.root / "page").rename(tmp_path / "copies")
    page = tmp_path / "page.html"
    name = "torch-1.0+cpu-py3-none-any.whl"
    page.write_text(f'<a href="copies/{name.replace("+", "%2B")}">{name}</a>')
    monkeypatch.setenv("GOLD_FIND_LINKS", f"{index}/page.html")
    assert prepare(folder, None, installer) == "1.0+cpu"


@BOTH
def test_a_wheelhouse_is_all_that_is_asked(folder, monkeypatch, installer):
    monkeypatch.setenv("GOLD_FIND_LINKS", "http://127.0.0.1:9/nothing/")
    shutil.copy(next((folder.root / "page").iterdir()), folder.house)
    shutil.rmtree(folder.root / "page")
    assert prepare(folder, None, installer, folder.house) == "1.0+cpu"


@BOTH
def test_a_page_out_of_reach_is_named_unless_the_machine_knows_another_place(
    folder, index, monkeypatch, tmp_path, installer
):
    declare(folder, "http://127.0.0.1:9/whl/cpu/torch/")
    with pytest.raises(Refusal, match="cannot reach http://127.0.0.1:9/whl.*GOLD_FIND_LINKS"):
        prepare(folder, None, installer)
    shutil.move(folder.root / "page", tmp_path / "copies")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "copies"))
    assert prepare(folder, None, installer) == "1.0+cpu"


def test_a_build_that_is_nowhere_is_named_with_the_place(folder, index):
    next((folder.root / "page").iterdir()).unlink()
    with pytest.raises(Refusal, match=r"torch==1.0\+cpu.*on page.*GOLD_FIND_LINKS"):
        prepare(folder)


# The commands


@pytest.mark.parametrize("command", ["lock", "check"])
def test_env_has_a_meaning_only_where_something_runs(command, tmp_path, capsys):
    assert cli.main([command, "--env", "gpu"], tmp_path) == 2
    assert f"--env has no meaning for {command}" in capsys.readouterr().err


def test_the_tests_run_in_the_environment_that_was_asked_for(folder, monkeypatch):
    seen = []
    monkeypatch.setattr(cli, "_call", lambda command, _: seen.append(command) or 0)
    for name, made in (("cpu", ".venv"), ("gpu", ".venv-gpu")):
        site = folder.root / made / "lib" / "python3.11" / "site-packages"
        (site / "pytest-9.dist-info").mkdir(parents=True)
        assert cli._test(folder.root, [], name) == 0
        assert seen[-1][0] == str(folder.root / made / environment.BIN / environment.PYTHON)
        assert os.environ["GOLD_ENV"] == name and cli.parse(["--smoke"]).env == name
    assert cli.parse(["lock"]).env is None
    os.environ.pop("GOLD_ENV")  # by monkeypatch it would come back
    assert cli.parse([]).env is None


def test_the_build_that_ran_is_told_from_its_files(tmp_path):
    site = tmp_path / "lib" / "python3.12" / "site-packages"
    (site / "torch").mkdir(parents=True)
    version = "__version__ = '2.13.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\n"
    (site / "torch" / "version.py").write_text(version)
    (site / "nvidia_cudnn_cu13-9.20.0.48.dist-info").mkdir()
    told = {"version": "2.13.0+cu130", "cuda": "13.0", "cudnn": "9.20.0.48"}
    assert machine.torch(tmp_path) == {"torch": told}
    (site / "torch" / "version.py").write_text("__version__ = '2.13.0'\ncuda = None\n")
    assert machine.torch(tmp_path)["torch"]["cuda"] is None
    assert machine.torch(tmp_path / "nothing") == {}


# python reproduce.py lock


def test_what_is_compiled_for_another_torch_is_told():
    """Tried with torchvision 0.28.0 beside torch 2.13.0+cpu: `import torchvision` fails."""
    [told] = lock._unloadable(["cpu", "gpu"], {"torch": "2.13.0", "torchvision": "0.28.0"})
    assert told.startswith("torchvision: ") and "--env gpu alone" in told
    assert not lock._unloadable(["cpu", "gpu"], {"torch": "2.13.0"})
    assert not lock._unloadable([], {"torchvision": "0.28.0"})


RESOLVED = """\
alpha==1.0 \\
    --hash=sha256:{0}
    # via torch, -r pyproject.toml
cuda==1.0 ; platform_machine == 'x86_64' and sys_platform == 'linux' \\
    --hash=sha256:{0}
    # via toolkit
inotify==1.0 ; sys_platform == 'linux' \\
    --hash=sha256:{0}
    # via alpha
toolkit==1.0 ; sys_platform == 'linux' \\
    --hash=sha256:{0}
    # via torch
torch==1.0 \\
    --hash=sha256:{0}
    # via -r pyproject.toml
""".format("1" * 64)


def test_what_only_torch_brings_to_linux_alone_is_apart():
    shared, gpu = builds.split(RESOLVED)
    assert re.findall(r"^\w+", shared, re.M) == ["alpha", "inotify"]
    assert re.findall(r"^\w+", gpu, re.M) == ["cuda", "toolkit", "torch"]
    assert f"torch==1.0 ; {builds.LINUX} \\\n" in gpu


def test_a_new_torch_gets_its_builds_from_the_page():
    asked = []
    find = lambda version: asked.append(version) or ["2" * 64]  # noqa: E731
    old = {"cpu": "torch==0.9+cpu ; sys_platform == 'linux' \\\n", "gpu": ""}
    made = builds.bodies(RESOLVED, ["cpu", "gpu"], old, find)
    assert asked == ["1.0"] and made["gpu"] == builds.split(RESOLVED)[1]
    kept = builds.bodies(RESOLVED, ["cpu", "gpu"], made, find)
    assert asked == ["1.0"] and kept == made
    cpu = [line for line in made["cpu"].splitlines() if "==" in line]
    assert cpu == [
        "torch==1.0 ; sys_platform != 'linux' \\",
        "torch==1.0+cpu ; sys_platform == 'linux' \\",
    ]


def test_of_a_page_only_the_builds_for_linux_and_our_pythons_count(tmp_path):
    good = ["cp311-cp311-manylinux_2_28_x86_64", "cp314-cp314-manylinux_2_28_aarch64"]
    bad = ["cp310-cp310-manylinux_2_28_x86_64", "cp314-cp314t-manylinux_2_28_x86_64"]
    bad += ["cp311-cp311-win_amd64", "cp311-cp311-linux_s390x"]
    names = [f"torch-1.0+cpu-{tag}.whl" for tag in good + bad]
    names += ["torch-1.0-cp311-none-macosx_11_0_arm64.whl", names[0].replace("1.0", "1.1")]
    line = '<a href="/whl/cpu/{}#sha256={}">x</a><br/>\n'
    page = [line.format(n.replace("+", "%2B"), f"{i:064}") for i, n in enumerate(names)]
    (tmp_path / "torch.html").write_text("".join(page))
    with served(tmp_path) as address:
        listed = builds.listed(f"{address}/torch.html")
    assert builds.wheels(listed, "1.0", lock.PYTHONS) == [f"{0:064}", f"{1:064}"]
    (tmp_path / names[0]).write_bytes(b"")
    assert [name for name, _ in builds.listed(str(tmp_path))] == [names[0]]


@pytest.fixture
def locked(folder, monkeypatch) -> tiny.Folder:
    """The study with locks as `lock` would have made them."""
    monkeypatch.setattr(lock, "SYSTEMS", {"x86_64-manylinux_2_28": "Linux x86_64"})
    folder.lock(tiny.wheel(folder.house, "alpha"))
    torch = tiny.wheel(
        folder.house, "torch", requires=["alpha", "cudalib ; sys_platform == 'linux'"]
    )
    cudalib = tiny.wheel(folder.house, "cudalib")
    gpu = marked(cudalib, builds.LINUX) + marked(torch, builds.LINUX)
    (folder.root / "requirements-gpu.lock").write_text(gpu)
    return folder


def make(folder: tiny.Folder, upgrade=False, house=True) -> str:
    said: list[str] = []
    house = folder.house if house else None
    options = SimpleNamespace(upgrade=upgrade, installer="uv", wheelhouse=house)
    assert lock.main(folder.root, options, said.append) == 0
    return "\n".join(said)


def contents(folder: tiny.Folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.root.glob("requirements*.lock")}


def test_lock_leaves_the_builds_where_torch_stays(locked):
    before = contents(locked)
    assert make(locked) == "The locks are as pyproject.toml wants them: nothing changed."
    tiny.wheel(locked.house, "delta")
    declare(locked, needs=["torch", "delta"])
    assert make(locked).splitlines() == [
        "  + delta 1.0",
        "requirements.lock is new. Next: python reproduce.py",
    ]
    assert lock.packages(locked.root / "requirements.lock").keys() == {"alpha", "delta"}
    after = contents(locked)
    assert {**after, "requirements.lock": before["requirements.lock"]} == before


def test_lock_changes_nothing_where_a_new_torch_has_no_builds(locked, monkeypatch):
    before = contents(locked)
    requires = ["alpha", "cudalib ; sys_platform == 'linux'"]
    tiny.wheel(locked.house, "torch", "2.0", requires=requires)
    with pytest.raises(Refusal, match="as they were.*torch 2.0.*without --wheelhouse"):
        make(locked, upgrade=True)
    for place, words in (("page", "has no builds"), ("http://127.0.0.1:9/", "cannot be reached")):
        monkeypatch.setenv("GOLD_FIND_LINKS", place)
        with pytest.raises(Refusal, match=f"as they were.*{words}.*GOLD_FIND_LINKS"):
            lock._processor_builds("", "2.0", None)
    assert contents(locked) == before


def test_lock_makes_the_builds_anew_for_a_new_torch(locked, monkeypatch, tmp_path):
    requires = ["alpha", "cudalib ; sys_platform == 'linux'"]
    tiny.wheel(locked.house, "torch", "2.0", requires=requires)
    name = "torch-2.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
    (tmp_path / name).write_bytes(b"a build")
    builds_of = lock._processor_builds
    monkeypatch.setattr(lock, "_processor_builds", lambda *a: builds_of(str(tmp_path), "2.0", None))
    said = make(locked, upgrade=True)
    assert "requirements-cpu.lock and requirements-gpu.lock are new" in said
    versions = {name: lock.packages(locked.root / name) for name in contents(locked)}
    assert versions["requirements-cpu.lock"] == {"torch": "2.0+cpu"}
    assert versions["requirements-gpu.lock"] == {"cudalib": "1.0", "torch": "2.0"}
    assert versions["requirements.lock"] == {"alpha": "1.0"}


def test_lock_asks_for_torch_where_environments_are_declared(locked):
    declare(locked, needs=["alpha"])
    with pytest.raises(Refusal, match="torch is not among the dependencies"):
        make(locked)


# For real


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="torch is to be had for 3.11 here")
@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.exhaustive)])
def test_the_lock_for_processors_installs_and_torch_imports(installer, tmp_path, monkeypatch):
    monkeypatch.undo()  # with whatever this machine is set to look through
    monkeypatch.setenv("PATH", tiny.path_with_uv())
    monkeypatch.setattr(installers, "SELDOM", ".")  # compile nothing
    root = tmp_path / "stüdy one"
    root.mkdir()
    for path in (SHARED, CPU, GPU):
        shutil.copy(path, root)
    declared = develop.ROOT / "template" / "pyproject.toml.jinja"
    page = re.search(r'^find_links = (".*")$', declared.read_text("utf-8"), re.M)[1]
    declare(SimpleNamespace(root=root), json.loads(page))
    venv = environment.science(root)
    environment.make(root, [venv], installer, say=print)
    code = (
        "import torch, opacus, safetensors.torch, pandas, sklearn.datasets, matplotlib.pyplot\n"
        "print(torch.__version__, torch.version.cuda, float(torch.ones(3).sum()))"
    )
    said = subprocess.check_output([venv.python, "-I", "-c", code], text=True)
    assert said.split()[-2:] == ["None", "3.0"] and said.startswith(lock.packages(CPU)["torch"][:6])
    assert not list(environment.site(venv.folder).glob("nvidia*"))


@pytest.mark.exhaustive
def test_there_is_a_wheel_of_every_gpu_library(tmp_path):
    (tmp_path / ".run").mkdir()
    tool = installers.Uv(tiny.UV, environment.base_python(), tmp_path, None)
    for path in (SHARED, GPU):
        assert lock.Compiler(tool).missing(path) == []
