"""Passwords. Hashes are kept apart from people and read by the login role alone."""

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from accounts.announcements import password_changed
from accounts.models import User, UserPassword
from accounts.services.sessions import sessions_end
from core.db.context import acting
from core.db.roles import Role


def password_matches(*, user: User | None, raw: str) -> bool:
    """Is `raw` the password? For an unknown person as much time passes. Old hashes are brought up to date."""
    stored = UserPassword.objects.filter(user=user).first() if user else None
    if user is None or stored is None:
        make_password(raw)
        return False

    def upgrade(raw_password: str) -> None:
        with acting(Role.APP, user_id=user.pk):
            UserPassword.objects.filter(pk=stored.pk).update(password_hash=make_password(raw_password))

    return check_password(raw, stored.password_hash, upgrade)


@transaction.atomic
def password_change(*, user: User, raw: str) -> UserPassword:
    """Set the person's own password and end every session; the device in use gets a new one
    (`accounts.middleware`). Returns the stored hash. Announces: `password_changed`.

    Validated by the caller's form (`AUTH_PASSWORD_VALIDATORS`).
    """
    # Django's update_or_create would write the columns of the trigger too, which nobody may.
    fresh = {"password_hash": make_password(raw), "changed_at": timezone.now()}
    if not UserPassword.objects.filter(user=user).update(**fresh):
        UserPassword.objects.create(user=user, **fresh)
    stored = UserPassword.objects.get(user=user)
    sessions_end(user=user)
    password_changed.send(sender=UserPassword, actor=user, subject=user)
    return stored
