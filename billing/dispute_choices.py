"""What the columns of disputes, evidence, holds of earnings and risk reviews may hold."""

from django.db.models import TextChoices


class DisputeStage(TextChoices):
    """How far a dispute went, in words that belong to no provider."""

    INQUIRY = "inquiry", "Inquiry"
    CHARGEBACK = "chargeback", "Chargeback"
    ARBITRATION = "arbitration", "Arbitration"


class DisputeStatus(TextChoices):
    """Where a dispute stands, by the latest fact. Of two facts of one instant the later of these counts."""

    NEEDS_RESPONSE = "needs_response", "Waits for evidence"
    UNDER_REVIEW = "under_review", "Under review"
    CLOSED = "closed", "Closed without a chargeback"
    WON = "won", "Won"
    PARTLY = "partly", "Partly lost"
    LOST = "lost", "Lost"


OPEN_DISPUTES = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)
"""Nobody knows yet whose the money is."""


class DisputeReason(TextChoices):
    """Why the payer disputes, in words that belong to no provider."""

    FRAUD = "fraud", "Not made by the cardholder"
    DUPLICATE = "duplicate", "Charged twice"
    NOT_RECEIVED = "not_received", "Not received"
    NOT_AS_DESCRIBED = "not_as_described", "Not as described"
    CANCELLED = "cancelled", "Cancelled before"
    NOT_CREDITED = "not_credited", "A promised refund did not come"
    UNRECOGNISED = "unrecognised", "Not recognised by the payer"
    PROCESSING = "processing", "Wrong amount, account or currency"
    OTHER = "other", "Something else"


class MovementKind(TextChoices):
    """By what money of a dispute moved."""

    WITHDRAWN = "withdrawn", "Withdrawn by the provider"
    REINSTATED = "reinstated", "Reinstated by the provider"
    TAKEN_BACK = "taken_back", "Lost: taken back of what was paid for"
    GIVEN_BACK = "given_back", "Lost no longer: given back into suspense"


OF_PROVIDER = (MovementKind.WITHDRAWN, MovementKind.REINSTATED)
"""What a provider reports; the others follow from it."""


class EvidenceKind(TextChoices):
    """What a piece of evidence is."""

    PRODUCT_DESCRIPTION = "product_description", "What was bought"
    ACCESS_LOG = "access_log", "When the payer used it"
    RECEIPT = "receipt", "The receipt"
    CUSTOMER_COMMUNICATION = "customer_communication", "What was written with the payer"
    REFUND_POLICY = "refund_policy", "The rules of refunds that the payer accepted"
    REFUND_REFUSAL = "refund_refusal", "Why nothing was refunded"
    CANCELLATION_POLICY = "cancellation_policy", "The rules of cancelling that the payer accepted"
    DUPLICATE_EXPLANATION = "duplicate_explanation", "Why two charges are two"
    OTHER = "other", "Anything else"


class SubmissionStatus(TextChoices):
    """What became of the evidence."""

    DRAFT = "draft", "Being put together"
    SENT = "sent", "Sent"
    RECEIVED = "received", "Received by the provider"
    REFUSED = "refused", "Refused by the provider: it can be sent again"


class HoldCause(TextChoices):
    """Why an earning is not paid out."""

    DISPUTE = "dispute", "Its payment is disputed"
    REVIEW = "review", "A risk review"
    STAFF = "staff", "A decision of staff"


class RiskCause(TextChoices):
    """Why somebody should look at a person or a payment."""

    FRAUD_REPORTED = "fraud_reported", "A dispute as fraud"
    SEVERAL_DISPUTES = "several_disputes", "Several disputes of one payer"
    ABOVE_PAID = "above_paid", "More disputed than was paid"
    STAFF = "staff", "A member of staff asked"


class RiskStatus(TextChoices):
    """Where a risk review stands."""

    OPEN = "open", "Nobody's yet"
    ASSIGNED = "assigned", "Somebody looks into it"
    CLEARED = "cleared", "Cleared"
    CONFIRMED = "confirmed", "Confirmed"


OPEN_REVIEWS = (RiskStatus.OPEN, RiskStatus.ASSIGNED)
