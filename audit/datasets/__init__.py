"""Public data sets that fill oversight."""

from audit.datasets import complaints

__all__ = ["complaints"]
