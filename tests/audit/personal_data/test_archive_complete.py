"""Whole lives, exported: all of the person is there, and nothing of anybody else."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.files.storage import storages
from django.db.models import Field, Model

from accounts.models import User
from audit.personal_data.declarations import Given
from audit.personal_data.map import ACTS, PersonalTable, personal_tables, points_at_person
from audit.personal_data.paths import first_field
from core.checks import HOUSE_APPS
from core.db.privacy import Privacy, privacy_of
from core.encryption.blind_index import BlindIndexField
from performers.models import PerformerProfile
from tests.accounts.erasing import found_markers
from tests.audit.engaged_lives import engaged_life
from tests.audit.held_lives import moderated, whole_life
from tests.audit.moneyed_lives import moneyed_life
from tests.audit.personal_data.archives import Unpacked, archive_of
from tests.sql import run

pytestmark = pytest.mark.django_db

NOT_THEIRS = {
    ("engagement_block", "blocked"): "who was blocked is not told",
    ("engagement_mute", "person"): "who was muted is not told",
    ("engagement_conversationmember", "other"): "what the other one said to the conversation is theirs",
    ("audit_privatecopy", "sender"): "it would tell who reported",
    ("performers_historicalperformerprofile", "user"): "the key of a profile is the id of its person",
    ("audit_sensitiveread", "actor"): "whose data staff read is about those people",
}
"""Foreign keys to people that make no row theirs, besides the column by which rows are to be distributed."""


def lived(kind: str) -> User:
    if kind == "whole":
        user, archive = whole_life()
        moderated(user, archive)
        return user
    return engaged_life(storages["attachments"]) if kind == "engaged" else moneyed_life()


LIVES = ("whole", "engaged", "moneyed")


WRITTEN_LATER = "audit_personalarchive"
"""The row of the archive itself cannot be in it."""


class Value(NamedTuple):
    """A personal value of somebody, found by a foreign key of its row alone."""

    table: PersonalTable
    field: Field
    by: str
    key: str
    value: str


def tables() -> Iterator[PersonalTable]:
    found, _ = personal_tables()
    for table in found.values():
        if table.model._meta.app_label in HOUSE_APPS and isinstance(table.decision, Given):
            yield table


def keys_to_people(model: type[Model]) -> list[str]:
    """Fields that point at a person who does not merely act; the person's own row points at itself."""
    if model in (User, PerformerProfile):
        return ["id"]
    return [
        field.name
        for field in model._meta.local_concrete_fields
        if points_at_person(field) and not ACTS.search(field.name)
    ]


def values_of(person: User, *, of_others: bool = False) -> Iterator[Value]:
    """Every value of a personal column in rows that a foreign key gives to the person, or to anybody else."""
    for table in tables():
        columns = [
            field
            for field in table.fields
            if privacy_of(field) is not Privacy.NONE and not isinstance(field, BlindIndexField)
        ]
        key = table.model._meta.pk.column  # type: ignore[union-attr]
        for name in keys_to_people(table.model):
            column = table.model._meta.get_field(name).column  # type: ignore[union-attr]
            comparison = "<>" if of_others else "="
            for field in columns:
                found = run(
                    f"SELECT {key}::text, to_jsonb({field.column}) #>> '{{}}' FROM {table.table} "
                    f"WHERE {column} {comparison} %s AND {field.column} IS NOT NULL",
                    [person.pk],
                )
                for row, value in found:
                    if value not in ("", "{}", "[]"):
                        yield Value(table, field, name, row, value)


def is_way(value: Value) -> bool:
    """Whether the foreign key is one by which a row is somebody's."""
    return any(first_field(way.path) == value.by or f".{value.by}_id" in way.path for way in value.table.ways)


def same(given: Any, value: str) -> bool:
    """Whether the archive says the same as the row."""
    return given == value if isinstance(given, str) else given is not None


@pytest.mark.parametrize("life", LIVES)
def test_every_personal_value_of_a_life_is_in_the_archive(life: str) -> None:
    person = lived(life)
    found = archive_of(person)
    by_key = {
        table.table: {
            str(row.get(table.model._meta.pk.column)): row for row in found.rows.get(table.table, [])
        }  # type: ignore[union-attr]
        for table in tables()
    }
    missing, seen = [], set()
    for value in values_of(person):
        if not is_way(value):
            assert value.by == "performer" or (value.table.table, value.by) in NOT_THEIRS, value
            continue
        row = by_key[value.table.table].get(value.key)
        column = str(value.field.column)
        declared = [value.table.reason_withheld(value.field, way) for way in value.table.ways]
        protected = privacy_of(value.field) in (Privacy.ENCRYPTED, Privacy.SEALED)
        if row is not None and column in row:
            right = bool(row[column]) if protected else same(row[column], value.value)
            if not right and not str(row[column]).startswith("person-"):
                missing.append((*value[2:], value.table.table, column, row[column]))
            seen.add((value.table.table, column))
        elif (row is None and value.table.table != WRITTEN_LATER) or not any(declared):
            missing.append((value.table.table, column, value.by, value.key))
    assert missing == []
    assert len(seen) > 20


def test_wherever_a_marker_stands_in_the_database_it_stands_in_the_archive() -> None:
    """Found without the map: by looking into every column of the schema."""
    person = lived("whole")
    found = archive_of(person)
    by_name = {table.table: table for table in personal_tables()[0].values()}
    for name, column in found_markers():
        table = by_name[name]
        if not isinstance(table.decision, Given) or column in table.withheld_everywhere():
            continue
        text = str([row.get(column) for row in found.rows[name]])
        assert "zmarker" in text.lower() or "203.0.113.199" in text, (name, column)
    assert "zmarker-words@example.org" in [row["value"] for row in found.rows["accounts_usercontact"]]


PUBLIC = ("performers_performerprofile",)

IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}$|\\x")
"""Ids, of which those of people are looked for apart, and bytes."""


@pytest.mark.parametrize("life", LIVES)
def test_nothing_of_anybody_else_is_in_the_archive(life: str) -> None:
    """Nobody's id but those of performers, no name, and no personal word that the person has not got as well."""
    person = lived(life)
    content = archive_of(person).text
    performers = {row for (row,) in run("SELECT id::text FROM performers_performerprofile")}
    others = {row for (row,) in run("SELECT id::text FROM accounts_user WHERE id <> %s", [person.pk])}
    assert [other for other in sorted(others - performers) if other in content] == []
    handles = {row for (row,) in run("SELECT handle FROM accounts_user WHERE id <> %s", [person.pk])} - {None}
    assert [handle for handle in sorted(handles) if f'"{handle}"' in content] == []
    own = {value.value for value in values_of(person) if is_way(value)}
    foreign = {
        value.value
        for value in values_of(person, of_others=True)
        if len(value.value) > 7 and value.table.table not in PUBLIC and not IDENTITY.match(value.value)
    }
    received = {
        row
        for (row,) in run("SELECT body FROM engagement_directmessage WHERE recipient_id = %s", [person.pk])
    }
    leaked = [word for word in sorted(foreign - own - received) if f'"{word}"' in content]
    assert leaked == []


@pytest.mark.parametrize("life", LIVES)
def test_no_secret_is_in_the_archive(life: str) -> None:
    person = lived(life)
    content = archive_of(person).text
    secrets = run(
        "SELECT password_hash FROM accounts_userpassword "
        "UNION ALL SELECT encode(token_digest, 'hex') FROM accounts_usersession "
        "UNION ALL SELECT encode(digest, 'hex') FROM accounts_recoverycode "
        "UNION ALL SELECT encode(code_digest, 'hex') FROM accounts_contactverification "
        "UNION ALL SELECT encode(value_index, 'hex') FROM accounts_usercontact "
        "UNION ALL SELECT encode(digest, 'hex') FROM streams_ingestkey "
        "UNION ALL SELECT encode(salt, 'hex') FROM audit_label"
    )
    assert len(secrets) > 0
    assert [secret for (secret,) in secrets if secret and secret in content] == []
    for name in ("secret", "password_hash", "token_digest", "code_digest", "file_key", "auth_secret", "salt"):
        assert f'"{name}":' not in content


def test_what_moderation_keeps_from_somebody_stays_there() -> None:
    person = lived("whole")
    found: Unpacked = archive_of(person)
    about = [row for row in found.rows["audit_report"] if row["person_id"] == str(person.pk)]
    assert about
    assert all("words" not in row and "reporter_id" not in row for row in about)
    for table in ("audit_legalhold", "audit_heldrow", "billing_kyccase", "audit_claim"):
        assert table not in found.rows
    told = {entry["table"] for entry in found.manifest["not_handed_out"]}
    assert {"audit_legalhold", "billing_kyccase", "billing_sanctionsscreening"} <= told
    assert "audit_claim" not in told
