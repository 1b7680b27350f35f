"""The machinery of a gold-standard study: environments, run, record, comparison."""

__version__ = "0.1.0"
