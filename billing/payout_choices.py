"""What the columns of payouts, their destinations, debts and holds may hold."""

from django.db.models import TextChoices


class DestinationKind(TextChoices):
    """Where a payout goes."""

    BANK_ACCOUNT = "bank_account", "Bank account"
    CARD = "card", "Card"
    DIGITAL_WALLET = "digital_wallet", "Digital wallet"


class DestinationStatus(TextChoices):
    """Whether anything is paid to a destination."""

    ACTIVE = "active", "In use"
    PAUSED = "paused", "Paused: nothing is paid there"
    RETIRED = "retired", "Replaced or given up"


class PayoutBatchStatus(TextChoices):
    """Where a batch of payouts stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waits for a second person"
    APPROVED = "approved", "Approved: about to be sent"
    SENDING = "sending", "Being sent"
    DONE = "done", "Done: every outcome is known"
    CANCELLED = "cancelled", "Cancelled"


class PayoutStatus(TextChoices):
    """Where a payout stands."""

    PREPARED = "prepared", "Prepared"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Unknown: the provider is asked again"
    PAID = "paid", "Paid"
    FAILED = "failed", "Failed"
    RETURNED = "returned", "Came back"
    PAID_AFTER_ALL = "paid_after_all", "Paid after its earnings were open again: owed"
    CANCELLED = "cancelled", "Cancelled with its batch"


LIVE_PAYOUTS = (PayoutStatus.PREPARED, PayoutStatus.SENT, PayoutStatus.UNKNOWN, PayoutStatus.PAID)
"""Their earnings are spoken for."""


class DebtCause(TextChoices):
    """Why what a performer or studio owes changed."""

    CHARGED = "charged", "Charged by staff"
    PAID_AFTER_ALL = "paid_after_all", "A payout that had failed was paid after all"
    EXCHANGE = "exchange", "What an exchange gave was paid out before it was undone"
    SET_OFF = "set_off", "Set off against a payout"
    SET_OFF_UNDONE = "set_off_undone", "The payout against which it was set off came back"
    GIVEN_BACK = "given_back", "A payout that was paid after all came back"
    WRITTEN_OFF = "written_off", "Written off"
