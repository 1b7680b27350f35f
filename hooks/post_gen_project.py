"""Cookiecutter's last step: it hands the answers over to Copier, which renders the study."""

import json
import sys
from pathlib import Path

# Cookiecutter fills this in. As JSON within JSON, whatever somebody typed stays a piece of text.
ASKED = json.loads({{cookiecutter | jsonify | tojson}})  # noqa: F821

for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")  # a console may lack a letter of the path

sys.path.insert(0, str(Path(ASKED["_repo_dir"]) / "hooks"))

import door  # noqa: E402

try:
    door.hand_over(ASKED, Path.cwd())
except door.Refusal as refusal:
    sys.exit(str(refusal))
