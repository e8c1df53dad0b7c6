"""Who has a case open on the screen."""

from typing import Any

from django.conf import settings
from django.db import models

from audit.case_triggers import StampsSeen
from audit.models.moderation.case import Case
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS
from core.db.constraints import unique
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.models import Identified, Volume


class CasePresence(Identified):
    """One row per moderator who has a case open on the screen: colleagues see it, and do not do the work twice.

    Written by `audit.services.presences` when the page is opened and while it stays open.
    """

    volume, retention = Volume.SMALL, "1 day"
    held_by = NotHeld("A working aid of staff; nothing is proved by it.")

    case = models.ForeignKey(
        Case,
        # It means nothing without its case.
        models.CASCADE,
        # A unique constraint leads with it.
        db_index=False,
        related_name="presences",
        db_comment="What is looked at.",
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="case_presences",
        db_comment="Who looks at it.",
    )
    seen_at = models.DateTimeField(db_comment="When the page was last known to be open (UTC).")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per moderator who has a case open. Written by audit.services.presences. Kept 1 day."
        )
        constraints = [
            unique("case", "moderator", message="You look at this case already."),
            *policies(*CASE_STAFF, *OVERSEERS, command="select", using=ALL),
            *policies(*CASE_STAFF, command="insert", check=f"moderator_id = {ME}"),
            *policies(*CASE_STAFF, command="update", using=f"moderator_id = {ME}"),
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(
                role=Role.WORKER, command="delete", using="seen_at < statement_timestamp() - interval '1 day'"
            ),
        ]
        triggers = [StampsSeen()]

    def __str__(self) -> str:
        return f"seen {self.seen_at:%H:%M} UTC"
