"""Stand-ins for three packages that Snakemake imports and that running a study does not need.

In .tools a path file puts this folder behind the installed packages, for every process.
"""

import sys
from pathlib import Path


def install() -> None:
    """Put the stand-ins behind the installed packages of this process."""
    folder = str(Path(__file__).parent)
    if folder not in sys.path:
        sys.path.append(folder)
