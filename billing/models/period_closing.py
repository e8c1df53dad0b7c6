"""What was looked at when a month of books was closed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from billing.ledger_triggers import NeverChanged
from billing.models.ledger_account import KEPT, LEDGER_READERS
from billing.tax_triggers import ClosedBy
from core.db.constraints import is_object, length_between, rule
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume


class PeriodClosing(Fact, Identified):
    """One row per closed period: the check-list and the trial balance as they were, who closed it and why.

    Written by `billing.services.accounting_periods` in the transaction that closes; the database closes no period
    without one.
    """

    volume, retention = Volume.SMALL, "10 years"
    held_by = KEPT

    period = models.OneToOneField(
        "billing.AccountingPeriod", models.PROTECT, related_name="closing", db_comment="What was closed."
    )
    checks = models.JSONField(
        db_comment="The check-list: name, words, ok, count, detail and blocks of each check."
    )
    trial_balance = models.JSONField(
        db_comment="Debits and credits by currency as of the last day, as decimal strings of minor units."
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who closed it."))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="periods_closed",
        db_comment="Who closed it; set by trigger to whoever acts.",
    )
    closed_at = models.DateTimeField(db_comment="When (UTC); set by trigger.")

    class Meta:
        db_table_comment = (
            "One row per closed period: check-list and trial balance as they were. "
            "Written by billing.services.accounting_periods. Kept 10 years."
        )
        constraints = [
            rule(is_object("trial_balance"), "trial_balance", "A trial balance is kept as a JSON object."),
            length_between("reason", 1, 2000),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers: ClassVar[Any] = [NeverChanged(), ClosedBy()]

    def __str__(self) -> str:
        return f"Closing of {self.period}"
