"""The back office: rules, private lists, and the page that explains who may watch."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from core.db.roles import Role
from performers.models import GeoBlock
from streams.admin.search import find_by_words
from streams.models import AccessRule
from tests.accounts.factories import UserFactory
from tests.sql import run
from tests.streams.factories_watching import archive, demand, invited, label, labelled, stream

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: Callable[..., Any], rows: int, django_assert_max_num_queries: Any
) -> None:
    made = [stream() for _ in range(rows)]
    for one in made:
        demand(one, "minimum_age", minimum_age=18)
        invited(one, UserFactory())
    client = staff_client(Role.SUPPORT)
    for page in ("accessrule", "accessgrant"):
        with django_assert_max_num_queries(12):
            response = client.get(reverse(f"admin:streams_{page}_changelist"))
        assert response.status_code == 200
        assert response.content.decode().count("Evening show") == rows


def test_a_moderator_removes_a_rule_with_a_reason(staff_client: Callable[..., Any]) -> None:
    rule = demand(stream(), "subscribers")
    client = staff_client(Role.MODERATOR)
    assert client.get(reverse("admin:streams_accessrule_change", args=[rule.pk])).status_code == 200
    address = reverse("admin:streams_accessrule_action", args=[rule.pk, "remove"])
    page = client.get(address)
    assert "no longer demanded" in page.content.decode()
    client.do(address, reason="Against the guidelines, twice.")
    assert not AccessRule.objects.exists()
    assert run("SELECT action FROM audit_event ORDER BY id DESC LIMIT 1") == [("access_rule_removed",)]


def test_support_sees_why_somebody_may_not_watch(staff_client: Callable[..., Any]) -> None:
    shown, viewer = labelled(stream(), label("only_for_adults", 18)), UserFactory()
    GeoBlock.objects.create(performer=shown.performer, country="PT")
    client = staff_client(Role.SUPPORT)
    address = reverse("admin:may_watch")
    assert client.get(address).status_code == 200
    asked = {"ask": "1", "viewer": viewer.handle, "stream": str(shown.pk), "country": "pt"}
    body = client.get(address, asked).content.decode()
    assert "No: This performer is not shown where you are." in body
    assert body.count("refuses</td>") == 2, "region and age"
    assert "This is for people of 18 years and older." in body
    assert "You asked not to be shown this" not in body, "nobody is told what did not refuse"
    assert "Yes" in client.get(address, {**asked, "stream": str(stream().pk)}).content.decode()
    for wrong, words in (
        ({"viewer": "nobody_here"}, "Nobody has the handle nobody_here."),
        ({"country": "ZZ"}, "There is no country"),
        ({"stream": "no id"}, "Enter a valid UUID"),
        ({"stream": ""}, "Name a stream or an archive"),
        ({"archive": str(shown.pk)}, "only one of them"),
    ):
        assert words in client.get(address, {**asked, **wrong}).content.decode()


def test_the_question_stands_on_every_stream_and_archive_with_rules_or_without(
    staff_client: Callable[..., Any],
) -> None:
    kept = archive()
    pages = {
        "stream": (reverse("admin:streams_stream_change", args=[kept.stream_id]), kept.stream_id),
        "archive": (reverse("admin:streams_archive_change", args=[kept.pk]), kept.pk),
    }
    assert not AccessRule.objects.exists()
    client = staff_client(Role.SUPPORT)
    for target, (page, key) in pages.items():
        address = f"{reverse('admin:may_watch')}?{target}={key}"
        assert f'<a href="{address}">May somebody watch this?</a>' in client.get(page).content.decode()
        form = client.get(address).context["form"]
        assert form[target].value() == str(key)
        body = client.get(address, {"ask": "1", target: str(key)}).content.decode()
        assert "Every ground, in order" in body
    analyst = staff_client(Role.ANALYST)
    for page, _ in pages.values():
        response = analyst.get(page)
        assert response.status_code == 200
        assert "May somebody watch this?" not in response.content.decode()


def test_who_may_not_ask(staff_client: Callable[..., Any]) -> None:
    for role in (Role.FINANCE, Role.ANALYST):
        assert staff_client(role).get(reverse("admin:may_watch")).status_code == 403


def test_the_search_box_finds_streams_by_words() -> None:
    assert list(find_by_words("evening")) == []
    assert list(find_by_words("x" * 150 + "\ud800")) == []
