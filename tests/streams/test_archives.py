"""Archives from the recording to the decision: services, states, bounds, and what each role sees."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, NotPermitted, StaleVersion
from streams.errors import ArchiveRefused
from streams.models import (
    Archive,
    ArchiveDecision,
    ArchiveTransition,
    Stream,
)
from streams.services.archive_decisions import (
    archive_approve,
    archive_remove,
    archive_restore,
    archive_restrict,
)
from streams.services.archive_parts import segment_mute
from streams.services.archives import (
    archive_change,
    archive_create,
    archive_delete,
    archive_publish,
)
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.sql import affected, refused, run
from tests.streams.factories_archives import (
    LENGTH,
    key_of,
    make_archive,
    make_clip,
    make_performer,
    make_recording,
    make_rendition,
    make_stream,
)

pytestmark = pytest.mark.django_db

REASON = "nothing that the rules forbid"


def decide(service: Any, archive: Archive, actor: User, **options: Any) -> Archive:
    with acting(Role.MODERATOR, user_id=actor.pk):
        return service(**{"archive_id": archive.pk, "actor": actor, "reason": REASON, **options})


def as_performer(service: Any, archive: Archive, **options: Any) -> Any:
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        actor = User.objects.get(pk=archive.performer_id)
        return service(archive_id=archive.pk, actor=actor, **options)


def fresh(archive: Archive) -> Archive:
    return Archive.all_objects.get(pk=archive.pk)


def test_from_recording_to_viewer_and_back(moderator: User, announced: Announced) -> None:
    recording = make_recording()
    make_rendition(recording, 480)
    tallest = make_rendition(recording, 1080, "av1")
    with acting(Role.WORKER):
        archive = archive_create(recording_id=recording.pk, actor=None)
    assert (archive.status, archive.default_rendition, archive.duration_seconds) == (
        "pending",
        tallest,
        LENGTH,
    )
    assert Stream.objects.get(pk=archive.stream_id).status == "archived"
    assert list(Archive.objects.waiting()) == [archive]
    with pytest.raises(ArchiveRefused, match="Only an approved one is published"):
        as_performer(archive_publish, archive)
    decide(archive_approve, archive, moderator)
    assert not Archive.objects.listed().exists()
    as_performer(archive_publish, archive, retention_class="short")
    row = Archive.objects.listed().get()
    assert row.purge_at == row.published_at + timedelta(days=14)
    decide(archive_restrict, archive, moderator)
    assert not Archive.objects.listed().exists()
    decide(archive_approve, archive, moderator)
    decide(archive_remove, archive, moderator)
    assert fresh(archive).purge_at > timezone.now() + timedelta(days=200)
    with pytest.raises(ArchiveRefused, match="Restore it"):
        decide(archive_approve, archive, moderator)
    decide(archive_restore, archive, moderator)
    assert Archive.objects.listed().get().purge_at == row.purge_at
    moves = ArchiveTransition.objects.order_by("pk")
    assert [(move.from_status, move.to_status, move.actor_id, move.acting_role) for move in moves] == [
        (None, "processing", None, "vbl_worker"),
        ("processing", "pending", None, "vbl_worker"),
        ("pending", "approved", moderator.pk, "vbl_moderator"),
        ("approved", "restricted", moderator.pk, "vbl_moderator"),
        ("restricted", "approved", moderator.pk, "vbl_moderator"),
        ("approved", "removed", moderator.pk, "vbl_moderator"),
        ("removed", "approved", moderator.pk, "vbl_moderator"),
    ]
    decisions = list(ArchiveDecision.objects.order_by("pk"))
    assert [move.decision for move in moves[2:]] == decisions
    assert decisions[-1].reverses == decisions[-2]
    assert {decision.reason for decision in decisions} == {REASON}
    assert announced.actions == [
        "archive_created", "archive_approved", "archive_published", "archive_restricted", "archive_approved",
        "archive_removed", "archive_restored",
    ]  # fmt: skip
    assert {str(named["subject"]) for _, named in announced} == {""}, "titles stay out of the trail"


def test_what_an_archive_is_made_of() -> None:
    for status in ("starting", "active", "ending", "failed", "aborted"):
        unfinished = make_recording(status=status)
        with acting(Role.WORKER), pytest.raises(ArchiveRefused, match="made of a complete one"):
            archive_create(recording_id=unfinished.pk, actor=None)
    recording = make_recording(status="limit_reached", started_at=None)
    with acting(Role.WORKER), pytest.raises(ArchiveRefused, match="no rendition yet"):
        archive_create(recording_id=recording.pk, actor=None)
    make_rendition(recording)
    with acting(Role.WORKER):
        with pytest.raises(ArchiveRefused, match="how long"):
            archive_create(recording_id=recording.pk, actor=None)
        for wrong in (0, -5, 10**7):
            with pytest.raises(ArchiveRefused, match="a second to sixty days"):
                archive_create(recording_id=recording.pk, actor=None, duration_seconds=wrong)
        with pytest.raises(ArchiveRefused, match="not blank"):
            archive_create(recording_id=recording.pk, actor=None, duration_seconds=9, title=" \u200b ")
        archive_create(recording_id=recording.pk, actor=None, duration_seconds=9)
        with pytest.raises(ArchiveRefused, match="an archive of this recording already"):
            archive_create(recording_id=recording.pk, actor=None, duration_seconds=9)
    assert Archive.objects.count() == 1


def test_a_removal_is_reversed_once_by_its_own_decision(moderator: User) -> None:
    archive, other = make_archive(status="removed"), make_archive(status="removed")
    removal, foreign = (row.decisions.get(kind="remove") for row in (archive, other))
    decision = (
        "INSERT INTO streams_archivedecision (archive_id, kind, reason, decided_by_id, decided_at, reverses_id) "
        "VALUES (%s, %s, 'why', %s, now(), %s)"
    )
    restore = "UPDATE streams_archive SET status = 'approved' WHERE id = %s"
    with acting(Role.MODERATOR, user_id=moderator.pk):
        with refused("decision that reverses its removal"):
            run(restore, [archive.pk])
        with refused("decision that reverses its removal"), transaction.atomic():
            run(decision, [archive.pk, "approve", moderator.pk, None])
            run(restore, [archive.pk])
        for kind, reverses, words in (
            ("restore", None, "reverses_check"),
            ("approve", removal.pk, "reverses_check"),
            ("restore", foreign.pk, "removal of the same archive"),
        ):
            with refused(words):
                run(decision, [archive.pk, kind, moderator.pk, reverses])
        with refused("row-level security"):
            run(decision, [archive.pk, "remove", None, None])
    decide(archive_restore, archive, moderator)
    decide(archive_remove, archive, moderator)
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("reverses_id"):
        run(decision, [archive.pk, "restore", moderator.pk, removal.pk])
    decide(archive_restore, archive, moderator)
    with pytest.raises(ArchiveRefused, match="Only a removed archive"):
        decide(archive_restore, archive, moderator)


@pytest.mark.django_db(transaction=True)
def test_a_reversal_of_an_earlier_transaction_does_not_count() -> None:
    archive = make_archive(status="removed")
    removal = archive.decisions.get(kind="remove")
    run(
        "INSERT INTO streams_archivedecision (archive_id, kind, reason, decided_at, reverses_id, xact) "
        "VALUES (%s, 'restore', 'why', now(), %s, '1')",
        [archive.pk, removal.pk],
    )
    with refused("decision that reverses its removal"):
        run("UPDATE streams_archive SET status = 'approved' WHERE id = %s", [archive.pk])


MOVES = {
    "pending": {"approved", "removed"},
    "approved": {"restricted", "removed"},
    "restricted": {"approved", "removed"},
    "removed": set(),
}


def test_the_database_refuses_every_other_move() -> None:
    archives = {"pending": make_archive(status="pending"), "removed": make_archive(status="removed")}
    archives["approved"] = make_archive(status="approved")
    archives["restricted"] = make_archive(status="approved", title="other")
    run("UPDATE streams_archive SET status = 'restricted' WHERE id = %s", [archives["restricted"].pk])
    states = {"processing", "approved", "restricted", "removed", "pending", "gone"}
    for before, archive in archives.items():
        for after in states - MOVES[before] - {before}:
            with refused("cannot move|status_check|reverses its removal"):
                run("UPDATE streams_archive SET status = %s WHERE id = %s", [after, archive.pk])
    with refused("cannot begin as approved"):
        run("INSERT INTO streams_archive (stream_id, title, description, visibility, status) "
            "SELECT stream_id, 'x', '', 'public', 'approved' FROM streams_archive")  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE streams_archive SET performer_id = uuidv7()", "cannot be changed"),
        ("UPDATE streams_archive SET duration_seconds = 9", "duration_seconds of streams_archive cannot be changed"),
        ("UPDATE streams_archive SET published_at = now()", "Only an approved archive is published"),
        ("UPDATE streams_archive SET preview_seconds = 3601", "preview_seconds_check"),
        ("UPDATE streams_archive SET preview_seconds = -1", "preview_seconds_check"),
        ("UPDATE streams_archive SET link_lifetime_seconds = 5", "link_lifetime_seconds_check"),
        ("UPDATE streams_archive SET retention_class = 'forever'", "retention_class_check"),
        ("UPDATE streams_archive SET poster_key = 'people/' || uuidv7() || '/poster.webp'", "poster_key_folder_check"),
        ("UPDATE streams_archive SET default_rendition_id = (SELECT id FROM streams_rendition r "
         "WHERE r.recording_id <> streams_archive.recording_id LIMIT 1)", "another recording"),
        ("UPDATE streams_archive SET is_listable = true", "generated column|can only be updated to DEFAULT"),
        ("UPDATE streams_archivedecision SET reason = 'other'", "append-only"),
        ("DELETE FROM streams_archivedecision", "append-only"),
        ("DELETE FROM streams_archivetransition", "append-only"),
        ("UPDATE streams_archivetransition SET to_status = 'approved'", "append-only"),
        ("DELETE FROM streams_historicalarchive", "append-only"),
        ("INSERT INTO streams_archive (stream_id, recording_id, title, description, visibility, status) "
         "SELECT a.stream_id, r.id, 'x', '', 'public', 'processing' FROM streams_archive a, streams_recording r "
         "WHERE r.stream_id <> a.stream_id LIMIT 1", "another stream"),
    ],
)  # fmt: skip
def test_rules_attacked_by_the_owner(statement: str, words: str) -> None:
    make_archive(status="pending")
    make_archive(status="approved")
    with refused(words):
        run(statement)


def test_nobody_decides_about_their_own(announced: Announced) -> None:
    colleague = staff(Role.MODERATOR)
    archive = make_archive(make_performer(colleague), status="pending")
    for service in (archive_approve, archive_restrict, archive_remove, archive_restore):
        with pytest.raises(OwnAccount, match="Ask a colleague"):
            decide(service, archive, colleague)
    with pytest.raises(OwnAccount):
        decide(segment_mute, archive, colleague, start=0, end=5, why="rights")
    with acting(Role.MODERATOR, user_id=colleague.pk):
        assert affected("UPDATE streams_archive SET status = 'approved'") == 0
        with refused("row-level security"):
            run("INSERT INTO streams_archivedecision (archive_id, kind, reason, decided_by_id, decided_at) "
                "VALUES (%s, 'approve', 'why', %s, now())", [archive.pk, colleague.pk])  # fmt: skip


def test_refusals_of_decisions_leave_nothing(moderator: User) -> None:
    archive = make_archive(status="pending")
    before = ArchiveDecision.objects.count()
    with pytest.raises(IllegalTransition, match="cannot become restricted"):
        decide(archive_restrict, archive, moderator)
    with pytest.raises(ArchiveRefused, match="says why"):
        decide(archive_approve, archive, moderator, reason="  ")
    with pytest.raises(StaleVersion):
        decide(archive_approve, archive, moderator, expected_version=99)
    with pytest.raises(ArchiveRefused, match="characters"):
        decide(archive_approve, archive, moderator, reason="x" * 2001)
    assert (fresh(archive).status, ArchiveDecision.objects.count()) == ("pending", before)


def test_performers_change_and_delete_their_own_alone(announced: Announced) -> None:
    archive, foreign = make_archive(), make_archive()
    stranger = UserFactory()
    as_performer(archive_change, archive, title="Better", preview_seconds=60, download_allowed=True)
    assert (fresh(archive).title, fresh(archive).preview_seconds) == ("Better", 60)
    for values, words in (
        ({"title": "x" * 141}, "characters"),
        ({"preview_seconds": LENGTH + 1}, "no longer than the archive"),
        ({"default_rendition_id": foreign.default_rendition_id}, "another recording"),
        ({"poster_key": key_of(foreign.performer_id)}, "folder of its performer"),
    ):
        with pytest.raises(ArchiveRefused, match=words):
            as_performer(archive_change, archive, **values)
    with pytest.raises(TypeError, match="sets no status"):
        as_performer(archive_change, archive, status="approved")
    with acting(Role.PERFORMER, user_id=stranger.pk):
        for service in (archive_change, archive_publish, archive_delete):
            with pytest.raises(NotThere):
                service(archive_id=archive.pk, actor=stranger)
    with acting(Role.WORKER), pytest.raises(NotPermitted):
        archive_delete(archive_id=archive.pk, actor=stranger)
    with pytest.raises(ArchiveRefused, match="now or later"):
        as_performer(archive_publish, archive, at=timezone.now() - timedelta(days=1))
    with pytest.raises(ArchiveRefused, match="no retention class"):
        as_performer(archive_publish, archive, retention_class="forever")
    as_performer(archive_delete, archive)
    row = fresh(archive)
    assert row.purge_at == row.deleted_at + timedelta(days=30)
    with pytest.raises(NotThere, match="deleted"):
        as_performer(archive_delete, archive)
    with acting(Role.PERFORMER, user_id=archive.performer_id), refused("permission denied"):
        run("UPDATE streams_archive SET status = 'approved'")


def test_viewers_see_what_is_approved_published_and_not_private() -> None:
    seen = make_archive()
    later = timezone.now() + timedelta(days=1)
    hidden = [
        make_archive(status="pending"),
        make_archive(status="approved"),
        make_archive(status="removed"),
        make_archive(visibility="private"),
        make_archive(deleted_at=timezone.now()),
        make_archive(published_at=later),
    ]
    unlisted = make_archive(visibility="unlisted")
    for archive in (seen, unlisted, *hidden):
        make_clip(archive, author=User.objects.get(pk=archive.performer_id))
    viewer = UserFactory()
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=viewer.pk):
            assert {key for (key,) in run("SELECT id FROM streams_archive")} == {seen.pk, unlisted.pk}
            assert {key for (key,) in run("SELECT archive_id FROM streams_clip")} == {seen.pk, unlisted.pk}
            assert list(Archive.objects.listed()) == [seen]
    with acting(Role.VIEWER):
        assert len(run("SELECT id FROM streams_archive")) == 2
        for table in ("archivedecision", "archivetransition", "captiontrack", "rendition", "recording"):
            with refused("permission denied"):
                run(f"SELECT id FROM streams_{table}")
    with acting(Role.PERFORMER, user_id=hidden[2].performer_id):
        assert len(run("SELECT id FROM streams_archive")) == 3, "her removed one too"


@pytest.mark.parametrize("before", ["processing", "pending", "approved", "restricted"])
def test_a_restored_archive_is_what_it_was(moderator: User, before: str) -> None:
    if before == "processing":
        archive = Archive.objects.create(stream=make_stream(), title="x", status="processing")
    else:
        archive = make_archive(status="pending" if before == "pending" else "approved")
    if before == "restricted":
        decide(archive_restrict, archive, moderator)
    decide(archive_remove, archive, moderator)
    for other in {"processing", "pending", "approved", "restricted"} - {before}:
        removal = archive.decisions.get(kind="remove")
        with acting(Role.MODERATOR, user_id=moderator.pk), refused("what it was before its removal"):
            run(
                "INSERT INTO streams_archivedecision "
                "(archive_id, kind, reason, decided_by_id, decided_at, reverses_id) "
                "VALUES (%s, 'restore', 'why', %s, now(), %s)",
                [archive.pk, moderator.pk, removal.pk],
            )
            run("UPDATE streams_archive SET status = %s WHERE id = %s", [other, archive.pk])
    assert decide(archive_restore, archive, moderator).status == before
