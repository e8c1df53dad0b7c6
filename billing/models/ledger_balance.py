"""What is derived from the ledger so that it can be asked quickly, and the ledger's own time."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.ledger_triggers import NeverRemoved
from billing.models.ledger_account import KEPT, LEDGER_READERS
from billing.wallet_triggers import BalanceMatchesLots
from core.db.constraints import rule, unique
from core.db.policies import ALL, policies
from core.models import Identified, Volume

LARGEST_BALANCE = 10**18


class LedgerBalance(models.Model):
    """The balance of an account as far as it is settled; made from postings, and can be made again at any time.

    Of a `running` account it is the balance. Of any other one what was posted at or after `settled_until` comes on top:
    ask `ledger_balance_of`. Written by the triggers and functions of the ledger alone.
    """

    volume, retention = Volume.LARGE, "as long as its account"
    held_by = KEPT

    account = models.OneToOneField(
        "billing.LedgerAccount",
        models.PROTECT,
        primary_key=True,
        related_name="balance",
        db_comment="The account whose balance it is.",
    )
    amount = models.BigIntegerField(db_comment="Minor units; credit above zero, debit below.")
    settled_until = models.BigIntegerField(
        db_comment="Postings before this moment of the ledger are in the amount; of no meaning for running accounts."
    )

    class Meta:
        db_table_comment = (
            "One row per account: its settled balance, derived from postings. Written by triggers and functions of the "
            "ledger. Kept as long as its account."
        )
        constraints = [
            rule(
                Q(amount__gte=-LARGEST_BALANCE, amount__lte=LARGEST_BALANCE),
                "amount",
                "No balance is beyond 10^18 minor units, in either direction.",
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
        ]
        triggers = [NeverRemoved(), BalanceMatchesLots()]

    def __str__(self) -> str:
        return str(self.amount)


class LedgerEpoch(Identified):
    """One row per cluster in which the ledger has lived: how its transaction numbers continue those before.

    Written by the migration and by `ledger_rebase`; `horizon` by `ledger_roll_forward`.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    number = models.SmallIntegerField(db_comment="Number of the epoch, from 1; the latest one counts.")
    cluster = models.BigIntegerField(db_comment="Identifier of the cluster, as pg_control_system() names it.")
    shift = models.BigIntegerField(db_comment="What is added to the number of a transaction.")
    horizon = models.BigIntegerField(
        db_comment="A moment that is over for certain; an earlier one of today means another cluster."
    )
    begun_at = models.DateTimeField(db_default=Now(), editable=False, db_comment="When it began (UTC).")

    class Meta:
        db_table_comment = (
            "One row per cluster in which the ledger has lived. Written by ledger_rebase. "
            "Kept while the platform lives."
        )
        constraints = [
            unique("number", message="There is already an epoch with this number."),
            rule(
                Q(number__gte=1, shift__gte=0, horizon__gte=0), "counts", "An epoch counts upwards from zero."
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
        ]
        triggers = [NeverRemoved()]

    def __str__(self) -> str:
        return f"Epoch {self.number}"
