"""The watch decision asks blocks and follows, as the viewer and as staff who explain."""

from typing import Any

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from engagement.services.blocks import block_place
from engagement.services.follows import follow_end
from streams.choices import AccessKind
from streams.watching import watch_decision
from tests.accounts.factories import staff
from tests.engagement.ties_data import as_person, follow, performer, stream, viewer
from tests.streams.factories_watching import demand

pytestmark = pytest.mark.django_db


def decide(person: User | None, **asked: Any) -> Any:
    """Ask as the public site does."""
    with acting(Role.VIEWER, user_id=person.pk if person else None):
        return watch_decision(viewer_id=person.pk if person else None, **asked)


def test_a_block_refuses_whoever_placed_it(django_assert_max_num_queries: Any) -> None:
    star, blocked, blocker, other = performer(), viewer(), viewer(), viewer()
    live = stream(star)
    with as_person(star, Role.PERFORMER):
        block_place(person_id=blocked.pk, actor=star.user)
    with as_person(blocker):
        block_place(person_id=star.pk, actor=blocker)
    for person in (blocked, blocker):
        decision = decide(person, stream_id=live.pk)
        assert (decision.allowed, decision.reason) == (False, "blocked")
        # Nobody learns who blocked whom.
        assert decision.words == "You cannot watch this performer."
    assert decide(other, stream_id=live.pk).allowed
    assert decide(None, stream_id=live.pk).allowed
    assert decide(star.user, stream_id=live.pk).allowed
    with acting(Role.VIEWER, user_id=other.pk), django_assert_max_num_queries(2):
        watch_decision(viewer_id=other.pk, stream_id=live.pk)


def test_followers_meet_the_rule_for_followers() -> None:
    star, fan, other = performer(), viewer(), viewer()
    live = stream(star)
    demand(live, AccessKind.FOLLOWERS)
    follow(fan, star)
    assert decide(fan, stream_id=live.pk).allowed
    for person in (other, None):
        assert decide(person, stream_id=live.pk).reason == "followers_only"
    with as_person(fan):
        follow_end(performer_id=star.pk, actor=fan)
    assert decide(fan, stream_id=live.pk).reason == "followers_only"


@pytest.mark.parametrize(
    "role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR]
)
def test_staff_who_explain_get_the_same_answer(role: Role) -> None:
    star, fan, blocked = performer(), viewer(), viewer()
    live = stream(star)
    demand(live, AccessKind.FOLLOWERS)
    follow(fan, star)
    with as_person(star, Role.PERFORMER):
        block_place(person_id=blocked.pk, actor=star.user)
    with acting(role, user_id=staff(role).pk):
        assert watch_decision(viewer_id=fan.pk, stream_id=live.pk).allowed
        answers = {
            answer.code: answer.refuses
            for answer in watch_decision(viewer_id=blocked.pk, stream_id=live.pk).answers
        }
    assert answers["blocked"] is True
