"""Values of choices in performers."""

from django.db.models import TextChoices


class PerformerStatus(TextChoices):
    """Where an application, and later a performer, stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Rejected"
    PAUSED = "paused", "Paused"
    EXPIRED = "expired", "Expired"
    OFFBOARDED = "offboarded", "Offboarded"
