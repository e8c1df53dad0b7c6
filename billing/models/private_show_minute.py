"""Minutes of private shows that were paid."""

from django.db import models
from django.db.models import Q

from billing.models.wallet import MONEY, MONEY_READERS
from core.db.constraints import rule, unique
from core.db.policies import ALL, Policy, policies
from core.db.roles import Role
from core.models import Fact, Identified, Volume

LONGEST_SHOW = 24 * 60


class PrivateShowMinute(Fact, Identified):
    """One row per minute of a private show that was charged: none is charged twice.

    Written by `billing.services.private_show_minutes`.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    private_show = models.ForeignKey(
        "streams.PrivateShow",
        models.PROTECT,
        # The unique constraint's index leads with it.
        db_index=False,
        related_name="minutes",
        db_comment="Which show.",
    )
    minute = models.IntegerField(db_comment="Which minute of it, from 0.")
    spend = models.OneToOneField(
        "billing.TokenSpend", models.PROTECT, related_name="minute", db_comment="What was paid for it."
    )
    charged_at = models.DateTimeField(db_comment="When it was charged (UTC).")

    class Meta:
        db_table_comment = (
            "One row per minute of a private show that was charged. "
            "Written by billing.services.private_show_minutes. Kept 10 years."
        )
        constraints = [
            rule(
                Q(minute__gte=0, minute__lt=LONGEST_SHOW),
                "minute",
                f"A show has minutes 0 to {LONGEST_SHOW - 1:,}.",
            ),
            unique("private_show", "minute", message="This minute was charged already."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]

    def __str__(self) -> str:
        return f"Minute {self.minute}"
