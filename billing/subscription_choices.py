"""Values of columns about plans, subscriptions, their periods and dunning; each is checked in the database too."""

from django.db.models import TextChoices


class PlanInterval(TextChoices):
    """How long a period of a plan is."""

    MONTH = "month", "A month"
    QUARTER = "quarter", "Three months"
    HALF_YEAR = "half_year", "Six months"
    YEAR = "year", "A year"


MONTHS = {
    PlanInterval.MONTH: 1,
    PlanInterval.QUARTER: 3,
    PlanInterval.HALF_YEAR: 6,
    PlanInterval.YEAR: 12,
}
"""Months of each interval."""


class BenefitKind(TextChoices):
    """What subscribers of a plan get beside what everybody sees."""

    WATCH = "watch", "Watch what is for subscribers"
    CHAT_BADGE = "chat_badge", "A badge in the chat"
    EMOTES = "emotes", "Emotes of their own"
    MESSAGES = "messages", "Private messages"
    OTHER = "other", "Something else"


class SubscriptionStatus(TextChoices):
    """Where a subscription stands."""

    INCOMPLETE = "incomplete", "Waits for its first payment"
    TRIALING = "trialing", "On trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "A charge failed; in grace"
    ENDED = "ended", "Ended"
    UNPAID = "unpaid", "Ended unpaid"
    NEVER_PAID = "never_paid", "Never paid"


LIVE = (
    SubscriptionStatus.INCOMPLETE,
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAST_DUE,
)
"""States of which a viewer has one with a performer."""

OVER = (SubscriptionStatus.ENDED, SubscriptionStatus.UNPAID, SubscriptionStatus.NEVER_PAID)
"""States after which nothing follows."""

RUNNING = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
"""States in which the viewer has access, and which are renewed."""


class SubscriptionEnd(TextChoices):
    """Why a subscription is over."""

    CANCELLED = "cancelled", "Cancelled"
    GIFT_OVER = "gift_over", "The gift is used up"
    UNPAID = "unpaid", "Every charge failed"
    NEVER_PAID = "never_paid", "The first charge failed"
    REFUNDED = "refunded", "The period was refunded"
    STAFF = "staff", "Ended by staff"
    PERFORMER = "performer", "The performer is no longer here"
    VIEWER = "viewer", "The viewer may no longer subscribe"
    LAPSED = "lapsed", "Not renewed in time"


class SubscriptionEventKind(TextChoices):
    """What happened to a subscription."""

    BEGUN = "begun", "Begun"
    ACTIVATED = "activated", "First payment came"
    RENEWED = "renewed", "Renewed"
    CHARGE_FAILED = "charge_failed", "A charge failed"
    RECOVERED = "recovered", "Paid after a failed charge"
    CHANGED = "changed", "Moved to another plan"
    CHANGE_PLANNED = "change_planned", "Another plan from the next period on"
    CHANGE_WITHDRAWN = "change_withdrawn", "Keeps its plan after all"
    CANCELLED = "cancelled", "Cancelled at the end of the period"
    RESUMED = "resumed", "Goes on after all"
    ENDED = "ended", "Ended"


class PeriodBasis(TextChoices):
    """By what a period is paid."""

    CHARGE = "charge", "An order"
    TRIAL = "trial", "A trial, free of charge"
    CREDIT = "credit", "Credit of an earlier plan, or nothing due"


class PeriodStatus(TextChoices):
    """Where a period stands."""

    OPEN = "open", "Waits for its payment"
    PROPOSED = "proposed", "A change of plan that waits for its payment"
    PAID = "paid", "Paid"
    FREE = "free", "Without a charge"
    REFUNDED = "refunded", "Refunded"
    VOID = "void", "Never paid"


STANDING = (PeriodStatus.OPEN, PeriodStatus.PAID, PeriodStatus.FREE, PeriodStatus.REFUNDED)
"""Periods that make up the time of a subscription, one after another."""

UNPAID = (PeriodStatus.OPEN, PeriodStatus.PROPOSED)
"""Periods that wait for money."""


class DunningStatus(TextChoices):
    """Where a further attempt to collect stands."""

    PLANNED = "planned", "Planned"
    SENT = "sent", "Sent"
    SUCCEEDED = "succeeded", "Paid"
    DECLINED = "declined", "Declined"
    SKIPPED = "skipped", "Not needed any more"
