"""What counter-notices answer."""

from django.db import models
from django.db.models import Q

from audit.models.compliance.counter_notice import CounterNotice
from audit.models.compliance.readers import HANDLERS, MINE, NOT_MINE, READERS
from audit.takedown_triggers import AnswersDisabled
from core.db.constraints import unique
from core.db.holds import HeldBy
from core.db.policies import ALL, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume


class CounterNoticeTarget(Entity):
    """One row per disabled target that a counter-notice answers. Written by `audit.services.counter_notices`."""

    volume, retention = Volume.LARGE, "7 years, with its counter-notice"
    over = Over()
    held_by = HeldBy(person=("performer",))

    counter_notice = models.ForeignKey(
        CounterNotice,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="answers",
        db_comment="The counter-notice.",
    )
    target = models.ForeignKey(
        "audit.TakedownTarget", models.PROTECT, related_name="answers", db_comment="What it answers."
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="counter_notice_targets",
        db_comment="Who says so; taken from the counter-notice.",
    )
    is_live = models.BooleanField(
        default=True,
        editable=False,
        db_default=True,
        db_comment="Whether the counter-notice is open; kept by trigger.",
    )

    class Meta:
        db_table_comment = (
            "One row per disabled target that a counter-notice answers. Written by "
            "audit.services.counter_notices. Kept 7 years, with its counter-notice."
        )
        constraints = [
            unique("counter_notice", "target", message="The counter-notice answers this already."),
            unique(
                "target",
                when=Q(is_live=True),
                name="live",
                message="Another counter-notice about this is open. It has to be decided first.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=MINE),
            Policy(role=Role.PERFORMER, command="insert", check=MINE),
            *policies(*HANDLERS, command="insert", check=NOT_MINE),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [Immutable("counter_notice", "target", "performer"), AnswersDisabled()]

    def __str__(self) -> str:
        return str(self.target_id)
