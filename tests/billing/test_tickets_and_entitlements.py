"""Tickets, what they open, and what ends them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.errors import EntitlementRefused, SoldOut, SpendRefused, TicketOfferRefused
from billing.models import Entitlement, TicketOffer, TokenSpend
from billing.services.entitlements import entitlement_grant, entitlement_revoke
from billing.services.spend_reversals import spend_reverse
from billing.services.tickets import ticket_buy, ticket_offer_close, ticket_offer_open
from core.db.context import acting
from core.db.roles import Role
from streams.models import Stream
from streams.watching import WatchDecision, watch_decision
from tests.accounts.factories import UserFactory, staff
from tests.billing.factories_wallets import assert_proven, granted, left, performer
from tests.billing.tickets import offered, stream_of
from tests.streams.factories_watching import demand
from tests.streams.factories_watching import stream as make_stream

pytestmark = pytest.mark.django_db


def buy(offer: TicketOffer, viewer: User, key: str = "") -> TokenSpend:
    with acting(Role.VIEWER, user_id=viewer.pk):
        return ticket_buy(
            offer_id=offer.pk, viewer_id=viewer.pk, idempotency_key=key or str(uuid4()), actor=viewer
        )


def decision(stream: Stream, viewer: User, role: Role = Role.VIEWER) -> WatchDecision:
    with acting(role, user_id=viewer.pk):
        return watch_decision(viewer_id=viewer.pk, stream_id=stream.pk, country="PT")


@pytest.fixture
def live() -> Stream:
    """On air, and for people with a ticket alone."""
    stream = make_stream(status="live")
    demand(stream, "ticket")
    return stream


def test_a_ticket_opens_the_stream_until_it_is_taken_back(live: Stream) -> None:
    viewer, stranger = granted(30), UserFactory()
    with acting(Role.PERFORMER, user_id=live.performer_id):
        offer = ticket_offer_open(stream_id=live.pk, capacity=2, tokens=30, actor=live.performer.user)
    assert decision(live, viewer).reason == "ticket_only"
    spend = buy(offer, viewer)
    assert decision(live, viewer).allowed
    assert decision(live, stranger).reason == "ticket_only"
    assert TicketOffer.objects.get().sold == 1
    spend_reverse(spend_id=spend.pk, actor=None, reason="the show was cancelled")
    assert decision(live, viewer).reason == "ticket_only"
    ticket = Entitlement.objects.get()
    assert (ticket.revocation, ticket.spend_id) == ("reversal", spend.pk)
    assert TicketOffer.objects.get().sold == 0
    assert left(viewer) == [("promotional", 30, 0)]
    assert_proven()


def test_the_decision_takes_two_queries_still(live: Stream) -> None:
    viewer = granted(10)
    with acting(Role.VIEWER, user_id=viewer.pk), CaptureQueriesContext(connection) as asked:
        watch_decision(viewer_id=viewer.pk, stream_id=live.pk, country="PT")
    assert len(asked) == 2


@pytest.mark.parametrize(
    "role", [Role.PERFORMER, Role.SUPPORT, Role.MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER]
)
def test_every_role_that_asks_reads_the_ground(live: Stream, role: Role) -> None:
    viewer = granted(10)
    entitlement_grant(user_id=viewer.pk, stream_id=live.pk, actor=staff(Role.SUPPORT), reason="a prize")
    assert decision(live, viewer, role).allowed


def test_what_a_ticket_needs(live: Stream) -> None:
    viewer = granted(100)
    offer = offered(capacity=1, tokens=10)
    first = buy(offer, viewer, "again")
    assert buy(offer, viewer, "again") == first
    with pytest.raises(SpendRefused, match="ticket already"):
        buy(offer, viewer)
    with pytest.raises(SoldOut):
        buy(offer, granted(10))
    other = offered(owner=performer())
    with acting(Role.PERFORMER, user_id=other.performer_id):
        ticket_offer_close(offer_id=other.pk, actor=None)
        with pytest.raises(TicketOfferRefused, match="closed already"):
            ticket_offer_close(offer_id=other.pk, actor=None)
    with pytest.raises(SoldOut):
        buy(other, viewer)
    assert_proven()


@pytest.mark.parametrize(
    "options", [{"capacity": 0}, {"capacity": -1}, {"capacity": 1.5}, {"tokens": 0}, {"tokens": None}]
)
def test_offers_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(TicketOfferRefused):
        offered(**options)


def test_nobody_offers_tickets_to_somebody_elses_stream() -> None:
    owner, other = performer(), performer()
    stream = stream_of(owner)
    with (
        acting(Role.PERFORMER, user_id=other.pk),
        pytest.raises(Exception, match="row-level security|no such"),
        transaction.atomic(),
    ):
        ticket_offer_open(stream_id=stream.pk, capacity=1, tokens=1, actor=other.user)
    assert not TicketOffer.objects.exists()


def test_the_database_sells_no_more_than_there_are() -> None:
    offer = offered(capacity=1)
    with pytest.raises(IntegrityError, match="billing_ticketoffer_sold_check"), transaction.atomic():
        TicketOffer.objects.filter(pk=offer.pk).update(sold=2)


def test_staff_grant_and_revoke(live: Stream) -> None:
    viewer, support = UserFactory(), staff(Role.SUPPORT)
    row = entitlement_grant(user_id=viewer.pk, performer_id=live.performer_id, actor=support, reason="press")
    assert decision(live, viewer).allowed
    with pytest.raises(EntitlementRefused, match="already"):
        entitlement_grant(user_id=viewer.pk, performer_id=live.performer_id, actor=support, reason="press")
    entitlement_revoke(entitlement_id=row.pk, actor=support, reason="press is over")
    assert decision(live, viewer).reason == "ticket_only"
    with pytest.raises(EntitlementRefused, match="ended"):
        entitlement_revoke(entitlement_id=row.pk, actor=support, reason="press is over")
    row.refresh_from_db()
    assert (row.revocation, row.revoked_by) == ("staff", support)


def test_grants_that_are_refused(live: Stream) -> None:
    support = staff(Role.SUPPORT)
    viewer = UserFactory()
    for options in (
        {"user_id": support.pk, "stream_id": live.pk},
        {"user_id": viewer.pk},
        {"user_id": viewer.pk, "stream_id": live.pk, "performer_id": live.performer_id},
        {"user_id": viewer.pk, "stream_id": uuid4()},
        {"user_id": uuid4(), "stream_id": live.pk},
        {"user_id": live.performer_id, "stream_id": live.pk},
        {"user_id": viewer.pk, "stream_id": live.pk, "until": timezone.now() - timedelta(days=1)},
    ):
        with pytest.raises(EntitlementRefused):
            entitlement_grant(actor=support, reason="press", **options)
    assert not Entitlement.objects.exists()
