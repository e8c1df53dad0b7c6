"""Private shows, from the request to the end."""

import pytest

from accounts.choices import RestrictionKind
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from performers.models import PerformerProfile
from streams.choices import PrivateShowStatus
from streams.errors import PrivateShowRefused
from streams.models import PrivateShow
from streams.services.private_shows import (
    private_show_accept,
    private_show_begin,
    private_show_cancel,
    private_show_decline,
    private_show_end,
    private_show_request,
)
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
from tests.sql import affected, refused, run
from tests.streams.factories_broadcasting import as_performer, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def performer(db: None) -> PerformerProfile:
    return verified(stage_name="Nova")


@pytest.fixture
def viewer(db: None) -> User:
    return UserFactory()


def asked(performer: PerformerProfile, viewer: User, rate: int = 60) -> PrivateShow:
    with acting(Role.VIEWER, user_id=viewer.pk):
        return private_show_request(
            performer_id=performer.pk, viewer_id=viewer.pk, tokens_per_minute=rate, actor=viewer
        )


def running(performer: PerformerProfile, viewer: User) -> PrivateShow:
    show = asked(performer, viewer)
    with as_performer(performer):
        private_show_accept(private_show_id=show.pk, actor=None)
        return private_show_begin(private_show_id=show.pk, actor=None)


def test_from_the_request_to_the_end(performer: PerformerProfile, viewer: User) -> None:
    show = running(performer, viewer)
    assert show.started_at is not None
    with acting(Role.VIEWER, user_id=viewer.pk):
        over = private_show_end(private_show_id=show.pk, actor=viewer)
        assert (over.status, over.tokens_per_minute) == (PrivateShowStatus.ENDED, 60)
        with pytest.raises(IllegalTransition, match="Nothing follows"):
            private_show_end(private_show_id=show.pk, actor=viewer)


def test_declined_and_cancelled(performer: PerformerProfile, viewer: User) -> None:
    show = asked(performer, viewer)
    with as_performer(performer):
        assert private_show_decline(private_show_id=show.pk, actor=None).ended_at is not None
    show = asked(performer, viewer)
    with acting(Role.VIEWER, user_id=viewer.pk):
        private_show_cancel(private_show_id=show.pk, actor=viewer)
    with as_performer(performer), pytest.raises(IllegalTransition):
        private_show_begin(private_show_id=show.pk, actor=None)


def test_one_at_a_time_for_each_of_the_two(performer: PerformerProfile, viewer: User) -> None:
    running(performer, viewer)
    with pytest.raises(PrivateShowRefused, match="performer is in a private show already"):
        running(performer, UserFactory())
    with pytest.raises(PrivateShowRefused, match="You are in a private show already"):
        running(verified(), viewer)
    other = verified()
    asked(other, UserFactory())
    first = asked(other, viewer)
    with pytest.raises(PrivateShowRefused, match="asked this performer already"):
        asked(other, viewer)
    assert PrivateShow.objects.filter(viewer=viewer, performer=other).get() == first


@pytest.mark.parametrize("rate", [0, -5, 1_000_001])
def test_rates_that_make_no_sense(performer: PerformerProfile, viewer: User, rate: int) -> None:
    with pytest.raises(PrivateShowRefused, match="A minute costs 1 to 1000000 tokens"):
        asked(performer, viewer, rate)


def test_not_with_oneself_nor_with_nobody(performer: PerformerProfile) -> None:
    with pytest.raises(PrivateShowRefused, match="with themselves"):
        asked(performer, User.objects.get(pk=performer.pk))
    nobody = UserFactory()
    with (
        acting(Role.VIEWER, user_id=performer.pk),
        pytest.raises(PrivateShowRefused, match="no such performer"),
    ):
        private_show_request(performer_id=nobody.pk, viewer_id=performer.pk, tokens_per_minute=60, actor=None)


def test_a_performer_who_is_barred_does_not_begin(performer: PerformerProfile, viewer: User) -> None:
    show = asked(performer, viewer)
    RestrictionFactory(user=performer.user, kind=RestrictionKind.STREAM)
    with as_performer(performer):
        private_show_accept(private_show_id=show.pk, actor=None)
        with pytest.raises(PrivateShowRefused, match="barred from streaming"):
            private_show_begin(private_show_id=show.pk, actor=None)
        with refused("may not begin: barred"):
            run("UPDATE streams_privateshow SET status = 'running', started_at = now()")


def test_a_viewer_decides_nothing_for_the_performer(performer: PerformerProfile, viewer: User) -> None:
    show, other = asked(performer, viewer), UserFactory()
    with acting(Role.VIEWER, user_id=viewer.pk):
        with refused("row-level security"):
            run("UPDATE streams_privateshow SET status = 'accepted'")
        with refused("permission denied"):
            run("UPDATE streams_privateshow SET tokens_per_minute = 1")
        with refused("row-level security"):
            run(
                "INSERT INTO streams_privateshow (performer_id, viewer_id, status, tokens_per_minute) "
                "VALUES (%s, %s, 'requested', 1)",
                [performer.pk, other.pk],
            )
    with refused("cannot be changed"):
        run("UPDATE streams_privateshow SET tokens_per_minute = 1")
    with acting(Role.VIEWER, user_id=UserFactory().pk):
        assert run("SELECT count(*) FROM streams_privateshow") == [(0,)]
        with pytest.raises(NotThere):
            private_show_cancel(private_show_id=show.pk, actor=None)
    with as_performer(verified()):
        assert run("SELECT count(*) FROM streams_privateshow") == [(0,)]
    for role in (Role.ANALYST, Role.ADMINISTRATOR):
        with acting(role), refused("permission denied"):
            run("SELECT count(*) FROM streams_privateshow")
    with acting(Role.SUPPORT):
        assert run("SELECT count(*) FROM streams_privateshow") == [(1,)]


def test_moderators_and_the_worker_end_what_runs_and_no_more(
    performer: PerformerProfile, viewer: User
) -> None:
    show = running(performer, viewer)
    moderator = staff(Role.MODERATOR)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        private_show_end(private_show_id=show.pk, actor=moderator, reason="shows somebody else")
    show = asked(performer, viewer)
    with acting(Role.WORKER), refused("row-level security"):
        run("UPDATE streams_privateshow SET status = 'accepted' WHERE id = %s", [show.pk])
    with acting(Role.MODERATOR, user_id=viewer.pk):
        assert affected("UPDATE streams_privateshow SET status = 'cancelled', ended_at = now()") == 0


@pytest.mark.parametrize("path", [[], ["accepted"], ["accepted", "running"], ["declined"], ["cancelled"]])
def test_illegal_moves_are_refused_by_the_database(
    performer: PerformerProfile, viewer: User, path: list[str]
) -> None:
    moved = {
        "requested": "started_at = NULL, ended_at = NULL",
        "accepted": "started_at = NULL, ended_at = NULL",
        "running": "started_at = now(), ended_at = NULL",
        "declined": "started_at = NULL, ended_at = now()",
        "cancelled": "started_at = NULL, ended_at = now()",
        "ended": "started_at = now(), ended_at = now()",
    }
    asked(performer, viewer)
    for step in path:
        run(f"UPDATE streams_privateshow SET status = '{step}', {moved[step]}")
    status = path[-1] if path else "requested"
    for target, changes in moved.items():
        if target != status and not PrivateShow.status_machine.allows(status, target):
            with refused("cannot move from"):
                run(f"UPDATE streams_privateshow SET status = '{target}', {changes}")


@pytest.mark.parametrize("erased", ["performer", "viewer"])
def test_a_row_about_two_people_is_refused_when_one_of_them_is_erased(
    performer: PerformerProfile, viewer: User, erased: str
) -> None:
    run("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    run(
        "UPDATE accounts_user SET status = 'erased', erased_at = now(), closed_at = now(), handle = NULL WHERE id = %s",
        [performer.pk if erased == "performer" else viewer.pk],
    )
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    with refused("This person was erased"):
        run(
            "INSERT INTO streams_privateshow (performer_id, viewer_id, status, tokens_per_minute) "
            "VALUES (%s, %s, 'requested', 60)",
            [performer.pk, viewer.pk],
        )
