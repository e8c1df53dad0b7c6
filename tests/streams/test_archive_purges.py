"""Purge and erasure: what goes, what stays, who can object, and two workers at once."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from accounts.services.erasure import erasure_survey, user_erase
from audit.models import JobRun
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.vetoes import Veto, Vetoed, purge_requested
from streams.errors import ArchiveRefused, ClipRefused
from streams.models import (
    Archive,
    ArchiveDecision,
    ArchiveTransition,
    Clip,
    ObjectRemoval,
    Recording,
    RecordingReport,
    Rendition,
    ViewingProgress,
)
from streams.services.archive_parts import caption_add, segment_mute
from streams.services.archive_purges import archive_purge, archives_purge, object_removal_confirm
from streams.services.archives import archive_change, chapters_set
from streams.services.clips import clip_create
from streams.services.progress import progress_record
from streams.services.recording_reports import recording_report_take
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_races import at_once, refusals
from tests.sql import affected, refused, run
from tests.streams.factories_archives import key_of, make_archive, make_clip, make_performer, make_recording
from tests.streams.test_recordings import report, take

pytestmark = pytest.mark.django_db
MARKER = "zmarker"


def full(archive: Archive, viewer: User) -> list[str]:
    """Give an archive something of everything; the keys of its objects."""
    with acting(Role.WORKER):
        key = key_of(archive.performer_id, f"{MARKER}_captions_{archive.pk}")
        caption_add(archive_id=archive.pk, language="en", object_key=key, actor=None)
        chapters_set(archive_id=archive.pk, chapters=[], actor=None)
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        performer = User.objects.get(pk=archive.performer_id)
        chapters_set(archive_id=archive.pk, chapters=[(0, f"{MARKER} begins")], actor=performer)
        segment_mute(archive_id=archive.pk, start=0, end=5, why="request", actor=performer)
        poster = key_of(archive.performer_id, f"{MARKER}_poster_{archive.pk}")
        archive_change(
            archive_id=archive.pk, actor=performer, poster_key=poster, description=f"{MARKER} again"
        )
    with acting(Role.VIEWER, user_id=viewer.pk):
        clip_create(archive_id=archive.pk, start=0, end=9, title=f"{MARKER} clip", actor=viewer)
        progress_record(viewer_id=viewer.pk, archive_id=archive.pk, seconds=7)
    rendition = Rendition.objects.get(recording_id=archive.recording_id).object_key
    return sorted([key, poster, rendition])


def due(archive: Archive, days: int = 1) -> Archive:
    Archive.all_objects.filter(pk=archive.pk).update(purge_at=timezone.now() - timedelta(days=days))
    return archive


@pytest.fixture
def hold() -> Iterator[Callable[[Archive], None]]:
    """Lets a test put archives under a hold."""
    held: set[Any] = set()

    def object_to(sender: Any, archive: Archive, **_: Any) -> Veto | None:
        return Veto("A court asked for it.") if archive.pk in held else None

    purge_requested.connect(object_to, sender=Archive)
    yield lambda archive: held.add(archive.pk)
    purge_requested.disconnect(object_to, sender=Archive)


def test_a_purge_takes_files_and_leaves_decisions(
    announced: Announced, hold: Callable[[Archive], None], capsys: pytest.CaptureFixture[str]
) -> None:
    gone, kept, held, young = (make_archive() for _ in range(4))
    keys = full(gone, UserFactory())
    for archive in (gone, held):
        due(archive)
    hold(held)
    Archive.all_objects.filter(pk=kept.pk).update(purge_at=None)
    call_command("archives_purge", dry_run=True)
    assert not Archive.all_objects.filter(purged_at__isnull=False).exists()
    call_command("archives_purge")
    call_command("archives_purge")
    assert capsys.readouterr().out.splitlines() == [
        "1 would be purged, 1 held",
        "1 purged, 3 objects to remove, 1 held",
        "0 purged, 0 objects to remove, 1 held",
    ]
    assert list(Archive.all_objects.filter(purged_at__isnull=False)) == [gone]
    row = Archive.all_objects.get(pk=gone.pk)
    assert (row.poster_key, row.default_rendition, row.is_listable) == (None, None, False)
    assert row.deleted_at is not None
    assert sorted(ObjectRemoval.objects.pending().values_list("object_key", flat=True)) == keys
    for model in (Clip, ViewingProgress):
        assert not model.objects.filter(archive_id=gone.pk).exists()
    assert not gone.captiontracks.exists() and not gone.archivechapters.exists()
    assert ArchiveDecision.objects.filter(archive_id=gone.pk).exists()
    assert ArchiveTransition.objects.filter(archive_id=gone.pk).count() == 3
    assert announced.actions.count("archive_purged") == 1
    assert announced.only("archive_purged")["detail"] == {"objects": 3}
    assert JobRun.objects.filter(name="archives_purge").count() == 2
    with acting(Role.WORKER):
        with pytest.raises(Vetoed, match="A court asked for it"):
            archive_purge(archive_id=held.pk)
        with pytest.raises(ArchiveRefused, match="not due"):
            archive_purge(archive_id=young.pk)
        removal = ObjectRemoval.objects.pending()[0]
        object_removal_confirm(object_removal_id=removal.pk)
        with pytest.raises(Refused, match="removed before"):
            object_removal_confirm(object_removal_id=removal.pk)
    assert ObjectRemoval.objects.pending().count() == 2
    with refused("cannot be changed|was purged"), acting(Role.PERFORMER, user_id=gone.performer_id):
        run("UPDATE streams_archive SET title = 'x' WHERE purged_at IS NOT NULL")


def test_a_purge_goes_on_behind_what_is_held(hold: Callable[[Archive], None]) -> None:
    archives = [due(make_archive(), days=9 - number) for number in range(5)]
    for archive in archives[:2]:
        hold(archive)
    with acting(Role.WORKER):
        first = archives_purge(batch=2)
        second = archives_purge(batch=2, after=first.last)
        third = archives_purge(batch=2, after=second.last)
    assert [batch.counts["held"] for batch in (first, second, third)] == [2, 0, 0]
    assert [batch.counts["purged"] for batch in (first, second, third)] == [0, 2, 1]
    assert third.last is None


def test_a_hold_of_the_database_wins_over_whoever_asks() -> None:
    archive = due(make_archive())
    run(
        "CREATE FUNCTION streams_test_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.purged_at IS NOT NULL THEN RAISE EXCEPTION 'A hold keeps this.' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    run("CREATE TRIGGER streams_archive_60_hold BEFORE UPDATE ON streams_archive FOR EACH ROW "
        "EXECUTE FUNCTION streams_test_hold()")  # fmt: skip
    with acting(Role.WORKER):
        assert archives_purge().counts["held"] == 1
        with pytest.raises(ArchiveRefused, match="A hold keeps this"):
            archive_purge(archive_id=archive.pk)
    assert not ObjectRemoval.objects.exists()
    assert Rendition.objects.filter(recording_id=archive.recording_id).exists()


def test_nobody_purges_by_hand() -> None:
    archive = due(make_archive())
    for role in (Role.PERFORMER, Role.WORKER, Role.MODERATOR):
        with acting(role, user_id=archive.performer_id), refused("permission denied"):
            run("UPDATE streams_archive SET purged_at = now(), deleted_at = now()")
    for role in (Role.PERFORMER, Role.VIEWER, Role.MODERATOR, Role.ADMINISTRATOR):
        with acting(role), refused("permission denied"):
            run("SELECT streams_archive_purge(%s)", [archive.pk])
    with acting(Role.WORKER), refused("not due"):
        run("SELECT streams_archive_purge(uuidv7())")
    with acting(Role.WORKER):
        assert affected("UPDATE streams_archive SET deleted_at = now()") == 1


def closed(user: User) -> User:
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days' WHERE id = %s",
        [user.pk],
    )
    return User.objects.get(pk=user.pk)


def erase(user: User) -> Any:
    compliance = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        return user_erase(user_id=user.pk, actor=compliance, reason="asked for it in writing")


def markers() -> set[str]:
    """Tables of streams in whose rows the marker is found."""
    tables = [name for (name,) in run(
        "SELECT relname FROM pg_class WHERE relnamespace = 'vbl'::regnamespace AND relkind = 'r' "
        "AND relname LIKE 'streams\\_%%'")]  # fmt: skip
    return {name for name in tables if run(f"SELECT 1 FROM {name} t WHERE t::text LIKE %s", [f"%{MARKER}%"])}


def test_an_erased_performer_leaves_decisions_and_no_words() -> None:
    person, stranger = UserFactory(), UserFactory()
    mine = make_archive(make_performer(person), title=f"{MARKER} title")
    other = make_archive()
    keys = full(mine, stranger)
    take(mine.recording, "complete", 5, payload={"room": f"{MARKER} room"})
    make_clip(other, author=person, title=f"{MARKER} by me")
    with acting(Role.VIEWER, user_id=person.pk):
        progress_record(viewer_id=person.pk, archive_id=other.pk, seconds=3)
    closed(person)
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        before = erasure_survey(person.pk)
        with refused("The person is not erased"):
            run("SELECT streams_person_erase(%s)", [person.pk])
    report = erase(person)
    counts = report.as_counts()
    assert counts == before.as_counts()
    assert {table: rows for table, rows in counts["destroyed"].items() if table.startswith("streams_")} == {
        "streams_viewingprogress": 1,
        "streams_clip": 1,
        "streams_archivechapter": 1,
        "streams_historicalarchive": 5,
        "streams_archive": 1,
        "streams_recordingreport": 1,
        "streams_stream": 1,
        "streams_historicalstream": 2,
        "streams_streammetadataversion": 1,
        "streams_searchdocument": 1,
    }
    assert set(keys) <= set(report.objects)
    row = Archive.all_objects.get(pk=mine.pk)
    assert (row.title, row.description, row.deleted_at is None) == ("Erased", "", False)
    assert RecordingReport.objects.get().payload is None
    with acting(Role.WORKER):
        archives_purge()
    assert Archive.all_objects.get(pk=mine.pk).purged_at is not None
    # The keys of the objects stay on the list until the storage confirms; the stream's own words are its matter.
    assert markers() <= {"streams_objectremoval"}
    assert ArchiveDecision.objects.filter(performer_id=person.pk).exists()
    assert ViewingProgress.objects.count() == 0, "that of the viewer of a purged archive went with it"
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        again = erasure_survey(person.pk).as_counts()["destroyed"]
    assert not [table for table in again if table.startswith("streams_")]
    with refused("This person was erased"):
        make_clip(other, author=person)


def test_functions_of_the_report_and_of_the_database_name_the_same_tables() -> None:
    from streams.services.erasure import DESTROYED, KEPT

    person = closed(UserFactory())
    ((destroyed, kept),) = run(
        "SELECT destroyed::text, kept::text FROM streams_person_survey(%s)", [person.pk]
    )
    assert set(json.loads(destroyed)) == set(DESTROYED)
    assert set(json.loads(kept)) == set(KEPT)


@pytest.mark.django_db(transaction=True)
def test_at_once() -> None:
    """One database for all: two of the same callback, two different ones, two positions, two workers of the purge."""
    recording = make_recording(status="starting")

    def arrive(**options: Any) -> Callable[[], Any]:
        def act() -> Any:
            with acting(Role.WORKER):
                return recording_report_take(report=report(recording, **options))

        return act

    same = at_once(*(arrive(state="active", second=5) for _ in range(3)))
    assert refusals(same) == []
    assert sorted(taken.is_new for taken in same) == [False, False, True]
    assert refusals(at_once(arrive(state="ending", second=6), arrive(state="complete", second=7))) == []
    assert Recording.objects.get(pk=recording.pk).status == "complete"
    assert RecordingReport.objects.count() == 3

    archive, viewer = make_archive(), UserFactory()

    def watch(seconds: int) -> Callable[[], Any]:
        def act() -> Any:
            with acting(Role.VIEWER, user_id=viewer.pk):
                progress_record(viewer_id=viewer.pk, archive_id=archive.pk, seconds=seconds)

        return act

    assert refusals(at_once(watch(10), watch(20), watch(30))) == []
    assert ViewingProgress.objects.get().seconds in (10, 20, 30)

    archives = [due(make_archive()) for _ in range(6)]

    def purge() -> int:
        with acting(Role.WORKER):
            return archives_purge().counts["purged"]

    assert sum(at_once(purge, purge)) <= len(archives)
    purge()
    assert Archive.all_objects.filter(purged_at__isnull=False).count() == len(archives)
    assert ObjectRemoval.objects.count() == len(archives)

    with acting(Role.VIEWER, user_id=viewer.pk), pytest.raises(ClipRefused):
        clip_create(archive_id=archives[0].pk, start=0, end=9, title="x", actor=viewer)
