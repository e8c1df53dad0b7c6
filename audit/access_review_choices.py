"""Values that columns of access reviews may hold; each is checked in the database too."""

from django.db.models import TextChoices


class ReviewStatus(TextChoices):
    """Where a review stands."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class ReviewVerdict(TextChoices):
    """What was decided about one grant of a role."""

    KEEP = "keep", "Kept"
    WITHDRAW = "withdraw", "Withdrawn"
    ENDED = "ended", "Had ended before it was decided"
