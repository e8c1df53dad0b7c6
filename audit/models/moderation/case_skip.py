"""Cases that a moderator passes over for a while."""

from typing import Any

from django.conf import settings
from django.db import models

from audit.models.moderation.case import Case
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS
from core.db.constraints import length_between, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Entity, Volume


class CaseSkip(Entity):
    """One row per moderator and case that they do not want to be given for a while.

    Written by `audit.services.claims`.
    """

    volume, retention = Volume.LARGE, "7 days after it has run out"
    held_by = NotHeld("A working aid of staff; nothing is proved by it.")

    case = models.ForeignKey(
        Case,
        # It means nothing without its case.
        models.CASCADE,
        related_name="skips",
        db_comment="What is not to be given.",
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="case_skips",
        db_comment="The moderator to whom it is not offered again.",
    )
    until = models.DateTimeField(db_comment="From then on it may be given to them again (UTC).")
    reason = personal(
        models.TextField(blank=True, default="", db_comment="Why, in their words; may be empty.")
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per moderator and case that they passed over. Written by audit.services.claims. "
            "Kept 7 days after it has run out."
        )
        constraints = [
            unique("moderator", "case", message="You pass over this case already."),
            length_between("reason", 0, 500),
            *policies(*CASE_STAFF, command="select", using=f"moderator_id = {ME}"),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*CASE_STAFF, command="insert", check=f"moderator_id = {ME}"),
            *policies(*CASE_STAFF, command="update", using=f"moderator_id = {ME}"),
            *policies(*CASE_STAFF, command="delete", using=f"moderator_id = {ME}"),
            Policy(
                role=Role.WORKER, command="delete", using="until < statement_timestamp() - interval '7 days'"
            ),
        ]

    def __str__(self) -> str:
        return f"passed over until {self.until:%Y-%m-%d %H:%M} UTC"
