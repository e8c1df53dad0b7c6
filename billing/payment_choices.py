"""What the columns of orders, payments, refunds and approvals may hold."""

from django.db.models import TextChoices


class PaymentMethodKind(TextChoices):
    """By what somebody pays."""

    CARD = "card", "Card"
    DIRECT_DEBIT = "direct_debit", "Direct debit"
    BANK_TRANSFER = "bank_transfer", "Bank transfer"
    DIGITAL_WALLET = "digital_wallet", "Digital wallet"


class PaymentMethodStatus(TextChoices):
    """Whether a payment method can be used."""

    UNVERIFIED = "unverified", "Not verified yet"
    VERIFIED = "verified", "Verified"
    REFUSED = "refused", "Refused by the provider"
    DETACHED = "detached", "Detached: never used again"


class VerificationKind(TextChoices):
    """How a payment method was verified."""

    ZERO_AMOUNT = "zero_amount", "Authorisation of nothing"
    THREE_D_SECURE = "three_d_secure", "3-D Secure"
    MICRO_DEPOSIT = "micro_deposit", "Small deposit"
    FIRST_PAYMENT = "first_payment", "First payment"


class VerificationOutcome(TextChoices):
    """What a verification said."""

    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    UNKNOWN = "unknown", "Unknown"


class MandateStatus(TextChoices):
    """Whether a mandate holds."""

    ACTIVE = "active", "In force"
    REVOKED = "revoked", "Revoked"


class OrderStatus(TextChoices):
    """Where an order stands."""

    PLACED = "placed", "Placed: waits for its payment"
    PAID = "paid", "Paid and fulfilled"
    CANCELLED = "cancelled", "Cancelled"
    PARTLY_REFUNDED = "partly_refunded", "Partly refunded"
    REFUNDED = "refunded", "Refunded"


class CaptureMode(TextChoices):
    """When an authorised amount is taken."""

    AUTOMATIC = "automatic", "With the authorisation"
    MANUAL = "manual", "By a capture of its own"


class AttemptKind(TextChoices):
    """What a provider was asked for."""

    AUTHORISE = "authorise", "Authorise"
    CAPTURE = "capture", "Capture"
    VOID = "void", "Void"


class AttemptStatus(TextChoices):
    """What is known of an attempt."""

    SENT = "sent", "Sent"
    REQUIRES_ACTION = "requires_action", "The payer has to do something"
    UNKNOWN = "unknown", "Unknown: the provider is asked again"
    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"


class ThreeDSecureFlow(TextChoices):
    """How 3-D Secure went."""

    FRICTIONLESS = "frictionless", "Without a challenge"
    CHALLENGE = "challenge", "With a challenge"


class PaymentStatus(TextChoices):
    """Where a payment stands; what money moved decides it."""

    PENDING = "pending", "Waits for an answer"
    REQUIRES_ACTION = "requires_action", "The payer has to do something"
    FAILED = "failed", "Failed"
    AUTHORISED = "authorised", "Authorised"
    VOIDED = "voided", "Voided"
    PARTLY_CAPTURED = "partly_captured", "Partly captured"
    CAPTURED = "captured", "Captured"
    PARTLY_REFUNDED = "partly_refunded", "Partly refunded"
    REFUNDED = "refunded", "Refunded"


class RefundStatus(TextChoices):
    """Where a refund stands."""

    REQUESTED = "requested", "Waits for an approval"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Unknown: the provider is asked again"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Not approved"


class RefundOrigin(TextChoices):
    """Who began a refund."""

    STAFF = "staff", "A member of staff"
    SYSTEM = "system", "The platform"
    PROVIDER = "provider", "The provider, without our asking"


class ApprovalKind(TextChoices):
    """What asks for a second person."""

    REFUND = "refund", "Refund above the limit"
    LIMIT_CHANGE = "limit_change", "Change of a staff limit"
    ADJUSTMENT = "adjustment", "Adjustment of a wallet or an earning"
    PAYOUT_BATCH = "payout_batch", "Batch of payouts"


class ApprovalStatus(TextChoices):
    """Where a request for approval stands."""

    PENDING = "pending", "Waits for a second person"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"


class LimitKind(TextChoices):
    """What a limit of staff is about."""

    REFUND = "refund", "Refunds"
    ADJUSTMENT = "adjustment", "Adjustments"
