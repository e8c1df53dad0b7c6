"""Partitions go to the archive, are proven there, and come back as they were; erasure reaches them; nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.choices import ArchivedPartitionStatus as Status
from audit.models import Event, Label, SealLeaf, SecurityEvent
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.db.partitions.detach import detach_partition
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import ensure_partitions
from tests.accounts.factories import UserFactory
from tests.audit.archiving import (
    attacked,
    back,
    content,
    folder,
    leave,
    name_of,
    old,
    partitions_make,
    period_of,
    stands,
    the_archive,
    told,
)
from tests.audit.sealing import faults, seal, verify
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


def test_rows_go_to_the_archive_and_come_back_identical(folder: Path) -> None:
    ann, bob = UserFactory(), UserFactory()
    for number in range(7):
        told(ann, bob, f"{WORDS} {number}")
    before = content(Label), content(Event)
    assert len(before[0]) == 7
    run_of_labels, run_of_events, _ = leave(Label), leave(Event), leave(SealLeaf)
    assert (run_of_labels.archived, run_of_labels.partitions, run_of_labels.deleted) == (7, 1, 0)
    assert run_of_events.archived == 7
    assert (stands(Label), stands(Event)) == ("nowhere", "nowhere")
    assert not old(Label).exists()
    archived = the_archive(Label)
    assert (archived.status, archived.rows) == (Status.COLD, 7)
    assert back(SealLeaf).rows == 0
    assert back(Event).rows == back(Label).rows == 7
    assert (content(Label), content(Event)) == before
    assert (stands(Label), stands(Event)) == ("vbl", "vbl")
    assert the_archive(Label).status == Status.RESTORED


SHAPE = """
  SELECT (SELECT array_agg(replace(conname, c.relname, '') ORDER BY 1) FROM pg_constraint WHERE conrelid = c.oid),
    (SELECT array_agg(tgname ORDER BY 1) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
    (SELECT array_agg(replace(polname, c.relname, '') ORDER BY 1) FROM pg_policy WHERE polrelid = c.oid),
    (SELECT count(*) FROM pg_index WHERE indrelid = c.oid),
    c.relrowsecurity, c.relforcerowsecurity, coalesce(c.relacl::text, ''), obj_description(c.oid, 'pg_class')
  FROM pg_class c WHERE c.relname = %s
"""


def test_what_comes_back_is_a_partition_like_every_other(folder: Path) -> None:
    """Its rights, policies, triggers, indexes and keys are those that a new partition gets."""
    attacked(None, 1)
    before = run(SHAPE, [name_of(SecurityEvent)])
    leave(SecurityEvent)
    back(SecurityEvent)
    assert run(SHAPE, [name_of(SecurityEvent)]) == before


def test_the_manifest_says_what_is_in_the_file(folder: Path) -> None:
    ann = UserFactory()
    first, last = attacked(ann, 1), attacked(None, 2)
    leave(SecurityEvent)
    archived = the_archive(SecurityEvent)
    manifest = json.loads((folder / f"{archived.place}.json").read_bytes())
    ids = sorted([str(first.pk), str(last.pk)])
    assert (manifest["table"], manifest["partition"]) == ("audit_securityevent", name_of(SecurityEvent))
    assert (manifest["rows"], manifest["first_id"], manifest["last_id"]) == (2, *ids)
    assert manifest["schema_version"] == archived.schema_version == "0014_partition_archive"
    assert manifest["file_sha256"] == bytes(archived.file_sha256).hex()
    assert manifest["left_out"] == ["address"]
    assert "address" not in [column["name"] for column in manifest["columns"]]
    assert (folder / archived.place).stat().st_mode & 0o777 == 0o600


def _killed(**_: Any) -> None:
    raise KeyboardInterrupt


def test_a_changed_byte_is_found(folder: Path) -> None:
    attacked(None, 1)
    leave(SecurityEvent)
    archived = the_archive(SecurityEvent)
    path = folder / archived.place
    whole = path.read_bytes()
    for at in (4, len(whole) // 2, len(whole) - 5):
        changed = bytearray(whole)
        changed[at] ^= 1
        path.write_bytes(bytes(changed))
        with pytest.raises(ArchiveChanged, match="was changed"):
            back(SecurityEvent)
        with pytest.raises(CommandError, match="was changed"):
            call_command("archive", "verify")
    path.write_bytes(whole)
    call_command("archive", "verify")
    manifest = folder / f"{archived.place}.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows": 1', b'"rows": 2'))
    with pytest.raises(ArchiveChanged, match=r"\.json was changed"):
        back(SecurityEvent)
    path.unlink()
    with pytest.raises(ArchiveChanged, match="is missing"):
        back(SecurityEvent)
    assert stands(SecurityEvent) == "nowhere"


def test_nothing_is_restored_over_rows(folder: Path) -> None:
    attacked(None, 1)
    leave(SecurityEvent)
    partitions_make()
    with pytest.raises(PartitionError, match="nothing was restored over"):
        back(SecurityEvent)
    run(f"DROP TABLE {name_of(SecurityEvent)}")
    run(f"CREATE TABLE archive.{name_of(SecurityEvent)} (id uuid)")
    with pytest.raises(PartitionError, match="nothing was restored over"):
        back(SecurityEvent)
    run(f"DROP TABLE archive.{name_of(SecurityEvent)}")
    assert back(SecurityEvent).rows == 1
    with pytest.raises(PartitionArchiveRefused, match="nothing to bring back"):
        back(SecurityEvent)


def test_what_came_back_stays_for_its_time_and_leaves_again(folder: Path) -> None:
    attacked(None, 1)
    leave(SecurityEvent)
    first = the_archive(SecurityEvent)
    back(SecurityEvent)
    done = leave(SecurityEvent)
    assert (done.archived, done.partitions) == (0, 0)
    assert f"{name_of(SecurityEvent)} came back until" in done.explanation
    run(
        "UPDATE audit_archivedpartition SET restored_at = now() - interval '2 hours', "
        "restored_until = now() - interval '1 hour'"
    )
    assert leave(SecurityEvent).archived == 1
    first.refresh_from_db()
    second = the_archive(SecurityEvent)
    assert (first.status, second.status) == (Status.DESTROYED, Status.COLD)
    assert bytes(first.rows_sha256) == bytes(second.rows_sha256)
    assert not (folder / first.place).exists() and (folder / second.place).exists()


def test_what_rests_on_others_comes_back_after_them(folder: Path) -> None:
    told(UserFactory(), UserFactory(), WORDS)
    for model in (Label, Event, SealLeaf):
        leave(model)
    with pytest.raises(PartitionArchiveRefused, match=f"{name_of(Label)} comes back after {name_of(Event)}"):
        back(Label)
    with pytest.raises(
        PartitionArchiveRefused, match=f"{name_of(Event)} comes back after {name_of(SealLeaf)}"
    ):
        back(Event)
    for model in (SealLeaf, Event, Label):
        back(model)


def test_the_trail_proves_that_what_came_back_is_what_was_sealed(folder: Path) -> None:
    """A root over events of that month cannot be computed while they are in the archive, and can be again."""
    ann, bob = UserFactory(), UserFactory()
    for number in range(5):
        one = told(ann, bob, f"{WORDS} {number}")
        run("ALTER TABLE audit_event DISABLE TRIGGER USER")
        run(
            "UPDATE audit_event SET label_digest = %s WHERE id = %s",
            [Label.objects.get(pk=one.pk).digest, one.pk],
        )
        run("ALTER TABLE audit_event ENABLE TRIGGER USER")
    seal()
    whole = verify()
    assert (whole.findings, whole.counts["expired"]) == ([], 0)
    for model in (Label, Event, SealLeaf):
        leave(model)
    without = verify()
    assert (without.findings, without.counts["expired"]) == ([], 5)
    for model in (SealLeaf, Event, Label):
        back(model)
    again = verify()
    assert (again.findings, again.counts["expired"]) == ([], 0)
    assert again.counts["events"] == whole.counts["events"]


def test_events_on_their_way_to_the_archive_are_not_missed(folder: Path, monkeypatch: Any) -> None:
    told(UserFactory(), UserFactory(), WORDS)
    seal()
    leave(Label)
    monkeypatch.setattr("audit.services.partition_retention.partition_archive", _killed)
    with pytest.raises(KeyboardInterrupt):
        leave(Event)
    monkeypatch.undo()
    assert stands(Event) == "archive"
    assert verify().findings == []


def test_what_came_back_and_is_over_for_good_leaves_no_file_behind(folder: Path) -> None:
    attacked(None, 1)
    leave(SecurityEvent)
    back(SecurityEvent)
    run(
        "UPDATE audit_archivedpartition SET restored_at = now() - interval '2 hours', "
        "restored_until = now() - interval '1 hour'"
    )
    run("UPDATE audit_retentionpolicy SET period = 'P14M' WHERE table_name = 'audit_securityevent'")
    done = leave(SecurityEvent)
    assert (done.deleted, stands(SecurityEvent)) == (1, "nowhere")
    assert the_archive(SecurityEvent).status == Status.DESTROYED
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_an_event_that_was_deleted_is_missed_although_a_later_month_is_in_the_archive(folder: Path) -> None:
    april = period_of(Event).moved(1)
    for model in (Label, Event, SealLeaf):
        ensure_partitions(model, april.start, april.end)
    deleted = told(UserFactory(), UserFactory(), WORDS)
    seal()
    for model in (Label, Event):
        detach_partition(model, f"{model._meta.db_table}_{april.suffix}")
    assert "event_deleted" not in [fault for fault, _, _ in faults(verify())]
    for table in ("audit_label", "audit_event"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run(f"DELETE FROM {table} WHERE id = %s", [deleted.pk])
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert ("event_deleted", deleted.pk) in [(fault, event) for fault, _, event in faults(verify())]


def test_one_that_cannot_be_archived_keeps_the_others_where_they_are(folder: Path, monkeypatch: Any) -> None:
    later = period_of(SecurityEvent).moved(1)
    ensure_partitions(SecurityEvent, later.start, later.end)
    attacked(None, 1)

    def full(**_: Any) -> None:
        raise PartitionArchiveRefused("The disk is full.")

    monkeypatch.setattr("audit.services.partition_retention.partition_archive", full)
    for _ in range(2):
        with pytest.raises(PartitionArchiveRefused, match="The disk is full"):
            leave(SecurityEvent)
    standing = run(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s",
        [f"audit_securityevent_{later.suffix}"],
    )
    assert (stands(SecurityEvent), standing) == ("archive", [("vbl",)])
    monkeypatch.undo()
    assert leave(SecurityEvent).partitions == 2


def test_events_that_are_gone_without_a_record_were_deleted(folder: Path) -> None:
    """Older than the database keeps them, and in no archive."""
    one = told(UserFactory(), UserFactory(), WORDS)
    seal()
    for table in ("audit_label", "audit_event"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run(f"DELETE FROM {table} WHERE id = %s", [one.pk])
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert ("event_deleted", one.pk) in [(fault, event) for fault, _, event in faults(verify())]


def test_labels_leave_before_their_events(folder: Path) -> None:
    told(UserFactory(), UserFactory(), WORDS)
    done = leave(Event)
    assert (done.archived, stands(Event)) == (0, "vbl")
    assert f"{name_of(Event)} waits for {name_of(Label)}" in done.explanation
    leave(Label)
    assert leave(Event).archived == 1


def test_the_command_lets_everything_leave_in_order(folder: Path, capsys: Any) -> None:
    told(UserFactory(), UserFactory(), WORDS)
    attacked(None, 1)
    call_command("retention_run", "--dry-run")
    said = capsys.readouterr().out
    assert "audit_event: 1 would be archived, 0 copied out for holds, 1 whole partitions" in said
    assert not any(folder.rglob("*.parquet"))
    assert {stands(model) for model in (Event, Label, SecurityEvent, SealLeaf)} == {"vbl"}
    call_command("retention_run")
    assert {stands(model) for model in (Event, Label, SecurityEvent, SealLeaf)} == {"nowhere"}
    assert "audit_event: 1 archived" in capsys.readouterr().out
    ((counts,),) = run(
        "SELECT counts FROM audit_jobrun WHERE name = 'retention_run' AND outcome = 'succeeded' "
        "ORDER BY id DESC LIMIT 1"
    )
    assert json.loads(counts)["archived"] >= 3


def test_what_is_over_for_good_goes_without_a_file(folder: Path) -> None:
    attacked(None, 1)
    run("UPDATE audit_retentionpolicy SET period = 'P14M' WHERE table_name = 'audit_securityevent'")
    done = leave(SecurityEvent)
    assert (done.archived, done.deleted, stands(SecurityEvent)) == (0, 1, "nowhere")
    assert not any(folder.iterdir())
