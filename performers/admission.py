"""What keeps a performer from going live."""

from dataclasses import dataclass

from django.db.models import TextChoices


class ObstacleCode(TextChoices):
    """What may stand in the way; the labels are sentences for the performer."""

    NOT_VERIFIED = "not_verified", "The performer is not verified."
    PAUSED = "paused", "The performer has paused. Go on first."
    NO_IDENTITY_RECORD = "no_identity_record", "No examination of the performer's identity has accepted it."
    DOCUMENT_EXPIRED = (
        "document_expired",
        "The performer's identity document has expired. Submit a valid one.",
    )
    ACCOUNT_CLOSED = "account_closed", "The performer's account is not open."
    BARRED = "barred", "The performer is barred from streaming."


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps a performer from going live: `code` for programs, `words` for people."""

    code: str
    words: str
