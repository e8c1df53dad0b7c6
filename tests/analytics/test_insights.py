"""The building blocks of pages of insight: range, comparison, figures that everybody can read, files on record."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from analytics.admin.heat_maps import heat_map_svg
from analytics.admin.parts import Figure, HeatMap, Series, Shape, change
from analytics.admin.pictures import figure_svg
from analytics.admin.ranges import MOST_DAYS, DateRange, RangeForm
from audit.models import Event
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.browser import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.analytics.insight_rooms")]

StaffClient = Callable[..., Browser]
PAGE = "/insights/every-kind/"
SVG = "{http://www.w3.org/2000/svg}"


def form(query: str = "", **options: object) -> RangeForm:
    return RangeForm(QueryDict(query), **options)  # type: ignore[arg-type]


def sentences(query: str, **options: object) -> str:
    asked = form(query, **options)
    assert not asked.is_valid()
    return " ".join(str(error) for errors in asked.errors.values() for error in errors)


def lines(response: HttpResponse) -> list[list[str]]:
    return list(csv.reader(response.content.decode().splitlines()))


def test_days_before_are_as_many_and_directly_before() -> None:
    march = DateRange(date(2026, 3, 1), date(2026, 3, 31))
    assert march.days == 31
    assert march.previous == DateRange(date(2026, 1, 29), date(2026, 2, 28))
    assert (min(march), max(march), len(list(march))) == (march.since, march.until, 31)


def test_days_of_a_zone_begin_by_its_clocks() -> None:
    clocks_go_forward = DateRange(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert clocks_go_forward.start == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert clocks_go_forward.end == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_nothing_asked_for_is_the_last_days_compared() -> None:
    asked = form(days=28)
    assert asked.is_valid()
    today = datetime.now(UTC).date()
    assert asked.chosen.until in (today, today - timedelta(days=1))
    assert asked.chosen.days == 28 and asked.previous == asked.chosen.previous


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2015-01-01&until=2024-12-31", "That are 3,653 days. Choose at most 400"),
        ("since=2024-03-02&until=2024-03-01", "The end lies before the beginning."),
        ("since=1969-01-01&until=1969-02-01", "There are no figures from before"),
        ("since=0001-01-01&until=0001-01-02", "There are no figures from before"),
        ("since=9999-12-30&until=9999-12-31", "The end lies in the future."),
        ("since=2024-02-30&until=2024-03-01", "Write a day of the calendar"),
        ("since=yesterday&until=2024-03-01", "Write a day of the calendar"),
        ("since=2024-03-01", "Choose a day."),
        ("since=2024-03-01&until=2024-03-02&zone=Mars/Olympus", "is no time zone"),
        ("since=2024-03-01&until=2024-03-02&zone=../../etc/passwd", "is no time zone"),
        ("since=2024-03-01&until=2024-03-02&zone=Europe", "is no time zone"),
        ("since=2024-03-01&until=2024-03-02&zone=A%00B", "Null characters"),
        (f"since=2024-03-01&until=2024-03-02&zone={'x' * 65}", "at most 64 characters"),
    ],
)
def test_a_range_that_makes_no_sense_is_a_sentence(query: str, words: str) -> None:
    assert words in sentences(query, has_zone=True)


def test_a_page_by_days_of_utc_says_so() -> None:
    query = "since=2024-03-01&until=2024-03-02&zone=Europe/Berlin"
    assert "by days of UTC" in sentences(query)
    assert form(query, has_zone=True).is_valid()


def test_four_hundred_days_are_the_most() -> None:
    last = date(2025, 6, 1)
    assert form(f"since={last - timedelta(days=MOST_DAYS - 1)}&until={last}").is_valid()
    assert "That are 401 days" in sentences(f"since={last - timedelta(days=MOST_DAYS)}&until={last}")


def test_presets_are_valid_and_keep_the_rest() -> None:
    asked = form("since=2024-03-01&until=2024-03-02&zone=Europe/Berlin&compare=on", has_zone=True)
    assert asked.is_valid()
    for preset in asked.presets:
        again = form(preset.query, has_zone=True)
        assert again.is_valid(), again.errors
        assert (again.chosen.since, again.chosen.until) == (preset.since, preset.until)
        assert again.chosen.zone.key == "Europe/Berlin" and again.previous is not None
        assert [offered.words for offered in again.presets if offered.is_chosen] == [preset.words]


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_form(since: str, until: str, zone: str) -> None:
    query = QueryDict(mutable=True)
    query.update({"since": since, "until": until, "zone": zone})
    RangeForm(query, has_zone=True).is_valid()


def test_change_is_told_in_words() -> None:
    assert change(110, 100) == "+10.0 %"
    assert change(90, 100) == "−10.0 %"  # noqa: RUF001
    assert change(100, 100) == "the same as before"
    assert change(5, 0) == "none before"
    assert change(0, 0) == "none before either"
    assert change(None, 3) == change(3, None) == ""


@pytest.mark.parametrize("shape", list(Shape))
def test_a_picture_has_a_name_a_description_and_points_that_speak(shape: Shape) -> None:
    figure = Figure("f", "A <title>", "Day", ["Mon", "Tue"], [Series("Viewers & more", [1, 1500])], shape)
    root = ElementTree.fromstring(figure_svg(figure))
    assert root.get("role") == "img"
    name, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert name is not None and told is not None
    assert (root.get("aria-labelledby"), name.text) == (name.get("id"), "A <title>")
    assert root.get("aria-describedby") == told.get("id")
    assert told.text == "A <title>, Mon to Tue. Viewers & more: at most 1,500, at Tue."
    assert "Tue: 1,500" in [title.text for title in root.iter(f"{SVG}title")]
    assert root.find(f".//{SVG}script") is None


def test_a_gap_is_no_zero() -> None:
    figure = Figure("f", "Gap", "Day", ["1", "2", "3"], [Series("Viewers", [5, None, 7])])
    assert [cells for _, cells in figure.rows] == [["5"], ["–"], ["7"]]
    assert len(re.findall("<circle|:circle", figure_svg(figure))) == 2


def test_a_heat_map_leaves_out_what_has_no_number() -> None:
    heat_map = HeatMap("h", "Back", "Week", ["a", "b"], ["0", "1"], [[0, 0], [4, None]])
    root = ElementTree.fromstring(heat_map_svg(heat_map))
    assert len(list(root.iter(f"{SVG}rect"))) == 3
    assert "a, 1: 0" in [title.text for title in root.iter(f"{SVG}title")]
    assert heat_map.lines == [("a", 0, 0), ("b", 4, None)]


def test_the_page_shows_every_part_with_its_table(staff_client: StaffClient) -> None:
    page = staff_client(Role.ANALYST).get(
        PAGE, {"since": "2024-03-01", "until": "2024-03-07", "compare": "on"}
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('role="img"') == 4
    assert text.count("The same as a table") == 4
    assert "Viewers &lt;b&gt;a day&lt;/b&gt;" in text and "<b>a day" not in text
    assert "+5.8 % (3,980)" in text and "25.0%" in text
    assert "compared with 23 Feb 2024 to 29 Feb 2024" in text
    assert "There are no figures for these days." in text


def test_who_does_not_compare_sees_one_range(staff_client: StaffClient) -> None:
    page = staff_client(Role.ANALYST).get(PAGE, {"since": "2024-03-01", "until": "2024-03-07"})
    assert "compared with" not in page.content.decode() and "Days before" not in page.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2015-01-01", "until": "2024-12-31"}, "Choose at most 400"),
        ({"since": "2024-03-02", "until": "2024-03-01"}, "The end lies before the beginning."),
        ({"since": "2024-03-01", "until": "2024-03-02", "zone": "Mars/Olympus"}, "is no time zone"),
        ({"since": "2024-03-01", "until": "2024-03-13"}, "Thirteen days are bad luck."),
    ],
)
def test_bad_input_is_a_sentence_on_the_page(
    staff_client: StaffClient, query: dict[str, str], words: str
) -> None:
    analyst = staff_client(Role.ANALYST)
    for answer in (analyst.get(PAGE, query), analyst.send(PAGE, {**query, "part": "line"})):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert words in text and 'role="alert"' in text
        assert 'role="img"' not in text


def test_other_roles_see_neither_page_nor_link(staff_client: StaffClient) -> None:
    assert staff_client(Role.MODERATOR).get(PAGE).status_code == 403


def test_an_unknown_id_is_a_sentence_on_the_page(staff_client: StaffClient) -> None:
    auditor = staff_client(Role.AUDITOR)
    known = auditor.get(reverse("admin:insight_about", args=[UserFactory().pk]))
    assert known.status_code == 200 and "About user_" in known.content.decode()
    unknown = auditor.get(reverse("admin:insight_about", args=[uuid7()]))
    assert unknown.status_code == 404
    assert "There is no such person, or your role may not see it." in unknown.content.decode()


def test_a_file_is_escaped_and_on_record(staff_client: StaffClient) -> None:
    analyst = staff_client(Role.ANALYST)
    asked = {"since": "2024-03-01", "until": "2024-03-03", "compare": "on"}
    answer = analyst.send(PAGE, {**asked, "part": "line"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "every_kind-line-2024-03-01-2024-03-03.csv" in answer["Content-Disposition"]
    assert lines(answer) == [
        ["Day", "Viewers", "Days before", "Compared with"],
        ["2024-03-01", "0", "0", "2024-02-27"],
        ["2024-03-02", "", "9", "2024-02-28"],
        ["2024-03-03", "20", "18", "2024-02-29"],
    ]
    top = lines(analyst.send(PAGE, {**asked, "part": "top"}))
    assert top[1:] == [['\'=HYPERLINK("http://example.com")', "12"], ["-12", "3"]]
    first, _ = Event.objects.filter(action="insight_exported").order_by("pk")
    assert first.actor_id == analyst.user.pk and first.acting_role == Role.ANALYST
    assert first.detail["part"] == "line" and first.detail["since"] == "2024-03-01"
    assert first.detail["rows"] == 3 and first.detail["is_cut"] is False


def test_a_long_file_is_cut_and_says_so(staff_client: StaffClient) -> None:
    auditor = staff_client(Role.AUDITOR)
    address = reverse("admin:insight_about", args=[UserFactory().pk])
    rows = lines(auditor.send(address, {"part": "long"}))
    assert len(rows) == 10_002
    assert rows[-1] == ["Cut: these are the first 10,000 of 10,001 lines."]
    assert Event.objects.get(action="insight_exported").detail["is_cut"] is True


def test_only_who_may_export_gets_a_file(staff_client: StaffClient) -> None:
    auditor = staff_client(Role.AUDITOR)
    assert "Save as CSV" not in auditor.get(PAGE).content.decode()
    assert auditor.send(PAGE, {"part": "line"}).status_code == 403
    assert staff_client(Role.ANALYST).send(PAGE, {"part": "no such part"}).status_code == 403
    assert not Event.objects.filter(action="insight_exported").exists()
