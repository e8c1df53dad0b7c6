"""Passwords. Hashes are kept apart from people and read by the login role alone."""

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from accounts.announcements import password_changed
from accounts.models import User, UserPassword
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
def password_change(*, user: User, raw: str) -> None:
    """Set the person's own password; every other device is signed out by it. Announces: `password_changed`.

    Validated by the caller's form (`AUTH_PASSWORD_VALIDATORS`).
    """
    stored = {"password_hash": make_password(raw), "changed_at": timezone.now()}
    # Not update_or_create: it would write every column with a clock too, which no role may.
    if not UserPassword.objects.filter(user_id=user.pk).update(**stored):
        UserPassword.objects.create(user_id=user.pk, **stored)
    password_changed.send(sender=UserPassword, actor=user, subject=user)
