"""Partitions that left the database: where their rows are, and how that is proven."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat

from audit.models import ArchivedPartition, ArchiveKey
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(ArchivedPartition, site=backoffice)
class ArchivedPartitionAdmin(ReadOnlyAdmin):
    """One row per file. Rows come back by `manage.py archive restore`, by whoever operates the platform."""

    section = Section.COMPLIANCE
    list_display = ("partition_name", "status", "rows", "size", "cold_at")
    list_filter = ("status", exact("table_name", "table"), exact("partition_name", "partition"), TimeFilter)
    search_fields = ("partition_name__exact",)
    search_help_text = "A whole name of a partition, as audit_event_p2020_03, or an id."
    fields = (
        "table_name",
        "partition_name",
        "status",
        "rows",
        "size",
        "first_and_last",
        "schema_version",
        "place",
        "file_digest",
        "manifest_digest",
        "rows_digest",
        "written_at",
        "cold_at",
        "restored_at",
        "restored_until",
        "destroyed_at",
        "destroyed_because",
        "id",
    )
    readonly_fields = ("size", "first_and_last", "file_digest", "manifest_digest", "rows_digest")

    @admin.display(description="Size")
    def size(self, archived: ArchivedPartition) -> str:
        return filesizeformat(archived.file_bytes)

    @admin.display(description="Ids from, to before")
    def first_and_last(self, archived: ArchivedPartition) -> str:
        return f"{archived.lower_id}, {archived.upper_id}"

    @admin.display(description="SHA-256 of the file")
    def file_digest(self, archived: ArchivedPartition) -> str:
        return bytes(archived.file_sha256).hex()

    @admin.display(description="SHA-256 of the manifest")
    def manifest_digest(self, archived: ArchivedPartition) -> str:
        return bytes(archived.manifest_sha256).hex()

    @admin.display(description="SHA-256 of the rows")
    def rows_digest(self, archived: ArchivedPartition) -> str:
        return bytes(archived.rows_sha256).hex()


@admin.register(ArchiveKey, site=backoffice)
class ArchiveKeyAdmin(ReadOnlyAdmin):
    """Whose words lie in the archive. The keys themselves are shown to nobody."""

    section = Section.COMPLIANCE
    list_display = ("person", "made_at")
    list_filter = (TimeFilter,)
    list_select_related = ("person",)
    search_fields = ("person__handle__exact",)
    search_help_text = "A whole handle, or the id of a key."
    fields = ("person", "made_at", "id")
