"""Wallets: where a person's tokens are."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

MONEY_READERS = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
"""Staff who read money and tokens of everybody."""

SHARE_READERS = tuple(role for role in MONEY_READERS if role != Role.ADMINISTRATOR)
"""Who reads how money is shared out: administrators read no studios, whose names stand beside it."""

MONEY = NotHeld("Kept 10 years by tax law, whoever asks, and never changed.")


class Wallet(Entity):
    """One row per person who ever had tokens; the ledger knows the balance, the lots what it consists of.

    The row is what is locked while tokens of a person move. Written by `billing.services.wallets`.
    """

    volume, retention = Volume.LARGE, "10 years after its last movement"
    held_by = MONEY

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="wallet",
        db_comment="Whose tokens they are.",
    )
    account = models.OneToOneField(
        "billing.LedgerAccount",
        models.PROTECT,
        related_name="wallet",
        db_comment="Account of the ledger with the tokens that can be spent (guard: running).",
    )
    hold_account = models.OneToOneField(
        "billing.LedgerAccount",
        models.PROTECT,
        related_name="hold_wallet",
        db_comment="Account of the ledger with the tokens set aside (guard: running).",
    )

    class Meta:
        db_table_comment = (
            "One row per person who ever had tokens. Written by billing.services.wallets. "
            "Kept 10 years after its last movement."
        )
        permissions = [("grant_tokens", "Can grant promotional tokens")]
        constraints = [
            rule(~Q(account=F("hold_account")), "accounts", "Tokens set aside have an account of their own."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            # No column of it moves; without the right to change one, nobody may lock a row.
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        triggers = [Immutable("user", "account", "hold_account"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"Wallet of {self.user}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: by its id, so that no handle stays there when the person is erased."""
        return f"{self._meta.verbose_name} {self.pk}"
