"""Polls: one ballot each, nothing after the end, and results that stay."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from engagement.interaction_choices import PollStatus
from engagement.interaction_errors import PollRefused, VoteRefused
from engagement.models import Poll, PollVote
from engagement.services.poll_votes import poll_vote_cast
from engagement.services.polls import poll_cancel, poll_close, poll_results, polls_close
from performers.models import PerformerProfile
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.billing.factories_wallets import performer, settled
from tests.engagement.interaction_data import as_her, as_viewer, blocked, poll_of, rewritten, vote
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def star() -> PerformerProfile:
    return performer()


def votes_of(poll: Poll) -> list[int]:
    return list(poll_results(poll_id=poll.pk).values())


def test_votes_are_counted_and_the_result_stays(star: PerformerProfile) -> None:
    poll = poll_of(star)
    for place in (1, 1, 3):
        vote(UserFactory(), poll, place)
    with as_viewer(UserFactory()):
        assert votes_of(poll) == [2, 0, 1]
    assert list(poll.choices.values_list("votes", flat=True)) == [None] * 3
    with as_her(star):
        poll_close(poll_id=poll.pk, actor=star.user)
    assert list(poll.choices.order_by("position").values_list("votes", flat=True)) == [2, 0, 1]
    assert votes_of(poll) == [2, 0, 1]


def test_one_vote_where_one_may_be_chosen(star: PerformerProfile) -> None:
    poll, viewer = poll_of(star), UserFactory()
    vote(viewer, poll, 1)
    for place in (1, 2):
        with pytest.raises(VoteRefused, match="already"):
            vote(viewer, poll, place)
    with pytest.raises(VoteRefused, match="may vote for 1"):
        vote(UserFactory(), poll, 1, 2)
    assert votes_of(poll) == [1, 0, 0]


def test_as_many_votes_as_may_be_chosen(star: PerformerProfile) -> None:
    poll, viewer = poll_of(star, most_choices=2), UserFactory()
    vote(viewer, poll, 1, 3)
    with pytest.raises(VoteRefused, match="already"):
        vote(viewer, poll, 2)
    with pytest.raises(VoteRefused, match="may vote for 2"):
        vote(UserFactory(), poll, 1, 2, 3)
    assert votes_of(poll) == [1, 0, 1]


def test_nothing_after_the_end(star: PerformerProfile) -> None:
    poll = poll_of(star)
    with as_her(star):
        poll_cancel(poll_id=poll.pk, actor=star.user)
    with pytest.raises(VoteRefused, match="is over"):
        vote(UserFactory(), poll, 1)
    other = poll_of(star)
    rewritten("engagement_poll", "closes_at = now() - interval '1 second'", other)
    with pytest.raises(VoteRefused, match="is over"):
        vote(UserFactory(), other, 1)
    assert (polls_close(), polls_close()) == (1, 0)
    other.refresh_from_db()
    assert other.status == PollStatus.CLOSED


def test_who_may_not_vote(star: PerformerProfile) -> None:
    poll = poll_of(star)
    away, barred = UserFactory(), UserFactory()
    blocked(star, away)
    RestrictionFactory(user=barred, kind="sign_in")
    with pytest.raises(VoteRefused, match="between the two of you"):
        vote(away, poll, 1)
    with pytest.raises(VoteRefused, match="Ask our support"):
        vote(barred, poll, 1)
    with pytest.raises(VoteRefused, match="of their own"):
        vote(star.user, poll, 1)
    mixed = [poll.choices.first().pk, poll_of(performer()).choices.first().pk]
    with pytest.raises(VoteRefused, match="one poll at a time"), as_viewer(away):
        poll_vote_cast(choice_ids=mixed, voter_id=away.pk, actor=away)
    with pytest.raises(VoteRefused, match="no such choice"), as_viewer(away):
        poll_vote_cast(choice_ids=[star.pk], voter_id=away.pk, actor=away)
    with pytest.raises(VoteRefused, match="Choose something"), as_viewer(away):
        poll_vote_cast(choice_ids=[], voter_id=away.pk, actor=away)
    assert not PollVote.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"choices": ["One"]}, "2 to 10"),
        ({"choices": [str(number) for number in range(11)]}, "2 to 10"),
        ({"choices": ["Same", "Same"]}, "are the same"),
        ({"choices": ["Red", " "]}, "is not blank"),
        ({"most_choices": 4}, "no more than there are"),
        ({"most_choices": 1.5}, "at least one choice"),
        ({"closes_at": timezone.now() - timedelta(minutes=1)}, "not at once"),
        ({"closes_at": timezone.now() + timedelta(days=8)}, "within 7 days"),
        ({"question": "a\u202eb"}, "direction marks"),
        ({"question": "NUL\0"}, "cannot be stored"),
    ],
)
def test_polls_that_make_no_sense(star: PerformerProfile, options: dict[str, Any], words: str) -> None:
    with pytest.raises(PollRefused, match=words):
        poll_of(star, **options)
    assert not Poll.objects.exists()


def test_one_poll_at_a_time(star: PerformerProfile) -> None:
    poll_of(star)
    with pytest.raises(PollRefused, match="a poll already"):
        poll_of(star)


def test_a_poll_without_choices_does_not_last(star: PerformerProfile) -> None:
    with refused("2 to 10 choices"), as_her(star):
        run(
            "INSERT INTO engagement_poll (id, performer_id, question, most_choices, status, closes_at) "
            "VALUES (uuidv7(), %s, 'Yes?', 1, 'open', now() + interval '1 hour')",
            [star.pk],
        )
        settled()


def test_raw_votes(star: PerformerProfile) -> None:
    poll, viewer, other = poll_of(star), UserFactory(), UserFactory()
    first, second, _ = poll.choices.order_by("position")
    cast = "INSERT INTO engagement_pollvote (id, choice_id, poll_id, performer_id, voter_id, ballot) "
    with as_viewer(viewer):
        for values, words in (
            (f"VALUES (uuidv7(), '{first.pk}', uuidv7(), uuidv7(), '{other.pk}', 1)", "blocks of their own"),
            (f"VALUES (uuidv7(), '{first.pk}', uuidv7(), uuidv7(), '{viewer.pk}', 2)", "may vote for 1"),
            (f"VALUES (uuidv7(), '{first.pk}', uuidv7(), uuidv7(), '{viewer.pk}', 0)", "may vote for 1"),
            (f"VALUES (uuidv7(), '{star.pk}', uuidv7(), uuidv7(), '{viewer.pk}', 1)", "no such choice"),
        ):
            with refused(words):
                run(cast + values)
        run(cast + f"VALUES (uuidv7(), '{first.pk}', uuidv7(), uuidv7(), '{viewer.pk}', 1)")
        with refused("pollvote_poll_voter_ballot_key"):
            run(cast + f"VALUES (uuidv7(), '{second.pk}', uuidv7(), uuidv7(), '{viewer.pk}', 1)")
        with refused("permission denied"):
            run("UPDATE engagement_pollvote SET choice_id = %s", [second.pk])
        with refused("permission denied"):
            run("DELETE FROM engagement_pollvote")
    found = PollVote.objects.get()
    assert (found.poll_id, found.performer_id) == (poll.pk, star.pk)


def test_nobody_learns_who_voted_and_nobody_adds_choices(star: PerformerProfile) -> None:
    poll, viewer = poll_of(star), UserFactory()
    vote(viewer, poll, 1)
    with as_viewer(viewer):
        assert PollVote.objects.count() == 1
    for stranger in (as_viewer(UserFactory()), as_her(star)):
        with stranger:
            assert PollVote.objects.count() == 0
    with as_her(star):
        for attack in (
            "UPDATE engagement_pollchoice SET votes = 9",
            "UPDATE engagement_poll SET question = 'x'",
        ):
            with refused("permission denied"):
                run(attack)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_poll SET status = status"
        )  # another row version, the same transaction
    with acting(Role.MODERATOR, user_id=star.pk):
        assert affected("UPDATE engagement_poll SET status = 'cancelled'") == 0
    with acting(Role.MODERATOR, user_id=viewer.pk), refused("row-level security"):
        run("UPDATE engagement_poll SET status = 'closed'")
