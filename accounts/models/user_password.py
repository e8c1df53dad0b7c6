"""Password hashes, apart from people."""

from django.conf import settings
from django.db import models

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Entity, Volume


class UserPassword(Entity):
    """One row per person who can sign in with a password.

    Written by `accounts.services.passwords`. Apart from `User`, so that only the login role reads hashes.
    """

    volume, retention = Volume.LARGE, "until the account is erased"
    held_by = NotHeld(
        "A secret of signing in proves nothing and stays replaceable; the account keeps it from erasure."
    )

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        # A hash means nothing without its person.
        models.CASCADE,
        related_name="stored_password",
        db_comment="The person who signs in with it.",
    )
    password_hash = personal(
        models.TextField(db_comment="Argon2id hash in Django's encoding (algorithm$parameters$salt$hash).")
    )
    changed_at = models.DateTimeField(db_comment="When the password was last set (UTC).")

    class Meta:
        db_table_comment = (
            "One row per person who signs in with a password: its hash. Written by accounts.services.passwords. "
            "Deleted with the account's erasure."
        )
        constraints = [
            Policy(role=Role.APP, command="select", using=ALL),
            Policy(role=Role.APP, command="update", using=f"user_id = {ME}"),
            Policy(role=Role.VIEWER, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.VIEWER, command="insert", check=f"user_id = {ME}"),
            Policy(
                role=Role.ADMINISTRATOR, command="select", using=f"user_id IS DISTINCT FROM {ME} AND false"
            ),
            Policy(role=Role.ADMINISTRATOR, command="insert", check=f"user_id IS DISTINCT FROM {ME}"),
        ]
        triggers = [RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"password of {self.user_id}"
