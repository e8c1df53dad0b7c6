"""Reserving a handle in the back office."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import ReservedHandle
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.browser import Browser

pytestmark = pytest.mark.django_db

ADD = "admin:accounts_reservedhandle_add"


def reserve(browser: Browser, handle: str, note: str = "name of a partner, letter of 3 May") -> object:
    return browser.send(reverse(ADD), {"handle": handle, "reason": "brand", "note": note})


def test_a_moderator_reserves_a_handle(staff_client: Callable[..., Browser]) -> None:
    UserFactory(handle="acme_owner")
    assert reserve(staff_client(Role.MODERATOR), "acme").status_code == 302
    assert ReservedHandle.objects.filter(handle="acme", reason="brand", reserved_until=None).exists()


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("ac", "3 to 30 letters"),
        ("admin", "reserved already"),
        ("adm1n", "reserved already"),
        ("a b c", "3 to 30"),
    ],
)
def test_what_cannot_be_reserved(staff_client: Callable[..., Browser], handle: str, words: str) -> None:
    before = ReservedHandle.objects.count()
    response = reserve(staff_client(Role.LEAD_MODERATOR), handle)
    assert words in response.content.decode()
    assert ReservedHandle.objects.count() == before


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.AUDITOR])
def test_other_roles_reserve_nothing(staff_client: Callable[..., Browser], role: Role) -> None:
    assert reserve(staff_client(role), "acme").status_code == 403
    assert not ReservedHandle.objects.filter(handle="acme").exists()
