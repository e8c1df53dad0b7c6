"""Pictures of profiles: added, decided about, replaced, ordered."""

from typing import Any

import pytest

from accounts.choices import MediaKind, MediaStatus
from accounts.errors import MediaRefused, OwnAccount
from accounts.models import ProfileMedia, User
from accounts.models.profile_media import GALLERY_PLACES
from accounts.services.profile_media import (
    gallery_order,
    media_add,
    media_approve,
    media_reject,
    media_withdraw,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.errors import IllegalTransition, StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.documents import MediaFactory, picture
from tests.accounts.factories import UserFactory
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

REASON = "a face and nothing else"


def add(user: User, kind: MediaKind = MediaKind.AVATAR, **options: Any) -> ProfileMedia:
    with acting(Role.VIEWER, user_id=user.pk):
        return media_add(user_id=user.pk, picture=picture(user, kind, **options), actor=user)


def decide(service: Any, media: ProfileMedia, actor: User, **options: Any) -> ProfileMedia:
    with acting(Role.MODERATOR, user_id=actor.pk):
        return service(profile_media_id=media.pk, actor=actor, reason=REASON, **options)


def status_of(media: ProfileMedia) -> str:
    return ProfileMedia.objects.get(pk=media.pk).status


def test_only_what_a_moderator_approved_is_shown(user: User, moderator: User, announced: Announced) -> None:
    first = add(user)
    assert not ProfileMedia.objects.shown().exists()
    decide(media_approve, first, moderator)
    assert ProfileMedia.objects.shown().get() == first
    second = add(user)
    assert ProfileMedia.objects.shown().get() == first
    decide(media_approve, second, moderator)
    assert ProfileMedia.objects.shown().get() == second
    assert status_of(first) == MediaStatus.REPLACED
    decide(media_reject, second, moderator)
    assert not ProfileMedia.objects.shown().exists()
    assert announced.actions == ["media_added", "media_approved"] * 2 + ["media_rejected"]
    with pytest.raises(IllegalTransition, match="Nothing follows"):
        decide(media_approve, second, moderator)


def test_a_newer_one_that_waits_takes_the_place(user: User) -> None:
    first, second = add(user), add(user)
    assert (status_of(first), status_of(second)) == (MediaStatus.WITHDRAWN, MediaStatus.PENDING)
    add(user, MediaKind.COVER)
    assert status_of(second) == MediaStatus.PENDING


def test_not_ones_own_and_not_with_a_stale_form(user: User, moderator: User) -> None:
    own = MediaFactory(user=moderator)
    with pytest.raises((OwnAccount, NotThere)):
        decide(media_approve, own, moderator)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        assert affected("UPDATE accounts_profilemedia SET status = 'approved'") == 0
    with pytest.raises(StaleVersion):
        decide(media_approve, MediaFactory(user=user), moderator, expected_version=9)


def test_people_do_not_approve_by_raw_sql_either(user: User) -> None:
    MediaFactory(user=user)
    with acting(Role.VIEWER, user_id=user.pk):
        with refused("A decision says|decided_check"):
            run("UPDATE accounts_profilemedia SET status = 'approved'")
        with refused("permission denied"):
            run("UPDATE accounts_profilemedia SET status = 'approved', decided_at = now()")
        assert affected("UPDATE accounts_profilemedia SET status = 'withdrawn'") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"object_key": f"people/{'0' * 8}-0000-7000-8000-{'0' * 12}/avatar.webp"}, "folder of its person"),
        (
            {"object_key": "https://cdn.example/avatars/somebody/picture-of-the-day.webp"},
            "path under people|folder",
        ),
        ({"size_bytes": 0}, "1 byte to 20 MiB"),
        ({"size_bytes": 20 * 1024 * 1024 + 1}, "1 byte to 20 MiB"),
        ({"width": 0}, "pixels a side"),
        ({"height": 99_999}, "pixels a side"),
        ({"sha256": b"short"}, "32 bytes"),
        ({"media_type": "image/svg+xml"}, "Media type must be one of"),
    ],
)
def test_what_is_refused_is_said(user: User, options: dict[str, Any], words: str) -> None:
    with pytest.raises(MediaRefused, match=words):
        add(user, **options)


class TestGallery:
    def test_it_is_ordered(self, user: User) -> None:
        rows = [add(user, MediaKind.GALLERY) for _ in range(4)]
        assert [row.position for row in rows] == [0, 1, 2, 3]
        order = [rows[2].pk, rows[0].pk, rows[3].pk, rows[1].pk]
        with acting(Role.VIEWER, user_id=user.pk):
            gallery_order(user_id=user.pk, media_ids=order, actor=user)
        found = ProfileMedia.objects.filter(kind=MediaKind.GALLERY).order_by("position")
        assert [row.pk for row in found] == order

    @pytest.mark.parametrize("wrong", ["missing", "twice", "foreign"])
    def test_another_set_of_pictures_is_refused(self, user: User, wrong: str) -> None:
        rows = [add(user, MediaKind.GALLERY) for _ in range(2)]
        keys = {
            "missing": [rows[0].pk],
            "twice": [rows[0].pk, rows[0].pk],
            "foreign": [rows[0].pk, MediaFactory().pk],
        }[wrong]
        with acting(Role.VIEWER, user_id=user.pk), pytest.raises(MediaRefused, match="Name every picture"):
            gallery_order(user_id=user.pk, media_ids=keys, actor=user)

    def test_it_is_full_at_some_time_and_a_place_comes_free(self, user: User) -> None:
        rows = [MediaFactory(user=user, kind="gallery", position=place) for place in range(GALLERY_PLACES)]
        with pytest.raises(MediaRefused, match="Withdraw one first"):
            add(user, MediaKind.GALLERY)
        keys = [row.pk for row in reversed(rows)]
        with acting(Role.VIEWER, user_id=user.pk):
            gallery_order(user_id=user.pk, media_ids=keys, actor=user)
            media_withdraw(profile_media_id=rows[7].pk, actor=user)
        assert add(user, MediaKind.GALLERY).position == GALLERY_PLACES - 8

    def test_an_empty_one(self, user: User) -> None:
        with acting(Role.VIEWER, user_id=user.pk), pytest.raises(NotThere):
            gallery_order(user_id=user.pk, media_ids=[], actor=user)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE accounts_profilemedia SET status = 'approved'", "decided_check"),
        ("UPDATE accounts_profilemedia SET status = 'approved', decided_at = now(), decided_by_id = user_id, "
         "decision_reason = 'mine'", "decided_by_check"),
        ("UPDATE accounts_profilemedia SET decided_at = now()", "undecided_check"),
        ("UPDATE accounts_profilemedia SET position = 1", "position_check"),
        ("UPDATE accounts_profilemedia SET object_key = object_key || 'x'", "cannot be changed"),
        ("INSERT INTO accounts_profilemedia (user_id, kind, object_key, sha256, size_bytes, media_type, width, height, "
         "status, decision_reason) SELECT user_id, kind, object_key || 'x', sha256, size_bytes, media_type, width, "
         "height, 'pending', '' FROM accounts_profilemedia", "waiting_key"),
        ("INSERT INTO accounts_profilemedia (user_id, kind, object_key, sha256, size_bytes, media_type, width, height, "
         "status, decision_reason) SELECT user_id, 'cover', object_key || 'x', sha256, size_bytes, media_type, width, "
         "height, 'approved', '' FROM accounts_profilemedia", "cannot begin as approved"),
    ],
)  # fmt: skip
def test_rules_attacked_by_the_owner(user: User, statement: str, words: str) -> None:
    MediaFactory(user=user)
    with refused(words):
        run(statement)


def test_one_is_shown_and_one_place_is_held_once(user: User) -> None:
    MediaFactory(user=user, status="approved")
    with refused("shown_key"):
        MediaFactory(user=user, status="approved")
    MediaFactory(user=user, kind="gallery", position=3)
    with refused("place_key"):
        MediaFactory(user=user, kind="gallery", position=3)


def test_moderators_worker_oversight_and_the_person_read_it(user: User) -> None:
    mine, _ = MediaFactory(user=user), MediaFactory()
    everybody = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR, Role.WORKER)
    for role in ACTING_ROLES:
        with acting(role, user_id=user.pk):
            if role in everybody:
                assert len(run("SELECT id FROM accounts_profilemedia")) == 2, role
            elif role in (Role.VIEWER, Role.PERFORMER):
                assert run("SELECT id FROM accounts_profilemedia") == [(mine.pk,)]
            else:
                with refused("permission denied"):
                    run("SELECT id FROM accounts_profilemedia")


def test_the_queue_is_in_the_order_of_arrival(user: User) -> None:
    rows = [MediaFactory(user=UserFactory()) for _ in range(3)]
    MediaFactory(status="rejected")
    assert list(ProfileMedia.objects.waiting()) == rows
