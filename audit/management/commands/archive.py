"""The archive of partitions, by hand: what is in it, whether it is whole, what it answers, and how rows come back."""

import csv
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import ArchivedPartition
from audit.services.archive_queries import archive_query
from audit.services.archive_verifications import archive_verify
from audit.services.partition_restores import (
    archived_partition_named,
    partition_restore,
    record_of_manifest,
)
from core.archive.errors import PartitionArchiveRefused
from core.db.partitions.errors import PartitionError
from core.jobs.runs import Run, run_of


class Command(BaseCommand):
    """Runs as the owner, on a machine that has the archive's directory."""

    help = "List, verify, ask or bring back partitions that left the database for the archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        listed = actions.add_parser("list", help="What is in the archive.")
        listed.add_argument("--table", default="", help="Only this table: audit_event.")
        actions.add_parser("verify", help="Compare every file and manifest with what was recorded.")
        asked = actions.add_parser(
            "query", help="Answer SQL (DuckDB's) over the files; each table is a view."
        )
        asked.add_argument("sql", help="SELECT action, count(*) FROM audit_event GROUP BY 1")
        asked.add_argument("--reason", required=True, help="Why, for the trail; names nobody.")
        restored = actions.add_parser("restore", help="Bring the rows of a partition back, for a time.")
        restored.add_argument("partition", help="audit_event_p2020_03, or the path of a manifest")
        restored.add_argument(
            "--until", required=True, type=_midnight, help="A day to come, UTC: 2027-01-31."
        )
        restored.add_argument("--reason", required=True, help="Why, for the trail; names nobody.")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do it. Raises CommandError with what stands in the way; nothing is then half done."""
        actions: dict[str, Callable[..., None]] = {
            "list": self._list,
            "verify": self._verify,
            "query": self._query,
            "restore": self._restore,
        }
        try:
            if action == "list":
                self._list(**options)
            else:
                with run_of(f"archive_{action}") as run:
                    actions[action](run=run, **options)
        except (PartitionArchiveRefused, PartitionError) as error:
            raise CommandError(str(error)) from error

    def _list(self, *, table: str, **_: Any) -> None:
        found = ArchivedPartition.objects.with_file().order_by("table_name", "lower_id")
        for one in found.filter(table_name=table) if table else found:
            self.stdout.write(f"{one}: {one.rows:,} rows, {one.file_bytes:,} bytes, {one.place}")

    def _verify(self, *, run: Run, **_: Any) -> None:
        report = archive_verify()
        run.counts.update(files=report.files, rows=report.rows, faults=len(report.faults))
        for words in (*report.notes, *report.faults):
            self.stdout.write(words)
        self.stdout.write(f"files: {report.files}, rows: {report.rows:,}, faults: {len(report.faults)}")
        if report.faults:
            raise CommandError("\n".join(report.faults))

    def _query(self, *, run: Run, sql: str, reason: str, **_: Any) -> None:
        answer = archive_query(sql=sql, reason=reason)
        writer = csv.writer(_Lines(self.stdout))
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
        run.counts.update(files=answer.files, rows=len(answer.rows))

    def _restore(self, *, run: Run, partition: str, until: datetime, reason: str, **_: Any) -> None:
        if partition.endswith(".json"):
            try:
                with open(partition, "rb") as file:
                    archived = record_of_manifest(file.read(), partition)
            except OSError as error:
                raise PartitionArchiveRefused(f"{partition} cannot be read ({error.strerror}).") from error
        else:
            archived = archived_partition_named(partition)
        done = partition_restore(archived=archived, until=until, reason=reason)
        run.counts.update(rows=done.rows, omitted=done.omitted, emptied=done.emptied)
        said = f"{archived.partition_name}: {done.rows:,} rows are back until {until:%Y-%m-%d}"
        if done.omitted or done.emptied:
            said += f"; erased since: {done.omitted:,} stayed away, {done.emptied:,} came without their words"
        self.stdout.write(said)


class _Lines:
    """What csv writes to, in place of a stream."""

    def __init__(self, output: Any) -> None:
        self._output = output

    def write(self, text: str) -> None:
        self._output.write(text, ending="")


def _midnight(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day like 2027-01-31.") from None
