"""What the services of this app refuse."""

from core.errors import Refused


class StreamRefused(Refused):
    """The stream breaks a rule, or is not in the state that this needs."""

    code = "stream_refused"


class AccessRefused(Refused):
    """A rule or grant of access that makes no sense: no target, two targets, or values that do not belong to it."""

    code = "access_refused"


class WatchRefused(Refused):
    """A question about watching that cannot be answered as it was asked: an unknown country, or no one target."""

    code = "watch_refused"


class SearchRefused(Refused):
    """A search or a filter that nobody can mean."""

    code = "search_refused"


class PageRefused(Refused):
    """A page token that is forged, belongs to another list, or whose list is over."""

    code = "page_refused"
