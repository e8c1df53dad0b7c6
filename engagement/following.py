"""What follows are for: who of those whom I follow is on air, and whom to tell that a performer is."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from engagement.models import Follow, Mute
from engagement.tie_choices import NotifyLevel
from streams.choices import Visibility
from streams.models import Stream, StreamCategory

FEED = 50
BATCH = 1_000


def followed_and_live(*, viewer_id: UUID, limit: int = FEED, after: UUID | None = None) -> QuerySet[Stream]:
    """Public streams on air now of performers whom the viewer follows, the newest first; `after`: the last one seen.

    Muted performers, and streams of a muted category, are left out. Follows are read from one index, and for each the
    one stream that is on air: what it costs follows from how many one follows, never from how many stream.
    """
    muted = Mute.objects.in_force().filter(muter_id=viewer_id)
    categories = StreamCategory.objects.filter(
        stream_id=OuterRef("pk"), category_id__in=muted.filter(category__isnull=False).values("category_id")
    )
    found = (
        Stream.objects.live()
        .filter(
            visibility=Visibility.PUBLIC,
            performer__followers__user_id=viewer_id,
            performer__followers__ended_at__isnull=True,
        )
        .exclude(Exists(muted.filter(person_id=OuterRef("performer_id"))))
        .exclude(Exists(categories))
        .order_by("-pk")
    )
    return (found if after is None else found.filter(pk__lt=after))[:limit]


def followers_to_tell(
    *,
    performer_id: UUID,
    levels: Sequence[NotifyLevel] = (NotifyLevel.ALL, NotifyLevel.LIVE),
    limit: int = BATCH,
    after: UUID | None = None,
) -> list[tuple[UUID, UUID]]:
    """The next followers of a performer who want to hear of this, as (follow, person), by the key of the follow.

    `after` is the key of the last follow of the batch before. Who muted her is left out. One query, from one index;
    as the worker, or as the performer herself.
    """
    muted = Mute.objects.in_force().filter(muter_id=OuterRef("user_id"), person_id=performer_id)
    rows = (
        Follow.objects.in_force()
        .filter(performer_id=performer_id, notify__in=levels)
        .exclude(Exists(muted))
        .order_by("pk")
    )
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.values_list("pk", "user_id")[:limit])


def followers_in_batches(
    *,
    performer_id: UUID,
    levels: Sequence[NotifyLevel] = (NotifyLevel.ALL, NotifyLevel.LIVE),
    batch: int = BATCH,
) -> Iterator[list[UUID]]:
    """Everybody to tell, in batches; whoever follows meanwhile is in the last one."""
    after: UUID | None = None
    while rows := followers_to_tell(performer_id=performer_id, levels=levels, limit=batch, after=after):
        yield [user_id for _, user_id in rows]
        after = rows[-1][0]


def follows(*, person_id: UUID, performer_id: UUID) -> Follow | None:
    """The follow of a performer by a person that lasts, None without one. Its `created_at` says since when."""
    return Follow.objects.in_force().filter(user_id=person_id, performer_id=performer_id).first()
