"""Steps of tests of payments: something to buy, somebody who pays, and what a provider answers and reports.

The fulfilment of these tests gives one token for each minor unit of the net, and takes back what is still there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Sum

from accounts.models import User
from billing import chart
from billing.catalogue_choices import ProductKind, TaxBehaviour
from billing.fulfilment import register_fulfilment, remove_fulfilment
from billing.models import (
    LedgerAccount,
    Order,
    OrderLine,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    Posting,
    Product,
    ProviderAccount,
    Refund,
    TaxRate,
)
from billing.payment_choices import CaptureMode, LimitKind, PaymentMethodKind
from billing.provider_choices import FactKind, ProviderOutcome
from billing.providers.port import ProviderAnswer, ProviderFact
from billing.services.journal import Line, balance_of
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.orders import OrderItem, order_place
from billing.services.payment_answers import payment_attempt_settle
from billing.services.payment_facts import payment_fact_record
from billing.services.payment_methods import NewPaymentMethod, payment_method_add
from billing.services.payments import payment_attempt_send, payment_intent_create
from billing.services.prices import price_set
from billing.services.products import token_pack_add
from billing.services.refunds import refund_request
from billing.services.staff_limits import staff_limit_set
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.billing.ledger import assert_books_prove
from tests.billing.providers.house import make_account

PRICE = 2999
"""What the pack of the tests costs, in cents, tax included; at 19 % it is 2520 net and 479 tax."""

NET, TAX = 2520, 479
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)


def at(seconds: int) -> datetime:
    """An instant of the provider's clock."""
    return START + timedelta(seconds=seconds)


def fulfil(line: OrderLine, payment: Payment) -> Sequence[Line]:
    wallet, sold = ledger_accounts_open(chart.wallet(line.user_id), chart.tokens_sold())
    return (Line(wallet, line.net, chart.TOKEN), Line(sold, -line.net, chart.TOKEN))


def reverse(line: OrderLine, payment: Payment, amount: int) -> Sequence[Line]:
    wallet, sold, loss = ledger_accounts_open(
        chart.wallet(line.user_id), chart.tokens_sold(), chart.refund_loss(line.currency_id)
    )
    taken = min(amount, balance_of(wallet))
    lines = [Line(loss, taken - amount, line.currency_id)] if taken < amount else []
    if taken:
        lines += [Line(wallet, -taken, chart.TOKEN), Line(sold, taken, chart.TOKEN)]
    return lines


def recoverable(line: OrderLine, payment: Payment) -> int:
    (wallet,) = ledger_accounts_open(chart.wallet(line.user_id))
    left = line.net - line.net_reversed
    if left == 0:
        return 0
    return min(left, balance_of(wallet)) * (line.total - line.net_reversed - line.tax_reversed) // left


@contextmanager
def fulfilments() -> Iterator[None]:
    """The fulfilment of these tests, in place of whatever is registered."""
    real = remove_fulfilment(ProductKind.TOKEN_PACK)
    register_fulfilment(ProductKind.TOKEN_PACK, fulfil, reverse, recoverable)
    try:
        yield
    finally:
        remove_fulfilment(ProductKind.TOKEN_PACK)
        if real is not None:
            register_fulfilment(
                ProductKind.TOKEN_PACK, real.fulfil, real.reverse, real.recoverable, real.recover
            )


def shop(code: str = "simulator") -> tuple[ProviderAccount, Product]:
    """An account at a provider, a tax and a pack of tokens with a price everywhere in euros."""
    account = ProviderAccount.objects.filter(code=code).first() or make_account(code)
    TaxRate.objects.get_or_create(
        jurisdiction="DE",
        kind="standard",
        defaults={
            "rate": Decimal("0.19"),
            "source": "tests",
            "valid": DateTimeTZRange(BEGIN, None, "[)"),
        },
    )
    number = next(_numbers)
    product = token_pack_add(code=f"pack_{number}", name=f"Pack {number}", paid=100, bonus=10, actor=None)
    price_set(
        product_id=product.pk,
        currency="EUR",
        amount=PRICE,
        tax_behaviour=TaxBehaviour.INCLUSIVE,
        since=BEGIN,
        actor=None,
        reason="tests",
    )
    return account, product


def method_of(user: User, account: ProviderAccount, **changed: Any) -> PaymentMethod:
    """A Visa card that ends in 4242, by its token."""
    number = next(_numbers)
    said: dict[str, Any] = {
        "kind": PaymentMethodKind.CARD,
        "token": f"pm_sim_{number}",
        "fingerprint": f"print_{number}",
        "brand": "visa",
        "last_four": "4242",
        "expiry_year": 2031,
        "expiry_month": 12,
    }
    return payment_method_add(
        user=user,
        provider_account_id=account.pk,
        customer_reference=f"cus_{user.pk}",
        new=NewPaymentMethod(**{**said, **changed}),
        actor=user,
    )


def ordered(user: User | None = None, **changed: Any) -> Order:
    """An order of one pack, in Germany."""
    _, product = shop()
    said: dict[str, Any] = {
        "user": user or UserFactory(),
        "items": [OrderItem(product.pk)],
        "country": "DE",
        "currency": "EUR",
        "idempotency_key": f"order-{next(_numbers)}",
        "actor": user,
    }
    return order_place(**{**said, **changed})


def sent(order: Order | None = None, *, capture: CaptureMode = CaptureMode.AUTOMATIC) -> PaymentAttempt:
    """An attempt to collect an order, sent and not answered."""
    order = order or ordered()
    account = ProviderAccount.objects.get(code="simulator")
    method = order.user.payment_methods.without_token().first() or method_of(order.user, account)
    intent = payment_intent_create(
        order_id=order.pk,
        payment_method_id=method.pk,
        idempotency_key=f"intent-{next(_numbers)}",
        actor=None,
        capture_mode=capture,
    )
    return payment_attempt_send(payment_intent_id=intent.pk, actor=None)


def answer(outcome: ProviderOutcome = ProviderOutcome.SUCCEEDED, **said: Any) -> ProviderAnswer:
    return ProviderAnswer(outcome, **said)


def settled(
    attempt: PaymentAttempt, outcome: ProviderOutcome = ProviderOutcome.SUCCEEDED, **said: Any
) -> Payment:
    """The payment after its attempt was answered, by default with success."""
    if attempt.kind == "authorise":
        said.setdefault("reference", f"pay_{attempt.pk}")
    payment_attempt_settle(attempt_id=attempt.pk, answer=answer(outcome, **said))
    return Payment.objects.get(pk=attempt.payment_id)


def paid(user: User | None = None) -> Payment:
    """A payment that was captured whole."""
    return settled(sent(ordered(user)))


def authorised(user: User | None = None) -> Payment:
    """A payment that was authorised, and waits for its capture."""
    return settled(sent(ordered(user), capture=CaptureMode.MANUAL))


def told(payment: Payment, kind: FactKind, seconds: int = 0, **said: Any) -> Payment:
    """What the provider reports about a payment; the payment afterwards."""
    words: dict[str, Any] = {
        "event_id": f"evt_{next(_numbers)}",
        "event_type": f"simulator.{kind}",
        "kind": kind,
        "occurred_at": at(seconds),
        "reference": payment.provider_reference or "",
        "currency": payment.currency_id,
        "account_id": payment.provider_account_id,
    }
    payment_fact_record(fact=ProviderFact(**{**words, **said}), event_id=uuid7())
    return Payment.objects.get(pk=payment.pk)


def refunder(*, per_item: int = 5000, per_day: int = 10_000, role: Role = Role.FINANCE) -> User:
    """Somebody in finance with a limit of their own."""
    person = staff(role)
    staff_limit_set(
        kind=LimitKind.REFUND,
        currency="EUR",
        per_item=per_item,
        per_day=per_day,
        person_id=person.pk,
        actor=None,
        reason="tests",
    )
    return person


def refund(payment: Payment, amount: int, actor: User, *, role: Role = Role.FINANCE, **said: Any) -> Refund:
    """Ask for a refund as a member of staff, in a role."""
    with acting(role, user_id=actor.pk):
        return refund_request(
            payment_id=payment.pk, amount=amount, actor=actor, reason="the payer asked for it", **said
        )


def balance(code: str) -> int:
    """The sum of the postings of an account, by its code; 0 where it was never opened."""
    account = LedgerAccount.objects.filter(code=code).first()
    if account is None:
        return 0
    return Posting.objects.filter(account=account).aggregate(sum=Sum("amount"))["sum"] or 0


def assert_settled(*payments: Payment) -> None:
    """The books are even, and cash and suspense are what the payments say. Only for all payments there are."""
    assert_books_prove()
    found = [Payment.objects.get(pk=payment.pk) for payment in payments]
    cash = sum(payment.captured_settled - payment.refunded_settled for payment in found)
    assert balance("cash:simulator:EUR") == -cash
    assert balance("suspense:simulator:EUR") == sum(payment.suspended for payment in found)


def subjects(rows: Any) -> set[UUID]:
    """The ids of what exceptions are about."""
    return set(rows.values_list("subject_id", flat=True))
