"""Reactions to streams and archives: one of a kind from each person."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from engagement.errors import ReactionRefused
from engagement.models import Reaction, ReactionKey
from engagement.tie_choices import CounterSubject, ReactionKind


def _target(stream_id: UUID | None, archive_id: UUID | None) -> tuple[CounterSubject, UUID]:
    """Raises ReactionRefused unless exactly one is given."""
    if stream_id is not None and archive_id is None:
        return CounterSubject.STREAM, stream_id
    if archive_id is not None and stream_id is None:
        return CounterSubject.ARCHIVE, archive_id
    raise ReactionRefused("One reacts to one stream or one archive.")


def _kind(kind: ReactionKind | str) -> ReactionKind:
    try:
        return ReactionKind(kind)
    except ValueError:
        raise ReactionRefused(
            f"One reacts with {', '.join(ReactionKind.values)}, not with {kind!r}."
        ) from None


@transaction.atomic
def reaction_give(
    *, actor: User, kind: ReactionKind | str, stream_id: UUID | None = None, archive_id: UUID | None = None
) -> Reaction:
    """Let the acting person react to a stream or an archive, in each kind once.

    Locks: the person against erasure, and the place of the reaction against a second one at the same moment. Raises:
    ReactionRefused (not exactly one, no such kind, not there, given already, one's own, blocked).
    """
    target_type, target = _target(stream_id, archive_id)
    reaction = Reaction(user=actor, target_type=target_type, target=target, kind=_kind(kind))
    with refused_as(ReactionRefused):
        reaction.save(force_insert=True)
    return reaction


@transaction.atomic
def reaction_take_back(
    *, actor: User, kind: ReactionKind | str, stream_id: UUID | None = None, archive_id: UUID | None = None
) -> None:
    """Take the acting person's reaction back.

    Locks: the reaction; its key goes with it. Raises: ReactionRefused (not exactly one, no such kind, not given).
    """
    _, target = _target(stream_id, archive_id)
    reaction_id = (
        ReactionKey.objects.filter(user=actor, target=target, kind=_kind(kind))
        .values_list("reaction", flat=True)
        .first()
    )
    # The id leads to the one partition that holds it.
    if reaction_id is None or not Reaction.objects.filter(pk=reaction_id, user=actor).delete()[0]:
        raise ReactionRefused("You have not reacted like this.")
