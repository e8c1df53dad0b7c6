"""The rooms of tax documents: forms of performers and studios, evidence of countries, statements of earnings."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.filters import PersonFilter
from accounts.admin.links import colleague, person_link
from billing.admin.payment_words import list_url, row_link, row_url, when_of
from billing.invoice_choices import TaxFormStatus
from billing.models import TaxEvidence, TaxForm, TaxStatement
from billing.money import money_figure
from billing.services.tax_forms import tax_form_accept, tax_form_reject, tax_form_reveal
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.clock import database_now
from core.db.roles import Role
from performers.admin.links import PerformerFilter, performer_link

SOON = dt.timedelta(days=60)
"""So long before a form ends somebody should ask for the next one."""

EMPTY = "–"


def owner_of(row: Any) -> str:
    """The performer or studio of a form or statement, leading to the page."""
    if row.performer_id is not None:
        return performer_link(row.performer)
    return format_html("{}", row.studio)


def _soon() -> dt.date:
    return database_now().astimezone(dt.UTC).date() + SOON


class FormFilter(admin.SimpleListFilter):
    """What waits for a review, or ends soon."""

    title = "what is to do"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("review", "To review"), ("ending", "Ends within 60 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "review":
            return queryset.filter(status=TaxFormStatus.SUBMITTED)
        if self.value() == "ending":
            return queryset.filter(status=TaxFormStatus.ACCEPTED, expires_on__lt=_soon())
        return queryset


@admin.register(TaxForm, site=backoffice)
class TaxFormAdmin(ReadOnlyAdmin):
    """Tax forms: review one, open it with a reason; name and number are shown nowhere else."""

    section = Section.FINANCE
    list_display = ("kind", "owner", "country", "status", "signed_on", "expires_on")
    list_filter = (FormFilter, "status", "kind", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "studio", "reviewed_by")
    search_help_text = "Our id of a form; filter by performer for all of one."
    search_fields = ("id__exact",)
    fields = (
        "kind",
        "owner",
        "country",
        "status",
        "signed_on",
        "expires_on",
        "reviewer",
        "reviewed_at",
        "reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("owner", "reviewer")
    actions = (
        ConfirmedAction(
            "accept",
            tax_form_accept,
            "billing.review_taxform",
            words="Accept",
            explain="It is in force from now on, in place of the one before. Reveal and read it first.",
            done="In force: {obj}.",
            available=lambda form: form.status == TaxFormStatus.SUBMITTED,
        ),
        ConfirmedAction(
            "reject",
            tax_form_reject,
            "billing.review_taxform",
            words="Reject",
            explain="The one in force, if there is one, stays.",
            done="Rejected: {obj}.",
            dangerous=True,
            available=lambda form: form.status == TaxFormStatus.SUBMITTED,
        ),
        RevealAction(tax_form_reveal, "billing.reveal_taxform", id_kwarg="tax_form_id"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the sealed columns: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("legal_name", "tax_number")

    @admin.display(description="Taxpayer")
    def owner(self, form: TaxForm) -> str:
        return owner_of(form)

    @admin.display(description="Reviewed by")
    def reviewer(self, form: TaxForm) -> str:
        return colleague(form.reviewed_by) if form.reviewed_by_id else EMPTY


@admin.register(TaxEvidence, site=backoffice)
class TaxEvidenceAdmin(ReadOnlyAdmin):
    """Pieces of evidence of where customers are; never changed."""

    section = Section.FINANCE
    list_display = ("kind", "country", "source", "person", "recorded_at")
    list_filter = (
        "kind",
        exact("order", "Order (id)", lookup="order_id", help="Our id of an order."),
        PersonFilter,
        TimeFilter,
    )
    list_select_related = ("user", "order")
    search_fields = ("order_id__exact",)
    search_help_text = "Our id of an order."
    fields = ("kind", "country", "source", "person", "order_link", "recorded_at", "id")
    readonly_fields = ("person", "order_link")

    @admin.display(description="Person")
    def person(self, evidence: TaxEvidence) -> str:
        return person_link(evidence.user)

    @admin.display(description="Order")
    def order_link(self, evidence: TaxEvidence) -> str:
        return row_link(evidence.order)


def figure_of(name: str) -> Any:
    """A column that shows an amount of a statement in its unit."""

    def shown(statement: TaxStatement) -> str:
        return f"{money_figure(getattr(statement, name), statement.currency_id)} {statement.currency_id}"

    return shown


def _figures(*names: str) -> dict[str, Any]:
    """Methods of the room, one for each amount."""
    methods = {}
    for name in names:

        def shown(self: Any, statement: TaxStatement, name: str = name) -> str:
            return figure_of(name)(statement)

        methods[f"{name}_words"] = admin.display(shown, description=name.replace("_", " ").capitalize())
    return methods


AMOUNTS = (
    "opening",
    "earned",
    "taken_back",
    "exchanged",
    "paid_out",
    "adjusted",
    "closing",
    "fees",
    "consideration",
)
VERSIONS = Panel(
    "Every version",
    columns=(
        ("Version", "version"),
        ("Made (UTC)", when_of("frozen_at")),
        ("Earned", figure_of("earned")),
        ("Taken back", figure_of("taken_back")),
        ("Closing", figure_of("closing")),
        ("Why", lambda row: row.reason or "first version"),
    ),
    rows=lambda statement: TaxStatement.objects.filter(
        kind=statement.kind,
        days=statement.days,
        currency=statement.currency_id,
        performer=statement.performer_id,
        studio=statement.studio_id,
    ).order_by("-version"),
    permission="billing.view_taxstatement",
    url=row_url,
)


_Shown: Any = type("_Shown", (ReadOnlyAdmin,), _figures(*AMOUNTS))


@admin.register(TaxStatement, site=backoffice)
class TaxStatementAdmin(_Shown):
    """Statements of earnings, frozen; made and amended from the page of a period."""

    section = Section.FINANCE
    list_display = (
        "owner",
        "kind",
        "days",
        "version",
        "earned_words",
        "taken_back_words",
        "paid_out_words",
        "closing_words",
        "fees_words",
        "activities",
    )
    list_filter = (
        "kind",
        exact("unit", "Unit", lookup="currency_id", help="As EUR or TOKEN."),
        PerformerFilter,
        TimeFilter,
    )
    list_select_related = ("performer", "studio", "frozen_by")
    search_help_text = "Our id of a statement; filter by performer for all of one."
    search_fields = ("id__exact",)
    fields = (
        "owner",
        "kind",
        "days",
        "version",
        *(f"{name}_words" for name in AMOUNTS),
        "activities",
        "fingerprint",
        "reason",
        "maker",
        "frozen_at",
        "id",
    )
    readonly_fields = ("owner", "fingerprint", "maker", *(f"{name}_words" for name in AMOUNTS))
    panels = (VERSIONS,)

    @admin.display(description="Of whom")
    def owner(self, statement: TaxStatement) -> str:
        return owner_of(statement)

    @admin.display(description="SHA-256")
    def fingerprint(self, statement: TaxStatement) -> str:
        return bytes(statement.content_hash).hex()

    @admin.display(description="Made by")
    def maker(self, statement: TaxStatement) -> str:
        return colleague(statement.frozen_by) if statement.frozen_by_id else "a job"


register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Tax forms to review",
        roles=(Role.COMPLIANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(TaxForm.objects.waiting(), limit),
        url=lambda: list_url("taxform", "?todo=review"),
        words="Reveal, read and accept or reject them; nobody reviews their own.",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Tax forms that end soon",
        roles=(Role.FINANCE, Role.COMPLIANCE),
        count=lambda limit: CountUpTo(TaxForm.objects.ending_before(_soon()), limit),
        url=lambda: list_url("taxform", "?todo=ending"),
        words="Ask for the next one: without a form in force, tax may have to be withheld.",
    )
)
