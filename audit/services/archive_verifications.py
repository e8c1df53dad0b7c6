"""Whether the archive is what was recorded: every file to the byte, and no file that nobody recorded."""

from dataclasses import dataclass, field

from audit.choices import ArchivedPartitionStatus as Status
from audit.models import ArchivedPartition
from audit.services.partition_archives import manifest_of
from core.archive.errors import PartitionArchiveRefused
from core.archive.folder import ArchiveFolder


@dataclass
class ArchiveReport:
    """What was looked at. `faults` are sentences; `notes` tell of files that do not belong here."""

    files: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def archive_verify() -> ArchiveReport:
    """Compare every file and manifest with what was recorded, and the manifest with the record; reads all of them.

    Takes away what a run left that was killed while it destroyed a file. Raises PartitionArchiveRefused where there is
    no archive although there are records of files.
    """
    report = ArchiveReport()
    recorded = list(ArchivedPartition.objects.with_file().order_by("table_name", "lower_id"))
    destroyed = ArchivedPartition.objects.filter(status=Status.DESTROYED).values_list("place", flat=True)
    if not recorded and not destroyed:
        return report
    folder = ArchiveFolder.configured()
    for archived in recorded:
        report.files += 1
        report.rows += archived.rows
        try:
            manifest = manifest_of(folder, archived)
            if (manifest.archive_id, manifest.rows, manifest.rows_sha256) != (
                archived.pk,
                archived.rows,
                bytes(archived.rows_sha256).hex(),
            ):
                report.faults.append(f"{archived.place}: the manifest and the record say different things.")
        except PartitionArchiveRefused as fault:
            report.faults.append(str(fault))
    for place in destroyed:
        folder.remove(place)
    for stray in folder.strays({one.place for one in recorded}):
        report.notes.append(
            f"{stray} is in no record: of another database, or left by a run that was killed."
        )
    return report
