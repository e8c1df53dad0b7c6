"""Holds that are placed while somebody destroys: either the hold came first, or what it covers was gone before."""

from collections.abc import Callable
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User, ViewerProfile
from accounts.services.erasure import user_erase
from audit.models import LegalHold
from core.db.context import acting
from core.db.roles import Role
from core.vetoes import Vetoed
from streams.models import Archive
from streams.services.archive_purges import archive_purge
from tests.accounts.factories import UserFactory, ViewerProfileFactory, staff
from tests.accounts.test_races import at_once
from tests.audit.holds import on_person, place
from tests.sql import run
from tests.streams.factories_archives import make_archive

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(act: Callable[[], Any]) -> tuple[Thread, list[Any]]:
    """Start it on a connection of its own; the list gets its result or what it raised."""
    outcome: list[Any] = []

    def run_it() -> None:
        try:
            outcome.append(act())
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = Thread(target=run_it)
    thread.start()
    return thread, outcome


def waits(thread: Thread) -> bool:
    thread.join(timeout=1)
    return thread.is_alive()


def test_whoever_destroys_waits_for_a_hold_that_is_being_placed_and_sees_it() -> None:
    user = UserFactory()
    ViewerProfileFactory(user=user, display_name="Before")
    compliance = staff(Role.COMPLIANCE)

    def destroy() -> None:
        run("DELETE FROM accounts_viewerprofile")

    with transaction.atomic():
        place("person", user.pk, compliance)
        thread, outcome = in_a_thread(destroy)
        assert waits(thread)
    thread.join(timeout=10)
    assert "A legal hold keeps this" in str(outcome[0])
    assert ViewerProfile.objects.exists()


def test_a_hold_waits_for_whoever_is_destroying_and_begins_afterwards() -> None:
    user = UserFactory()
    ViewerProfileFactory(user=user, display_name="Before")
    compliance = staff(Role.COMPLIANCE)
    with transaction.atomic():
        run("DELETE FROM accounts_viewerprofile")
        thread, outcome = in_a_thread(lambda: place("person", user.pk, compliance))
        assert waits(thread)
        ((done,),) = run("SELECT clock_timestamp()")
    thread.join(timeout=10)
    assert isinstance(outcome[0], LegalHold)
    assert outcome[0].valid.lower > done
    assert not ViewerProfile.objects.exists()


def test_an_erasure_and_a_hold_at_once() -> None:
    compliance, colleague = staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)
    for _ in range(3):
        user = UserFactory(status="closed")
        run(
            "UPDATE accounts_user SET closed_at = now() - interval '31 days' WHERE id = %s",
            [user.pk],
        )

        def erase(user: User = user) -> Any:
            with acting(Role.COMPLIANCE, user_id=compliance.pk):
                return user_erase(user_id=user.pk, actor=compliance, reason="asked for it in writing")

        erased, held = at_once(erase, lambda user=user: place("person", user.pk, colleague))
        assert isinstance(held, LegalHold), held
        row = User.objects.get(pk=user.pk)
        if isinstance(erased, Exception):
            assert isinstance(erased, Vetoed), erased
            assert row.erased_at is None
        else:
            assert row.erased_at is not None
            assert row.erased_at < held.valid.lower


def test_a_purge_and_a_hold_on_the_performer_at_once() -> None:
    """They lock no row in common: the purge the archive, the hold the person."""
    colleague = staff(Role.COMPLIANCE)
    for _ in range(3):
        archive = make_archive()
        run("UPDATE streams_archive SET purge_at = now() - interval '1 day' WHERE id = %s", [archive.pk])

        def purge(archive: Archive = archive) -> Any:
            with acting(Role.WORKER):
                return archive_purge(archive_id=archive.pk)

        purged, held = at_once(
            purge, lambda archive=archive: place("person", archive.performer_id, colleague)
        )
        assert isinstance(held, LegalHold), held
        row = Archive.all_objects.get(pk=archive.pk)
        if isinstance(purged, Exception):
            assert isinstance(purged, Vetoed), purged
            assert row.purged_at is None
        else:
            assert row.purged_at is not None
            assert row.purged_at < held.valid.lower


def test_many_destroy_at_the_same_time() -> None:
    """What destroys shares the lock: a transaction that goes on does not keep the others waiting."""
    people = [UserFactory() for _ in range(2)]
    for user in people:
        ViewerProfileFactory(user=user, display_name="Before")
    on_person(UserFactory().pk)
    begun, go_on = Signal(), Signal()

    def slowly() -> None:
        with transaction.atomic():
            run("DELETE FROM accounts_viewerprofile WHERE user_id = %s", [people[0].pk])
            begun.set()
            go_on.wait(timeout=10)

    thread, outcome = in_a_thread(slowly)
    assert begun.wait(timeout=10)
    run("DELETE FROM accounts_viewerprofile WHERE user_id = %s", [people[1].pk])
    go_on.set()
    thread.join(timeout=10)
    assert outcome == [None]
