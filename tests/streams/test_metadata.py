"""What a stream was called at any moment; streams of the past; ingest keys."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.models.identity import uuid7
from performers.models import PerformerProfile
from streams.broadcast_selectors import ingest_key_owner
from streams.choices import StreamEnd, StreamStatus
from streams.errors import CategoryUnknown, IngestKeyRefused, StreamRefused
from streams.models import IngestKey, Stream, StreamMetadataVersion, StreamTransition
from streams.services.broadcasts import stream_end
from streams.services.imports import PastStream, Words, streams_import
from streams.services.ingest_keys import ingest_key_make, ingest_key_revoke, ingest_key_rotate
from streams.services.metadata import metadata_change
from tests.accounts.factories import staff
from tests.sql import refused, run
from tests.streams.factories_broadcasting import as_performer, live, scheduled, verified
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2026, 1, 1, 20, tzinfo=UTC)


@pytest.fixture
def performer(db: None) -> PerformerProfile:
    return verified(stage_name="Nova")


def versions(stream: Stream) -> list[StreamMetadataVersion]:
    return list(StreamMetadataVersion.objects.filter(stream=stream).order_by("valid"))


def title_at(stream: Stream, at: datetime) -> str:
    return StreamMetadataVersion.objects.of(stream.pk, at).get().title


class TestWhatItWasCalled:
    def test_a_change_closes_a_version_and_opens_the_next(self, performer: PerformerProfile) -> None:
        stream, _ = live(performer)
        with as_performer(performer):
            metadata_change(stream_id=stream.pk, actor=performer.user, title="Evening stretch")
            metadata_change(
                stream_id=stream.pk, actor=performer.user, language="de", description="On the mat."
            )
        first, second, third = versions(stream)
        assert [row.title for row in (first, second, third)] == ["Morning stretch", *["Evening stretch"] * 2]
        assert first.valid.upper == second.valid.lower
        assert second.valid.upper == third.valid.lower
        assert third.valid.upper is None
        assert (third.language, third.description, third.performer_id) == ("de", "On the mat.", performer.pk)
        assert title_at(stream, first.valid.lower) == "Morning stretch"
        assert title_at(stream, first.valid.upper) == "Evening stretch"
        assert not StreamMetadataVersion.objects.of(
            stream.pk, first.valid.lower - timedelta(seconds=1)
        ).exists()

    def test_raw_sql_is_on_record_and_the_record_is_closed(self, performer: PerformerProfile) -> None:
        stream = scheduled(performer)
        with as_performer(performer):
            run("UPDATE streams_stream SET title = 'By hand'")
            run("UPDATE streams_stream SET title = 'By hand', status = status")
            with refused("permission denied"):
                run("UPDATE streams_streammetadataversion SET title = 'Never'")
            with refused("permission denied"):
                run("SELECT streams_metadata_keep(%s, false, NULL)", [stream.pk])
        assert [row.title for row in versions(stream)] == ["Morning stretch", "By hand"]
        for sql in (
            "UPDATE streams_streammetadataversion SET title = 'Never'",
            "UPDATE streams_streammetadataversion SET valid = tstzrange(lower(valid) - interval '1 day', upper(valid))",
            "UPDATE streams_streammetadataversion SET valid = tstzrange(lower(valid), clock_timestamp()) "
            "WHERE NOT upper_inf(valid)",
            "DELETE FROM streams_streammetadataversion",
        ):
            with refused("is a record"):
                run(sql)

    def test_two_titles_at_one_time_are_refused(self, performer: PerformerProfile) -> None:
        first = versions(scheduled(performer))[0]
        begin = first.valid.lower
        with acting(Role.WORKER), refused("valid_excl"):
            run(
                "INSERT INTO streams_streammetadataversion (stream_id, title, language, valid) "
                "VALUES (%s, 'Twice', 'en', %s)",
                [
                    first.stream_id,
                    DateTimeTZRange(begin - timedelta(days=1), begin + timedelta(days=1), "[)"),
                ],
            )

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"title": " \t "}, "A title has no control characters"),
            ({"title": "\u202egnihton"}, "A title has no control characters"),
            ({"language": "xx-klingon"}, "ISO 639"),
            ({}, "Nothing would change"),
            ({"title": "Morning stretch"}, "Nothing would change"),
        ],
    )
    def test_what_is_refused_is_said(
        self, performer: PerformerProfile, options: dict[str, object], words: str
    ) -> None:
        stream, _ = live(performer)
        with as_performer(performer), pytest.raises(StreamRefused, match=words):
            metadata_change(stream_id=stream.pk, actor=performer.user, **options)  # type: ignore[arg-type]
        assert len(versions(stream)) == 1

    def test_a_category_is_on_record_once_for_each_transaction(self, performer: PerformerProfile) -> None:
        stream, _ = live(performer)
        chess, cooking = (category(name) for name in ("Chess", "Cooking"))
        run("SET CONSTRAINTS ALL IMMEDIATE")
        for wanted in (chess, cooking, chess):
            with as_performer(performer):
                run("SET CONSTRAINTS ALL DEFERRED")
                metadata_change(stream_id=stream.pk, actor=performer.user, category_id=wanted.pk)
                run("SET CONSTRAINTS ALL IMMEDIATE")
        assert [row.category for row in versions(stream)] == [None, chess, cooking, chess]
        with as_performer(performer):
            with pytest.raises(StreamRefused, match="Nothing would change"):
                metadata_change(stream_id=stream.pk, actor=performer.user, category_id=chess.pk)
            with pytest.raises(CategoryUnknown, match="There is no such category"):
                metadata_change(stream_id=stream.pk, actor=performer.user, title="New", category_id=uuid7())
        assert Stream.objects.get(pk=stream.pk).title == "Morning stretch"

    def test_after_the_end_it_stays_as_it_was(self, performer: PerformerProfile) -> None:
        stream, _ = live(performer)
        with as_performer(performer):
            stream_end(stream_id=stream.pk, actor=performer.user)
            with pytest.raises(StreamRefused, match="is over"):
                metadata_change(stream_id=stream.pk, actor=performer.user, title="Later")

    def test_who_reads_it(self, performer: PerformerProfile) -> None:
        scheduled(performer)
        for role in (Role.VIEWER,):
            with acting(role, user_id=performer.pk), refused("permission denied"):
                run("SELECT title FROM streams_streammetadataversion")
        with as_performer(verified()):
            assert run("SELECT count(*) FROM streams_streammetadataversion") == [(0,)]
            assert run("SELECT count(*) FROM streams_streamtransition") == [(0,)]


class TestImports:
    def bring(self, performer: PerformerProfile, **options: object) -> Stream | None:
        with acting(Role.WORKER):
            found = streams_import(
                streams=[
                    PastStream(
                        **{
                            "id": uuid7(),
                            "performer_id": performer.pk,
                            "words": (
                                Words(since=NEW_YEAR, title="First game"),
                                Words(since=NEW_YEAR + timedelta(hours=1), title="Second game"),
                            ),
                            "started_at": NEW_YEAR,
                            "ended_at": NEW_YEAR + timedelta(hours=2),
                            **options,
                        }
                    )
                ]
            )
            return found[0] if found else None

    def test_a_stream_of_the_past_with_all_that_it_was_called(self, performer: PerformerProfile) -> None:
        stream = self.bring(performer)
        assert stream is not None
        assert (stream.status, stream.end_reason) == (StreamStatus.ENDED, StreamEnd.IMPORTED)
        assert stream.title == "Second game"
        assert title_at(stream, NEW_YEAR + timedelta(minutes=59)) == "First game"
        assert title_at(stream, NEW_YEAR + timedelta(minutes=60)) == "Second game"
        assert StreamTransition.objects.filter(stream=stream).count() == 2
        assert self.bring(performer, id=stream.pk) is None

    @pytest.mark.parametrize(
        "options",
        [
            {"words": []},
            {"words": [Words(since=NEW_YEAR + timedelta(hours=1), title="Late")]},
            {"words": [Words(since=NEW_YEAR, title=" ")]},
            {"ended_at": NEW_YEAR - timedelta(hours=1)},
            {"ended_at": datetime(2100, 1, 1, tzinfo=UTC)},
            {
                "words": [
                    Words(since=NEW_YEAR, title="One"),
                    Words(since=NEW_YEAR - timedelta(hours=1), title="Backwards"),
                ]
            },
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, performer: PerformerProfile, options: dict[str, object]
    ) -> None:
        with pytest.raises(StreamRefused):
            self.bring(performer, **options)
        assert not Stream.objects.exists()


class TestIngestKeys:
    def test_made_shown_once_rotated_revoked(self, performer: PerformerProfile) -> None:
        with as_performer(performer):
            made = ingest_key_make(performer_id=performer.pk, actor=performer.user)
            with pytest.raises(IngestKeyRefused, match="Rotate it"):
                ingest_key_make(performer_id=performer.pk, actor=performer.user)
        assert made.secret not in repr(made)
        assert len(made.secret) == 43
        with acting(Role.WORKER):
            assert ingest_key_owner(made.secret) == performer.pk
            assert ingest_key_owner("guessed") is None
        with as_performer(performer):
            newer = ingest_key_rotate(performer_id=performer.pk, actor=performer.user)
        with acting(Role.WORKER):
            assert ingest_key_owner(made.secret) is None
            assert ingest_key_owner(newer.secret) == performer.pk
        moderator = staff(Role.MODERATOR)
        with acting(Role.MODERATOR, user_id=moderator.pk):
            ingest_key_revoke(ingest_key_id=newer.row.pk, actor=moderator, reason="posted in a chat")
            with pytest.raises(Refused, match="revoked already"):
                ingest_key_revoke(ingest_key_id=newer.row.pk, actor=moderator)
        assert IngestKey.objects.filter(performer=performer).count() == 2

    def test_the_key_is_kept_nowhere(self, performer: PerformerProfile) -> None:
        with as_performer(performer):
            made = ingest_key_make(performer_id=performer.pk, actor=performer.user)
        ((digest, prefix, text),) = run("SELECT digest, prefix, k::text FROM streams_ingestkey k")
        assert bytes(digest) == sha256(made.secret.encode()).digest()
        assert made.secret.startswith(prefix)
        assert made.secret not in text

    def test_a_revoked_key_stays_revoked_and_nobody_makes_one_for_others(
        self, performer: PerformerProfile
    ) -> None:
        with as_performer(performer):
            ingest_key_make(performer_id=performer.pk, actor=performer.user)
            run("UPDATE streams_ingestkey SET revoked_at = now()")
            with refused("row-level security"):
                run("UPDATE streams_ingestkey SET revoked_at = NULL")
            with refused("permission denied"):
                run("UPDATE streams_ingestkey SET digest = sha256('x')")
        with as_performer(verified()), refused("row-level security"):
            ingest_key_make(performer_id=performer.pk, actor=None)
