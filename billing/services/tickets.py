"""Tickets: offers of them, and their sale for tokens."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from billing.errors import SoldOut, SpendRefused, TicketOfferRefused
from billing.models import Entitlement, TicketOffer, TokenSpend
from billing.models.ticket_offer import ON_SALE
from billing.services.entitlements import entitlement_give
from billing.services.spends import Wish, spend_before, spend_tokens, wallet_of_spender
from billing.services.wallets import as_worker
from billing.wallet_announcements import ticket_offer_closed, ticket_offer_opened
from billing.wallet_choices import EntitlementSource, SpendKind
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from streams.models import Stream


@transaction.atomic
def ticket_offer_open(
    *,
    stream_id: UUID,
    capacity: int,
    actor: User | None,
    tokens: int | None = None,
    product_id: UUID | None = None,
) -> TicketOffer:
    """Put tickets to a stream on sale: for tokens, for money by a product, or for either. For its performer.

    That only people with a ticket may watch is a rule of access of the stream, made apart.
    Raises: TicketOfferRefused (no such stream of one's own, no price, a number that makes no sense, tickets to it are on
    sale already). Announces: `ticket_offer_opened`.
    """
    stream = Stream.objects.filter(pk=stream_id).first()
    if stream is None:
        raise TicketOfferRefused("There is no such stream.")
    for number in (capacity, tokens):
        if number is not None and type(number) is not int:
            raise TicketOfferRefused("Tickets and tokens are counted in whole numbers.")
    offer = TicketOffer(
        stream=stream,
        performer_id=stream.performer_id,
        capacity=capacity,
        tokens=tokens,
        product_id=product_id,
    )
    with refused_as(TicketOfferRefused):
        offer.save(force_insert=True)
    ticket_offer_opened.send(sender=TicketOffer, actor=actor, subject=offer)
    return offer


@transaction.atomic
def ticket_offer_close(
    *, offer_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> TicketOffer:
    """Sell no more tickets; those sold stay good. Locks: the offer.

    Raises: TicketOfferRefused (closed already), NotThere, StaleVersion. Announces: `ticket_offer_closed`.
    """
    offer = locked(TicketOffer, offer_id, expected_version=expected_version)
    if offer.closed_at is not None:
        raise TicketOfferRefused("This sale is closed already.")
    offer.closed_at = database_now()
    with refused_as(TicketOfferRefused):
        offer.save(update_fields=["closed_at"])
    ticket_offer_closed.send(
        sender=TicketOffer, actor=actor, subject=offer, reason=reason, changed=("closed_at",)
    )
    return offer


def seat_take(offer_id: UUID) -> None:
    """Take one ticket of an offer, if there is one left: the database decides, however many want it at once.

    Locks: the offer, until the transaction ends. Raises SoldOut.
    """
    left = TicketOffer.objects.filter(ON_SALE, pk=offer_id, sold__lt=F("capacity"))
    if not left.update(sold=F("sold") + 1):
        raise SoldOut("There is no ticket left.")


def seat_give_back(offer_id: UUID) -> None:
    """Give a ticket back, so that somebody else can buy it."""
    TicketOffer.objects.filter(pk=offer_id, sold__gt=0).update(sold=F("sold") - 1)


@transaction.atomic
def ticket_buy(*, offer_id: UUID, viewer_id: UUID, idempotency_key: str, actor: User | None) -> TokenSpend:
    """Buy a ticket with tokens: the viewer is entitled to the stream and its recordings from now on.

    Locks: the viewer's wallet, then the offer. Raises: SoldOut, SpendRefused (not for tokens, has one already, and as
    `tip_send`), TokensRefused, TooFewTokens, RevenueShareRefused.
    """
    with as_worker(actor):
        offer = TicketOffer.objects.filter(pk=offer_id).first()
        if offer is None or offer.tokens is None:
            raise SpendRefused("There is no such ticket for tokens.")
        wish = Wish(
            viewer_id=viewer_id,
            performer_id=offer.performer_id,
            kind=SpendKind.TICKET,
            tokens=offer.tokens,
            key=idempotency_key,
            stream_id=offer.stream_id,
            ticket_offer_id=offer.pk,
        )
        wallet_of_spender(viewer_id)
        if (before := spend_before(wish)) is not None:
            return before
        has_one = Entitlement.objects.in_force().filter(user_id=viewer_id, stream_id=offer.stream_id)
        if has_one.exists():
            raise SpendRefused("You have a ticket already.")
        seat_take(offer.pk)
        spend = spend_tokens(wish=wish, actor=actor)
        entitlement_give(
            user_id=viewer_id,
            source=EntitlementSource.TICKET,
            since=spend.spent_at,
            performer_id=offer.performer_id,
            stream_id=offer.stream_id,
            spend=spend,
        )
        return spend
