"""What the page of a dispute shows beside it: its moves, movements, postings, evidence, and what it holds."""

from typing import Any

from billing.admin.payment_words import list_url, money_of, room_url, row_url, when, when_of
from billing.admin.provider_panels import calls, exceptions, messages, postings
from billing.models import (
    Dispute,
    DisputeMovement,
    EarningHold,
    JournalLine,
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
BOOKED = postings(
    lambda dispute: JournalLine.objects.filter(
        entry_id__in=DisputeMovement.objects.filter(dispute=dispute).values("entry_id")
    )
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
SUBMISSIONS = calls(lambda dispute: [dispute.pk])
MESSAGES = messages(
    lambda dispute: dispute.payment.provider_reference,
    words="About disputes of the payment, as they came.",
    fact__startswith="dispute",
)
EXCEPTIONS = exceptions(lambda dispute: [dispute.pk, dispute.payment_id])
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
