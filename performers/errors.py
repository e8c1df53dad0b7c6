"""What the services of this app refuse."""

from core.errors import Refused


class ProfileRefused(Refused):
    """The profile breaks a rule: a stage name or slug is taken, or a text is malformed."""

    code = "profile_refused"
