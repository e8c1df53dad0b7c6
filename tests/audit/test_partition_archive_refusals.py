"""What can go wrong with the archive of partitions: a sentence each, and nothing is lost."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit.choices import ArchivedPartitionStatus as Status
from audit.errors import RetentionRefused
from audit.models import ArchivedPartition, RetentionPolicy, RetentionRun, SecurityEvent
from audit.services import partition_archives, partition_restores
from audit.services.partition_restores import partition_restore
from core.archive import transfer
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.archive.folder import ArchiveFolder
from core.db.partitions import detached
from core.db.partitions.manager import required_table
from core.db.partitions.turns import turn_if_free
from tests.audit.archiving import (
    attacked,
    back,
    content,
    folder,
    leave,
    name_of,
    old,
    partitions_make,
    stands,
    the_archive,
)
from tests.sql import refused, run

__all__ = ["folder"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]


@pytest.fixture(autouse=True)
def partitions() -> None:
    partitions_make()
    for number in range(3):
        attacked(None, number)


def nothing_is_lost() -> None:
    """The rows stand in the database, or in a proven file; and the next run goes on."""
    assert stands(SecurityEvent) in ("vbl", "archive")
    schema = stands(SecurityEvent)
    assert run(f"SELECT count(*) FROM {schema}.{name_of(SecurityEvent)}") == [(3,)]
    assert leave(SecurityEvent).archived == 3
    assert call_command("archive", "verify") is None


def mounted(place: Path, options: str) -> None:
    """Put a disk in memory over a directory. Skips where disks cannot be mounted, as in a closed container."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a disk cannot be mounted here")


def files(place: Path) -> list[str]:
    return sorted(path.name for path in place.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("mode", "words"),
    [(0o755, "is open to others"), (0o770, "is open to others"), (0o707, "is open to others")],
)
def test_a_folder_that_others_may_enter(folder: Path, mode: int, words: str) -> None:
    folder.chmod(mode)
    with pytest.raises(PartitionArchiveRefused, match=f"{words}.*chmod 700"):
        leave(SecurityEvent)
    assert (files(folder), stands(SecurityEvent)) == ([], "vbl"), (
        "nothing is detached that cannot be archived"
    )
    latest = RetentionRun.objects.latest("pk")
    assert (latest.outcome, latest.archived) == ("failed", 0) and words in latest.error
    folder.chmod(0o700)
    nothing_is_lost()


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """The archive on which nobody may write: for root, who may write everywhere, on a disk that only reads."""
    if os.geteuid() == 0:
        mounted(folder, "ro,mode=0700")
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
    else:
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)


def test_a_folder_that_may_not_be_written(closed: Path) -> None:
    with pytest.raises(PartitionArchiveRefused, match="This account may not write"):
        leave(SecurityEvent)
    assert stands(SecurityEvent) == "vbl"


def test_no_folder_or_none_that_is_set(folder: Path, settings: Any) -> None:
    settings.PARTITION_ARCHIVE_DIRECTORY = str(folder / "not" / "there")
    with pytest.raises(PartitionArchiveRefused, match="cannot be opened.*make the directory"):
        leave(SecurityEvent)
    settings.PARTITION_ARCHIVE_DIRECTORY = ""
    with pytest.raises(CommandError, match="set PARTITION_ARCHIVE_DIRECTORY"):
        call_command("retention_run", "--table", "audit_securityevent")
    (folder / "a file").write_text("")
    settings.PARTITION_ARCHIVE_DIRECTORY = str(folder / "a file")
    with pytest.raises(PartitionArchiveRefused, match="is no directory"):
        leave(SecurityEvent)
    settings.PARTITION_ARCHIVE_DIRECTORY = str(folder)
    (folder / "a file").unlink()
    nothing_is_lost()


def test_too_little_room_is_told_before_anything_is_written(folder: Path, monkeypatch: Any) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(PartitionArchiveRefused, match="has 1,000 bytes free"):
        leave(SecurityEvent)
    assert (files(folder), stands(SecurityEvent)) == ([], "vbl")
    monkeypatch.undo()
    nothing_is_lost()


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 64 kB in the place of the archive."""
    mounted(folder, "size=64k,mode=0700")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_disk_that_is_full_in_the_middle(small_disk: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(ArchiveFolder, "require_room", lambda *_: None)
    (small_disk / "filler").write_bytes(b"x" * 60 * 1024)
    with pytest.raises(PartitionArchiveRefused, match=r"is full|could not be (written|kept)"):
        leave(SecurityEvent)
    assert files(small_disk) == ["filler"]
    assert not ArchivedPartition.objects.exists()
    (small_disk / "filler").unlink()
    nothing_is_lost()


KILLED = ("archive_keys_make", "write", "_manifest", "_recorded", "drop_detached")


@pytest.mark.parametrize("step", KILLED)
@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_is_killed_is_finished_by_the_next(
    folder: Path, monkeypatch: Any, step: str, after: bool
) -> None:
    before = content(SecurityEvent)
    real = getattr(partition_archives, step)

    def killed(*arguments: Any, **named: Any) -> Any:
        if after:
            real(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(partition_archives, step, killed)
    with pytest.raises(KeyboardInterrupt):
        leave(SecurityEvent)
    monkeypatch.undo()
    if step == "drop_detached" and after:
        assert the_archive(SecurityEvent).status == Status.COLD
        assert stands(SecurityEvent) == "nowhere"
    else:
        nothing_is_lost()
    call_command("archive", "verify")
    assert len(files(folder)) == 2, "one file and its manifest, whatever was begun before"
    assert back(SecurityEvent).rows == 3
    with_address = [row[0].replace("192.0.2.7", "") for row in before]
    assert [row[0] for row in content(SecurityEvent)] == with_address


def test_a_file_that_was_lost_before_the_rows_left_is_written_anew(folder: Path, monkeypatch: Any) -> None:
    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(partition_archives, "drop_detached", killed)
    with pytest.raises(KeyboardInterrupt):
        leave(SecurityEvent)
    monkeypatch.undo()
    first = the_archive(SecurityEvent)
    assert first.status == Status.WRITTEN
    (folder / first.place).write_bytes(b"not the file")
    nothing_is_lost()
    first.refresh_from_db()
    assert (first.status, first.destroyed_because) == (Status.DESTROYED, partition_archives.LOST)


def test_a_file_that_does_not_read_back_lets_no_row_leave(folder: Path, monkeypatch: Any) -> None:
    real = transfer.read_rows

    def other(*arguments: Any) -> Any:
        for row in real(*arguments):
            yield (*row[:-1], "another")

    monkeypatch.setattr(transfer, "read_rows", other)
    with pytest.raises(ArchiveChanged, match="does not read back"):
        leave(SecurityEvent)
    assert files(folder) == []
    monkeypatch.undo()
    nothing_is_lost()


def test_a_manifest_of_another_database(folder: Path, tmp_path: Path) -> None:
    leave(SecurityEvent)
    archived = the_archive(SecurityEvent)
    manifest = folder / f"{archived.place}.json"
    foreign = tmp_path / "foreign.json"
    foreign.write_text(manifest.read_text().replace(str(archived.pk), "01a21a68-84d9-716f-ac8f-056ac2576988"))
    until = ["--until", "2999-01-01", "--reason", "an inquiry"]
    with pytest.raises(CommandError, match="is of another database"):
        call_command("archive", "restore", str(foreign), *until)
    foreign.write_text("{}")
    with pytest.raises(CommandError, match="is no manifest"):
        call_command("archive", "restore", str(foreign), *until)
    foreign.write_text('{"format": 99}')
    with pytest.raises(CommandError, match="has format 99"):
        call_command("archive", "restore", str(foreign), *until)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("archive", "restore", str(tmp_path / "none.json"), *until)
    with pytest.raises(CommandError, match="has no partition audit_event_p1999_01"):
        call_command("archive", "restore", "audit_event_p1999_01", *until)
    assert stands(SecurityEvent) == "nowhere"
    call_command("archive", "restore", str(manifest), *until)
    assert old(SecurityEvent).count() == 3


def test_a_column_that_is_gone_or_another(folder: Path) -> None:
    leave(SecurityEvent)
    run("ALTER TABLE audit_securityevent RENAME COLUMN request_id TO request")
    with pytest.raises(PartitionArchiveRefused, match="request_id was uuid when .* is gone"):
        back(SecurityEvent)
    assert stands(SecurityEvent) == "nowhere"
    run("ALTER TABLE audit_securityevent RENAME COLUMN request TO request_id")
    run("ALTER TABLE audit_securityevent ADD COLUMN added text")
    assert back(SecurityEvent).rows == 3
    assert old(SecurityEvent).count() == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "  "}, "for a reason"),
        ({"until": timezone.now() - timedelta(days=1)}, "lies in the past"),
    ],
)
def test_a_return_has_a_reason_and_an_end(folder: Path, fields: dict[str, Any], words: str) -> None:
    leave(SecurityEvent)
    values = {"until": timezone.now() + timedelta(days=1), "reason": "an inquiry", **fields}
    with pytest.raises(PartitionArchiveRefused, match=words):
        partition_restore(archived=the_archive(SecurityEvent), **values)


def test_two_runs_at_once(folder: Path) -> None:
    """The second is told, and finds its work done when it comes back."""
    other = connection.copy()
    with turn_if_free(other, required_table(other, SecurityEvent)) as free:
        assert free
        with pytest.raises(
            RetentionRefused, match="Another run takes partitions of audit_securityevent away"
        ):
            leave(SecurityEvent)
        with pytest.raises(CommandError, match="run again when it has ended"):
            call_command("retention_run", "--table", "audit_securityevent")
    other.close()
    nothing_is_lost()


def test_runs_that_race_archive_each_row_once(folder: Path) -> None:
    def one(_: int) -> int:
        try:
            return int(leave(SecurityEvent).archived)
        except RetentionRefused:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(one, range(8))) == 3
    assert ArchivedPartition.objects.filter(status=Status.COLD).count() == 1
    assert len(files(folder)) == 2


@pytest.mark.parametrize("period", ["P0D", "P00Y", "0", ""])
def test_a_policy_of_nothing_is_none(period: str) -> None:
    with refused("audit_retentionpolicy_period"):
        run("UPDATE audit_retentionpolicy SET period = %s WHERE table_name = 'audit_securityevent'", [period])
    with refused("audit_retentionpolicy_online"):
        run(
            "UPDATE audit_retentionpolicy SET online_period = %s WHERE table_name = 'audit_securityevent'",
            [period],
        )


def test_a_policy_that_is_over_before_the_rows_leave() -> None:
    with refused("stay in the database for P13M: a period is longer than that"):
        run("UPDATE audit_retentionpolicy SET period = 'P13M' WHERE table_name = 'audit_securityevent'")
    with refused("audit_retentionpolicy_online"):
        run("UPDATE audit_retentionpolicy SET online_period = NULL WHERE table_name = 'audit_securityevent'")
    assert RetentionPolicy.objects.get(table_name="audit_securityevent").online_period == "P13M"


def test_the_archive_answers_and_tells_who_asked_what(folder: Path, capsys: Any) -> None:
    with pytest.raises(CommandError, match="nothing in the archive"):
        call_command("archive", "query", "SELECT 1", "--reason", "an inquiry")
    leave(SecurityEvent)
    call_command(
        "archive",
        "query",
        "SELECT kind, count(*) AS rows, min(created_at)::date AS first FROM audit_securityevent GROUP BY kind",
        "--reason",
        "an inquiry",
    )
    kind, rows, _ = capsys.readouterr().out.splitlines()[1].split(",")
    assert (kind, rows) == ("permission_denied", "3")
    ((told,),) = run("SELECT detail FROM audit_event WHERE action = 'archive_queried'")
    detail = json.loads(told)
    assert (detail["tables"], detail["rows"]) == (["audit_securityevent"], 1)
    for sql, words in (
        ("SELECT address FROM audit_securityevent", "cannot answer"),
        ("SELECT * FROM read_csv('/etc/passwd')", "cannot answer"),
        (f"COPY audit_securityevent TO '{folder}/x.csv'", "cannot answer"),
        ("SELECT FROM WHERE", "cannot answer"),
        ("SELECT * FROM audit_securityevent, range(100000)", "more than 100,000 rows"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("archive", "query", sql, "--reason", "an inquiry")
    with pytest.raises(CommandError, match="for a reason"):
        call_command("archive", "query", "SELECT 1", "--reason", " ")


def test_a_file_that_nobody_recorded_is_named(folder: Path, capsys: Any) -> None:
    leave(SecurityEvent)
    (folder / "stray.parquet").write_bytes(b"x")
    call_command("archive", "verify")
    assert "stray.parquet is in no record" in capsys.readouterr().out
    call_command("archive", "list")
    assert f"{name_of(SecurityEvent)} (in the archive): 3 rows" in capsys.readouterr().out


@pytest.mark.parametrize("step", ["load", "_attach"])
def test_a_return_that_is_killed_leaves_the_file_and_is_begun_again(
    folder: Path, monkeypatch: Any, step: str
) -> None:
    leave(SecurityEvent)
    owner = detached if step == "_attach" else partition_restores

    def killed(*_: Any, **__: Any) -> Any:
        # As after a crash, nobody tidies up.
        monkeypatch.setattr(detached, "_discard", lambda *_: None)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, step, killed)
    with pytest.raises(KeyboardInterrupt):
        back(SecurityEvent)
    monkeypatch.undo()
    assert the_archive(SecurityEvent).status == Status.COLD
    assert stands(SecurityEvent) == "archive"
    assert leave(SecurityEvent).partitions == 0, "what is not whole is no partition"
    assert back(SecurityEvent).rows == 3
    assert stands(SecurityEvent) == "vbl"
