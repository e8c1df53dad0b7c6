"""Verifications of the trail: the list of them, and having another one made."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from audit.errors import HeadMalformed
from audit.jobs import trail_verification_carry_out
from audit.models import TrailVerification
from audit.seals.head import head_parsed
from audit.services.trail_verifications import trail_verification_ask
from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST
from core.admin.filters import TimeFilter
from core.admin.models import BackOfficeModelAdmin
from core.admin.sections import Section
from core.admin.site import backoffice

MOST_SHOWN = 100
"""So many findings stand on the page; the command `verify_audit` prints a thousand."""


class AskForm(forms.ModelForm):
    """Why the trail is verified, and the head that somebody kept."""

    why = forms.CharField(
        label="Reason",
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Your colleagues read this in the trail. At least {REASON_AT_LEAST} characters.",
    )
    head = forms.CharField(
        label="Head of the chain that you kept",
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="What audit_head printed, as it is. With it, an end of the chain that was cut off is noticed too.",
    )

    class Meta:
        model = TrailVerification
        fields = ()

    def clean_head(self) -> str:
        """Refuse at once what is no head."""
        text: str = self.cleaned_data["head"]
        if text:
            try:
                head_parsed(text)
            except HeadMalformed as refusal:
                raise ValidationError(refusal.message) from None
        return text

    def _post_clean(self) -> None:
        """The service and the database check the row."""


@admin.register(TrailVerification, site=backoffice)
class TrailVerificationAdmin(BackOfficeModelAdmin):
    """The whole trail, compared with its seals: at somebody's wish, or every night."""

    section = Section.OVERSIGHT
    adds = True
    form = AskForm
    list_display = ("asked", "wish", "outcome", "took", "events", "found")
    list_filter = ("outcome", TimeFilter)
    list_select_related = ("asked_by", "last_seal")
    fields = (
        "outcome",
        "asked",
        "wish",
        "took",
        "last_seal",
        "seals",
        "events",
        "unsealed",
        "expired",
        "with_head",
        "found",
        "list_of_findings",
        "list_of_notes",
        "error",
        "id",
    )
    readonly_fields = ("asked", "wish", "took", "with_head", "list_of_findings", "list_of_notes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audit.ask_trailverification")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("why", "head")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: TrailVerification, form: Any, change: bool) -> None:
        """Through the service; a worker does the work."""
        asked = trail_verification_ask(
            actor=cast(User, request.user),
            reason=form.cleaned_data["why"],
            head=form.cleaned_data["head"],
            later=lambda key: trail_verification_carry_out.enqueue(verification_id=key),
        )
        obj.__dict__.update(asked.__dict__)

    @admin.display(description="Asked (UTC)")
    def asked(self, verification: TrailVerification) -> str:
        return f"{verification.created_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="By")
    def wish(self, verification: TrailVerification) -> str:
        return str(verification.asked_by) if verification.asked_by else "the schedule"

    @admin.display(description="Took")
    def took(self, verification: TrailVerification) -> str | None:
        if verification.started_at is None or verification.finished_at is None:
            return None
        return f"{(verification.finished_at - verification.started_at).total_seconds():,.0f} s"

    @admin.display(description="Compared with a head that was kept")
    def with_head(self, verification: TrailVerification) -> str:
        head = verification.kept_head
        return f"that of seal {head['number']}" if head else "no"

    @admin.display(description="Findings")
    def list_of_findings(self, verification: TrailVerification) -> SafeString | str:
        if not verification.findings:
            return "none"
        shown = format_html_join(
            "",
            "<li>{}: {}</li>",
            ((row["fault"], row["words"]) for row in verification.findings[:MOST_SHOWN]),
        )
        more = verification.found - min(len(verification.findings), MOST_SHOWN)
        return format_html("<ul>{}</ul>{}", shown, f"and {more:,} more" if more else "")

    @admin.display(description="Notes")
    def list_of_notes(self, verification: TrailVerification) -> SafeString | str:
        if not verification.notes:
            return "none"
        return format_html(
            "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((note,) for note in verification.notes))
        )
