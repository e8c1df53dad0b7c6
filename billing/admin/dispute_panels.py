"""What the page of a dispute shows beside it: its moves, movements, postings, evidence, and what it holds."""

from typing import Any

from billing.admin.payment_panels import CALLS, POSTINGS
from billing.admin.payment_words import list_url, money_of, room_url, row_url, when, when_of
from billing.models import (
    Dispute,
    DisputeMovement,
    EarningHold,
    JournalLine,
    ProviderCall,
    ProviderEvent,
    ReconciliationException,
)
from billing.money import money_text
from core.admin.panels import Panel


def _in_currency(name: str) -> Any:
    """A column of an event that shows an amount in the currency of its dispute."""
    return lambda event: money_text(getattr(event, name), event.dispute.currency_id)


TIMELINE = Panel(
    "Timeline",
    columns=(
        ("Provider's time (UTC)", when_of("provider_time")),
        ("Ours (UTC)", when_of("moved_at")),
        ("From", lambda event: event.get_from_status_display() or "new"),
        ("To", "to_status"),
        ("Evidence", "submission"),
        ("Withdrawn by then", _in_currency("withdrawn")),
        ("Lost by then", _in_currency("charged_back")),
        ("In whose name", lambda event: str(event.actor) if event.actor else "the system"),
    ),
    rows=lambda dispute: dispute.events.select_related("actor", "dispute").order_by("-pk"),
    permission="billing.view_disputeevent",
)
MOVEMENTS = Panel(
    "Movements",
    columns=(
        ("Provider's time (UTC)", when_of("moved_at")),
        ("What", "kind"),
        ("Amount", money_of("amount")),
        ("Fee", money_of("fee")),
        ("Net", money_of("net")),
        ("Provider's name", lambda movement: movement.reference or "ours"),
    ),
    rows=lambda dispute: dispute.movements.order_by("pk"),
    permission="billing.view_disputemovement",
    limit=40,
    url=lambda movement: room_url("journalentry", movement.entry_id),
    words="They sum to what stands on the account of what is disputed. Each leads to the entry that books it.",
    empty="No money has moved.",
)
BOOKED = Panel(
    "Postings",
    columns=POSTINGS.columns,
    rows=lambda dispute: JournalLine.objects.filter(
        entry_id__in=DisputeMovement.objects.filter(dispute=dispute).values("entry_id")
    ).order_by("-entry_id", "position"),
    permission="billing.view_journalline",
    limit=60,
    url=lambda line: room_url("journalentry", line.entry_id),
    words="What was booked for it, the latest entry first.",
)
EVIDENCE = Panel(
    "Evidence",
    columns=(
        ("What", "kind"),
        ("Words", "words"),
        ("Written by", "written_by"),
        ("Last changed (UTC)", when_of("updated_at")),
    ),
    rows=lambda dispute: dispute.evidence.select_related("written_by").order_by("kind"),
    permission="billing.view_disputeevidence",
    empty="None yet.",
)
HELD = Panel(
    "Earnings held",
    columns=(
        ("Held since (UTC)", when_of("created_at")),
        ("Earning", lambda hold: str(hold.earning)),
        ("Let go of (UTC)", lambda hold: when(hold.released_at)),
    ),
    rows=lambda dispute: dispute.earning_holds.select_related("earning").order_by("-pk"),
    permission="billing.view_earninghold",
    url=row_url,
    empty="Nothing was earned by this payment.",
)
REVIEWS = Panel(
    "Risk reviews",
    columns=(("Opened (UTC)", when_of("created_at")), ("Why", "cause"), ("Status", "status")),
    rows=lambda dispute: dispute.risk_reviews.order_by("-pk"),
    permission="billing.view_riskreview",
    url=row_url,
    empty="It gave no cause.",
)
SUBMISSIONS = Panel(
    "Calls to the provider",
    columns=CALLS.columns,
    rows=lambda dispute: ProviderCall.objects.filter(subject_id=dispute.pk).order_by("-pk"),
    permission="billing.view_providercall",
    url=row_url,
)
MESSAGES = Panel(
    "Messages of the provider",
    columns=(
        ("Received (UTC)", when_of("received_at")),
        ("Happened (UTC)", when_of("occurred_at")),
        ("What", lambda event: event.get_fact_display() or event.event_type),
        ("Status", "status"),
        ("Provider's id", "event_id"),
    ),
    rows=lambda dispute: (
        ProviderEvent.objects.filter(
            reference=dispute.payment.provider_reference,
            provider_account_id=dispute.provider_account_id,
            fact__startswith="dispute",
        )
        .exclude(reference="")
        .defer("body")
        .order_by("-pk")
    ),
    permission="billing.view_providerevent",
    url=row_url,
    words="About disputes of the payment, as they came.",
)
EXCEPTIONS = Panel(
    "Exceptions",
    columns=(
        ("Found (UTC)", when_of("created_at")),
        ("What", "kind"),
        ("Words", "words"),
        ("Status", "status"),
    ),
    rows=lambda dispute: ReconciliationException.objects.filter(
        subject_id__in=[dispute.pk, dispute.payment_id]
    ).order_by("-pk"),
    permission="billing.view_reconciliationexception",
    url=row_url,
    empty="Everything fits.",
)
DISPUTE_PANELS = (
    TIMELINE,
    MOVEMENTS,
    BOOKED,
    EVIDENCE,
    HELD,
    REVIEWS,
    SUBMISSIONS,
    MESSAGES,
    EXCEPTIONS,
)

DISPUTES_OF_PAYMENT = Panel(
    "Disputes",
    columns=(
        ("Opened (UTC)", when_of("opened_at")),
        ("Amount", money_of("amount")),
        ("Why", "reason"),
        ("Status", "status"),
        ("Evidence until (UTC)", lambda dispute: when(dispute.due_at)),
        ("Lost", money_of("charged_back")),
    ),
    rows=lambda payment: Dispute.objects.filter(payment=payment).order_by("-pk"),
    permission="billing.view_dispute",
    url=row_url,
    all_url=lambda payment: list_url("dispute", f"?payment={payment.pk}&work=all"),
    empty="Never disputed.",
)
HOLDS_OF_REVIEW = Panel(
    "Earnings held",
    columns=(
        ("Held since (UTC)", when_of("created_at")),
        ("Earning", lambda hold: str(hold.earning)),
        ("Let go of (UTC)", lambda hold: when(hold.released_at)),
    ),
    rows=lambda review: (
        EarningHold.objects.filter(risk_review=review).select_related("earning").order_by("-pk")
    ),
    permission="billing.view_earninghold",
    url=row_url,
    empty="It holds nothing.",
)
