"""Where performers and studios are paid: sealed, known by its last signs, and quiet for a while after a change."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from billing.models.currency import in_currency
from billing.models.payee import OfPayee, payee_indexes
from billing.models.payment_method import no_card_number
from billing.payout_choices import DestinationKind, DestinationStatus
from billing.payout_policies import payout_policies
from billing.payout_triggers import CoolsOff, OnlyEmptied
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption import EncryptedTextField, SealedTextField
from core.models import Versioned, Volume

D = DestinationStatus
LIVE = (D.ACTIVE, D.PAUSED)
MOST_FAILURES = 3
"""So many payouts in a row that failed or came back pause a destination."""


class PayoutDestinationQuerySet(models.QuerySet):
    """Reads of destinations."""

    def usable(self) -> Self:
        """Those to which something may be paid now."""
        return self.filter(status=D.ACTIVE, usable_from__lte=Now())

    def masked(self) -> Self:
        """As lists and pages show them: without what is sealed or encrypted."""
        return self.defer("holder_name", "details", "token")


class PayoutDestination(OfPayee, Versioned):
    """One row per account to which a performer or studio is paid in a currency. A change is another row.

    The account and its holder are sealed: compliance alone opens them, one at a time, with a reason. What the provider
    calls it is encrypted, since workers read it to pay. Written by `billing.services.payout_destinations`.
    """

    volume, retention = Volume.LARGE, "10 years; what is sealed goes when its person is erased"
    held_by = HeldBy(person=("performer",), keeps=("holder_name", "details"))

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        related_name="payout_destinations",
        db_comment="The account with a provider that pays there.",
    )
    kind = models.TextField(choices=DestinationKind, db_comment="What it is.")
    currency = in_currency("payout_destinations", "In which currency is paid there.")
    country = not_personal(models.TextField(db_comment="Country of the account, ISO 3166-1 alpha-2."))
    holder_name = SealedTextField(
        verbose_name="holder", null=True, db_comment="Name of the holder; sealed; null once erased."
    )
    details = SealedTextField(
        verbose_name="account",
        null=True,
        db_comment="IBAN, or number and bank code; sealed; null once erased.",
    )
    token = EncryptedTextField(
        null=True, db_comment="What the provider calls it, by which is paid; null once erased."
    )
    last_four = personal(
        models.TextField(
            blank=True, default="", db_comment="Last four signs of the account; empty once erased."
        )
    )
    status = models.TextField(choices=DestinationStatus, default=D.ACTIVE, db_comment="Whether it is used.")
    usable_from = models.DateTimeField(
        db_default=Now(),
        editable=False,
        db_comment="From when on is paid there (UTC); set by trigger: three days after a change.",
    )
    failure_streak = models.PositiveIntegerField(
        default=0, db_comment="How many payouts in a row failed or came back."
    )

    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_destinations_entered",
        db_comment="Who entered it; null: the platform.",
    )

    quiet_columns = ("failure_streak",)
    status_machine: ClassVar[StateMachine] = StateMachine(
        DestinationStatus,
        initial=[D.ACTIVE],
        moves={D.ACTIVE: [D.PAUSED, D.RETIRED], D.PAUSED: [D.ACTIVE, D.RETIRED]},
    )

    objects: ClassVar[Any] = PayoutDestinationQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per account to which a performer or studio is paid, sealed. Written by "
            "billing.services.payout_destinations. Kept 10 years, erased or not."
        )
        permissions = [
            ("reveal_payoutdestination", "Can reveal accounts to which is paid, with a reason"),
            ("pause_payoutdestination", "Can pause destinations of payouts, and set them going again"),
            ("add_for_payee_payoutdestination", "Can enter the destination of a studio"),
        ]
        constraints = [
            one_of("kind", DestinationKind),
            matches("country", "^[A-Z]{2}$", "A country is two capital letters of ISO 3166-1, such as PT."),
            matches("last_four", "^([0-9A-Z]{4})?$", "Of an account, four signs are shown: the last ones."),
            no_card_number("last_four"),
            rule(~Q(currency="TOKEN"), "currency", "People are paid in money, not in tokens."),
            rule(
                Q(holder_name__isnull=True, details__isnull=True, token__isnull=True, last_four="")
                & Q(status=D.RETIRED)
                | Q(holder_name__isnull=False, details__isnull=False, token__isnull=False) & ~Q(last_four=""),
                "sealed",
                "A destination has a holder, an account and a token; an erased one has none of them and is given up.",
            ),
            rule(
                ~Q(status=D.ACTIVE) | Q(failure_streak__lt=MOST_FAILURES),
                "pause",
                "Three failures in a row pause a destination.",
            ),
            unique(
                "performer",
                "currency",
                when=Q(status__in=LIVE, performer__isnull=False),
                name="of_performer",
                message="The performer has another destination in this currency.",
            ),
            unique(
                "studio",
                "currency",
                when=Q(status__in=LIVE, studio__isnull=False),
                name="of_studio",
                message="The studio has another destination in this currency.",
            ),
            *payout_policies(),
        ]
        indexes = [
            *payee_indexes("where was and is paid"),
            BTree(
                fields=["provider_account", "currency", "id"],
                condition=Q(status=D.ACTIVE),
                serves="docs/queries/payout_destinations_usable.sql: to whom a batch may pay",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status=D.PAUSED),
                serves="The room of destinations: paused ones; the card of finance",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "performer",
                "studio",
                "provider_account",
                "kind",
                "currency",
                "country",
                "usable_from",
                "entered_by",
            ),
            OnlyEmptied(),
            CoolsOff(),
            RefuseErasedPerson("performer"),
        ]

    def __str__(self) -> str:
        """As people know it: Bank account ···· 3201."""
        return f"{self.get_kind_display()} ···· {self.last_four}" if self.last_four else "An erased account"
