"""Legal documents: drafted and revised here, published by a named action, read-only from then on."""

import difflib
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.forms import UntilField
from accounts.choices import DocumentStatus
from accounts.models import LegalDocument, User
from accounts.services.legal_documents import document_draft, document_publish, document_revise
from core.admin.actions import ConfirmedAction
from core.admin.models import BackOfficeModelAdmin
from core.admin.sections import Section
from core.admin.site import backoffice

MOST_LINES = 400
"""Lines of difference that a page shows."""


class PublishForm(forms.Form):
    """From when on the version applies."""

    effective_at = UntilField(label="Takes effect at", help_text="UTC. Leave empty for now.")


class DocumentForm(forms.ModelForm):
    """The words of a draft."""

    class Meta:
        model = LegalDocument
        fields = ("kind", "version_label", "language", "title", "text")
        widgets = {
            "version_label": forms.TextInput(),
            "language": forms.TextInput(),
            "title": forms.TextInput(attrs={"size": 80}),
            "text": forms.Textarea(attrs={"rows": 24, "cols": 100}),
        }


@admin.register(LegalDocument, site=backoffice)
class LegalDocumentAdmin(BackOfficeModelAdmin):
    """Every version of every document, drafts included."""

    section = Section.COMPLIANCE
    adds = True
    changes = True
    form = DocumentForm
    list_display = ("title", "kind", "version_label", "language", "status", "effective_at")
    list_filter = ("status", "kind")
    list_select_related = ("supersedes",)
    actions = (
        ConfirmedAction(
            "publish",
            document_publish,
            "accounts.publish_legaldocument",
            PublishForm,
            words="Publish",
            explain=lambda document: (
                f"{document} can never be changed again. People are asked to accept it once it takes effect."
            ),
            done="{obj} is published.",
            dangerous=True,
            available=lambda document: document.status == DocumentStatus.DRAFT,
            id_kwarg="legal_document_id",
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        draft = obj is None or cast(LegalDocument, obj).status == DocumentStatus.DRAFT
        return draft and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        own = ("kind", "version_label", "language", "title", "text")
        if obj is None:
            return own
        return (
            *own,
            "status",
            "published_at",
            "effective_at",
            "supersedes",
            "fingerprint",
            "differences",
            "id",
            "version",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return ()
        kept = (
            "status",
            "published_at",
            "effective_at",
            "supersedes",
            "fingerprint",
            "differences",
            "id",
            "version",
        )
        return ("kind", "language", *kept)

    @admin.display(description="SHA-256 of the text")
    def fingerprint(self, document: LegalDocument) -> str:
        return bytes(document.digest).hex()

    @admin.display(description="Differences from the version before")
    def differences(self, document: LegalDocument) -> SafeString | str:
        """Line by line against the version superseded, or for a draft against the one published last."""
        before = document.supersedes
        if before is None and document.status == DocumentStatus.DRAFT:
            before = (
                LegalDocument.objects.published()
                .filter(kind=document.kind, language=document.language)
                .order_by("-effective_at")
                .first()
            )
        if before is None:
            return "This is the first version."
        lines = list(
            difflib.unified_diff(
                before.text.splitlines(),
                document.text.splitlines(),
                before.version_label,
                document.version_label,
                lineterm="",
            )
        )
        if not lines:
            return f"None: the text is that of {before.version_label}."
        return format_html(
            "<pre>{}</pre>", format_html_join("\n", "{}", ((line,) for line in lines[:MOST_LINES]))
        )

    def save_model(self, request: HttpRequest, obj: LegalDocument, form: Any, change: bool) -> None:
        """Through the services; the row that one wrote takes the place of the form's."""
        words = {name: form.cleaned_data[name] for name in ("version_label", "title", "text")}
        actor = cast(User, request.user)
        if change:
            document_revise(legal_document_id=obj.pk, actor=actor, **words)
        else:
            kind, language = form.cleaned_data["kind"], form.cleaned_data["language"]
            obj.pk = document_draft(kind=kind, language=language, actor=actor, **words).pk
