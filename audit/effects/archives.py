"""Effects on archives."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.effects.definition import CarriedOut, Effect, TakenBack, final, lapsed
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind
from streams.choices import ArchiveDecisionKind, ArchiveStatus
from streams.models import Archive, ArchiveDecision
from streams.services.archive_decisions import (
    archive_approve,
    archive_remove,
    archive_restore,
    archive_restrict,
)


def _latest(archive_id: UUID, kind: ArchiveDecisionKind | None = None) -> UUID | None:
    """The latest decision about an archive, of one kind if it is given."""
    decisions = ArchiveDecision.objects.filter(archive=archive_id)
    if kind is not None:
        decisions = decisions.filter(kind=kind)
    return decisions.order_by("-pk").values_list("pk", flat=True).first()


def _beyond_reach(archive: Archive) -> TakenBack | None:
    """Why nobody can do anything for the archive any more; None: somebody can."""
    if archive.purged_at is not None:
        return final("Its files were destroyed when their time was over.")
    if archive.deleted_at is not None:
        return lapsed("The performer has deleted it.")
    return None


class ArchiveRestrict(Effect):
    """Takes an approved archive from viewers until it is approved again."""

    kind = EffectKind.ARCHIVE_RESTRICT
    admits = frozenset({SubjectKind.ARCHIVE})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        archive_restrict(archive_id=target_id, actor=actor, reason=reason)
        return CarriedOut(applied_to=_latest(target_id))

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        archive = Archive.all_objects.select_for_update().get(pk=effect.target_id)
        if beyond := _beyond_reach(archive):
            return beyond
        if archive.status == ArchiveStatus.REMOVED:
            return lapsed("It was removed since, by another decision.")
        own = _latest(archive.pk, ArchiveDecisionKind.RESTRICT) == effect.applied_to
        if archive.status != ArchiveStatus.RESTRICTED or not own:
            return lapsed("A colleague has approved it since.")
        archive_approve(archive_id=archive.pk, actor=actor, reason=reason)
        return TakenBack(applied_to=_latest(archive.pk))

    def words(self, ends_at: datetime | None) -> str:
        return "The archive is shown to nobody until it is approved again."


class ArchiveRemove(Effect):
    """Removes an archive; its files stay for the time of an appeal."""

    kind = EffectKind.ARCHIVE_REMOVE
    admits = frozenset({SubjectKind.ARCHIVE})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        archive_remove(archive_id=target_id, actor=actor, reason=reason)
        return CarriedOut(applied_to=_latest(target_id))

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        archive = Archive.all_objects.select_for_update().get(pk=effect.target_id)
        if beyond := _beyond_reach(archive):
            return beyond
        own = _latest(archive.pk, ArchiveDecisionKind.REMOVE) == effect.applied_to
        if archive.status != ArchiveStatus.REMOVED or not own:
            return lapsed("A colleague has restored it since.")
        archive = archive_restore(archive_id=archive.pk, actor=actor, reason=reason)
        restored = _latest(archive.pk)
        if archive.status == ArchiveStatus.RESTRICTED and _restriction_was_reversed(archive):
            archive_approve(archive_id=archive.pk, actor=actor, reason=reason)
        return TakenBack(applied_to=restored)

    def words(self, ends_at: datetime | None) -> str:
        return "The archive is removed."


def _restriction_was_reversed(archive: Archive) -> bool:
    """Whether the restriction from which an archive was removed has been reversed while it was away."""
    restriction = _latest(archive.pk, ArchiveDecisionKind.RESTRICT)
    return DecisionEffect.objects.filter(
        target_kind=SubjectKind.ARCHIVE,
        target_id=archive.pk,
        kind=EffectKind.ARCHIVE_RESTRICT,
        applied_to=restriction,
        undone_by__isnull=False,
    ).exists()


EFFECTS: tuple[Effect, ...] = (ArchiveRestrict(), ArchiveRemove())
