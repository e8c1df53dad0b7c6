"""Tickets as a ground of the watch decision: whoever is entitled meets the rule that asks for one."""

from django.db.models import Exists, OuterRef, Q

from billing.models import Entitlement
from streams.choices import AccessKind
from streams.watching import Ground, register_ground

# An archive is decided about together with the stream of which it is: who paid for the show sees its recordings.
ENTITLED = Entitlement.objects.filter(
    Q(stream_id=OuterRef("stream_id"))
    | Q(archive_id=OuterRef("archive_id"))
    | Q(stream__isnull=True, archive__isnull=True),
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
