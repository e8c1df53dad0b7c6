"""Lists page by key and count nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services.users import NewUser, users_import
from core.admin import keyset
from core.admin.keyset import about, estimated_rows
from core.models.identity import uuid7

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.admin.rooms")]
LIST = "/accounts/user/"


def shown(response):
    return [str(row.pk) for row in response.context["cl"].result_list]


def link(response, which):
    return LIST + getattr(response.context["cl"], f"{which}_url")


@pytest.fixture
def crowd(db):
    """Twelve people, newest first, beside the member of staff who looks (and who is the newest of all)."""
    users_import(people=[NewUser(handle=f"crowd_{n:02}", id=uuid7()) for n in range(12)])
    return [str(pk) for pk in User.objects.order_by("-pk").values_list("pk", flat=True)]


def test_pages_follow_one_another_and_lead_back(crowd, moderator):
    everybody = [str(moderator.user.pk), *crowd]
    first = moderator.get(LIST)
    second = moderator.get(link(first, "older"))
    third = moderator.get(link(second, "older"))
    assert shown(first) + shown(second) + shown(third) == everybody
    assert (first.context["cl"].newer_url, third.context["cl"].older_url) == ("", "")
    assert shown(moderator.get(link(third, "newer"))) == shown(second)
    assert shown(moderator.get(link(second, "newer"))) == shown(first)
    assert shown(moderator.get(link(third, "first"))) == shown(first)


def test_the_way_back_ends_on_a_whole_first_page(crowd, moderator):
    second_row = crowd[1]
    page = moderator.get(LIST, {"before": second_row})
    assert shown(page) == [str(moderator.user.pk), *crowd[:4]]
    assert page.context["cl"].newer_url == ""


def test_filters_and_search_stay_while_paging(crowd, moderator):
    page = moderator.get(LIST, {"q": "crowd", "status": "active"})
    assert shown(page) == crowd[:5]
    following = link(page, "older")
    assert "q=crowd" in following
    assert "status=active" in following
    assert shown(moderator.get(following)) == crowd[5:10]
    assert "after=" not in moderator.get(following).context["cl"].get_query_string({"status": "closed"})


def test_a_list_counts_and_skips_nothing(crowd, moderator):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = moderator.get(LIST)
        moderator.get(link(page, "older"))
        moderator.get(LIST, {"q": "crowd"})
    words = " ".join(query["sql"].upper() for query in queries)
    assert "COUNT(" not in words
    assert "OFFSET" not in words


def test_a_list_asks_the_same_number_of_queries_whatever_it_shows(
    crowd, moderator, django_assert_num_queries
):
    moderator.get(LIST)
    with CaptureQueriesContext(connection) as few:
        moderator.get(LIST, {"q": "crowd_01"})
    with CaptureQueriesContext(connection) as many:
        moderator.get(LIST, {"q": "crowd"})
    assert len(few) == len(many)


@pytest.mark.parametrize(
    "cursor", ["zzz", "", "123", "00000000-0000-0000-0000-00000000000", "💥", "' OR 1=1 --"]
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_malformed_cursor_is_told_and_the_first_page_shown(crowd, moderator, side, cursor):
    page = moderator.get(LIST, {side: cursor})
    assert page.status_code == 200
    assert "The page marker in the address is not one of ours" in page.content.decode()
    assert shown(page) == [str(moderator.user.pk), *crowd[:4]]


def test_a_page_beyond_the_last_row_leads_back(crowd, moderator):
    page = moderator.get(LIST, {"after": crowd[-1]})
    assert page.status_code == 200
    assert shown(page) == []
    assert page.context["cl"].first_url
    assert "Nothing found" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?status=%00",
        "?q=%00",
        "?nonsense=1",
        "?status__bogus=1",
        "?p=-1",
        "?o=1.2.x",
        "?all=",
        "?e=1",
        "?q=%22",
    ],
)
def test_nonsense_in_the_address_is_answered_in_words(crowd, moderator, query):
    page = moderator.get(LIST + query, follow=True)
    assert page.status_code in (200, 400)
    assert "People" in page.content.decode() or "made no sense" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?country=DE",
        "?country__startswith=D",
        "?handle_skeleton__startswith=a",
        "?status__startswith=a",
        "?user__handle__startswith=a",
    ],
)
def test_an_address_is_no_way_to_probe_columns_without_a_filter(crowd, moderator, query):
    page = moderator.get((LIST if "user__" not in query else "/accounts/restriction/") + query)
    assert page.status_code == 400
    assert "This request made no sense to us" in page.content.decode()


def test_an_id_in_the_search_box_finds_its_row(crowd, moderator):
    assert shown(moderator.get(LIST, {"q": crowd[3]})) == [crowd[3]]
    assert shown(moderator.get(LIST, {"q": str(uuid7())})) == []


def test_the_heading_says_no_more_than_the_statistics_know(crowd, moderator, monkeypatch):
    for estimate, words in (
        (None, "5 people on this page"),
        (3, "5 people on this page"),
        (1_234_567, "About 1.2 million people, newest first"),
    ):
        monkeypatch.setattr(keyset, "estimated_rows", lambda model, known=estimate: known)
        assert words in moderator.get(LIST).content.decode()
    assert "1 person" in moderator.get(LIST, {"q": "crowd_01"}).content.decode()
    for query in ({"q": "crowd"}, {"status": "active"}, {"status__exact": "active"}, {"since": "2020-01-01"}):
        assert "5 people on this page" in moderator.get(LIST, query).content.decode()


def test_the_estimate_comes_from_statistics_and_adds_up_partitions():
    model = type("Estimated", (), {"_meta": type("Meta", (), {"db_table": "estimated"})})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE estimated (id int) PARTITION BY RANGE (id)")
        for low in (0, 100):
            cursor.execute(
                f"CREATE TABLE estimated_{low} PARTITION OF estimated FOR VALUES FROM ({low}) TO ({low + 100})"
            )
        cursor.execute("INSERT INTO estimated SELECT generate_series(50, 149)")
        assert estimated_rows(model) is None, "never analysed: nothing is claimed"
        cursor.execute("ANALYZE estimated_0")
        assert estimated_rows(model) == 50
        cursor.execute("ANALYZE estimated")
        assert estimated_rows(model) == 100
        model._meta.db_table = "estimated_100"
        assert estimated_rows(model) == 50


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (12_345, "12,300"),
        (1_000_000, "1 million"),
        (1_234_567, "1.2 million"),
        (4 * 10**9, "4 billion"),
    ],
)
def test_large_numbers_are_said_as_people_say_them(rows, words):
    assert about(rows) == words
