"""The second factor of staff: an authenticator app, and recovery codes for the day it is lost."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_otp.models import Device, ThrottlingMixin

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import has_bytes, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy
from core.db.privacy import not_personal
from core.db.roles import Role
from core.encryption import EncryptedTextField
from core.models import Entity, Volume

MOST_DRIFT = 10
"""Steps of 30 seconds by which the clock of an app may come to differ from ours."""


class TotpDeviceQuerySet(models.QuerySet):
    """Reads of authenticator apps."""

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> Self:
        """What django-otp asks. Each row is confirmed: nothing is stored before a first code has passed."""
        return self.none() if confirmed is False else self.filter(user=user)


class TotpDevice(ThrottlingMixin, Device, Entity):
    """One row per person whose authenticator app (RFC 6238) is asked for a code at sign-in.

    Written by `accounts.services.second_factor`. The row exists from the first right code on; it is deleted when
    the app is removed, replaced or reset, and a session that passed it is worth nothing from then on.
    """

    volume, retention = Volume.LARGE, "until removed, replaced or reset; with the account at the latest"
    held_by = NotHeld(
        "A secret of signing in proves nothing and stays replaceable; the account keeps it from erasure."
    )

    # Columns of django-otp's base that say nothing here: one app per person, which exists once confirmed.
    name = "Authenticator app"
    confirmed = True

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        # A secret means nothing without its person.
        models.CASCADE,
        related_name="totp_device",
        db_comment="Whose app it is.",
    )
    secret = EncryptedTextField(db_comment="Secret shared with the app: 160 random bits, base32.")
    confirmed_at = models.DateTimeField(db_comment="When the first code of the app passed (UTC).")
    drift = models.SmallIntegerField(
        db_default=0, db_comment="By how many steps of 30 seconds the clock of the app runs ahead of ours."
    )
    last_t = models.BigIntegerField(
        db_comment="Step (30 seconds since 1970, drift included) of the latest code that passed; only later ones do."
    )
    last_used_at = models.DateTimeField(db_comment="When a code of the app last passed (UTC).")
    throttling_failure_timestamp = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the latest wrong code was entered (UTC); null: the last one was right.",
    )
    throttling_failure_count = models.PositiveIntegerField(
        default=0,
        db_default=0,
        db_comment="How many wrong codes in a row; each doubles the wait until the next.",
    )

    objects: Any = TotpDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = "authenticator app"
        db_table_comment = (
            "One row per person with an authenticator app as second factor. Written by "
            "accounts.services.second_factor. Deleted when the app is removed, replaced or reset."
        )
        constraints = [
            rule(Q(drift__range=(-MOST_DRIFT, MOST_DRIFT)), "drift", "The clock of the app is too far off."),
            # django-otp reads the device of a session before anybody is known to ask.
            Policy(role=Role.APP, command="select", using=ALL),
            Policy(role=Role.APP, command="insert", check=f"user_id = {ME}"),
            Policy(role=Role.APP, command="update", using=f"user_id = {ME}"),
            Policy(role=Role.APP, command="delete", using=f"user_id = {ME}"),
        ]
        triggers = [RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"authenticator app of {self.user_id}"

    @property
    def persistent_id(self) -> str:
        """How a session names the device that it passed. django-otp reads the id as an integer, which a UUID is."""
        return f"{self.model_label()}/{self.id.int}"

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first wrong code; each further one doubles them."""
        return 1


class RecoveryCode(Entity):
    """One row per recovery code: signs in once in place of the app.

    Written by `accounts.services.recovery_codes`. The code has 80 random bits, so a plain digest gives nothing away.
    """

    volume, retention = Volume.LARGE, "until the next ten are made or the second factor ends"
    held_by = NotHeld(
        "A secret of signing in proves nothing and stays replaceable; the account keeps it from erasure."
    )

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # A code means nothing without its person.
        models.CASCADE,
        # An index leads with it.
        db_index=False,
        related_name="recovery_codes",
        db_comment="Whom it signs in.",
    )
    digest = not_personal(
        models.BinaryField(max_length=32, db_comment="SHA-256 of the code, without hyphens.")
    )
    used_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was used (UTC); null: it still serves."
    )

    class Meta:
        verbose_name = "recovery code"
        db_table_comment = (
            "One row per recovery code of a second factor, ten at a time. Written by "
            "accounts.services.recovery_codes. Deleted when new ones are made or the second factor ends."
        )
        constraints = [
            unique("user", "digest", message="This code exists already."),
            rule(has_bytes("digest", 32), "digest", "A digest has 32 bytes."),
            Policy(role=Role.APP, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.APP, command="insert", check=f"user_id = {ME}"),
            Policy(role=Role.APP, command="update", using=f"user_id = {ME}"),
            Policy(role=Role.APP, command="delete", using=f"user_id = {ME}"),
        ]
        triggers = [RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
