"""The container: what its command builds and says, and the image itself, built and run for real."""

import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pages
import pytest
import tiny
import yaml
from containers import Engine
from helpers import ROOT, commit, render, skip
from ministudy import ALL, MiniStudy

from gold_standard import container, registry
from gold_standard.errors import Refusal

DOCKERFILE = ROOT / "template" / "Dockerfile"
LABEL = container.LABEL
TITLE = """Does "x" = 'y' cost $5, ${HOME} or `id`? \\ #1, 研究, שלום & <b>"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a script that can be run as it is")


def study_with(folder: Path, **fields) -> Path:
    """A folder with a CITATION.cff of these fields, and no more."""
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump({"cff-version": "1.2.0", **fields}, allow_unicode=True)
    (folder / "CITATION.cff").write_text(text, encoding="utf-8")
    return folder


# Labels


def test_labels_say_what_the_citation_says(tmp_path):
    people = [
        {"family-names": "Curie", "given-names": "Marie"},
        {"name": "The \"x\" Group, 'y'"},
        {"family-names": "Beethoven", "name-particle": "van", "given-names": "Ludwig"},
    ]
    said = container.labels(
        study_with(
            tmp_path, title=TITLE, version="1.10", license=["MIT", "Apache-2.0"], authors=people,
            url="https://example.org/a", **{"repository-code": "https://example.org/code"},
        )
    )  # fmt: skip
    assert said == {
        f"{LABEL}title": TITLE,
        f"{LABEL}authors": "Marie Curie, The \"x\" Group, 'y', Ludwig van Beethoven",
        f"{LABEL}version": "1.10",
        f"{LABEL}licenses": "MIT OR Apache-2.0",
        f"{LABEL}source": "https://example.org/code",
    }


def test_a_label_is_one_line_and_an_empty_field_is_none(tmp_path):
    study = study_with(tmp_path, title="On\ntwo\r\n\tlines", version="", authors=[], license=None)
    assert container.labels(study) == {f"{LABEL}title": "On two lines"}


def test_the_revision_is_a_commit_that_holds_everything(tmp_path):
    study = study_with(tmp_path, title="x")
    (study / "reproduce.py").touch()
    commit(study)
    revision = container.labels(study)[f"{LABEL}revision"]
    assert re.fullmatch("[0-9a-f]{40}", revision)
    (study / "new.txt").touch()
    assert f"{LABEL}revision" not in container.labels(study)


def test_a_study_has_labels(study_of):
    said = container.labels(study_of())
    assert said.keys() == {f"{LABEL}{key}" for key in ("title", "authors", "version", "licenses")}


# Building


@pytest.fixture
def builder(tmp_path, monkeypatch):
    """A program in place of docker, podman or buildah: keeps its words, ends as it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def builder(name: str, status: int = 0):
        text = f"#!{sys.executable}\nimport json, sys\n"
        text += f"json.dump(sys.argv[1:], open({str(tmp_path / 'words')!r}, 'w'))\n"
        (folder / name).write_text(f"{text}sys.exit({status})\n")
        (folder / name).chmod(0o755)
        return lambda: json.loads((tmp_path / "words").read_text())

    return builder


def build(study: Path, *rest: str) -> int:
    return container.main(study, SimpleNamespace(rest=list(rest)))


@LINUX
def test_the_builder_gets_every_label_as_one_word(tmp_path, builder, capsys):
    words = builder("docker")
    study = study_with(tmp_path / "my study", title=TITLE)
    (study / "pyproject.toml").write_text('[project]\nname = "My_Study.2"\n')
    assert build(study, "--no-cache") == 0
    assert words() == [
        "build", "--tag", "my-study-2", "--label", f"{LABEL}title={TITLE}", "--no-cache", ".",
    ]  # fmt: skip
    out = study / "runs" / "container"
    user = f"--user {os.getuid()}:{os.getgid()}"
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == f"  docker run --rm {user} --volume '{out}:/out' my-study-2"
    assert out.is_dir()
    assert "commit first" in told[0]


@LINUX
@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_the_root_of_podman_is_who_calls_it(tmp_path, builder, capsys, name):
    builder(name)
    assert build(study_with(tmp_path / "study", title="x")) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith("  podman run --rm --user 0:0 ") and told.endswith(":/out study")


@LINUX
def test_docker_comes_before_the_others(tmp_path, builder, capsys):
    for name in ("buildah", "podman", "docker"):
        builder(name)
        assert build(study_with(tmp_path / "study", title="x")) == 0
        assert f"with {name}." in capsys.readouterr().out


@LINUX
def test_what_cannot_be_built_is_told_in_words(tmp_path, builder):
    study = study_with(tmp_path / "study", title="x")
    with pytest.raises(Refusal, match="None of docker, podman, buildah is on the PATH: install"):
        build(study)
    builder("docker", status=7)
    with pytest.raises(Refusal, match="docker could not build the image"):
        build(study)
    (study / "CITATION.cff").unlink()
    with pytest.raises(Refusal, match="CITATION.cff is not there"):
        build(study)


def test_the_dockerfile_has_nothing_that_its_linter_would_change(tmp_path):
    if sys.platform == "win32":
        pytest.skip("hadolint has no wheel for this system, and the lock leaves it out")
    linter = Path(sys.executable).with_name("hadolint")
    bad = tmp_path / "Dockerfile"
    bad.write_text(DOCKERFILE.read_text("utf-8") + "RUN cd /tmp && sudo pip install x\n")
    for file, status in ((DOCKERFILE, 0), (bad, 1)):
        done = subprocess.run([linter, file], capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout


# Renewing the base


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry with one image, which it shows to those who have fetched a token first."""

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers["Authorization"], self.headers["Accept"]))
        if self.path.startswith("/token"):
            self._answer(200, server.token)
        elif server.realm and self.headers["Authorization"] != "Bearer sesame":
            realm = f'Bearer realm="{server.realm}",service="us",scope="repository:lab/x:pull"'
            self._answer(401, b"{}", {"WWW-Authenticate": realm})
        elif self.path == "/v2/lab/python/manifests/3.14-slim":
            self._answer(200, server.index, server.told)
        else:
            self._answer(404, b"{}")

    def _answer(self, status, content, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.name = f"127.0.0.1:{server.server_port}"
    server.realm, server.token = f"http://{server.name}/token", b'{"token": "sesame"}'
    server.index, server.told, server.asked = b'{"manifests": []}', {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def dockerfile(folder: Path, base: str) -> Path:
    """The template's Dockerfile with another base."""
    text = re.sub("(?m)^ARG BASE=.*$", f"ARG BASE={base}", DOCKERFILE.read_text("utf-8"))
    (folder / "Dockerfile").write_text(text, encoding="utf-8", newline="\n")
    return folder / "Dockerfile"


@pytest.mark.parametrize("old", ["", f"@sha256:{'0' * 64}"])
@pytest.mark.parametrize("token", ["token", "access_token", None])
def test_renewing_writes_the_newest_digest_into_one_line(tmp_path, hub, capsys, old, token):
    hub.token = json.dumps({token: "sesame"}).encode()
    hub.realm = hub.realm if token else ""
    image = f"{hub.name}/lab/python:3.14-slim"
    file = dockerfile(tmp_path, image + old)
    before = file.read_text("utf-8")
    assert registry.renew(file) == 0
    new = f"sha256:{hashlib.sha256(hub.index).hexdigest()}"
    assert file.read_text("utf-8") == before.replace(f"{image}{old}\n", f"{image}@{new}\n")
    assert f"now names {image}@{new}" in capsys.readouterr().out
    assert "index" in hub.asked[0][2]  # of all processors, not the image of one
    if token:
        assert "service=us" in hub.asked[1][0] and "scope=repository%3Alab" in hub.asked[1][0]
    bytes_before = file.read_bytes()
    assert registry.renew(file) == 0 and file.read_bytes() == bytes_before
    assert "is still the image" in capsys.readouterr().out


@pytest.mark.slow
def test_both_commands_that_renew_a_base_do_it_when_typed(tmp_path, hub):
    study = tiny.study(tmp_path / "study")
    (tmp_path / "template").mkdir()
    shutil.copyfile(ROOT / "develop.py", tmp_path / "develop.py")
    for name in ("src", "locks", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    image, new = f"{hub.name}/lab/python:3.14-slim", hashlib.sha256(hub.index).hexdigest()
    for line, folder, where in (
        (pages.line("container.md", "python reproduce.py container --renew"), study, study),
        (pages.line("container.md", "python3 develop.py base"), tmp_path, tmp_path / "template"),
    ):
        file = dockerfile(where, image)
        done = pages.call(folder, line)
        assert done.returncode == 0, done.stderr
        assert f"ARG BASE={image}@sha256:{new}\n" in file.read_text("utf-8")


def test_the_template_names_a_base_that_can_be_renewed(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(registry, "_get", lambda address: asked.append(address) or (b"", None))
    assert registry.renew(dockerfile(tmp_path, "python:3.13.15-slim-trixie")) == 0
    [line] = re.findall("(?m)^ARG BASE=(.*)$", DOCKERFILE.read_text("utf-8"))
    assert registry.BASE.search(f"ARG BASE={line}")[1] == line.partition("@")[0]
    for image in (line.partition("@")[0], "docker.io/python:3", "quay.io/a/b:1", "a/b:1"):
        registry.digest(image)
    hub = "https://registry-1.docker.io/v2"
    assert asked == [
        f"{hub}/library/python/manifests/3.13.15-slim-trixie",
        f"{hub}/library/{line.partition('@')[0].replace(':', '/manifests/')}",
        f"{hub}/library/python/manifests/3",
        "https://quay.io/v2/a/b/manifests/1",
        f"{hub}/a/b/manifests/1",
    ]


def test_a_base_that_cannot_be_renewed_is_told_in_words(tmp_path, hub):
    def told(base: str) -> str:
        file = dockerfile(tmp_path, base)
        before = file.read_bytes()
        with pytest.raises(Refusal) as refusal:
            registry.renew(file)
        assert file.read_bytes() == before
        return str(refusal.value)

    image = f"{hub.name}/lab/python:3.14-slim"
    assert "404 Not Found to lab/other:1. Correct the line" in told(f"{hub.name}/lab/other:1")
    assert "no line such as ARG BASE=" in told("python")
    hub.told = {"Docker-Content-Digest": f"sha256:{'1' * 64}"}
    assert "not sha256:1111" in told(image)
    for token in (b"no JSON", b"[1]", b'"x"', b"{}"):
        hub.token = token
        assert "Correct the line" in told(image)
    hub.shutdown()
    hub.server_close()
    assert "cannot be asked for lab/python:3.14-slim (" in told(image)
    (tmp_path / "Dockerfile").unlink()
    with pytest.raises(Refusal, match="no line such as"):
        registry.renew(tmp_path / "Dockerfile")


def test_a_registry_cannot_make_us_read_a_file(tmp_path, hub, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text('{"token": "sesame"}')
    opened = []
    opening = urllib.request.urlopen
    monkeypatch.setattr(
        urllib.request, "urlopen", lambda x, **more: opened.append(x.full_url) or opening(x, **more)
    )
    hub.realm = secret.as_uri()
    with pytest.raises(Refusal, match="401"):
        registry.digest(f"{hub.name}/lab/python:3.14-slim")
    assert len(opened) == 1 and opened[0].startswith("http:")


# Handing out the results


def test_a_folder_that_nothing_can_be_copied_to_is_told_at_once(tmp_path, monkeypatch):
    study, file = tmp_path / "study", tmp_path / "file"
    study.mkdir()
    file.touch()
    with pytest.raises(Refusal, match="Name a folder"):
        container.refuse_closed(file, study)
    with pytest.raises(Refusal, match="names the study itself"):
        container.refuse_closed(study, study)
    container.refuse_closed(tmp_path / "new" / "folder", study)
    assert list((tmp_path / "new" / "folder").iterdir()) == []


@pytest.mark.slow
def test_results_are_copied_when_the_run_is_complete_whatever_they_are(tmp_path):
    study = MiniStudy(tmp_path / "a stüdy")
    out = tmp_path / "out"
    study.write("results/metrics.csv", "model,score\n0,9\n")
    result = study.run(copy_to=str(out))
    assert (result.status, result.steps) == (1, ALL), result.err
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert made >= {"results/metrics.csv", "models/seed_1.bin", "record/run.json"}
    assert not any(name.startswith(("data", ".run")) for name in made)
    for name in made:
        assert (out / name).read_bytes() == (study.root / name).read_bytes()
    study.edit("config.yaml", "trees: 3", "trees: fail")
    assert study.run(copy_to=str(tmp_path / "other")).status == 1
    assert list((tmp_path / "other").iterdir()) == []


# The image itself

slow = pytest.mark.slow
exhaustive = pytest.mark.exhaustive
CALLER = "4321:4322"  # who has no name in the image, nor on this machine


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(tmp_path_factory.mktemp("engine") / "store")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def base(engine):
    return engine.base("bookworm")


@pytest.fixture(scope="module")
def built(engine, base, tmp_path_factory):
    """The default study with a title of all kinds of signs, and its image."""
    study = render(tmp_path_factory.mktemp("built") / "study", project_name=TITLE)
    commit(study)
    return study, engine.build(study, base)


@pytest.fixture
def out(tmp_path):
    """A folder of the caller's."""
    folder = tmp_path / "out"
    folder.mkdir()
    os.chown(folder, *map(int, CALLER.split(":")))
    return folder


def agrees(done, out: Path) -> None:
    """Fail unless a run in a container made what came along, as files of the caller."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 identical, 10 new" in done.stdout
    paths = list(out.rglob("*"))
    assert {path.name for path in out.iterdir()} == {"results", "models", "record"}
    owners = {f"{path.stat().st_uid}:{path.stat().st_gid}" for path in paths}
    assert owners == {CALLER}
    assert json.loads((out / "record/run.json").read_text("utf-8"))["steps"]


@slow
def test_the_image_reproduces_the_study_for_any_caller(engine, built, out):
    study, image = built
    agrees(engine.run(image, user=CALLER, out=out), out)
    for path in (study / "results").rglob("*"):
        if path.is_file():
            assert (out / path.relative_to(study)).read_bytes() == path.read_bytes()


@slow
def test_a_folder_of_somebody_else_is_told_before_the_work(engine, built, out):
    done = engine.run(built[1], out=out)
    assert done.returncode == 2 and "1/9" not in done.stdout
    assert f"add --user {CALLER} to the command of its run" in done.stderr


@slow
def test_the_image_says_what_it_is_and_holds_no_tools(engine, built):
    study, image = built
    about = engine.about(image)["config"]
    assert about["User"] == "1000"
    labels = {name: text for name, text in about["Labels"].items() if name.startswith(LABEL)}
    assert labels == container.labels(study) and labels[f"{LABEL}title"] == TITLE
    assert f"{LABEL}revision" in labels
    look = """id -u; for x in gcc cc make g++ git uv; do command -v $x; done
    find / -xdev -name '*.whl' -not -path '/usr/share/python-wheels/*' 2>/dev/null
    find /tmp /study /root /home /var/lib/apt/lists -name '*.deb' -o -name '.cache' \
        -o -name '*Packages*' -o -name .git 2>/dev/null"""
    said = engine.run(image, "sh", "-c", look).stdout.split()
    [wheel] = (study / "tools").glob("*.whl")
    assert said == ["1000", f"/study/tools/{wheel.name}"]


@slow
def test_a_change_of_code_installs_nothing_again(engine, base, built):
    study, image = built
    with (study / "README.md").open("a") as file:
        file.write("A line more.\n")
    assert engine.build(study, base) == image
    steps = re.split(r"STEP \d+/\d+: ", engine.said)
    [install] = [step for step in steps if step.startswith("RUN PIP_NO_CACHE_DIR")]
    [code] = [step for step in steps if step.startswith("COPY --chown=1000 . .")]
    assert "Using cache" in install and "Using cache" not in code
    assert "A line more." in engine.run(image, "cat", "README.md").stdout


@slow
def test_a_falsified_hash_stops_the_build(engine, base, built, tmp_path):
    study = render(tmp_path / "study")
    lock = study / "requirements.lock"
    lock.write_text(re.sub("sha256:.{8}", "sha256:00000000", lock.read_text("utf-8")), "utf-8")
    with pytest.raises(AssertionError, match="is not the one that the lock names"):
        engine.build(study, base)


@exhaustive
def test_the_image_reproduces_the_study_on_the_newest_debian(engine, out, tmp_path):
    study = render(tmp_path / "study")
    image = engine.build(study, engine.base("forky"))
    agrees(engine.run(image, user=CALLER, out=out), out)
    record = json.loads((out / "record/run.json").read_text("utf-8"))
    assert '"3.14.' in json.dumps(record)


@exhaustive
def test_the_image_of_pytorch_takes_a_place_for_its_builds(engine, base, out, tmp_path):
    place = os.environ.get("GOLD_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS", "")
    if not Path(place).is_dir() or not list(Path(place).glob("torch-*")):
        skip("GOLD_FIND_LINKS names no folder with a wheel of torch for Python 3.11")
    study = render(tmp_path / "study", framework="pytorch")
    where = ["--volume", f"{place}:/builds:ro", "--build-arg", "GOLD_FIND_LINKS=/builds"]
    image = engine.build(study, base, *where)
    done = engine.run(image, user=CALLER, out=out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (out / "results" / "metrics.csv").stat().st_uid == int(CALLER.split(":")[0])
