"""What disputes keep when a person is erased, and what they object to; only the id leads to the person."""

from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.dispatch import receiver

from accounts.models import User
from billing.models import Dispute, DisputeEvidence, EarningHold, RiskReview
from core.erasure import Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested

TAX = "bookkeeping and taxes, a legal obligation (Directive 2006/112/EC, art. 369k; GDPR art. 17(3)(b))"
CLAIMS = "the defence of legal claims (GDPR art. 17(3)(e))"
UNTIL = "10 years"

KEPT: tuple[tuple[type[Model], str, tuple[str, ...], str], ...] = (
    (Dispute, "disputes of payments, and what they cost", ("user",), TAX),
    (DisputeEvidence, "what was told the bank in disputes", ("dispute__user",), CLAIMS),
    (EarningHold, "earnings that were held, and why", ("earning__performer",), TAX),
    (RiskReview, "reviews of the person and of payments", ("user",), CLAIMS),
)
"""Table, what stays, the fields that lead to the person, and why."""


@receiver(erasure_requested, sender=User)
def refuse_while_disputed(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while a payment of theirs is disputed, or while they are reviewed."""
    vetoes = []
    if Dispute.objects.open().filter(user=user).exists():
        vetoes.append(Veto("A payment of the person is disputed. Wait for the decision."))
    if RiskReview.objects.open().filter(user=user).exists():
        vetoes.append(Veto("A payment of the person is being reviewed. Decide the review first."))
    return vetoes


def survey(person_id: UUID) -> ErasureReport:
    """What stays, and how much of it. Read as compliance, before and after."""
    kept = []
    for model, words, fields, why in KEPT:
        condition = Q()
        for name in fields:
            condition |= Q(**{name: person_id})
        rows = model._base_manager.filter(condition).count()
        kept.append(Kept(model._meta.db_table, words, rows, why, UNTIL))
    return ErasureReport(kept=tuple(kept))


register_eraser(Eraser(43, "disputes", survey=survey, erase=survey))
