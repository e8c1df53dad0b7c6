"""Changing a handle, the rest of the freed one, and handles reserved by moderators."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.choices import ReservationReason
from accounts.errors import HandleRefused
from accounts.models import ReservedHandle, User
from accounts.services.handles import (
    QUARANTINE,
    handle_change,
    handle_check,
    handle_release,
    handle_reserve,
    quarantines_end,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.factories import ReservedHandleFactory, UserFactory, staff
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

RENAMERS = (Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.LEAD_MODERATOR, Role.ADMINISTRATOR)


def rename(user: User, handle: str, role: Role, actor: User, **options: int) -> User:
    with acting(role, user_id=actor.pk):
        return handle_change(user_id=user.pk, handle=handle, actor=actor, reason="asked for it", **options)


def resting(handle: str) -> ReservedHandle:
    return ReservedHandle.objects.get(handle=handle)


@pytest.mark.parametrize("role", RENAMERS)
def test_whoever_may_rename_can_rename_and_back_and_again(
    user: User, role: Role, announced: Announced
) -> None:
    actor = user if role in (Role.VIEWER, Role.PERFORMER) else staff(role)
    for handle in ("berta", "anna", "carla"):
        rename(user, handle, role, actor)
    user.refresh_from_db()
    assert user.handle == "carla"
    assert {"anna", "berta"} <= set(ReservedHandle.objects.values_list("handle", flat=True))
    last = User.history.filter(id=user.pk).first()
    assert (last.handle, last.history_user_id, last.history_change_reason) == (
        "carla",
        actor.pk,
        "asked for it",
    )
    assert announced.actions == ["handle_changed"] * 3


def test_the_freed_handle_rests_for_its_former_owner(user: User) -> None:
    rename(user, "berta", Role.VIEWER, user)
    kept = resting("anna")
    assert kept.previous_owner == user
    assert abs(kept.reserved_until - timezone.now() - QUARANTINE) < timedelta(minutes=1)
    for handle in ("anna", "ANNA", "Anna"):
        with pytest.raises(HandleRefused, match="reserved"):
            handle_check(handle)
    handle_check("anna", user_id=user.pk)


def test_a_handle_freed_twice_rests_for_the_whole_time_again(user: User) -> None:
    rename(user, "berta", Role.VIEWER, user)
    ReservedHandle.objects.filter(handle="anna").update(reserved_until=timezone.now() - timedelta(days=1))
    rename(user, "anna", Role.VIEWER, user)
    rename(user, "carla", Role.VIEWER, user)
    assert resting("anna").reserved_until > timezone.now() + QUARANTINE - timedelta(minutes=1)


def test_the_next_owner_frees_a_handle_whose_first_rest_is_over(user: User) -> None:
    rename(user, "berta", Role.VIEWER, user)
    ReservedHandle.objects.filter(handle="anna").update(reserved_until=timezone.now() - timedelta(days=1))
    second = UserFactory(handle="anna")
    rename(second, "doris", Role.VIEWER, second)
    assert resting("anna").previous_owner == second
    with pytest.raises(HandleRefused, match="reserved"):
        handle_check("anna", user_id=user.pk)


def test_letter_case_alone_can_be_changed_and_frees_nothing(user: User) -> None:
    rename(user, "ANNA", Role.VIEWER, user)
    assert not ReservedHandle.objects.filter(reason=ReservationReason.QUARANTINE).exists()


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("anna", "is anna already"),
        ("berta", "is taken"),
        ("BERTA", "is taken"),
        ("paypa1", "looks too much like paypal"),
        ("modem", "looks too much like modern"),
        ("wip", "looks too much like vvip"),
        ("adm1n", "is reserved"),
        ("x", "3 to 30"),
        ("anna\n", "3 to 30"),
        ("👩‍🚀👩‍🚀👩‍🚀", "display name"),
        ("\u202eanna", "display name"),
        ("an\0na", "display name"),
    ],
)
def test_what_is_refused_changes_nothing(user: User, handle: str, words: str, announced: Announced) -> None:
    for other in ("berta", "paypal", "modern", "vvip"):
        UserFactory(handle=other)
    support = staff(Role.SUPPORT)
    before = ReservedHandle.objects.count()
    with pytest.raises(HandleRefused, match=words):
        rename(user, handle, Role.SUPPORT, support)
    user.refresh_from_db()
    assert (user.handle, user.version) == ("anna", 2)
    assert ReservedHandle.objects.count() == before
    assert not announced


def test_a_stale_form_and_ones_own_account(user: User) -> None:
    support = staff(Role.SUPPORT)
    with pytest.raises(StaleVersion):
        rename(user, "berta", Role.SUPPORT, support, expected_version=1)
    with pytest.raises(NotThere, match="your role may not"):
        rename(support, "berta", Role.SUPPORT, support)


def test_moderators_reserve_and_leads_release(moderator: User, lead: User, announced: Announced) -> None:
    with acting(Role.MODERATOR, user_id=moderator.pk):
        kept = handle_reserve(
            handle="BigBrand", reason=ReservationReason.BRAND, actor=moderator, note="a protected name"
        )
        with pytest.raises(HandleRefused, match="reserved already"):
            handle_reserve(
                handle="b1gbrand", reason=ReservationReason.BRAND, actor=moderator, note="the same"
            )
        with pytest.raises(HandleRefused, match="3 to 30"):
            handle_reserve(handle="é", reason=ReservationReason.BRAND, actor=moderator, note="no handle")
    with pytest.raises(HandleRefused, match="reserved"):
        handle_check("bigbrand")
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        handle_release(reserved_handle_id=kept.pk, actor=lead, reason="licensed since")
        with pytest.raises(HandleRefused, match="ended already"):
            handle_release(reserved_handle_id=kept.pk, actor=lead, reason="licensed since")
        with pytest.raises(HandleRefused, match="stay reserved"):
            handle_release(reserved_handle_id=resting("admin").pk, actor=lead, reason="why not")
    handle_check("bigbrand")
    assert announced.actions == ["handle_reserved", "handle_released"]


def test_the_worker_ends_quarantines_that_are_over(user: User) -> None:
    past, ahead = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    for handle, until in (("one_", past), ("two_", ahead), ("three_", None)):
        reason = ReservationReason.QUARANTINE if until else ReservationReason.BRAND
        ReservedHandleFactory(handle=handle, reason=reason, reserved_until=until)
    with acting(Role.WORKER):
        assert quarantines_end() == 1
        assert quarantines_end() == 0
    assert not ReservedHandle.objects.filter(handle="one_").exists()


RESERVE = "INSERT INTO accounts_reservedhandle (handle, reason, previous_owner_id, reserved_until) VALUES "


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_people_reserve_nothing_but_what_they_free(user: User, role: Role) -> None:
    other = UserFactory()
    values = RESERVE + "('my_brand', %s, %s, now() + interval '9 days')"
    with acting(role, user_id=user.pk):
        run(values.replace("my_brand", "mine_"), ["quarantine", user.pk])
        forbidden: list[tuple[str, UUID | None]] = [
            ("brand", user.pk),
            ("quarantine", other.pk),
            ("quarantine", None),
        ]
        for reason, owner in forbidden:
            with refused("row-level security"):
                run(values, [reason, owner])
