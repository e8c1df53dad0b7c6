"""What hangs on archives: chapters, captions, muted parts, clips, positions."""

from typing import Any

import pytest

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.errors import Refused
from streams.errors import ArchiveRefused, ClipRefused, ProgressRefused
from streams.models import (
    Archive,
    Clip,
    ViewingProgress,
)
from streams.services.archive_decisions import (
    archive_approve,
    archive_restrict,
)
from streams.services.archive_parts import caption_add, segment_mute
from streams.services.archives import (
    archive_change,
    chapters_set,
)
from streams.services.clips import clip_create, clip_remove
from streams.services.progress import progress_forget, progress_record
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.sql import affected, refused, run
from tests.streams.factories_archives import (
    LENGTH,
    key_of,
    make_archive,
    make_clip,
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


def test_what_hangs_on_an_archive_is_seen_with_it(moderator: User) -> None:
    archive = make_archive()
    as_performer(chapters_set, archive, chapters=[(60, "Second"), (0, "First")])
    decide(segment_mute, archive, moderator, start=5, end=9, why="rights")
    viewer = UserFactory()

    def visible() -> list[int]:
        with acting(Role.VIEWER, user_id=viewer.pk):
            return [
                len(run(f"SELECT id FROM streams_{table}"))
                for table in ("archivechapter", "mutedsegment", "clip")
            ]

    make_clip(archive)
    assert visible() == [2, 1, 1]
    decide(archive_restrict, archive, moderator)
    assert visible() == [0, 0, 0]
    decide(archive_approve, archive, moderator)
    assert visible() == [2, 1, 1]
    as_performer(archive_change, archive, visibility="private")
    assert visible() == [0, 0, 0]
    version = Clip.objects.get().version
    assert version == 1, "what is shown is no change of the clip"


@pytest.mark.parametrize(
    ("service", "options", "words"),
    [
        (chapters_set, {"chapters": [(LENGTH, "x")]}, "beyond the end of the archive, which is 3600 seconds"),
        (chapters_set, {"chapters": [(-1, "x")]}, "0 seconds or later"),
        (chapters_set, {"chapters": [(5, "x"), (5, "y")]}, "begins at this second"),
        (chapters_set, {"chapters": [(5, "\x01")]}, "control characters"),
        (segment_mute, {"start": 9, "end": 9, "why": "rights"}, "ends after it begins"),
        (segment_mute, {"start": -3, "end": 9, "why": "rights"}, "0 seconds or later"),
        (segment_mute, {"start": 0, "end": LENGTH + 1, "why": "rights"}, "beyond the end"),
        (segment_mute, {"start": 0, "end": 6, "why": "noise"}, "Why must be one of"),
        (segment_mute, {"start": 4, "end": 6, "why": "rights"}, "muted already"),
        (caption_add, {"language": "english", "object_key": ""}, "ISO 639"),
        (caption_add, {"language": "en", "object_key": "elsewhere"}, "characters|path under|folder"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_whole(service: Any, options: dict[str, Any], words: str) -> None:
    archive = make_archive()
    as_performer(chapters_set, archive, chapters=[(0, "Kept")])
    as_performer(segment_mute, archive, start=3, end=5, why="request")
    with pytest.raises(ArchiveRefused, match=words):
        as_performer(service, archive, **options)
    assert [row.title for row in archive.archivechapters.all()] == ["Kept"]


def test_captions_once_per_language_and_kind() -> None:
    archive = make_archive()
    for language in ("en", "pt-BR", "fil"):
        as_performer(caption_add, archive, language=language, object_key=key_of(archive.performer_id))
    with pytest.raises(ArchiveRefused, match="kind and language already"):
        as_performer(caption_add, archive, language="en", object_key=key_of(archive.performer_id))


@pytest.mark.parametrize(
    ("start", "end", "title", "words"),
    [
        (LENGTH - 10, LENGTH + 1, "x", "beyond the end of the archive"),
        (-5, 20, "x", "0 seconds or later"),
        (20, 10, "x", "ends after it begins"),
        (0, 4, "x", "at least 5 seconds"),
        (0, 181, "x", "at most 180 seconds"),
        (0, 10, " ", "not blank"),
        (0, 10, "x" * 101, "1 to 100 characters"),
        (0, 2**40, "x", "cannot be stored|out of range"),
    ],
)
def test_clips_that_are_refused(start: int, end: int, title: str, words: str) -> None:
    archive, viewer = make_archive(), UserFactory()
    with acting(Role.VIEWER, user_id=viewer.pk), pytest.raises(ClipRefused, match=words):
        clip_create(archive_id=archive.pk, start=start, end=end, title=title, actor=viewer)
    assert not Clip.objects.exists()


def test_clips_are_made_of_what_one_sees_and_removed_by_three(moderator: User, announced: Announced) -> None:
    archive, hidden, viewer = make_archive(), make_archive(status="approved"), UserFactory()
    with acting(Role.VIEWER, user_id=viewer.pk):
        clips = [
            clip_create(archive_id=archive.pk, start=n, end=n + 9, title="x", actor=viewer) for n in range(3)
        ]
        with pytest.raises(ClipRefused, match="no such archive"):
            clip_create(archive_id=hidden.pk, start=0, end=9, title="x", actor=viewer)
        with refused("no such archive"):
            run("INSERT INTO streams_clip (archive_id, author_id, title, seconds, status, removal_reason) "
                "VALUES (%s, %s, 'x', '[0,9)', 'active', '')", [hidden.pk, viewer.pk])  # fmt: skip
        clip_remove(clip_id=clips[0].pk, actor=viewer)
        with pytest.raises(ClipRefused, match="removed before"):
            clip_remove(clip_id=clips[0].pk, actor=viewer)
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        clip_remove(clip_id=clips[1].pk, actor=User.objects.get(pk=archive.performer_id))
    stranger = UserFactory()
    with acting(Role.VIEWER, user_id=stranger.pk), pytest.raises(NotThere):
        clip_remove(clip_id=clips[2].pk, actor=stranger)
    own = make_clip(archive, author=moderator)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        clip_remove(clip_id=clips[2].pk, actor=moderator, reason=REASON)
        with pytest.raises(OwnAccount):
            clip_remove(clip_id=own.pk, actor=moderator)
        assert (
            affected("UPDATE streams_clip SET status = 'removed', removed_at = now() WHERE id = %s", [own.pk])
            == 0
        )
    assert list(Clip.objects.active()) == [own]
    assert announced.actions.count("clip_removed") == 3
    with refused("cannot move from removed"):
        run(
            "UPDATE streams_clip SET status = 'active', removed_at = NULL, removed_by_id = NULL, removal_reason = ''"
        )


def test_progress_is_ones_own_and_the_last_word_counts() -> None:
    archive, hidden = make_archive(), make_archive(status="pending")
    viewer, other = UserFactory(), UserFactory()
    with acting(Role.VIEWER, user_id=viewer.pk):
        for second in (10, 300, 120, LENGTH):
            progress_record(viewer_id=viewer.pk, archive_id=archive.pk, seconds=second)
        row = ViewingProgress.objects.get()
        assert (row.seconds, row.performer_id) == (LENGTH, archive.performer_id)
        for where, second, words in (
            (archive, -1, "0 seconds or later"),
            (archive, LENGTH + 1, "beyond the end"),
            (hidden, 1, "no such archive"),
        ):
            with pytest.raises(ProgressRefused, match=words):
                progress_record(viewer_id=viewer.pk, archive_id=where.pk, seconds=second)
        with pytest.raises((ProgressRefused, Refused, Exception), match="row-level security"):
            progress_record(viewer_id=other.pk, archive_id=archive.pk, seconds=1)
    for role in ACTING_ROLES:
        with acting(role, user_id=other.pk):
            if role in (Role.VIEWER, Role.PERFORMER):
                assert run("SELECT id FROM streams_viewingprogress") == []
                assert affected("UPDATE streams_viewingprogress SET seconds = 0") == 0
                assert affected("DELETE FROM streams_viewingprogress") == 0
            else:
                with refused("permission denied"):
                    run("SELECT id FROM streams_viewingprogress")
    with acting(Role.VIEWER, user_id=viewer.pk):
        assert progress_forget(viewer_id=viewer.pk) == 1
