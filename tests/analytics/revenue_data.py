"""Steps of tests of revenue: a market in which things are sold and taken back, and its figures beside the ledger."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db.models import Q, Sum

from accounts.models import User
from analytics.models import RevenueDay
from analytics.revenue_choices import RevenueMeasure
from billing import chart
from billing.catalogue_choices import ProductKind, TaxBehaviour
from billing.dispute_choices import DisputeStatus
from billing.ledger_choices import JournalKind
from billing.models import GiftItem, Order, Payment, Product, TokenSpend
from billing.provider_choices import FactKind
from billing.services.gifts import gift_send
from billing.services.lots_expiry import lots_expire
from billing.services.orders import OrderItem, order_place
from billing.services.prices import price_set
from billing.services.private_show_minutes import private_show_minute_charge
from billing.services.spend_reversals import spend_reverse
from billing.services.tickets import ticket_buy
from core.db.context import acting
from core.db.roles import Role
from performers.models import StudioMembership
from streams.models import PrivateShow
from tests.accounts.factories import UserFactory, period
from tests.billing.disputes_data import disputed, withdrawn
from tests.billing.factories_wallets import outdated, performer, tip
from tests.billing.ledger import entry, opened, post
from tests.billing.paying import BEGIN, ordered, sent, settled, shop, told
from tests.billing.subscriptions_data import active, plan
from tests.billing.tickets import offered, running_show
from tests.engagement.interaction_data import redeem, reward_of
from tests.performers.factories_schedule import StudioFactory
from tests.sql import run

TODAY = "(statement_timestamp() AT TIME ZONE 'UTC')::date"
MEASURES = RevenueMeasure.values


def today() -> dt.date:
    """The day on which entries are booked now."""
    ((day,),) = run(f"SELECT {TODAY}")
    return day


def compute(*days: dt.date) -> int:
    """Make the figures of days anew, with everything that stands there, of this transaction too; how many rows."""
    with acting(Role.WORKER):
        ((count,),) = run(
            "SELECT analytics_revenue_compute(%s::date[], ledger_moment() + 1)", [list(days) or [today()]]
        )
    return count


def differences(
    since: dt.date | None = None, until: dt.date | None = None
) -> list[tuple[dt.date, str, str, int, int]]:
    """What figures and ledger disagree about, of today without a range."""
    first = since or today()
    with acting(Role.WORKER):
        return run(
            "SELECT day, currency, measure, figures, ledger FROM analytics_revenue_differences(%s, %s) "
            "WHERE figures <> ledger ORDER BY 1, 2, 3",
            [first, until or first + dt.timedelta(days=1)],
        )


def compared() -> set[tuple[str, str]]:
    """Which measures of today were not nil, and so were compared: currency and measure."""
    day = today()
    with acting(Role.WORKER):
        return set(
            run(
                "SELECT currency, measure FROM analytics_revenue_differences(%s, %s)",
                [day, day + dt.timedelta(days=1)],
            )
        )


def sums(currency: str = "EUR", **only: Any) -> dict[str, int]:
    """The figures of all days together, in one currency; of a kind, country or performer where one is named."""
    found = RevenueDay.objects.filter(currency=currency, **only).aggregate(
        **{f"sum_{name}": Sum(name) for name in MEASURES}
    )
    return {name: found[f"sum_{name}"] or 0 for name in MEASURES}


def rows() -> list[tuple[Any, ...]]:
    """Every figure without its id, in order: what two ways of computing it are compared by."""
    return sorted(
        RevenueDay.objects.values_list("day", "currency_id", "kind", "performer_id", "country", *MEASURES),
        key=str,
    )


def assert_books() -> None:
    """The figures are those of the ledger, and of the payments: what was fulfilled and what was reversed."""
    assert differences() == []
    found = sums()
    paid = Payment.objects.aggregate(sold=Sum("fulfilled"), back=Sum("reversed"))
    assert found["gross"] == (paid["sold"] or 0)
    assert found["refunds"] + found["disputes"] == (paid["back"] or 0)
    taxes = Order.objects.filter(paid_at__isnull=False).aggregate(
        tax=Sum("lines__tax"), back=Sum("lines__tax_reversed")
    )
    assert found["tax"] == (taxes["tax"] or 0) - (taxes["back"] or 0)
    spent = TokenSpend.objects.aggregate(all=Sum("tokens"))["all"] or 0
    back = TokenSpend.objects.filter(reversal__isnull=False).aggregate(all=Sum("tokens"))["all"] or 0
    tokens = sums("TOKEN")
    assert (tokens["gross"], tokens["refunds"]) == (spent, back)


class Market:
    """Two performers, one of them with a studio, two viewers, and everything that can be bought."""

    def __init__(self) -> None:
        self.account, self.pack = shop()
        self.performers = [performer(), performer()]
        StudioMembership.objects.create(
            performer=self.performers[0], studio=StudioFactory(), studio_share=Decimal("0.3"), valid=period()
        )
        self.viewers: list[User] = [UserFactory(), UserFactory()]
        self.offers = [offered(owner, product_id=self._ticket().pk, capacity=20) for owner in self.performers]
        self.plans = [plan(owner) for owner in self.performers]
        gift = Product.objects.create(code=f"gift_{uuid4().hex[:8]}", kind=ProductKind.GIFT, name="Rose")
        self.rose = GiftItem.objects.create(product=gift, tokens=7)
        self.rewards = [reward_of(owner, tokens=13) for owner in self.performers]
        self.told = 0

    def _ticket(self) -> Product:
        product = Product.objects.create(
            code=f"ticket_{uuid4().hex[:8]}", kind=ProductKind.PAY_PER_VIEW, name="A ticket"
        )
        price_set(
            product_id=product.pk,
            currency="EUR",
            amount=2001,
            tax_behaviour=TaxBehaviour.INCLUSIVE,
            since=BEGIN,
            actor=None,
            reason="tests",
        )
        return product

    def step(self, what: str, viewer: int, which: int, amount: int) -> None:
        """Do one thing; what is refused leaves nothing behind."""
        self.told += 1
        getattr(self, what)(self.viewers[viewer], which, amount)

    def buy(self, viewer: User, which: int, amount: int) -> None:
        settled(sent(ordered(viewer)))

    def basket(self, viewer: User, which: int, amount: int) -> None:
        """A pack and the tickets of both performers in one order."""
        items = [
            OrderItem(self.pack.pk, 1 + which % 2),
            *(OrderItem(offer.product_id) for offer in self.offers if offer.product_id),
        ]
        order = order_place(
            user=UserFactory(),
            items=items,
            country="DE",
            currency="EUR",
            idempotency_key=str(uuid4()),
            actor=None,
        )
        settled(sent(order))

    def subscribe(self, viewer: User, which: int, amount: int) -> None:
        active(self.plans[which % 2])

    def tip(self, viewer: User, which: int, amount: int) -> None:
        tip(viewer, self.performers[which % 2], 1 + amount % 60)

    def gift(self, viewer: User, which: int, amount: int) -> None:
        with acting(Role.VIEWER, user_id=viewer.pk):
            gift_send(
                viewer_id=viewer.pk,
                performer_id=self.performers[which % 2].pk,
                gift_item_id=self.rose.pk,
                idempotency_key=str(uuid4()),
                actor=viewer,
            )

    def reward(self, viewer: User, which: int, amount: int) -> None:
        redeem(viewer, self.rewards[which % 2])

    def ticket(self, viewer: User, which: int, amount: int) -> None:
        with acting(Role.VIEWER, user_id=viewer.pk):
            ticket_buy(
                viewer_id=viewer.pk,
                offer_id=self.offers[which % 2].pk,
                idempotency_key=str(uuid4()),
                actor=viewer,
            )

    def show(self, viewer: User, which: int, amount: int) -> None:
        owner = self.performers[which % 2]
        running = PrivateShow.objects.filter(Q(viewer=viewer) | Q(performer=owner), status="running")
        show = running.first() or running_show(owner, viewer, 5)
        private_show_minute_charge(private_show_id=show.pk, actor=None)

    def refund(self, viewer: User, which: int, amount: int) -> None:
        """The provider gives a part of a payment back, asked or not; sometimes more than there is."""
        if (payment := self._payment(which)) is not None:
            told(
                payment,
                FactKind.REFUND_SETTLED,
                self.told,
                amount=amount,
                refund_reference=f"re_{uuid4().hex}",
            )

    def lose(self, viewer: User, which: int, amount: int) -> None:
        """A dispute of a payment that is lost, with its fee."""
        if (payment := self._payment(which)) is not None:
            name = f"dp_{uuid4().hex[:12]}"
            some = min(amount, payment.amount)
            disputed(
                payment,
                DisputeStatus.NEEDS_RESPONSE,
                self.told,
                withdrawn(some, name=f"txn_{name}"),
                amount=some,
                name=name,
            )
            disputed(payment, DisputeStatus.LOST, self.told + 1, amount=some, name=name)

    def overpay(self, viewer: User, which: int, amount: int) -> None:
        """The provider took more than was asked: it stands in suspense and is no sale."""
        if (payment := self._payment(which)) is not None:
            total = payment.amount + amount
            told(payment, FactKind.PAYMENT_CAPTURED, self.told, amount=total, total=total)

    def reverse(self, viewer: User, which: int, amount: int) -> None:
        spends = list(TokenSpend.objects.filter(reversal__isnull=True).order_by("pk"))
        if spends:
            spend_reverse(spend_id=spends[which % len(spends)].pk, actor=None, reason="a mistake")

    def expire(self, viewer: User, which: int, amount: int) -> None:
        outdated(which)
        lots_expire()

    def fee(self, viewer: User, which: int, amount: int) -> None:
        fees, cash = opened(chart.provider_fees("EUR"), chart.cash("simulator", "EUR"))
        post(entry((fees, -amount, "EUR"), (cash, amount, "EUR"), kind=JournalKind.FEE))

    def adjust(self, viewer: User, which: int, amount: int) -> None:
        share, cash = opened(chart.platform_share("EUR"), chart.cash("simulator", "EUR"))
        post(entry((share, amount, "EUR"), (cash, -amount, "EUR")))

    def pay_out(self, viewer: User, which: int, amount: int) -> None:
        """What was earned is set aside; it was revenue before."""
        earned, reserve = opened(
            chart.earnings(self.performers[which % 2].pk, "EUR"),
            chart.payout_reserve(self.performers[which % 2].pk, "EUR"),
        )
        post(entry((earned, -amount, "EUR"), (reserve, amount, "EUR"), kind=JournalKind.PAYOUT))

    def _payment(self, which: int) -> Payment | None:
        found = list(Payment.objects.filter(captured_settled__gt=0).order_by("pk"))
        return found[which % len(found)] if found else None
