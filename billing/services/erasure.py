"""What billing destroys and keeps when a person is erased, and what it objects to."""

import json
from typing import Any
from uuid import UUID

from django.db import connection
from django.dispatch import receiver

from accounts.models import User
from billing.models import Payment, PaymentAttempt, Refund
from billing.payment_choices import RefundStatus
from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested

DESTROYED = {
    "billing_billingaddress": "names, streets, towns and postal codes of bills",
    "billing_paymentmethod": "tokens, fingerprints and last signs of payment methods",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

TAX = "bookkeeping and taxes, a legal obligation (Directive 2006/112/EC, art. 369k; GDPR art. 17(3)(b))"
UNTIL = "10 years"

KEPT = {
    "billing_order": ("orders", TAX, UNTIL),
    "billing_orderline": ("what was ordered, prices and taxes", TAX, UNTIL),
    "billing_payment": ("payments", TAX, UNTIL),
    "billing_refund": ("refunds and their reasons", TAX, UNTIL),
    "billing_paymentmethod": ("kind and brand of payment methods, by which was paid", TAX, UNTIL),
    "billing_billingaddress": ("countries of bills, which decided the tax", TAX, UNTIL),
    "billing_billingcustomer": ("names of the person at providers, for refunds and disputes", TAX, UNTIL),
    "billing_mandate": ("agreements to be charged", TAX, "10 years after the end of each"),
    "billing_approvalrequest": (
        "approvals asked for and decided, as staff",
        "accountability of staff (GDPR art. 5(2) and 17(3)(b))",
        UNTIL,
    ),
}
"""Table, what stays, why, until when."""


@receiver(erasure_requested, sender=User)
def refuse_while_money_moves(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while it is open whether money of theirs moved, or money of theirs waits for somebody."""
    vetoes = []
    if PaymentAttempt.objects.in_flight().filter(payment__user=user).exists():
        vetoes.append(Veto("A payment of the person is under way. Wait for what comes of it."))
    waiting = (RefundStatus.REQUESTED, RefundStatus.SENT, RefundStatus.UNKNOWN)
    if Refund.objects.filter(user=user, status__in=waiting).exists():
        vetoes.append(Veto("A refund to the person is under way. Wait for what comes of it."))
    if Payment.objects.filter(user=user).exclude(suspended=0).exists():
        vetoes.append(
            Veto("Money of the person stands in suspense. Finance has to refund or settle it first.")
        )
    return vetoes


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = (json.loads(part) for part in cursor.fetchone())
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, destroyed[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, kept[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("billing_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("billing_person_erase", person_id)


register_eraser(Eraser(40, "billing", survey=_survey, erase=_erase))
