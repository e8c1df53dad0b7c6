"""The room of orders: what was ordered, at which price and tax, and what paid for it."""

from typing import Any

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from billing.admin.payment_words import list_url, money, money_of, row_url, when_of
from billing.models import Order, OrderLine
from billing.payment_choices import OrderStatus
from billing.services.orders import order_cancel
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice


def _rate(line: OrderLine) -> str:
    return f"{line.tax_rate * 100:.2f} % in {line.tax_jurisdiction}, {line.tax_behaviour}"


LINES = Panel(
    "Lines",
    columns=(
        ("Product", "product"),
        ("Quantity", "quantity"),
        ("By its price", money_of("list_amount")),
        ("Discount", money_of("discount")),
        ("Net", money_of("net")),
        ("Tax", money_of("tax")),
        ("Rate", _rate),
        ("Total", money_of("total")),
        ("Net taken back", money_of("net_reversed")),
        ("Tax taken back", money_of("tax_reversed")),
    ),
    rows=lambda order: order.lines.select_related("product").order_by("position"),
    permission="billing.view_orderline",
    limit=20,
)
PAYMENTS = Panel(
    "Payments",
    columns=(
        ("When (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("Status", "status"),
        ("Captured", money_of("captured_settled")),
        ("Refunded", money_of("refunded_settled")),
        ("By", "payment_method"),
        ("Provider's name", lambda payment: payment.provider_reference or "–"),
    ),
    rows=lambda order: (
        order.payments.select_related("payment_method").defer("payment_method__token").order_by("-pk")
    ),
    permission="billing.view_payment",
    url=row_url,
    all_url=lambda order: list_url("payment", f"?order={order.pk}"),
    empty="Nobody has tried to pay.",
)


@admin.register(Order, site=backoffice)
class OrderAdmin(ReadOnlyAdmin):
    """Orders, found by our id or by who ordered."""

    section = Section.FINANCE
    list_display = ("created_at", "person", "status", "total_words", "tax_words", "discount_words", "country")
    list_display_links = ("created_at",)
    list_filter = ("status", PersonFilter, TimeFilter)
    list_select_related = ("user", "billing_address")
    search_help_text = "Our id of an order. By anything else, search for its payment."
    search_fields = ("idempotency_key__exact",)
    fields = (
        "person",
        "status",
        "total_words",
        "net_words",
        "tax_words",
        "discount_words",
        "country",
        "address",
        "paid_at",
        "cancelled_at",
        "created_at",
        "id",
    )
    readonly_fields = ("person", "total_words", "net_words", "tax_words", "discount_words", "address")
    panels = (LINES, PAYMENTS)
    actions = (
        ConfirmedAction(
            "cancel",
            order_cancel,
            "billing.cancel_order",
            words="Cancel",
            explain="Nobody can pay for it any more; the use of its promotion code is free again.",
            done="Cancelled: {obj}.",
            dangerous=True,
            available=lambda order: order.status == OrderStatus.PLACED,
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        """Without the encrypted parts of addresses."""
        parts = ("name", "street", "town", "postal_code")
        return super().get_queryset(request).defer(*(f"billing_address__{part}" for part in parts))

    @admin.display(description="Person")
    def person(self, order: Order) -> str:
        return person_link(order.user)

    @admin.display(description="Total")
    def total_words(self, order: Order) -> str:
        return money(order, "total")

    @admin.display(description="Net")
    def net_words(self, order: Order) -> str:
        return money(order, "net")

    @admin.display(description="Tax")
    def tax_words(self, order: Order) -> str:
        return money(order, "tax")

    @admin.display(description="Discount")
    def discount_words(self, order: Order) -> str:
        return money(order, "discount")

    @admin.display(description="Bill to")
    def address(self, order: Order) -> str:
        """Country and the beginning of the postal code; the rest is encrypted."""
        return str(order.billing_address) if order.billing_address else "–"
