"""What payouts destroy and keep when a person is erased, and what they object to."""

import json
from typing import Any
from uuid import UUID

from django.db import connection
from django.dispatch import receiver

from accounts.models import User
from billing.models import LedgerAccount, Payout, PayoutBatch
from billing.models.payout import OUTCOME_OPEN
from billing.services.erasure import TAX, UNTIL
from billing.services.journal import balance_of
from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested

DESTROYED = {"billing_payoutdestination": "accounts to which was paid, and their holders"}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

KEPT = {
    "billing_payoutdestination": ("in which country and currency was paid", TAX),
    "billing_payout": ("payouts", TAX),
    "billing_payoutreturn": ("payouts that came back", TAX),
    "billing_debt": ("what was owed", TAX),
    "billing_reservehold": ("reserves that were kept", TAX),
    "billing_payoutbatch": (
        "batches prepared and submitted, as staff",
        "accountability of staff (GDPR art. 5(2) and 17(3)(b))",
    ),
}
"""Table, what stays, why."""


@receiver(erasure_requested, sender=User)
def refuse_while_payouts_move(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while a payout of theirs is under way, or while they owe something."""
    vetoes = []
    if Payout.objects.filter(performer_id=user.pk, status__in=OUTCOME_OPEN).exists():
        vetoes.append(Veto("A payout to the person is under way. Wait for what comes of it."))
    owed = LedgerAccount.objects.filter(person=user, code__startswith=f"receivable:{user.pk}:")
    if any(balance_of(account) < 0 for account in owed.values_list("pk", flat=True)):
        vetoes.append(Veto("The person owes something. Set it off, or write it off, first."))
    if PayoutBatch.objects.open().filter(made_by=user).exists():
        vetoes.append(Veto("A batch of payouts that the person prepared is not done."))
    return vetoes


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = (json.loads(part) for part in cursor.fetchone())
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, destroyed[table]) for table, words in DESTROYED.items()),
        kept=tuple(Kept(table, words, kept[table], why, UNTIL) for table, (words, why) in KEPT.items()),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("payouts_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("payouts_person_erase", person_id)


register_eraser(Eraser(42, "payouts", survey=_survey, erase=_erase))
