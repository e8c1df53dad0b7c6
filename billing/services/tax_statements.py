"""Statements of earnings: frozen for a month whose books are closed softly, amended by further versions."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from billing.announcements import tax_statement_amended, tax_statement_frozen
from billing.errors import StatementRefused
from billing.invoice_choices import StatementKind
from billing.ledger_choices import PeriodStatus
from billing.models import AccountingPeriod, TaxStatement
from billing.statement_figures import Figures, nothing_owed, statement_figures
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role

Owner = tuple[UUID | None, UUID | None, str]
MONTHS = {StatementKind.MONTH: 1, StatementKind.QUARTER: 3, StatementKind.YEAR: 12}
LATE = "Booked after the statement was made."


@transaction.atomic
def tax_statements_freeze(
    *, accountingperiod_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> dict[str, int]:
    """Make the statements of a month that is closed softly, or for good; counts of those made and amended.

    A statement that says what the ledger says stays; one that does not is amended by another version. However often it
    is called, no version is made twice. Locks: the period. Raises: StatementRefused (the month is still open),
    NotThere, StaleVersion. Announces: `tax_statement_frozen` and `tax_statement_amended`, once for each statement.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        period = locked(AccountingPeriod, accountingperiod_id, expected_version=expected_version)
        if period.status == PeriodStatus.OPEN:
            raise StatementRefused(
                f"{period} is still open. Close it softly first, so that its figures stand."
            )
        return _freeze(StatementKind.MONTH, period.days.lower, period.days.upper, actor, reason)


@transaction.atomic
def tax_statements_freeze_long(
    *, kind: StatementKind | str, first: dt.date, actor: User | None, reason: str = ""
) -> dict[str, int]:
    """Make the statements of a quarter or a year, of which every month is closed for good; counts.

    Locks: the periods, in order. Raises: StatementRefused (a first day that begins none, a month that is not closed).
    Announces: as `tax_statements_freeze`.
    """
    kind = StatementKind(kind)
    months = MONTHS[kind]
    if kind == StatementKind.MONTH or first.day != 1 or (first.month - 1) % months:
        raise StatementRefused(f"No {kind.label.lower()} begins on {first}.")
    after = first + relativedelta(months=months)
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        periods = AccountingPeriod.objects.select_for_update().filter(
            days__contained_by=DateRange(first, after, "[)")
        )
        closed = [period for period in periods.order_by("pk") if period.status == PeriodStatus.CLOSED]
        if len(closed) < months:
            raise StatementRefused(
                f"Of this {kind.label.lower()}, {len(closed)} of {months} months are closed. Close the others first."
            )
        return _freeze(kind, first, after, actor, reason)


def _freeze(
    kind: StatementKind, first: dt.date, after: dt.date, actor: User | None, reason: str
) -> dict[str, int]:
    counts: Counter[str] = Counter(made=0, amended=0, unchanged=0)
    latest = statements_of(kind, first, after)
    for figures in _figures(first, after, latest):
        before = latest.get(figures.owner)
        digest = figures.content_hash(first, after)
        if before is not None and bytes(before.content_hash) == digest:
            counts["unchanged"] += 1
            continue
        statement = _statement(kind, first, after, figures, digest, before, reason)
        with refused_as(StatementRefused):
            statement.save(force_insert=True)
        counts["amended" if before else "made"] += 1
        announcement = tax_statement_amended if before else tax_statement_frozen
        announcement.send(
            sender=TaxStatement,
            actor=actor,
            subject=statement,
            reason=statement.reason,
            detail={"kind": str(kind), "first": first.isoformat(), "version": statement.version},
        )
    return dict(counts)


def _figures(first: dt.date, after: dt.date, latest: Mapping[Owner, TaxStatement]) -> list[Figures]:
    """The figures of the ledger, and nothing where a correction of earlier days left nothing of a statement."""
    found = statement_figures(first, after)
    gone = latest.keys() - {figures.owner for figures in found}
    return found + [nothing_owed(*owner) for owner in sorted(gone, key=str)]


def _statement(
    kind: StatementKind,
    first: dt.date,
    after: dt.date,
    figures: Figures,
    digest: bytes,
    before: TaxStatement | None,
    reason: str,
) -> TaxStatement:
    return TaxStatement(
        performer_id=figures.performer_id,
        studio_id=figures.studio_id,
        kind=kind,
        days=DateRange(first, after, "[)"),
        currency_id=figures.currency,
        version=before.version + 1 if before else 1,
        amends=before,
        opening=figures.opening,
        earned=figures.earned,
        taken_back=figures.taken_back,
        exchanged=figures.exchanged,
        paid_out=figures.paid_out,
        adjusted=figures.adjusted,
        closing=figures.closing,
        fees=figures.fees,
        activities=figures.activities,
        content_hash=digest,
        reason=(reason.strip() or LATE) if before else "",
    )


def statements_of(kind: StatementKind, first: dt.date, after: dt.date) -> dict[Owner, TaxStatement]:
    """The latest statements of these days, by whose they are and in which unit."""
    rows = TaxStatement.objects.current().filter(kind=kind, days=DateRange(first, after, "[)"))
    return {(row.performer_id, row.studio_id, row.currency_id): row for row in rows}


def statements_that_differ(period: AccountingPeriod) -> Sequence[Owner]:
    """Whose statement of a month is missing, or says something else than the ledger now. As the worker."""
    first, after = period.days.lower, period.days.upper
    latest = statements_of(StatementKind.MONTH, first, after)
    differing = []
    for figures in _figures(first, after, latest):
        found = latest.get(figures.owner)
        if found is None or bytes(found.content_hash) != figures.content_hash(first, after):
            differing.append(figures.owner)
    return differing
