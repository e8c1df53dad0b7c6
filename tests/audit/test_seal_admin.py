"""The room of seals, and what other pages say about sealing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Seal
from audit.services.events import event_record
from audit.services.seals import events_seal, trail_rebase
from core.db.roles import STAFF_ROLES, Role
from tests.audit.conftest import SignIn
from tests.sql import run

pytestmark = pytest.mark.django_db

ROOM = "admin:audit_seal_changelist"
OVERSEERS = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)


@pytest.fixture
def sealed(bob: User) -> Seal:
    """One seal. It covers what this transaction wrote, since the first one covers all that is visible."""
    for _ in range(3):
        event_record(action="flag_raised", subject=bob)
    (made,) = events_seal()
    return made


def page(client: Client, address: str, *arguments: object, **query: str) -> str:
    response = client.get(reverse(address, args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_room_is_for_overseers(role: Role, sign_in: SignIn, sealed: Seal) -> None:
    response = sign_in(role).get(reverse(ROOM))
    assert response.status_code == (200 if role in OVERSEERS else 403)


def test_the_list_says_what_is_genuine(sign_in: SignIn, sealed: Seal) -> None:
    client = sign_in(Role.AUDITOR)
    assert '<td class="field-is_genuine">yes</td>' in page(client, ROOM)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE audit_seal DISABLE TRIGGER USER")
    run("UPDATE audit_seal SET sealed_at = sealed_at - interval '1 day'")
    assert "NO: run verify_audit" in page(client, ROOM)
    run("UPDATE audit_seal SET key_number = 9")
    assert "not known here" in page(client, ROOM)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"number": "1"}, True),
        ({"number": "2"}, False),
        ({"number": "one"}, False),
        ({"since": "2026-01-01"}, True),
    ],
)
def test_the_list_is_narrowed(query: dict[str, str], found: bool, sign_in: SignIn, sealed: Seal) -> None:
    text = page(sign_in(Role.AUDITOR), ROOM, **query)
    assert (reverse("admin:audit_seal_change", args=[sealed.pk]) in text) is found


def test_the_page_of_a_seal_shows_what_is_signed(sign_in: SignIn, sealed: Seal) -> None:
    text = page(sign_in(Role.COMPLIANCE), "admin:audit_seal_change", sealed.pk)
    for shown in (sealed.head.hex(), sealed.root.hex(), str(sealed.first_id), "nothing: it is the first"):
        assert shown in text


@pytest.mark.parametrize("verb", ["add", "change", "delete"])
def test_nothing_can_be_changed(verb: str, sign_in: SignIn, sealed: Seal) -> None:
    response = sign_in(Role.ADMINISTRATOR).post(
        reverse(f"admin:audit_seal_{verb}", args=[] if verb == "add" else [sealed.pk]),
        {"post": "yes", "acting_role": "administrator"},
    )
    assert response.status_code in (403, 405)
    assert Seal.objects.count() == 1


@pytest.mark.parametrize("role", OVERSEERS)
def test_an_event_says_which_seal_covers_it(role: Role, sign_in: SignIn, sealed: Seal, bob: User) -> None:
    client = sign_in(role)
    late = event_record(action="flag_raised", subject=bob)
    assert ">seal 1</a>" in page(client, "admin:audit_event_change", sealed.first_id)
    assert "not yet sealed" in page(client, "admin:audit_event_change", late)


def test_others_see_events_without_seals(sign_in: SignIn, sealed: Seal) -> None:
    text = page(sign_in(Role.MODERATOR), "admin:audit_event_change", sealed.first_id)
    assert "field-sealed" not in text


def test_home_says_how_far_sealing_is_behind(sign_in: SignIn, sealed: Seal) -> None:
    client = sign_in(Role.AUDITOR)
    assert "Hours behind with sealing" in page(client, "admin:index")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE audit_seal DISABLE TRIGGER USER")
    behind = timedelta(hours=7)
    run("UPDATE audit_seal SET cluster = cluster + 1, sealed_at = now() - %s", [behind])
    text = page(client, "admin:index")
    card = text[text.index("Hours behind with sealing") - 400 :][:800]
    assert ">7<" in card


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_asks_the_same_number_of_queries(
    rows: int, sign_in: SignIn, sealed: Seal, django_assert_max_num_queries: Callable
) -> None:
    for _ in range(rows - 1):
        trail_rebase(force=True)
    client = sign_in(Role.AUDITOR)
    page(client, ROOM)
    with django_assert_max_num_queries(10):
        assert page(client, ROOM).count("field-is_genuine") == rows


def test_the_page_of_an_event_asks_one_query_more(
    sign_in: SignIn, sealed: Seal, django_assert_max_num_queries: Callable
) -> None:
    client = sign_in(Role.AUDITOR)
    with django_assert_max_num_queries(11):
        page(client, "admin:audit_event_change", sealed.first_id)
