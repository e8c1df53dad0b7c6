"""A legal hold against erasure, purge and jobs, and what goes on all the same."""

from typing import Any

import pytest

from accounts.models import ReservedHandle, User
from accounts.services.erasure import erasure_vetoes, user_erase
from audit.models import HeldRow, Label
from audit.services.labels import labels_erase
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.vetoes import Vetoed
from streams.models import Archive
from tests.accounts.factories import UserFactory, ViewerProfileFactory, staff
from tests.audit.held_lives import archive_of, whole_life
from tests.audit.holds import SENTENCE, on_person, place, release
from tests.sql import affected, refused, run
from tests.streams.factories_archives import make_clip, make_performer

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(db: None) -> tuple[User, Archive]:
    return whole_life()


class TestErasure:
    def test_is_vetoed_in_words_and_refused_by_the_database(self, life: tuple[User, Archive]) -> None:
        user, _ = life
        hold = on_person(user.pk)
        compliance = staff(Role.COMPLIANCE)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            assert "A legal hold keeps this person's data" in str(erasure_vetoes(user)[-1])
            with pytest.raises(Vetoed, match="A legal hold keeps this person's data"):
                user_erase(user_id=user.pk, actor=compliance, reason="asked for it in writing")
            with refused(SENTENCE):
                run("SELECT * FROM accounts_person_erase(%s)", [user.pk])
            with refused("is not erased"):
                run("SELECT * FROM performers_person_erase(%s)", [user.pk])
            with refused("is not erased"):
                run("SELECT * FROM streams_person_erase(%s)", [user.pk])
        assert User.objects.get(pk=user.pk).handle == user.handle
        release(hold)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            assert erasure_vetoes(user) == ()
            user_erase(user_id=user.pk, actor=compliance, reason="asked for it in writing")
        assert not HeldRow.objects.exists()

    def test_a_hold_on_an_archive_keeps_its_performer_too(self, life: tuple[User, Archive]) -> None:
        user, archive = life
        place("archive", archive.pk)
        compliance = staff(Role.COMPLIANCE)
        with acting(Role.COMPLIANCE, user_id=compliance.pk), pytest.raises(Vetoed, match="legal hold"):
            user_erase(user_id=user.pk, actor=compliance, reason="asked for it in writing")

    def test_the_words_of_the_trail_stay(self, life: tuple[User, Archive]) -> None:
        user, _ = life
        hold = on_person(user.pk)
        compliance = staff(Role.COMPLIANCE)
        before = Label.objects.count()
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            with pytest.raises(Refused, match="A legal hold keeps the words of the trail"):
                labels_erase(person_id=user.pk, actor=compliance, reason="asked for it in writing")
            with refused("A legal hold keeps the words of the trail"):
                run("SELECT audit_labels_erase(%s)", [user.pk])
        run("SELECT set_config('app.erased_person', %s, true)", [str(user.pk)])
        with refused(SENTENCE):
            run("DELETE FROM audit_label")
        assert Label.objects.count() == before
        release(hold)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            assert labels_erase(person_id=user.pk, actor=compliance, reason="asked for it in writing") >= 1

    def test_somebody_else_is_erased_and_what_the_held_person_shares_is_copied_out(
        self, life: tuple[User, Archive]
    ) -> None:
        """A clip of a held archive, a place on a held performer's list, words about both."""
        user, archive = life
        stranger = UserFactory()
        make_clip(archive, author=stranger, title="of a held archive")
        hold = on_person(user.pk)
        run(
            "INSERT INTO streams_accessgrant (id, valid, archive_id, performer_id, user_id, granted_by_id) "
            "VALUES (uuidv7(), tstzrange(now(), null), %s, %s, %s, %s)",
            [archive.pk, user.pk, stranger.pk, user.pk],
        )
        run(
            "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days' WHERE id = %s",
            [stranger.pk],
        )
        compliance = staff(Role.COMPLIANCE)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            user_erase(user_id=stranger.pk, actor=compliance, reason="asked for it in writing")
        assert set(HeldRow.objects.values_list("hold", "source_table")) == {
            (hold.pk, "streams_clip"),
            (hold.pk, "streams_accessgrant"),
        }
        clip = HeldRow.objects.get(source_table="streams_clip")
        assert clip.content["title"] == "of a held archive"
        ((proof,),) = run(
            "SELECT sha256 = sha256(convert_to(content::text, 'UTF8')) FROM audit_heldrow WHERE id = %s",
            [clip.pk],
        )
        assert proof


class TestPurge:
    @pytest.mark.parametrize("scope", ["archive", "stream", "person", "author of a clip"])
    def test_a_held_archive_is_not_purged(self, scope: str, capsys: Any) -> None:
        from django.core.management import call_command

        author = UserFactory()
        archive = archive_of(make_performer(), UserFactory())
        make_clip(archive, author=author)
        run("UPDATE streams_archive SET purge_at = now() - interval '1 day'")
        kind, key = {
            "archive": ("archive", archive.pk),
            "stream": ("stream", archive.stream_id),
            "person": ("person", archive.performer_id),
            "author of a clip": ("person", author.pk),
        }[scope]
        hold = place(kind, key)
        call_command("archives_purge", dry_run=True)
        call_command("archives_purge")
        assert capsys.readouterr().out.splitlines() == [
            "0 would be purged, 1 held",
            "0 purged, 0 objects to remove, 1 held",
        ]
        with acting(Role.WORKER), refused(SENTENCE):
            run("SELECT * FROM streams_archive_purge(%s)", [archive.pk])
        release(hold)
        call_command("archives_purge")
        assert Archive.all_objects.get(pk=archive.pk).purged_at is not None

    def test_a_viewer_under_a_hold_does_not_keep_the_archive_of_another(self) -> None:
        from django.core.management import call_command

        viewer = UserFactory()
        archive = archive_of(make_performer(), UserFactory())
        run(
            "INSERT INTO streams_viewingprogress (id, viewer_id, archive_id, performer_id, seconds) "
            "VALUES (uuidv7(), %s, %s, %s, 3)",
            [viewer.pk, archive.pk, archive.performer_id],
        )
        run("UPDATE streams_archive SET purge_at = now() - interval '1 day'")
        on_person(viewer.pk)
        with acting(Role.WORKER), refused(SENTENCE):
            run("RESET ROLE") or run("DELETE FROM streams_viewingprogress")
        call_command("archives_purge")
        assert Archive.all_objects.get(pk=archive.pk).purged_at is not None
        (copy,) = HeldRow.objects.all()
        assert (copy.source_table, copy.content["viewer_id"]) == ("streams_viewingprogress", str(viewer.pk))


class TestWhatGoesOn:
    def test_everything_but_content(self, life: tuple[User, Archive]) -> None:
        user, archive = life
        on_person(user.pk)
        for statement in (
            "UPDATE accounts_user SET last_seen_at = now(), locale = 'de' WHERE id = %s",
            "UPDATE accounts_usersession SET last_used_at = now() WHERE user_id = %s",
            "UPDATE accounts_usercontact SET is_primary = false WHERE user_id = %s",
            "UPDATE streams_archive SET status = 'restricted', deleted_at = now() WHERE performer_id = %s",
            "UPDATE streams_stream SET deleted_at = now() WHERE performer_id = %s",
            "UPDATE performers_performerprofile SET status = 'paused' WHERE id = %s",
            "UPDATE performers_performermetric SET followers = followers + 1 WHERE performer_id = %s",
        ):
            assert affected(statement, [user.pk]) >= 1, statement
        assert affected("UPDATE streams_archive SET title = title WHERE id = %s", [archive.pk]) == 1

    def test_nobody_else_is_held(self, life: tuple[User, Archive]) -> None:
        on_person(life[0].pk)
        other = UserFactory()
        profile = ViewerProfileFactory(user=other, display_name="Before")
        assert (
            affected("UPDATE accounts_viewerprofile SET display_name = 'x' WHERE id = %s", [profile.pk]) == 1
        )
        assert affected("DELETE FROM accounts_viewerprofile WHERE id = %s", [profile.pk]) == 1

    def test_a_hold_that_ended_by_itself_holds_nothing(self) -> None:
        user = UserFactory()
        ViewerProfileFactory(user=user, display_name="Before")
        on_person(user.pk)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE audit_legalhold DISABLE TRIGGER USER")
        run(
            "UPDATE audit_legalhold SET valid = tstzrange(now() - interval '2 days', now() - interval '1 day')"
        )
        run("ALTER TABLE audit_legalhold ENABLE TRIGGER USER")
        assert affected("DELETE FROM accounts_viewerprofile") == 1

    def test_consent_can_be_taken_back_and_what_it_was_for_is_copied_out(
        self, life: tuple[User, Archive]
    ) -> None:
        user, _ = life
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE performers_performerattribute DISABLE TRIGGER USER")
        run(
            "UPDATE performers_performerattribute SET special_category = true WHERE performer_id = %s",
            [user.pk],
        )
        run("ALTER TABLE performers_performerattribute ENABLE TRIGGER USER")
        on_person(user.pk)
        assert affected("DELETE FROM performers_performerattribute WHERE performer_id = %s", [user.pk]) == 1
        (copy,) = HeldRow.objects.all()
        assert copy.source_table == "performers_performerattribute"


class TestJobs:
    def test_each_leaves_what_is_held_and_takes_the_rest(
        self, life: tuple[User, Archive], capsys: Any
    ) -> None:
        from django.core.management import call_command

        user, _ = life
        other = whole_life_of_another()
        run("UPDATE accounts_contactverification SET created_at = now()")
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE accounts_contactverification DISABLE TRIGGER USER")
        run("UPDATE accounts_contactverification SET created_at = now() - interval '9 days'")
        run("ALTER TABLE accounts_contactverification ENABLE TRIGGER USER")
        hold = on_person(user.pk)
        call_command("verifications_forget", dry_run=True)
        call_command("verifications_forget")
        call_command("quarantines_end", dry_run=True)
        call_command("quarantines_end")
        assert capsys.readouterr().out.splitlines() == [
            "Verifications to forget: 0.",
            "Verifications forgotten: 0.",
            "1 would be released",
            "1 released",
        ]
        assert list(ReservedHandle.objects.filter(previous_owner__isnull=False)) == list(
            ReservedHandle.objects.filter(previous_owner=user)
        )
        assert not ReservedHandle.objects.filter(previous_owner=other).exists()
        release(hold)
        call_command("verifications_forget")
        call_command("quarantines_end")
        assert capsys.readouterr().out.splitlines() == ["Verifications forgotten: 1.", "1 released"]


def whole_life_of_another() -> User:
    other = UserFactory()
    ReservedHandle.objects.create(
        handle="rests_too",
        reason="quarantine",
        previous_owner=other,
        reserved_until="2026-01-01T00:00Z",
    )
    return other
