"""Refusals and guessing become security events."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from accounts.choices import SignInFailure
from accounts.models import User
from accounts.services.login_events import login_event_record
from audit.models import SecurityEvent
from core.db.context import acting
from core.db.roles import Role
from core.middleware.acting_role import ActingRoleMiddleware, request_denied
from core.middleware.client_address import ClientAddressMiddleware, client_address
from core.models.identity import uuid7

pytestmark = pytest.mark.django_db


def fail(user: User | None, address: str | None, times: int) -> None:
    """So many failed attempts to sign in."""
    with acting(Role.APP):
        for _ in range(times):
            login_event_record(
                user=user,
                failure=SignInFailure.WRONG_PASSWORD if user else SignInFailure.UNKNOWN_HANDLE,
                address=address,
                user_agent="curl",
            )


class TestGuessing:
    def test_a_few_failures_are_nothing(self, bob: User) -> None:
        fail(bob, "10.0.0.1", 4)
        assert not SecurityEvent.objects.exists()

    def test_the_fifth_failure_on_one_account_is(self, bob: User) -> None:
        fail(bob, None, 5)
        event = SecurityEvent.objects.get()
        assert (event.kind, event.severity, event.person_id) == ("account_guessing", "medium", bob.pk)
        assert event.detail == {"failures": 5, "minutes": 15}

    def test_many_accounts_from_one_address_are_one_pattern(self) -> None:
        fail(None, "10.0.0.1", 5)
        event = SecurityEvent.objects.get()
        assert (event.kind, event.person_id, event.address) == ("address_guessing", None, "10.0.0.1")

    def test_going_on_is_urgent_and_told_at_every_fifth_only(self, bob: User) -> None:
        fail(bob, None, 12)
        assert [event.severity for event in SecurityEvent.objects.order_by("id")] == ["medium", "high"]
        assert SecurityEvent.objects.urgent().count() == 1

    def test_success_is_no_failure(self, bob: User) -> None:
        fail(bob, None, 4)
        with acting(Role.APP):
            login_event_record(user=bob, failure=None, address=None, user_agent="curl")
        assert not SecurityEvent.objects.exists()


class TestRefusals:
    def denied(self, rf: RequestFactory, user: Any, status: int, path: str = "/") -> None:
        request = rf.post(path)
        request.user = user
        request.request_id = uuid7()
        request.acting_role = Role.MODERATOR if user.is_authenticated else None
        request.resolver_match = resolve(path)
        request_denied.send(
            sender=ActingRoleMiddleware, request=request, response=HttpResponse(status=status)
        )

    def test_a_denied_page_is_recorded_in_the_role_that_was_refused(
        self, rf: RequestFactory, ann: User
    ) -> None:
        self.denied(rf, ann, 403)
        event = SecurityEvent.objects.get()
        assert (event.kind, event.actor_id, event.acting_role) == (
            "permission_denied",
            ann.pk,
            Role.MODERATOR,
        )
        assert event.detail == {"method": "POST", "page": "admin:index", "object": None}
        assert event.request_id is not None

    def test_a_role_conflict_is_of_low_severity(self, rf: RequestFactory, ann: User) -> None:
        self.denied(rf, ann, 409)
        assert SecurityEvent.objects.get().severity == "low"

    def test_a_visitor_is_recorded_as_nobody(self, rf: RequestFactory) -> None:
        self.denied(rf, AnonymousUser(), 403)
        event = SecurityEvent.objects.get()
        assert (event.actor_id, event.acting_role) == (None, Role.APP)


class TestAddress:
    @pytest.mark.parametrize(
        ("remote", "seen"),
        [
            ("203.0.113.9", "203.0.113.9"),
            ("2001:DB8::0001", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("", None),
            ("unix:", None),
            ("1.2.3.4, 5.6.7.8", None),
        ],
    )
    def test_only_addresses_are_addresses(self, rf: RequestFactory, remote: str, seen: str | None) -> None:
        found: list[str | None] = []

        def view(request: Any) -> HttpResponse:
            found.append(client_address())
            return HttpResponse()

        ClientAddressMiddleware(view)(rf.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR="6.6.6.6"))
        assert found == [seen]
        assert client_address() is None
