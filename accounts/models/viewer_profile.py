"""How a person watches."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import QualityCap
from accounts.erasure_triggers import RefuseErasedPerson
from accounts.models.erasable_history import HistoryOfOwn
from core.db.constraints import one_of, rule
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.text import line
from core.models import History, Versioned, Volume


class ViewerProfile(Versioned):
    """One row per person: the name shown and the preferences of viewing, as columns.

    Written by `accounts.services.profiles`.
    """

    volume, retention = Volume.LARGE, "until the account is erased"
    held_by = HeldBy(person=("user",), keeps=("display_name",))

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        # Preferences mean nothing without their person.
        models.CASCADE,
        related_name="viewer_profile",
        db_comment="Whose preferences these are.",
    )
    display_name = personal(
        models.TextField(
            blank=True, default="", db_comment="Name shown beside the handle, in any script; may be empty."
        )
    )
    autoplay = models.BooleanField(default=True, db_comment="Start the next stream by itself.")
    captions = models.BooleanField(default=False, db_comment="Show captions where there are some.")
    quality_cap = models.TextField(
        choices=QualityCap, default=QualityCap.AUTOMATIC, db_comment="Highest picture quality to be sent."
    )
    reduced_motion = models.BooleanField(default=False, db_comment="Leave out animation.")
    blurred_media = models.BooleanField(default=True, db_comment="Blur previews until asked.")
    quiet_from = models.TimeField(
        null=True,
        blank=True,
        db_comment="Local time from which nothing is sent to a device; null: no quiet hours.",
    )
    quiet_until = models.TimeField(
        null=True, blank=True, db_comment="Local time at which quiet hours end; may be on the next day."
    )

    history = History(bases=(HistoryOfOwn,))

    class Meta:
        db_table_comment = (
            "One row per person: display name and viewing preferences. Written by accounts.services.profiles. "
            "Deleted with the account's erasure."
        )
        constraints = [
            one_of("quality_cap", QualityCap),
            *line("display_name", 50, least=0),
            rule(
                Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                "quiet_hours",
                "Quiet hours need a beginning and an end.",
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.VIEWER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.COMPLIANCE,
                Role.AUDITOR,
                Role.ADMINISTRATOR,
                Role.WORKER,
                command="select",
                using=ALL,
            ),
            Policy(role=Role.SUPPORT, command="update", using=f"user_id <> {ME}"),
            # Rectification (GDPR art. 16); the name alone, by the rights of the column.
            Policy(role=Role.COMPLIANCE, command="update", using=f"user_id <> {ME}"),
            Policy(role=Role.ADMINISTRATOR, command="insert", check=f"user_id <> {ME}"),
            Policy(role=Role.WORKER, command="insert", check="display_name IS NOT NULL"),
        ]
        triggers = [RefuseErasedPerson()]

    def __str__(self) -> str:
        return self.display_name or str(self.user_id)
