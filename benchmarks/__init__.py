"""The README's figures, measured side by side in one run: `python3 develop.py bench`."""
