"""Fixtures for the fast tests: studies that are rendered once and only read."""

import json
from collections.abc import Callable
from pathlib import Path

import helpers
import pytest


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Path]:
    """Render a study, or hand out the one with the same answers: only to be read."""
    rendered: dict[str, Path] = {}

    def study_of(**answers) -> Path:
        key = json.dumps(answers, sort_keys=True)
        if key not in rendered:
            rendered[key] = helpers.render(**answers)
        return rendered[key]

    return study_of


@pytest.fixture(params=helpers.variants(), ids=helpers.called)
def variant(request, study_of) -> tuple[dict, Path]:
    """Each combination of the options in turn: its answers, and the study, only to be read."""
    return request.param, study_of(**request.param)
