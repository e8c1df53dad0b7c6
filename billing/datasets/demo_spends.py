"""A few of everything else for the demo: gifts, tickets and a private show, by the services as those who would do it."""

from typing import Any

from accounts.choices import UserStatus
from accounts.models import User
from billing.catalogue_choices import ProductKind
from billing.models import GiftItem, Product, TicketOffer, TokenSpend
from billing.services.gifts import gift_send
from billing.services.private_show_minutes import private_show_minute_charge
from billing.services.tickets import ticket_buy, ticket_offer_open
from billing.services.wallets import as_worker, tokens_grant
from billing.wallet_choices import SpendKind
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.demo import admitted
from performers.models import PerformerProfile
from streams.services.broadcasts import stream_schedule
from streams.services.private_shows import (
    private_show_accept,
    private_show_begin,
    private_show_end,
    private_show_request,
)

VIEWERS = 12
WELCOME = 1_000
SEATS = 8
RATE = 60
MINUTES = 3
GIFTS = (("rose", "Rose", 25), ("fireworks", "Fireworks", 150))
"""Made where the catalogue of the demo has none."""


def demo_spends_load() -> str:
    """Welcome tokens, gifts, tickets and a private show; run again, it changes nothing."""
    if TokenSpend.objects.exclude(kind=SpendKind.TIP).exists():
        return "there before"
    found = admitted(2)
    with as_worker(None):
        viewers = list(
            User.objects.filter(status=UserStatus.ACTIVE, performer_profile__isnull=True).order_by("pk")[
                :VIEWERS
            ]
        )
    if len(found) < 2 or not viewers:
        return "nobody to spend, or to spend on"
    star, other = found
    for viewer in viewers:
        tokens_grant(user_id=viewer.pk, tokens=WELCOME, actor=None, reason="Welcome to the platform.")
    gifts = _gifts(star, viewers)
    tickets = _tickets(other, viewers)
    minutes = _private_show(star, viewers[0])
    return f"{gifts} gifts, {tickets} tickets, {minutes} minutes of a private show"


def _items() -> list[GiftItem]:
    """The gifts of the catalogue, made where there are none."""
    with as_worker(None):
        if not GiftItem.objects.exists():
            for code, name, tokens in GIFTS:
                product = Product(code=f"gift_{code}", kind=ProductKind.GIFT, name=name)
                product.save(force_insert=True)
                GiftItem(product=product, tokens=tokens).save(force_insert=True)
        return list(GiftItem.objects.filter(product__is_offered=True).order_by("tokens")[:2])


def _as(viewer: User) -> Any:
    return acting(Role.VIEWER, user_id=viewer.pk)


def _gifts(star: PerformerProfile, viewers: list[User]) -> int:
    items = _items()
    for number, viewer in enumerate(viewers):
        with _as(viewer):
            gift_send(
                viewer_id=viewer.pk,
                performer_id=star.pk,
                gift_item_id=items[number % len(items)].pk,
                quantity=1 + number % 3,
                idempotency_key="demo gift",
                actor=viewer,
            )
    return len(viewers)


def _tickets(star: PerformerProfile, viewers: list[User]) -> int:
    with acting(Role.PERFORMER, user_id=star.pk):
        stream = stream_schedule(
            performer_id=star.pk, title="An evening for few", actor=star.user, language="en"
        )
        offer: TicketOffer = ticket_offer_open(
            stream_id=stream.pk, capacity=SEATS, tokens=200, actor=star.user
        )
    sold = 0
    for viewer in viewers:
        try:
            with _as(viewer):
                ticket_buy(
                    offer_id=offer.pk, viewer_id=viewer.pk, idempotency_key="demo ticket", actor=viewer
                )
            sold += 1
        except Refused:
            continue  # there are fewer seats than viewers
    return sold


def _private_show(star: PerformerProfile, viewer: User) -> int:
    with _as(viewer):
        show = private_show_request(
            performer_id=star.pk, viewer_id=viewer.pk, tokens_per_minute=RATE, actor=viewer
        )
    with acting(Role.PERFORMER, user_id=star.pk):
        private_show_accept(private_show_id=show.pk, actor=star.user)
        private_show_begin(private_show_id=show.pk, actor=star.user)
    for _ in range(MINUTES):
        private_show_minute_charge(private_show_id=show.pk, actor=None)
    with _as(viewer):
        private_show_end(private_show_id=show.pk, actor=viewer)
    return MINUTES
