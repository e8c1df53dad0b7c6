"""Seals: what proves that the trail is what was written."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.models import Event, Seal, SealLeaf
from audit.seals.signing import RingKeys, is_genuine
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.encryption.errors import KeyMalformed

GENUINE, FORGED = "yes", "NO: run verify_audit"
UNKNOWN = "not known here: this site holds no public half of its key"
NOT_SEALED = "not yet sealed"


def numbered(text: str) -> Q:
    """The condition that a seal has this number. Raises ValidationError with a sentence."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValidationError(f"{text} is no number of a seal.")
    return Q(number=int(text))


def genuine(seal: Seal) -> str:
    """Whether the row gives its head after the seal before it, and a key of this process signed that."""
    try:
        key = RingKeys().find(seal.key_number)
    except KeyMalformed:
        key = None
    if key is None:
        return UNKNOWN
    head = bytes(seal.head)
    before = bytes(seal.previous.head) if seal.previous else None
    holds = seal.computed_head(before) == head and is_genuine(key, head, bytes(seal.signature))
    return GENUINE if holds else FORGED


def seal_of(event: Event) -> SafeString | str:
    """The seal that covers an event, leading to its page."""
    leaf = SealLeaf.objects.filter(pk=event.pk).select_related("seal").first()
    if leaf is None:
        return NOT_SEALED
    return format_html(
        '<a href="{}">seal {}</a>, {} UTC',
        reverse("admin:audit_seal_change", args=[leaf.seal_id]),
        leaf.seal.number,
        f"{leaf.seal.sealed_at:%Y-%m-%d %H:%M}",
    )


@admin.register(Seal, site=backoffice)
class SealAdmin(ReadOnlyAdmin):
    """Looks at rows and signatures; only `verify_audit` compares the events with them."""

    section = Section.OVERSIGHT
    list_display = ("number", "when", "events", "epoch", "is_genuine")
    list_filter = (exact("number", "number", find=numbered, help="17"), TimeFilter)
    list_select_related = ("previous",)
    fields = (
        "number",
        "when",
        "events",
        "first_id",
        "last_id",
        "is_genuine",
        "follows",
        "epoch",
        "cluster",
        "below",
        "root_hex",
        "head_hex",
        "signature_hex",
        "key_number",
        "id",
    )
    readonly_fields = (
        "when",
        "events",
        "is_genuine",
        "follows",
        "below",
        "root_hex",
        "head_hex",
        "signature_hex",
    )

    @admin.display(description="Sealed at (UTC)")
    def when(self, seal: Seal) -> str:
        return f"{seal.sealed_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Events")
    def events(self, seal: Seal) -> str:
        return f"{seal.event_count:,}"

    @admin.display(description="Row and signature genuine")
    def is_genuine(self, seal: Seal) -> str:
        return genuine(seal)

    @admin.display(description="Follows")
    def follows(self, seal: Seal) -> Any:
        if seal.previous is None:
            return "nothing: it is the first"
        address = reverse("admin:audit_seal_change", args=[seal.previous_id])
        return format_html('<a href="{}">{}</a>', address, seal.previous)

    @admin.display(description="Covers transactions before")
    def below(self, seal: Seal) -> str:
        return str(seal.horizon)

    @admin.display(description="Root")
    def root_hex(self, seal: Seal) -> str:
        return bytes(seal.root).hex()

    @admin.display(description="Head")
    def head_hex(self, seal: Seal) -> str:
        return bytes(seal.head).hex()

    @admin.display(description="Signature")
    def signature_hex(self, seal: Seal) -> str:
        return bytes(seal.signature).hex()
