"""Offers of tickets, and private shows, for the tests."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from billing.models import TicketOffer
from billing.services.tickets import ticket_offer_open
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.models import PrivateShow, Stream
from tests.billing.factories_wallets import performer, settled


def stream_of(owner: PerformerProfile) -> Stream:
    """A planned stream."""
    return Stream.objects.create(performer=owner, title="The big show")


def offered(owner: PerformerProfile | None = None, **options: Any) -> TicketOffer:
    """Tickets on sale, by the performer herself."""
    owner = owner or performer()
    stream = stream_of(owner)
    with acting(Role.PERFORMER, user_id=owner.pk):
        return ticket_offer_open(
            stream_id=stream.pk, actor=owner.user, **{"capacity": 10, "tokens": 10, **options}
        )


def running_show(owner: PerformerProfile, viewer: User, rate: int) -> PrivateShow:
    """A private show that has begun, as the owner writes it."""
    from django.db import connection

    show = PrivateShow.objects.create(performer=owner, viewer=viewer, tokens_per_minute=rate)
    settled()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE streams_privateshow DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE streams_privateshow SET status = 'running', started_at = %s WHERE id = %s",
            [timezone.now(), show.pk],
        )
    settled()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE streams_privateshow ENABLE TRIGGER USER")
    return PrivateShow.objects.get(pk=show.pk)
