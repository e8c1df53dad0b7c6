"""Orders of the demo, paid through the simulator by every course that a payment can take."""

from accounts.choices import UserStatus
from accounts.models import RoleGrant, User
from billing.models import Order, Payment, Product, ProviderAccount, ProviderCall, ProviderEvent
from billing.models.provider_call import OPEN_CALLS
from billing.payment_choices import PaymentMethodKind, PaymentStatus
from billing.provider_choices import ProviderEventStatus
from billing.services.orders import OrderItem, order_place
from billing.services.payment_methods import NewPaymentMethod, payment_method_add
from billing.services.payments import payment_attempt_send, payment_intent_create
from billing.services.provider_call_runs import provider_call_run
from billing.services.provider_event_runs import provider_event_run
from billing.services.refunds import refund_request
from billing.services.simulated_messages import simulated_messages_send
from core.db.context import acting
from core.db.roles import Role

COURSES = (
    *("sim_ok",) * 16,
    *("sim_decline_insufficient_funds", "sim_decline_expired_card", "sim_duplicates", "sim_reordered"),
    *("sim_pending", "sim_action", "sim_timeout_charged", "sim_timeout_lost", "sim_too_much", "sim_late"),
)
"""How each order goes, by the scripts of the simulator; most of them well."""

PACKS = ("tokens_100", "tokens_500", "tokens_1000", "tokens_5000")
PLACES = (("DE", "EUR"), ("FR", "EUR"), ("GB", "GBP"), ("ES", "EUR"))
BRANDS = ("Visa", "Mastercard", "American Express")
ROUNDS = 3
"""What a call leads to comes as a message, and a message may lead to another call."""


def demo_payments_load() -> str:
    """Orders, payments, a refund and one that waits for a colleague; run again, it changes nothing."""
    with acting(Role.ADMINISTRATOR):
        members = list(RoleGrant.objects.values_list("user_id", flat=True))
    with acting(Role.WORKER):
        if Order.objects.exists():
            return "there before"
        buyers = list(
            User.objects.filter(status=UserStatus.ACTIVE, wallet__isnull=False)
            .exclude(pk__in=members)
            .order_by("pk")[: len(COURSES)]
        )
        account = ProviderAccount.objects.get(code="simulator")
        packs = [Product.objects.get(code=code) for code in PACKS]
    for number, (buyer, course) in enumerate(zip(buyers, COURSES, strict=False)):
        buy(number, buyer, course, account, packs[number % len(packs)])
    demo_providers_work()
    refunds = _refund()
    demo_providers_work()
    with acting(Role.WORKER):
        paid = Payment.objects.filter(captured_settled__gt=0).count()
        return f"{Order.objects.count()} orders, {paid} paid, {refunds} refunds asked for"


def buy(number: int, buyer: User, course: str, account: ProviderAccount, pack: Product) -> None:
    """Order a pack and pay for it by a script of the simulator; `number` tells the buyers apart."""
    country, currency = PLACES[number % len(PLACES)]
    method = payment_method_add(
        user=buyer,
        provider_account_id=account.pk,
        customer_reference=f"sim_cus_{number}",
        new=NewPaymentMethod(
            kind=PaymentMethodKind.CARD,
            token=course,
            fingerprint=f"sim_card_{number}",
            brand=BRANDS[number % len(BRANDS)],
            last_four=f"{4242 + 37 * number}",
            expiry_year=2029,
            expiry_month=1 + number % 12,
        ),
        actor=buyer,
    )
    order = order_place(
        user=buyer,
        items=[OrderItem(pack.pk)],
        country=country,
        currency=currency,
        idempotency_key=f"demo-order-{number}",
        actor=buyer,
    )
    intent = payment_intent_create(
        order_id=order.pk,
        payment_method_id=method.pk,
        idempotency_key=f"demo-intent-{number}",
        actor=buyer,
    )
    payment_attempt_send(payment_intent_id=intent.pk, actor=buyer)


def demo_providers_work() -> None:
    """What the workers do: call the provider, take its messages in, act on them. The rest comes while it is served."""
    for _ in range(ROUNDS):
        with acting(Role.WORKER):
            calls = list(
                ProviderCall.objects.filter(status__in=OPEN_CALLS).order_by("pk").values_list("pk", flat=True)
            )
        for call_id in calls:
            provider_call_run(call_id=call_id)
        simulated_messages_send()
        with acting(Role.WORKER):
            events = list(
                ProviderEvent.objects.filter(status=ProviderEventStatus.RECEIVED)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
        for event_id in events:
            provider_event_run(event_id=event_id)


def _refund() -> int:
    """A refund within the limit of finance, and one above it, which waits for an approval."""
    with acting(Role.WORKER):
        finance = User.objects.filter(handle="demo_finance").first()
        paid = list(
            Payment.objects.filter(status=PaymentStatus.CAPTURED, currency="EUR").order_by("amount", "pk")
        )
    if finance is None or len(paid) < 2:
        return 0
    with acting(Role.FINANCE, user_id=finance.pk):
        for payment, reason in (
            (paid[0], "bought twice by mistake, asked on the same day"),
            (paid[-1], "bought by a child without permission"),
        ):
            refund_request(payment_id=payment.pk, amount=payment.amount, actor=finance, reason=reason)
    return 2
