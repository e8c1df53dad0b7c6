"""The proof of wallets: lots, holds and the ledger, side by side."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from core.models.storage import Volume


class WalletProofQuerySet(models.QuerySet):
    """Reads of the proof."""

    def wrong(self) -> Self:
        """Wallets in which anything differs: none, always."""
        return self.filter(~Q(lots=F("balance")) | ~Q(holds=F("hold_balance")) | ~Q(lots=F("expected")))


class WalletProof(models.Model):
    """One row per wallet: three sums that agree, made anew from all rows.

    The view `billing_walletproof` reads with the rights of whoever asks; ask for single wallets in daily work.
    """

    volume, retention = Volume.LARGE, "that of wallets"

    id = models.UUIDField(primary_key=True, db_comment="The wallet.")
    user_id = models.UUIDField(db_comment="Whose it is.")
    lots = models.BigIntegerField(db_comment="Tokens that remain in its lots.")
    balance = models.BigIntegerField(db_comment="Balance of its account in the ledger.")
    expected = models.BigIntegerField(
        db_comment="Tokens that came, less what was withdrawn, is set aside or was spent and not taken back."
    )
    holds = models.BigIntegerField(db_comment="Tokens set aside.")
    hold_balance = models.BigIntegerField(db_comment="Balance of its account for these.")

    objects: Any = WalletProofQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "billing_walletproof"
        db_table_comment = "Lots, holds and the ledger of every wallet, side by side."

    def __str__(self) -> str:
        return f"{self.lots:,} of {self.balance:,} tokens"
