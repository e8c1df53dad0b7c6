"""When and from which sum on a performer wants to be paid."""

from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import matches, one_of, rule
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from performers.choices import PayoutSchedule

MOST_MINIMUM = 10**9
"""Minor units."""


class PayoutPreference(Versioned):
    """One row per performer who said so: how often she is paid, from which sum on, in which currency.

    Written by `performers.services.payout_preferences`. Where the money goes is billing's, and sealed.
    """

    volume, retention = Volume.LARGE, "with the profile"
    held_by = NotHeld("A setting of how things work from now on; it says nothing about what happened.")

    performer = models.OneToOneField(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="payout_preference",
        db_comment="Who is paid.",
    )
    schedule = models.TextField(choices=PayoutSchedule, db_comment="How often.")
    minimum = models.BigIntegerField(db_comment="Least sum that is paid out, in minor units of the currency.")
    currency = models.TextField(db_comment="Currency of the minimum and of payouts, ISO 4217.")

    class Meta:
        db_table_comment = (
            "One row per performer who chose how to be paid. Written by performers.services.payout_preferences. "
            "Kept with the profile."
        )
        constraints = [
            one_of("schedule", PayoutSchedule),
            rule(
                Q(minimum__gte=1, minimum__lte=MOST_MINIMUM),
                "minimum",
                f"The least sum lies between 1 and {MOST_MINIMUM} minor units.",
            ),
            matches(
                "currency", "^[A-Z]{3}$", "A currency is three capital letters of ISO 4217, such as EUR."
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(
                Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.WORKER, command="select", using=ALL
            ),
        ]
        triggers = [Immutable("performer"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return f"{self.get_schedule_display()}, {self.currency}"
