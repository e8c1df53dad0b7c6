"""Steps of tests of disputes: what a provider reports of them, and what stands in the books afterwards."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus, EvidenceKind
from billing.models import Dispute, DisputeMovement, Payment
from billing.provider_choices import FactKind
from billing.providers.port import DisputeFact, MovementFact
from billing.services.dispute_evidence import dispute_evidence_write
from core.db.context import acting
from core.db.roles import Role
from tests.billing.paying import PRICE, at, balance, paid, told

FEE = 1500
NAME = "dp_1"
WAITS, REVIEWED = DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW
WON, LOST, PARTLY = DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.PARTLY
KIND_OF = {WAITS: FactKind.DISPUTE_OPENED, REVIEWED: FactKind.DISPUTE_UPDATED}


def movement(amount: int, fee: int = 0, *, name: str = "", seconds: int = 1, **said: Any) -> MovementFact:
    """Money that the provider took (below zero) or gave."""
    return MovementFact(
        **{
            "reference": name or f"txn_{amount}_{fee}_{seconds}",
            "amount": amount,
            "fee": fee,
            "currency": "EUR",
            "moved_at": at(seconds),
            **said,
        }
    )


def withdrawn(amount: int = PRICE, fee: int = FEE, **said: Any) -> MovementFact:
    """The provider took it, and a fee."""
    return movement(-amount, fee, **said)


def disputed(
    payment: Payment,
    status: DisputeStatus = WAITS,
    seconds: int = 10,
    *movements: MovementFact,
    amount: int | None = PRICE,
    name: str = NAME,
    due: datetime | None = None,
    stage: DisputeStage = DisputeStage.CHARGEBACK,
    reason: DisputeReason = DisputeReason.NOT_RECEIVED,
    lost: int | None = None,
    **said: Any,
) -> Dispute:
    """What the provider reports about a dispute of a payment; the dispute afterwards."""
    told(
        payment,
        KIND_OF.get(status, FactKind.DISPUTE_CLOSED),
        seconds,
        refund_reference=name,
        amount=amount,
        dispute=DisputeFact(
            status=status,
            stage=stage,
            reason=reason,
            reason_code="13.1",
            due_at=due or timezone.now() + timedelta(days=10),
            lost_amount=lost,
            movements=movements,
        ),
        **said,
    )
    return Dispute.objects.get(payment=payment, provider_reference=name or None)


def opened(payment: Payment | None = None, **said: Any) -> Dispute:
    """A dispute of all of a payment, for which the provider took the money and a fee."""
    return disputed(payment or paid(), WAITS, 10, withdrawn(), **said)


def evidence(
    dispute: Dispute, actor: User, kind: EvidenceKind = EvidenceKind.RECEIPT, words: str = ""
) -> None:
    """A piece of evidence, written in the role finance."""
    with acting(Role.FINANCE, user_id=actor.pk):
        dispute_evidence_write(
            dispute_id=dispute.pk, kind=kind, words=words or "The receipt was sent by e-mail.", actor=actor
        )


def assert_disputes_prove(account: str = "simulator", currency: str = "EUR") -> None:
    """Σ movements = balance of the account of what is disputed; Σ fees = that of the fees of disputes."""
    moved = DisputeMovement.objects.filter(provider_account__code=account, currency=currency).aggregate(
        amount=Sum("amount"), fee=Sum("fee"), net=Sum("net")
    )
    assert balance(f"disputed:{account}:{currency}") == (moved["amount"] or 0)
    assert balance(f"dispute_fees:{currency}") == -(moved["fee"] or 0)
