"""Panels that every page of money has beside it: what was booked, what a provider was asked and says, what differs.

Each is made for the rows of one kind of page: `exceptions(lambda payout: [payout.pk])`.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing.admin.payment_words import room_url, row_url, when, when_of
from billing.models import JournalLine, ProviderCall, ProviderEvent, ReconciliationException
from billing.money import money_text
from core.admin.panels import Panel

Ids = Callable[[Any], Iterable[UUID]]


def _side(name: str) -> Any:
    """A column of debits or of credits."""

    def shown(line: JournalLine) -> str:
        amount = getattr(line, name)
        return "" if amount is None else money_text(amount, line.currency)

    return shown


def postings(rows: Callable[[Any], QuerySet]) -> Panel:
    """The lines of the journal that `rows(obj)` are, the latest entry first."""
    return Panel(
        "Postings",
        columns=(
            ("Booked on", "booked_on"),
            ("What", "kind"),
            ("Account", "code"),
            ("Debit", _side("debit")),
            ("Credit", _side("credit")),
        ),
        rows=lambda obj: rows(obj).order_by("-entry_id", "position"),
        permission="billing.view_journalline",
        limit=40,
        url=lambda line: room_url("journalentry", line.entry_id),
        words="What was booked for it, the latest entry first.",
    )


def postings_from(table: str) -> Panel:
    """The postings of the entries whose source is the row of this table."""
    return postings(lambda obj: JournalLine.objects.filter(source_table=table, source_id=obj.pk))


def calls(subject_ids: Ids) -> Panel:
    """What providers were asked about these rows."""
    return Panel(
        "Calls to the provider",
        columns=(
            ("Asked (UTC)", when_of("created_at")),
            ("What", "operation"),
            ("Status", "status"),
            ("Outcome", lambda call: call.get_outcome_display() or "–"),
            ("Tried", "tries"),
            ("Next (UTC)", lambda call: when(call.next_try_at)),
        ),
        rows=lambda obj: ProviderCall.objects.filter(subject_id__in=subject_ids(obj)).order_by("-pk"),
        permission="billing.view_providercall",
        url=row_url,
    )


def messages(
    reference: Callable[[Any], str | None],
    words: str = "As they came. Open one to see its bytes and to have it processed again.",
    **about: Any,
) -> Panel:
    """What the provider of a row says about what it calls `reference(obj)`; `about` narrows that."""
    return Panel(
        "Messages of the provider",
        columns=(
            ("Received (UTC)", when_of("received_at")),
            ("Happened (UTC)", when_of("occurred_at")),
            ("What", lambda event: event.get_fact_display() or event.event_type),
            ("Status", "status"),
            ("Provider's id", "event_id"),
        ),
        rows=lambda obj: (
            ProviderEvent.objects.filter(
                reference=reference(obj) or "", provider_account_id=obj.provider_account_id, **about
            )
            .exclude(reference="")
            .defer("body")
            .order_by("-pk")
        ),
        permission="billing.view_providerevent",
        url=row_url,
        words=words,
    )


def exceptions(subject_ids: Ids = lambda obj: [obj.pk], empty: str = "Everything fits.") -> Panel:
    """Where what we hold and what is reported differ, about these rows; about the row itself unless told otherwise."""
    return Panel(
        "Exceptions",
        columns=(
            ("Found (UTC)", when_of("created_at")),
            ("What", "kind"),
            ("Words", "words"),
            ("Status", "status"),
        ),
        rows=lambda obj: ReconciliationException.objects.filter(subject_id__in=subject_ids(obj)).order_by(
            "-pk"
        ),
        permission="billing.view_reconciliationexception",
        url=row_url,
        empty=empty,
    )
