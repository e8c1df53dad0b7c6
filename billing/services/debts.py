"""What performers and studios owe: charged by staff, written off; payouts set it off by themselves."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing import chart
from billing.errors import DebtRefused
from billing.ledger_choices import JournalKind
from billing.models import Debt
from billing.money import amount_check, money_text
from billing.payout_announcements import debt_recorded
from billing.payout_choices import DebtCause
from billing.payout_selectors import Payee
from billing.services.debt_locks import debts_lock
from billing.services.journal import Entry, Line, balance_of, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from core.db.clock import database_now
from core.db.context import acting
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7, uuid7_derived


@transaction.atomic
def debt_charge(
    *,
    currency: str,
    amount: int,
    actor: User,
    reason: str,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
) -> Debt:
    """Charge a performer or studio, such as the fee of a dispute; the next payout sets it off.

    Raises: DebtRefused (nobody or two, one's own, no reason), MoneyRefused. Announces: `debt_recorded`.
    """
    return _record(Payee(performer_id, studio_id), DebtCause.CHARGED, currency, amount, actor, reason)


@transaction.atomic
def debt_write_off(
    *,
    currency: str,
    amount: int,
    actor: User,
    reason: str,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
) -> Debt:
    """Give up what a performer or studio owes, at most all of it: the platform bears it.

    Locks: what the payee owes. Raises: as `debt_charge`, and DebtRefused for
    more than is owed. Announces: `debt_recorded`.
    """
    return _record(Payee(performer_id, studio_id), DebtCause.WRITTEN_OFF, currency, amount, actor, reason)


def _record(payee: Payee, cause: DebtCause, currency: str, amount: int, actor: User, reason: str) -> Debt:
    if (payee.performer_id is None) == (payee.studio_id is None):
        raise DebtRefused("Name a performer or a studio, exactly one of the two.")
    if payee.performer_id == actor.pk:
        raise DebtRefused("This is about yourself. Ask a colleague.")
    if len(reason.strip()) < 3:
        raise DebtRefused("Say why. Write a reason.")
    asked, charged = amount_check(amount, currency).amount, cause == DebtCause.CHARGED
    with acting(Role.WORKER, user_id=actor.pk):
        owed, other = ledger_accounts_open(
            payee.owed(currency),
            chart.debts_charged(currency) if charged else chart.debts_written_off(currency),
        )
        debts_lock(payee.id)
        if not charged and asked > (most := max(0, -balance_of(owed))):
            raise DebtRefused(f"At most {money_text(most, currency)} is owed.")
        debt = Debt(
            id=uuid7(),
            performer_id=payee.performer_id,
            studio_id=payee.studio_id,
            cause=cause,
            amount=asked if charged else -asked,
            currency_id=currency,
            reason=reason.strip(),
            recorded_by=actor,
        )
        with refused_as(DebtRefused):
            debt.save(force_insert=True)
        sign = -1 if charged else 1
        entries_post(
            entries=[
                Entry(
                    id=uuid7_derived(database_now(), "debt", str(debt.pk)),
                    kind=JournalKind.DEBT,
                    lines=(Line(owed, sign * asked, currency), Line(other, -sign * asked, currency)),
                    source=("billing_debt", debt.pk),
                )
            ],
            actor=actor,
        )
    debt_recorded.send(
        sender=Debt,
        actor=actor,
        subject=debt,
        reason=reason,
        detail={"cause": debt.cause, "amount": debt.amount, "currency": currency},
    )
    return debt
