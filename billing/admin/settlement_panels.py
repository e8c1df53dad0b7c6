"""Panels of settlement files, their card on the home page, and how lines are found."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from billing.admin.token_words import EMPTY, link, page, rows_of, when
from billing.models import (
    Payment,
    ReconciliationException,
    ReconciliationMatch,
    SettlementFile,
    SettlementLine,
)
from billing.money import money_figure
from billing.payment_policies import PAYMENT_READERS
from billing.reconciliation_choices import SettlementFileKind
from billing.services.reconciliation import LINE
from core.admin.home import HomeCard, register_card
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.db.asking import CountUpTo
from core.db.roles import Role
from core.models.identity import uuid7_floor

ONE_DAY = timedelta(days=1)

LINES = Panel(
    title="Lines",
    columns=(
        ("Line", lambda row: link("settlementline", row.pk, row.position)),
        ("What", lambda row: row.get_category_display()),
        ("Reference", lambda row: row.reference or EMPTY),
        ("Moved", lambda row: money_figure(row.gross, row.settlement_file.currency_id)),
        ("Fee", lambda row: money_figure(row.fee, row.settlement_file.currency_id)),
        ("Matched", lambda row: "Yes" if hasattr(row, "match") else "No"),
    ),
    rows=lambda file: (
        file.lines.select_related("match", "settlement_file")
        .defer("settlement_file__body")
        .order_by("position")
    ),
    permission="billing.view_settlementline",
    limit=50,
    all_url=rows_of("settlementline", "file"),
    empty="It has no line: nothing moved.",
)
EXCEPTIONS = Panel(
    title="Exceptions that wait",
    columns=(("What", "kind"), ("In words", "words"), ("Reference", "reference"), ("Owner", "owner")),
    rows=lambda file: (
        ReconciliationException.objects.unresolved()
        .filter(subject_type=LINE, subject_id__in=file.lines.values("pk"))
        .select_related("owner")
        .order_by("-pk")
    ),
    permission="billing.view_reconciliationexception",
    url=page("reconciliationexception"),
    limit=20,
    empty="None of its lines waits for anybody.",
)


def find_lines(query: str) -> Iterator[Hit]:
    """Lines of settlement files by the provider's name of what moved."""
    rows = (
        SettlementLine.objects.filter(reference=query).exclude(reference="").select_related("settlement_file")
    )
    for row in rows.defer("settlement_file__body").order_by("-pk")[:10]:
        yield Hit(
            title=f"{row.get_category_display()} {row.reference}",
            url=reverse("admin:billing_settlementline_change", args=[row.pk]),
            words=f"Line {row.position} of {row.settlement_file}",
        )


def unnamed(file: SettlementFile) -> Any:
    """Payments of the days of a report that were captured and stand in no file: the provider owes us a line."""
    if file.kind != SettlementFileKind.PROVIDER_CSV or file.first_day is None or file.last_day is None:
        return ()
    since, until = (
        uuid7_floor(datetime.combine(day, time(), UTC)) for day in (file.first_day, file.last_day + ONE_DAY)
    )
    named = ReconciliationMatch.objects.filter(subject_id=OuterRef("pk"), subject_type="billing.payment")
    return (
        Payment.objects.filter(
            pk__gte=since,
            pk__lt=until,
            provider_account_id=file.provider_account_id,
            currency_id=file.currency_id,
            captured_settled__gt=0,
        )
        .filter(~Exists(named))
        .order_by("-pk")
    )


UNNAMED = Panel(
    title="Captured on these days, and in no file",
    columns=(
        ("Payment", lambda row: row.provider_reference or row.pk),
        ("Captured", lambda row: money_figure(row.captured_settled, row.currency_id)),
        ("Begun (UTC)", lambda row: when(row.created_at)),
    ),
    rows=unnamed,
    permission="billing.view_payment",
    url=page("payment"),
    limit=20,
    words="Ask the provider, if the report of the next day does not name them either.",
    empty="Every payment of these days that was captured is settled.",
)


register_search(
    SearchProvider(
        "Lines of settlement files",
        PAYMENT_READERS,
        find_lines,
        hint="a provider's name of a payment or payout",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Settlement files in quarantine",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(SettlementFile.objects.quarantined(), limit),
        url=lambda: reverse("admin:billing_settlementfile_changelist") + "?status__exact=quarantined",
        words="They do not add up, or one is missing before them.",
    )
)
