"""What an archive says of itself, what others wrote, and what was provided."""

import hashlib
import io
import zipfile

import pytest

from accounts.models import User
from accounts.services.login_events import login_event_record
from audit.request_choices import RequestKind
from core.db.context import acting
from core.db.roles import Role
from engagement.services.direct_messages import direct_message_delete
from tests.accounts.contacts import add
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.audit.personal_data.archives import archive_of, unpacked
from tests.engagement.messages_data import accepted, write

pytestmark = pytest.mark.django_db


def somebody() -> User:
    user = UserFactory(handle="asks_for_hers", country="IS")
    add(user, "asks@example.org")
    RestrictionFactory(user=user, reason="insulted the chat")
    return user


def test_the_manifest_names_every_file_with_its_digest_and_the_information_of_the_law() -> None:
    person = somebody()
    found = archive_of(person)
    manifest = found.manifest
    assert (manifest["schema_version"], manifest["kind"], manifest["person"]) == (1, "access", str(person.pk))
    assert manifest["request"].startswith("SR-")
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        for entry in manifest["files"]:
            content = archive.read(entry["file"])
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
            assert len(content.splitlines()) == entry["rows"] > 0
            assert all(entry[name] for name in ("meaning", "purpose", "basis", "kept", "source"))
        assert set(archive.namelist()) == {entry["file"] for entry in manifest["files"]} | {
            "columns.json",
            "manifest.json",
        }
        columns = hashlib.sha256(archive.read("columns.json")).hexdigest()
    assert manifest["columns"]["sha256"] == columns
    wanted = {"purposes", "categories", "recipients", "retention", "rights", "complaint", "source"}
    assert wanted | {"automated_decisions", "transfers"} <= set(manifest["information"])


def test_every_column_is_explained_and_says_why_it_is_not_given() -> None:
    found = archive_of(somebody())
    for table, rows in found.rows.items():
        for row in rows:
            assert set(row) <= set(found.columns[table])
    told = found.columns["accounts_usercontact"]
    assert told["value"]["given"] == "always"
    assert told["value"]["privacy"] == "encrypted"
    assert told["value_index"]["given"] == "never"
    assert told["value_index"]["why"]
    assert all(column["meaning"] for columns in found.columns.values() for column in columns.values())


def test_what_others_wrote_is_given_while_it_can_be_seen_and_says_not_who_they_are() -> None:
    person, friend = UserFactory(), UserFactory()
    conversation = accepted(person, friend)
    write(conversation, person, "what I wrote")
    write(conversation, friend, "what my friend wrote")
    gone = write(conversation, friend, "what my friend took back")
    with acting(Role.VIEWER, user_id=friend.pk):
        direct_message_delete(message_id=gone.pk, actor=friend)
    found = archive_of(person)
    messages = {row.get("body"): row for row in found.rows["engagement_directmessage"]}
    assert "what I wrote" in messages
    assert "what my friend wrote" in messages
    assert "what my friend took back" not in found.text
    sender = messages["what my friend wrote"]["sender_id"]
    assert sender.startswith("person-")
    assert messages["what I wrote"]["recipient_id"] == sender
    assert messages["what I wrote"]["sender_id"] == str(person.pk)
    assert str(friend.pk) not in found.text
    theirs = archive_of(friend)
    assert str(person.pk) not in theirs.text
    assert "what my friend took back" in theirs.text


def test_a_stand_in_is_another_one_in_the_next_archive() -> None:
    person, friend = UserFactory(), UserFactory()
    write(accepted(person, friend), friend, "hello there")

    def stand_in(kind: RequestKind) -> set[str]:
        rows = archive_of(person, kind).rows["engagement_conversation"]
        return {value for row in rows for value in row.values() if str(value).startswith("person-")}

    assert stand_in(RequestKind.ACCESS).isdisjoint(stand_in(RequestKind.PORTABILITY))


def test_portability_is_what_the_person_provided() -> None:
    person = somebody()
    login_event_record(user=person, failure=None, address="198.51.100.7", user_agent="Browser of hers")
    whole, portable = archive_of(person), archive_of(person, RequestKind.PORTABILITY)
    assert portable.manifest["kind"] == "portability"
    assert portable.manifest["not_handed_out"] == []
    assert set(portable.rows) < set(whole.rows)
    assert "accounts_restriction" not in portable.rows
    assert "insulted" not in portable.text
    assert "insulted" in whole.text
    (account,) = portable.rows["accounts_user"]
    assert account["handle"] == "asks_for_hers"
    assert "status" not in account
    assert portable.rows["accounts_loginevent"][0]["address"] == "198.51.100.7"
    assert portable.rows["accounts_usercontact"][0]["value"] == "asks@example.org"
    for table, rows in portable.rows.items():
        keys = {row["id"] for row in whole.rows[table]}
        assert {row["id"] for row in rows} <= keys


def test_unpacking_needs_nothing_of_ours() -> None:
    """Names without folders above, no absolute paths: any program unpacks it."""
    found = archive_of(somebody())
    assert all(not name.startswith("/") and ".." not in name for name in found.names)
    assert unpacked(found.content).rows == found.rows
