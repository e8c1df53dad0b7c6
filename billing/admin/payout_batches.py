"""The queue and the page of batches of payouts: prepared, submitted, approved by somebody else, followed to the end."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpRequest

from accounts.admin.links import colleague
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.payment_words import EMPTY, list_url, money, money_of, row_link, row_url, when
from billing.admin.payout_words import payee, without_seals
from billing.models import Payout, PayoutBatch, ProviderAccount
from billing.models.payout_batch import OPEN_BATCHES
from billing.money import money_text
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.services.payout_batches import (
    payout_batch_approve,
    payout_batch_build,
    payout_batch_cancel,
    payout_batch_refuse,
    payout_batch_submit,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_actor_id
from core.db.roles import Role
from performers.admin.links import performer_named

PREPARE, DECIDE = "billing.prepare_payoutbatch", "billing.decide_approvalrequest"
PAYERS = (Role.FINANCE, Role.FINANCE_APPROVER)
B = PayoutBatchStatus


class OpenFilter(DefaultChoiceFilter):
    """What is not done, unless something else is asked for."""

    title = "status"
    parameter_name = "stands"
    default_label = "Open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((status.value, status.label) for status in B), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(status__in=[self.value()] if self.value() else OPEN_BATCHES)


class PrepareForm(forms.ModelForm):
    """Through which account, in which currency, for whom."""

    performer = forms.CharField(
        label="For one performer alone",
        required=False,
        max_length=100,
        help_text="An address (slug), a handle or an id. Empty: for everybody who can be paid.",
    )

    class Meta:
        model = PayoutBatch
        fields = ("provider_account", "currency", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider_account"].queryset = ProviderAccount.objects.filter(closed_at__isnull=True)  # type: ignore[attr-defined]

    def clean_performer(self) -> Any:
        """The id of the performer; None for everybody."""
        text = self.cleaned_data["performer"].strip()
        return performer_named(text) if text else None


def outcomes_of(batch: PayoutBatch) -> list[dict[str, Any]]:
    """How many payouts of a batch stand where, and their sums; one query."""
    found = (
        Payout.objects.filter(batch=batch)
        .values("status")
        .annotate(number=Count("pk"), total=Sum("amount"))
        .order_by("status")
    )
    return [{**row, "currency": batch.currency_id} for row in found]


OUTCOMES = Panel(
    "Outcomes",
    columns=(
        ("Status", lambda row: PayoutStatus(row["status"]).label),
        ("Payouts", lambda row: f"{row['number']:,}"),
        ("Sum", lambda row: money_text(row["total"], row["currency"])),
    ),
    rows=outcomes_of,
    permission="billing.view_payout",
    words="The sums are together the total of the batch.",
)
PAYOUTS = Panel(
    "Payouts",
    columns=(
        ("Who", payee),
        ("Amount", money_of("amount")),
        ("Of tokens", lambda row: f"{row.tokens:,}"),
        ("Set off", money_of("set_off")),
        ("Held back", money_of("held_back")),
        ("To", lambda row: str(row.destination)),
        ("Status", "status"),
        ("Code", lambda row: row.failure_code or EMPTY),
        ("On the statement", "reference"),
    ),
    rows=lambda batch: (
        batch.payouts.select_related("performer", "studio", "destination")
        .defer(*without_seals("destination"))
        .order_by("pk")
    ),
    permission="billing.view_payout",
    limit=50,
    url=row_url,
    all_url=lambda batch: list_url("payout", f"?batch={batch.pk}"),
)


def _can_decide(batch: Any) -> bool:
    """Whether it waits, and whoever looks neither prepared nor submitted it."""
    return batch.status == B.SUBMITTED and current_actor_id() not in (batch.made_by_id, batch.submitted_by_id)


def _is_draft(batch: Any) -> bool:
    return batch.status == B.DRAFT


@admin.register(PayoutBatch, site=backoffice)
class PayoutBatchAdmin(AddedByService):
    """Batches of payouts, the open ones first: who asked, who approves, what became of each payout."""

    section = Section.FINANCE
    may_add = PREPARE
    add_form = PrepareForm
    list_display = (
        "created_at",
        "status",
        "total_words",
        "payout_count",
        "provider_account",
        "made_by",
        "checker",
    )
    list_display_links = ("created_at",)
    list_filter = (OpenFilter, TimeFilter)
    list_select_related = ("provider_account", "made_by", "submitted_by", "approval__checker")
    fields = (
        "status",
        "provider_account",
        "currency",
        "as_of",
        "payout_count",
        "total_words",
        "content_sha256",
        "made",
        "reason",
        "submitted",
        "submitted_at",
        "approval_link",
        "checker",
        "approved_at",
        "done_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("total_words", "content_sha256", "made", "submitted", "approval_link", "checker")
    panels = (OUTCOMES, PAYOUTS)
    actions = (
        ConfirmedAction(
            "submit",
            payout_batch_submit,
            PREPARE,
            words="Submit for approval",
            explain="Its content is frozen by a hash, and a colleague with the role Finance approver decides.",
            done="Submitted: {obj}.",
            available=_is_draft,
        ),
        ConfirmedAction(
            "cancel",
            payout_batch_cancel,
            PREPARE,
            words="Cancel",
            explain="Nothing is paid, and everything in it can be paid by another batch.",
            done="Cancelled: {obj}.",
            available=_is_draft,
        ),
        ConfirmedAction(
            "approve",
            payout_batch_approve,
            DECIDE,
            words="Approve",
            explain=lambda batch: (
                f"{money(batch, 'total')} goes to {batch.payout_count:,} payees at once. You share the responsibility. "
                f"SHA-256: {batch.hash_words}"
            ),
            done="Approved: {obj}.",
            dangerous=True,
            available=_can_decide,
        ),
        ConfirmedAction(
            "refuse",
            payout_batch_refuse,
            DECIDE,
            words="Refuse",
            explain="Nothing is paid, and everything in it can be paid by another batch. The maker reads your reason.",
            done="Refused: {obj}.",
            available=_can_decide,
        ),
    )

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        performer_id = answers.pop("performer")
        return payout_batch_build(
            provider_account_id=answers["provider_account"].pk,
            currency=answers["currency"].code,
            reason=answers["reason"],
            performer_ids=[performer_id] if performer_id else None,
            actor=cast(User, request.user),
        )

    @admin.display(description="Total")
    def total_words(self, batch: PayoutBatch) -> str:
        return money(batch, "total")

    @admin.display(description="SHA-256 of the content")
    def content_sha256(self, batch: PayoutBatch) -> str:
        return batch.hash_words or EMPTY

    @admin.display(description="Prepared by")
    def made(self, batch: PayoutBatch) -> str:
        return colleague(batch.made_by)

    @admin.display(description="Submitted by")
    def submitted(self, batch: PayoutBatch) -> str:
        return colleague(batch.submitted_by) if batch.submitted_by_id else EMPTY

    @admin.display(description="Approval")
    def approval_link(self, batch: PayoutBatch) -> str:
        return row_link(batch.approval)

    @admin.display(description="Decided by")
    def checker(self, batch: PayoutBatch) -> str:
        approval = batch.approval
        if approval is None or approval.checker is None:
            return EMPTY
        return f"{colleague(approval.checker)}, {when(approval.decided_at)}"


register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Payouts to approve",
        roles=(Role.FINANCE_APPROVER,),
        count=lambda limit: CountUpTo(PayoutBatch.objects.filter(status=B.SUBMITTED), limit),
        url=lambda: list_url("payoutbatch", "?stands=submitted"),
        words="Batches that colleagues prepared and submitted. Nobody approves their own.",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Payouts in draft",
        roles=PAYERS,
        count=lambda limit: CountUpTo(PayoutBatch.objects.filter(status=B.DRAFT), limit),
        url=lambda: list_url("payoutbatch", "?stands=draft"),
        words="Their money is set aside: submit them, or cancel them.",
    )
)
