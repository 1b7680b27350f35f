"""`python -m gold_standard`: what reproduce.py hands over to, inside .tools."""

import sys

from gold_standard.cli import main

if __name__ == "__main__":
    sys.exit(main())
