"""Questions about streams that other apps and the public site ask."""

from streams.directory import directory_page
from streams.search import search_page
from streams.watching import watch_decision

__all__ = ["directory_page", "search_page", "watch_decision"]
