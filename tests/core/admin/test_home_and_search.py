"""The home page of a role, and the search box of the header."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import User
from core.admin import home, search
from core.admin.home import (
    HomeCard,
    HomeFigure,
    HomeFigures,
    RecentAct,
    register_card,
    register_figures,
    up_to,
)
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.db.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.admin.rooms")]


@pytest.fixture(autouse=True)
def _empty_registries(monkeypatch):
    monkeypatch.setattr(home, "_cards", [])
    monkeypatch.setattr(home, "_figures", [])
    monkeypatch.setattr(home, "_recent", [])
    monkeypatch.setattr(search, "_providers", [])


def page_of(client, path="/", **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def card(title, number, *roles, section=Section.MODERATION):
    return register_card(
        HomeCard(section, title, roles, lambda limit: min(number, limit), f"/{title}/", "Look.")
    )


def test_cards_are_those_of_the_acting_role_and_the_waiting_ones_first(moderator):
    card("finance_only", 3, Role.FINANCE)
    card("quiet_one", 0, Role.MODERATOR)
    card("people_one", 1, Role.MODERATOR, section=Section.PEOPLE)
    card("busy_one", 250, Role.MODERATOR)
    page = page_of(moderator)
    assert "finance_only" not in page
    assert page.index("busy_one") < page.index("people_one") < page.index("quiet_one")
    assert '<span class="card-number">99+</span>' in page


def test_counting_stops_at_the_limit(django_assert_num_queries, person):
    for n in range(3):
        person(f"person_{n}")
    assert up_to(User.objects.order_by("handle"), 2) == 2
    assert up_to(User.objects.all(), 100) == 3


def test_a_card_is_registered_once():
    card("twice", 1, Role.MODERATOR)
    with pytest.raises(ValueError, match="twice"):
        card("twice", 1, Role.MODERATOR)


def test_numbers_stand_on_the_homes_of_their_roles_alone(moderator, staff):
    asked = []

    def read():
        asked.append("once")
        return [HomeFigure("Viewers", "1,200", "+3.0 %")]

    register_figures(
        HomeFigures("Yesterday", "Of yesterday.", (Role.AUDITOR,), read, "More of them", lambda: "/more/")
    )
    page = page_of(staff(Role.AUDITOR))
    assert "Yesterday" in page and "1,200" in page and "+3.0 %" in page
    assert '<a href="/more/">More of them</a>' in page
    assert "Yesterday" not in page_of(moderator)
    assert asked == ["once"], "nobody is asked for what is not shown"


def test_what_one_did_last_comes_newest_first(moderator):
    acts = [
        RecentAct(datetime(2026, 1, day, tzinfo=UTC), f"did thing {day}", "<b>bob</b>", "/x/")
        for day in (1, 9, 5)
    ]
    home.register_recent(lambda user, limit: acts if user == moderator.user else [])
    page = moderator.get("/").content.decode()
    assert page.index("Did thing 9") < page.index("Did thing 5") < page.index("Did thing 1")
    assert "&lt;b&gt;bob" in page


def test_rooms_are_grouped_by_section_in_the_order_of_work(moderator, staff):
    page = page_of(moderator)
    assert page.index(">Moderation<") < page.index(">People<")
    assert "Oversight" not in page, "moderators read no grants"
    assert "Oversight" in page_of(staff(Role.AUDITOR))


def test_the_address_of_an_app_leads_home(moderator):
    assert moderator.get("/accounts/").url == "/"


def people(query):
    found = User.objects.handle_starts_with(query)
    return [
        Hit(user.handle, reverse("admin:accounts_user_change", args=[user.pk]), exact=user.handle == query)
        for user in found
    ]


def test_search_is_offered_to_roles_that_have_something_to_find(moderator, staff):
    register_search(SearchProvider("People", (Role.MODERATOR,), people))
    assert 'id="global-search"' in page_of(moderator)
    assert 'id="global-search"' not in page_of(staff(Role.FINANCE))
    assert "Nothing found" in page_of(staff(Role.AUDITOR), "/search/", q="staff_moderator")


def test_one_exact_hit_opens_at_once(moderator, person):
    register_search(SearchProvider("People", (Role.MODERATOR,), people))
    ann, _ = person("ann_x"), person("ann_x_too")
    assert moderator.get("/search/", {"q": " ann_x "}).url == reverse(
        "admin:accounts_user_change", args=[ann.pk]
    )
    page = page_of(moderator, "/search/", q="ann_")
    assert "ann_x_too" in page


def test_two_exact_hits_are_shown(moderator):
    for words in ("This", "That"):
        register_search(
            SearchProvider(words, (Role.MODERATOR,), lambda query: [Hit(query, "/x/", exact=True)])
        )
    page = page_of(moderator, "/search/", q="same")
    assert "<h2>This</h2>" in page
    assert "<h2>That</h2>" in page


@pytest.mark.parametrize("query", ["", "   ", "x" * 201, "a\x00b", "💥", "%", "<script>", "' OR 1=1"])
def test_any_query_is_answered_in_words(moderator, query):
    register_search(SearchProvider("People", (Role.MODERATOR,), people))
    response = moderator.get("/search/", {"q": query})
    assert response.status_code == 200
    assert b"<script>" not in response.content.replace(b"<script src", b"")


def test_a_provider_is_registered_once():
    register_search(SearchProvider("People", (), people))
    with pytest.raises(ValueError, match="People"):
        register_search(SearchProvider("People", (), people))


def test_panels_show_the_newest_and_say_that_there_are_more(moderator, person):
    from accounts.models import Restriction

    somebody = person("somebody")
    for n in range(3):
        period = (datetime(2026, 1, 1, tzinfo=UTC), None)
        kind = ("chat", "stream", "tip")[n]
        Restriction.objects.create(user=somebody, kind=kind, reason=f"reason {n}", valid=period)
    page = page_of(moderator, reverse("admin:accounts_user_change", args=[somebody.pk]))
    assert "reason 2" in page
    assert "reason 0" not in page
    assert "There are more; these are the newest 2." in page
    assert "Secrets" not in page, "the role lacks the permission"
