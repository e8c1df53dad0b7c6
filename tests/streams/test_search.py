"""Search: what is found by which words, in which order, and what never is."""
# ruff: noqa: RUF001  (full-width and Cyrillic letters are what is tested)

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.management import call_command
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from performers.announcements import performer_applied
from performers.models import GeoBlock, PerformerProfile
from streams.errors import PageRefused, SearchRefused, WatchRefused
from streams.models import SearchDocument, Stream
from streams.search import SearchPage, search_page
from streams.services.listings import search_refresh
from tests.sql import run
from tests.streams.factories_catalogue import category
from tests.streams.factories_watching import (
    archive,
    described,
    move_performer,
    move_stream,
    performer,
    stream,
)

pytestmark = pytest.mark.django_db

KOREAN = (
    "전투 매이드 마지막",
    "아내력 높아지고 있어",
    "스텔 롤 내전 행복한 외노자 감니다",
    "6시반 커버곡 공개!!!! 인생 첫 ASMR까지 !!!!!!",
    "우리 파스텔 이러와  스텔콘 후기 <3",
)


def search(words: str, **asked: Any) -> SearchPage:
    with acting(Role.VIEWER):
        return search_page(words=words, **asked)


def found(words: str, **asked: Any) -> list[UUID]:
    return [hit.id for hit in search(words, **asked).hits]


def one(title: str, **fields: Any) -> UUID:
    return stream(status=fields.pop("status", "scheduled"), title=title, **fields).pk


@pytest.mark.parametrize(
    ("language", "title", "searched"),
    [
        ("en", "Cooking dinners with friends", "cooked dinner"),
        ("en", "Cooking dinners with friends", "the cooking"),
        ("de", "Wir spielen alte Häuser nach", "Haus spielen"),
        ("fr", "Les chansons françaises préférées", "chanson francaise"),
        ("es", "Canciones de montaña", "cancion montana"),
        ("ru", "Играем в шахматы", "шахмат"),
        ("tr", "İstanbul'da oyunlar", "istanbul oyun"),
        ("eng", "Running marathons", "run"),
        ("ja", "今日のゲーム実況", "ゲーム"),
        ("en", "Café crème brûlée", "cafe brulee"),
        ("en", "Cafe creme", "café crème"),
        ("en", "Speedrunning Celeste", "speedr"),
        ("en", "Speedrunning Celeste", "CELESTE"),
        ("en", "Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("en", "🔥CHESS🔥 & tea", "chess tea"),
        ("en", "Dinner at eight", "dinner-at-eight!"),
        ("en", "Evening chess club", "chesss"),
        ("en", "Evening marathon club", "marathn"),
        ("en", "The Who", "the who"),
        ("ko", KOREAN[0], "매이드"),
        ("ko", KOREAN[0], "이드"),
        ("ko", KOREAN[1], "높아"),
        ("ko", KOREAN[1], "아내력 있어"),
        ("ko", KOREAN[2], "외노"),
        ("ko", KOREAN[3], "커버곡"),
        ("ko", KOREAN[3], "asmr"),
        ("ko", KOREAN[3], "버곡"),
        ("ko", KOREAN[4], "파스텔"),
        ("en", KOREAN[4], "스텔콘 후기"),
        ("ko", "롤", "롤"),
    ],
)
def test_found(language: str, title: str, searched: str) -> None:
    wanted = one(title, language=language)
    one("Something else entirely", language=language)
    assert found(searched) == [wanted]


@pytest.mark.parametrize(
    ("language", "title", "searched"),
    [
        ("en", "Anna sings", "chess"),
        ("en", "An evening", "anna"),
        ("ko", KOREAN[0], "마작"),
        ("en", "Chess", "chess cooking"),
        ("en", "Chess", "& | ! :*"),
        ("en", "Chess", "' \\ \" ( ) <-> :A"),
        ("en", "Chess", "   "),
        ("en", "Chess", ""),
        ("en", "100% fun", "%"),
        ("en", "Chess", "_"),
    ],
)
def test_not_found(language: str, title: str, searched: str) -> None:
    one(title, language=language)
    assert found(searched) == []


def test_operators_are_words_like_others() -> None:
    wanted = one("Chess & tea")
    assert found("chess & tea | !") == found("chess:* <-> tea") == [wanted]


def test_description_and_stage_name_are_searched_together_with_the_title() -> None:
    anna = performer("Ånna of the Hills")
    both = stream(
        anna, status="scheduled", title="Knitting", description="With coffee and a story about mountains."
    )
    assert found("anna knitting mountain") == [both.pk]
    assert both.pk in found("hills coffee")


def test_ranking() -> None:
    """Exact stage name, beginning of the title, title, stage name, description, similarity."""
    star = performer("Marathon", headline="Runs far", biography="Long ways.")
    search_refresh(performer_ids=[star.pk])
    begins = one("Marathon of chess")
    title = one("My first marathon ever")
    name = stream(performer("Marathon Mary"), status="scheduled", title="Tea time").pk
    description = one("Tea at five", description="Talking about a marathon.")
    similar = one("Marathn")
    expected = [star.pk, begins, title, name, description, similar]
    hits = search("marathon").hits
    assert [hit.id for hit in hits] == expected
    assert [hit.tier for hit in hits] == [4, 3, 2, 2, 2, 1]


def test_what_is_equal_is_ordered_by_on_air_then_newest() -> None:
    older, newer = one("Same words"), one("Same words")
    live = one("Same words", status="live")
    newest = one("Same words")
    assert found("same words") == [live, newest, newer, older]
    assert [hit.on_air for hit in search("same words").hits] == [True, False, False, False]


def test_never_found() -> None:
    """Private, unlisted, deleted, over, removed, unpublished, of performers who are not public."""
    words = "chess evening"
    for visibility in ("private", "unlisted"):
        one(words, visibility=visibility)
    for status in ("ended",):
        one(words, status=status)
    deleted = stream(status="scheduled", title=words)
    assert found(words) == [deleted.pk]
    Stream.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    for status in ("processing", "pending", "restricted", "removed"):
        archive(status=status, title=words)
    archive(title=words, visibility="private")
    archive(title=words, published=timezone.now() + timedelta(hours=1))
    for status in ("draft", "expired", "offboarded"):
        hidden = performer(status=status)
        search_refresh(performer_ids=[hidden.pk])
    leaving = stream(status="scheduled", title=words)
    move_performer(leaving.performer, "offboarded")
    assert found(words) == []
    assert SearchDocument.objects.filter(pk=leaving.pk).exists(), "asked again, whatever the projection says"
    search_refresh(performer_ids=[leaving.performer_id])
    assert not SearchDocument.objects.filter(pk=leaving.pk).exists()


def test_documents_follow_their_rows() -> None:
    made = stream(status="scheduled", title="First words")
    Stream.objects.filter(pk=made.pk).update(title="Second words")
    assert (found("first"), found("second")) == ([], [made.pk])
    move_stream(Stream.objects.get(pk=made.pk), "starting", "live")
    assert found("second") == [made.pk]
    written = run("SELECT xmin, ctid FROM streams_searchdocument WHERE id = %s", [made.pk])
    Stream.objects.filter(pk=made.pk).update(last_heartbeat_at=timezone.now())
    assert run("SELECT xmin, ctid FROM streams_searchdocument WHERE id = %s", [made.pk]) == written
    kept = archive(title="Kept for later", description="Tea")
    assert found("kept tea") == [kept.pk]


def test_performers_are_followed_when_they_announce_themselves() -> None:
    star = performer("Old Name")
    hers = stream(star, status="scheduled", title="Evening")
    PerformerProfile.objects.filter(pk=star.pk).update(stage_name="Zanzibar Queen")
    star.refresh_from_db()
    with acting(Role.PERFORMER, user_id=star.pk):
        performer_applied.send(sender=PerformerProfile, subject=star, actor=star.user)
    assert set(found("zanzibar")) == {star.pk, hers.pk}
    assert found("zanzibar queen")[0] == star.pk
    PerformerProfile.objects.filter(pk=star.pk).update(stage_name="Somebody Else")
    call_command("search_refresh")
    assert (found("zanzibar"), set(found("somebody else"))) == ([], {star.pk, hers.pk})


def test_filters() -> None:
    games, music = category("Games"), category("Music")
    chess = category("Chess", games)
    korean = described(stream(status="scheduled", title="Evening", language="ko"), category=chess)
    english = described(stream(status="scheduled", title="Evening", language="en"), category=music)
    kept = archive(korean, title="Evening")
    run(
        "UPDATE streams_stream SET status = 'aborted', ended_at = now(), end_reason = 'cancelled' WHERE id = %s",
        [korean.pk],
    )
    star = performer("Evening Star")
    search_refresh(performer_ids=[star.pk])
    assert set(found("evening")) == {english.pk, kept.pk, star.pk}
    assert found("evening", kinds=["stream"]) == found("evening", language="en") == [english.pk]
    assert found("evening", kinds=["archive"]) == found("evening", category=games.slug) == [kept.pk]
    assert found("evening", kinds=["performer"]) == [star.pk]
    GeoBlock.objects.create(performer=star, country="PT")
    assert found("evening", kinds=["performer"], country="PT") == []


def test_pages_by_key_see_everything_once() -> None:
    wanted = [one(f"Evening number {number}") for number in range(7)]
    wanted += [one("Evning") for _ in range(4)]
    seen: list[UUID] = []
    token = None
    while True:
        page = search("evening", limit=3, page=token)
        seen += [hit.id for hit in page.hits]
        token = page.next_page
        if token is None:
            break
    assert len(seen) == len(set(seen)) == len(wanted)
    assert set(seen) == set(wanted)
    assert seen == found("evening", limit=50)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"words": "x" * 10_000}, SearchRefused, "at most 200 characters"),
        ({"words": "a\x00b"}, SearchRefused, "no text"),
        ({"words": "a\ud800b"}, SearchRefused, "no text"),
        ({"kinds": ["people"]}, SearchRefused, "One can search for"),
        ({"language": "xx"}, SearchRefused, "no language"),
        ({"category": "nowhere"}, SearchRefused, "no category"),
        ({"country": "ZZ"}, WatchRefused, "no country"),
        ({"limit": 1000}, SearchRefused, "1 to 100"),
        ({"page": "forged"}, PageRefused, "no page of this list"),
        ({"page": signing.dumps(["x", 1, 2, 3], salt="streams.search")}, PageRefused, "other filters"),
    ],
)
def test_searches_that_make_no_sense(asked: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        search(**{"words": "chess", **asked})


def test_a_page_of_other_words() -> None:
    for _ in range(3):
        one("Evening")
    token = search("evening", limit=1).next_page
    assert token
    with pytest.raises(PageRefused, match="other filters"):
        search("morning", limit=1, page=token)


def test_searching_leaves_the_settings_of_the_session_alone() -> None:
    one("Evening")
    before = run("SELECT current_setting('pg_trgm.word_similarity_threshold', true)")
    found("evning")
    after = run("SELECT current_setting('pg_trgm.word_similarity_threshold', true)")
    assert after == before or before == [(None,)]


def test_who_reads_documents_and_who_searches() -> None:
    one("Evening")
    with acting(Role.AUDITOR, user_id=uuid4()):
        assert SearchDocument.objects.count() == 1
        assert len(search_page(words="evening").hits) == 1


def test_two_queries_at_most(django_assert_max_num_queries: Any) -> None:
    games = category("Games")
    described(stream(status="scheduled", title="Evening"), category=games)
    with acting(Role.VIEWER), django_assert_max_num_queries(2):
        assert search_page(words="evening", category=games.slug).hits
