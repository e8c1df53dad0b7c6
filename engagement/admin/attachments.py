"""Attachments: what waits for its scan, and what the scanner found. To whom a file was sent is not shown to staff."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from engagement.message_choices import Finding, ScanStatus
from engagement.models import Attachment
from engagement.services.attachments import attachment_rescan

SCAN = "engagement.scan_attachment"
MEGABYTE = 1_000_000


@admin.register(Attachment, site=backoffice)
class AttachmentAdmin(ReadOnlyAdmin):
    """Files of private messages, without what is in them and without the message."""

    section = Section.MODERATION
    list_display = ("media_type", "size", "uploader", "status", "found", "created_at")
    list_filter = ("status", "media_type", exact("uploader", "Person (id)"), TimeFilter)
    list_select_related = ("uploader",)
    search_fields = ("uploader__handle__exact",)
    search_help_text = "The handle of a person, or the id of a file."
    fields = (
        "media_type",
        "size",
        "uploader",
        "status",
        "found",
        "scanner",
        "scanned_at",
        "was_sent",
        "next_step",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("size", "found", "was_sent", "next_step")
    actions = (
        ConfirmedAction(
            "rescan",
            attachment_rescan,
            SCAN,
            words="Scan again",
            explain="Nobody is shown the file until the scanner has looked at it again.",
            done="It is scanned again.",
            available=lambda attachment: attachment.status in (ScanStatus.CLEAN, ScanStatus.INFECTED),
        ),
    )

    @admin.display(description="Size")
    def size(self, attachment: Attachment) -> str:
        return f"{attachment.size_bytes / MEGABYTE:,.2f} MB"

    @admin.display(description="Found")
    def found(self, attachment: Attachment) -> str:
        if attachment.status == ScanStatus.REFUSED:
            return Finding(attachment.finding).label
        return attachment.finding or "–"

    @admin.display(description="Sent", boolean=True)
    def was_sent(self, attachment: Attachment) -> bool:
        """Whether it belongs to a message; to which is nobody else's business."""
        return attachment.message_id is not None

    @admin.display(description="Next")
    def next_step(self, attachment: Attachment) -> str:
        """What happens next, in words."""
        return {
            ScanStatus.WAITING: "Its scan is in the queue; nobody is shown it until then",
            ScanStatus.CLEAN: "Its two people may see it",
            ScanStatus.INFECTED: "Look at the person; scan again if the scanner was wrong",
            ScanStatus.REFUSED: "Nothing: it is destroyed after 30 days",
        }[ScanStatus(attachment.status)]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the pointer at the message and the place in the store, which no page shows."""
        return super().get_queryset(request).defer("object_key", "sha256")


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Malicious files",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR),
        count=lambda limit: CountUpTo(
            Attachment.objects.filter(status=ScanStatus.INFECTED).order_by("-pk"), limit
        ),
        url=lambda: reverse("admin:engagement_attachment_changelist") + "?status=infected",
        words="Found by the scanner in private messages; nobody was shown them.",
    )
)
