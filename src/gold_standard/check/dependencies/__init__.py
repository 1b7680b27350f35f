"""The packages that a repository asks for: which, in which versions, and how they are installed.

Reads requirements, conda, Pipfile, poetry, PDM, uv, pixi, Nix, Docker, setup, R and Julia files,
notebooks' install cells and lists in a README. Nothing is run; nothing here raises on any bytes.
"""

from gold_standard.check.dependencies.asked import Package
from gold_standard.check.dependencies.commands import Install, installs
from gold_standard.check.dependencies.gathering import Dependencies, gather, standings, third_party
from gold_standard.check.dependencies.one_command import Step, one_command, readme_steps
from gold_standard.check.dependencies.packages import conda_package, package
from gold_standard.check.dependencies.pinned import pinned
from gold_standard.check.dependencies.stopping import stops

__all__ = [
    "Dependencies",
    "Install",
    "Package",
    "Step",
    "conda_package",
    "gather",
    "installs",
    "one_command",
    "package",
    "pinned",
    "readme_steps",
    "standings",
    "stops",
    "third_party",
]
