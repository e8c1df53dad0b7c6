"""Viewing preferences and the interface's language and zone."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.announcements import profile_changed
from accounts.models import User, ViewerProfile
from core.db.locking import locked
from core.db.refusals import refused_as
from core.errors import Refused

PREFERENCES = frozenset(
    {
        "display_name",
        "autoplay",
        "captions",
        "quality_cap",
        "reduced_motion",
        "blurred_media",
        "quiet_from",
        "quiet_until",
    }
)


class UnknownPreference(Refused):
    """There is no such preference."""

    code = "unknown_preference"


class PreferenceRefused(Refused):
    """The value breaks a rule of the profile."""

    code = "preference_refused"


@transaction.atomic
def profile_change(
    *,
    viewer_profile_id: UUID,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
    **preferences: Any,
) -> ViewerProfile:
    """Change some of the viewing preferences.

    Locks: the profile. Raises: UnknownPreference, PreferenceRefused, NotThere, StaleVersion.
    Announces: `profile_changed` with the names of what really changed.
    """
    unknown = set(preferences) - PREFERENCES
    if unknown:
        raise UnknownPreference(f"There is no preference called {', '.join(sorted(unknown))}.")
    profile = locked(ViewerProfile, viewer_profile_id, expected_version=expected_version)
    changed = sorted(name for name, value in preferences.items() if getattr(profile, name) != value)
    if not changed:
        return profile
    for name in changed:
        setattr(profile, name, preferences[name])
    profile._change_reason = reason or None  # type: ignore[attr-defined]
    try:
        with refused_as(PreferenceRefused):
            profile.save(update_fields=changed)
    except ValidationError as error:
        raise PreferenceRefused(" ".join(error.messages)) from error
    profile_changed.send(
        sender=ViewerProfile,
        actor=actor,
        subject=User.objects.get(pk=profile.user_id),
        reason=reason,
        changed=tuple(changed),
    )
    return profile
