"""The examination page: what was declared and what examinations came to, opened with a reason."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.links import colleague
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link
from performers.models import IdentityDocument, IdentityRecord
from performers.services.examinations import document_reveal, identity_reveal

DOCUMENTS = Panel(
    title="Documents",
    columns=(
        ("What", "kind"),
        ("Issued by", "issuing_country"),
        ("Last valid day (UTC)", "expires_on"),
        ("SHA-256", lambda row: bytes(row.sha256).hex()[:16]),
    ),
    rows=lambda record: (
        IdentityDocument.objects.filter(record_id=record.declaration_id or record.pk)
        .defer("storage_reference")
        .order_by("-pk")
    ),
    permission="performers.view_identitydocument",
    url=lambda row: reverse("admin:performers_identitydocument_change", args=[row.pk]),
    words="Open one and give a reason to see where its picture lies.",
    empty="No document came with it.",
)
ELSEWHERE = Panel(
    title="The same picture elsewhere",
    columns=(("Performer", lambda row: performer_link(row.performer)), ("What", "kind")),
    rows=lambda document: (
        IdentityDocument.objects.filter(sha256=document.sha256)
        .exclude(performer_id=document.performer_id)
        .select_related("performer")
        .defer("storage_reference")
        .order_by("-pk")
    ),
    permission="performers.view_identitydocument",
    words="One person, several profiles? Or somebody else's document?",
    empty="Nobody else submitted it.",
)


@admin.register(IdentityRecord, site=backoffice)
class IdentityRecordAdmin(ReadOnlyAdmin):
    """Declarations and examinations; decided on the performer's page."""

    section = Section.COMPLIANCE
    list_display = ("what", "performed_by", "examiner", "documents_until")
    list_filter = ("verdict", "ground", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "examined_by")
    search_help_text = "An id; filter by performer for all of one."
    search_fields = ("id__exact",)
    fields = (
        "what",
        "performed_by",
        "ground",
        "adult_at_examination",
        "examiner",
        "examined_at",
        "documents_until",
        "id",
    )
    readonly_fields = ("what", "performed_by", "examiner")
    panels = (DOCUMENTS,)
    actions = (
        RevealAction(identity_reveal, "performers.reveal_identityrecord", id_kwarg="identity_record_id"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the sealed columns: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("legal_name", "birth_date")

    @admin.display(description="What")
    def what(self, record: IdentityRecord) -> str:
        return f"Examination: {record.get_verdict_display()}" if record.verdict else "Declaration"

    @admin.display(description="Performer")
    def performed_by(self, record: IdentityRecord) -> str:
        return performer_link(record.performer)

    @admin.display(description="Examined by")
    def examiner(self, record: IdentityRecord) -> str:
        return colleague(record.examined_by) if record.examined_by_id else "–"


@admin.register(IdentityDocument, site=backoffice)
class IdentityDocumentAdmin(ReadOnlyAdmin):
    """What was submitted; where it lies is sealed."""

    section = Section.COMPLIANCE
    list_display = ("kind", "performed_by", "issuing_country", "expires_on")
    list_filter = ("kind", PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    search_help_text = "An id; filter by performer for all of one."
    search_fields = ("id__exact",)
    fields = ("kind", "performed_by", "issuing_country", "expires_on", "expires_at", "fingerprint", "id")
    readonly_fields = ("performed_by", "fingerprint")
    panels = (ELSEWHERE,)
    actions = (
        RevealAction(document_reveal, "performers.reveal_identitydocument", id_kwarg="identity_document_id"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the sealed column."""
        return super().get_queryset(request).defer("storage_reference")

    @admin.display(description="Performer")
    def performed_by(self, document: IdentityDocument) -> str:
        return performer_link(document.performer)

    @admin.display(description="SHA-256")
    def fingerprint(self, document: IdentityDocument) -> str:
        return bytes(document.sha256).hex()
