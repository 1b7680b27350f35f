"""Fixtures for the fast tests: studies that are rendered once and only read."""

import json
from collections.abc import Callable
from pathlib import Path

import helpers
import pytest


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
            rendered[key] = helpers.render(**full)
        return rendered[key]

    return study_of


@pytest.fixture(params=helpers.variants(), ids=helpers.called)
def variant(request, study_of) -> tuple[dict, Path]:
    """Each variant in turn: its answers, and the study, only to be read."""
    return request.param, study_of(**request.param)
