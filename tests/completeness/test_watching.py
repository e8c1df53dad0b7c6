"""The watch itself: it catches a service that forgets, and nobody else."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.announcements import handle_changed
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.completeness import plugin
from tests.completeness.changes import is_trail
from tests.completeness.watching import Finding, Watcher, wrap_module


def forget(user: User) -> None:
    """Changes a row and tells nobody."""
    User.objects.filter(pk=user.pk).update(locale="de-DE")


def tell(user: User) -> None:
    """Changes a row and tells."""
    forget(user)
    handle_changed.send(sender=User, actor=None, subject=user)


def watched(service: Callable[..., Any], name: str = "watched", looks: int = 6) -> tuple[Any, Watcher]:
    watcher = Watcher(looks=looks, declared=frozenset({"quiet"}))
    return watcher.wrap(service, name), watcher


@pytest.mark.django_db
class TestInATransaction:
    def test_a_service_that_forgets_is_found_with_its_tables(self) -> None:
        service, watcher = watched(forget)
        service(UserFactory())
        assert watcher.taken() == [Finding("watched", ("accounts_user",))]
        assert watcher.taken() == []

    def test_in_any_role(self) -> None:
        user = UserFactory()

        def note() -> None:
            User.objects.filter(pk=user.pk).update(last_seen_at="2026-01-01T00:00Z")

        service, watcher = watched(note)
        with acting(Role.APP, user_id=user.pk):
            service()
        assert watcher.taken() == [Finding("watched", ("accounts_user",))]

    def test_one_that_tells_is_not(self) -> None:
        service, watcher = watched(tell)
        service(UserFactory())
        assert watcher.taken() == []

    def test_what_the_test_itself_wrote_before_does_not_count(self) -> None:
        user = UserFactory()
        service, watcher = watched(lambda: User.objects.filter(pk=user.pk).exists())
        service()
        tell(user)
        other, forgetful = watched(forget)
        other(user)
        assert (watcher.taken(), len(forgetful.taken())) == ([], 1)

    def test_the_outermost_service_answers_for_the_others(self) -> None:
        watcher = Watcher(declared=frozenset())
        inner = watcher.wrap(forget, "inner")

        def outer(user: User) -> None:
            inner(user)
            handle_changed.send(sender=User, actor=None, subject=user)

        watcher.wrap(outer, "outer")(UserFactory())
        assert watcher.taken() == []
        assert dict(watcher.looked) == {"outer": 1}

    @pytest.mark.parametrize("looks", [0, 6])
    def test_what_an_excepted_or_unwatched_service_calls_is_not_asked_instead(self, looks: int) -> None:
        user = UserFactory()
        watcher = Watcher(looks=looks, declared=frozenset({"outer"} if looks else ()))
        inner = watcher.wrap(forget, "inner")
        watcher.wrap(lambda: inner(user), "outer")()
        assert (watcher.taken(), dict(watcher.looked)) == ([], {})

    def test_what_was_taken_back_is_no_change(self) -> None:
        user = UserFactory()

        def preview() -> None:
            with transaction.atomic():
                forget(user)
                transaction.set_rollback(True)

        service, watcher = watched(preview)
        service()
        assert watcher.taken() == []

    def test_an_event_that_was_taken_back_tells_nothing(self) -> None:
        user = UserFactory()

        def half() -> None:
            with transaction.atomic():
                handle_changed.send(sender=User, actor=None, subject=user)
                transaction.set_rollback(True)
            forget(user)

        service, watcher = watched(half)
        service()
        assert watcher.taken() == [Finding("watched", ("accounts_user",))]

    def test_a_refusal_passes_through_and_leaves_the_transaction_as_it_was(self) -> None:
        user = UserFactory()

        def refuse() -> None:
            with transaction.atomic():
                User.objects.filter(pk=user.pk).update(status="no such state")

        service, watcher = watched(refuse)
        with pytest.raises(IntegrityError):
            service()
        assert (watcher.taken(), User.objects.filter(pk=user.pk).exists()) == ([], True)

    def test_a_transaction_that_only_reads_is_left_as_it_is(self) -> None:
        service, watcher = watched(User.objects.count)
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert service() == 0
        assert (watcher.taken(), watcher.looked["watched"]) == ([], 0)

    def test_the_query_log_does_not_see_the_watch(self, django_assert_num_queries: Any) -> None:
        service, _ = watched(forget)
        user = UserFactory()
        with django_assert_num_queries(1):
            service(user)

    def test_a_declared_service_and_one_looked_at_often_are_left_alone(self) -> None:
        user = UserFactory()
        quiet, silence = watched(forget, "quiet")
        quiet(user)
        often, watcher = watched(forget, looks=2)
        for _ in range(3):
            often(user)
        assert silence.taken() == []
        assert watcher.looked["watched"] == 2


@pytest.mark.django_db(transaction=True)
class TestWithTransactionsOfItsOwn:
    """These go through the hooks that the plugin has put into Django."""

    @pytest.fixture(autouse=True)
    def nothing_left(self) -> Iterator[None]:
        yield
        plugin.WATCHER.taken()

    def test_each_transaction_answers_for_itself(self) -> None:
        user = UserFactory()

        def two() -> None:
            with transaction.atomic():
                tell(user)
            with transaction.atomic():
                forget(user)

        plugin.WATCHER.wrap(two, "tests.two")()
        assert plugin.WATCHER.taken() == [Finding("tests.two", ("accounts_user",))]

    def test_one_that_tells_in_each_is_left_alone(self) -> None:
        user = UserFactory()

        def two() -> None:
            for _ in range(2):
                with transaction.atomic():
                    tell(user)

        plugin.WATCHER.wrap(two, "tests.both")()
        assert plugin.WATCHER.taken() == []

    def test_the_test_fails_for_it(self) -> None:
        user = UserFactory()
        plugin.WATCHER.wrap(transaction.atomic(forget), "tests.forget")(user)
        with pytest.raises(pytest.fail.Exception, match="tests.forget changed accounts_user and told nobody"):
            plugin._told()


def test_public_functions_of_a_module_are_wrapped_and_what_yields_is_not() -> None:
    module = ModuleType("accounts.services.made_up")
    exec(
        "from datetime import timedelta\n"
        "def public(): return 1\n"
        "def _private(): return 2\n"
        "def reading():\n    yield 3\n",
        module.__dict__,
    )
    before = dict(module.__dict__)
    wrap_module(module, Watcher())
    changed = {name for name, value in module.__dict__.items() if value is not before.get(name)}
    assert changed == {"public"}
    assert module.public() == 1


def test_the_services_in_use_are_the_watched_ones() -> None:
    from accounts.services.restrictions import restriction_place

    assert restriction_place.__code__.co_name == "watched"


def test_the_trail_and_the_queue_are_no_changes() -> None:
    assert is_trail("audit_event")
    assert is_trail("procrastinate_jobs")
    assert not is_trail("audit_decision")
    assert not connection.in_atomic_block
