"""What providers say about disputes: taken down whatever it says, in any order, as often as they like.

Where a dispute stands follows from its latest fact; what it cost from its movements, each recorded once; what is lost
from the two. So the same facts make the same dispute, whatever their order.
"""

from django.db.models import Sum

from billing.announcements import (
    dispute_charged_back,
    dispute_lost,
    dispute_opened,
    dispute_reopened,
    dispute_won,
)
from billing.dispute_choices import (
    OPEN_DISPUTES,
    DisputeReason,
    DisputeStage,
    DisputeStatus,
)
from billing.errors import DisputeRefused
from billing.models import Currency, Dispute, DisputeMovement
from billing.provider_choices import ExceptionKind, FactKind
from billing.providers.port import DisputeFact, MovementFact, ProviderFact
from billing.services.dispute_movements import dispute_weigh, movement_book
from billing.services.earning_holds import dispute_holds, earning_holds_release
from billing.services.reconciliation_exceptions import exceptions_settle
from billing.services.risk_reviews import reviews_of_dispute
from billing.services.settlement import Settlement

D = DisputeStatus
STATUSES, STAGES = list(DisputeStatus), list(DisputeStage)
LARGEST = 10**15
"""No provider means more; what says so is put before somebody as it came."""

FACTS = (
    "provider_reference",
    "stage",
    "status",
    "reason",
    "reason_code",
    "amount",
    "lost_amount",
    "withdrawn",
    "fees",
    "charged_back",
    "opened_at",
    "due_at",
    "decided_at",
    "provider_time",
)


def dispute_reported(settlement: Settlement, fact: ProviderFact) -> Dispute:
    """Take down a fact about a dispute of the payment that is being settled; whoever settles closes afterwards.

    While it is open, what was earned by the payment is held; once it is lost, what was paid for is taken back.
    Locks: the disputes of the payment. As the worker. Raises: DisputeRefused (an amount or a currency that cannot be).
    Announces: `dispute_opened`, `dispute_won`, `dispute_lost`, `dispute_reopened`, `dispute_charged_back`,
    `earnings_held`, `earnings_released`, `risk_review_opened`.
    """
    told = fact.dispute or DisputeFact(D.CLOSED if fact.kind == FactKind.DISPUTE_CLOSED else D.NEEDS_RESPONSE)
    _check(settlement, fact, told)
    payment = settlement.payment
    if fact.currency not in (None, payment.currency_id):
        settlement.differs(
            ExceptionKind.CURRENCY_DIFFERS,
            f"The dispute is in {fact.currency}, the payment in {payment.currency_id}. Nothing is taken back: settle "
            "it by hand.",
            reference=fact.refund_reference,
        )
    found = list(Dispute.objects.filter(payment=settlement.payment).select_for_update().order_by("pk"))
    dispute, is_new = _dispute_of(settlement, found, fact, told)
    before = dispute.status
    _stand(dispute, fact, told, is_new=is_new)
    for movement in told.movements:
        _move(settlement, dispute, movement)
    more = dispute_weigh(dispute, settlement.payment.currency_id)
    dispute.save(update_fields=[*FACTS])
    dispute.refresh_from_db(fields=["version", "updated_at"])
    if more:
        settlement.charged_back.append((dispute, more))
    _count(settlement)
    _hold(settlement, dispute)
    _look(settlement, dispute, more)
    reviews_of_dispute(dispute, settlement.payment)
    _tell(dispute, before, more, is_new=is_new)
    return dispute


def _check(settlement: Settlement, fact: ProviderFact, told: DisputeFact) -> None:
    amounts = [fact.amount or 0, told.lost_amount or 0]
    amounts += [part for movement in told.movements for part in (movement.amount, movement.fee)]
    if any(abs(amount) > LARGEST for amount in amounts):
        raise DisputeRefused("The message names an amount that nobody can mean.")
    named = {fact.currency, *(movement.currency for movement in told.movements)}
    others = named - {None, settlement.payment.currency_id}
    if others and Currency.objects.filter(code__in=others).count() < len(others):
        raise DisputeRefused("The message names a currency that we do not have.")


def _dispute_of(
    settlement: Settlement, found: list[Dispute], fact: ProviderFact, told: DisputeFact
) -> tuple[Dispute, bool]:
    """By the provider's name of it; else a new one. What has no name is the one dispute without a name."""
    payment = settlement.payment
    for dispute in found:
        if dispute.provider_reference == (fact.refund_reference or None):
            return dispute, False
    dispute = Dispute(
        payment=payment,
        user_id=payment.user_id,
        provider_account_id=payment.provider_account_id,
        provider_reference=fact.refund_reference or None,
        stage=told.stage,
        reason=told.reason,
        currency_id=fact.currency or payment.currency_id,
        opened_at=fact.occurred_at,
        provider_time=fact.occurred_at,
    )
    # It begins open, as every dispute did; the fact may be a later one.
    dispute.save(force_insert=True)
    return dispute, True


def _stand(dispute: Dispute, fact: ProviderFact, told: DisputeFact, *, is_new: bool) -> None:
    """The later fact counts, by the provider's clock; of one instant that which stands later in the list."""
    at, amount = fact.occurred_at, fact.amount if fact.amount is not None else dispute.amount
    dispute.opened_at = min(dispute.opened_at, at)
    said = (at, STATUSES.index(told.status), STAGES.index(told.stage), amount, told.lost_amount or 0)
    known = (
        dispute.provider_time,
        STATUSES.index(DisputeStatus(dispute.status)),
        STAGES.index(DisputeStage(dispute.stage)),
        dispute.amount,
        dispute.lost_amount or 0,
    )
    if not is_new and said < known:
        dispute.due_at = dispute.due_at or told.due_at
        _reason(dispute, told, keep=True)
        return
    dispute.status, dispute.stage, dispute.provider_time, dispute.amount = told.status, told.stage, at, amount
    dispute.lost_amount = told.lost_amount if told.status == D.PARTLY else None
    dispute.decided_at = None if told.status in OPEN_DISPUTES else at
    dispute.due_at = told.due_at or dispute.due_at
    _reason(dispute, told, keep=False)


def _reason(dispute: Dispute, told: DisputeFact, *, keep: bool) -> None:
    if told.reason != DisputeReason.OTHER and (not keep or dispute.reason == DisputeReason.OTHER):
        dispute.reason = told.reason
    if told.reason_code and (not keep or not dispute.reason_code):
        dispute.reason_code = told.reason_code[:100]


def _move(settlement: Settlement, dispute: Dispute, told: MovementFact) -> None:
    """A movement is booked once, by the provider's name of it. What is told otherwise later is put before somebody."""
    if not told.amount and not told.fee:
        return
    known = DisputeMovement.objects.filter(
        provider_account_id=dispute.provider_account_id, reference=told.reference
    ).first()
    if known is None:
        if told.currency != dispute.currency_id:
            settlement.differs(
                ExceptionKind.CURRENCY_DIFFERS,
                f"The provider moved {told.currency} for a dispute in {dispute.currency_id}. Settle it by hand.",
                subject=dispute,
                reference=dispute.provider_reference or "",
            )
        settlement.entries.append(movement_book(dispute, told))
    elif (known.amount, known.fee, known.currency_id, known.dispute_id) != (
        told.amount,
        told.fee,
        told.currency,
        dispute.pk,
    ):
        settlement.differs(
            ExceptionKind.CONTRADICTS,
            "The provider tells a movement of a dispute otherwise than before.",
            subject=dispute,
            expected=known.amount,
            reported=told.amount,
            reference=told.reference,
        )


def _count(settlement: Settlement) -> None:
    """The counters of the payment: what is disputed now, and what was lost, in its own currency."""
    payment = settlement.payment
    mine = Dispute.objects.filter(payment=payment, currency=payment.currency_id)
    open_ones = mine.filter(status__in=OPEN_DISPUTES)
    payment.disputed = open_ones.aggregate(sum=Sum("amount"))["sum"] or 0
    payment.charged_back = mine.aggregate(sum=Sum("charged_back"))["sum"] or 0


def _hold(settlement: Settlement, dispute: Dispute) -> None:
    if dispute.is_open:
        dispute_holds(dispute, settlement.order.pk)
        return
    earning_holds_release(dispute_id=dispute.pk, actor=None, reason="The dispute was decided.")


def _look(settlement: Settlement, dispute: Dispute, more: int) -> None:
    """What does not fit becomes an exception; what fits by now is settled."""
    name = dispute.provider_reference or ""
    if more < 0:
        settlement.differs(
            ExceptionKind.CONTRADICTS,
            "Money of a lost dispute came back after what it paid for was taken back. It stands in suspense.",
            subject=dispute,
            expected=0,
            reported=-more,
            reference=name,
        )
    amiss = _amiss(dispute)
    if amiss is not None:
        words, expected = amiss
        settlement.differs(
            ExceptionKind.DISPUTE,
            words,
            subject=dispute,
            expected=expected,
            reported=dispute.withdrawn,
            reference=name,
        )
    else:
        exceptions_settle(
            subject=dispute, kinds=(ExceptionKind.DISPUTE,), reason="The movements were reported since."
        )


def _amiss(dispute: Dispute) -> tuple[str, int] | None:
    """How the decision and the money that moved differ, and what should be withdrawn; None: they do not."""
    took = dispute.withdrawn
    if dispute.status in (D.WON, D.CLOSED) and took:
        if took > 0:
            return "A dispute is won, and the provider has not told that all of the money came back.", 0
        return "A dispute is won, and the provider gave back more than it told that it took.", 0
    if dispute.status == D.PARTLY and dispute.lost_amount not in (None, took):
        words = "A dispute is lost in part, and what the provider took and gave back is not that part."
        return words, dispute.lost_amount or 0
    if dispute.status in (D.LOST, D.PARTLY) and took <= 0 and dispute.lost_amount != took:
        return "A dispute is lost, and the provider has told no money that it took.", dispute.amount
    return None


def _tell(dispute: Dispute, before: str, more: int, *, is_new: bool) -> None:
    detail = {"currency": dispute.currency_id, "amount": dispute.amount, "status": str(dispute.status)}
    said = {"sender": Dispute, "actor": None, "subject": dispute}
    if is_new:
        dispute_opened.send(**said, detail=detail)
    if dispute.status != before:
        changed = {"changed": ("status",), "detail": detail}
        if dispute.status in (D.WON, D.CLOSED):
            dispute_won.send(**said, **changed)
        elif dispute.status in (D.LOST, D.PARTLY):
            dispute_lost.send(**said, **changed)
        elif before not in OPEN_DISPUTES:
            dispute_reopened.send(**said, **changed)
    if more > 0:
        lost = {**detail, "amount": more, "payment": str(dispute.payment_id)}
        dispute_charged_back.send(**said, changed=("charged_back",), detail=lost)
