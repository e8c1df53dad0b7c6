"""Stripe's words in neutral ones: types of events, states of payments and refunds.

One thing that happens at Stripe is told by several events: a capture by `payment_intent.succeeded`, `charge.succeeded`
and `charge.captured`. One of them is taken here, so that nothing is counted twice: payments from `payment_intent.*`,
refunds from `refund.*` (and the older `charge.refund.updated`), disputes from `charge.dispute.*`. Let the endpoint at
Stripe send these. https://docs.stripe.com/api/events/types
"""

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
    "charge.dispute.funds_withdrawn": (DISPUTE, FactKind.DISPUTE_OPENED),
    "charge.dispute.funds_reinstated": (DISPUTE, FactKind.DISPUTE_CLOSED),
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
