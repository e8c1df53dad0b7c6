"""A legal hold against every way in which something is deleted, purged, erased or edited."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from accounts.models import ReservedHandle, User, ViewerProfile
from accounts.services.contacts import contact_remove
from accounts.services.erasure import erasure_vetoes, user_erase
from accounts.services.profiles import profile_change
from audit.models import HeldRow, Label
from audit.services.labels import labels_erase
from core.checks import house_models
from core.db.context import acting
from core.db.holds import HeldBy, held_by_of, holds_nothing
from core.db.roles import Role
from core.errors import Refused
from core.vetoes import Vetoed
from streams.models import Archive
from tests.accounts.factories import UserFactory, ViewerProfileFactory, staff
from tests.audit.held_lives import archive_of, moderated, whole_life
from tests.audit.holds import DISCREET, SENTENCE, on_person, place, release
from tests.sql import affected, refused, run
from tests.streams.factories_archives import make_clip, make_performer

pytestmark = pytest.mark.django_db

ROW = "t"


def held_models() -> Iterator[tuple[type[Model], HeldBy]]:
    for model in house_models():
        held = held_by_of(model)
        if model._meta.managed and isinstance(held, HeldBy) and not holds_nothing(held):
            yield model, held


def rows_of(model: type[Model], held: HeldBy, user: User) -> list[Any]:
    """Keys of the rows that are the person's own by a column of the row."""
    persons = [sql for kind, sql in held.scopes(model, ROW) if kind == "person"] or ["NULL"]
    archive = [sql for kind, sql in held.scopes(model, ROW) if kind == "archive"]
    conditions = [f"%s IN ({', '.join(persons)})"]
    parameters = [user.pk]
    for sql in archive:
        conditions.append(f"{sql} IN (SELECT a.id FROM streams_archive a WHERE a.performer_id = %s)")
        parameters.append(user.pk)
    key = model._meta.pk.column  # type: ignore[union-attr]
    found = run(
        f"SELECT {ROW}.{key} FROM {model._meta.db_table} {ROW} WHERE {' OR '.join(conditions)}", parameters
    )
    return [value for (value,) in found]


NOT_IN_A_LIFE = {
    "accounts_historicalrolegrant": "a member of staff is not erased",
    "accounts_rolegrant": "a member of staff is not erased",
    "accounts_historicalrestriction": "the restriction of the test is written by hand",
    "accounts_historicalaccountflag": "the flag of the test is written by hand",
    "accounts_historicalreservedhandle": "the handle of the test is written by hand",
    "audit_securityevent": "nothing happened that may be an attack",
    "audit_sensitiveread": "nobody read",
    "performers_historicalstudiomembership": "the membership of the test is written by hand",
    "streams_streamconfiguration": "the stream of the test is written by hand",
    "streams_historicalaccessrule": "the rule of the test is written by hand",
}
"""Tables with the same trigger in which the person of this test has no row, and why."""

REFUSED_BEFORE = {"audit_evidence": "This evidence is still needed"}
"""Tables whose own rule speaks before the hold does; that rule asks for holds too."""


@pytest.fixture
def life(db: None) -> tuple[User, Archive]:
    return whole_life()


def open_to_retention(table: str) -> None:
    run(f"GRANT SELECT, UPDATE, DELETE ON {table} TO vbl_retention")
    if run("SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relrowsecurity", [table]):
        run(f"CREATE POLICY test_retention ON {table} TO vbl_retention USING (true)")


def test_no_row_of_a_held_person_is_deleted_whoever_tries(life: tuple[User, Archive]) -> None:
    """As the retention role with every right, whom no other trigger refuses a deletion."""
    user, archive = life
    moderated(user, archive)
    hold = on_person(user.pk)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    untouched = set()
    for model, held in held_models():
        table, key = model._meta.db_table, model._meta.pk.column  # type: ignore[union-attr]
        open_to_retention(table)
        rows = rows_of(model, held, user)
        if not rows:
            untouched.add(table)
            continue
        for identity in rows:
            if held.gives_way and affected(
                f"SELECT FROM {table} {ROW} WHERE {key} = %s AND {held.gives_way.replace('{row}.', 't.')}",
                [identity],
            ):
                continue
            with acting(Role.RETENTION), refused(REFUSED_BEFORE.get(table, SENTENCE)):
                run(f"DELETE FROM {table} WHERE {key} = %s", [identity])
    assert untouched - set(NOT_IN_A_LIFE) == set()
    assert not HeldRow.objects.exists()
    release(hold)
    with acting(Role.RETENTION):
        assert affected("DELETE FROM accounts_loginevent WHERE user_id = %s", [user.pk]) == 1


def other_value(column: str, kind: str, value: Any) -> str:
    """SQL of another value of the same kind."""
    if kind == "bytea":
        return f"{column} || '\\x00'"
    if kind == "jsonb":
        return "NULL"
    if kind == "uuid":
        return "NULL"
    if kind.startswith("timestamp"):
        return "now()"
    if kind == "boolean":
        return f"NOT {column}"
    if kind == "inet":
        return "NULL"
    if kind == "bigint" or kind == "integer" or kind == "numeric":
        return f"coalesce({column}, 0) + 1"
    return "'x'"


def test_no_kept_column_of_a_held_person_changes_whoever_tries(life: tuple[User, Archive]) -> None:
    """As the owner, whose definer functions erase and purge."""
    user, _ = life
    on_person(user.pk)
    tried = set()
    for model, held in held_models():
        table, key = model._meta.db_table, model._meta.pk.column  # type: ignore[union-attr]
        for name in held.keeps:
            column = model._meta.get_field(name).column
            ((kind,),) = run(
                "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
                [table, column],
            )
            for identity in rows_of(model, held, user):
                new = other_value(column, kind, None)
                if run(
                    f"SELECT {column} IS NOT DISTINCT FROM ({new}) FROM {table} WHERE {key} = %s", [identity]
                )[0][0]:
                    continue
                tried.add(f"{table}.{column}")
                with refused(
                    "A legal hold|append-only|is a record|cannot be changed|without its blind index"
                ):
                    run(f"UPDATE {table} SET {column} = {new} WHERE {key} = %s", [identity])
    assert {
        "accounts_user.handle",
        "accounts_user.country",
        "accounts_user.erased_at",
        "accounts_usercontact.value",
        "accounts_viewerprofile.display_name",
        "performers_performerprofile.stage_name",
        "performers_performerprofile.biography",
        "streams_stream.title",
        "streams_archive.title",
        "streams_archive.description",
        "streams_archive.poster_key",
        "streams_archive.purged_at",
        "streams_clip.title",
    } <= tried


def test_words_are_discreet_to_whom_it_is_about_and_plain_to_staff() -> None:
    user = UserFactory()
    profile = ViewerProfileFactory(user=user, display_name="Before")
    on_person(user.pk)
    with acting(Role.VIEWER, user_id=user.pk), refused(DISCREET):
        run("UPDATE accounts_viewerprofile SET display_name = 'After'")
    with refused(SENTENCE):
        run("UPDATE accounts_viewerprofile SET display_name = 'After'")
    with acting(Role.VIEWER, user_id=user.pk), pytest.raises(Exception, match=DISCREET):
        profile_change(viewer_profile_id=profile.pk, actor=user, display_name="After", reason="")
    assert ViewerProfile.objects.get().display_name == "Before"


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


def test_a_contact_is_not_removed_by_its_owner(life: tuple[User, Archive]) -> None:
    user, _ = life
    on_person(user.pk)
    contact = user.contacts.get()
    with acting(Role.VIEWER, user_id=user.pk), pytest.raises(Exception, match=DISCREET):
        contact_remove(contact_id=contact.pk, actor=user)
    assert user.contacts.count() == 1


def test_every_trigger_is_there_and_runs_as_the_owner() -> None:
    """What the models declare stands in the catalog."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname LIKE '%%95_keep_held' AND t.tgenabled = 'O' "
            "AND p.prosecdef AND NOT c.relispartition"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert there == {model._meta.db_table for model, _ in held_models()}
