"""Whose rows go to the archive: personal words in no file in plain, erasure that reaches it, legal holds before all."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.choices import ArchivedPartitionStatus as Status
from audit.models import ArchiveKey, Event, HeldRow, Label, SealLeaf, SecurityEvent
from audit.services.archive_keys import archive_keys_make
from audit.services.labels import labels_erase
from audit.services.partition_archives import archived_partition_end, manifest_of
from core.archive.errors import PartitionArchiveRefused
from core.archive.folder import ArchiveFolder
from core.archive.parquet import open_views
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.audit.archiving import (
    attacked,
    back,
    folder,
    leave,
    name_of,
    old,
    partitions_make,
    stands,
    the_archive,
    told,
)
from tests.audit.holds import on_person
from tests.sql import run

__all__ = ["folder"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

WORDS = "her name was said"


@pytest.fixture(autouse=True)
def partitions() -> None:
    partitions_make()


def test_personal_words_lie_in_no_file_in_plain(folder: Path) -> None:
    ann, bob = UserFactory(), UserFactory()
    told(ann, bob, WORDS)
    attacked(ann, 1)
    for model in (Label, SecurityEvent):
        leave(model)
    lying = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (WORDS, "somebody", "192.0.2.7"):
        assert secret.encode() not in lying
    database = open_views({"label": [folder / the_archive(Label).place]})
    assert WORDS not in str(database.execute("SELECT * FROM label").fetchall())
    assert {key.person_id for key in ArchiveKey.objects.all()} == {ann.pk, bob.pk}


def test_what_was_left_out_comes_back_empty_and_the_rest_as_it_was(folder: Path) -> None:
    ann = UserFactory()
    attacked(ann, 1)
    attacked(None, 2)
    before = list(old(SecurityEvent).values_list("pk", "kind", "person_id", "detail"))
    leave(SecurityEvent)
    assert back(SecurityEvent).rows == 2
    assert list(old(SecurityEvent).values_list("pk", "kind", "person_id", "detail")) == before
    assert set(old(SecurityEvent).values_list("address", flat=True)) == {None}


@pytest.mark.parametrize("erased", ["actor", "subject"])
def test_erasure_reaches_the_file(folder: Path, erased: str) -> None:
    ann, bob, eve = UserFactory(), UserFactory(), UserFactory()
    told(ann, bob, WORDS)
    kept = told(eve, eve, "of herself")
    for model in (Label, Event, SealLeaf):
        leave(model)
    with acting(Role.COMPLIANCE, user_id=eve.pk):
        labels_erase(person_id=(ann if erased == "actor" else bob).pk, actor=eve, reason="asked for it")
    assert ArchiveKey.objects.count() == 2
    back(SealLeaf)
    assert back(Event).rows == 2
    done = back(Label)
    assert (done.rows, done.omitted) == (1, 1)
    assert list(old(Label).values_list("pk", "reason")) == [(kept.pk, "of herself")]


def test_erasure_reaches_a_partition_on_its_way_to_the_archive(folder: Path, monkeypatch: Any) -> None:
    """Detached, and not yet in a file: the run was killed in between."""
    ann, bob = UserFactory(), UserFactory()
    told(ann, bob, WORDS)
    monkeypatch.setattr("audit.services.partition_retention.partition_archive", _killed)
    with pytest.raises(KeyboardInterrupt):
        leave(Label)
    monkeypatch.undo()
    assert stands(Label) == "archive"
    with acting(Role.COMPLIANCE, user_id=bob.pk):
        assert labels_erase(person_id=ann.pk, actor=bob, reason="asked for it") == 1


def test_nobody_who_is_erased_gets_a_key() -> None:
    gone = UserFactory()
    run("UPDATE accounts_user SET status = 'closed', closed_at = now() WHERE id = %s", [gone.pk])
    run(
        "UPDATE accounts_user SET status = 'erased', erased_at = now(), handle = NULL WHERE id = %s",
        [gone.pk],
    )
    assert archive_keys_make([gone.pk]) == 0
    with pytest.raises(Exception, match="no key in the archive for a person who is erased"):
        run("INSERT INTO audit_archivekey (id, person_id, key) VALUES (uuidv7(), %s, 'x')", [gone.pk])


def test_held_rows_are_copied_out_first(folder: Path) -> None:
    held, free = UserFactory(), UserFactory()
    attacked(held, 1)
    attacked(free, 2)
    on_person(held.pk)
    done = leave(SecurityEvent)
    assert done.archived == 2
    assert "1 rows copied out for legal holds" in done.explanation
    (copy,) = HeldRow.objects.all()
    assert copy.content["address"] == "192.0.2.7"


def test_a_file_ends_with_its_period_and_what_is_held_is_copied_out_of_it(folder: Path) -> None:
    held, free = UserFactory(), UserFactory()
    attacked(held, 1)
    attacked(free, 2)
    leave(SecurityEvent)
    archived = the_archive(SecurityEvent)
    on_person(held.pk)
    assert leave(SecurityEvent).explanation.endswith("when their time is over.")
    run("UPDATE audit_retentionpolicy SET period = 'P14M' WHERE table_name = 'audit_securityevent'")
    done = leave(SecurityEvent)
    assert "1 files of the archive destroyed" in done.explanation
    archived.refresh_from_db()
    assert (archived.status, archived.file_key) == (Status.DESTROYED, None)
    assert not list(folder.rglob("*.parquet")) and not list(folder.rglob("*.json"))
    assert [copy.content["person_id"] for copy in HeldRow.objects.all()] == [str(held.pk)]
    with pytest.raises(CommandError, match="is destroyed"):
        call_command("archive", "restore", name_of(SecurityEvent), "--until", "2999-01-01", "--reason", "x")


def test_a_file_whose_rows_may_be_held_stays(folder: Path) -> None:
    held = UserFactory()
    told(held, held, WORDS)
    leave(Label)
    on_person(held.pk)
    with pytest.raises(PartitionArchiveRefused, match="a legal hold may cover rows of it"):
        archived_partition_end(model=Label, archived=the_archive(Label))
    assert manifest_of(ArchiveFolder.configured(), the_archive(Label)).rows == 1


def _killed(**_: Any) -> None:
    raise KeyboardInterrupt
