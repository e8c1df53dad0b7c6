"""Choices of the kernel's own tables."""

from django.db.models import TextChoices


class IncidentKind(TextChoices):
    """What may happen to a job beside its plain course."""

    FAILED = "failed", "Attempt failed"
    LOST = "lost", "Worker vanished"
    UNKNOWN = "unknown", "No such job in this release"
    SUPERSEDED = "superseded", "Same work waits already"
    RUN_AGAIN = "run_again", "Run again"
    GIVEN_UP = "given_up", "Given up"
