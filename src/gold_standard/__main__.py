"""`python -m gold_standard`: what reproduce.py hands over to, inside .tools."""

import gc
import sys

from gold_standard.cli import main

if __name__ == "__main__":
    status = main()
    gc.freeze()  # Python would look through all of Snakemake once more before it ends
    sys.exit(status)
