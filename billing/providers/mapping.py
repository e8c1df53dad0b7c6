"""Stripe's words in neutral ones: types of events, states of payments and refunds.

One thing that happens at Stripe is told by several events: a capture by `payment_intent.succeeded`, `charge.succeeded`
and `charge.captured`. One of them is taken here, so that nothing is counted twice: payments from `payment_intent.*`,
refunds from `refund.*` (and the older `charge.refund.updated`), disputes from `charge.dispute.*`. Let the endpoint at
Stripe send these. https://docs.stripe.com/api/events/types
"""

from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus, EvidenceKind
from billing.provider_choices import FactKind, ProviderOutcome

PAYMENT = "payment_intent"
REFUND = "refund"
DISPUTE = "dispute"
PAYOUT = "payout"

FACT_OF_TYPE: dict[str, tuple[str, FactKind]] = {
    "payment_intent.processing": (PAYMENT, FactKind.PAYMENT_PENDING),
    "payment_intent.requires_action": (PAYMENT, FactKind.PAYMENT_REQUIRES_ACTION),
    "payment_intent.amount_capturable_updated": (PAYMENT, FactKind.PAYMENT_AUTHORISED),
    "payment_intent.succeeded": (PAYMENT, FactKind.PAYMENT_CAPTURED),
    "payment_intent.payment_failed": (PAYMENT, FactKind.PAYMENT_FAILED),
    "payment_intent.canceled": (PAYMENT, FactKind.PAYMENT_VOIDED),
    # What a refund is follows from its status: see FACT_OF_REFUND_STATUS.
    "refund.created": (REFUND, FactKind.REFUND_PENDING),
    "refund.updated": (REFUND, FactKind.REFUND_PENDING),
    "refund.failed": (REFUND, FactKind.REFUND_FAILED),
    "charge.refund.updated": (REFUND, FactKind.REFUND_PENDING),
    "charge.dispute.created": (DISPUTE, FactKind.DISPUTE_OPENED),
    "charge.dispute.updated": (DISPUTE, FactKind.DISPUTE_UPDATED),
    "charge.dispute.funds_withdrawn": (DISPUTE, FactKind.DISPUTE_MOVED),
    "charge.dispute.funds_reinstated": (DISPUTE, FactKind.DISPUTE_MOVED),
    "charge.dispute.closed": (DISPUTE, FactKind.DISPUTE_CLOSED),
    "payout.paid": (PAYOUT, FactKind.PAYOUT_PAID),
    "payout.failed": (PAYOUT, FactKind.PAYOUT_FAILED),
    "payout.canceled": (PAYOUT, FactKind.PAYOUT_FAILED),
}
"""By type of event: which object it carries, and what it reports. Every other type is nothing that we keep."""

FACT_OF_REFUND_STATUS = {
    "pending": FactKind.REFUND_PENDING,
    "requires_action": FactKind.REFUND_PENDING,
    "succeeded": FactKind.REFUND_SETTLED,
    "failed": FactKind.REFUND_FAILED,
    "canceled": FactKind.REFUND_FAILED,
}

STATUS_OF_DISPUTE = {
    "warning_needs_response": (DisputeStage.INQUIRY, DisputeStatus.NEEDS_RESPONSE),
    "warning_under_review": (DisputeStage.INQUIRY, DisputeStatus.UNDER_REVIEW),
    "warning_closed": (DisputeStage.INQUIRY, DisputeStatus.CLOSED),
    "needs_response": (DisputeStage.CHARGEBACK, DisputeStatus.NEEDS_RESPONSE),
    "under_review": (DisputeStage.CHARGEBACK, DisputeStatus.UNDER_REVIEW),
    "prevented": (DisputeStage.CHARGEBACK, DisputeStatus.CLOSED),
    "won": (DisputeStage.CHARGEBACK, DisputeStatus.WON),
    "lost": (DisputeStage.CHARGEBACK, DisputeStatus.LOST),
}
"""https://docs.stripe.com/api/disputes/object. What is lost in part is lost; its movements say how much."""

REASON_OF_DISPUTE = {
    "fraudulent": DisputeReason.FRAUD,
    "debit_not_authorized": DisputeReason.FRAUD,
    "duplicate": DisputeReason.DUPLICATE,
    "product_not_received": DisputeReason.NOT_RECEIVED,
    "product_unacceptable": DisputeReason.NOT_AS_DESCRIBED,
    "subscription_canceled": DisputeReason.CANCELLED,
    "credit_not_processed": DisputeReason.NOT_CREDITED,
    "unrecognized": DisputeReason.UNRECOGNISED,
    "bank_cannot_process": DisputeReason.PROCESSING,
    "check_returned": DisputeReason.PROCESSING,
    "incorrect_account_details": DisputeReason.PROCESSING,
    "insufficient_funds": DisputeReason.PROCESSING,
}
"""Every other reason is something else."""

FIELD_OF_EVIDENCE = {
    EvidenceKind.PRODUCT_DESCRIPTION: "product_description",
    EvidenceKind.ACCESS_LOG: "access_activity_log",
    EvidenceKind.REFUND_POLICY: "refund_policy_disclosure",
    EvidenceKind.REFUND_REFUSAL: "refund_refusal_explanation",
    EvidenceKind.CANCELLATION_POLICY: "cancellation_policy_disclosure",
    EvidenceKind.DUPLICATE_EXPLANATION: "duplicate_charge_explanation",
}
"""Fields of Stripe that take words. Receipts and letters are files there; their words go into `uncategorized_text`."""

OUTCOME_OF_PAYMENT_STATUS = {
    "requires_payment_method": ProviderOutcome.DECLINED,
    "requires_confirmation": ProviderOutcome.PENDING,
    "requires_action": ProviderOutcome.REQUIRES_ACTION,
    "processing": ProviderOutcome.PENDING,
    "requires_capture": ProviderOutcome.SUCCEEDED,
    "succeeded": ProviderOutcome.SUCCEEDED,
    "canceled": ProviderOutcome.DECLINED,
}
"""What the state of a payment answers to an authorisation. https://docs.stripe.com/payments/paymentintents/lifecycle"""

OUTCOME_OF_REFUND_STATUS = {
    "pending": ProviderOutcome.PENDING,
    "requires_action": ProviderOutcome.PENDING,
    "succeeded": ProviderOutcome.SUCCEEDED,
    "failed": ProviderOutcome.DECLINED,
    "canceled": ProviderOutcome.DECLINED,
}

REFUSED_STATUSES = (400, 402, 404)
"""Answers after which certainly no money moved. After any other one that is no success nobody knows."""

AMOUNT_OF_FACT = {
    FactKind.PAYMENT_AUTHORISED: "amount_capturable",
    FactKind.PAYMENT_CAPTURED: "amount_received",
}
"""Which field of a payment says how much a fact moved; of others it is `amount`."""

OUTCOME_OF_PAYOUT_STATUS = {
    "pending": ProviderOutcome.PENDING,
    "in_transit": ProviderOutcome.PENDING,
    "paid": ProviderOutcome.SUCCEEDED,
    "failed": ProviderOutcome.DECLINED,
    "canceled": ProviderOutcome.DECLINED,
}
"""What the state of a payout answers. One that was paid may still fail, within five business days: the bank returned
it. https://docs.stripe.com/api/payouts/object#payout_object-status"""
