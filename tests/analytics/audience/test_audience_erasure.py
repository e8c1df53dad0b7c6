"""What goes when a person is erased, what retention takes, and what the person is given."""

import datetime as dt

import pytest
from django.core.management import call_command

from analytics.models import ViewerActivityDay, ViewerPerformerDay
from core.db.context import acting
from core.db.roles import Role
from core.erasure import erasers
from tests.accounts.factories import UserFactory, staff
from tests.analytics.audience.audience_data import YESTERDAY, compute, erased, play, stream
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def test_an_erased_person_leaves_no_day() -> None:
    gone, other, one = UserFactory.create(), UserFactory.create(), stream()
    for person in (gone, other):
        play(one, person.pk, YESTERDAY, by=person)
    compute("viewer_performer_day", (one.performer_id, YESTERDAY))
    (eraser,) = (each for each in erasers() if each.name == "audience")
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        before = eraser.survey(gone.pk)
        with refused("not erased"):
            eraser.erase(gone.pk)
    assert [line.rows for line in before.destroyed] == [1, 1]
    erased(gone)
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        assert eraser.erase(gone.pk) == before
        assert [line.rows for line in eraser.erase(gone.pk).destroyed] == [0, 0]
    assert ViewerActivityDay.objects.get().user_id == ViewerPerformerDay.objects.get().viewer_id == other.pk


def test_retention_takes_days_of_more_than_thirteen_months_ago() -> None:
    fan, one = UserFactory.create(), stream()
    insert = (
        "INSERT INTO analytics_viewerperformerday (id, viewer_id, performer_id, day, watched_seconds, messages, tips, "
        "tip_tokens, last_seen_at) VALUES (uuidv7(), %s, %s, %s, 1, 0, 0, 0, now())"
    )
    for days in (390, 410):
        run(insert, [fan.pk, one.performer_id, YESTERDAY - dt.timedelta(days=days)])
    call_command("retention_run", "--table", "analytics_viewerperformerday", verbosity=0)
    assert ViewerPerformerDay.objects.get().day == YESTERDAY - dt.timedelta(days=390)
