"""The name that workflow.py knows the stand-ins by."""

from gold_standard.standins import install

__all__ = ["install"]
