"""What the services of this app refuse."""

from core.errors import Refused


class StreamRefused(Refused):
    """The stream breaks a rule, or is not in the state that this needs."""

    code = "stream_refused"
