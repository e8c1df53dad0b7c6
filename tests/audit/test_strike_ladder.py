"""The ladder of strikes: services, attacks, and its room."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from audit.errors import LadderRefused
from audit.models import StrikeLadderStep
from audit.services.strike_ladder import ladder_step_add, ladder_step_change, ladder_step_retire
from core.db.context import acting
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.factories import staff
from tests.browser import Browser
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
LIST = "admin:audit_strikeladderstep_changelist"
FREE = 777
"""Points at which no step of the platform begins."""


@pytest.fixture
def leah(db: None) -> User:
    return staff(Role.LEAD_MODERATOR)


def add(leah: User, points: int = FREE, **options: object) -> StrikeLadderStep:
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        return ladder_step_add(points=points, actor=leah, **{"action": "suspend", **options})  # type: ignore[arg-type]


def test_added_changed_retired_and_begun_anew(leah: User) -> None:
    step = add(leah, lasts=timedelta(days=30))
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        ladder_step_change(
            step_id=step.pk, points=FREE + 1, action="bar_chat", actor=leah, reason="Too harsh.", lasts=None
        )
        ladder_step_retire(step_id=step.pk, actor=leah, reason="Never used.")
        with pytest.raises(LadderRefused, match="retired"):
            ladder_step_retire(step_id=step.pk, actor=leah, reason="Never used.")
    kept = StrikeLadderStep.objects.get(pk=step.pk)
    assert (kept.points, kept.action, kept.lasts, kept.is_active) == (FREE + 1, "bar_chat", None, False)
    assert StrikeLadderStep.history.filter(id=step.pk).count() == 3
    add(leah, points=FREE + 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"points": 0}, "1 to 1,000 points"),
        ({"points": 1001}, "1 to 1,000 points"),
        ({"action": "warn", "lasts": timedelta(days=1)}, "does not last"),
        ({"lasts": timedelta(minutes=1)}, "an hour to five years"),
    ],
)
def test_what_makes_no_sense_is_refused(leah: User, options: dict, words: str) -> None:
    with pytest.raises(LadderRefused, match=words):
        add(leah, **options)


def test_two_steps_do_not_begin_at_the_same_points(leah: User) -> None:
    add(leah)
    with pytest.raises(LadderRefused, match="already"):
        add(leah)


def test_a_stale_form_changes_nothing(leah: User) -> None:
    step = add(leah)
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        ladder_step_retire(step_id=step.pk, actor=leah, reason="Never used.")
        with pytest.raises(StaleVersion):
            ladder_step_change(
                step_id=step.pk,
                points=9,
                action="warn",
                actor=leah,
                reason="No.",
                expected_version=step.version,
            )


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.COMPLIANCE, Role.AUDITOR])
def test_others_read_only(leah: User, role: Role) -> None:
    step = add(leah)
    with acting(role, user_id=staff(role).pk):
        assert StrikeLadderStep.objects.filter(pk=step.pk).exists()
        with refused("permission denied"):
            run("UPDATE audit_strikeladderstep SET points = 5 WHERE id = %s", [step.pk])


def test_the_room(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    added = browser.send(
        reverse("admin:audit_strikeladderstep_add"), {"points": FREE, "action": "suspend", "lasts": "30"}
    )
    assert added.status_code == 302
    step = StrikeLadderStep.objects.get(points=FREE)
    assert step.lasts == timedelta(days=30)
    again = browser.send(
        reverse("admin:audit_strikeladderstep_add"),
        {"points": FREE, "action": "warn", "lasts": ""},
        follow=True,
    )
    assert "already" in again.content.decode()
    change = reverse("admin:audit_strikeladderstep_action", args=[step.pk, "change"])
    assert browser.do(change, points=FREE + 1, action="bar_chat", lasts="").status_code == 302
    page = browser.get(reverse("admin:audit_strikeladderstep_change", args=[step.pk])).content.decode()
    assert "no limit" in page and "30 days" in page
    assert staff_client(Role.MODERATOR).get(reverse(LIST)).status_code == 200
    assert staff_client(Role.MODERATOR).get(change).status_code == 403
    assert staff_client(Role.SUPPORT).get(reverse(LIST)).status_code == 403
