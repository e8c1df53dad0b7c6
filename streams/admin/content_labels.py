"""The vocabulary of content labels in the back office, and labels on the page of a stream."""

from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.models import BackOfficeModelAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.models import PerformerProfile
from streams.admin.catalogue_forms import ContentLabelForm, StreamLabelForm
from streams.choices import LabelSource
from streams.models import ContentLabel, Stream, StreamLabel
from streams.services.content_labels import content_label_change, content_label_define
from streams.services.stream_labels import stream_label_set, stream_label_unset

DEFINE = "streams.define_contentlabel"


@admin.register(ContentLabel, site=backoffice)
class ContentLabelAdmin(BackOfficeModelAdmin):
    """The vocabulary: defined, changed and retired, never deleted."""

    section = Section.CATALOGUE
    adds = True
    list_display = ("name", "code", "severity", "minimum_age", "is_in_use")
    list_filter = ("severity", "is_in_use")
    search_fields = ("code__exact",)
    search_help_text = "A whole code, or an id."
    fields = (
        "code",
        "name",
        "description",
        "severity",
        "minimum_age",
        "is_in_use",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("is_in_use", "created_at", "id", "version")
    panels = (
        Panel(
            title="Earlier states",
            columns=(
                ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
                ("Name", "name"),
                ("Severity", "severity"),
                ("Minimum age", "minimum_age"),
                ("In use", "is_in_use"),
            ),
            rows=lambda label: ContentLabel.history.filter(id=label.pk).order_by("-history_id"),
            permission="streams.view_historicalcontentlabel",
            empty="Unchanged since it was made.",
        ),
    )
    actions = (
        ConfirmedAction(
            "change",
            content_label_change,
            DEFINE,
            ContentLabelForm,
            words="Change or retire",
            explain=lambda label: (
                f"Now: {label.name}; {label.get_severity_display().lower()}; from {label.minimum_age} years. "
                "Streams that carry the label keep it."
            ),
            done="The label is changed.",
            id_kwarg="content_label_id",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DEFINE)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("code", "name", "description", "severity", "minimum_age")

    def save_model(self, request: HttpRequest, obj: ContentLabel, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        made = content_label_define(
            code=obj.code,
            name=obj.name,
            description=obj.description,
            severity=obj.severity,
            minimum_age=obj.minimum_age,
            actor=cast(User, request.user),
        )
        obj.pk = made.pk


def staff_label_set(*, stream_id: UUID, label_id: UUID, actor: User, reason: str) -> StreamLabel:
    """What a moderator says of a stream. As `stream_label_set`."""
    return stream_label_set(
        stream_id=stream_id, label_id=label_id, source=LabelSource.STAFF, actor=actor, reason=reason
    )


def staff_label_unset(*, stream_id: UUID, label_id: UUID, actor: User, reason: str) -> None:
    """Take any label off a stream. As `stream_label_unset`."""
    stream_label_unset(
        stream_id=stream_id, label_id=label_id, source=LabelSource.STAFF, actor=actor, reason=reason
    )


STREAM_LABEL_ACTIONS = (
    ConfirmedAction(
        "label",
        staff_label_set,
        "streams.label_stream",
        StreamLabelForm,
        words="Label",
        explain="Viewers see the label, and the performer cannot take it away.",
        done="The stream is labelled.",
    ),
    ConfirmedAction(
        "unlabel",
        staff_label_unset,
        "streams.label_stream",
        StreamLabelForm,
        words="Take a label off",
        explain="The stream no longer carries the label, whoever set it.",
        done="The label is off the stream.",
    ),
)
"""For the page of a stream."""

backoffice.add_panel(
    Stream,
    Panel(
        title="Categories",
        columns=(("Category", "category"), ("First", "is_primary")),
        rows=lambda stream: stream.categories.select_related("category").order_by("-is_primary", "pk"),
        permission="streams.view_streamcategory",
        empty="In no category.",
    ),
)
backoffice.add_panel(
    Stream,
    Panel(
        title="Tags",
        columns=(("Tag", "tag"), ("Usable", lambda row: row.tag.is_usable)),
        rows=lambda stream: stream.tags.select_related("tag").order_by("pk"),
        permission="streams.view_streamtag",
        empty="No tags.",
    ),
)
backoffice.add_panel(
    Stream,
    Panel(
        title="Labels",
        columns=(
            ("Label", "label"),
            ("Set by", "source"),
            ("Since (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ),
        rows=lambda stream: stream.labels.select_related("label").order_by("pk"),
        permission="streams.view_streamlabel",
        limit=50,
        empty="No labels.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Known for",
        columns=(("Category", "category"), ("First", "is_primary")),
        rows=lambda performer: performer.categories.select_related("category").order_by("-is_primary", "pk"),
        permission="streams.view_performercategory",
        empty="In no category.",
    ),
)
