"""The vocabulary of content labels, and what viewers want to see of each."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import locked
from core.db.refusals import refused_as
from streams.announcements import content_label_changed, content_label_defined
from streams.choices import LabelAction, LabelSeverity
from streams.errors import LabelRefused
from streams.models import ContentLabel, ViewerLabelPreference
from streams.naming import one_line


@transaction.atomic
def content_label_define(
    *,
    code: str,
    name: str,
    severity: LabelSeverity | str,
    minimum_age: int,
    actor: User,
    description: str = "",
    reason: str = "",
) -> ContentLabel:
    """Add a label to the vocabulary. `minimum_age` in completed years.

    Raises: LabelRefused. Announces: `content_label_defined`.
    """
    label = ContentLabel(
        code=code.strip(),
        name=one_line(name),
        description=description.strip(),
        severity=severity,
        minimum_age=minimum_age,
    )
    with refused_as(LabelRefused):
        label.save(force_insert=True)
    content_label_defined.send(sender=ContentLabel, actor=actor, subject=label, reason=reason)
    return label


@transaction.atomic
def content_label_change(
    *,
    content_label_id: UUID,
    name: str,
    description: str,
    severity: LabelSeverity | str,
    minimum_age: int,
    is_in_use: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> ContentLabel:
    """Change what a label says, or retire it (`is_in_use` false): then nobody sets it, and where it is it stays.

    Locks: the label. Raises: LabelRefused, NotThere, StaleVersion. Announces: `content_label_changed`.
    """
    label = locked(ContentLabel, content_label_id, expected_version=expected_version)
    label.name, label.description = one_line(name), description.strip()
    label.severity, label.minimum_age, label.is_in_use = severity, minimum_age, is_in_use
    columns = ("name", "description", "severity", "minimum_age", "is_in_use")
    with refused_as(LabelRefused):
        label.save(update_fields=columns)
    content_label_changed.send(
        sender=ContentLabel, actor=actor, subject=label, reason=reason, changed=columns
    )
    return label


@transaction.atomic
def label_preference_set(
    *, viewer_id: UUID, label_id: UUID, action: LabelAction | str
) -> ViewerLabelPreference:
    """Say what happens to content with a label for this viewer. Nothing is announced: nobody else is told of it.

    Whether somebody is old enough for `show` is for the watch decision to say. Raises: LabelRefused.
    """
    with refused_as(LabelRefused):
        preference, made = ViewerLabelPreference.objects.get_or_create(
            viewer_id=viewer_id, label_id=label_id, defaults={"action": action}
        )
        if not made and preference.action != action:
            preference.action = action
            preference.save(update_fields=["action"])
    return preference


@transaction.atomic
def label_preference_clear(*, viewer_id: UUID, label_id: UUID) -> None:
    """Go back to what the platform does with the label by itself. Does nothing where nothing was said."""
    ViewerLabelPreference.objects.filter(viewer_id=viewer_id, label_id=label_id).delete()
