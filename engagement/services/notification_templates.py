"""What people read: drafted and revised by one, published by another, never changed from then on."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import locked
from core.db.refusals import refused_as
from core.errors import NotPermitted
from engagement.models import NotificationTemplate, NotificationTrigger, TemplateVersion
from engagement.notification_announcements import (
    template_discarded,
    template_drafted,
    template_published,
    template_revised,
    trigger_routed,
)
from engagement.notification_choices import NotificationChannel, NotificationTemplateStatus
from engagement.notification_errors import TemplateRefused
from engagement.notifications.rendering import Rendered, render, wording_check


@transaction.atomic
def template_draft(
    *, trigger_id: UUID, channel: str, locale: str, subject: str, body: str, actor: User
) -> TemplateVersion:
    """Begin a new wording for a trigger, channel and language; the template is made where there is none.

    Raises: TemplateRefused (an unknown variable, markup, a draft is there already). Announces:
    `notification_template_drafted`.
    """
    trigger = NotificationTrigger.objects.get(pk=trigger_id)
    wording_check(subject=subject, body=body, known=trigger.variables)
    with refused_as(TemplateRefused):
        template, _ = NotificationTemplate.objects.get_or_create(
            trigger=trigger, channel=channel, locale=locale
        )
        version = TemplateVersion.objects.create(
            template=template, number=1, subject=subject, body=body, drafted_by=actor
        )
    version.refresh_from_db()
    template_drafted.send(
        sender=TemplateVersion, actor=actor, subject=version, detail={"template": str(template)}
    )
    return version


@transaction.atomic
def template_revise(
    *, version_id: UUID, subject: str, body: str, actor: User, expected_version: int | None = None
) -> TemplateVersion:
    """Change a draft.

    Locks: the version. Raises: TemplateRefused (published, an unknown variable, markup), NotThere, StaleVersion.
    Announces: `notification_template_revised`.
    """
    version = _draft(version_id, expected_version)
    wording_check(subject=subject, body=body, known=version.template.trigger.variables)
    with refused_as(TemplateRefused):
        TemplateVersion.objects.filter(pk=version.pk).update(subject=subject, body=body)
    version.refresh_from_db()
    template_revised.send(sender=TemplateVersion, actor=actor, subject=version, changed=("subject", "body"))
    return version


@transaction.atomic
def template_publish(
    *, version_id: UUID, actor: User, expected_version: int | None = None
) -> TemplateVersion:
    """Use a draft from now on, for good: deliveries name it.

    Locks: the version. Raises: TemplateRefused (published, it cannot be rendered), NotPermitted (by who wrote it),
    NotThere, StaleVersion. Announces: `notification_template_published`.
    """
    version = _draft(version_id, expected_version)
    if version.drafted_by_id == actor.pk:
        raise NotPermitted("Somebody else publishes what one has written.")
    template_preview(version)
    with refused_as(TemplateRefused):
        TemplateVersion.objects.filter(pk=version.pk).update(status=NotificationTemplateStatus.PUBLISHED)
    version.refresh_from_db()
    template_published.send(sender=TemplateVersion, actor=actor, subject=version, changed=("status",))
    return version


@transaction.atomic
def template_discard(
    *, version_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> None:
    """Delete a draft.

    Locks: the version. Raises: TemplateRefused (published), NotThere, StaleVersion. Announces:
    `notification_template_discarded`.
    """
    version = _draft(version_id, expected_version)
    template_discarded.send(sender=TemplateVersion, actor=actor, subject=version, reason=reason)
    version.delete()


def template_preview(version: TemplateVersion) -> Rendered:
    """What somebody would read, with the samples of the trigger. Raises VariableMissing."""
    return render(subject=version.subject, body=version.body, variables=version.template.trigger.variables)


@transaction.atomic
def trigger_route(
    *,
    trigger_id: UUID,
    channels: list[str],
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> NotificationTrigger:
    """Choose by which channels a notification goes unless somebody prefers otherwise; in the app always.

    Locks: the trigger. Raises: TemplateRefused (an unknown channel, none), NotThere, StaleVersion. Announces:
    `notification_trigger_routed`.
    """
    trigger = locked(NotificationTrigger, trigger_id, expected_version=expected_version)
    wanted = {NotificationChannel.IN_APP.value, *channels}
    trigger.channels = [channel for channel in NotificationChannel.values if channel in wanted]
    if wanted - set(NotificationChannel.values):
        raise TemplateRefused("There is no such channel.")
    trigger._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(TemplateRefused):
        trigger.save(update_fields=["channels"])
    trigger.refresh_from_db()
    trigger_routed.send(
        sender=NotificationTrigger,
        actor=actor,
        subject=trigger,
        reason=reason,
        changed=("channels",),
        detail={"channels": trigger.channels},
    )
    return trigger


def _draft(version_id: UUID, expected_version: int | None) -> TemplateVersion:
    version = TemplateVersion.objects.select_related("template__trigger").filter(pk=version_id).first()
    if version is not None and version.status != NotificationTemplateStatus.DRAFT:
        raise TemplateRefused("A published version of a template never changes: write a new one.")
    row = locked(TemplateVersion, version_id, expected_version=expected_version)
    if row.status != NotificationTemplateStatus.DRAFT:
        raise TemplateRefused("A published version of a template never changes: write a new one.")
    return row
