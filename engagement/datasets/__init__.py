"""Public data sets that fill the tables of engagement."""

from engagement.datasets import automod, chat, community

__all__ = ["automod", "chat", "community"]
