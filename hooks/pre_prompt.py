"""Cookiecutter's first step, before any question: is there a Copier that can render the study?"""

import sys
from pathlib import Path

import door

try:
    door.copier(Path(__file__).parents[1])
except door.Refusal as refusal:
    sys.exit(str(refusal))
