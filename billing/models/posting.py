"""Postings: the debits and credits of entries."""

from django.db import models
from django.db.models import Q

from billing.ledger_triggers import ChecksPostings, NeverChanged
from billing.models.currency import LARGEST_AMOUNT, is_code
from billing.models.ledger_account import KEPT, LEDGER_READERS
from core.db.constraints import rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.models import Fact, Identified, Volume


class Posting(Fact, Identified):
    """One amount on one account, in the minor unit of its currency: credit above zero, debit below.

    Written by `ledger_post` alone. A trigger checks what keys would, once a statement: four keys a tip, each locking a
    row that everybody else locks too, cost more than all the rest.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = KEPT

    entry = models.ForeignKey(
        "billing.JournalEntry",
        models.PROTECT,
        db_constraint=False,
        # The unique index leads with it.
        db_index=False,
        related_name="postings",
        db_comment="The entry to which it belongs.",
    )
    position = models.SmallIntegerField(db_comment="Place within the entry, from 1 without gaps.")
    account = models.ForeignKey(
        "billing.LedgerAccount",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="postings",
        db_comment="The account that it changes.",
    )
    amount = models.BigIntegerField(db_comment="Minor units; credit above zero, debit below.")
    currency = models.TextField(db_comment="Code of the currency, that of the account.")
    moment = models.BigIntegerField(
        db_comment="The ledger's own time: number of the writing transaction plus the shift of the epoch."
    )

    class Meta:
        db_table_comment = "One row per debit or credit of an entry. Written by ledger_post. Kept 10 years."
        constraints = [
            rule(
                is_code("currency"), "currency", "A currency is named by its code of three to five capitals."
            ),
            unique("entry", "position", message="Each line of an entry has a number of its own."),
            rule(
                Q(amount__gte=-LARGEST_AMOUNT, amount__lte=LARGEST_AMOUNT) & ~Q(amount=0),
                "amount",
                "An amount is not zero and at most 10^15 minor units.",
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["account", "moment"],
                include=["amount"],
                serves="ledger_balance_of and the guard of debits: what came since the balance was settled",
            ),
        ]
        triggers = [NeverChanged(), ChecksPostings()]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
