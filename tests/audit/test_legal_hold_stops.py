"""A legal hold against every way in which something is deleted, purged, erased or edited."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, storages
from django.db import connection
from django.db.models import Model

from accounts.models import User, ViewerProfile
from accounts.services.contacts import contact_remove
from accounts.services.profiles import profile_change
from audit.models import HeldRow
from core.checks import house_models
from core.db.context import acting
from core.db.holds import HeldBy, held_by_of, holds_nothing
from core.db.roles import Role
from streams.models import Archive
from tests.accounts.factories import UserFactory, ViewerProfileFactory
from tests.audit.engaged_lives import engaged_life
from tests.audit.held_lives import moderated, whole_life
from tests.audit.holds import DISCREET, SENTENCE, on_person, release
from tests.audit.moneyed_lives import moneyed_life
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

ROW = "t"


def held_models() -> Iterator[tuple[type[Model], HeldBy]]:
    for model in house_models():
        held = held_by_of(model)
        if model._meta.managed and isinstance(held, HeldBy) and not holds_nothing(held):
            yield model, held


def of_engagement(model: type[Model]) -> bool:
    """Whether the table belongs to a life among others; a closed account, as of the first test, has none."""
    return model._meta.app_label == "engagement"


def of_billing(model: type[Model]) -> bool:
    """Whether it belongs to billing, whose tables are attacked over a life with money."""
    return model._meta.app_label == "billing"


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
    "audit_readalert": "nobody read",
    "audit_readalertreading": "nobody read",
    "performers_historicalstudiomembership": "the membership of the test is written by hand",
    "streams_streamconfiguration": "the stream of the test is written by hand",
    "streams_historicalaccessrule": "the rule of the test is written by hand",
}
"""Tables with the same trigger in which the person of this test has no row, and why."""

NOT_BOUGHT = {
    "billing_approvalrequest": "only staff ask for approvals",
    "billing_historicalstafflimit": "only staff have limits",
    "billing_stafflimit": "only staff have limits",
    "billing_billingaddress": "the orders of the test name a country alone",
    "billing_taxevidence": "it comes of the address of an order",
    "billing_mandate": "nothing was collected by mandate",
    "billing_paymentmethodverification": "the card of the test was never verified",
    "billing_promotionredemption": "no code was used",
}
"""The same of whoever bought and is paid."""

REFUSED_BEFORE = {"audit_evidence": "This evidence is still needed"}
"""Tables whose own rule speaks before the hold does; that rule asks for holds too."""


@pytest.fixture
def life(db: None) -> tuple[User, Archive]:
    return whole_life()


def open_to_retention(table: str) -> None:
    run(f"GRANT SELECT, UPDATE, DELETE ON {table} TO vbl_retention")
    if run("SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relrowsecurity", [table]):
        run(f"CREATE POLICY test_retention ON {table} TO vbl_retention USING (true)")


def attacked(user: User, models: Iterable[tuple[type[Model], HeldBy]]) -> set[str]:
    """Have the retention role, with every right, delete each row of a held person; returns tables without a row."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    untouched = set()
    for model, held in models:
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
            with (
                acting(Role.RETENTION),
                refused(REFUSED_BEFORE.get(table, f"{SENTENCE}|Rows of {table} are kept")),
            ):
                run(f"DELETE FROM {table} WHERE {key} = %s", [identity])
    return untouched


def test_no_row_of_a_held_person_is_deleted_whoever_tries(life: tuple[User, Archive]) -> None:
    """As the retention role with every right, whom no other trigger refuses a deletion."""
    user, archive = life
    moderated(user, archive)
    hold = on_person(user.pk)
    others = (held for held in held_models() if not of_engagement(held[0]) and not of_billing(held[0]))
    untouched = attacked(user, others)
    assert untouched - set(NOT_IN_A_LIFE) == set()
    assert not HeldRow.objects.exists()
    release(hold)
    with acting(Role.RETENTION):
        assert affected("DELETE FROM accounts_loginevent WHERE user_id = %s", [user.pk]) == 1


def test_nothing_that_a_held_person_bought_or_earned_is_deleted() -> None:
    person = moneyed_life()
    on_person(person.pk)
    untouched = attacked(person, (held for held in held_models() if of_billing(held[0])))
    assert untouched - set(NOT_BOUGHT) == set()


def test_nothing_that_a_held_person_said_or_did_to_others_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is on air follows, writes and pays too: every held table of engagement has a row of that person."""
    files = InMemoryStorage()
    monkeypatch.setitem(storages._storages, "attachments", files)
    star = engaged_life(files)
    hold = on_person(star.pk)
    assert attacked(star, (held for held in held_models() if of_engagement(held[0]))) == set()
    assert not HeldRow.objects.exists()
    release(hold)
    # Nothing but its time keeps it now.
    with acting(Role.RETENTION), refused("The time of this row is not over"):
        run("DELETE FROM engagement_follow WHERE user_id = %s", [star.pk])


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
