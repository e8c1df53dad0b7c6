"""Who obeys the retention of each table: the run, a job of its own, whole partitions, or nobody yet and why.

A table with a period says on its model when its rows are over (`core.db.retention`), or is named here. One that does
neither is refused by `manage.py check` (audit.E101), so that no table is kept for ever because nobody thought of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.db.models import Model

from audit.choices import RetentionDuty
from core.archive.declaration import archived_of
from core.checks import house_models
from core.db.retention import GoesWith, Over, over_of
from core.models.partitioned import Partitioned
from core.models.storage import Term, TermStart, retention_of, subject_of, term_of

BY_JOB = {
    "accounts_contactverification": "verifications_forget",
    "audit_casepresence": "case_presences_forget",
    "audit_caseskip": "case_skips_forget",
    "core_submission": "submissions_forget",
    "streams_livelisting": "listings_refresh",
    "streams_livelistingsnapshot": "listings_refresh",
}
"""Tables that a job of their own empties, by its command."""

PARTITIONS = "Whole partitions leave; rows are never deleted one by one."
TO_THE_ARCHIVE = (
    "Whole partitions leave for the archive after {online}, and are destroyed there when their time is over."
)
BOOKS = (
    "Bound up with the ledger, whose balances are sums of what stands: a closed year leaves as a whole, with its "
    "balances carried forward."
)
STREAM = (
    "Archives, chat rooms and documents of money refer to it for longer than it is kept; it leaves with them."
)
FILE = "Its file lies in storage: private_messages_forget destroys what was deleted, the rest leaves with its message."

WAITING_BOOKS = re.findall(
    r"\w+",
    """
    accountingperiod approvalrequest billingaddress billingcustomer creditnote creditnoteline debt dispute
    disputeevent disputeevidence disputemovement dunningattempt earning earninghold entitlement exchangerate
    historicalaccountingperiod historicallegalentity historicalplan historicalprice historicalproduct
    historicalpromotion historicalrevenuesharerule historicalstafflimit holdlot idempotencyrecord invoice
    invoiceline invoiceseries journalentry ledgeraccount legalentity lotconsumption mandate order orderline
    payment paymentattempt paymentevent paymentintent paymentmethod paymentmethodverification payout payoutbatch
    payoutdestination payoutevent payoutitem payoutreturn periodclosing plan posting price privateshowminute
    product promotion promotionredemption providercall reconciliationexception reconciliationmatch refund
    reservehold revenuesharerule revenuesplit revenuesplitline reversal riskreview settlementfile settlementline
    spendreversal stafflimit subscription subscriptionevent subscriptionperiod taxevidence taxform taxrate
    taxstatement ticketoffer tokenhold tokenlot tokenspend tokenvalue wallet
    """,
)

WAITS = {
    **{f"billing_{name}": BOOKS for name in WAITING_BOOKS},
    "engagement_attachment": FILE,
    "streams_historicalstream": STREAM,
    "streams_stream": STREAM,
}
"""Tables whose words cannot be obeyed yet, with the reason. The run counts what is over, and names them."""

RANGE = Over("upper({row}.valid)")
CLOSED = Over("{row}.closed_at")
OF_SUBSCRIPTION = Over("(SELECT s.ended_at FROM billing_subscription s WHERE s.id = {row}.subscription_id)")


def _last(*references: tuple[str, str]) -> Over:
    """Counts from the last row that refers to it, by id; a row to which none ever did counts from itself."""
    last = ", ".join(
        f"(SELECT max(uuid_extract_timestamp(x.id)) FROM {table} x WHERE x.{column} = {{row}}.id)"
        for table, column in references
    )
    since = f"greatest(uuid_extract_timestamp({{row}}.id), {last})"
    return Over(since, found=f"{{row}}.id < {{floor}} AND {since} < {{cut_off}}")


COUNTED = {
    "audit_caseskip": Over("{row}.until"),
    "billing_dunningattempt": Over(
        "(SELECT s.ended_at FROM billing_subscriptionperiod p JOIN billing_subscription s ON s.id = p.subscription_id "
        "WHERE p.id = {row}.period_id)"
    ),
    "billing_entitlement": RANGE,
    "billing_exchangerate": RANGE,
    "billing_legalentity": _last(
        ("billing_invoice", "legal_entity_id"), ("billing_creditnote", "legal_entity_id")
    ),
    "billing_mandate": Over("{row}.revoked_at"),
    "billing_plan": _last(("billing_subscriptionperiod", "plan_id")),
    "billing_price": RANGE,
    "billing_product": _last(("billing_orderline", "product_id")),
    "billing_promotion": RANGE,
    "billing_revenuesharerule": RANGE,
    "billing_stafflimit": RANGE,
    "billing_subscription": Over("{row}.ended_at"),
    "billing_subscriptionevent": OF_SUBSCRIPTION,
    "billing_subscriptionperiod": OF_SUBSCRIPTION,
    "billing_taxrate": RANGE,
    "billing_ticketoffer": CLOSED,
    "billing_tokenvalue": RANGE,
    "billing_wallet": _last(("billing_posting", "account_id")),
    "streams_stream": Over("{row}.ended_at"),
}
"""From when the time of waiting tables counts, where it is not the writing of the row: to count what is over."""

SECOND_TERM = re.compile(r"\d+ (?:minute|day|month|year)s?\b|\b(?:six|three|two) months\b")

SECOND_TERMS = {
    "accounts_profilemedia": "Nobody deletes pictures that were not approved before their account ends.",
    "audit_evidence": "evidence_expire obeys it.",
    "audit_queuerule": "Its history stays: cases name what a rule said.",
    "audit_strikeladderstep": "Its history stays: proposals name what a step said.",
    "engagement_attachment": "private_messages_forget obeys it.",
    "streams_archive": "The emptied row stays: decisions, clips and documents of money name it.",
    "streams_recording": "Nobody deletes failed recordings before their stream leaves.",
}
"""Periods that words name beside the first one, and who obeys them, or that nobody does."""


@dataclass(frozen=True)
class Duty:
    """How the words of one table are obeyed. `note`: which job, with what, or why nobody does; empty: the run does."""

    kind: RetentionDuty
    note: str = ""


@cache
def declared_models() -> dict[str, type[Model]]:
    """Every table of the house, with its model."""
    return {
        model._meta.db_table: model
        for model in house_models()
        if model._meta.managed and model._meta.app_label != "kernel"
    }


def duty_of(model: type[Model]) -> Duty | None:
    """Who obeys the words of a table; None: nobody thought of it, and `manage.py check` says so."""
    table = model._meta.db_table
    over = over_of(model)
    if isinstance(over, GoesWith):
        parent = model._meta.get_field(over.parent).related_model
        return Duty(RetentionDuty.PARENT, f"Goes with {parent._meta.db_table}.")  # type: ignore[union-attr]
    if term_of(retention_of(model)).period is None:
        return Duty(RetentionDuty.LIFE)
    if issubclass(model, Partitioned):
        archived = archived_of(model)
        note = TO_THE_ARCHIVE.format(online=archived.online) if archived else PARTITIONS
        return Duty(RetentionDuty.PARTITIONS, note)
    if isinstance(over, Over):
        return Duty(RetentionDuty.ROWS)
    if table in BY_JOB:
        return Duty(RetentionDuty.JOB, f"{BY_JOB[table]} obeys it.")
    if table in WAITS:
        return Duty(RetentionDuty.WAITS, WAITS[table])
    return None


def beginning_of(model: type[Model], term: Term) -> Over | None:
    """From when the period of a row counts; None where nothing says it, and nothing can be counted."""
    subject = subject_of(model)
    over = over_of(model) or COUNTED.get((subject or model)._meta.db_table)
    if isinstance(over, GoesWith):
        return _with_parent(model, over)
    if isinstance(over, Over):
        return _for_history(over) if subject is not None and over_of(model) is None else over
    if subject is not None:
        return Over("uuid_extract_timestamp({row}.history_id)", found="{row}.history_id < {floor}")
    return Over() if term.starts_from is TermStart.CREATED else None


def _with_parent(model: type[Model], goes: GoesWith) -> Over | None:
    """Rows that go with another count from when that one does."""
    field = model._meta.get_field(goes.parent)
    parent: type[Model] = field.related_model  # type: ignore[assignment,union-attr]
    above = over_of(parent)
    if not isinstance(above, Over):
        return None
    column = field.column  # type: ignore[union-attr]
    since = f"(SELECT {above.instant('p')} FROM {parent._meta.db_table} p WHERE p.id = {{row}}.{column})"
    return Over(since, found=f"{{row}}.id < {{floor}} AND {since} < {{cut_off}}")


def _for_history(over: Over) -> Over:
    """A history that waits is counted by its own age: no row of it is older than what it tells of."""
    return Over("uuid_extract_timestamp({row}.history_id)", found="{row}.history_id < {floor}")


def second_term_of(model: type[Model]) -> str:
    """What the words say of another period beyond the first clause; empty: nothing."""
    rest = re.split("[;,]", retention_of(model), maxsplit=1)
    return rest[1].strip() if len(rest) > 1 and SECOND_TERM.search(rest[1]) else ""


def executed_models() -> list[type[Model]]:
    """The models that the run empties, rows that refer to others before those."""
    found = {
        table: model
        for table, model in sorted(declared_models().items())
        if (duty := duty_of(model)) is not None and duty.kind is RetentionDuty.ROWS
    }
    ordered: list[type[Model]] = []
    visited: set[str] = set()

    def visit(table: str) -> None:
        if table in visited:
            return
        visited.add(table)
        for child, _ in references_to(found[table]):
            if (name := child._meta.db_table) in found and name != table:
                visit(name)
        if (history := _history(found[table])) is not None:
            ordered.append(found[table])
            visited.add(history)
            ordered.append(found[history])
            return
        ordered.append(found[table])

    def _history(model: type[Model]) -> str | None:
        return next((name for name, one in found.items() if subject_of(one) is model), None)

    for table in found:
        if subject_of(found[table]) is None:
            visit(table)
    return ordered


def references_to(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """The tables with a foreign key to this one that the database keeps, and the column of each."""
    for relation in model._meta.related_objects:
        field = relation.field
        if getattr(field, "db_constraint", False):
            yield relation.related_model, field.column  # type: ignore[misc]


def children_of(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """The tables whose rows go with rows of this one, and the column of each."""
    for child, column in references_to(model):
        over = over_of(child)
        if isinstance(over, GoesWith) and child._meta.get_field(over.parent).column == column:  # type: ignore[union-attr]
            yield child, column
