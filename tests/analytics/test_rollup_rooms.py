"""The rooms of roll-ups and rejections, and the commands."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from analytics.models import PlaybackRejection, RollupSource, RollupState
from core.db.roles import Role
from tests.analytics.playback_data import broadcast, event, morning, play_at, record
from tests.browser import Browser

pytestmark = pytest.mark.django_db

MODELS = (RollupState, RollupSource, PlaybackRejection)
SEES = (Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR)


def fill(rows: int) -> None:
    for number in range(rows):
        RollupState.objects.create(name=f"of_test_{number}", caught_up_at=timezone.now())
        RollupSource.objects.create(
            source="tests", rollup=f"of_test_{number}", grain="day", words="Whatever it is."
        )
        record([event(play_at(morning()), broadcast(), uuid4(), 0, 0)])


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: Callable[..., Browser], rows: int, django_assert_max_num_queries: Any
) -> None:
    fill(rows)
    analyst = staff_client(Role.ANALYST)
    for model in MODELS:
        with django_assert_max_num_queries(13):
            page = analyst.get(reverse(f"admin:analytics_{model._meta.model_name}_changelist"))
        assert page.status_code == 200, model


@pytest.mark.parametrize("role", SEES)
def test_pages_open_and_offer_no_change(staff_client: Callable[..., Browser], role: Role) -> None:
    fill(1)
    browser = staff_client(role)
    for model in MODELS:
        row = model.objects.order_by("-pk").first()
        page = browser.get(reverse(f"admin:analytics_{model._meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200, model
        assert 'name="_save"' not in page.content.decode()


def test_the_page_of_a_roll_up_says_what_waits_and_from_what_it_is_counted(
    staff_client: Callable[..., Browser],
) -> None:
    record([event(play_at(morning()), broadcast(), uuid4(), 1, 0) for _ in range(3)])
    state = RollupState.objects.get_or_create(name="viewer_session")[0]
    RollupSource.objects.create(source="tests", rollup="viewer_session", grain="day", words="Whatever it is.")
    page = staff_client(Role.ANALYST).get(reverse("admin:analytics_rollupstate_change", args=[state.pk]))
    text = page.content.decode()
    assert "Whatever it is." in text
    assert ">3<" in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.FINANCE])
def test_others_do_not_see_them(staff_client: Callable[..., Browser], role: Role) -> None:
    for model in MODELS:
        page = staff_client(role).get(reverse(f"admin:analytics_{model._meta.model_name}_changelist"))
        assert page.status_code == 403, model


def told(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_commands_say_what_they_would_do_and_what_is_refused() -> None:
    record([event(play_at(morning()), broadcast(), uuid4(), 1, 0)])
    assert "viewer_session: 1 buckets wait" in told("rollups_run", dry_run=True)
    assert "Salts to destroy: 0." in told("playback_salts_destroy", dry_run=True)
    day = morning().date().isoformat()
    with pytest.raises(CommandError, match="ends"):
        told("rollup_rebuild", "viewer_session", day, day, reason="A test")
    with pytest.raises(CommandError, match="There is no roll-up 'nothing'"):
        told("rollup_rebuild", "nothing", day, day, reason="A test")
    with pytest.raises(CommandError, match="400 days at most"):
        told("rollup_rebuild", "viewer_session", "2016-11-22", "2026-11-22", reason="A test")
