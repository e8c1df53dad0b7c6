"""The room of disputes: by deadline, with evidence that is written and submitted by named actions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.links import person_link
from accounts.models import User
from billing.admin.dispute_panels import DISPUTE_PANELS
from billing.admin.payment_words import list_url, money, row_link, row_url, when
from billing.dispute_choices import OPEN_DISPUTES, DisputeStatus, EvidenceKind, SubmissionStatus
from billing.models import Dispute
from billing.models.dispute_evidence import LONGEST
from billing.payment_policies import PAYMENT_READERS
from billing.services.dispute_evidence import dispute_evidence_submit, dispute_evidence_write
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

SUBMIT = "billing.submit_dispute"
FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
DECIDED = [status for status in DisputeStatus if status not in OPEN_DISPUTES]


class DueFirst(KeysetChangeList):
    """A queue by deadline."""

    order = ("due_at", "pk")
    order_words = "the earliest deadline first"
    pager_words = ("Soonest", "Sooner", "Later")


class WorkFilter(DefaultChoiceFilter):
    """Open disputes with a deadline, unless something else is asked for."""

    title = "status"
    parameter_name = "work"
    default_label = "Open, by deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("undated", "Open, without a deadline"),
            *((status.value, status.label) for status in DECIDED),
            ("all", "All"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "all":
                return queryset
            case "undated":
                return queryset.filter(status__in=OPEN_DISPUTES, due_at__isnull=True)
            case None:
                return queryset.filter(status__in=OPEN_DISPUTES, due_at__isnull=False)
        return queryset.filter(status=self.value())


class EvidenceForm(forms.Form):
    """One piece of evidence."""

    kind = forms.ChoiceField(label="What it is", choices=EvidenceKind.choices)
    words = forms.CharField(
        label="Words",
        min_length=3,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="The bank of the payer reads this. What is there of this kind is replaced.",
    )


def _takes_evidence(dispute: Any) -> bool:
    return dispute.status == DisputeStatus.NEEDS_RESPONSE and dispute.submission in (
        SubmissionStatus.DRAFT,
        SubmissionStatus.REFUSED,
    )


@admin.register(Dispute, site=backoffice)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes: those whose evidence is due first stand first."""

    section = Section.FINANCE
    list_display = (
        "due_words",
        "person",
        "amount_words",
        "reason",
        "stage",
        "status",
        "submission",
        "provider_reference",
    )
    list_display_links = ("due_words",)
    list_filter = (
        WorkFilter,
        "reason",
        "submission",
        exact("payment", "Payment (id)", lookup="payment_id"),
        exact("user", "Payer (id)", lookup="user_id"),
        TimeFilter,
    )
    list_select_related = ("user", "provider_account", "payment", "submitted_by")
    search_fields = ("provider_reference__exact", "payment__provider_reference__exact")
    search_help_text = "The provider's name of a dispute or a payment, or our id of a dispute."
    fields = (
        "person",
        "payment_link",
        "stage",
        "status",
        "reason",
        "reason_code",
        "amount_words",
        "withdrawn_words",
        "fees_words",
        "charged_back_words",
        "due_at",
        "opened_at",
        "decided_at",
        "submission",
        "submitted_at",
        "submitted_by",
        "failure_code",
        "provider_account",
        "provider_reference",
        "provider_time",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = (
        "person",
        "payment_link",
        "amount_words",
        "withdrawn_words",
        "fees_words",
        "charged_back_words",
    )
    panels = DISPUTE_PANELS
    actions = (
        ConfirmedAction(
            "write-evidence",
            dispute_evidence_write,
            SUBMIT,
            EvidenceForm,
            words="Write evidence",
            explain="One piece of each kind. It can be changed until it is submitted.",
            done="Written: {obj}.",
            reason=False,
            available=_takes_evidence,
        ),
        ConfirmedAction(
            "submit-evidence",
            dispute_evidence_submit,
            SUBMIT,
            words="Submit evidence",
            explain=lambda dispute: (
                f"All that is written goes to the provider, once, and cannot be changed then. It is taken until "
                f"{when(dispute.due_at)} UTC."
            ),
            done="The evidence is on its way: {obj}.",
            dangerous=True,
            available=lambda dispute: _takes_evidence(dispute) and dispute.evidence.exists(),
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue by deadline while it shows what is open; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("work") else DueFirst

    @admin.display(description="Evidence until (UTC)")
    def due_words(self, dispute: Dispute) -> str:
        return when(dispute.due_at)

    @admin.display(description="Payer")
    def person(self, dispute: Dispute) -> str:
        return person_link(dispute.user)

    @admin.display(description="Payment")
    def payment_link(self, dispute: Dispute) -> str:
        return row_link(dispute.payment)

    @admin.display(description="Disputed")
    def amount_words(self, dispute: Dispute) -> str:
        return money(dispute)

    @admin.display(description="Withdrawn and not given back")
    def withdrawn_words(self, dispute: Dispute) -> str:
        return money(dispute, "withdrawn")

    @admin.display(description="Fees")
    def fees_words(self, dispute: Dispute) -> str:
        return money(dispute, "fees")

    @admin.display(description="Lost")
    def charged_back_words(self, dispute: Dispute) -> str:
        return money(dispute, "charged_back")


def find_disputes(query: str) -> Iterator[Hit]:
    """Disputes by the provider's name of them."""
    for dispute in Dispute.objects.filter(provider_reference=query).order_by("-pk")[:10]:
        yield Hit(title=str(dispute), url=row_url(dispute), words=dispute.get_status_display())


DISPUTES_OF_PERSON = Panel(
    "Disputes",
    columns=(
        ("Opened (UTC)", lambda dispute: when(dispute.opened_at)),
        ("Amount", money),
        ("Why", "reason"),
        ("Status", "status"),
    ),
    rows=lambda user: Dispute.objects.filter(user=user).order_by("-pk"),
    permission="billing.view_dispute",
    url=row_url,
    all_url=lambda user: list_url("dispute", f"?user={user.pk}&work=all"),
    empty="Never disputed a payment.",
)

backoffice.add_panel(User, DISPUTES_OF_PERSON)
register_search(
    SearchProvider("Disputes", PAYMENT_READERS, find_disputes, hint="a provider's name of a dispute")
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Disputes to answer",
        roles=FINANCE,
        count=lambda limit: CountUpTo(Dispute.objects.awaiting(), limit),
        url=lambda: list_url("dispute"),
        words="Evidence is due: the earliest deadline stands first.",
    )
)
