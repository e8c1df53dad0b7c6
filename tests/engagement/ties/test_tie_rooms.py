"""The rooms of ties and counters, and what pages of people and performers show of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from core.db.roles import Role
from engagement.models import (
    Block,
    CounterDelta,
    CounterFold,
    EngagementCounter,
    Favourite,
    Follow,
    Mute,
    Reaction,
    Share,
)
from engagement.services.blocks import block_place
from engagement.services.favourites import favourite_keep
from engagement.services.mutes import mute_place
from engagement.services.reactions import reaction_give
from engagement.services.shares import share_make
from tests.browser import Browser
from tests.engagement.ties_data import archive, as_person, follow, performer, viewer
from tests.sql import run
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db

OF_PEOPLE = (Follow, Block, Mute, Favourite, Reaction, Share)
FIGURES = (EngagementCounter, CounterDelta, CounterFold)


def fill(rows: int) -> tuple[Any, Any]:
    """So many rows in every list; the last performer and viewer."""
    sewing = category("Sewing")
    for number in range(rows):
        star, fan, other = performer(), viewer(), viewer()
        kept = archive(star)
        follow(fan, star)
        with as_person(fan):
            favourite_keep(archive_id=kept.pk, actor=fan)
            reaction_give(archive_id=kept.pk, kind="heart", actor=fan)
            share_make(performer_id=star.pk, channel="link", actor=fan)
            mute_place(person_id=other.pk, actor=fan)
            if number % 2:
                mute_place(category_id=sewing.pk, actor=fan)
            block_place(person_id=other.pk, actor=fan)
        run(
            "INSERT INTO engagement_engagementcounter "
            "(id, subject_type, subject, kind, performer_id, value, folded_at) "
            "VALUES (uuidv7(), 'performer', %s, 'followers', %s, 1234, now())",
            [star.pk, star.pk],
        )
        run(
            "INSERT INTO engagement_counterfold (id, since, until, deltas, counters, epoch_id, folded_at) "
            "SELECT uuidv7(), 0, %s, 1, 1, id, now() FROM billing_ledgerepoch",
            [number + 1],
        )
    return star, fan


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    staff_client: Callable[..., Browser], rows: int, django_assert_max_num_queries: Any
) -> None:
    fill(rows)
    moderator = staff_client(Role.MODERATOR)
    for model in (*OF_PEOPLE, *FIGURES):
        name = model._meta.model_name
        # Beyond a page, as with four changes of counters for each of twenty, the planner is asked how many there are.
        with django_assert_max_num_queries(13):
            response = moderator.get(reverse(f"admin:engagement_{name}_changelist"))
        assert response.status_code == 200, name


def test_pages_open_and_offer_no_change(staff_client: Callable[..., Browser]) -> None:
    fill(1)
    support = staff_client(Role.SUPPORT)
    for model in (*OF_PEOPLE, *FIGURES):
        row = model.objects.order_by("-pk").first()
        page = support.get(reverse(f"admin:engagement_{model._meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200, model
        assert 'name="_save"' not in page.content.decode()


def test_a_list_is_narrowed_by_people_and_by_what_lasts(staff_client: Callable[..., Browser]) -> None:
    fill(3)
    star, fan = Follow.objects.order_by("pk")[0].performer, Follow.objects.order_by("pk")[0].user
    moderator = staff_client(Role.MODERATOR)
    for name, asked, rows in (
        ("follow", {"user": fan.handle}, 1),
        ("follow", {"performer": star.slug}, 1),
        ("follow", {"lasts": "yes"}, 3),
        ("follow", {"lasts": "no"}, 0),
        ("block", {"blocker": fan.handle}, 1),
        ("block", {"blocked": fan.handle}, 0),
        ("mute", {"muter": str(fan.pk)}, 1),
        ("reaction", {"user": fan.handle}, 1),
        ("share", {"link": Share.objects.get(user=fan).link}, 1),
        ("engagementcounter", {"performer": star.slug}, 1),
    ):
        page = moderator.get(reverse(f"admin:engagement_{name}_changelist"), asked).content.decode()
        assert page.count('<th class="field-') == rows, (name, asked)


def test_pages_of_people_show_their_ties(staff_client: Callable[..., Browser]) -> None:
    star, fan = fill(1)
    moderator = staff_client(Role.MODERATOR)
    person = moderator.get(reverse("admin:accounts_user_change", args=[fan.pk])).content.decode()
    assert str(star) in person
    assert "Blocked nobody." not in person
    assert "Nobody blocked this person." in person
    page = moderator.get(reverse("admin:performers_performerprofile_change", args=[star.pk])).content.decode()
    assert fan.handle in page
    assert "1,234" in page


@pytest.mark.parametrize("role", [Role.FINANCE, Role.ANALYST, Role.ADMINISTRATOR])
def test_others_see_figures_and_no_people(staff_client: Callable[..., Browser], role: Role) -> None:
    star, fan = fill(1)
    browser = staff_client(role)
    for model in OF_PEOPLE:
        assert (
            browser.get(reverse(f"admin:engagement_{model._meta.model_name}_changelist")).status_code == 403
        ), model
    assert browser.get(reverse("admin:engagement_engagementcounter_changelist")).status_code == 200
    page = browser.get(reverse("admin:performers_performerprofile_change", args=[star.pk])).content.decode()
    assert fan.handle not in page
