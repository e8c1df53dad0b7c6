"""Two at once, on connections of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.choices import RestrictionKind, UserStatus
from accounts.errors import AlreadyGranted, AlreadyRestricted, BootstrapRefused, HandleRefused
from accounts.models import Restriction, RoleGrant, User
from accounts.services.flags import AlreadyFlagged, flag_raise
from accounts.services.restrictions import restriction_place, restrictions_expire
from accounts.services.role_grants import administrator_bootstrap, role_grant
from accounts.services.users import NewUser, user_register
from core.db.context import acting
from core.db.roles import Role
from core.errors import StaleVersion
from core.models.identity import uuid7
from tests.accounts.factories import RestrictionFactory, UserFactory, period, staff

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run every act in a thread, started together; the result of each, or the refusal it met."""
    outcomes: list[Any] = [None] * len(acts)
    start = Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=10)
            outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def refusals(outcomes: list[Any]) -> list[type[Exception]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


def test_one_handle_is_registered_once() -> None:
    def join(handle: str) -> User:
        new = NewUser(id=uuid7(), handle=handle)
        with acting(Role.VIEWER, user_id=new.id):
            return user_register(new=new, password="a long and private phrase", actor=None)

    outcomes = at_once(*(lambda handle=handle: join(handle) for handle in ("bruno", "BRUNO", "brun0")))
    assert refusals(outcomes) == [HandleRefused] * 2
    assert User.objects.count() == 1


def restrict(user: User, actor: User, **options: Any) -> Callable[[], Restriction]:
    def act() -> Restriction:
        with acting(Role.MODERATOR, user_id=actor.pk):
            return restriction_place(
                user_id=user.pk, kind=RestrictionKind.CHAT, actor=actor, reason="insults", **options
            )

    return act


def test_two_moderators_place_one_restriction() -> None:
    user, first, second = UserFactory(), staff(Role.MODERATOR), staff(Role.MODERATOR)
    assert refusals(at_once(restrict(user, first), restrict(user, second))) == [AlreadyRestricted]
    assert Restriction.objects.count() == 1
    assert User.objects.get(pk=user.pk).status == UserStatus.RESTRICTED


def test_two_forms_of_the_same_version_and_one_is_stale() -> None:
    user, first, second = UserFactory(), staff(Role.MODERATOR), staff(Role.MODERATOR)
    version = user.version
    outcomes = at_once(
        restrict(user, first, expected_version=version),
        restrict(user, second, expected_version=version),
    )
    assert refusals(outcomes) == [StaleVersion]
    assert Restriction.objects.count() == 1


def test_two_flags_of_one_kind_and_one_is_open() -> None:
    user = UserFactory()

    def flag(actor: User) -> Any:
        with acting(Role.SUPPORT, user_id=actor.pk):
            return flag_raise(user_id=user.pk, kind="spam", actor=actor, reason="links everywhere")

    colleagues = [staff(Role.SUPPORT), staff(Role.SUPPORT)]
    outcomes = at_once(*(lambda actor=actor: flag(actor) for actor in colleagues))
    assert refusals(outcomes) == [AlreadyFlagged]
    assert user.flags.count() == 1


def test_two_administrators_grant_one_role_once() -> None:
    user = UserFactory()

    def grant(actor: User) -> RoleGrant:
        with acting(Role.ADMINISTRATOR, user_id=actor.pk):
            return role_grant(user_id=user.pk, role=Role.AUDITOR, actor=actor, reason="joined us")

    colleagues = [staff(Role.ADMINISTRATOR), staff(Role.ADMINISTRATOR)]
    outcomes = at_once(*(lambda actor=actor: grant(actor) for actor in colleagues))
    assert refusals(outcomes) == [AlreadyGranted]
    assert user.role_grants.count() == 1


def test_two_bootstraps_and_one_administrator() -> None:
    people = UserFactory.create_batch(2)
    outcomes = at_once(*(lambda user=user: administrator_bootstrap(user_id=user.pk) for user in people))
    assert refusals(outcomes) == [BootstrapRefused]
    assert RoleGrant.objects.count() == 1


def due(count: int) -> list[User]:
    people = UserFactory.create_batch(count)
    for user in people:
        RestrictionFactory(user=user, valid=period(end=timezone.now()))
        User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
    return people


def expire() -> int:
    with acting(Role.WORKER):
        return restrictions_expire()


def test_two_workers_free_everybody_once() -> None:
    people = due(6)
    assert sum(at_once(expire, expire)) <= 6
    expire()
    assert not User.objects.filter(status=UserStatus.RESTRICTED).exists()
    for user in people:
        assert User.history.filter(id=user.pk, status=UserStatus.ACTIVE).count() == 1


@contextmanager
def held(user: User) -> Iterator[None]:
    """Somebody is changing the person meanwhile."""
    ready, done = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            ready.wait(timeout=10)
            done.wait(timeout=30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    ready.wait(timeout=10)
    yield
    done.wait(timeout=10)
    thread.join(timeout=10)


def test_the_worker_passes_by_whom_somebody_is_changing() -> None:
    busy, free = due(2)
    with held(busy):
        assert expire() == 1
        assert User.objects.get(pk=free.pk).status == UserStatus.ACTIVE
    assert expire() == 1
