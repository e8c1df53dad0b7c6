"""Accounting periods: opened ahead, closed softly when the month is over, closed for good when it is proven."""

import datetime as dt
from dataclasses import asdict
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from billing.announcements import (
    accounting_period_closed,
    accounting_period_opened,
    accounting_period_reopened,
    accounting_period_soft_closed,
)
from billing.closing import CheckItem, close_checks
from billing.errors import CloseRefused, PeriodRefused
from billing.ledger_choices import PeriodStatus
from billing.ledger_selectors import trial_balance
from billing.models import AccountingPeriod, PeriodClosing
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import acting, current_actor_id
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def accounting_period_open_next(*, actor: User | None) -> AccountingPeriod:
    """Open the month after the last one that there is, or the present one where there is none.

    Entries open the month that they need by themselves; this is for those who want to see it before. Raises:
    PeriodRefused (somebody else opened it just now). Announces: `accounting_period_opened`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        last = AccountingPeriod.objects.order_by("-days").first()
        first_day = last.days.upper if last else database_now().astimezone(dt.UTC).date().replace(day=1)
        period = AccountingPeriod(days=DateRange(first_day, first_day + relativedelta(months=1), "[)"))
        with refused_as(PeriodRefused):
            period.save(force_insert=True)
        accounting_period_opened.send(sender=AccountingPeriod, actor=actor, subject=period)
    return period


@transaction.atomic
def accounting_period_soft_close(
    *, accountingperiod_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> AccountingPeriod:
    """Let a period take corrections only; what else is posted counts in the next one.

    Locks: the period, and waits for entries on their way. Raises: IllegalTransition, NotThere, StaleVersion. Announces:
    `accounting_period_soft_closed`.
    """
    return _move(
        accountingperiod_id,
        PeriodStatus.SOFT_CLOSED,
        accounting_period_soft_closed,
        actor,
        reason,
        expected_version,
    )


@transaction.atomic
def accounting_period_reopen(
    *, accountingperiod_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> AccountingPeriod:
    """Open a softly closed period again. A closed one stays closed.

    Locks, raises as `accounting_period_soft_close`. Announces: `accounting_period_reopened`.
    """
    return _move(
        accountingperiod_id, PeriodStatus.OPEN, accounting_period_reopened, actor, reason, expected_version
    )


@transaction.atomic
def accounting_period_close(
    *, accountingperiod_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> AccountingPeriod:
    """Close a period for good, once nothing on its check-list is in the way; the check-list is kept with it.

    Whoever closes it is not who closed it softly, and holds the role that approves. Locks: the period, and waits for
    entries on their way. Raises: CloseRefused (what is in the way), PeriodRefused (not over, an earlier one open, one
    person alone), IllegalTransition, NotThere, StaleVersion. Announces: `accounting_period_closed`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        period = locked(AccountingPeriod, accountingperiod_id, expected_version=expected_version)
        AccountingPeriod.status_machine.check(period.status, PeriodStatus.CLOSED)
        closer = _timely(period, actor)
        _wait_for_entries(period)
        items = close_checks(period)
        in_the_way = [item for item in items if item.blocks and not item.ok]
        if in_the_way:
            raise CloseRefused(
                f"{period} cannot be closed yet: "
                + "; ".join(f"not so: {item.words.lower()} ({item.count})" for item in in_the_way)
                + "."
            )
        with refused_as(PeriodRefused):
            PeriodClosing.objects.create(
                period=period,
                checks=[asdict(item) for item in items],
                trial_balance={
                    balance.currency: {"debit": str(balance.debit), "credit": str(balance.credit)}
                    for balance in trial_balance(period.last_day)
                },
                reason=reason.strip(),
                closed_by=closer,
                closed_at=database_now(),
            )
    return _move(
        accountingperiod_id, PeriodStatus.CLOSED, accounting_period_closed, actor, reason, expected_version
    )


def _timely(period: AccountingPeriod, actor: User | None) -> User:
    """Who closes the period; refuses what no check-list can mend, as the database does too."""
    if period.days.upper > database_now().astimezone(dt.UTC).date():
        raise PeriodRefused("This accounting period is not over yet.")
    earlier = AccountingPeriod.objects.exclude(status=PeriodStatus.CLOSED)
    if earlier.filter(days__fully_lt=period.days).exists():
        raise PeriodRefused("An earlier accounting period is not closed yet.")
    if actor is None or period.soft_closed_by_id in (None, actor.pk):
        raise PeriodRefused("Two people close a period: one softly, and a colleague for good.")
    return actor


def period_close_checklist(period_id: UUID) -> list[CheckItem]:
    """The check-list of a period as it stands now; changes nothing. Raises NotThere."""
    with acting(Role.WORKER, user_id=current_actor_id()):
        period = AccountingPeriod.objects.filter(pk=period_id).first()
        if period is None:
            raise NotThere("There is no such accounting period.")
        return close_checks(period)


def _wait_for_entries(period: AccountingPeriod) -> None:
    """From here on nothing is posted into the period until this transaction ends, so that what is checked stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('billing_accountingperiod ' || %s::uuid, 0))",
            [period.pk],
        )


def _move(
    period_id: UUID,
    status: PeriodStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str,
    expected_version: int | None,
) -> AccountingPeriod:
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        period = locked(AccountingPeriod, period_id, expected_version=expected_version)
        AccountingPeriod.status_machine.check(period.status, status)
        period.status = status
        period._change_reason = reason  # type: ignore[attr-defined]
        with refused_as(PeriodRefused):
            period.save(update_fields=["status"])
        announcement.send(
            sender=AccountingPeriod, actor=actor, subject=period, reason=reason, changed=("status",)
        )
    period.refresh_from_db()
    return period
