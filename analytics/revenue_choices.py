"""Values of columns of revenue; each is checked in the database too."""

from django.db.models import TextChoices


class RevenueKind(TextChoices):
    """What money or tokens were paid for, or what else a day's entries were about."""

    TOKEN_PACK = "token_pack", "Packs of tokens"
    SUBSCRIPTION = "subscription", "Subscriptions"
    PAY_PER_VIEW = "pay_per_view", "Tickets paid with money"
    TIP = "tip", "Tips"
    GIFT = "gift", "Gifts"
    TICKET = "ticket", "Tickets paid with tokens"
    PRIVATE_SHOW = "private_show", "Private shows"
    REWARD = "reward", "Rewards"
    EXPIRY = "expiry", "Tokens that expired"
    PROVIDER = "provider", "Work of providers"
    OTHER = "other", "Entries for nothing that is sold"


class RevenueMeasure(TextChoices):
    """What is summed; each is a set of postings, and proven by itself."""

    GROSS = "gross", "Sales"
    REFUNDS = "refunds", "Refunds"
    DISPUTES = "disputes", "Lost disputes"
    ADJUSTMENTS = "adjustments", "Adjustments"
    TAX = "tax", "Tax"
    DEFERRED = "deferred", "Deferred revenue, change"
    TOKEN_REVENUE = "token_revenue", "Token revenue"
    PERFORMER_SHARE = "performer_share", "Share of performers"
    STUDIO_SHARE = "studio_share", "Share of studios"
    PLATFORM_SHARE = "platform_share", "Share of the platform"
    WAITING = "waiting", "Paid and not given yet"
    LOSSES = "losses", "Losses by refunds"
    PROVIDER_FEES = "provider_fees", "Fees of providers"
    DISPUTE_FEES = "dispute_fees", "Fees of disputes"


UNCLASSIFIED = "unclassified"
"""What is proven beside the measures: that no posting stands on an account of which nobody said what it is."""

PROVEN = (*RevenueMeasure.values, UNCLASSIFIED)

DEBITED = (RevenueMeasure.REFUNDS, RevenueMeasure.DISPUTES)
"""What was given back of sales."""

GIVEN_TO = (
    RevenueMeasure.TAX,
    RevenueMeasure.DEFERRED,
    RevenueMeasure.TOKEN_REVENUE,
    RevenueMeasure.PERFORMER_SHARE,
    RevenueMeasure.STUDIO_SHARE,
    RevenueMeasure.PLATFORM_SHARE,
    RevenueMeasure.WAITING,
)
"""Where it went: with losses taken off, these sum to sales and adjustments less refunds and disputes, in every row."""
