"""The messages of a marathon stand in its room, as many in each minute as the source counted, once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from analytics.datasets.marathons.chat_loading import marathon_messages_load
from analytics.datasets.marathons.curves import curves_of
from analytics.datasets.marathons.standing import DAY, Standing, marathon_standing, people_at_home
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_instant
from engagement.models import ChatMessage
from tests.analytics.marathons.loading import EVENT, PEOPLE, cut, marathon_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return marathon_of(
        cut(tmp_path, datetime(2019, 6, 29, 23, 30, tzinfo=UTC), datetime(2019, 6, 30, 0, 30, tzinfo=UTC))
    )


def load(standing: Standing, since: date, until: date) -> int:
    with acting(Role.WORKER):
        people = people_at_home(standing.stream.performer_id)
    assert len(people) == PEOPLE
    return marathon_messages_load(
        standing=standing, scale=Fraction(1), seed=1, since=since, until=until, people=people
    )


def test_every_minute_of_a_day_has_its_messages_and_a_second_run_adds_none(standing: Standing) -> None:
    first, end = standing.days
    assert end - first == timedelta(days=2)
    written = load(standing, first + DAY, end)
    said = Counter(
        uuid7_instant(pk).replace(second=0, microsecond=0)
        for pk in ChatMessage.objects.values_list("pk", flat=True)
    )
    wanted = {minute.at + standing.moved: minute.messages for minute in standing.curve.minutes}
    assert said == Counter({at: count for at, count in wanted.items() if at.date() == first + DAY})
    assert written == said.total() > 1_000
    assert load(standing, first + DAY, end) == 0
    assert ChatMessage.objects.count() == written
    assert load(standing, first, end) == sum(wanted.values()) - written


def test_a_marathon_that_was_not_brought_in_has_no_stream(tmp_path: Path) -> None:
    folder = cut(tmp_path, datetime(2019, 6, 29, tzinfo=UTC), datetime(2019, 6, 29, 1, tzinfo=UTC))
    with acting(Role.WORKER):
        assert marathon_standing(curves_of(folder)[EVENT]) is None
