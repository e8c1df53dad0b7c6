"""Public data sets that fill streams and what remains of them."""

from streams.datasets import broadcasts, marathon_streams

__all__ = ["broadcasts", "marathon_streams"]
