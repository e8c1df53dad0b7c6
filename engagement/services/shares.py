"""Passing something on."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from engagement.errors import ShareRefused
from engagement.models import Share
from engagement.tie_choices import ShareChannel


@transaction.atomic
def share_make(
    *,
    actor: User,
    channel: ShareChannel | str,
    performer_id: UUID | None = None,
    stream_id: UUID | None = None,
    archive_id: UUID | None = None,
) -> Share:
    """Make the link by which the acting person passes on a performer, a stream or an archive.

    Locks: the person against erasure. Raises: ShareRefused (not exactly one, no such channel, not there, blocked).
    """
    given = {"performer_id": performer_id, "stream_id": stream_id, "archive_id": archive_id}
    target = {name: value for name, value in given.items() if value is not None}
    if len(target) != 1:
        raise ShareRefused("One passes on one performer, one stream, or one archive.")
    if channel not in ShareChannel.values:
        raise ShareRefused(f"One shares by {', '.join(ShareChannel.values)}, not by {channel!r}.")
    share = Share(user=actor, channel=ShareChannel(channel), **target)
    with refused_as(ShareRefused):
        share.save(force_insert=True)
    return share
