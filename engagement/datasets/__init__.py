"""Data sets that fill engagement."""

from engagement.datasets import automod, chat, community, follows

__all__ = [
    "automod",
    "chat",
    "community",
    "follows",
]
