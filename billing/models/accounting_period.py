"""Accounting periods: the months into which entries are posted, and which of them are closed."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from billing.ledger_choices import PeriodStatus
from billing.ledger_triggers import ClosesAlone, NeverRemoved
from billing.models.ledger_account import KEPT, LEDGER_READERS
from core.db.constraints import no_overlap, rule
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume


class AccountingPeriod(Versioned):
    """One row per month of books. A closed one takes no entry any more; what comes late belongs to the next one.

    Written by `billing.services.accounting_periods`; `ledger_period_at` opens the month that an entry needs.
    """

    volume, retention = Volume.SMALL, "10 years"
    held_by = KEPT

    days = DateRangeField(db_comment="Half-open range of days (UTC) that belong to the period.")
    status = models.TextField(
        choices=PeriodStatus,
        default=PeriodStatus.OPEN,
        db_default=PeriodStatus.OPEN,
        db_comment="Open; softly closed: takes corrections only; closed: takes nothing.",
    )

    soft_closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="periods_soft_closed",
        db_comment="Who closed it softly, set by trigger to whoever acts; null: nobody, or a job.",
    )

    status_machine = StateMachine(
        PeriodStatus,
        initial=[PeriodStatus.OPEN],
        moves={
            PeriodStatus.OPEN: [PeriodStatus.SOFT_CLOSED],
            PeriodStatus.SOFT_CLOSED: [PeriodStatus.OPEN, PeriodStatus.CLOSED],
        },
    )
    history = History()

    class Meta:
        db_table_comment = (
            "One row per accounting period. Written by billing.services.accounting_periods. Kept 10 years."
        )
        permissions = [
            ("soft_close_accountingperiod", "Can close accounting periods softly and open them again"),
            ("close_accountingperiod", "Can close accounting periods for good"),
        ]
        constraints = [
            no_overlap(during="days", message="The periods of books do not overlap."),
            rule(
                Q(days__isempty=False, days__startswith__isnull=False, days__endswith__isnull=False),
                "days",
                "A period has a first and a last day.",
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        triggers = [Immutable("days"), ClosesAlone(), NeverRemoved()]

    def __str__(self) -> str:
        return f"{self.days.lower:%B %Y}"

    @property
    def last_day(self) -> dt.date:
        """The last day that belongs to it."""
        return self.days.upper - dt.timedelta(days=1)
