"""The ledger as an accountant reads it: views that read with the rights of whoever asks."""

from typing import Any

from django.db import models

from billing.ledger_choices import AccountType, Guard, JournalKind
from core.models.storage import Volume


class _LedgerView(models.Model):
    """What the views of the ledger share."""

    volume, retention = Volume.LARGE, "that of the ledger"

    objects: Any = models.Manager()

    class Meta:
        abstract = True


class JournalLine(_LedgerView):
    """One row per posting with its entry and its account, debit and credit in columns of their own."""

    id = models.UUIDField(primary_key=True, db_comment="The posting.")
    entry_id = models.UUIDField(db_comment="The entry.")
    position = models.SmallIntegerField(db_comment="Place within the entry.")
    booked_on = models.DateField(db_comment="The day (UTC) on which it counts.")
    period_id = models.UUIDField(db_comment="The accounting period.")
    kind = models.TextField(choices=JournalKind, db_comment="What happened.")
    description = models.TextField(db_comment="In words.")
    account_id = models.UUIDField(db_comment="The account.")
    code = models.TextField(db_comment="Code of the account.")
    currency = models.TextField(db_comment="Code of the currency.")
    debit = models.BigIntegerField(null=True, db_comment="Minor units; null: it is a credit.")
    credit = models.BigIntegerField(null=True, db_comment="Minor units; null: it is a debit.")
    source_table = models.TextField(null=True, db_comment="Table of the row for which it was posted.")
    source_id = models.UUIDField(null=True, db_comment="Key of the row for which it was posted.")

    class Meta(_LedgerView.Meta):
        managed = False
        db_table = "billing_journalline"
        db_table_comment = "Postings with entry and account, debit and credit in columns of their own."

    def __str__(self) -> str:
        return self.code


class TrialBalanceLine(_LedgerView):
    """One row per account that has a balance: on the side on which it stands. Each currency sums to the same twice."""

    account_id = models.UUIDField(primary_key=True, db_comment="The account.")
    code = models.TextField(db_comment="Code of the account.")
    type = models.TextField(choices=AccountType, db_comment="Kind of account.")
    currency = models.TextField(db_comment="Code of the currency.")
    debit = models.BigIntegerField(db_comment="Minor units by which debits exceed credits; 0: they do not.")
    credit = models.BigIntegerField(db_comment="Minor units by which credits exceed debits; 0: they do not.")

    class Meta(_LedgerView.Meta):
        managed = False
        db_table = "billing_trialbalanceline"
        db_table_comment = "Accounts with their balance at present, on the side on which it stands."

    def __str__(self) -> str:
        return self.code


class AccountStatementLine(_LedgerView):
    """One row per posting of an account with the balance after it, in the order in which they were written."""

    id = models.UUIDField(primary_key=True, db_comment="The posting.")
    account_id = models.UUIDField(db_comment="The account; filter by it, or every account is summed.")
    entry_id = models.UUIDField(db_comment="The entry.")
    booked_on = models.DateField(db_comment="The day (UTC) on which it counts.")
    moment = models.BigIntegerField(db_comment="The ledger's own time.")
    position = models.SmallIntegerField(db_comment="Place within the entry.")
    kind = models.TextField(choices=JournalKind, db_comment="What happened.")
    description = models.TextField(db_comment="In words.")
    currency = models.TextField(db_comment="Code of the currency.")
    debit = models.BigIntegerField(null=True, db_comment="Minor units; null: it is a credit.")
    credit = models.BigIntegerField(null=True, db_comment="Minor units; null: it is a debit.")
    balance = models.BigIntegerField(db_comment="Minor units after this line, credit above zero.")

    class Meta(_LedgerView.Meta):
        managed = False
        db_table = "billing_accountstatementline"
        db_table_comment = "Postings of an account with the balance after each."

    def __str__(self) -> str:
        return str(self.balance)


class LedgerProof(_LedgerView):
    """One row per account: the balance that is shown, and the sum of everything that was ever posted."""

    account_id = models.UUIDField(primary_key=True, db_comment="The account.")
    code = models.TextField(db_comment="Code of the account.")
    currency = models.TextField(db_comment="Code of the currency.")
    guard = models.TextField(choices=Guard, db_comment="What keeps it from falling below zero.")
    shown = models.BigIntegerField(null=True, db_comment="The balance as asked; null: it has none.")
    recomputed = models.BigIntegerField(db_comment="The sum of all postings.")
    difference = models.BigIntegerField(db_comment="What is shown too much; 0: proven.")

    class Meta(_LedgerView.Meta):
        managed = False
        db_table = "billing_ledgerproof"
        db_table_comment = "Balances beside the sums of all postings."

    def __str__(self) -> str:
        return self.code
