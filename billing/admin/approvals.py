"""The queue of approvals, and the limits of staff."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.links import period, person_link
from accounts.admin.profile_media import OldestFirst
from billing.admin.payment_words import list_url, money, room_url
from billing.models import ApprovalRequest, Payment, PayoutBatch, StaffLimit
from billing.money import money_parse, money_text
from billing.payment_choices import ApprovalKind, ApprovalStatus
from billing.services.approvals import approval_give, approval_refuse
from billing.services.staff_limits import staff_limit_change
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.clock import database_now
from core.db.context import current_actor_id
from core.db.locking import NotThere
from core.db.roles import Role

DECIDE = "billing.decide_approvalrequest"
EMPTY = "–"


class WaitingFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    default_label = "Waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("approved", "Approved"), ("refused", "Refused"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or ApprovalStatus.PENDING)


def _can_decide(request: Any) -> bool:
    """Whether it waits, and is not one's own."""
    return request.status == ApprovalStatus.PENDING and request.maker_id != current_actor_id()


@admin.register(ApprovalRequest, site=backoffice)
class ApprovalRequestAdmin(ReadOnlyAdmin):
    """Requests for approval: approve or refuse what colleagues ask for, never one's own."""

    section = Section.FINANCE
    list_display = ("created_at", "kind", "amount_words", "maker", "reason", "status", "checker")
    list_display_links = ("created_at",)
    list_filter = (
        WaitingFilter,
        "kind",
        exact("subject", "About (id)", lookup="subject_id", help="Our id of a payment."),
        TimeFilter,
    )
    list_select_related = ("maker", "checker")
    search_fields = ("subject_id__exact",)
    search_help_text = "Our id of a request, or of the payment that it is about."
    fields = (
        "kind",
        "amount_words",
        "about",
        "maker",
        "maker_role",
        "reason",
        "limit_words",
        "status",
        "checker",
        "decision_reason",
        "decided_at",
        "created_at",
        "id",
    )
    readonly_fields = ("amount_words", "about", "limit_words")
    actions = (
        ConfirmedAction(
            "approve",
            approval_give,
            DECIDE,
            words="Approve",
            explain=lambda request: (
                f"{money(request)} {'is paid out' if request.kind == ApprovalKind.PAYOUT_BATCH else 'goes back'} "
                "at once. You share the responsibility."
            ),
            done="Approved: {obj}.",
            dangerous=True,
            available=_can_decide,
        ),
        ConfirmedAction(
            "refuse",
            approval_refuse,
            DECIDE,
            words="Refuse",
            explain="Nothing happens. Whoever asked reads your reason.",
            done="Refused: {obj}.",
            available=_can_decide,
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("status") else OldestFirst

    @admin.display(description="Amount")
    def amount_words(self, request: ApprovalRequest) -> str:
        return money(request)

    @admin.display(description="About")
    def about(self, request: ApprovalRequest) -> str:
        if request.subject_table == PayoutBatch._meta.db_table:
            return format_html(
                '<a href="{}">batch {}</a>', room_url("payoutbatch", request.subject_id), request.subject_id
            )
        if request.subject_table != Payment._meta.db_table:
            return f"{request.subject_table} {request.subject_id}"
        url = room_url("payment", request.subject_id)
        return format_html('<a href="{}">payment {}</a>', url, request.subject_id)

    @admin.display(description="Limit of who asked, at that time")
    def limit_words(self, request: ApprovalRequest) -> str:
        """What they might have done alone."""
        limits = request.limits
        if limits.get("per_item") is None:
            return "None: everything waits for a second person."
        item, day, used = (
            money_text(limits[name], request.currency_id) for name in ("per_item", "per_day", "used_today")
        )
        return f"{item} for one, {day} a day, of which {used} were used."


class LimitForm(forms.Form):
    """A new limit in place of this one."""

    per_item = forms.CharField(label="For one act", max_length=30, help_text="As 100.00; 0: nothing alone.")
    per_day = forms.CharField(label="For all acts of a day (UTC)", max_length=30, help_text="As 500.00.")


def limit_change_typed(
    *,
    stafflimit_id: Any,
    per_item: str,
    per_day: str,
    actor: Any,
    reason: str,
    expected_version: int | None = None,
) -> StaffLimit:
    """`staff_limit_change` with amounts as people type them."""
    currency = StaffLimit.objects.filter(pk=stafflimit_id).values_list("currency_id", flat=True).first()
    if currency is None:
        raise NotThere("There is no such limit, or your role may not see it.")
    return staff_limit_change(
        stafflimit_id=stafflimit_id,
        per_item=money_parse(per_item, currency).amount,
        per_day=money_parse(per_day, currency).amount,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


@admin.register(StaffLimit, site=backoffice)
class StaffLimitAdmin(ReadOnlyAdmin):
    """Limits of staff, with their history; the first one of a role or person is set by `manage.py staff_limit_set`."""

    section = Section.FINANCE
    list_display = ("holder", "kind", "currency_id", "item_words", "day_words", "valid_words", "set_by")
    list_filter = ("kind", "role", exact("person", "Person (id)", lookup="person_id"), TimeFilter)
    list_select_related = ("person", "set_by")
    fields = (
        "holder",
        "kind",
        "currency_id",
        "item_words",
        "day_words",
        "valid_words",
        "set_by",
        "reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("holder", "currency_id", "item_words", "day_words", "valid_words")
    actions = (
        ConfirmedAction(
            "change",
            limit_change_typed,
            "billing.set_stafflimit",
            LimitForm,
            words="Change",
            explain="This one ends now, and another one begins. What was asked for before keeps the limit of its time.",
            done="Changed: {obj}.",
            available=lambda limit: limit.is_in_force(database_now()),
        ),
    )

    @admin.display(description="Whose")
    def holder(self, limit: StaffLimit) -> str:
        return person_link(limit.person) if limit.person_id else limit.get_role_display()

    @admin.display(description="For one act")
    def item_words(self, limit: StaffLimit) -> str:
        return money(limit, "per_item")

    @admin.display(description="For a day")
    def day_words(self, limit: StaffLimit) -> str:
        return money(limit, "per_day")

    @admin.display(description="In force (UTC)")
    def valid_words(self, limit: StaffLimit) -> str:
        return period(limit.valid)


register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Approvals waiting",
        roles=(Role.FINANCE_APPROVER,),
        count=lambda limit: CountUpTo(ApprovalRequest.objects.waiting(), limit),
        url=lambda: list_url("approvalrequest"),
        words="Colleagues ask for a second person. Nobody decides about their own.",
    )
)
