"""Lists of figures in the back office: who sees them, with how many queries, and that nobody changes any."""

import re
from typing import Any

import pytest
from django.db.models import Model
from django.urls import reverse

from analytics.models import CategoryDay, PerformerDay, PlatformDay, StreamPerformance
from core.db.roles import Role
from tests.analytics.figures_data import HOUR, Play, compute_all, on_air, performer, play
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db

LISTS = (StreamPerformance, PerformerDay, CategoryDay, PlatformDay)


def url_of(model: type[Model], *of: Any) -> str:
    kind = "change" if of else "changelist"
    return reverse(f"admin:analytics_{model._meta.model_name}_{kind}", args=of)


def figures_of(count: int) -> None:
    """Streams of so many performers, each in a category of its own."""
    streams = [on_air(performer(), 0, HOUR, (0, category(f"Room {n}"))) for n in range(count)]
    for stream in streams:
        play(Play(stream, 1, ((60, 181),)))
    compute_all(streams)


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("rows", [1, 20])
def test_a_list_asks_the_same_number_of_queries(
    model: type[Model], rows: int, staff_client: Any, django_assert_max_num_queries: Any
) -> None:
    figures_of(rows)
    browser = staff_client(Role.ANALYST)
    with django_assert_max_num_queries(11):
        response = browser.get(url_of(model))
    assert response.status_code == 200
    if model is not PlatformDay:
        assert len(re.findall(r'class="action-select|<tr><th|<th class="field-', response.content.decode())) >= rows


@pytest.mark.parametrize("model", LISTS)
def test_a_row_shows_its_figures_and_offers_no_change(model: type[Model], staff_client: Any) -> None:
    figures_of(1)
    browser = staff_client(Role.AUDITOR)
    row = model._default_manager.get()
    page = browser.get(url_of(model, row.pk)).content.decode()
    assert "Watch seconds" in page
    assert 'name="_save"' not in page


def test_a_day_that_is_none_is_told(staff_client: Any) -> None:
    browser = staff_client(Role.ANALYST)
    page = browser.get(f"{url_of(PerformerDay)}?day=2026-02-31")
    assert page.status_code == 200
    assert "2026-02-31" in page.content.decode()
