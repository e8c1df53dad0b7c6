"""Finding payments: by our id, the provider's name, the last four signs of a card, or the payer's e-mail address."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import UserContact
from billing.admin.payment_words import money, room_url
from billing.models import Order, Payment, PaymentAttempt, Refund
from billing.payment_policies import PAYMENT_READERS
from core.admin.search import HITS, Hit, SearchProvider, register_search

LAST_FOUR = re.compile(r"^[0-9]{4}$")
REFERENCE = re.compile(r"^[A-Za-z0-9_.:-]{5,255}$")


def payments_found(text: str) -> Q:
    """The condition of payments that `text` names; nothing where it names none. At most four queries."""
    text = text.strip()
    try:
        return _by_id(UUID(text))
    except ValueError:
        pass
    if "@" in text:
        return Q(user_id__in=payers_reached(text))
    if LAST_FOUR.match(text):
        return Q(payment_method__last_four=text)
    if REFERENCE.match(text):
        return _by_reference(text)
    return Q(pk__in=[])


def _by_id(pk: UUID) -> Q:
    """Our id of a payment, or of what belongs to one."""
    about = (
        Payment.objects.filter(pk=pk).values_list("pk"),
        Payment.objects.filter(order_id=pk).values_list("pk"),
        PaymentAttempt.objects.filter(pk=pk).values_list("payment_id"),
        Refund.objects.filter(pk=pk).values_list("payment_id"),
    )
    return Q(pk__in=about[0].union(*about[1:], all=True).values_list("pk", flat=True)[:HITS])


def _by_reference(text: str) -> Q:
    """The provider's name of a payment or of a refund of one."""
    of_refunds = Refund.objects.filter(provider_reference=text).values("payment_id")
    return Q(provider_reference=text) | Q(pk__in=of_refunds)


def payers_reached(address: str) -> list[UUID]:
    """Who has shown that this is their e-mail address; asked by its blind index, so that nobody reads an address."""
    digests = UserContact._meta.get_field("value_index").digests(address)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_payers_reached(%s::bytea[])", [digests])
        return [row[0] for row in cursor.fetchall()]


def payments_named(text: str) -> QuerySet:
    """Payments that `text` names, newest first."""
    return (
        Payment.objects.filter(payments_found(text))
        .select_related("user", "payment_method")
        .defer("payment_method__token")
        .order_by("-pk")
    )


def find_payments(query: str) -> Iterator[Hit]:
    """Payments for the search box; the only one that is named opens at once."""
    found = list(payments_named(query)[:HITS])
    exact = len(found) == 1 and not LAST_FOUR.match(query) and "@" not in query
    for payment in found:
        yield Hit(
            title=f"{money(payment)} by {payment.user}",
            url=room_url("payment", payment.pk),
            words=f"{payment.get_status_display()}, {payment.payment_method}",
            exact=exact,
        )


def find_orders(query: str) -> Iterator[Hit]:
    """An order by our id; one that nobody tried to pay has no payment to be found by."""
    try:
        order = Order.objects.filter(pk=UUID(query)).select_related("user").first()
    except ValueError:
        return
    if order is not None and not order.payments.exists():
        words = order.get_status_display()
        yield Hit(title=f"Order of {order.user}", url=room_url("order", order.pk), words=words, exact=True)


register_search(
    SearchProvider(
        "Payments",
        PAYMENT_READERS,
        find_payments,
        hint="id or provider's name of a payment, last four of a card, whole e-mail of a payer",
    )
)
register_search(SearchProvider("Orders", PAYMENT_READERS, find_orders))
