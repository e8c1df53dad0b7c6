"""The directory: filters, and pages over a snapshot that see nobody twice and miss nobody."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db.context import acting
from core.db.roles import Role
from performers.models import GeoBlock
from streams.directory import DirectoryPage, directory_page
from streams.errors import PageRefused, SearchRefused, WatchRefused
from streams.models import LiveListing, LiveListingSnapshot, Stream, ViewerLabelPreference
from streams.models.category import STEP
from streams.services.listings import listings_refresh
from tests.accounts.factories import UserFactory
from tests.sql import refused, run
from tests.streams.factories_catalogue import TagFactory, category
from tests.streams.factories_watching import (
    demand,
    described,
    label,
    labelled,
    move_stream,
    performer,
    stream,
    watched,
)

pytestmark = pytest.mark.django_db


def refresh() -> Any:
    with acting(Role.WORKER):
        return listings_refresh()


def page(**asked: Any) -> DirectoryPage:
    viewer = asked.get("viewer_id")
    with acting(Role.VIEWER, user_id=viewer):
        return directory_page(**asked)


def ids(**asked: Any) -> list[UUID]:
    return [entry.stream_id for entry in page(**asked).entries]


def read_on(size: int, token: str | None = None) -> tuple[list[UUID], str | None]:
    found = page(limit=size, page=token)
    return [entry.stream_id for entry in found.entries], found.next_page


def test_nothing_before_the_first_snapshot() -> None:
    assert page() == DirectoryPage((), None, None)


def test_only_what_is_live_and_public_by_viewers() -> None:
    few, many, none = stream(), stream(), stream()
    watched(few, 3)
    watched(many, 4000)
    watched(many, 9, minutes_ago=3)
    watched(none, 50, minutes_ago=60)
    for hidden in ("private", "unlisted"):
        stream(visibility=hidden)
    for status in ("scheduled", "starting", "interrupted", "ended"):
        stream(status=status)
    done = refresh()
    assert done.listed == 3
    assert ids() == [many.pk, few.pk, none.pk]
    assert [entry.viewers for entry in page().entries] == [4000, 3, 0]
    assert page().taken_at == LiveListingSnapshot.objects.get().taken_at
    move_stream(Stream.objects.get(pk=many.pk), "ended")
    Stream.objects.filter(pk=few.pk).update(visibility="private")
    assert ids() == [none.pk], "what ended or became private since is not shown"


def test_filters() -> None:
    games = category("Games")
    chess = category("Chess", games)
    cooking = category("Cooking")
    tag = TagFactory(name="speedrun")
    plays = described(stream(language="ko"), category=chess, tag=tag)
    cooks = described(stream(), category=cooking)
    spiders, blood = label("spiders_close_up"), label("blood_in_pictures")
    labelled(plays, spiders)
    labelled(cooks, blood)
    refresh()
    assert set(ids()) == {plays.pk, cooks.pk}
    assert ids(category=games.slug) == ids(category=chess.slug) == [plays.pk]
    assert ids(category=cooking.slug) == [cooks.pk]
    assert ids(tag="speedrun") == ids(language="ko") == ids(label="spiders_close_up") == [plays.pk]
    assert ids(without_labels=["spiders_close_up"]) == [cooks.pk]
    viewer = UserFactory()
    ViewerLabelPreference.objects.create(viewer=viewer, label=blood, action="hide")
    ViewerLabelPreference.objects.create(viewer=viewer, label=spiders, action="blur")
    assert ids(viewer_id=viewer.pk) == [plays.pk], "hidden by preference; blurred is shown"
    assert ids(viewer_id=viewer.pk, without_labels=["spiders_close_up"]) == []
    assert STEP == 4, "streams_listings_refresh cuts paths into steps of four"


def test_where_performers_are_not_shown() -> None:
    everywhere, not_in_us, not_in_california, only_in_us, not_by_rule = (stream() for _ in range(5))
    GeoBlock.objects.create(performer=not_in_us.performer, country="US")
    GeoBlock.objects.create(performer=not_in_california.performer, country="US", subdivision="US-CA")
    demand(only_in_us, "countries", countries=["US"], country_mode="allowed")
    demand(not_by_rule, "countries", countries=["US"], country_mode="denied")
    refresh()
    assert set(ids()) == {everywhere.pk}
    assert set(ids(country="US")) == {everywhere.pk, only_in_us.pk}
    assert set(ids(country="US", subdivision="US-CA")) == {everywhere.pk, only_in_us.pk}
    assert set(ids(country="US", subdivision="US-NY")) == {everywhere.pk, only_in_us.pk, not_in_california.pk}
    assert set(ids(country="PT")) == {everywhere.pk, not_in_us.pk, not_in_california.pk, not_by_rule.pk}


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"category": "no-such"}, SearchRefused, "no category no-such"),
        ({"category": "a\x00b"}, SearchRefused, "no text"),
        ({"category": "x" * 101}, SearchRefused, "at most 100"),
        ({"tag": "nothing"}, SearchRefused, "no tag nothing"),
        ({"tag": "\ud800"}, SearchRefused, "no text"),
        ({"language": "klingonish"}, SearchRefused, "no language"),
        ({"language": ""}, SearchRefused, "no language"),
        ({"label": "no_such_label"}, SearchRefused, "no label"),
        ({"without_labels": ["no_such_label"]}, SearchRefused, "no label"),
        ({"country": "ZZ"}, WatchRefused, "no country"),
        ({"limit": 0}, SearchRefused, "1 to 100"),
        ({"limit": 101}, SearchRefused, "1 to 100"),
        ({"page": "forged"}, PageRefused, "no page of this list"),
        ({"page": "x" * 5000}, PageRefused, "no page of this list"),
        ({"page": "\ud800:\x00"}, PageRefused, "no page of this list"),
        ({"page": signing.dumps([1, 2], salt="streams.search")}, PageRefused, "no page of this list"),
        ({"page": signing.dumps({"a": 1}, salt="streams.directory")}, PageRefused, "other filters"),
    ],
)
def test_questions_that_make_no_sense(asked: dict[str, Any], error: type[Exception], words: str) -> None:
    refresh()
    with pytest.raises(error, match=words):
        page(**asked)


def test_a_page_of_other_filters_and_one_whose_list_is_over() -> None:
    for _ in range(3):
        stream()
    refresh()
    token = page(limit=1).next_page
    assert token
    with pytest.raises(PageRefused, match="other filters"):
        page(limit=1, page=token, language="ko")
    run("UPDATE streams_livelistingsnapshot SET taken_at = taken_at - interval '11 minutes'")
    assert refresh().forgotten == 1
    with pytest.raises(PageRefused, match="is over"):
        page(limit=1, page=token)
    assert LiveListing.objects.values("snapshot").distinct().count() == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(st.integers(0, 40), min_size=1, max_size=7),
    size=st.integers(1, 3),
    moves=st.lists(
        st.tuples(st.sampled_from(["count", "start", "end", "refresh"]), st.integers(0, 99)), max_size=8
    ),
)
def test_nobody_is_seen_twice_or_missed_while_everything_moves(
    pool: list[UUID], first: list[int], size: int, moves: list[tuple[str, int]]
) -> None:
    """Between pages, counts move, streams start and end, and other snapshots are taken."""
    with transaction.atomic():
        on_air, waiting = pool[: len(first)], pool[len(first) :]
        run(
            "UPDATE streams_stream SET visibility = CASE WHEN id = ANY (%s) THEN 'public' ELSE 'unlisted' END "
            "WHERE id = ANY (%s)",
            [on_air, pool],
        )
        refresh()
        # Any counts will do: the snapshot keeps them.
        for identity, viewers in zip(on_air, first, strict=True):
            run(
                "UPDATE streams_livelisting SET viewers = %s, viewer_bucket = %s WHERE stream_id = %s",
                [viewers, viewers // 4, identity],
            )
        seen: list[UUID] = []
        gone: set[UUID] = set()
        found, token = read_on(size)
        seen += found
        remaining = iter(moves)
        while token:
            kind, number = next(remaining, ("refresh", 0))
            if kind == "start" and waiting:
                run(
                    "UPDATE streams_stream SET visibility = 'public' WHERE id = %s",
                    [waiting[number % len(waiting)]],
                )
            if kind == "end":
                leaving = on_air[number % len(on_air)]
                gone.add(leaving)
                run("UPDATE streams_stream SET visibility = 'private' WHERE id = %s", [leaving])
            if kind in ("count", "refresh"):
                refresh()
            found, token = read_on(size, token)
            seen += found
        assert len(seen) == len(set(seen)), "seen twice"
        assert set(on_air) - gone <= set(seen) <= set(on_air), "missed, or from another snapshot"
        transaction.set_rollback(True)


@pytest.fixture
def pool(db: None) -> list[UUID]:
    """Ten live streams."""
    return [stream(performer()).pk for _ in range(10)]


def test_the_job_and_its_rights() -> None:
    stream()
    call_command("listings_refresh")
    assert LiveListing.objects.count() == 1
    for role in (Role.VIEWER, Role.PERFORMER, Role.MODERATOR):
        with acting(role, user_id=uuid4()), refused("permission denied"):
            run("SELECT streams_listings_refresh()")


def test_a_page_asks_few_queries(django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        stream()
    refresh()
    with acting(Role.VIEWER), django_assert_max_num_queries(2):
        token = directory_page(limit=5).next_page
    with acting(Role.VIEWER), django_assert_max_num_queries(2):
        assert len(directory_page(limit=5, page=token).entries) == 5


def test_listings_attacked_by_the_owner() -> None:
    made = stream()
    refresh()
    with refused("snapshot_stream_key"):
        run(
            "INSERT INTO streams_livelisting (snapshot_id, stream_id, performer_id, language, labels, category_paths, "
            "tags, blocked_regions, viewers, viewer_bucket, started_at) SELECT snapshot_id, stream_id, performer_id, "
            "language, "
            "labels, category_paths, tags, blocked_regions, viewers, viewer_bucket, started_at FROM streams_livelisting"
        )
    with refused("viewers_check"):
        run("UPDATE streams_livelisting SET viewers = -1")
    assert made.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuid_extract_version(id) FROM streams_livelisting")
        assert cursor.fetchone() == (7,)
