"""What pages of insight cost: the same number of queries whatever there is, and none that touches a raw table."""

from collections.abc import Callable
from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import StreamMinute
from core.db.roles import Role
from streams.models import Stream
from tests.analytics.factories_figures import (
    category_day,
    minutes_of,
    performance,
    performer_day,
    platform_day,
)
from tests.analytics.plans import RAW_TABLES, tables_read
from tests.analytics.test_pages import MARCH, MARCH_1, MARCH_2, PLATFORM, START, of_performer, of_stream
from tests.browser import Browser
from tests.streams.factories_archives import make_stream
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def busy_platform(rows: int) -> Stream:
    """Two days of the platform and so many performers, streams and categories; one of the streams."""
    today = timezone.now().astimezone(UTC).date()
    for day in {MARCH_1, MARCH_2, today, today - timedelta(days=1)}:
        platform_day(day, 10)
    stream = None
    for number in range(rows):
        stream = make_stream()
        performer_day(stream.performer, MARCH_1, 10 + number)
        performance(stream, START + timedelta(minutes=number), 90, 10 + number)
        category_day(category(f"Category {number}"), MARCH_1, 10 + number)
    assert stream is not None
    minutes_of(stream, stream.performance.started_at, [5] * 90)
    return stream


@pytest.mark.parametrize("rows", [1, 20])
def test_pages_ask_the_same_number_of_queries(staff_client: StaffClient, rows: int) -> None:
    stream = busy_platform(rows)
    analyst = staff_client(Role.ANALYST)
    for address, most in (
        (reverse(PLATFORM), 17),
        (of_performer(stream.performer), 16),
        (of_stream(stream), 16),
    ):
        analyst.get(address, MARCH)
        with CaptureQueriesContext(connection) as asked:
            assert analyst.get(address, MARCH).status_code == 200
        assert len(asked) <= most, (address, len(asked), [query["sql"][:150] for query in asked])


def test_pages_read_figures_and_no_raw_table(staff_client: StaffClient) -> None:
    stream = busy_platform(3)
    analyst = staff_client(Role.ANALYST)
    expected = {
        reverse(PLATFORM): {
            "analytics_platformday",
            "analytics_performerday",
            "analytics_categoryday",
            "analytics_streamperformance",
        },
        of_performer(stream.performer): {"analytics_performerday", "analytics_streamperformance"},
        of_stream(stream): {"analytics_streamminute", "analytics_streamperformance"},
        reverse("admin:index"): {"analytics_platformday"},
    }
    for address, figures in expected.items():
        with CaptureQueriesContext(connection) as asked:
            assert analyst.get(address, MARCH).status_code == 200
        read = tables_read([query["sql"] for query in asked], Role.ANALYST, analyst.user.pk)
        assert figures <= read, address
        assert not read & RAW_TABLES, address


def test_plans_name_raw_tables_and_their_partitions() -> None:
    for table in sorted(RAW_TABLES):
        assert table in tables_read([f"SELECT count(*) FROM {table}"], None, None)


def test_the_curve_is_found_by_its_index() -> None:
    stream = make_stream()
    minutes_of(stream, START, [5] * 600)
    for _ in range(8):
        other = make_stream()
        minutes_of(other, START, [5] * 600)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_streamminute")
        cursor.execute(
            "EXPLAIN SELECT * FROM analytics_streamminute WHERE stream_id = %s AND minute >= %s",
            [stream.pk, START],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert StreamMinute.objects.count() == 5400
    assert "analytics_streamminute_stream_minute_key" in plan
