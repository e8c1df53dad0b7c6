"""Values that columns about payment providers may hold; each is checked in the database too."""

from django.db.models import TextChoices


class ProviderKind(TextChoices):
    """Which adapter speaks for an account."""

    SIMULATOR = "simulator", "Simulator"
    STRIPE = "stripe", "Stripe"


class ProviderOperation(TextChoices):
    """What a provider is asked to do."""

    AUTHORISE = "authorise", "Authorise"
    CAPTURE = "capture", "Capture"
    VOID = "void", "Void"
    REFUND = "refund", "Refund"
    PAYOUT = "payout", "Payout"
    SUBMIT_EVIDENCE = "submit_evidence", "Submit evidence"


class ProviderOutcome(TextChoices):
    """What a provider answers. `UNKNOWN` is no answer at all: the money may have moved."""

    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    PENDING = "pending", "Pending"
    REQUIRES_ACTION = "requires_action", "Requires an action of the customer"
    UNKNOWN = "unknown", "Unknown"
    NOT_FOUND = "not_found", "The provider has not heard of it"


class CallSubject(TextChoices):
    """What a call is for; its service gets the answer."""

    PAYMENT_ATTEMPT = "billing.paymentattempt", "Attempt at a payment"
    REFUND = "billing.refund", "Refund"
    PAYOUT = "billing.payout", "Payout"
    DISPUTE = "billing.dispute", "Evidence in a dispute"


class ProviderCallStatus(TextChoices):
    """Where a call stands."""

    WAITING = "waiting", "Waits to be made"
    BEGUN = "begun", "Begun; no answer is recorded"
    UNKNOWN = "unknown", "Without an answer; is asked about"
    AWAITED = "awaited", "Under way at the provider; its message is awaited"
    ANSWERED = "answered", "Answered"
    GIVEN_UP = "given_up", "Given up; somebody must look"


class FactKind(TextChoices):
    """What a provider reports, in words that belong to no provider."""

    PAYMENT_PENDING = "payment_pending", "Payment is pending"
    PAYMENT_REQUIRES_ACTION = "payment_requires_action", "Payment requires an action"
    PAYMENT_AUTHORISED = "payment_authorised", "Payment was authorised"
    PAYMENT_CAPTURED = "payment_captured", "Payment was captured"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    PAYMENT_VOIDED = "payment_voided", "Payment was voided"
    REFUND_PENDING = "refund_pending", "Refund is pending"
    REFUND_SETTLED = "refund_settled", "Refund was paid"
    REFUND_FAILED = "refund_failed", "Refund failed"
    DISPUTE_OPENED = "dispute_opened", "Payment was disputed"
    DISPUTE_CLOSED = "dispute_closed", "Dispute was closed"
    DISPUTE_UPDATED = "dispute_updated", "Dispute has changed"
    DISPUTE_MOVED = "dispute_moved", "Money of a dispute moved"
    NOT_OURS = "not_ours", "Nothing that we keep"
    PAYOUT_PAID = "payout_paid", "Payout was paid"
    PAYOUT_FAILED = "payout_failed", "Payout failed"
    PAYOUT_RETURNED = "payout_returned", "Payout came back"


class SignatureVerdict(TextChoices):
    """What the signature of a message said when it arrived."""

    VALID = "valid", "Valid"
    MISSING = "missing", "There was none, or it could not be read"
    WRONG = "wrong", "Wrong"
    STALE = "stale", "Too old, or from the future"
    NO_SECRET = "no_secret", "Could not be checked: the secret is not there"
    NOT_CHECKED = "not_checked", "Not checked: the message was not read"


class ProviderEventStatus(TextChoices):
    """What became of a message."""

    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"
    QUARANTINED = "quarantined", "Quarantined"


class ExceptionKind(TextChoices):
    """In which way what we hold and what is reported differ."""

    UNKNOWN_PAYMENT = "unknown_payment", "About a payment that we do not have"
    AMOUNT_DIFFERS = "amount_differs", "Another amount than was asked for"
    CURRENCY_DIFFERS = "currency_differs", "Another currency than was asked for"
    ABOVE_AUTHORISED = "above_authorised", "More captured than was authorised"
    ABOVE_CAPTURED = "above_captured", "More refunded than was captured"
    NOT_REQUESTED = "not_requested", "A movement that nobody here asked for"
    CONTRADICTS = "contradicts", "Contradicts what is recorded"
    TOKENS_SPENT = "tokens_spent", "Refunded after the tokens were spent"
    OUTCOME_UNKNOWN = "outcome_unknown", "Outcome still unknown after every attempt to learn it"
    UNREADABLE = "unreadable", "A signed message that cannot be read"
    UNPROCESSABLE = "unprocessable", "A message that could not be processed"
    DISPUTE = "dispute", "A dispute that does not fit its payment"
    WITHOUT_REFERENCE = "without_reference", "A settlement line without a reference"
    NOTHING_HELD = "nothing_held", "A settlement line about nothing that we hold"
    SETTLED_TWICE = "settled_twice", "A settlement line about what was settled already"
    NOT_AT_THE_OTHER = "not_at_the_other", "A transfer that the other side has not reported"


class ExceptionStatus(TextChoices):
    """Where the work on an exception stands."""

    OPEN = "open", "Open"
    ASSIGNED = "assigned", "Assigned"
    RESOLVED = "resolved", "Resolved"


class ExceptionResolution(TextChoices):
    """What came of it."""

    CORRECTED = "corrected", "Corrected by a further entry"
    ACCEPTED = "accepted", "Accepted as it is"
    PROVIDER_CORRECTED = "provider_corrected", "The provider corrected it"
    NOT_OURS = "not_ours", "Does not concern us"
    PROCESSED = "processed", "Settled by processing it again"
