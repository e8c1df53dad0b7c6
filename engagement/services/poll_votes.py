"""Votes: one ballot of a person, for as many choices as the poll allows."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from engagement.interaction_errors import VoteRefused
from engagement.models import PollChoice, PollVote


@transaction.atomic
def poll_vote_cast(*, choice_ids: Sequence[UUID], voter_id: UUID, actor: User | None) -> list[PollVote]:
    """Vote for choices of one poll, all at once and once for all. `actor` is the voter.

    Locks: the poll, shared with other voters, until the transaction ends. Raises: VoteRefused (voted already, the poll
    is over, too many choices, of several polls, unknown, blocked, barred, a poll of one's own).
    """
    wanted = list(dict.fromkeys(choice_ids))
    if not wanted:
        raise VoteRefused("Choose something to vote for.")
    choices = PollChoice.objects.in_bulk(wanted)
    if len(choices) < len(wanted):
        raise VoteRefused("There is no such choice.")
    if len({choice.poll_id for choice in choices.values()}) > 1:
        raise VoteRefused("Vote in one poll at a time.")
    votes = [
        PollVote(
            poll_id=choices[choice_id].poll_id,
            performer_id=choices[choice_id].performer_id,
            choice_id=choice_id,
            voter_id=voter_id,
            ballot=ballot,
        )
        for ballot, choice_id in enumerate(wanted, 1)
    ]
    with refused_as(VoteRefused):
        PollVote.objects.bulk_create(votes)
    return votes
