"""SQL over rows that left the database, answered from the files without bringing them back."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from audit.announcements import archive_queried
from audit.models import ArchivedPartition
from audit.services.partition_archives import manifest_of
from core.archive.errors import PartitionArchiveRefused
from core.archive.folder import ArchiveFolder
from core.archive.parquet import open_views

MOST_ROWS = 100_000


@dataclass(frozen=True)
class Answer:
    """The rows of an answer, at most `MOST_ROWS`; `files` were read."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    files: int


def archive_query(*, sql: str, reason: str) -> Answer:
    """Answer a query over the archive, in DuckDB's SQL; each table is a view of all its files.

    Personal columns do not show: they are encrypted in the files. Every file is proven first. The query reads these
    files and nothing else. Raises PartitionArchiveRefused (nothing in the archive, no reason, SQL that does not run,
    too many rows), ArchiveChanged. Announces: `archive_queried`, with the digest of the query.
    """
    if not reason.strip():
        raise PartitionArchiveRefused("The archive is asked for a reason: say which.")
    askable = list(ArchivedPartition.objects.askable().order_by("table_name", "lower_id"))
    if not askable:
        raise PartitionArchiveRefused("There is nothing in the archive.")
    folder = ArchiveFolder.configured()
    files: dict[str, list[Path]] = defaultdict(list)
    for archived in askable:
        manifest_of(folder, archived)
        files[archived.table_name].append(folder.file(archived.place))
    try:
        with open_views(files) as database:
            found = database.execute(sql)
            columns = [name for name, *_ in found.description or []]
            rows = found.fetchmany(MOST_ROWS + 1)
    except duckdb.Error as error:
        raise PartitionArchiveRefused(f"The archive cannot answer this: {error}") from error
    if len(rows) > MOST_ROWS:
        raise PartitionArchiveRefused(
            f"The answer has more than {MOST_ROWS:,} rows: count, group or limit, or bring the partition back."
        )
    archive_queried.send(
        sender=ArchivedPartition,
        subject=askable[-1],
        reason=reason,
        detail={
            "tables": sorted(files),
            "files": len(askable),
            "rows": len(rows),
            "query_sha256": hashlib.sha256(sql.encode()).hexdigest(),
        },
    )
    return Answer(columns, rows, len(askable))
