"""Tickets and subscriptions as grounds of the watch decision: whoever is entitled meets the rule that asks for it."""

from django.db.models import Exists, OuterRef, Q

from billing.models import Entitlement
from streams.choices import AccessKind
from streams.watching import Ground, register_ground

# An archive is decided about together with the stream of which it is: who paid for the show sees its recordings.
ENTITLED = Entitlement.objects.filter(
    Q(stream_id=OuterRef("stream_id"))
    | Q(archive_id=OuterRef("archive_id"))
    | Q(stream__isnull=True, archive__isnull=True, subscription_period__isnull=True),
    user_id=OuterRef("viewer_id"),
    performer_id=OuterRef("performer_id"),
    valid__contains=OuterRef("at"),
)

register_ground(
    Ground(
        code="entitled",
        order=110,
        words="This is for people with a ticket.",
        permits=Exists(ENTITLED),
        audience=AccessKind.TICKET,
    )
)

# A subscription is to all of the performer, and so is what staff grant to all of her. It is no ticket.
SUBSCRIBED = Entitlement.objects.filter(
    user_id=OuterRef("viewer_id"),
    performer_id=OuterRef("performer_id"),
    stream__isnull=True,
    archive__isnull=True,
    valid__contains=OuterRef("at"),
)

register_ground(
    Ground(
        code="subscribed",
        order=111,
        words="This is for subscribers of this performer.",
        permits=Exists(SUBSCRIBED),
        audience=AccessKind.SUBSCRIBERS,
    )
)
