"""Labels on streams: who says what a stream contains."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from streams.announcements import stream_label_given, stream_label_taken
from streams.choices import LabelSource
from streams.errors import LabelRefused
from streams.models import ContentLabel, Stream, StreamLabel
from streams.services.catalogue_links import living_stream

WEIGHT = {LabelSource.AUTOMATIC: 0, LabelSource.SELF: 1, LabelSource.STAFF: 2}
"""Whose word counts more; a weaker source changes nothing."""


@transaction.atomic
def stream_label_set(
    *, stream_id: UUID, label_id: UUID, source: LabelSource | str, actor: User | None, reason: str = ""
) -> StreamLabel:
    """Say that a stream contains something. What staff says takes the place of what others said, never the reverse.

    Locks: the stream. Raises: LabelRefused (no such label, retired, or not yours to set), CatalogueRefused, NotThere.
    Announces: `stream_label_given`, unless it stood there with the same or a stronger source.
    """
    source = LabelSource(source)
    stream = living_stream(stream_id)
    label = ContentLabel.objects.filter(pk=label_id).first()
    if label is None or not label.is_in_use:
        raise LabelRefused("There is no such label, or it is not set any more. Choose one of the list.")
    link = StreamLabel.objects.filter(stream=stream, label=label).first()
    if link is not None and (
        WEIGHT[LabelSource(link.source)] >= WEIGHT[source] or source is LabelSource.SELF
    ):
        return link
    with refused_as(LabelRefused):
        if link is None:
            link = StreamLabel(stream=stream, performer_id=stream.performer_id, label=label, source=source)
            link.save(force_insert=True)
        else:
            link.source = source
            link.save(update_fields=["source"])
    stream_label_given.send(
        sender=StreamLabel,
        actor=actor,
        subject=stream,
        reason=reason,
        detail={"label": label.code, "source": source.value},
    )
    return link


@transaction.atomic
def stream_label_unset(
    *, stream_id: UUID, label_id: UUID, source: LabelSource | str, actor: User | None, reason: str = ""
) -> None:
    """Take a label off a stream. `source` says who takes it: the performer her own, staff any, a program its own.

    Locks: the stream. Raises: LabelRefused (not there, or set by somebody whose word counts more), CatalogueRefused,
    NotThere. Announces: `stream_label_taken`.
    """
    source = LabelSource(source)
    stream: Stream = living_stream(stream_id)
    link = StreamLabel.objects.select_related("label").filter(stream=stream, label=label_id).first()
    if link is None:
        raise LabelRefused("The stream does not have this label.")
    if source is not LabelSource.STAFF and link.source != source:
        who = "A moderator" if link.source == LabelSource.STAFF else LabelSource(link.source).label
        raise LabelRefused(f"{who} set the label “{link.label}”. Only moderators take it away.")
    code, was = link.label.code, link.source
    with refused_as(LabelRefused):
        removed, _ = link.delete()
    if not removed:
        raise LabelRefused("Your role may not take this label away.")
    stream_label_taken.send(
        sender=StreamLabel, actor=actor, subject=stream, reason=reason, detail={"label": code, "source": was}
    )
