"""What somebody is told who begins: before anything is made, and at the end of the first run."""

import contextlib
import socket
import threading

import pytest
from helpers import commit, run

from gold_standard import environment, installers, preflight
from gold_standard.environment import mirror
from gold_standard.errors import Refusal
from gold_standard.layout import REAL
from gold_standard.outcome import Outcome
from gold_standard.report import FIRST, _inventory

# Before anything is made


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """A machine on which Git knows nobody, and no proxy is set."""
    for name in ("EMAIL", *(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER")
                            for what in ("NAME", "EMAIL"))):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for name in preflight.PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    return tmp_path


def told(root, network=True) -> str:
    return "\n".join(preflight.warnings(root, network))


def test_who_is_unknown_to_git_is_told_before_the_first_commit(nobody):
    assert 'git config --global user.name "Your Name"' in told(nobody)


def test_who_is_known_to_git_hears_nothing(nobody):
    more = "[user]\n\tname = A\n\temail = a@lab.example\n"
    (nobody / "gitconfig").write_text(more)
    assert told(nobody) == ""


def test_a_repositorys_own_name_counts(nobody):
    (nobody / "gitconfig").write_text("")
    commit(nobody)
    for key, value in (("name", "A"), ("email", "a@lab.example")):
        assert run("git", "config", f"user.{key}", value, cwd=nobody).returncode == 0
    assert told(nobody) == ""


def test_without_git_it_is_said_what_is_lost(nobody, monkeypatch):
    monkeypatch.setenv("PATH", str(nobody))
    assert "Git is not installed" in told(nobody)


@contextlib.contextmanager
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept(), daemon=True)
        thread.start()
        yield server.getsockname()[1]


def test_a_proxy_that_answers_is_not_spoken_of(nobody, monkeypatch):
    with listening() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{port}")
        assert "proxy" not in told(nobody)


FORMS = ["http://me:secret@127.0.0.1:{}", "127.0.0.1:{}", "http://127.0.0.1:x{}"]


@pytest.mark.parametrize("form", FORMS)
def test_a_proxy_that_does_not_answer_is_named_without_its_password(form, nobody, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # free again at once
    monkeypatch.setenv("https_proxy", form.format(port))
    said = told(nobody)
    assert "named by the variable https_proxy, does not answer" in said
    assert f"{port}" in said and "secret" not in said
    assert "proxy" not in told(nobody, network=False)


def test_it_is_said_before_anything_is_made_and_only_then(nobody, monkeypatch):
    said, made = [], []
    monkeypatch.setattr(environment, "make", lambda *words: made.append(len(said)))
    (nobody / "pyproject.toml").write_text("")
    environment.prepare(nobody, say=said.append)
    assert "Before you go on: Git does not know who you are" in said[0] and made == [1]
    (nobody / ".tools").mkdir()
    environment.prepare(nobody, say=said.append)
    assert len(said) == 1
    (nobody / ".tools").rmdir()
    monkeypatch.setenv("GOLD_ROOM", "somewhere")
    environment.prepare(nobody, say=said.append)
    assert len(said) == 1


# The mirror that a study names


ADDRESS = "https://packages.lab.example/simple/"


@pytest.fixture
def mirrored(tmp_path, monkeypatch):
    (tmp_path / ".run").mkdir()
    (tmp_path / "pyproject.toml").write_text(f'[tool.gold-standard]\nmirror = "{ADDRESS}"\n')
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_both_installers_get_packages_from_the_studys_mirror(mirrored):
    found = installers._Tool("python", mirrored, None).environment
    assert found["UV_DEFAULT_INDEX"] == found["PIP_INDEX_URL"] == ADDRESS


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
def test_a_machine_that_names_an_index_uses_that(name, mirrored, monkeypatch):
    monkeypatch.setenv(name, "https://elsewhere.example/simple/")
    found = installers._Tool("python", mirrored, None).environment
    assert found[name] == "https://elsewhere.example/simple/"
    assert ADDRESS not in [found.get(x) for x in found if x.startswith(name.split("_")[0])]


def test_a_folder_of_wheels_needs_no_mirror(mirrored):
    found = installers._Tool("python", mirrored, mirrored).environment
    assert "UV_DEFAULT_INDEX" not in found


@pytest.mark.parametrize("wrong", ['"ftp://x/"', '"https://me:secret@x/"', "3", '"x"'])
def test_a_wrong_mirror_is_refused(wrong, tmp_path):
    (tmp_path / "pyproject.toml").write_text(f"[tool.gold-standard]\nmirror = {wrong}\n")
    with pytest.raises(Refusal, match="mirror is the address of a package index"):
        mirror(tmp_path)


# The end of the first run


def outcome(path: str) -> Outcome:
    return Outcome(path, "identical")


def test_the_inventory_counts_what_came_of_it():
    paths = ["results/a.csv", "results/b.json", "results/f/roc.png", "results/f/roc.pdf",
             "models/seed_1.skops", "models/seed_2.skops"]  # fmt: skip
    said = _inventory(REAL, [outcome(path) for path in paths])
    assert said == "2 tables and 1 figure in results/, 2 files in models/"
    assert _inventory(REAL, []) == "results in results/"


def test_three_things_to_try_are_commands_and_pages_that_exist():
    said = FIRST.format(layout=REAL, inventory="x")
    assert "python reproduce.py check" in said and "--config try.yaml" in said
    assert all(f"  {number}. " in said for number in (1, 2, 3))
