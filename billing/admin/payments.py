"""The rooms of payments and refunds."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from accounts.models import User
from billing.admin.dispute_panels import DISPUTES_OF_PAYMENT
from billing.admin.payment_actions import PAYMENT_ACTIONS
from billing.admin.payment_panels import PAYMENT_PANELS, PAYMENTS_OF_PERSON
from billing.admin.payment_search import payments_found
from billing.admin.payment_words import WithoutToken, list_url, money, row_link
from billing.admin.risk_reviews import REVIEW_PAYMENT
from billing.models import Payment, PaymentAttempt, Refund
from billing.payment_choices import AttemptStatus, RefundStatus
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)


class SuspenseFilter(admin.SimpleListFilter):
    """Payments whose money waits for somebody."""

    title = "suspense"
    parameter_name = "suspense"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("some", "Money in suspense")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.exclude(suspended=0) if self.value() == "some" else queryset


@admin.register(Payment, site=backoffice)
class PaymentAdmin(WithoutToken, ReadOnlyAdmin):
    """Payments: found by id, provider's name, last four or e-mail; captured, voided and refunded by named actions."""

    section = Section.FINANCE
    list_display = (
        "created_at",
        "person",
        "status",
        "asked",
        "captured_words",
        "refunded_words",
        "payment_method",
        "provider_reference",
    )
    list_display_links = ("created_at",)
    list_filter = (
        "status",
        SuspenseFilter,
        PersonFilter,
        exact("order", "Order (id)", lookup="order_id"),
        TimeFilter,
    )
    list_select_related = ("user", "payment_method", "provider_account")
    search_fields = ("provider_reference__exact",)
    search_help_text = (
        "Our id of a payment, order or refund, the provider's name, last four, a payer's whole e-mail."
    )
    fields = (
        "person",
        "order_link",
        "status",
        "asked",
        "authorised_words",
        "captured_words",
        "refunded_words",
        "refundable_words",
        "suspended_words",
        "payment_method",
        "provider_account",
        "provider_reference",
        "voided_at",
        "provider_time",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = (
        "person",
        "order_link",
        "asked",
        "authorised_words",
        "captured_words",
        "refunded_words",
        "refundable_words",
        "suspended_words",
    )
    panels = (*PAYMENT_PANELS, DISPUTES_OF_PAYMENT)
    actions = (*PAYMENT_ACTIONS, REVIEW_PAYMENT)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """As the search box of the header."""
        return (queryset.filter(payments_found(search_term)) if search_term.strip() else queryset), False

    @admin.display(description="Payer")
    def person(self, payment: Payment) -> str:
        return person_link(payment.user)

    @admin.display(description="Order")
    def order_link(self, payment: Payment) -> str:
        return row_link(payment.order)

    @admin.display(description="Amount")
    def asked(self, payment: Payment) -> str:
        return money(payment)

    @admin.display(description="Authorised")
    def authorised_words(self, payment: Payment) -> str:
        return money(payment, "authorised")

    @admin.display(description="Captured")
    def captured_words(self, payment: Payment) -> str:
        return money(payment, "captured_settled")

    @admin.display(description="Refunded")
    def refunded_words(self, payment: Payment) -> str:
        return money(payment, "refunded_settled")

    @admin.display(description="Can still be refunded")
    def refundable_words(self, payment: Payment) -> str:
        return money(payment, "refundable")

    @admin.display(description="In suspense")
    def suspended_words(self, payment: Payment) -> str:
        return money(payment, "suspended")


@admin.register(Refund, site=backoffice)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds: who asked for them, and what the provider says."""

    section = Section.FINANCE
    list_display = (
        "created_at",
        "person",
        "amount_words",
        "status",
        "origin",
        "requested_by",
        "provider_reference",
    )
    list_display_links = ("created_at",)
    list_filter = (
        "status",
        "origin",
        exact("payment", "Payment (id)", lookup="payment_id"),
        exact("reference", "Provider's name", lookup="provider_reference"),
        TimeFilter,
    )
    list_select_related = ("user", "requested_by", "payment", "approval")
    search_fields = ("provider_reference__exact",)
    search_help_text = "The provider's name of a refund, or our id of one."
    fields = (
        "person",
        "payment_link",
        "amount_words",
        "status",
        "origin",
        "is_goodwill",
        "reason",
        "requested_by",
        "requested_role",
        "approval_link",
        "provider_reference",
        "failure_code",
        "sent_at",
        "succeeded_at",
        "settled_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("person", "payment_link", "amount_words", "approval_link")

    @admin.display(description="Payer")
    def person(self, refund: Refund) -> str:
        return person_link(refund.user)

    @admin.display(description="Payment")
    def payment_link(self, refund: Refund) -> str:
        return row_link(refund.payment)

    @admin.display(description="Approval")
    def approval_link(self, refund: Refund) -> str:
        return row_link(refund.approval)

    @admin.display(description="Amount")
    def amount_words(self, refund: Refund) -> str:
        return money(refund)


backoffice.add_panel(User, PAYMENTS_OF_PERSON)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Money in suspense",
        roles=FINANCE,
        count=lambda limit: CountUpTo(Payment.objects.exclude(suspended=0), limit),
        url=lambda: list_url("payment", "?suspense=some"),
        words="It paid for nothing: refund it, or find out.",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Outcomes unknown",
        roles=FINANCE,
        count=lambda limit: CountUpTo(PaymentAttempt.objects.filter(status=AttemptStatus.UNKNOWN), limit),
        url=lambda: list_url("payment", "?status=pending"),
        words="Providers are asked by themselves; ask again where that was given up.",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Refunds under way",
        roles=FINANCE,
        count=lambda limit: CountUpTo(
            Refund.objects.filter(status__in=(RefundStatus.SENT, RefundStatus.UNKNOWN)), limit
        ),
        url=lambda: list_url("refund", "?status=sent"),
        words="The provider has them.",
    )
)
