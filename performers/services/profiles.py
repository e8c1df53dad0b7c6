"""Profiles of performers: begun by an application, changed by the performer, corrected by moderators."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.choices import UserStatus
from accounts.models import User
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.announcements import performer_applied, performer_profile_changed
from performers.errors import ProfileRefused
from performers.models import PerformerProfile
from performers.services.stage_names import slug_of, stage_name_spelled

TEXTS = ("headline", "biography", "pronouns", "displayed_location")
CHANGEABLE = frozenset({"stage_name", *TEXTS})


@transaction.atomic
def performer_apply(*, user_id: UUID, stage_name: str, actor: User | None, **texts: str) -> PerformerProfile:
    """Begin an application: a draft with the id of its person, under a stage name that nobody else has.

    The caller acts as the person, in the role of a viewer. `texts` are of `TEXTS`. Raises: ProfileRefused (name taken,
    resting, like that of another performer or malformed; a profile exists; the account is not active), NotThere.
    Announces: `performer_applied`.
    """
    _known(texts, TEXTS)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotThere("There is no such person, or your role may not see them.")
    if user.status != UserStatus.ACTIVE:
        raise ProfileRefused("Only an active account can apply as a performer.")
    if PerformerProfile.objects.filter(pk=user_id).exists():
        raise ProfileRefused("This account has a performer's profile already.")
    name = stage_name_spelled(stage_name)
    with refused_as(ProfileRefused):
        profile = PerformerProfile(
            id=user.pk, user=user, stage_name=name, slug=slug_of(name, user.pk), **texts
        )
        profile.save(force_insert=True)
    performer_applied.send(sender=PerformerProfile, actor=actor, subject=user)
    return profile


@transaction.atomic
def performer_profile_change(
    *,
    performer_id: UUID,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
    **values: str,
) -> PerformerProfile:
    """Change what a profile says; another stage name brings another address, and the old one rests.

    Locks: the profile. Raises: ProfileRefused (as `performer_apply`), NotThere, StaleVersion. Announces:
    `performer_profile_changed` with the names of what really changed, unless nothing did.
    """
    _known(values, CHANGEABLE)
    profile = locked(PerformerProfile, performer_id, expected_version=expected_version)
    if "stage_name" in values:
        values["stage_name"] = stage_name_spelled(values["stage_name"])
    changed = [name for name, value in values.items() if getattr(profile, name) != value]
    if not changed:
        return profile
    for name in changed:
        setattr(profile, name, values[name])
    if "stage_name" in changed:
        profile.slug = slug_of(values["stage_name"], profile.pk)
        changed.append("slug")
    profile._change_reason = reason or None  # type: ignore[attr-defined]
    with refused_as(ProfileRefused):
        profile.save(update_fields=changed)
    performer_profile_changed.send(
        sender=PerformerProfile,
        actor=actor,
        subject=profile.user,
        reason=reason,
        changed=tuple(sorted(changed)),
    )
    return profile


def performer_profile_correct(
    *, performer_id: UUID, texts: list[str], actor: User, reason: str, expected_version: int | None = None
) -> PerformerProfile:
    """Take texts off a profile that break the rules, by name: headline, biography, pronouns, displayed_location.

    As `performer_profile_change`; nobody corrects themselves, since policies hide their own row from staff.
    """
    if not texts:
        raise ProfileRefused("Choose what is to be taken off.")
    _known(dict.fromkeys(texts), TEXTS)
    return performer_profile_change(
        performer_id=performer_id,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
        **dict.fromkeys(texts, ""),
    )


def _known(values: dict[str, Any], names: Any) -> None:
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise ProfileRefused(f"A profile has no {', '.join(unknown)} that could be changed.")
