"""Passwords. Hashes are kept apart from people and read by the login role alone."""

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.announcements import password_changed
from accounts.models import User, UserPassword
from accounts.services.sessions import sessions_end
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7


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


def password_set(*, user: User, raw: str) -> None:
    """Give a person who has none a password.

    Written without RETURNING, which Django adds and which asks for the right to read: whoever registers a colleague
    may write a hash and read none.
    """
    table = connection.ops.quote_name(UserPassword._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, user_id, password_hash, changed_at) VALUES (%s, %s, %s, %s)",
            [uuid7(), user.pk, make_password(raw), timezone.now()],
        )


@transaction.atomic
def password_change(*, user: User, raw: str) -> None:
    """Set the person's own password and sign every device out. Announces: `password_changed`.

    Validated by the caller's form (`AUTH_PASSWORD_VALIDATORS`).
    """
    # Not update_or_create: it would write every column with a clock too, which no role may.
    if not UserPassword.objects.filter(user_id=user.pk).update(
        password_hash=make_password(raw), changed_at=timezone.now()
    ):
        password_set(user=user, raw=raw)
    sessions_end(user=user, actor=user)
    password_changed.send(sender=UserPassword, actor=user, subject=user)
