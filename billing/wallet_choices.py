"""Values of columns about wallets, tokens and shares; each is checked in the database too."""

from django.db.models import TextChoices


class LotKind(TextChoices):
    """How tokens came into a wallet, in the order in which they are burned."""

    PROMOTIONAL = "promotional", "Promotional"
    BONUS = "bonus", "Bonus"
    PAID = "paid", "Paid"


class SpendKind(TextChoices):
    """What tokens were spent on; rules of revenue share name it too, whatever was paid with."""

    TIP = "tip", "Tip"
    GIFT = "gift", "Gift"
    TICKET = "ticket", "Ticket"
    PRIVATE_SHOW = "private_show", "Private show"
    REWARD = "reward", "Reward"
    SUBSCRIPTION = "subscription", "Subscription, paid with money"


class SplitParty(TextChoices):
    """Who gets a part, in the order in which ties are broken."""

    PERFORMER = "performer", "Performer"
    STUDIO = "studio", "Studio"
    PLATFORM = "platform", "Platform"


class EntitlementSource(TextChoices):
    """By what somebody is entitled to watch."""

    TICKET = "ticket", "Ticket paid with tokens"
    PURCHASE = "purchase", "Ticket paid with money"
    STAFF = "staff", "Granted by staff"
    SUBSCRIPTION = "subscription", "Subscription"


class RevocationCause(TextChoices):
    """By what an entitlement ended before its time."""

    REVERSAL = "reversal", "The spend was reversed"
    REFUND = "refund", "The purchase was refunded"
    STAFF = "staff", "Revoked by staff"
    UNPAID = "unpaid", "Nothing was paid for it"
    CHANGE = "change", "Another plan took its place"
    SUBSCRIPTION_ENDED = "subscription_ended", "The subscription was ended"
