"""What the services of this app refuse."""

from core.errors import Refused


class RebuildRefused(Refused):
    """The range cannot be computed anew: no such roll-up, or too long a range."""

    code = "rebuild_refused"
