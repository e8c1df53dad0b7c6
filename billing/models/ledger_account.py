"""Accounts of the ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.ledger_choices import AccountType, Guard
from billing.ledger_triggers import NeverChanged, OpensBalance
from billing.models.currency import in_currency
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume

LEDGER_READERS = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
"""Who reads the ledger; nobody else sees a row of it."""

KEPT = NotHeld("Kept 10 years by tax law, whoever asks, and never deleted at all.")


class LedgerAccount(Fact, Identified):
    """One account: its code says what it is for (`billing.chart`). Never changed, so that old entries mean the same.

    Written by `billing.services.ledger_accounts` as the worker. Amounts on it are in the minor unit of its currency.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = KEPT

    code = models.TextField(
        db_comment="What the account is for, such as wallet:<person> or tax_payable:DE:EUR."
    )
    type = models.TextField(choices=AccountType, db_comment="Kind of account in double entry.")
    currency = in_currency("ledger_accounts", "The only unit in which it is posted to.")
    guard = models.TextField(
        choices=Guard, default=Guard.NONE, db_comment="What keeps it from falling below zero."
    )
    person = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            null=True,
            blank=True,
            # An index leads with it.
            db_index=False,
            related_name="ledger_accounts",
            db_comment="Whose tokens or earnings these are; null: the platform's or a studio's.",
        )
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="ledger_accounts",
        db_comment="The studio whose earnings these are; null: somebody else's.",
    )
    opened_at = models.DateTimeField(db_default=Now(), editable=False, db_comment="When it was opened (UTC).")

    class Meta:
        db_table_comment = (
            "One row per account of the ledger. Written by billing.services.ledger_accounts. Kept 10 years."
        )
        constraints = [
            unique("code", message="There is already an account with this code."),
            matches(
                "code",
                "^[a-z][a-z_]{1,39}(:[A-Za-z0-9_.-]{1,80}){1,2}$",
                "An account code is a word and one or two parts after colons, such as cash:simulator:EUR.",
            ),
            one_of("type", AccountType),
            one_of("guard", Guard),
            rule(
                Q(person__isnull=True) | Q(studio__isnull=True),
                "owner",
                "An account belongs to a person, to a studio or to the platform.",
            ),
            rule(
                Q(guard=Guard.NONE) | Q(type=AccountType.LIABILITY),
                "guarded",
                "Only what the platform owes to others is kept from falling below zero.",
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["person"],
                condition=Q(person__isnull=False),
                serves="The page of a person: accounts of the person",
            ),
            BTree(
                fields=["studio"],
                condition=Q(studio__isnull=False),
                serves="The page of a studio: accounts of the studio",
            ),
        ]
        triggers = [NeverChanged(), OpensBalance()]

    def __str__(self) -> str:
        return self.code
