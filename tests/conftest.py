"""Fixtures for the fast tests: studies that are rendered once and only read."""

import json
from collections.abc import Callable
from pathlib import Path

import helpers
import pytest
from browser import browse, browser, look, measure, printed  # noqa: F401 (fixtures)
from jinja2 import Environment


def compile_once() -> None:
    """Let Jinja compile each text once: Copier else does so anew for every study that it renders.

    Two thirds of what a rendering costs is this.
    """
    plainly, compiled = Environment.compile, {}

    def compile(self, source, *more, **named):
        how = (self.trim_blocks, self.lstrip_blocks, self.variable_start_string, *self.extensions)
        key = (source, more, *named.items(), *how)
        if key not in compiled:
            compiled[key] = plainly(self, source, *more, **named)
        return compiled[key]

    Environment.compile = compile


compile_once()


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Path]:
    """Find a study with these answers among those rendered already, or render one: only to be read.

    What is not asked for may be anything.
    """
    rendered: dict[str, Path] = {}

    def study_of(**answers) -> Path:
        asked = answers.items()
        fitting = (x for x in helpers.variants() if all(x.get(k) == v for k, v in asked))
        full = next(fitting, answers)
        key = json.dumps(full, sort_keys=True)
        if key not in rendered:
            rendered[key] = helpers.look(**full)
        return rendered[key]

    return study_of


@pytest.fixture(params=helpers.variants(), ids=helpers.called)
def variant(request, study_of) -> tuple[dict, Path]:
    """Each variant in turn: its answers, and the study, only to be read."""
    return request.param, study_of(**request.param)


@pytest.fixture(scope="session")
def hooks(tmp_path_factory):
    """Run the study's hooks in a folder, with no network and nothing installed before."""
    home = tmp_path_factory.mktemp("pre-commit")

    def hooks(folder: Path, *words: str):
        nowhere = {"PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9"}
        nowhere["https_proxy"] = nowhere["http_proxy"]
        config = helpers.template() / "template" / ".pre-commit-config.yaml"
        command = ["python", "-m", "pre_commit", "run", "--config", config, *words]
        return helpers.run(*command, cwd=folder, PRE_COMMIT_HOME=str(home), **nowhere)

    return hooks
