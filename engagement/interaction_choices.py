"""Values of columns about raids, goals, polls and rewards; each is checked in the database too."""

from django.db.models import TextChoices


class RaidStatus(TextChoices):
    """Where a raid stands."""

    ANNOUNCED = "announced", "Announced"
    EXECUTED = "executed", "Executed"
    CANCELLED = "cancelled", "Cancelled"


class GoalStatus(TextChoices):
    """Where a goal stands; tips count while it is open."""

    OPEN = "open", "Open"
    REACHED = "reached", "Reached"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class PollStatus(TextChoices):
    """Where a poll stands; votes are taken while it is open."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class RedemptionStatus(TextChoices):
    """What became of a redeemed reward. All but the first two give stock and tokens back."""

    PENDING = "pending", "Waiting"
    FULFILLED = "fulfilled", "Fulfilled"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
