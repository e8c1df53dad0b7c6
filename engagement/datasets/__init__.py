"""Data sets that fill engagement."""

from engagement.datasets import follows  # noqa: F401  (registers itself)
