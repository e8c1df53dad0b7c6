"""Attributes: defined by staff, set and taken back by performers, gone with the consent that they need."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.choices import ConsentPurpose
from accounts.models import User
from accounts.selectors import consent_in_force
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.announcements import (
    attribute_defined,
    attribute_removed,
    attribute_retired,
    attribute_set,
)
from performers.choices import AttributeKind, AttributeVisibility
from performers.errors import AttributeRefused
from performers.models import AttributeDefinition, PerformerAttribute, PerformerProfile
from performers.models.performer_attribute import LEAST, MOST, NO, YES

COLUMN = {
    AttributeKind.TEXT: ("words", str),
    AttributeKind.CHOICE: ("words", str),
    AttributeKind.NUMBER: ("number", int),
    AttributeKind.YES_NO: ("words", bool),
}
"""Where a value of each kind stands, and its type."""

ASKED_FOR = {
    AttributeKind.TEXT: "a text",
    AttributeKind.CHOICE: "one of the choices",
    AttributeKind.NUMBER: "a whole number",
    AttributeKind.YES_NO: "yes or no",
}


@dataclass(frozen=True, kw_only=True)
class NewAttribute:
    """An attribute to be defined; kind and category cannot be changed later."""

    code: str
    label: str
    kind: AttributeKind
    unit: str = ""
    choices: Sequence[str] = ()
    special_category: bool = False


@transaction.atomic
def attribute_define(*, new: NewAttribute, actor: User | None, reason: str = "") -> AttributeDefinition:
    """Let performers say something of themselves.

    Raises: AttributeRefused (code taken or malformed, choices that do not fit the kind).
    Announces: `attribute_defined`.
    """
    if len(set(new.choices)) < len(new.choices) or any(not choice.strip() for choice in new.choices):
        raise AttributeRefused("Each choice stands there once, and says something.")
    definition = AttributeDefinition(
        code=new.code,
        label=new.label.strip(),
        kind=new.kind,
        unit=new.unit,
        choices=list(new.choices),
        special_category=new.special_category,
    )
    definition._change_reason = reason or None  # type: ignore[attr-defined]
    with refused_as(AttributeRefused):
        definition.save(force_insert=True)
    attribute_defined.send(sender=AttributeDefinition, actor=actor, subject=definition, reason=reason)
    return definition


@transaction.atomic
def attribute_retire(
    *, definition_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> AttributeDefinition:
    """Take an attribute out of use: nobody sets it any more, what was set stays.

    Locks: the definition. Raises: NotThere (retired already, too), StaleVersion. Announces: `attribute_retired`.
    """
    definition = locked(AttributeDefinition, definition_id, expected_version=expected_version)
    definition.retired_at = database_now()
    definition._change_reason = reason or None  # type: ignore[attr-defined]
    with refused_as(AttributeRefused):
        definition.save(update_fields=["retired_at"])
    attribute_retired.send(
        sender=AttributeDefinition, actor=actor, subject=definition, reason=reason, changed=("retired_at",)
    )
    return definition


@transaction.atomic
def performer_attribute_set(
    *,
    performer_id: UUID,
    code: str,
    value: str | int | bool,
    actor: User | None,
    visibility: AttributeVisibility | str = AttributeVisibility.PRIVATE,
) -> PerformerAttribute:
    """Say something of oneself, in place of what was said before. The caller acts as the performer.

    Locks: the profile. Raises: AttributeRefused (unknown or retired attribute, a value of another kind, none of the
    choices, a special category without explicit consent in force), NotThere. Announces: `attribute_set`.
    """
    profile = locked(PerformerProfile, performer_id)
    definition = AttributeDefinition.objects.in_use().filter(code=code).first()
    if definition is None:
        raise AttributeRefused(f"There is no attribute {code[:40]}, or it is not in use any more.")
    column, kind = COLUMN[AttributeKind(definition.kind)]
    if type(value) is not kind:
        raise AttributeRefused(f"{definition.label} takes {ASKED_FOR[AttributeKind(definition.kind)]}.")
    if definition.kind == AttributeKind.NUMBER and not LEAST <= int(value) <= MOST:
        raise AttributeRefused("A number lies between minus and plus a thousand million.")
    if definition.kind == AttributeKind.CHOICE and value not in definition.choices:
        raise AttributeRefused(f"{definition.label} is one of: {', '.join(definition.choices)}.")
    if definition.special_category and not consent_in_force(profile.pk, ConsentPurpose.SPECIAL_CATEGORY):
        raise AttributeRefused(
            f"{definition.label} is a special category of data. Consent to it explicitly first; you may withdraw at "
            "any time, and the value goes."
        )
    attribute = PerformerAttribute.objects.filter(performer_id=profile.pk, definition=definition).first()
    stored = (YES if value else NO) if kind is bool else value
    fields = {column: stored, "visibility": str(visibility)}
    with refused_as(AttributeRefused):
        if attribute is None:
            attribute = PerformerAttribute(
                performer=profile, definition=definition, kind=definition.kind, **fields
            )
            attribute.save(force_insert=True)
        else:
            for name, new in fields.items():
                setattr(attribute, name, new)
            attribute.save(update_fields=list(fields))
    attribute_set.send(
        sender=PerformerAttribute, actor=actor, subject=profile.user, detail={"attribute": definition.code}
    )
    return attribute


@transaction.atomic
def performer_attribute_remove(*, performer_id: UUID, code: str, actor: User | None) -> None:
    """Take back what was said.

    Locks: the profile. Raises: NotThere. Announces: `attribute_removed` unless nothing was said.
    """
    profile = locked(PerformerProfile, performer_id)
    gone, _ = PerformerAttribute.objects.filter(performer_id=profile.pk, definition__code=code).delete()
    if gone:
        attribute_removed.send(
            sender=PerformerAttribute, actor=actor, subject=profile.user, detail={"attribute": code}
        )


@transaction.atomic
def special_attributes_remove(*, user: User, actor: User | None) -> int:
    """Delete what a person said of special categories, in the transaction that ends the consent; returns how many.

    Acts in whatever role the consent is ended. Announces: `attribute_removed` unless there was none.
    """
    gone, _ = PerformerAttribute.objects.filter(performer_id=user.pk, special_category=True).delete()
    if gone:
        attribute_removed.send(
            sender=PerformerAttribute, actor=actor, subject=user, detail={"special_category": gone}
        )
    return gone


@transaction.atomic
def attributes_forget(*, batch: int = 500) -> int:
    """Delete values of special categories whose consent ran out by itself; returns how many. Run as the worker.

    A consent that is withdrawn takes them along at once. Announces: `attribute_removed`.
    """
    over = list(PerformerAttribute.objects.without_consent().select_related("performer__user")[:batch])
    for row in over:
        gone, _ = PerformerAttribute.objects.filter(pk=row.pk).delete()
        if gone:
            attribute_removed.send(
                sender=PerformerAttribute,
                actor=None,
                subject=row.performer.user,
                detail={"special_category": 1},
            )
    return len(over)
