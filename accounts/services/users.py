"""Accounts from registration to closing."""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pycountry
from django.db import transaction
from django.utils import timezone

from accounts.announcements import user_activated, user_closed, user_registered
from accounts.choices import ContactKind, SignUpSource, UserStatus
from accounts.errors import HandleRefused
from accounts.models import User, ViewerProfile
from accounts.services.addresses import address_check
from accounts.services.contacts import contact_add
from accounts.services.handles import handle_check
from accounts.services.passwords import password_set
from accounts.services.profiles import PreferenceRefused
from accounts.services.verifications import verification_request
from core.db.locking import locked
from core.db.refusals import refused_as
from core.errors import Refused
from core.models.identity import uuid7


class UnknownPlace(Refused):
    """No such country or time zone."""

    code = "unknown_place"


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """What is known of a person who joins. Times are UTC; `country` is ISO 3166-1 alpha-2."""

    handle: str
    id: UUID | None = None
    display_name: str = ""
    locale: str = "en"
    time_zone: str = "UTC"
    country: str | None = None
    signed_up_at: datetime | None = None


def _place_check(country: str | None, time_zone: str) -> None:
    if country is not None and pycountry.countries.get(alpha_2=country) is None:
        raise UnknownPlace(f"{country!r} is no country of ISO 3166-1.")
    if time_zone not in zoneinfo.available_timezones():
        raise UnknownPlace(f"{time_zone!r} is no time zone of the IANA database.")


def _user(new: NewUser, source: SignUpSource) -> User:
    return User(
        id=new.id or uuid7(),
        handle=new.handle,
        locale=new.locale,
        time_zone=new.time_zone,
        country=new.country,
        sign_up_source=source,
        signed_up_at=new.signed_up_at or timezone.now(),
    )


@transaction.atomic
def user_register(
    *,
    new: NewUser,
    password: str | None,
    actor: User | None,
    email: str | None = None,
    source: SignUpSource = SignUpSource.WEB,
) -> User:
    """Make a pending account with its viewing preferences, and a password if one is given.

    The caller acts as the viewer with the id of `new` (public site), as administrator or as worker. The address becomes
    an encrypted contact, and a code to verify it is asked for. Passwords are validated by the caller's form.
    Raises: HandleRefused, MalformedAddress, DisposableAddress, UnknownPlace, PreferenceRefused (the display name),
    KeyMissing. Announces: `user_registered`, and what the contact announces.
    """
    if email is not None:
        address_check(email)
    _place_check(new.country, new.time_zone)
    handle_check(new.handle)
    user = _user(new, source)
    with refused_as(HandleRefused):
        # Somebody may have taken the handle between the question and the answer.
        user.save(force_insert=True)
    with refused_as(PreferenceRefused):
        ViewerProfile.objects.create(user=user, display_name=new.display_name)
    if password is not None:
        password_set(user=user, raw=password)
    user_registered.send(sender=User, actor=actor, subject=user, detail={"source": source.value})
    if email is not None:
        contact = contact_add(user=user, kind=ContactKind.EMAIL, value=email, actor=actor)
        verification_request(contact_id=contact.pk, actor=actor)
    return user


@transaction.atomic
def user_activate(*, user_id: UUID, actor: User | None) -> User:
    """Let a pending person in. Locks: the person. Raises: IllegalTransition. Announces: `user_activated`."""
    user = locked(User, user_id)
    User.status_machine.check(user.status, UserStatus.ACTIVE)
    user.status = UserStatus.ACTIVE
    user.save(update_fields=["status"])
    user_activated.send(sender=User, actor=actor, subject=user, changed=("status",))
    return user


@transaction.atomic
def users_import(*, people: Iterable[NewUser]) -> int:
    """Add many active accounts at once; people whose id exists already are left as they are.

    Runs as the worker. Returns how many are new. Raises `IntegrityError` when a handle is taken: nothing of the
    batch is written then.
    """
    wanted = {new.id: new for new in people if new.id is not None}
    present = set(User.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = [new for key, new in wanted.items() if key not in present]
    users = User.objects.bulk_create([_user(new, SignUpSource.IMPORT) for new in fresh], batch_size=500)
    User.objects.filter(pk__in=[user.pk for user in users]).update(status=UserStatus.ACTIVE)
    for user in users:
        user.status = UserStatus.ACTIVE
    profiles = ViewerProfile.objects.bulk_create(
        [
            ViewerProfile(user=user, display_name=new.display_name)
            for user, new in zip(users, fresh, strict=True)
        ],
        batch_size=500,
    )
    User.history.bulk_history_create(users, batch_size=500, default_change_reason="import")
    ViewerProfile.history.bulk_history_create(profiles, batch_size=500, default_change_reason="import")
    for user in users:
        user_registered.send(
            sender=User, actor=None, subject=user, detail={"source": SignUpSource.IMPORT.value}
        )
    return len(users)


@transaction.atomic
def user_close(
    *, user_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> User:
    """Close an account: nobody signs in with it any more. What identifies is destroyed later, by erasure.

    Locks: the person. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `user_closed`.
    """
    user = locked(User, user_id, expected_version=expected_version)
    User.status_machine.check(user.status, UserStatus.CLOSED)
    user.status = UserStatus.CLOSED
    user.closed_at = timezone.now()
    user._change_reason = reason  # type: ignore[attr-defined]
    user.save(update_fields=["status", "closed_at"])
    user_closed.send(sender=User, actor=actor, subject=user, reason=reason, changed=("status", "closed_at"))
    return user
